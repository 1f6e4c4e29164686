"""``esms.toml``, or ``[tool.esms]`` of ``pyproject.toml``, in the current folder: options that need not be typed again.

[indicators]
definition = "trois_mois"

[[amenagement]]
finess_et  = "000000117"
indicateur = "taux_mssante"
cible      = 50
reference  = "décision DNS/CNSA du 3 mars 2025"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk.errors import UsageError

if TYPE_CHECKING:
    from esms_sdk.indicators import Amenagement

FILE = "esms.toml"
_AMENAGEMENT = ("finess_et", "indicateur", "cible", "sans_objet", "reference")


@dataclass(frozen=True)
class Configuration:
    """What one file says: a section of options for each command, and the *aménagements* granted."""

    file: str = ""
    sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    amenagements: tuple[Amenagement, ...] = ()

    def section(self, command: str) -> Mapping[str, object]:
        """Return the options set for ``command``, none if it has no section."""
        return self.sections.get(command, {})

    def place(self, section: str) -> str:
        """Name a section as the reader finds it in the file."""
        return f"{self.file} [{'tool.esms.' if self.file == 'pyproject.toml' else ''}{section}]"


def read_configuration(folder: Path, commands: Sequence[str]) -> Configuration:
    """Read ``esms.toml`` of ``folder``, else ``[tool.esms]`` of its ``pyproject.toml``, else nothing."""
    document: dict[str, Any] = {}
    file = ""
    if (folder / FILE).is_file():
        file, document = FILE, _toml(folder / FILE)
    elif (folder / "pyproject.toml").is_file():
        file, document = "pyproject.toml", _toml(folder / "pyproject.toml").get("tool", {}).get("esms", {})
    configuration = Configuration(file)
    sections = {}
    for name, content in document.items():
        if name == "amenagement":
            continue
        if name not in commands or not isinstance(content, dict):
            raise _unknown(f"{file} : section inconnue", name, [*commands, "amenagement"])
        sections[name] = content
    amenagements = tuple(
        _amenagement(configuration, row) for row in _rows(configuration, document.get("amenagement", []))
    )
    return Configuration(file, sections, amenagements)


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageError("ESMS-E150", f"{path.name} n'est pas un TOML lisible ({fault})") from None


def _unknown(what: str, name: str, known: Sequence[str]) -> UsageError:
    near = get_close_matches(name, known, 3, 0.5)
    hint = f"Vouliez-vous dire : {', '.join(near)} ?" if near else f"Au choix : {', '.join(known)}."
    return UsageError("ESMS-E151", f"{what} « {name} »", hint=hint)


def _rows(configuration: Configuration, given: object) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        raise UsageError("ESMS-E154", f"{configuration.file} : un aménagement s'écrit [[amenagement]]")
    return given


def _amenagement(configuration: Configuration, row: dict[str, Any]) -> Amenagement:
    from esms_sdk.indicators import Amenagement

    place = configuration.place("[amenagement]")
    for key in row:
        if key not in _AMENAGEMENT:
            raise _unknown(f"{place} : clé inconnue", key, _AMENAGEMENT)
    finess_et = _text(place, row, "finess_et") if "finess_et" in row else None
    indicateur, reference = _text(place, row, "indicateur"), _text(place, row, "reference")
    cible, sans_objet = row.get("cible"), row.get("sans_objet", False)
    if (cible is None) != (sans_objet is True):
        raise UsageError("ESMS-E154", f"{place} : il faut soit « cible », soit « sans_objet = true »")
    if cible is not None and (isinstance(cible, bool) or not isinstance(cible, int) or not 0 <= cible <= 100):
        raise UsageError("ESMS-E154", f"{place} : « cible » est un entier de 0 à 100 (en %)")
    return Amenagement(finess_et, indicateur, reference, cible, sans_objet)


def _text(place: str, row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError("ESMS-E154", f"{place} : « {key} » est obligatoire (texte)")
    return value

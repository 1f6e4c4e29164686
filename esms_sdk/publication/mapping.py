"""``publication.toml``: where a vendor's own file is, how it is read, and which of its columns is which of ours.

[publication]
type = "indicateurs"            # or "tableau_de_bord"
fichier = "indicateurs_2025_09.csv"
mesure_le = 2025-09-30          # arrete_au for a dashboard

[colonnes]                      # ours = theirs
finess_et = "N° FINESS"
indicateur = "Indicateur"
numerateur = "Num."

[codes.indicateur]              # theirs = ours
"Activité" = "taux_dossiers_actifs"
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from esms_sdk.adapter.toml_values import Section
from esms_sdk.errors import EsmsError, Fault, UsageError
from esms_sdk.indicators import Options
from esms_sdk.indicators.compute import collection_period
from esms_sdk.indicators.definition import ORDER
from esms_sdk.publication.grid import Hints
from esms_sdk.publication.model import CANAUX, ETATS_INS, INDICATEURS, MESURES, PERIODES, TABLEAU_DE_BORD

KEYS = (
    "type", "fichier", "format", "separateur", "encodage", "feuille", "ligne_entete", "racine", "mesure_le",
    "arrete_au", "definition", "premiere_mesure", "denominateur", "evenements", "taux", "logiciel", "version_logiciel",
)  # fmt: skip
LECTURES = ("periode", "annuelle")
# Of one indicator; «valeur» is the number of one that is no rate.
VALEURS = ("numerateur", "denominateur", "taux", "valeur", "cible", "etat", "motif")
AXES: Mapping[str, tuple[str, ...]] = {
    INDICATEURS: ("finess_et", "indicateur", "lecture", "debut", "fin"),
    TABLEAU_DE_BORD: ("finess_et", "periode", "canal", "mesure", "rpps", "debut", "fin"),
}
# What the labels of an axis may stand for.
CODES: Mapping[str, tuple[str, ...]] = {
    "indicateur": ORDER,
    "lecture": LECTURES,
    "periode": PERIODES,
    "canal": (*CANAUX, "mss"),
    "mesure": (*MESURES, *ETATS_INS, "echecs"),
}
HINT = (
    "Forme attendue : [publication] type, fichier, mesure_le (ou arrete_au) ; [colonnes] la nôtre = la leur ; "
    "[codes.indicateur] leur libellé = le nôtre."
)


@dataclass(frozen=True)
class Plan:
    """How a published file is read."""

    type: str
    jour: date
    colonnes: Mapping[str, str]
    fichier: Path = Path("publication")
    hints: Hints = Hints()  # noqa: RUF009 - frozen
    options: Options = Options()  # noqa: RUF009 - frozen
    definition_dite: bool = True
    options_dites: bool = True
    taux: str = "auto"
    logiciel: str | None = None
    version_logiciel: str | None = None
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def folded(text: str) -> str:
    """Return a label as labels are compared.

    >>> folded(" Année  précédente "), folded("MSS-Pro")
    ('annee_precedente', 'mss_pro')
    """
    plain = unicodedata.normalize("NFD", text.casefold())
    return re.sub(r"[^a-z0-9.%]+", "_", "".join(c for c in plain if not unicodedata.combining(c))).strip("_")


def read_plan(path: Path) -> Plan:
    """Read a mapping.  Raises :class:`UsageError` with every fault in it at once."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError("ESMS-E180", f"{path.name} n'est pas un TOML lisible ({error})", hint=HINT) from None
    return parse(document, path)


def parse(document: Mapping[str, Any], path: Path) -> Plan:
    """Return the plan that a TOML document states; ``fichier`` stands beside ``path``."""
    faults: list[Fault] = []
    top = Section("", document, path.name, faults)
    top.known(("publication", "colonnes", "codes"))
    told = top.section("publication")
    told.known(KEYS)
    kind = told.one_of("type", (INDICATEURS, TABLEAU_DE_BORD)) or ""
    if not kind and "type" not in told:
        told.fault("type", f"{INDICATEURS} ou {TABLEAU_DE_BORD} attendu")
    file = told.text("fichier")
    if not file and "fichier" not in told:
        told.fault("fichier", "le fichier publié est à nommer")
    day = _day(told, "mesure_le" if kind != TABLEAU_DE_BORD else "arrete_au")
    options = _options(told, day)
    colonnes = top.pairs("colonnes")
    if kind:
        _known_columns(top.section("colonnes"), kind, colonnes)
    codes = {axis: _codes(top.section("codes"), axis, kind) for axis in top.section("codes").raw}
    hints = _hints(told)
    taux = told.one_of("taux", ("auto", "pourcent", "fraction"), "auto") or "auto"
    logiciel, version = told.text("logiciel"), told.text("version_logiciel")
    if faults or not file or day is None:
        raise UsageError("ESMS-E186", f"{path.name} : description mal formée", faults=faults, hint=HINT)
    dites = all(key in told for key in ("definition", "denominateur", "evenements"))
    return Plan(
        kind, day, colonnes, path.parent / file, hints, options, "definition" in told, dites, taux, logiciel, version,
        codes,
    )  # fmt: skip


def _day(told: Section, key: str) -> date | None:
    value = told.raw.get(key)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    told.fault(key, "une date attendue, sans guillemets : 2025-09-30")
    return None


def _options(told: Section, day: date | None) -> Options:
    given = {key: told.text(key) for key in ("definition", "denominateur", "evenements") if key in told}
    options = Options(
        **{key: value for key, value in given.items() if value},
        premiere_mesure=told.value("premiere_mesure", bool, False),
    )
    try:
        collection_period(day or date(2025, 9, 30), options)
    except EsmsError as error:
        told.fault("", f"{error.message} ({error.hint})")
    return options


def _hints(told: Section) -> Hints:
    sheet = told.raw.get("feuille")
    if sheet is not None and not (isinstance(sheet, str) and sheet.strip()) and not _rank(sheet):
        told.fault("feuille", "un nom, ou un rang à partir de 1, attendu")
    line = told.value("ligne_entete", int, 1)
    if not _rank(line):
        told.fault("ligne_entete", "un rang à partir de 1 attendu")
    format = told.one_of("format", ("csv", "json", "classeur"))
    return Hints(format, told.text("separateur"), told.text("encodage"), sheet, line, told.text("racine"))


def _rank(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _known_columns(section: Section, kind: str, colonnes: Mapping[str, str]) -> None:
    for name in colonnes:
        if name not in AXES[kind] and not admitted(kind, name):
            section.fault(name, _expected(kind))
    if "finess_et" not in colonnes:
        section.fault("finess_et", "la colonne du FINESS est à nommer")
    if all(name in AXES[kind] for name in colonnes):
        section.fault("", f"aucune valeur ; {_expected(kind)}")
    for name in colonnes:
        for axis in needed(kind, name):
            if axis not in colonnes:
                section.fault(name, f"demande aussi la colonne «{axis}»")


def _expected(kind: str) -> str:
    if kind == INDICATEURS:
        return f"attendu : {', '.join((*AXES[kind], *VALEURS))}, ou taux_dossiers_actifs.numerateur…"
    return f"attendu : {', '.join((*AXES[kind], 'valeur', *ETATS_INS, 'echecs'))}, ou [mois_courant.]dmp.total…"


def admitted(kind: str, name: str) -> bool:
    """Say whether a name of [colonnes] is that of a value."""
    parts = name.split(".")
    if kind == INDICATEURS:
        if len(parts) > 1 and parts[0] in ORDER:
            parts = parts[1:]
            if len(parts) == 2 and parts[0] in LECTURES:
                parts = parts[1:]
        return len(parts) == 1 and parts[0] in VALEURS
    if len(parts) > 1 and parts[0] in PERIODES:
        if parts[1:] in (["debut"], ["fin"]):
            return True
        parts = parts[1:]
    return ".".join(parts) in (*MESURES, "valeur", *ETATS_INS, "echecs")


def needed(kind: str, name: str) -> tuple[str, ...]:
    """Return the axes without which a value column says nothing."""
    if name in AXES[kind]:
        return ()
    parts = name.split(".")
    if kind == INDICATEURS:
        return () if parts[0] in ORDER else ("indicateur",)
    asked = () if parts[0] in PERIODES else ("periode",)
    last = ".".join(parts[1:] if parts[0] in PERIODES else parts)
    if last == "valeur":
        return (*asked, "mesure")
    return (*asked, "canal") if last in (*ETATS_INS, "echecs") else asked


def _codes(section: Section, axis: str, kind: str) -> dict[str, str]:
    if axis not in CODES or (kind and axis not in AXES[kind]):
        section.fault(axis, f"inconnu (admis : {', '.join(a for a in CODES if not kind or a in AXES[kind])})")
        return {}
    found = {}
    for label, code in section.pairs(axis).items():
        if code not in CODES[axis]:
            section.fault(f"{axis}.{label}", f"«{code}» n'est pas un de {', '.join(CODES[axis])}")
        found[folded(label)] = code
    return found

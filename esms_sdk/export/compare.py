"""What changed between two results, each difference with its reason.

A figure may move because the question moved (period, reading, rules) or because the data did.  Where the question did
not move and the lot is the same to the byte, a difference has no reason that we know: it is said so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esms_sdk.errors import UsageError, why_unreadable
from esms_sdk.export.contract import SCHEMA

RAISONS = {
    "PERIODE": "la période mesurée n'est pas la même",
    "LECTURE": "les personnes ne sont pas comptées selon la même lecture (option denominateur)",
    "EVENEMENTS": "les événements ne sont pas comptés selon la même option (option evenements)",
    "REGLES": "la version des règles n'est pas la même",
    "SDK": "la version du SDK n'est pas la même",
    "DONNEES": "le lot n'est pas le même : les données ont changé",
    "CIBLE": "la cible n'est pas la même (profil ou aménagement)",
    "MOTIF": "ce qui empêche de juger n'est pas le même",
    "NOMBRES": "les nombres ont changé",
    "ETABLISSEMENT_AJOUTE": "l'établissement n'était pas dans l'ancien résultat",
    "ETABLISSEMENT_RETIRE": "l'établissement n'est plus dans le nouveau résultat",
    "INEXPLIQUE": "même lot, mêmes règles, même question : cette différence est à signaler aux auteurs du SDK",
}
_FRAME = (
    ("PERIODE", ("periode", "debut")),
    ("PERIODE", ("periode", "fin")),
    ("PERIODE", ("definition",)),
    ("PERIODE", ("options", "premiere_mesure")),
    ("LECTURE", ("options", "denominateur")),
    ("EVENEMENTS", ("options", "evenements")),
    ("REGLES", ("regles", "sha256")),
    ("SDK", ("sdk",)),
    ("DONNEES", ("lot", "empreinte_sha256")),
)
_NUMBERS = ("numerateur", "denominateur", "taux", "valeur")

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same.  ``raison`` holds codes of ``RAISONS``, by spaces; ``indicateur`` is null for
    what is not an indicator."""

    finess_ej: str | None
    finess_et: str | None
    indicateur: str | None
    champ: str
    avant: Value
    apres: Value
    raison: str

    @property
    def explication(self) -> str:
        return " ; ".join(RAISONS[code] for code in self.raison.split())


def read_indicators(path: Path) -> dict[str, Any]:
    """Return an ``indicateurs.json`` written earlier."""
    hint = "Donner un indicateurs.json écrit par «esms indicators»."
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError("ESMS-E120", f"fichier illisible : {path} ({why_unreadable(error)})", hint=hint) from error
    except ValueError as error:
        raise UsageError("ESMS-E121", f"{path} n'est pas un fichier JSON", hint=hint) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError("ESMS-E122", f"{path} n'est pas un document «{SCHEMA}»", hint=hint)
    return document


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return the differences between two ``esms-indicateurs/1``: those of the question first, then by FINESS."""
    causes: dict[str, None] = {}
    found: list[Difference] = []
    for code, path in _FRAME:
        old, new = _at(before, path), _at(after, path)
        if old != new:
            causes[code] = None
            found.append(Difference(None, None, None, ".".join(path), old, new, code))
    olds = {e["finess_et"]: e for e in before["etablissements"]}
    news = {e["finess_et"]: e for e in after["etablissements"]}
    for finess in sorted(olds.keys() | news.keys()):
        found += _between(olds.get(finess), news.get(finess), tuple(causes))
    return found


def _between(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, causes: tuple[str, ...]
) -> Iterator[Difference]:
    known = new or old or {}
    ej, et = known["finess_ej"], known["finess_et"]
    if old is None or new is None:
        code = "ETABLISSEMENT_AJOUTE" if old is None else "ETABLISSEMENT_RETIRE"
        names = [e["denomination"] if e else None for e in (old, new)]
        yield Difference(ej, et, None, "denomination", names[0], names[1], code)
        return
    data = _kept(causes, ("PERIODE", "REGLES", "SDK", "DONNEES"))
    for champ, left, right in _facts(old, new):
        if left != right:
            yield Difference(ej, et, None, champ, left, right, data)
    for name in dict.fromkeys((*new["indicateurs"], *old["indicateurs"])):
        left, right = old["indicateurs"].get(name, {}), new["indicateurs"].get(name, {})
        for champ, was, now, reason in _in_indicator(name, left, right, causes):
            yield Difference(ej, et, name, champ, was, now, reason)


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Value, Value]]:
    yield "profil_cibles", old["profil_cibles"], new["profil_cibles"]
    yield "rejets_sejours", old["rejets_sejours"], new["rejets_sejours"]
    yield "reserves", " ".join(old["reserves"]) or None, " ".join(new["reserves"]) or None
    for lecture in dict.fromkeys((*new["personnes_accompagnees"], *old["personnes_accompagnees"])):
        left, right = (e["personnes_accompagnees"].get(lecture) for e in (old, new))
        yield f"personnes_accompagnees.{lecture}", left, right


def _in_indicator(
    name: str, old: Mapping[str, Any], new: Mapping[str, Any], causes: tuple[str, ...]
) -> Iterator[tuple[str, Value, Value, str]]:
    for lecture in dict.fromkeys((*new.get("lectures", {}), *old.get("lectures", {}))):
        for champ in ("numerateur", "denominateur"):
            path = ("lectures", lecture, champ)
            was, now = _at(old, path), _at(new, path)
            if was != now:
                yield ".".join(path), was, now, _kept(causes, ("PERIODE", "REGLES", "SDK", "DONNEES"))
    # With both readings at hand, it is certain whether the data moved or only the reading chosen.
    if "lectures" in old and old.get("lectures") == new.get("lectures"):
        possible: tuple[str, ...] = ("LECTURE",)
    else:
        possible = _possible(name)
    for champ in _NUMBERS:
        if old.get(champ) != new.get(champ):
            yield champ, old.get(champ), new.get(champ), _kept(causes, possible)
    if old.get("cible") != new.get("cible"):
        yield "cible", old.get("cible"), new.get("cible"), "CIBLE"
    for champ in ("motif", "etat"):
        if old.get(champ) != new.get(champ):
            yield champ, old.get(champ), new.get(champ), _judgement(champ, old, new, causes)


def _judgement(champ: str, old: Mapping[str, Any], new: Mapping[str, Any], causes: tuple[str, ...]) -> str:
    """Say why an état or a motif moved."""
    if champ == "etat" and old.get("cible") != new.get("cible"):
        return "CIBLE"
    if champ == "etat" and old.get("motif") != new.get("motif"):
        return "MOTIF"
    if any(old.get(number) != new.get(number) for number in _NUMBERS):
        return "NOMBRES"
    return _kept(causes, ("PERIODE", "REGLES", "SDK", "DONNEES"))


def _possible(name: str) -> tuple[str, ...]:
    own = ("LECTURE",) if not name.startswith("nb_e") else ()
    events = ("EVENEMENTS",) if name == "taux_evenement_agenda" else ()
    return ("PERIODE", *own, *events, "REGLES", "SDK", "DONNEES")


def _kept(causes: tuple[str, ...], possible: tuple[str, ...]) -> str:
    return " ".join(code for code in causes if code in possible) or "INEXPLIQUE"


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value

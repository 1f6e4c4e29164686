"""Waivers: «écarts acceptés par l'éditeur», in TOML, always shown first.

[[ecart]]
exigence    = "ESMS-DONNEES-04"
motif       = "reprise de l'ancien logiciel, corrigée en janvier (ticket 1234)"
responsable = "Équipe données"
expire_le   = 2026-03-31            # last day on which it holds
finess      = ["000000117"]         # without it: everywhere
constats    = ["SEJOURS_CHEVAUCHANTS"]   # without it: every kind
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

from esms_sdk.conformance.catalogue import Requirement
from esms_sdk.conformance.result import Group
from esms_sdk.errors import Fault, UsageError

_TEXTS = ("exigence", "motif", "responsable")
_LISTS = ("finess", "constats")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted difference: what, where, why, who answers for it, and its last day."""

    exigence: str
    motif: str
    responsable: str
    expire_le: date
    finess: tuple[str, ...] = ()
    constats: tuple[str, ...] = ()

    def covers(self, requirement: Requirement, group: Group) -> bool:
        """Say whether it accepts the findings of a group."""
        return (
            self.exigence == requirement.id
            and (not self.finess or group.finess_et in self.finess)
            and (not self.constats or group.code in self.constats)
        )


class Expiring(Protocol):
    """What holds until a day, that one included."""

    @property
    def exigence(self) -> str: ...
    @property
    def expire_le(self) -> date: ...


def applied(accepted: Sequence[Waiver], requirement: Requirement, group: Group) -> Group:
    """Return the group with the waiver that covers it, if one does."""
    waiver = next((one for one in accepted if one.covers(requirement, group)), None)
    return replace(group, ecart=waiver) if waiver else group


def read_waivers(path: Path, requirements: Mapping[str, Requirement]) -> tuple[Waiver, ...]:
    """Read a file of waivers.  Raises :class:`UsageError` with every fault in it at once."""
    entries = toml_entries(path, "ecart", "ESMS-E161")
    faults = [fault for rank, raw in enumerate(entries, 1) for fault in _faults(path, rank, raw, requirements)]
    if faults:
        hint = "Un écart a exigence, motif, responsable, expire_le ; finess et constats le restreignent."
        raise UsageError("ESMS-E162", f"{path.name} : écarts mal formés", faults=faults, hint=hint)
    return tuple(Waiver(**{**raw, **{name: tuple(raw[name]) for name in _LISTS if name in raw}}) for raw in entries)


def toml_entries(path: Path, name: str, code: str) -> list[dict[str, Any]]:
    """Return the tables ``[[name]]`` of a TOML file that holds nothing else."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(code, f"{path.name} : fichier illisible ({type(error).__name__})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(code, f"{path.name} n'est pas un TOML lisible ({error})") from None
    entries = raw.pop(name, [])
    if raw or not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        wrong = next(iter(raw), name)
        raise UsageError(code, f"{path.name} : «{wrong}» n'est pas attendu", hint=f"Écrire des tables [[{name}]].")
    return entries


def _faults(path: Path, rank: int, raw: Mapping[str, Any], known: Mapping[str, Requirement]) -> Iterator[Fault]:
    def fault(message: str, key: str) -> Fault:
        return Fault("ECART", f"écart n° {rank} : {message}", path.name, colonne=key)

    for key in raw:
        if key not in (*_TEXTS, "expire_le", *_LISTS):
            yield fault("clé inconnue", key)
    for key in _TEXTS:
        if not isinstance(raw.get(key), str) or not raw[key].strip():
            yield fault("un texte est attendu", key)
    if not isinstance(raw.get("expire_le"), date) or isinstance(raw.get("expire_le"), datetime):
        yield fault("une date est attendue (2026-03-31, sans guillemets)", "expire_le")
    for key in _LISTS:
        value = raw.get(key, ["-"])
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            yield fault("une liste de textes non vide est attendue", key)
    yield from _about(raw, known, fault)


def _about(raw: Mapping[str, Any], requirements: Mapping[str, Requirement], fault: Any) -> Iterator[Fault]:
    id = raw.get("exigence")
    if not isinstance(id, str):
        return
    if id not in requirements:
        near = get_close_matches(id, requirements, 1, 0.7)
        yield fault(f"exigence inconnue{f' (vouliez-vous dire {near[0]} ?)' if near else ''}", "exigence")
        return
    if not requirements[id].derogeable:
        yield fault("une exigence d'identité ou de confidentialité ne se déroge pas", "exigence")
    codes = raw.get("constats", [])
    for code in codes if isinstance(codes, list) else ():
        if code not in requirements[id].constats:
            yield fault(f"constat inconnu de {id} (connus : {', '.join(requirements[id].constats)})", "constats")


def hold_expiry(accepted: Iterable[Expiring], declared: Iterable[Expiring], day: date | None) -> None:
    """Raise :class:`UsageError` for what no longer holds on ``day``, the day of the latest input."""
    several = [*((one, "écart") for one in accepted), *((one, "déclaration") for one in declared)]
    if several and day is None:
        raise UsageError(
            "ESMS-E163",
            "aucune entrée ne porte de date : l'échéance des écarts et déclarations ne peut être jugée",
            hint="Donner un lot, ou un document daté.",
        )
    faults = [
        Fault("ECHEANCE", f"{what} de {one.exigence} : expiré depuis le {one.expire_le:%d/%m/%Y}")
        for one, what in several
        if day is not None and one.expire_le < day
    ]
    if faults:
        hint = "Corriger, ou renouveler l'échéance en connaissance de cause."
        raise UsageError("ESMS-E164", f"échéance dépassée au {day:%d/%m/%Y}", faults=faults, hint=hint)

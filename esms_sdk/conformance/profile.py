"""Profiles: which corridor owes what in which vague, with parameters that change on a date."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Any

from esms_sdk import content
from esms_sdk.conformance.catalogue import COULOIRS, VAGUES, Requirement
from esms_sdk.errors import UsageError

DEFAULT = "pa-ph-dom-vague1"


@dataclass(frozen=True, slots=True)
class Profile:
    """One corridor and vague (``conformance/profils/<nom>.toml``)."""

    nom: str
    titre: str
    couloir: str
    vague: str
    parametres: Mapping[str, tuple[Mapping[str, Any], ...]]

    def owes(self, requirement: Requirement) -> bool:
        """Say whether the corridor owes the requirement in this vague; what it does not owe is *non applicable*."""
        return self.couloir in requirement.couloirs and self.vague in requirement.profils

    def parameters(self, on: date | None) -> dict[str, Any]:
        """Return the parameters in force on a day (``depuis`` included); without a day, the last ones."""
        return {name: _in_force(values, on) for name, values in self.parametres.items()}


def _in_force(values: tuple[Mapping[str, Any], ...], on: date | None) -> Any:
    held = [v for v in values if on is None or "depuis" not in v or v["depuis"] <= on]
    return held[-1]["valeur"]


@cache
def profiles() -> Mapping[str, Profile]:
    """Return every profile by name."""
    found = {}
    common = _read("parametres")
    for couloir in COULOIRS:
        for vague in VAGUES:
            name = f"{couloir}-{vague}"
            raw = _read(name)
            parametres = {**common, **raw.pop("parametres", {})}
            found[name] = Profile(
                nom=name, couloir=couloir, vague=vague, titre=raw["titre"],
                parametres={key: tuple(values) for key, values in parametres.items()},
            )  # fmt: skip
    return found


def profile(name: str = DEFAULT) -> Profile:
    """Return a profile.  Raises :class:`UsageError` with the names there are."""
    if name in profiles():
        return profiles()[name]
    near = get_close_matches(name, profiles(), 1, 0.4)
    hint = (f"Vouliez-vous dire {near[0]} ? " if near else "") + f"Profils : {', '.join(profiles())}."
    raise UsageError("ESMS-E160", f"profil inconnu : {name!r}", hint=hint)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((content.folder("conformance") / "profils" / f"{name}.toml").read_text(encoding="utf-8"))

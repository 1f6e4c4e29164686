"""The indicators as data: ``conformance/definitions/<id>.toml``, with labels, targets, sources and cases.

Two calls for projects of one year define the same rate differently, so what they disagree on (period, target, exempt
sectors, what must be covered) is data; the SQL of each indicator stands in the module of its name.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from esms_sdk import content

# The order of the table of contract §3, which every output keeps.
ORDER = (
    "taux_dossiers_actifs",
    "taux_projet_personnalise",
    "taux_evenement_agenda",
    "taux_mssante",
    "taux_dmp",
    "nb_dui_actifs",
    "nb_eprescription",
    "nb_eparcours",
)
# The indicators that the vérification d'aptitude asks for (webinaire Occitanie 2022).
DUI = ORDER[:3]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an official text says it: ``document`` is an id of ``conformance/SOURCES.toml``."""

    document: str
    version: str
    section: str
    confiance: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One indicator.

    ``genre`` is ``taux`` (in %, against ``cible``) or ``nombre``; ``sans_objet`` the values of ``profil_cibles`` that
    have no target.  ``lit`` names the tables and columns whose absence makes it DONNEE_NON_FOURNIE, ``journaux`` the
    dated logs that must cover the period (``journaux_sans_borne``: with the events of any date), ``completude`` the
    flags of the manifest that say whether a log kept its history.
    """

    id: str
    libelle: str
    genre: str
    numerateur: str
    lit: Mapping[str, tuple[str, ...]]
    journaux: tuple[str, ...]
    sources: tuple[Source, ...]
    denominateur: str = ""
    cible: int | None = None
    sans_objet: frozenset[str] = frozenset()
    journaux_sans_borne: tuple[str, ...] | None = None
    completude: tuple[str, ...] = ()
    deux_lectures: bool = False
    mention_lecture: str = ""
    facultatif: bool = False
    notes: tuple[str, ...] = ()
    cas: tuple[Mapping[str, Any], ...] = ()

    def logs(self, evenements: str) -> tuple[str, ...]:
        """Return the dated logs whose coverage is asked for, with the option ``evenements``."""
        if evenements == "sans_borne" and self.journaux_sans_borne is not None:
            return self.journaux_sans_borne
        return self.journaux


@cache
def definitions() -> Mapping[str, Definition]:
    """Return the eight indicators by id, in the order of the contract.

    >>> list(definitions()) == list(ORDER), definitions()["taux_dmp"].cible
    (True, 70)
    """
    return {name: _definition(_read(name)) for name in ORDER}


@cache
def rules() -> Mapping[str, str]:
    """Return the version of the rules and the SHA-256 of their text, whatever the newlines of a checkout."""
    digest = hashlib.sha256()
    for path in sorted((content.folder("conformance") / "definitions").glob("*.toml"), key=lambda p: p.name):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{hashlib.sha256(text).hexdigest()}  {path.name}\n".encode())
    version = tomllib.loads((content.folder("conformance") / "VERSION.toml").read_text(encoding="utf-8"))
    return {"version": version["version"], "sha256": digest.hexdigest()}


def _read(name: str) -> dict[str, Any]:
    path = content.folder("conformance") / "definitions" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _definition(raw: dict[str, Any]) -> Definition:
    sans_borne = raw.pop("journaux_sans_borne", None)
    return Definition(
        lit={table: tuple(columns) for table, columns in raw.pop("lit").items()},
        journaux=tuple(raw.pop("journaux")),
        sources=tuple(Source(**source) for source in raw.pop("sources")),
        sans_objet=frozenset(raw.pop("sans_objet", ())),
        journaux_sans_borne=None if sans_borne is None else tuple(sans_borne),
        completude=tuple(raw.pop("completude", ())),
        notes=tuple(raw.pop("notes", ())),
        cas=tuple(raw.pop("cas", ())),
        **raw,
    )

"""The catalogue: one TOML file a requirement, ``conformance/<domaine>/<id>.toml``, read strictly.

The ids are ours and stable; those of the official texts stand in ``sources``.  We hold «de type Ségur» requirements:
a référencement is granted by the ANS, never by us.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from esms_sdk import content
from esms_sdk.checks.cda_regles import Regle, regle

Niveau = Literal["obligatoire", "recommande"]
Methode = Literal["auto", "preuve", "manuel"]
Gravite = Literal["erreur", "avertissement", "information"]
# What a requirement is judged on; ``aucun`` where no file can show it.
Objet = Literal[
    "lot", "indicateurs", "tableau_de_bord", "commande", "cda", "xdm", "courriel", "datamatrix", "fhir_patient",
    "document_du_lot", "paquet", "aucun",
]  # fmt: skip

DOMAINES = (
    "INS", "FINESS", "DONNEES", "IND", "TBB", "CDA", "XDS", "XDM", "MSS", "DMP", "VA", "PSC", "PORT", "EXT",
)  # fmt: skip
COULOIRS = ("pa-ph-dom", "pds-pde", "ahi", "pjm")
VAGUES = ("vague1", "vague2")
REGLES = "esms-exigences"
COUVERTURE = "couverture.csv"
_ID = re.compile(rf"ESMS-({'|'.join(DOMAINES)})-\d\d")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text says it.  ``document`` is an id of ``SOURCES.toml``; ``reference`` the id printed in that text.

    ``autre_couloir``: the text is that of another corridor than the médico-social one, and stands for it.
    """

    document: str
    section: str
    confiance: Literal["haute", "moyenne", "basse"]
    version: str = ""
    reference: str = ""
    autre_couloir: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Constat:
    """One kind of finding: only ``erreur`` makes *non conforme*.  ``ou`` is ``table`` or ``table.colonne``."""

    message: str
    gravite: Gravite = "erreur"
    ou: str = ""
    remede: str = ""


@dataclass(frozen=True, slots=True)
class Preuve:
    """One piece of evidence asked for, in the columns of the Ségur REM."""

    numero: str
    attendu: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement.

    ``titre`` is true when it is met; ``demande`` is our own paraphrase of what is asked.  ``profils`` are the vagues
    and ``couloirs`` the corridors that owe it.  ``juge`` is the table whose rows are judged (without a row at all the
    verdict is *indetermine*), ``lit`` the tables and columns without which it cannot be judged; where one is not
    given the verdict is ``si_absent``.  ``commun``: the official header schematron has the rule too.
    ``regles``: what is asked of a document, as data.
    """

    id: str
    titre: str
    demande: str
    niveau: Niveau
    methode: Methode
    sources: tuple[Source, ...]
    remede: str
    profils: tuple[str, ...] = VAGUES
    couloirs: tuple[str, ...] = COULOIRS
    objet: Objet = "lot"
    juge: str = ""
    lit: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    si_absent: Literal["indetermine", "non_applicable"] = "indetermine"
    derogeable: bool = True
    commun: bool = False
    non_verifie_parce_que: str = ""
    note: str = ""
    preuves: tuple[Preuve, ...] = ()
    constats: Mapping[str, Constat] = field(default_factory=dict)
    regles: tuple[Regle, ...] = ()
    cas: tuple[Mapping[str, Any], ...] = ()

    @property
    def domaine(self) -> str:
        """The domain in the id."""
        return self.id.split("-")[1]

    @property
    def mandatory(self) -> bool:
        """Whether its verdict counts in the exit code."""
        return self.niveau == "obligatoire"

    @property
    def substitute(self) -> bool:
        """Whether no text of the médico-social corridor itself is among its sources; the user is told so."""
        return all(source.autre_couloir for source in self.sources)


@cache
def catalogue() -> Mapping[str, Requirement]:
    """Return every requirement by id, in the order of the domains and numbers.  Raises ValueError on a wrong file."""
    found = {}
    for path in _files():
        one = parse(tomllib.loads(path.read_text(encoding="utf-8")), path.stem)
        if path.parent.name != one.domaine.lower():
            raise ValueError(f"{path.parent.name}/{path.name}: the folder is not its domain")
        found[one.id] = one
    return dict(sorted(found.items(), key=lambda pair: (DOMAINES.index(pair[1].domaine), pair[0])))


@cache
def rules() -> Mapping[str, str]:
    """Return name, version and SHA-256 of the whole rule set, whatever the newlines of a checkout."""
    folder = content.folder("conformance")
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        if path.suffix in (".toml", ".csv") and path.name != COUVERTURE and path.is_file():
            text = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{hashlib.sha256(text).hexdigest()}  {path.relative_to(folder).as_posix()}\n".encode())
    version = tomllib.loads((folder / "VERSION.toml").read_text(encoding="utf-8"))["version"]
    return {"nom": REGLES, "version": version, "sha256": digest.hexdigest()}


def _files() -> Iterator[Path]:
    for domaine in DOMAINES:
        yield from (content.folder("conformance") / domaine.lower()).glob("ESMS-*.toml")


def parse(raw: Mapping[str, Any], name: str) -> Requirement:
    """Return the requirement that a TOML document states; raises ValueError naming the file and the key."""
    try:
        one = Requirement(
            **{
                **{key: value for key, value in raw.items() if key != "regle"},
                "sources": tuple(Source(**source) for source in raw["sources"]),
                "lit": {table: tuple(columns) for table, columns in raw.get("lit", {}).items()},
                "constats": {code: Constat(**of) for code, of in raw.get("constats", {}).items()},
                "preuves": tuple(Preuve(**of) for of in raw.get("preuves", ())),
                "regles": tuple(regle(of, name) for of in raw.get("regle", ())),
                "cas": tuple(raw.get("cas", ())),
                "profils": tuple(raw.get("profils", VAGUES)),
                "couloirs": tuple(raw.get("couloirs", COULOIRS)),
            }
        )
    except (TypeError, KeyError) as error:
        raise ValueError(f"{name}: {error}") from None
    for fault in _faults(one, name):
        raise ValueError(f"{name}: {fault}")
    return one


def _faults(one: Requirement, name: str) -> Iterator[str]:
    if one.id != name or not _ID.fullmatch(one.id):
        yield "the id is that of the file, ESMS-<DOMAINE>-<nn>"
    for key, value, admitted in (
        ("niveau", one.niveau, get_args(Niveau)),
        ("methode", one.methode, get_args(Methode)),
        ("objet", one.objet, get_args(Objet)),
        ("si_absent", one.si_absent, ("indetermine", "non_applicable")),
        *(("profils", vague, VAGUES) for vague in one.profils),
        *(("couloirs", couloir, COULOIRS) for couloir in one.couloirs),
        *(("gravite", constat.gravite, get_args(Gravite)) for constat in one.constats.values()),
        *(("confiance", source.confiance, ("haute", "moyenne", "basse")) for source in one.sources),
    ):
        if value not in admitted:
            yield f"{key} = {value!r} is none of {', '.join(admitted)}"
    if not one.sources or not one.titre or not one.demande or not one.remede:
        yield "titre, demande, remede and a source are asked for"
    if (one.methode == "auto") != bool(one.constats):
        yield "constats stand where methode = auto, and only there"
    if (one.methode != "auto") != bool(one.non_verifie_parce_que):
        yield "non_verifie_parce_que stands where methode is not auto, and only there"
    if unknown := {of.code for of in one.regles} - set(one.constats):
        yield f"rules without a constat: {', '.join(sorted(unknown))}"
    if one.objet == "lot" and one.methode == "auto" and not one.juge:
        yield "juge names the table whose rows are judged"

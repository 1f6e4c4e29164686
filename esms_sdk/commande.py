"""``commande.toml``: the order that a dossier answers, and the SONS scale it is paid by.

[commande]
reference = "BC-2023-041"
date = 2023-11-06
finess_ej = "000000018"
etablissements = ["000000117", "000000125"]

[solution]
editeur = "…"
logiciel = "…"
version = "…"
numero_referencement = "…"

[signataire]
nom = "…"
fonction = "…"
mode = "cpx"                # cpx, psc, rgs, eidas_simple

Only its form is judged here: what it says (numbers, duplicates, dates, missing mentions) is for requirements to judge.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from esms_sdk import content
from esms_sdk.adapter.toml_values import Section
from esms_sdk.errors import Fault, UsageError

MODES = ("cpx", "psc", "rgs", "eidas_simple")
KEYS = {
    "commande": (
        "reference", "date", "finess_ej", "etablissements", "remplace", "motif_rectification", "montant_ttc",
        "nb_essms_og", "tbb_strict",
    ),
    "solution": ("editeur", "logiciel", "version", "numero_referencement"),
    "signataire": ("nom", "fonction", "mode"),
}  # fmt: skip
"""The keys of each section of an order."""
_HIGHEST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Solution:
    """The software that was ordered; null is what the order does not say."""

    editeur: str | None = None
    logiciel: str | None = None
    version: str | None = None
    numero_referencement: str | None = None


@dataclass(frozen=True, slots=True)
class Signataire:
    """Who signs, the head of the OG, and how."""

    nom: str | None = None
    fonction: str | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class Commande:
    """An order as it was written: ``etablissements`` in its order, repeats kept; ``montant_ttc`` in euros.

    ``nb_essms_og`` is the number of ESSMS of the OG, which chooses the SONS tranche.
    """

    finess_ej: str
    etablissements: tuple[str, ...]
    reference: str | None = None
    date: date | None = None
    remplace: str | None = None
    motif_rectification: str | None = None
    montant_ttc: Decimal | None = None
    nb_essms_og: int | None = None
    tbb_strict: bool = False
    solution: Solution = Solution()
    signataire: Signataire = Signataire()


def read_commande(path: Path) -> Commande:
    """Read an order.  Raises :class:`UsageError` with every fault of its form at once."""
    return parse(read_document(path), path.name)


def parse(document: Mapping[str, Any], name: str) -> Commande:
    """Return the order that a TOML document states, or raise as :func:`read_commande` does."""
    found, faults = examine(document, name)
    if faults:
        hint = "Voir le contrat §5 : [commande], [solution], [signataire]."
        raise UsageError("ESMS-E199", f"{name} : commande mal formée", faults=faults, hint=hint)
    return found


def examine_file(path: Path) -> tuple[Commande, list[Fault]]:
    """Return what can be read of an order, with every fault of its form."""
    return examine(read_document(path), path.name)


def read_document(path: Path) -> dict[str, Any]:
    """Read the TOML of an order, held to be what every reader of TOML reads: a dossier has a copy of its bytes."""
    try:
        # Not as a text, which would take the end of a line of any system.
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except OSError as error:
        raise UsageError("ESMS-E198", f"{path.name} : fichier illisible ({type(error).__name__})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        why = str(error)
        if isinstance(error, tomllib.TOMLDecodeError) and "\r" in text.replace("\r\n", ""):
            why = "une ligne y finit par CR seul : l'enregistrer avec des fins de ligne LF ou CRLF"
        raise UsageError("ESMS-E198", f"{path.name} n'est pas un TOML lisible ({why})") from None


def examine(document: Mapping[str, Any], name: str) -> tuple[Commande, list[Fault]]:
    """Return the order that a TOML document states, with the faults of its form, what is at fault left out."""
    faults: list[Fault] = []
    top = Section("", document, name, faults)
    top.known(tuple(KEYS))
    told, solution, signataire = (top.section(key) for key in ("commande", "solution", "signataire"))
    told.known(KEYS["commande"])
    solution.known(KEYS["solution"])
    signataire.known(KEYS["signataire"])
    finess_ej, etablissements = told.text("finess_ej"), _texts(told, "etablissements")
    if not finess_ej and "finess_ej" not in told:
        told.fault("finess_ej", "le FINESS juridique de l'organisme est à donner, entre guillemets")
    if not etablissements and not any(f.message.startswith("commande.etablissements") for f in faults):
        told.fault("etablissements", "une liste de FINESS géographiques attendue, entre guillemets")
    found = Commande(
        finess_ej or "", etablissements, told.text("reference"), _date(told), told.text("remplace"),
        told.text("motif_rectification"), _montant(told), _number(told), told.value("tbb_strict", bool, False),
        Solution(*(solution.text(key) for key in KEYS["solution"])),
        Signataire(signataire.text("nom"), signataire.text("fonction"), signataire.one_of("mode", MODES)),
    )  # fmt: skip
    return found, faults


def _texts(told: Section, key: str) -> tuple[str, ...]:
    """Return the texts of a list, those too that stand beside something else, which is a fault."""
    found, given = told.texts(key), told.raw.get(key)
    return found or tuple(one for one in (given if isinstance(given, list) else ()) if isinstance(one, str))


def _date(told: Section) -> date | None:
    value = told.raw.get("date")
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    told.fault("date", "une date attendue, sans guillemets : 2023-11-06")
    return None


def _montant(told: Section) -> Decimal | None:
    value = told.raw.get("montant_ttc")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= _HIGHEST:
        told.fault("montant_ttc", "un montant en euros, supérieur à 0 et d'un milliard au plus, attendu")
        return None
    return Decimal(str(value))


def _number(told: Section) -> int | None:
    value: int | None = told.value("nb_essms_og", int)
    if value is not None and value < 1:
        told.fault("nb_essms_og", "un nombre d'ESSMS, au moins 1, attendu")
        return None
    return value


@dataclass(frozen=True, slots=True)
class Tranche:
    """One step of the SONS scale: the price of each ESSMS, in euros TTC, from ``de`` ESSMS of the OG on."""

    nom: str
    de: int
    montant: int


def tranche(nb_essms_og: int) -> Tranche:
    """Return the tranche of an OG of that many ESSMS.

    >>> tranche(1).montant, tranche(19).montant * 19, tranche(20).montant * 20, tranche(35).montant * 35
    (4000, 31217, 24640, 43120)
    """
    steps = [Tranche(**one) for one in _sons()["tranche"]]
    return max((one for one in steps if one.de <= nb_essms_og), key=lambda one: one.de)


@dataclass(frozen=True, slots=True)
class Du:
    """What the SONS scale makes of an order, in euros TTC: ``nombre`` ESSMS at the price of the tranche."""

    nombre: int
    tranche: Tranche

    @property
    def total(self) -> int:
        """The amount."""
        return self.nombre * self.tranche.montant

    def __str__(self) -> str:
        return f"{self.nombre} × {self.tranche.montant} = {self.total} € (tranche {self.tranche.nom})"


def du(order: Commande) -> Du | None:
    """Return what the scale makes of an order; None without the size of the OG, which chooses the tranche."""
    return None if order.nb_essms_og is None else Du(len(set(order.etablissements)), tranche(order.nb_essms_og))


def guichet() -> Mapping[str, date]:
    """Return the days of the SONS of vague 1: ``ouverture`` and ``commandes`` bound orders, ``solde`` the balance."""
    days: Mapping[str, date] = _sons()["guichet"]
    return days


@cache
def _sons() -> dict[str, Any]:
    return tomllib.loads((content.folder("conformance") / "va" / "sons.toml").read_text(encoding="utf-8"))

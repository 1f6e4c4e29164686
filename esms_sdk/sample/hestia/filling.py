"""One world being written into the workbooks: the sheets, and the row of each thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from esms_sdk.sample.canonical import Row, tables
from esms_sdk.sample.fates import Line, Made
from esms_sdk.sample.hestia.sheets import AGENCES, Agence, Feuille
from esms_sdk.sample.losses import Losses
from esms_sdk.sample.soleo.outcome import KEYS
from esms_sdk.sample.world import World

NOWHERE = "000099994"
"""A FINESS number with a right key that no establishment of the export bears."""


@dataclass(slots=True)
class Filling:
    """A world, what is to be lost of it, the sheets by workbook and name, and where each thing stands."""

    world: World
    lost: Losses
    feuilles: dict[tuple[str, str], Feuille] = field(default_factory=dict)
    made: dict[tuple[str, str], list[tuple[Feuille, Line, Made]]] = field(default_factory=dict)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = {
            name: {" ".join(row[c] for c in KEYS[name]): row for row in rows}
            for name, rows in tables(self.world).items()
            if name != "mise_a_jour"
        }

    def feuille(self, agence: Agence, classeur: str, nom: str, colonnes: Sequence[str]) -> Feuille:
        """Return a sheet of an agency's workbook, made where it is not there yet."""
        path = f"{agence.dossier}/{classeur}" if agence.dossier else classeur
        if (path, nom) not in self.feuilles:
            self.feuilles[path, nom] = Feuille(path, nom, agence, colonnes)
        return self.feuilles[path, nom]

    def note(self, key: tuple[str, str], feuille: Feuille, line: Line, made: Made) -> None:
        """Remember which row stands for something of the world: a table and its key there."""
        self.made.setdefault(key, []).append((feuille, line, made))

    def one(self, table: str, key: str) -> tuple[Feuille, Line, Made]:
        """Return the only row that stands for something of the world."""
        (found,) = self.made[table, key]
        return found


def agency(key: str) -> Agence:
    """Return the agency of a thing of the world: its id begins with the agency's code."""
    return AGENCES[key[:4]]


def local(key: str) -> str:
    """Return an id as the agency knows it.

    >>> local("AG01-1001"), local("")
    ('1001', '')
    """
    return key[5:]


def named(key: str) -> str:
    """Return the canonical id: the agency's folder and the local number.

    >>> named("AG01-1001"), named("")
    ('montbrume-1001', '')
    """
    return f"{agency(key).dossier}-{local(key)}" if key else ""

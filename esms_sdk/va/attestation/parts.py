"""What an attestation is made of, ready to print: sections of facts, tables and texts, one value for every format.

Texts are printed as they stand here.  What others wrote (a denomination, a reference) goes through :func:`donnee`, our
own sentences through :func:`phrase`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from esms_sdk.export.french import typo

# Controls, what turns the direction of the text around it, lone surrogates, and what is no character at all.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]"
)
_BLANK = re.compile(r"[\t\n\r]+")


def donnee(text: str | None) -> str:
    """Return a text of somebody else's on one line; a sign that would not be seen is written by its code.

    >>> donnee("Les\\nTilleuls"), donnee("a\\u202eb"), donnee(None)
    ('Les Tilleuls', 'a[U+202E]b', '')
    """
    return _UNPRINTABLE.sub(lambda sign: code(sign[0]), _BLANK.sub(" ", text or ""))


def code(sign: str) -> str:
    """Return the name of a character.

    >>> code("é")
    '[U+00E9]'
    """
    return f"[U+{ord(sign):04X}]"


def phrase(text: str) -> str:
    """Return a sentence of ours, with the spaces that French does not break."""
    return typo(donnee(text))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, a second line in small, how it is to be felt (``ok ko doux`` or nothing), columns taken."""

    texte: str
    petit: str = ""
    ton: str = ""
    largeur: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its share of the width on paper, and if it holds figures."""

    titre: str
    part: float = 1.0
    chiffres: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a line names it.  ``groupes`` is an optional head above the heads: title, columns."""

    kind: ClassVar[str] = "table"
    legende: str
    colonnes: tuple[Column, ...]
    lignes: tuple[tuple[Cell, ...], ...]
    groupes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its value.  ``supposee``: no text that we could read asks for this mention."""

    nom: str
    valeur: str
    supposee: bool = False
    ton: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values."""

    kind: ClassVar[str] = "faits"
    faits: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, in small where it explains what stands above it."""

    kind: ClassVar[str] = "texte"
    texte: str
    petit: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    kind: ClassVar[str] = "liste"
    elements: tuple[str, ...]
    numerotee: bool = False


@dataclass(frozen=True, slots=True)
class Blanks:
    """What is to be filled in by hand or by a tool of signature: the name of each empty place."""

    kind: ClassVar[str] = "a_remplir"
    places: tuple[str, ...]


Part = Table | Facts | Paragraph | Items | Blanks


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its anchor, its title, what it holds.  ``large`` starts a page of its own on paper."""

    id: str
    titre: str
    parts: tuple[Part, ...]
    annexe: bool = False


@dataclass(frozen=True, slots=True)
class Attestation:
    """The whole: ``marque`` is the mark of the first page, empty where there is none; ``pied`` stands on every page."""

    genre: str
    titre: str
    organisme: str
    marque: str
    resume: str
    pied: str
    mesure_le: date
    sections: tuple[Section, ...]

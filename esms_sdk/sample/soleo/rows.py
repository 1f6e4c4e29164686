"""A vendor's export before it is written: rows that know what they make, what they need and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, field

Key = tuple[str, str]
"""A canonical table and the key of one of its rows."""


@dataclass(slots=True)
class Made:
    """A canonical row that a source row gives: its table, its key, and what it refers to by column."""

    table: str
    key: str
    refs: dict[str, Key] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refus:
    """Why a table refuses a row: one line of ``rejets.csv``."""

    table: str
    colonne: str
    code: str

    @classmethod
    def read(cls, text: str) -> Refus:
        """Return the refusal that a planting writes ``table.colonne CODE``, or ``table CODE`` for the row as a whole.

        >>> Refus.read("sejour.date_entree TYPE_INVALIDE")
        Refus(table='sejour', colonne='date_entree', code='TYPE_INVALIDE')
        """
        place, code = text.split(" ")
        table, _, colonne = place.partition(".")
        return cls(table, colonne, code)


@dataclass(slots=True)
class Ligne:
    """One row of a source: its cells by header, and the fate that its maker knows.

    ``surplus`` are cells beyond the header; ``ignoree`` is the reason of a row that is set aside; ``defaut`` names the
    planted defect, empty for what is sound; ``lu`` is what can be read of a séjour when its row is refused (FINESS and
    ISO dates); ``libelles`` are the labels (column, label) that no mapping knows.
    """

    cells: dict[str, str]
    makes: list[Made] = field(default_factory=list)
    refus: list[Refus] = field(default_factory=list)
    ignoree: str = ""
    defaut: str = ""
    surplus: tuple[str, ...] = ()
    lu: dict[str, str] = field(default_factory=dict)
    libelles: list[tuple[str, str]] = field(default_factory=list)

    def copy(self, **cells: str) -> Ligne:
        """Return the same row, with some cells changed and no fate yet."""
        return Ligne(
            {**self.cells, **cells}, [Made(m.table, m.key, dict(m.refs)) for m in self.makes], lu=dict(self.lu)
        )


@dataclass(frozen=True, slots=True)
class Dialecte:
    """How a file is written.  ``dates`` and ``instants`` are strftime patterns, ``oui``/``non`` its booleans."""

    encoding: str = "utf-8"
    delimiter: str = ";"
    end: str = "\r\n"
    trailing: bool = False
    padded: bool = False
    blank_lines: bool = False
    dates: str = "%d/%m/%Y"
    instants: str = "%d/%m/%Y %H:%M:%S"
    oui: str = "O"
    non: str = "N"
    vide: str = ""


@dataclass(slots=True)
class Source:
    """One file of the export: its path, its rows, how it is written.

    ``member`` is its name inside the archive ``path``; ``titre`` is a line above the header; ``columns`` is the header
    where it is not that of the cells.
    """

    path: str
    lignes: list[Ligne]
    dialecte: Dialecte
    member: str = ""
    titre: str = ""
    columns: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns = self.columns or list(self.lignes[0].cells)

    @property
    def nom(self) -> str:
        """The file's name as rejects and arithmetic give it."""
        return f"{self.path}/{self.member}" if self.member else self.path

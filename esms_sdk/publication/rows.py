"""The cells of one row under our names; what cannot be taken as it is becomes a :class:`Defaut` and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from esms_sdk import masking
from esms_sdk.errors import Fault, UsageError
from esms_sdk.publication import cells
from esms_sdk.publication.cells import Raw, Taux, Unreadable
from esms_sdk.publication.grid import Grid, titles
from esms_sdk.publication.mapping import CODES, HINT, Plan, folded
from esms_sdk.publication.model import Defaut


class Row:
    """One row: ``finess_et`` is known, the rest is read when it is asked for."""

    def __init__(self, plan: Plan, ligne: int, given: dict[str, Raw], defauts: list[Defaut]) -> None:
        self.plan, self.ligne, self.given, self.defauts = plan, ligne, given, defauts
        self.finess_et = ""
        self._jours: dict[str, date | None] = {}

    def defaut(self, code: str, name: str, told: str) -> None:
        """Note what is wrong in the cell of a column, by its title in the file."""
        place = f"colonne «{self.plan.colonnes.get(name, name)}» : {told}"
        self.defauts.append(Defaut(code, place, self.finess_et or None, self.ligne))

    def locate(self) -> bool:
        """Read the establishment; say whether the row has one."""
        raw = self.given.get("finess_et")
        if cells.is_none(raw):
            # A title, a total or an empty line of a sheet: no row of an establishment.
            if any(not cells.is_none(value) for value in self.given.values()):
                self.defaut("LIGNE_SANS_FINESS", "finess_et", "vide")
            return False
        try:
            number, shortened = cells.finess(raw)
        except Unreadable as error:
            self.defaut("FINESS_ILLISIBLE", "finess_et", f"{error}, vu {masking.shape(str(raw))}")
            return False
        self.finess_et = number
        if shortened:
            self.defaut("FINESS_SANS_ZERO", "finess_et", "les zéros de tête manquent, ils sont rétablis")
        return True

    def _read(self, name: str, reader: Callable[[Raw], Any], code: str) -> Any:
        raw = self.given.get(name)
        try:
            return reader(raw)
        except Unreadable as error:
            self.defaut(code, name, f"{error}, vu «{masking.shape(str(raw))}»")
            return None

    def entier(self, name: str) -> int | None:
        """Return a whole number that is not negative."""
        value: int | None = self._read(name, cells.entier, "NOMBRE_ILLISIBLE")
        if value is not None and value < 0:
            self.defaut("NOMBRE_ILLISIBLE", name, "nombre négatif")
            return None
        return value

    def taux(self, name: str) -> Taux | None:
        value: Taux | None = self._read(name, cells.taux, "NOMBRE_ILLISIBLE")
        return value

    def jour(self, name: str) -> date | None:
        """Return a day; several values of a row share it, and a fault in it is one."""
        if name not in self._jours:
            self._jours[name] = self._read(name, cells.jour, "DATE_ILLISIBLE")
        return self._jours[name]

    def texte(self, name: str) -> str | None:
        raw = self.given.get(name)
        return str(raw).strip() if raw is not None and str(raw).strip() else None

    def code(self, axis: str) -> str | None:
        """Return our code for the label of an axis; a label that is not known is noted."""
        raw = self.texte(axis)
        if raw is None:
            return None
        label = folded(raw)
        found = self.plan.codes.get(axis, {}).get(label) or _OWN[axis].get(label)
        if found is None:
            self.defaut("LIBELLE_INCONNU", axis, f"«{masking.shape(raw)}» n'est dans aucune table [codes.{axis}]")
        return found


def _own_labels() -> dict[str, dict[str, str]]:
    from esms_sdk.indicators.definition import definitions

    own = {axis: {folded(code): code for code in codes} for axis, codes in CODES.items()}
    own["indicateur"] |= {folded(one.libelle): one.id for one in definitions().values()}
    own["canal"] |= {"mss_professionnelle": "mss_pro", "mss_patient": "mss_citoyenne", "mssante": "mss"}
    return own


_OWN = _own_labels()


def rows(plan: Plan, grid: Grid, defauts: list[Defaut]) -> Iterator[Row]:
    """Yield the rows that have an establishment.  Raises :class:`UsageError` naming every column that is absent."""
    at = titles(grid, tuple(plan.colonnes.values()))
    seen = ", ".join(grid.colonnes[:40])
    line = None if grid.nom.endswith(".json") else plan.hints.ligne_entete
    absent = [
        Fault("COLONNE", f"«{theirs}» ({ours}) absente", grid.nom, line, theirs)
        for ours, theirs in plan.colonnes.items()
        if theirs not in at
    ]
    if absent:
        raise UsageError("ESMS-E187", f"{grid.nom} : colonnes absentes (vues : {seen})", faults=absent, hint=HINT)
    for ligne, values in grid.lignes:
        given = {
            ours: values[at[theirs]] if at[theirs] < len(values) else None for ours, theirs in plan.colonnes.items()
        }
        row = Row(plan, ligne, given, defauts)
        if row.locate():
            yield row

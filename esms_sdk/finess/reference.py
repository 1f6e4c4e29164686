"""The reference being asked: a number gives an establishment, a body, or nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType

from esms_sdk import content
from esms_sdk.errors import SourceError, UsageError
from esms_sdk.finess.build import FORMAT, Origin, create_tables, fill, is_reference
from esms_sdk.finess.place import user_reference

_UPDATE = "La faire avec : esms finess update (ou --file F, hors ligne)."


@dataclass(frozen=True, slots=True)
class Organisme:
    """A body that runs establishments (FINESS juridique, EJ)."""

    finess_ej: str
    nom: str
    siren: str
    ouverture: date | None
    fermeture: date | None
    ouvert: bool


@dataclass(frozen=True, slots=True)
class Etablissement:
    """An establishment (FINESS géographique, ET); ``categorie`` is its FINESS code."""

    finess_et: str
    finess_ej: str
    nom: str
    categorie: str
    ouverture: date | None
    fermeture: date | None
    ouvert: bool


class Reference:
    """An open reference.  ``invente``: the embedded extract, which knows invented establishments only."""

    def __init__(self, con: sqlite3.Connection, place: Path) -> None:
        self._con, self.place = con, place
        kept = {field.name for field in fields(Origin)}
        rows = con.execute("select cle, valeur from origine")
        self.origin = Origin(**{cle: valeur for cle, valeur in rows if cle in kept})
        self.invente = bool(self.origin.invente)

    @cached_property
    def genere_le(self) -> date:
        """The day on which the feed was made."""
        return date.fromisoformat(self.origin.genere_le[:10])

    def etablissement(self, finess_et: str) -> Etablissement | None:
        """Return the establishment of that number, open or closed."""
        row = self._con.execute("select * from et where finess_et = ?", (finess_et,)).fetchone()
        if row is None:
            return None
        number, finess_ej, nom, categorie, since, until, etat = row
        return Etablissement(number, finess_ej, nom, categorie, _day(since), _day(until), etat == "A")

    def organisme(self, finess_ej: str) -> Organisme | None:
        """Return the body of that number, open or closed."""
        row = self._con.execute("select * from ej where finess_ej = ?", (finess_ej,)).fetchone()
        if row is None:
            return None
        number, nom, siren, since, until, etat = row
        return Organisme(number, nom, siren, _day(since), _day(until), etat == "A")

    def counted(self, finess_ej: str) -> tuple[int, int]:
        """Return how many establishments a body has, and how many of them are open."""
        query = "select count(*), count(*) filter (where etat = 'A') from et where finess_ej = ?"
        found: tuple[int, int] = self._con.execute(query, (finess_ej,)).fetchone()
        return found

    def close(self) -> None:
        self._con.close()

    def __enter__(self) -> Reference:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_reference(path: Path | None = None) -> Reference:
    """Open the reference ``path``; without it the user's, and where there is none the embedded invented extract."""
    if path is None:
        path = user_reference()
        if not path.is_file():
            return _embedded()
    elif not path.is_file():
        raise UsageError("ESMS-E141", f"pas de référentiel FINESS : {path} est absent", hint=_UPDATE)
    if not is_reference(path):
        raise SourceError("ESMS-E375", f"{path} n'est pas un référentiel FINESS fait par esms", hint=_UPDATE)
    con = sqlite3.connect(path.absolute().as_uri() + "?mode=ro&immutable=1", uri=True)
    try:
        (version,) = con.execute("pragma user_version").fetchone()
        if version != FORMAT:
            reason = f"{path} est d'une autre version d'esms (format {version}, {FORMAT} attendu)"
            raise SourceError("ESMS-E375", reason, hint=_UPDATE)
        return Reference(con, path)
    except BaseException as fault:
        con.close()
        if isinstance(fault, sqlite3.DatabaseError):
            raise SourceError("ESMS-E375", f"{path} est abîmé", hint=_UPDATE) from fault
        raise


def _embedded() -> Reference:
    place = content.folder("samples") / "finess" / "structures_inventees.json"
    con = sqlite3.connect(":memory:", isolation_level=None)
    create_tables(con)
    fill(con, place, Origin(source="extrait inventé", invente="oui"), name=place.name)
    return Reference(con, place)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

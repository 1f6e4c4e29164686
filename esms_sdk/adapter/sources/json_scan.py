"""The records of a JSON file as SQL: one text a record, as it is written in the file, and where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk import database, masking
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.errors import AdapterError, Fault, SourceError
from esms_sdk.lot import plain_text
from esms_sdk.lot.plain_text import SENTINEL

if TYPE_CHECKING:
    import duckdb

_LONGEST_LINE = 1 << 26
_LARGEST_RECORD = 1 << 24
# Beyond this size a document at fault is not parsed again to tell the place.
_SHOWN_SIZE, _SHOWN_KEYS = 1 << 28, 20
ROOT = "$"

# Numbers that the engine would not write as they stand: 1.10 is 1.1 to it, 1e5 is 100000.0, 0.00001 is 1e-5.
# One with more digits than a machine number has (16) may still come back as its shortest equal.
_UNFAITHFUL = r"\.[0-9]*0([^0-9]|$)|[0-9][eE][0-9+-]|\.[0-9]{17}|[0-9]{16}\.|[^0-9]0\.0000|[:\[, ]-0[^.0-9]"
_DECIMAL = r"-?(?:[1-9][0-9]{0,14}\.[0-9]{0,15}[1-9]|0\.0{0,3}(?:[1-9][0-9]{0,14})?[1-9])"
_FAITHFUL = rf"(?:-?[1-9][0-9]*|0|{_DECIMAL})[,\]}}\s]"
_TEXT = r'"(?:[^"\\]|\\.)*"'
_NUMBER = rf'((?:{_TEXT}|[^"0-9-]|{_FAITHFUL})*)(-?[0-9][0-9.eE+-]*)'


@dataclass(frozen=True, slots=True)
class Scan:
    """The records of one file: ``query`` gives ``n`` (line, or rank in a list) and ``l`` (the text of a record).

    ``text`` is where the plain text of the file ``name`` stands.
    """

    number: int
    place: SourceFile
    query: str
    name: str
    text: Path


def pointer(path: tuple[str, ...]) -> str:
    """Return the JSON pointer of a path of keys.

    >>> pointer(("identité", "a/b"))
    '/identité/a~1b'
    """
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)


def faithful(text: str) -> str:
    """Return the SQL of a JSON text where the numbers that the engine would not write as they stand are texts."""
    # The number put at the end makes every match start where the last one ended, never inside a text.
    quoted = f"regexp_replace({text} || ' 0', {database.text(_NUMBER)}, '\\1\"\\2\"', 'g')"
    return f"case when regexp_matches({text}, {database.text(_UNFAITHFUL)}) then {quoted}[:-5] else {text} end"


def scan(
    con: duckdb.DuckDBPyConnection,
    number: int,
    file: SourceFile,
    place: SourceFile,
    path: str | None,
    *,
    lines: bool,
    work: Path,
) -> Scan:
    """Prepare the records of a file: a line each, the elements of its list, or those of the list at ``path``.

    Raises :class:`SourceError` where the text is not UTF-8, or no JSON, :class:`AdapterError` where the path leads
    nowhere.
    """
    clean, line_end = _plain(file, work / f"_j{number}.txt")
    if lines:
        read = (
            f"read_csv({database.file(clean)}, delim = '{SENTINEL}', quote = '', escape = '', header = false, "
            f"auto_detect = false, columns = {{'l': 'VARCHAR'}}, strict_mode = false, new_line = '{line_end}', "
            f"max_line_size = {plain_text.line_bound(clean, _LONGEST_LINE)})"
        )
        records = (
            f"select n, l from (select row_number() over () as n, l from {read}) where not regexp_full_match(l, '\\s*')"
        )
    elif not (first := _first(clean)):
        raise SourceError("ESMS-E301", f"fichier vide : {file.name}", hint="Une liste sans enregistrement s'écrit [].")
    elif first == "[":
        if path:
            raise AdapterError(
                "ESMS-E201",
                f"{file.name} : «{path}» n'y est pas, le document est une liste",
                hint="Ôter «enregistrements» de la source.",
            )
        read = f"{database.file(clean)}, format = 'array', maximum_object_size = {_LARGEST_RECORD}"
        records = f"select row_number() over () as n, cast(json as varchar) as l from read_json_objects({read})"
    else:
        with _refusing(file.name, clean):
            records = _in_document(con, number, file.name, clean, path)
    return Scan(number, place, records, file.name, clean)


def refusing(scan: Scan) -> AbstractContextManager[None]:
    """Turn what the engine says of a text that is no JSON into a :class:`SourceError` with the place."""
    return _refusing(scan.name, scan.text)


def _plain(file: SourceFile, copy: Path) -> tuple[Path, str]:
    survey = plain_text.survey(file.path, file.member)
    if survey.not_utf8_at is not None:
        fault = Fault(
            "ENCODAGE", "cette ligne n'est pas en UTF-8, la seule écriture du JSON", file.name, survey.not_utf8_at
        )
        raise SourceError("ESMS-E302", "texte illisible", faults=[fault], hint="Refaire l'export en UTF-8.")
    return plain_text.plain(file.path, file.member, survey, survey.mark or "utf-8", copy)


def _first(clean: Path) -> str:
    """Return the first character of a text that is not blank."""
    with clean.open(encoding="utf-8-sig") as stream:
        while chunk := stream.read(1 << 16):
            if text := chunk.lstrip():
                return text[0]
    return ""


def _in_document(con: duckdb.DuckDBPyConnection, number: int, name: str, clean: Path, path: str | None) -> str:
    """Return the records of a document that is an object, which is parsed whole."""
    content = f"ltrim(content, chr(65279)) as d from read_text({database.file(clean)})"
    table = f"_j{number}_document"
    con.execute(f"create table {table} as select {faithful('d')} as d from (select {content})")
    found = con.execute(f"select unnest(json_keys(d)) from {table} limit {_SHOWN_KEYS}").fetchall()
    keys = ", ".join(masking.label(key) for (key,) in found) or "aucune"
    if path == ROOT:
        return f"select 1 as n, d as l from {table}"
    if not path:
        raise AdapterError(
            "ESMS-E361",
            f"{name} est un document, non une liste : où sont ses enregistrements ?",
            hint=f'Ajouter à la source enregistrements = "…" (clés vues : {keys}).',
        )
    at = database.text(pointer(tuple(path.split("."))))
    kind = con.execute(f"select json_type(d, {at}) from {table}").fetchall()[0][0]
    if kind not in ("ARRAY", "OBJECT"):
        raise AdapterError(
            "ESMS-E201",
            f"{name} : «{path}» n'y mène à aucune liste (clés vues : {keys})",
            hint="Corriger «enregistrements» : des clés séparées par des points.",
        )
    inside = f"json_extract(d, {at})"
    listed = f"json_extract({inside}, '$[*]')" if kind == "ARRAY" else f"[{inside}]"
    con.execute(f"create table {table}_liste as select unnest({listed}) as l from {table}; drop table {table}")
    return f"select row_number() over () as n, cast(l as varchar) as l from {table}_liste"


@contextmanager
def _refusing(name: str, clean: Path) -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.Error, UnicodeDecodeError) as error:
        # The engine may quote a character cut in two, and then its message cannot be read.
        raise _unreadable(name, clean, error) from None


def _unreadable(name: str, clean: Path, error: Exception) -> SourceError:
    """Say where a document stops being JSON, without a character of it."""
    message, line = "le document n'est pas du JSON bien formé", None
    if clean.stat().st_size <= _SHOWN_SIZE:
        try:
            json.loads(clean.read_text(encoding="utf-8-sig"))
            message = f"un enregistrement dépasse {_LARGEST_RECORD >> 20} Mio, ou ne peut être lu"
        except json.JSONDecodeError as place:
            message, line = f"{message} (à partir du caractère {place.colno})", place.lineno
        except (RecursionError, ValueError):
            pass
    faults = [Fault("JSON", message, name, line)]
    hint = "Vérifier que le fichier est entier : un transfert interrompu le laisse sans sa fin."
    return SourceError("ESMS-E360", f"JSON illisible ({type(error).__name__})", faults=faults, hint=hint)

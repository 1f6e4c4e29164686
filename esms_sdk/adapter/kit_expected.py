"""What a sample must give, in ``expected/``: small tables as CSV, large ones as digests, rejects, counts."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from esms_sdk import database
from esms_sdk.adapter import lot_diff
from esms_sdk.adapter.lot_diff import Difference
from esms_sdk.errors import AdapterError, SourceError
from esms_sdk.lot import Lot, delimited, manifest, rows
from esms_sdk.lot.schema import Table, load

# A table of more rows is kept as a digest, so that a repository stays light.
LARGEST = 500
DIGESTS, COUNTS, REJECTS, LABELS = "tables.json", "import.json", "rejets.csv", "libelles_inconnus.csv"
REJECTS_HEADER = ("source", "ligne", "table", "cle", "colonne", "code")
LABELS_HEADER = ("source", "colonne", "libelle", "nombre")
_SCHEMA = "attendu"


class Expected:
    """The folder ``expected`` of an adapter, as it is: every part may be absent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lot = folder / "lot"
        self.lot = lot if lot.is_dir() else folder
        self.digests: Mapping[str, Any] = self._json(folder / DIGESTS) or {}
        self.manifest: Mapping[str, Any] | None = self._json(self.lot / manifest.FILE)
        counts = self._json(folder / COUNTS)
        self.counts: Mapping[str, Any] | None = counts and counts.get("sources", counts)

    @staticmethod
    def _json(path: Path) -> Any:
        if not path.is_file():
            return None
        try:
            return json.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError:
            raise _unreadable(path, "JSON mal formé") from None

    def table(self, name: str) -> Path | None:
        """Return the file of a table, None where its rows are not kept."""
        path = self.lot / f"{name}.csv"
        return path if path.is_file() else None

    @property
    def tables(self) -> set[str]:
        """The tables of which something is expected."""
        return {name for name in load().tables if name in self.digests or self.table(name)}

    def empty(self, name: str) -> bool:
        """Say whether a table is expected to have no row."""
        if name in self.digests:
            return bool(self.digests[name]["lignes"] == 0)
        path = self.table(name)
        return path is not None and len(path.read_text(encoding="utf-8-sig").splitlines()) == 1

    def lines(self, name: str) -> tuple[tuple[str, ...], Counter[tuple[str, ...]]] | None:
        """Return the header of a list (rejects, labels) and how often each of its lines stands there."""
        path = self.folder / name
        return read_lines(path) if path.is_file() else None


def read_lines(path: Path, columns: Sequence[str] = ()) -> tuple[tuple[str, ...], Counter[tuple[str, ...]]]:
    """Return the header of a CSV file (or the ``columns`` asked for) and how often each line stands in it."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, delimiter=";")
        header = tuple(columns or reader.fieldnames or ())
        return header, Counter(tuple(line.get(name) or "" for name in header) for line in reader)


def _unreadable(path: Path, why: str) -> AdapterError:
    hint = "Le refaire : esms adapter check DOSSIER --update"
    return AdapterError("ESMS-E241", f"expected/{path.name} illisible ({why})", hint=hint)


# -- comparing -------------------------------------------------------------------------------------------------------


def differences(lot: Lot, expected: Expected, work: Path) -> Iterator[tuple[str, Difference | str]]:
    """Yield each table that is not what was expected: the difference, or a sentence where its rows are not kept."""
    lot.con.execute(f"drop schema if exists {_SCHEMA} cascade")
    lot.con.execute(f"create schema {_SCHEMA}")
    for name, table in load().tables.items():
        found = lot.con.execute(f"select count(*) from {name}").fetchall()[0][0] if name in lot.files else 0
        path = expected.table(name)
        if path:
            seen = _view(lot, table, path, work)
            columns = [c for c in table.columns if c in seen or _filled(lot, table, c)]
            if one := lot_diff.difference(lot.con, table, f"{_SCHEMA}.{name}", name, columns):
                yield name, one
        elif name in expected.digests:
            wanted = expected.digests[name]
            if digest(lot, table, wanted["colonnes"]) != wanted:
                yield name, f"{wanted['lignes']} lignes attendues, {found} obtenues, et leur contenu diffère"
        elif found:
            yield name, f"{found} lignes, et rien n'est attendu"


def _filled(lot: Lot, table: Table, column: str) -> bool:
    """Say whether a column that is not expected holds something else than its default."""
    default = table.columns[column].sql_default or "null"
    query = f"select exists (select 1 from {table.name} where {database.name(column)} is distinct from {default})"
    return bool(lot.con.execute(query).fetchall()[0][0])


def _view(lot: Lot, table: Table, path: Path, work: Path) -> list[str]:
    """Make the expected rows the relation ``attendu.<table>``; return the columns that the file has."""
    try:
        read = delimited.read(lot.con, path, f"_attendu_{table.name}", work=work, separator=";")
    except SourceError as error:
        raise _unreadable(path, error.message) from None
    if unknown := [c for c in read.columns if c not in table.columns]:
        raise _unreadable(path, f"colonne inconnue «{unknown[0]}»")
    cells = []
    for column in table.columns.values():
        name = database.name(column.name)
        typed = rows.typed_text(column, name) if column.name in read.columns else f"cast(null as {column.sql_type})"
        cells.append(f"{rows.with_default(column, typed)} as {name}")
    lot.con.execute(f"create table {_SCHEMA}.{table.name} as select {', '.join(cells)} from ({read.relation})")
    return list(read.columns)


def digest(lot: Lot, table: Table, columns: Sequence[str]) -> dict[str, Any]:
    """Return the number of rows of a table and the SHA-256 of its sorted rows, cells joined by ``;``."""
    cells = ", ".join(f"coalesce({_text(table, c)}, '')" for c in columns)
    found = lot.con.execute(f"select concat_ws(';', {cells}) as l from {table.name} order by l").fetchall()
    content = "".join(line + "\n" for (line,) in found).encode("utf-8")
    return {"colonnes": list(columns), "lignes": len(found), "sha256": hashlib.sha256(content).hexdigest()}


def _text(table: Table, column: str) -> str:
    name = database.name(column)
    if table.columns[column].kind == "timestamp":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%S')"
    return f"cast({name} as varchar)"


# -- writing ---------------------------------------------------------------------------------------------------------


def write(lot: Lot, folder: Path, before: Expected) -> None:
    """Write what the lot is into the folder ``expected``; what else stands there is left.

    Where only digests were kept before, only digests are again.
    """
    only_digests = bool(before.digests) and not any(before.table(name) for name in load().tables)
    target = folder / "lot"
    if target.is_dir():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    digests: dict[str, Any] = {}
    for name in lot.files:
        table = load().tables[name]
        columns = [c for c in table.columns if lot.given(name, c)]
        count = lot.con.execute(f"select count(*) from {name}").fetchall()[0][0]
        if only_digests or count > LARGEST:
            digests[name] = digest(lot, table, columns)
        elif lot.given(name):
            _write_table(lot, table, columns, target / f"{name}.csv")
    kept = {key: value for key, value in lot.raw_manifest.items() if key != manifest.IMPORT}
    (target / manifest.FILE).write_bytes(manifest.dump(kept))
    _write_json(folder / DIGESTS, digests) if digests else (folder / DIGESTS).unlink(missing_ok=True)
    imported = lot.manifest.imported
    _write_json(folder / COUNTS, {key: imported[key] for key in ("sources", "rejets_par_finess")})
    for name, header in ((REJECTS, REJECTS_HEADER), (LABELS, LABELS_HEADER)):
        _, lines = read_lines(lot.path / "rejets" / name, header)
        _write_lines(folder / name, header, sorted(lines.elements()))
    for name in load().tables:
        (folder / f"{name}.csv").unlink(missing_ok=True)


def _write_table(lot: Lot, table: Table, columns: Sequence[str], path: Path) -> None:
    cells = ", ".join(_text(table, c) for c in columns)
    found = lot.con.execute(f"select {cells} from {table.name} order by all").fetchall()
    _write_lines(path, columns, ([cell or "" for cell in row] for row in found))


def _write_lines(path: Path, header: Sequence[str], lines: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";", lineterminator="\n").writerows([header, *lines])


def _write_json(path: Path, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")

"""What an import set aside: the counts, exact by construction, and the files that explain them (contract §2)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk import database, masking
from esms_sdk.adapter.mapping import Adapter
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.adapter.staging import is_labelled
from esms_sdk.csv_file import write_csv
from esms_sdk.lot.schema import Table

if TYPE_CHECKING:
    import duckdb

HEADER = ("source", "ligne", "table", "cle", "colonne", "code", "message", "valeur_masquee")
LABELS_HEADER = ("source", "colonne", "libelle", "nombre")
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of one source; ``lues = acceptees + rejetees + ignorees``."""

    lues: int
    rejetees: int
    motifs_ignorees: Mapping[str, int]

    @property
    def ignorees(self) -> int:
        return sum(self.motifs_ignorees.values())

    @property
    def acceptees(self) -> int:
        return self.lues - self.rejetees - self.ignorees

    def as_manifest(self) -> dict[str, Any]:
        """Return the counts as the manifest has them."""
        return {
            "lues": self.lues, "acceptees": self.acceptees, "rejetees": self.rejetees, "ignorees": self.ignorees,
            "motifs_ignorees": dict(sorted(self.motifs_ignorees.items())),
        }  # fmt: skip


def gather(
    con: duckdb.DuckDBPyConnection, adapter: Adapter, tables: Sequence[Table], relations: Mapping[str, Relation]
) -> None:
    """Make the relations ``rejets`` and ``ignorees`` over all tables, and ``lues`` over all sources."""
    con.execute(
        "create table rejets (_r bigint, tableau varchar, rang integer, cle varchar, colonne varchar, code varchar, "
        "message varchar, brut varchar)"
    )
    con.execute("create table mises_de_cote (_r bigint, tableau varchar, rang integer, motif varchar, nombre bigint)")
    for rank, table in enumerate(tables):
        place = f"{database.text(table.name)}, {rank}"
        con.execute(
            f"insert into rejets select distinct on (_r) _r, {place}, {_key(table)}, colonne, code, message, "
            f"case when _faute <> 0 then _brut else {_raw_key(table)} end "
            f"from etape_{table.name} e join ecart_{table.name} using (_r, _s) where etat = 'rejetee' order by _r, _s"
        )
        con.execute(
            f"insert into mises_de_cote select _r, {place}, arg_min(code, _s), count(*) "
            f"from ecart_{table.name} where etat = 'ignoree' group by _r"
        )
    for source, relation in relations.items():
        if not any(block.source == source for blocks in adapter.tables.values() for block in blocks):
            con.execute(
                "insert into rejets select _r, '', -1, null, null, 'LIGNE_IRREGULIERE', "
                f"'le nombre de cellules n''est pas celui de l''en-tête, ou un guillemet n''est pas fermé', null "
                f"from ({relation.query}) where _irreguliere"
            )
    con.execute(f"create view ignorees as {_ignored_everywhere(adapter)}")


def _key(table: Table) -> str:
    names = table.key or tuple(table.references)[:1]
    return "concat_ws('|', " + ", ".join(f"cast(e.{c} as varchar)" for c in names) + ")"


def _raw_key(table: Table) -> str:
    whens = " ".join(f"when {database.text(c)} then cast(e.{c} as varchar)" for c in table.columns)
    return f"case colonne {whens} end"


def _ignored_everywhere(adapter: Adapter) -> str:
    """Return the query of the source rows that every table they feed sets aside, with their first reason."""
    staged = " union all ".join(
        f"select _r, count(*) as nombre from etape_{name} where _r in (select _r from mises_de_cote) group by _r"
        for name in adapter.tables
    )
    return (
        f"select _r, motif from (select _r, arg_min(motif, rang) as motif, sum(nombre) as nombre from mises_de_cote group by _r) "
        f"join (select _r, sum(nombre) as nombre from ({staged}) group by _r) using (_r, nombre) "
        "where _r not in (select _r from rejets)"
    )


def counts(
    con: duckdb.DuckDBPyConnection, relations: Mapping[str, Relation], files: Mapping[int, SourceFile]
) -> dict[str, Counts]:
    """Return what became of the rows of each file, by its name."""
    by_file = f"_r >> {LINE_BITS}"
    read: dict[int, int] = dict.fromkeys(files, 0)
    for relation in relations.values():
        read |= dict(con.execute(f"select {by_file}, count(*) from ({relation.query}) group by all").fetchall())
    rejected = dict(con.execute(f"select {by_file}, count(distinct _r) from rejets group by all").fetchall())
    ignored: dict[int, dict[str, int]] = {}
    for number, reason, count in con.execute(
        f"select {by_file}, motif, count(*) from ignorees group by all"
    ).fetchall():
        ignored.setdefault(number, {})[reason] = count
    return {
        file.name: Counts(read[number], rejected.get(number, 0), ignored.get(number, {}))
        for number, file in sorted(files.items(), key=lambda item: item[1].name)
    }


def by_finess(con: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> dict[str, dict[str, int]]:
    """Return the rejected rows of each table by FINESS, ``?`` where it is not that of a known establishment."""
    found: dict[str, dict[str, int]] = {}
    staged = {table.name for table in tables}
    known = "select finess_et as f from etape_etablissement" if "etablissement" in staged else "select null as f"
    for table in tables:
        finess, joins = _finess(table, staged)
        rows = con.execute(
            f"select coalesce(k.f, '{UNKNOWN}') as f, count(*) from etape_{table.name} e "
            f"semi join (select * from ecart_{table.name} where etat = 'rejetee') using (_r, _s) {joins} "
            f"left join (select distinct f from ({known})) k on k.f = {finess} group by all order by all"
        ).fetchall()
        if rows:
            found[table.name] = dict(rows)
    return found


def _finess(table: Table, staged: set[str]) -> tuple[str, str]:
    """Return the SQL of a row's FINESS: its own, else that of its dossier, at first or second hand."""
    if "finess_et" in table.columns:
        return "e.finess_et", ""
    if "dossier" not in staged:
        return "null", ""
    dossiers = "(select dossier_id, any_value(finess_et) as finess_et from etape_dossier group by all)"
    if "dossier_id" in table.columns:
        return "d.finess_et", f"left join {dossiers} d on d.dossier_id = e.dossier_id"
    if "projet_id" in table.columns and "projet_personnalise" in staged:
        projets = "(select projet_id, any_value(dossier_id) as dossier_id from etape_projet_personnalise group by all)"
        return (
            "d.finess_et",
            f"left join {projets} p on p.projet_id = e.projet_id left join {dossiers} d on d.dossier_id = p.dossier_id",
        )
    return "null", ""


def unknown_labels(
    con: duckdb.DuckDBPyConnection, adapter: Adapter, files: Mapping[int, SourceFile]
) -> list[tuple[str, str, str, int]]:
    """Return the labels that the mapping does not know: source, source column, label, number of rows."""
    found: list[tuple[str, str, str, int]] = []
    for name, blocks in adapter.tables.items():
        labelled = {c: rule for block in blocks for c, rule in block.columns.items() if is_labelled(rule)}
        for column, rule in labelled.items():
            label = database.name(f"#{column}")
            rows = con.execute(
                f"select _r >> {LINE_BITS}, {label}, count(*) from etape_{name} "
                f"where {label} is not null and _motif is null group by all"
            ).fetchall()
            found += [
                (files[number].name, rule.colonne or column, masking.label(text), count) for number, text, count in rows
            ]
    return sorted(found)


def write(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    labels: Sequence[tuple[str, str, str, int]],
    relations: Mapping[str, Relation],
    files: Mapping[int, SourceFile],
    *,
    rows: bool,
) -> None:
    """Write ``rejets.csv``, ``libelles_inconnus.csv``, ``sejours.csv`` and, with ``rows``, the rejected rows as they were."""
    folder.mkdir(exist_ok=True)
    listed = con.execute(
        f"select _r >> {LINE_BITS}, _r & {(1 << LINE_BITS) - 1}, tableau, cle, colonne, code, message, brut from rejets order by _r, rang"
    )
    write_csv(
        folder / "rejets.csv", HEADER,
        (
            (files[number].name, line if files[number].lines else None, table, masking.key(key), column, code, message, masking.shape(text))
            for batch in iter(lambda: listed.fetchmany(10_000), [])
            for number, line, table, key, column, code, message, text in batch
        ),
    )  # fmt: skip
    write_csv(folder / "libelles_inconnus.csv", LABELS_HEADER, labels)
    _write_sejours(con, folder / "sejours.csv")
    if rows:
        _write_rows(con, folder / "lignes", relations, files)


def _write_sejours(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    has_table = con.execute("select count(*) from duckdb_tables() where table_name = 'etape_sejour'").fetchall() == [
        (1,)
    ]
    rows: list[Any] = []
    if has_table:
        rows = con.execute(
            "select k.finess_et, e.date_entree, e.date_sortie from etape_sejour e "
            "semi join (select * from ecart_sejour where etat = 'rejetee') using (_r, _s) "
            "left join (select distinct finess_et from etape_etablissement) k using (finess_et) order by all"
        ).fetchall()
    write_csv(path, ("finess_et", "date_entree", "date_sortie"), rows)


def _write_rows(
    con: duckdb.DuckDBPyConnection, folder: Path, relations: Mapping[str, Relation], files: Mapping[int, SourceFile]
) -> None:
    """Write the rejected source rows as they were, for their owner alone."""
    for relation in relations.values():
        con.execute(
            f"create or replace temp table _rejetees as select * from ({relation.query}) where _r in (select _r from rejets)"
        )
        for (number,) in con.execute(f"select distinct _r >> {LINE_BITS} as n from _rejetees order by n").fetchall():
            own = files[number].name
            path = folder / (own if own.lower().endswith(".csv") else f"{own}.csv")
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.close(handle)
            cells = [
                "_ligne as ligne",
                *(f"replace({c}, chr(1), '') as {c}" for c in map(database.name, relation.columns)),
            ]
            if con.execute(
                f"select count(*) from _rejetees where _r >> {LINE_BITS} = {number} and _surplus <> ''"
            ).fetchall() != [(0,)]:
                cells.append("_surplus as cellules_en_trop")
            con.execute(
                f"copy (select {', '.join(cells)} from _rejetees where _r >> {LINE_BITS} = {number} order by _r) "
                f"to {database.text(str(path))} (format csv, header, delimiter ';')"
            )

"""What an import set aside, and its counts: exact by construction (contract §2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from esms_sdk import database, masking
from esms_sdk.adapter import remarks
from esms_sdk.adapter.mapping import Adapter
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.adapter.staging import BLOCK, IRREGULAR, RAGGED, label
from esms_sdk.lot.schema import IDENTITY_COLUMNS, Table

if TYPE_CHECKING:
    import duckdb

UNKNOWN = "?"
_FILE = f"_r >> {LINE_BITS}"


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
    """Make ``rejets`` (a row a source row and table) and ``ignorees`` (the rows that every table sets aside)."""
    con.execute(
        "create table rejets (_r bigint, tableau varchar, rang integer, cle varchar, colonne varchar, code varchar, "
        "message varchar, brut varchar, confiance boolean)"
    )
    con.execute("create table ignorees (_r bigint, motif varchar)")
    con.execute("create table mises_de_cote (_r bigint, rang integer, motif varchar, nombre bigint)")
    for rank, table in enumerate(tables):
        if con.execute(f"select count(*) from ecart_{table.name}").fetchall() == [(0,)]:
            continue
        con.execute(
            f"insert into rejets select distinct on (_r) _r, {database.text(table.name)}, {rank}, {_key(table)}, "
            f"colonne, code, message, case when _faute <> 0 then _brut else {_raw_key(table)} end, "
            f"_faute & {IRREGULAR} = 0 and not (code = 'REFERENCE_INCONNUE' and colonne in ({_key_names(table)})) "
            f"from etape_{table.name} e join ecart_{table.name} using (_r, _s) where etat = 'rejetee' order by _r, _s"
        )
        con.execute(
            f"insert into mises_de_cote select _r, {rank}, arg_min(code, _s), count(*) "
            f"from ecart_{table.name} where etat = 'ignoree' group by _r"
        )
        _trust_keys(con, table)
    con.execute(f"insert into ignorees {_ignored_everywhere(tables)}")
    remarks.gather(con, relations)
    fed = {block.source for blocks in adapter.tables.values() for block in blocks}
    for source in relations.keys() - fed:
        _gather_looked_up(con, f"source.{database.name(source)}")
    for source, relation in relations.items():
        if relation.irregular:
            con.execute(
                f"update rejets set message = {database.text(relation.irregular)} "
                f"where code = {database.text(RAGGED.code)} and _r in (select _r from source.{database.name(source)} "
                f"where _irreguliere)"
            )


def _gather_looked_up(con: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Note what is set aside of a source that feeds no table."""
    con.execute(f"insert into ignorees select _r, _ecarte from {rows} where _ecarte is not null")
    con.execute(
        f"insert into rejets select _r, '', -1, null, '', {database.text(RAGGED.code)}, "
        f"{database.text(RAGGED.message)}, null, false from {rows} where _irreguliere and _ecarte is null"
    )


def _trust_keys(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Say which doubtful keys may be shown: those that are written like the keys of the rows accepted so far.

    The cell of an irregular row may be another's, and a reference to nothing may be no reference: a name stands where
    the key should be.
    """
    suspect = f"tableau = {database.text(table.name)} and not confiance"
    if con.execute(f"select count(*) from rejets where {suspect}").fetchall() == [(0,)]:
        return

    def shape(key: str) -> str:
        return f"regexp_replace(regexp_replace({key}, '[0-9]', '9', 'g'), '\\pL', 'X', 'g')"

    accepted = f"(select * from etape_{table.name} anti join ecart_{table.name} using (_r, _s)) e"
    known = f"select {shape(_key(table))} from {accepted}"
    con.execute(
        f"update rejets set confiance = contains({shape('cle')}, '9') and {shape('cle')} in ({known}) where {suspect}"
    )


def _told(table: Table) -> tuple[str, ...]:
    """Return the columns that name a row in the reports: its key, else what it refers to."""
    return table.key or tuple(table.references)[:1]


def _key_names(table: Table) -> str:
    return ", ".join(map(database.text, _told(table)))


def _key(table: Table) -> str:
    names = _told(table)
    return "concat_ws('|', " + ", ".join(f"cast(e.{c} as varchar)" for c in names) + ")"


def _raw_key(table: Table) -> str:
    whens = " ".join(f"when {database.text(c)} then cast(e.{c} as varchar)" for c in table.columns)
    return f"case colonne {whens} end"


def _ignored_everywhere(tables: Sequence[Table]) -> str:
    """Return the query of the source rows that every table they feed sets aside, with their first reason."""
    staged = " union all ".join(
        f"select _r, count(*) as nombre from etape_{table.name} where _r in (select _r from mises_de_cote) group by _r"
        for table in tables
    )
    aside = "select _r, arg_min(motif, rang) as motif, sum(nombre) as nombre from mises_de_cote group by _r"
    return (
        f"select _r, motif from ({aside}) join (select _r, sum(nombre) as nombre from ({staged}) group by _r) "
        "using (_r, nombre) where _r not in (select _r from rejets)"
    )


def counts(
    con: duckdb.DuckDBPyConnection, relations: Mapping[str, Relation], files: Mapping[int, SourceFile]
) -> dict[str, Counts]:
    """Return what became of the rows of each file, by its name."""
    read: dict[int, int] = dict.fromkeys(files, 0)
    for relation in relations.values():
        read |= dict(con.execute(f"select {_FILE}, count(*) from ({remarks.rows(relation)}) group by all").fetchall())
    rejected = dict(con.execute(f"select {_FILE}, count(distinct _r) from rejets group by all").fetchall())
    ignored: dict[int, dict[str, int]] = {}
    for number, reason, count in con.execute(f"select {_FILE}, motif, count(*) from ignorees group by all").fetchall():
        ignored.setdefault(number, {})[reason] = count
    return {
        file.name: Counts(read[number], rejected.get(number, 0), ignored.get(number, {}))
        for number, file in sorted(files.items(), key=lambda item: item[1].name)
    }


def by_finess(con: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> dict[str, dict[str, int]]:
    """Return the rejected rows of each table by FINESS, ``?`` where no establishment of the source bears it."""
    found: dict[str, dict[str, int]] = {}
    staged = {table.name for table in tables}
    rejecting = {row[0] for row in con.execute("select distinct tableau from rejets").fetchall()}
    for table in (one for one in tables if one.name in rejecting):
        finess, joins = _finess(table, staged)
        rows = con.execute(
            f"select coalesce(k.f, '{UNKNOWN}') as f, count(*) from etape_{table.name} e "
            f"semi join (select * from ecart_{table.name} where etat = 'rejetee') using (_r, _s) {joins} "
            f"left join (select distinct f from ({known_finess(staged)})) k on k.f = {finess} group by all order by all"
        ).fetchall()
        if rows:
            found[table.name] = dict(rows)
    return found


def known_finess(staged: Collection[str]) -> str:
    """Return the query (``f``) of the FINESS that the source has an establishment for, rejected or not."""
    if "etablissement" not in staged:
        return "select null::varchar as f where false"
    return "select finess_et as f from etape_etablissement where finess_et is not null"


def _finess(table: Table, staged: Collection[str]) -> tuple[str, str]:
    """Return the SQL of a row's FINESS: its own, else that of its dossier, at first or second hand."""
    if "finess_et" in table.columns:
        return "e.finess_et", ""
    if "dossier" not in staged:
        return "null", ""
    dossiers = "(select dossier_id, min(finess_et) as finess_et from etape_dossier group by all)"
    if "dossier_id" in table.columns:
        return "d.finess_et", f"left join {dossiers} d on d.dossier_id = e.dossier_id"
    if "projet_id" in table.columns and "projet_personnalise" in staged:
        projets = "(select projet_id, min(dossier_id) as dossier_id from etape_projet_personnalise group by all)"
        through = f"left join {projets} p on p.projet_id = e.projet_id"
        return "d.finess_et", f"{through} left join {dossiers} d on d.dossier_id = p.dossier_id"
    return "null", ""


def unknown_labels(
    con: duckdb.DuckDBPyConnection, adapter: Adapter, files: Mapping[int, SourceFile], *, without_identity: bool
) -> list[tuple[str, str, str, int]]:
    """Return the labels that the mapping does not know: source, source column, label, number of its rows.

    Rows that are ignored do not count, nor irregular ones: whatever their cells hold would stand here.
    """
    queries = []
    for table, blocks in adapter.tables.items():
        for number, block in enumerate(blocks):
            for name, rule in block.columns.items():
                hidden = without_identity and table == "usager" and name in IDENTITY_COLUMNS
                if rule.listed and not hidden:
                    queries.append(
                        f"select _r, {database.text(rule.colonne or name)} as colonne, {label(name)} as libelle "
                        f"from etape_{table} e where {label(name)} is not null and _s // {BLOCK} = {number} "
                        f"and not exists (select 1 from ecart_{table} x where x._r = e._r and x._s = e._s "
                        "and x.etat = 'ignoree')"
                    )
    if not queries:
        return []
    found: dict[tuple[str, str, str], int] = {}
    for number, column, text, count in con.execute(
        f"select {_FILE}, colonne, libelle, count(distinct _r) from ({' union all '.join(queries)}) group by all"
    ).fetchall():
        key = (files[number].name, column, masking.label(text))
        found[key] = found.get(key, 0) + count
    return sorted((*key, count) for key, count in found.items())

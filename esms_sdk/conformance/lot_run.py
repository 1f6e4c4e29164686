"""One lot: every check over it, its findings written to a file, its verdicts per FINESS."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from esms_sdk import database, masking
from esms_sdk.checks.registry import Check, Examined, Indetermine
from esms_sdk.conformance.catalogue import Requirement
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.result import Finding
from esms_sdk.conformance.verdict import Verdict
from esms_sdk.lot.fusion import ROOTS

if TYPE_CHECKING:
    from esms_sdk.lot import Lot

PLACES = "_lieu_usager"
_PERSONAL = database.text(r"\d(?:[\s./_-]*[0-9ABab]){11,}")


@dataclass(slots=True)
class Judged:
    """What one lot says of one requirement: the things judged, by FINESS, and the verdict where none could be."""

    verdict: Verdict | None = None
    motif: str = ""
    par_finess: dict[str, int] = field(default_factory=dict)
    sans_finess: int = 0
    perimetre: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        """The things judged; a person of two FINESS is one in each."""
        return sum(self.par_finess.values()) + self.sans_finess


def prepare(lot: Lot) -> None:
    """Make ``racine`` and the places of each person on the connection of a lot."""
    lot.con.execute(
        "create or replace temp table racine as select usager_id, coalesce(r.racine, usager_id) as racine"
        f" from usager left join ({ROOTS.format(rows='usager')}) r using (usager_id)"
    )
    lot.con.execute(
        f"create or replace temp table {PLACES} as with lieu as (select racine, finess_et from sejour"
        " join racine using (usager_id) union select racine, finess_et from dossier join racine using (usager_id))"
        " select usager_id, finess_et from racine join lieu using (racine)"
    )
    perimetre = ", ".join(f"({database.text(f)})" for f in lot.manifest.perimetre) or "(null)"
    lot.con.execute(f"create or replace temp table _perimetre as select * from (values {perimetre}) t(finess_et)")
    lot.con.execute(
        f"create or replace temp table hors_perimetre as select usager_id from {PLACES} except"
        f" select usager_id from {PLACES} semi join _perimetre using (finess_et)"
    )


def judge(
    requirements: Iterable[Requirement], checks: Mapping[str, Check], examined: Examined, findings: Findings
) -> dict[str, Judged]:
    """Run the checks of the requirements over one lot; a check that fails itself never stops the others."""
    prepare(examined.lot)
    return {one.id: judge_one(one, checks[one.id], examined, findings) for one in requirements}


def judge_one(one: Requirement, check: Check, examined: Examined, findings: Findings) -> Judged:
    """Run one check over a lot that is prepared."""
    judged = _judge(one, check, examined, findings)
    judged.perimetre = examined.lot.manifest.perimetre
    return judged


def _judge(one: Requirement, check: Check, examined: Examined, findings: Findings) -> Judged:
    if missing := not_given(examined.lot, one):
        return Judged(Verdict(one.si_absent), f"non fourni par la source : {', '.join(missing)}")
    try:
        judged = _counted(one, check(examined), examined.lot)
        if not judged.total:
            return _nothing(one, examined.lot)
        if judged.codes:
            _kept(one, examined.lot, findings)
    except Indetermine as reason:
        return Judged(Verdict.INDETERMINE, str(reason))
    except Exception as error:
        return Judged(Verdict.INDETERMINE, f"erreur interne du SDK dans ce contrôle ({type(error).__name__})")
    return judged


def not_given(lot: Lot, one: Requirement) -> list[str]:
    """Return the tables and columns that the requirement reads and the lot does not give."""
    missing = []
    for table, columns in one.lit.items():
        if not lot.given(table):
            missing.append(table)
        else:
            missing += [f"{table}.{column}" for column in columns if not lot.given(table, column)]
    return missing


def _counted(one: Requirement, query: str, lot: Lot) -> Judged:
    """Run a query, keep its rows with their place as ``_juge``, and count the things judged."""
    con = lot.con
    con.execute("drop view if exists _juge")
    con.execute(f"create or replace temp table _brut as {query}")
    columns = {row[0] for row in con.execute("describe _brut").fetchall()}
    con.execute(f"create temp view _juge as {_placed(one, columns)}")
    judged, codes = Judged(), set()
    # A thing without fault has one row; only those at fault, which are few, may have several.
    counts = "count(*) filter (code is null) + count(distinct cle) filter (code is not null)"
    for finess, count, found in con.execute(
        f"select finess_et, {counts}, list(distinct code) filter (code is not null) from _juge group by finess_et"
    ).fetchall():
        codes |= set(found or ())
        if finess is None:
            judged.sans_finess = count
        else:
            judged.par_finess[finess] = count
    if unknown := codes - set(one.constats):
        raise ValueError(f"{one.id}: codes without a message: {', '.join(sorted(unknown))}")
    judged.codes = frozenset(codes)
    return judged


def _placed(one: Requirement, columns: Collection[str]) -> str:
    """Return the query of what was judged (``_brut``) with the FINESS of each thing; a person may have several."""
    optional = {"precision": "varchar", "fichier": "varchar", "ligne": "bigint"}
    extra = [f"cast({name if name in columns else 'null'} as {kind}) as {name}" for name, kind in optional.items()]
    shown = ", ".join(["cast(cle as varchar) as cle", "cast(code as varchar) as code", *extra])
    if "finess_et" not in columns:
        # A person of other FINESS only is not ours to judge; one of no FINESS at all is.
        return (
            f"select {shown}, p.finess_et from _brut left join {PLACES} l using (usager_id)"
            " left join _perimetre p on p.finess_et = l.finess_et where p.finess_et is not null or l.usager_id is null"
        )
    if "usager_id" in columns:
        raise ValueError(f"{one.id}: finess_et or usager_id, not both")
    inside = "finess_et is null or finess_et in (select finess_et from _perimetre)"
    return f"select {shown}, finess_et from _brut where {inside}"


def _nothing(one: Requirement, lot: Lot) -> Judged:
    if one.objet != "lot":
        return Judged(Verdict.NON_APPLICABLE, "rien à juger : aucune valeur n'est concernée")
    row = lot.con.execute(f"select count(*) from (select 1 from {one.juge} limit 1)").fetchone()
    if not (row and row[0]):
        return Judged(Verdict.INDETERMINE, f"rien à juger : la table «{one.juge}» est vide")
    return Judged(Verdict.NON_APPLICABLE, f"rien à juger : aucune ligne de «{one.juge}» n'est concernée")


def _kept(one: Requirement, lot: Lot, findings: Findings) -> None:
    """Hand the findings over to the run, keys that look like a person's number masked."""
    con = lot.con
    doubtful = con.execute(
        f"select distinct cle from _juge where code is not null and regexp_matches(cle, {_PERSONAL})"
    ).fetchall()
    cle = "cle"
    if doubtful:
        con.execute("create or replace temp table _masque (cle varchar, montre varchar)")
        keys = [key for (key,) in doubtful]
        con.execute("insert into _masque select unnest(?), unnest(?)", [keys, [masking.key(key) for key in keys]])
        cle = "coalesce((select montre from _masque m where m.cle = _juge.cle), cle)"
    path = findings.folder / f"{one.id}.parquet"
    values = dict.fromkeys(Finding._fields, "cast(null as varchar)") | {"ligne": "cast(null as bigint)"}
    values |= {"exigence": database.text(one.id), "code": "code", "cle": cle}
    values |= {name: name for name in ("finess_et", "precision", "fichier", "ligne")}
    listed = ", ".join(f"{value} as {name}" for name, value in values.items())
    con.execute(f"copy (select {listed} from _juge where code is not null) to {database.file(path)} (format parquet)")
    findings.add_file(path)
    path.unlink()

"""From the staged tables of TDDUI to one relation: references followed, keys made opaque, dossiers and ESSMS derived.

One row an entry.  A dossier, an ESSMS or a body that has no entry of its own stands on the first entry that names it
(``dossier_nouveau``, ``essms_nouveau``, ``og_nouveau``), so that the count of entries stays exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esms_sdk import database
from esms_sdk.adapter.sources import tddui_observations
from esms_sdk.adapter.sources.relation import LINE_BITS
from esms_sdk.adapter.sources.tddui_staging import TRAITS

if TYPE_CHECKING:
    import duckdb

COLUMNS = (
    "genre", "ressource", "logique", "maj", "identifiant", "usager", "participants", "collectif", "finess", "fuseau",
    "dossier", "statut", "debut", "fin", "admission", "cree_le", "type_systeme", "type_code", "dossier_nouveau",
    "dossier_creation", "essms_nouveau", "essms_nom", "essms_ej", "og_nouveau", "og_nom", "export_le", *TRAITS,
)  # fmt: skip
SEPARATOR = "\x1f"
"""Between the persons of one collective event, in ``participants``."""

FILE = f"_r >> {LINE_BITS}"
_OWNED = database.text("^[0-9]?([0-9][0-9AB][0-9]{7})/(.*)$")
# A NIR inside a local number: thirteen or fifteen characters that no other letter or digit goes on.
_NIR = database.text(
    "(?:^|[^0-9A-Za-z])"
    "([1-478][0-9]{2}(?:0[1-9]|1[0-2]|[2-9][0-9])(?:[0-9]{2}|2[AB])[0-9]{6}(?:[0-9]{2})?)"
    "(?:$|[^0-9A-Za-z])"
)
_ZONES = {
    "9701": "America/Guadeloupe", "9702": "America/Martinique", "9703": "America/Cayenne", "9704": "Indian/Reunion",
    "98": "Indian/Mayotte",
}  # fmt: skip


class Runner:
    """Runs SQL in which ``@name`` is a table of the source."""

    def __init__(self, con: duckdb.DuckDBPyConnection, prefix: str) -> None:
        self.con, self.prefix = con, prefix

    def make(self, table: str, query: str) -> None:
        self(f"create table @{table} as {query}")

    def drop(self, *tables: str) -> None:
        for table in tables:
            self(f"drop table @{table}")

    def __call__(self, statement: str) -> None:
        self.con.execute(statement.replace("@", f"{self.prefix}_"))


def linked(con: duckdb.DuckDBPyConnection, prefix: str, salt: str, *, stamped: bool) -> None:
    """Make the table ``<prefix>_final`` of ``_r`` and ``COLUMNS``, and complete ``<prefix>_remarque``.

    ``salt`` goes before what is hashed; ``stamped`` says that dates of update may be those of the export.
    """
    run = Runner(con, prefix)
    _digest(run, salt)
    _persons(run)
    _structures(run)
    _subjects(run)
    _dates(run, stamped=stamped)
    _numbers(run)
    run.drop("entree", "suivi")
    _dossiers(run)
    _essms(run)
    _set_aside(run)
    for query in tddui_observations.queries(FILE):
        run(f"insert into @remarque (_r, nature, code, message) select _r, 'observation', code, message from ({query})")
    _final(run)
    run.drop("ligne", "identite", "personne", "cle", "lien")


# -- keys --------------------------------------------------------------------------------------------------------


def _digest(run: Runner, salt: str) -> None:
    """Make the macro that stands for a NIR: sixteen letters, that no mask takes for the digits of a number."""
    hashed = f"sha256({database.text(salt)} || x)[:16]"
    run.con.execute(
        f"create macro {run.prefix}_empreinte(x) as '~' || translate({hashed}, '0123456789abcdef', 'ghjkmnpqrstvwxyz')"
    )


def _opaque(local: str, nir: str, instead: str) -> str:
    """Return the SQL of a local number without the NIR ``nir`` (or null), nor what has the form of another."""
    held = f"nullif(regexp_extract({local}, {nir} || '([0-9]{{2}})?'), '')"
    known = f"coalesce(replace({local}, {held}, {instead}), {local})"
    other = f"nullif(regexp_extract({known}, {_NIR}, 1), '')"
    return f"coalesce(replace({known}, {other}, @empreinte({other}[:13])), {known})"


def _local(value: str) -> str:
    """Return the SQL of what follows the FINESS in a number, the whole number where it begins with none."""
    return f"case when regexp_matches({value}, {_OWNED}) then regexp_extract({value}, {_OWNED}, 2) else {value} end"


def _owner(value: str) -> str:
    return f"nullif(regexp_extract({value}, {_OWNED}, 1), '')"


def _persons(run: Runner) -> None:
    """Make ``personne``, the opaque key and the ESSMS of each Patient, and ``personne_unique``, one row a key."""
    run.make("personne", f"""
        select *, coalesce(finess || ':', '') || local as usager from (
            select _r, nir, brut, finess, {_opaque("brut", "nir", "@empreinte(nir)")} as local from (
                select _r, nir, {_local("valeur")} as brut, {_owner("valeur")} as finess
                from @entree join @identite using (_r)))
    """)  # fmt: skip
    run.make("personne_unique", """
        select usager, min(finess) as finess_usager, min(local) as local_usager, min(nir) as nir
        from @personne where usager is not null group by usager
    """)  # fmt: skip


# -- references --------------------------------------------------------------------------------------------------


def _named(run: Runner, table: str, targets: str) -> None:
    """Make the look-ups of references: ``<table>_ici`` in the same file, ``<table>_partout`` in all.

    ``targets`` gives ``f`` (file), ``cle`` and ``v``; a name that designates two different things designates none.
    """
    once = "having count(distinct v) = 1"
    run.make(f"{table}_ici", f"select f, cle, min(v) as v from ({targets}) group by f, cle {once}")
    run.make(f"{table}_partout", f"select cle, min(v) as v from ({targets}) group by cle {once}")


def _followed(rows: str, column: str, table: str, result: str) -> str:
    """Return ``rows`` with ``result``: what the reference in ``column`` designates, null where it is nothing known."""
    return f"""
        select r.*, coalesce(i.v, p.v) as {result} from ({rows}) r
        left join @{table}_ici i on i.f = r.{FILE} and i.cle = r.{column}
        left join @{table}_partout p on p.cle = r.{column}
    """


def _structures(run: Runner) -> None:
    """Make ``organisation``: each Organization with its FINESS and that of the body that runs it."""
    targets = f"select {FILE} as f, cle, finess as v from @cle join @structure using (_r) where finess is not null"
    _named(run, "structure_nommee", targets)
    parents = _followed("select * from @structure", "partie_de", "structure_nommee", "parent")
    run.make("organisation", f"select _r, finess, nom, coalesce(ej, parent) as ej from ({parents})")


def _subjects(run: Runner) -> None:
    """Make ``suivi``: each entry with its person or persons, its ESSMS by reference and by its own number."""
    _named(
        run,
        "usager_nomme",
        f"select {FILE} as f, cle, usager as v from @cle join @personne using (_r) where usager is not null",
    )
    members = _followed("select * from @lien where role = 'membre'", "cle", "usager_nomme", "usager")
    listed = f"string_agg(distinct usager, {database.text(SEPARATOR)} order by usager)"
    groups = f"select _r, {listed} as v from ({members}) group by _r"
    _named(run, "groupe_nomme", f"select {FILE} as f, cle, v from @cle join ({groups}) using (_r)")
    rows = _followed("select * from @entree", "sujet", "usager_nomme", "personne")
    rows = _followed(rows, "sujet", "groupe_nomme", "groupe")
    rows = _followed(rows, "essms", "structure_nommee", "finess_essms")
    run.make("suivi", f"""
        select s.*, u.finess_usager, u.local_usager, u.nir, {_owner("s.valeur")} as finess_numero,
            {_local("s.valeur")} as brut
        from (select r.*, case when genre = 'usager' then p.usager else coalesce(personne, groupe, sujet) end as usager
              from ({rows}) r left join @personne p using (_r)) s
        left join @personne_unique u on u.usager = s.usager
    """)  # fmt: skip


def _dates(run: Runner, *, stamped: bool) -> None:
    """Make ``export``, the instant that each file gives for itself, and ``horodatage``, updates that are only that.

    Where a server stamps what it is given (``stamped``), the instant of the export, or one instant for several
    persons, is no update of theirs.
    """
    own = f"select {FILE} as f, try_cast(instant as timestamptz) as t, instant from @document"
    run.make("export", f"select f, arg_max(instant, t) as export_le, max(t) as t from ({own}) group by f")
    stamps = f"""
        select {FILE} as f, try_cast(maj as timestamptz) as t, usager from @suivi
        where maj is not null and {str(stamped).lower()}
    """
    run.make("horodatage", f"""
        select f, t from ({stamps}) semi join ({own}) using (f, t) union
        select f, min(t) from ({stamps}) where t is not null group by f
        having count(distinct t) = 1 and count(distinct usager) > 1
    """)  # fmt: skip


def _numbers(run: Runner) -> None:
    """Make ``ligne``: each entry with its opaque number, its ESSMS and its dossier.

    The ESSMS of a séjour is the one that it names; that of an event or a projet the one that numbered it, since the
    structure that an event names may be a partner.
    """
    number = _opaque("brut", "case when genre <> 'usager' then nir end", "local_usager")
    run.make("ligne", f"""
        select *, usager || chr(64) || finess as dossier, case when genre = 'usager' then usager
            else coalesce(coalesce(finess_numero, finess) || ':', '') || numero end as identifiant
        from (
            select s.*, {number} as numero, case when genre = 'sejour'
                then coalesce(finess_essms, finess_numero, finess_usager)
                else coalesce(finess_numero, finess_essms, finess_usager) end as finess,
                h.t is null and (local_usager is not null or groupe is not null) as maj_retenue
            from @suivi s left join @horodatage h on h.f = s.{FILE} and h.t = try_cast(s.maj as timestamptz))
    """)  # fmt: skip


# -- what is derived ---------------------------------------------------------------------------------------------


def _dossiers(run: Runner) -> None:
    """Make ``dossier``: one row a person and ESSMS, on its first séjour if there is one, with its oldest date.

    The dates of its séjours (admission, entry) go before those of its events, projets and updates.
    """
    update = "case when maj_retenue then maj end"
    dated = f"""
        select _r, dossier, genre = 'sejour' as sejour,
            unnest(case genre when 'sejour' then [admission, debut, {update}] when 'evenement' then [debut, {update}]
                   when 'projet' then [debut, cree_le, {update}] else [{update}] end) as jour
        from @ligne where dossier is not null and local_usager is not null
            and (genre in ('sejour', 'evenement', 'projet') or (maj is not null and maj_retenue))
    """
    moment = "coalesce(try_cast(jour as timestamptz), 'infinity')"
    run.make("dossier", f"""
        select dossier, arg_min(_r, (not sejour, _r)) as _r,
            arg_min(jour, (not (sejour and jour is not null), {moment})) as creation
        from ({dated}) group by dossier
    """)  # fmt: skip


def _essms(run: Runner) -> None:
    """Make ``essms`` and ``og``: one row a FINESS that persons, séjours, events or projets name, and a body."""
    own = """
        select finess, arg_min(nom, abs(_r)) filter (nom is not null) as nom,
            arg_min(ej, abs(_r)) filter (ej is not null) as ej, min(_r) filter (_r >= 0) as _r
        from @organisation group by finess
    """
    run.make("essms", f"""
        select finess, coalesce(o._r, n.premier) as _r, coalesce(o.nom, 'FINESS ' || finess) as nom, o.ej
        from (select finess, min(_r) as premier from @ligne
              where genre not in ('organisation', 'autre') and finess is not null group by finess) n
        left join ({own}) o using (finess)
    """)  # fmt: skip
    run.make("og", f"""
        select e.ej, coalesce(any_value(o._r), min(e._r)) as _r, coalesce(any_value(o.nom), 'FINESS ' || e.ej) as nom
        from @essms e left join ({own}) o on o.finess = e.ej where e.ej is not null group by e.ej
    """)  # fmt: skip


def _set_aside(run: Runner) -> None:
    """Say which entries feed nothing: organisations that nobody names, resources that the indicators do not read."""
    run("""
        insert into @remarque select _r, 'ignoree', null,
            case when genre = 'autre' then ressource else 'organisation_non_citee' end, null
        from @ligne where (genre = 'organisation' and _r not in (select _r from @essms union all select _r from @og))
            or (genre = 'autre' and (maj is null or not maj_retenue))
    """)  # fmt: skip


def _final(run: Runner) -> None:
    zones = " ".join(f"when starts_with(l.finess, '{begin}') then '{zone}'" for begin, zone in _ZONES.items())
    made = {
        "maj": "case when maj_retenue then maj end",
        "participants": "coalesce(l.groupe, l.usager)",
        "collectif": "case when contains(l.groupe, chr(31)) then 'true' end",
        "fuseau": f"case {zones} else 'Europe/Paris' end",
        "dossier_nouveau": "d.dossier", "dossier_creation": "d.creation", "essms_nouveau": "e.finess",
        "essms_nom": "e.nom", "essms_ej": "e.ej", "og_nouveau": "o.ej", "og_nom": "o.nom", "export_le": "x.export_le",
    } | {trait: f"i.{trait}" for trait in TRAITS}  # fmt: skip
    cells = ", ".join(f"{made.get(column, f'l.{column}')} as {column}" for column in COLUMNS)
    run.make("final", f"""
        select l._r, {cells} from @ligne l left join @identite i on i._r = l._r
        left join @dossier d on d._r = l._r left join @essms e on e._r = l._r left join @og o on o._r = l._r
        left join @export x on x.f = l.{FILE}
        where l._r not in (select _r from @remarque where nature <> 'observation')
    """)  # fmt: skip

"""The dashboard of a lot, recomputed: its counts by name, who uses each service, and what explains a difference."""

from __future__ import annotations

from datetime import date

from esms_sdk import masking
from esms_sdk.checks.recalcul import EXPLAINED, day_of
from esms_sdk.checks.registry import Examined
from esms_sdk.dashboard import compute_dashboard
from esms_sdk.dashboard.periods import periods
from esms_sdk.dashboard.result import Mesure, TableauDeBord
from esms_sdk.decision import tbb
from esms_sdk.publication.model import CANAUX, ETATS_INS

Key = tuple[str, str, str]
_KEYS = 5


def dashboard(examined: Examined, as_of: date) -> TableauDeBord:
    """Return the dashboard of the lot as of a day, computed once."""
    if examined.faits and examined.faits.mesure_le == as_of:
        return examined.faits.tableau
    held: dict[date, TableauDeBord] = examined.partage.setdefault("tableaux", {})
    if as_of not in held:
        held[as_of] = compute_dashboard(examined.lot, as_of)
    return held[as_of]


def counts(examined: Examined, as_of: date) -> tuple[dict[Key, int | None], dict[tuple[str, str], bool]]:
    """Return every count by FINESS, period and name, and whether the period is covered there."""
    values: dict[Key, int | None] = {}
    covered = {}
    for place in dashboard(examined, as_of):
        for name, one in place.periodes.items():
            covered[place.finess_et, name] = one.couverte
            values |= {(place.finess_et, name, mesure): value for mesure, value in _named(one).items()}
    return values, covered


def _named(one: Mesure) -> dict[str, int | None]:
    named = {f"{canal}.{etat}": getattr(getattr(one.canaux, canal), etat) for canal in CANAUX for etat in ETATS_INS}
    named |= {f"echecs.{name}": getattr(one.echecs, name) for name in ("dmp", "mss")}
    calls = ("succes", "echec", "admissions", "admissions_qualifiees")
    return named | {f"insi.{name}": getattr(one.insi, name) for name in calls}


def uses(examined: Examined) -> dict[str, dict[str, int | None]]:
    """Return, by FINESS that the VA concerns, what each service shows in the period that serves; null where none does.

    ``tbb_strict`` of an order asks for each channel in each period: the least of them is given.
    """
    day = day_of(examined)
    concerned = dict(examined.lot.con.execute("select finess_et, profil_cibles from etablissement").fetchall())
    strict = examined.commande is not None and examined.commande.tbb_strict
    found: dict[str, dict[str, int | None]] = {}
    for place in dashboard(examined, day):
        if concerned[place.finess_et] != "standard":
            continue
        here = found[place.finess_et] = {}
        for one in tbb.services(place.periodes, day, strict=strict):
            value = None if one.motif == tbb.NON_COUVERT else one.valeur
            least = here.get(one.nom, value)
            here[one.nom] = None if value is None or least is None else min(value, least)
    return found


def by_rpps(examined: Examined, as_of: date) -> dict[Key, int]:
    """Return the sums of the counts by RPPS, where the sends name one."""
    sums: dict[Key, int] = {}
    for place in dashboard(examined, as_of):
        for one in place.par_rpps:
            for name, sent in one.periodes.items():
                for canal in CANAUX:
                    for etat in ETATS_INS:
                        key = (place.finess_et, name, f"{canal}.{etat}")
                        sums[key] = sums.get(key, 0) + (getattr(getattr(sent, canal), etat) or 0)
    return sums


def with_rpps(examined: Examined) -> frozenset[str]:
    """Return the establishments whose sends name a professional."""
    rows = examined.lot.con.execute("select distinct finess_et from envoi where rpps is not null").fetchall()
    return frozenset(row[0] for row in rows)


def reasons(examined: Examined, as_of: date, key: Key, published: int, real: int) -> str:
    """Say what a published count most likely is, and which documents make the difference, opaque keys only."""
    finess, periode, mesure = key
    canal = mesure.partition(".")[0].upper()
    told = examined.partage.setdefault("tbb_expliques", 0)
    if canal not in ("DMP", "MSS_PRO", "MSS_CITOYENNE") or told >= EXPLAINED:
        return ""
    examined.partage["tbb_expliques"] = told + 1
    period = periods(as_of)[periode]
    row = examined.lot.con.execute(
        _REASONS, [finess, canal, period.debut, period.fin, mesure.partition(".")[2], _KEYS, _KEYS, _KEYS]
    ).fetchone()
    assert row is not None
    rows, tried, failed, deleted, twice, lost, gone, repeated = row
    hints = {
        rows: "c'est le nombre d'envois réussis, un document envoyé deux fois comptant deux fois",
        tried: "c'est le nombre de documents envoyés, échecs compris",
        failed: "c'est le nombre de documents jamais remis",
    }
    parts = [hints[published]] if published != real and published in hints else []
    for number, words, keys in (
        (failed, "jamais remis", lost),
        (deleted, "supprimés du DMP", gone),
        (twice, "envoyés plusieurs fois", repeated),
    ):
        if number and published > real:
            shown = ", ".join(masking.key(one) for one in keys)
            parts.append(f"{number} document(s) {words} : {shown}{' …' if number > _KEYS else ''}")
    return " ; ".join(parts)


_REASONS = """
with ligne as (
    select document_id, resultat, operation is not distinct from 'SUPPRESSION' as supprime from envoi
    where finess_et = $1 and canal = $2 and document_id is not null and horodatage >= $3
        and horodatage < cast($4 as date) + interval 1 day
        and ($5 = 'total' or ins_qualifiee = ($5 = 'ins_qualifiee'))
),
par_document as (
    select document_id, count(*) filter (where resultat = 'SUCCES' and not supprime) as remis,
        count(*) filter (where not supprime) as essais, count(*) filter (where supprime) as suppressions
    from ligne group by document_id
)
select cast(coalesce(sum(remis), 0) as bigint), count(*) filter (where essais > 0),
    count(*) filter (where essais > 0 and remis = 0), count(*) filter (where suppressions > 0 and essais = 0),
    count(*) filter (where remis > 1),
    coalesce((list(document_id order by document_id) filter (where essais > 0 and remis = 0))[1:$6], []),
    coalesce((list(document_id order by document_id) filter (where suppressions > 0 and essais = 0))[1:$7], []),
    coalesce((list(document_id order by document_id) filter (where remis > 1))[1:$8], [])
from par_document
"""

"""From an order and a lot to what a dossier is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from esms_sdk.commande import Commande, examine_file
from esms_sdk.conformance import Conformity
from esms_sdk.dashboard import TableauDeBord, compute_dashboard
from esms_sdk.decision import KINDS, decide, gather
from esms_sdk.decision.other_orders import read_orders
from esms_sdk.decision.validation import Setting, validate
from esms_sdk.decision.warnings import warnings
from esms_sdk.errors import UsageError
from esms_sdk.finess import Reference, open_reference, user_reference
from esms_sdk.indicators import Indicateurs, compute_indicators
from esms_sdk.indicators.compute import collection_period
from esms_sdk.indicators.definition import rules
from esms_sdk.lot import open_lot
from esms_sdk.lot.asked import identity
from esms_sdk.report.document import head
from esms_sdk.va.conformity import judge
from esms_sdk.va.contents import Contents
from esms_sdk.va.request import Request

if TYPE_CHECKING:
    from esms_sdk.lot import Lot

_COUNTS = ("lues", "acceptees", "rejetees", "ignorees")


@dataclass(frozen=True, slots=True)
class Computed:
    """A dossier before it is written, with the run that its conformance report is printed from."""

    contents: Contents
    conformity: Conformity


@contextmanager
def computed(request: Request) -> Iterator[Computed]:
    """Give what a dossier is made of.

    Raises :class:`DossierError` for an order that cannot be answered, with every fault of it, and what opening a lot
    raises.  An establishment that does not meet its conditions raises nothing.
    """
    if request.genre not in KINDS:
        hint = f"Au choix : {', '.join(KINDS)}."
        raise UsageError("ESMS-E642", f"genre de dossier inconnu : {request.genre}", hint=hint)
    with ExitStack() as held:
        reference = _register()
        if reference is not None:
            held.enter_context(reference)
        setting, order = _validated(request, reference)
        with open_lot(request.lot) as lot:
            facts = gather(lot, order, *_figures(lot, request, order))
            told = warnings(facts, setting, lot.manifest)
            organisme = _organisme(lot, order.finess_ej)
            kept = [one.finess_et for one in facts.mesures]
            imported = _imported(lot.manifest.imported, kept)
        decisions = decide(facts, request.genre, told)
        conformity = judge(request, facts, kept)
        # An RPPS names a professional, and its column may hold any text: neither is for the readers of a dossier.
        tableau = facts.tableau.without_rpps()
        contents = Contents(decisions, facts.mesures, tableau, organisme, head(conformity), imported)
        yield Computed(contents, conformity)


def _register() -> Reference | None:
    """Open the user's FINESS register; the embedded extract, which is invented, refuses no order."""
    return open_reference() if user_reference().is_file() else None


def _validated(request: Request, reference: Reference | None) -> tuple[Setting, Commande]:
    order, faults = examine_file(request.order)
    voisines, unreadable = read_orders(request.orders, request.order) if request.orders else ([], [])
    period = collection_period(request.measured_on, request.options)
    setting = Setting(request.genre, request.measured_on, period, reference, voisines)
    validate(order, request.order.name, setting, [*faults, *unreadable])
    return setting, order


def _figures(lot: Lot, request: Request, order: Commande) -> tuple[Indicateurs, TableauDeBord]:
    """Return the indicators and the dashboard of the ordered establishments that are this OG's.

    One that is of another OG is refused by name; its figures are not for the readers of this order.
    """
    rows = lot.con.execute("select finess_et from etablissement where finess_ej = ?", [order.finess_ej]).fetchall()
    own = {finess for (finess,) in rows} & set(lot.manifest.perimetre)
    kept = sorted(own & set(order.etablissements))
    granted = tuple(one for one in request.amenagements if one.finess_et is None or one.finess_et in kept)
    day = request.measured_on
    if not kept:
        period = collection_period(day, request.options)
        none = Indicateurs(dict(rules()), request.options, period, day, identity(lot), (), (), granted)
        return none, TableauDeBord(day, identity(lot), ())
    indicateurs = compute_indicators(lot, day, request.options, finess=kept, amenagements=granted)
    return indicateurs, compute_dashboard(lot, day, finess=kept)


def _organisme(lot: Lot, finess_ej: str) -> str:
    row = lot.con.execute("select raison_sociale from organisme where finess_ej = ?", [finess_ej]).fetchone()
    return str(row[0]) if row else ""


def _imported(imported: Mapping[str, Any], finess: Sequence[str]) -> dict[str, Any]:
    """Return the counts of the whole import, and its rejects in ``finess`` and where none is known."""
    if not imported:
        return {}
    sources = imported.get("sources", {}).values()
    kept = {*finess, "?"}
    rejects = {
        table: here
        for table, by in sorted(imported.get("rejets_par_finess", {}).items())
        if (here := {place: number for place, number in sorted(by.items()) if place in kept})
    }
    counts = {name: sum(of.get(name, 0) for of in sources) for name in _COUNTS}
    return {"adaptateur": imported.get("adaptateur"), **counts, "rejets_par_finess": rejects}

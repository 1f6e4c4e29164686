"""VA: what the vérification d'aptitude asks for, on an order (``commande.toml``) and the lot that answers it.

It is judged as of the last day that the lot covers, in a dossier as of its day of measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

from esms_sdk.checks import envois
from esms_sdk.checks.published import Juge, place, table
from esms_sdk.checks.recalcul import day_of, measured
from esms_sdk.checks.registry import Examined, Query, check
from esms_sdk.commande import Commande, du, guichet
from esms_sdk.decision import Facts, gather, va
from esms_sdk.decision.refusals import refusal
from esms_sdk.identifiers import finess as numbers

Judging = Callable[[Examined, Commande], Iterator[Juge]]


def on_order(id: str) -> Callable[[Judging], Judging]:
    """Register the check of a requirement over an order."""

    def register(function: Judging) -> Judging:
        @check(id)
        def run(examined: Examined) -> Query:
            assert examined.commande is not None
            found = function(examined, examined.commande)
            return table(examined, id, (one._replace(finess_et=place(examined, one.finess_et)) for one in found))

        return function

    return register


@on_order("ESMS-VA-01")
def covered_by_the_three(examined: Examined, order: Commande) -> Iterator[Juge]:
    """Each establishment of the order is deployed, uses DMP and MSSanté, and has its three indicators."""
    board = envois.dashboard(examined, day_of(examined))
    facts = examined.faits or gather(examined.lot, order, measured(examined), board)
    for finess in sorted(set(order.etablissements)):
        yield Juge(finess, finess)
        for code, told in _faults(facts, finess):
            yield Juge(finess, finess, code, told)


def _faults(facts: Facts, finess: str) -> Iterator[tuple[str | None, str | None]]:
    if refused := refusal(facts, finess, "va"):
        yield refused.motif, refused.preuve
        return
    if motif := va.deployed(facts, finess).motif:
        yield motif, None
    for service in va.services_of(facts, facts.tableaux[finess]):
        if service.motif:
            yield service.motif, service.nomme
    for rate in va.rates(facts.indicateurs[finess]):
        if not va.is_supplied(rate):
            yield va.NON_FOURNI, f"{rate.libelle} ({va.why(rate)})"


@on_order("ESMS-VA-02")
def signatory(examined: Examined, order: Commande) -> Iterator[Juge]:
    """The head of the OG who signs is named, with the way of signing."""
    for name, code in (("nom", "NOM_ABSENT"), ("fonction", "FONCTION_ABSENTE"), ("mode", "MODE_ABSENT")):
        yield Juge(f"signataire.{name}", None, None if getattr(order.signataire, name) else code)


@on_order("ESMS-VA-03")
def dates(examined: Examined, order: Commande) -> Iterator[Juge]:
    """The order stands inside the programme, before the extraction, and each ESSMS was deployed before it."""
    taken, days = examined.extraction, guichet()
    if order.date is None:
        yield Juge("commande.date", None, "DATE_ABSENTE")
    else:
        yield Juge("commande.date", None, _date_fault(order.date, taken, days["ouverture"], days["commandes"]))
    # Only of its own OG: what another's is stays untold to the readers of a dossier.
    rows = examined.lot.con.execute(
        "select finess_et, date_deploiement from etablissement where finess_ej = ?", [order.finess_ej]
    ).fetchall()
    deployed: dict[str, date | None] = dict(rows)
    for finess in sorted(set(order.etablissements) & set(deployed)):
        day = deployed[finess]
        late = day is not None and day > day_of(examined)
        yield Juge(finess, finess, "DEPLOYE_APRES" if late else None, str(day) if late else None)


def _date_fault(day: date, taken: date, first: date, last: date) -> str | None:
    if day < first:
        return "AVANT_LE_PROGRAMME"
    if day > taken:
        return "APRES_L_EXTRACTION"
    return "GUICHET_CLOS" if day > last else None


@on_order("ESMS-VA-04")
def mentions(examined: Examined, order: Commande) -> Iterator[Juge]:
    """The mentions that an attestation is assumed to bear are there."""
    asked = {"commande.reference": order.reference, "commande.date": order.date}
    asked |= {f"solution.{name}": getattr(order.solution, name) for name in _SOLUTION}
    for name, value in asked.items():
        yield Juge(name, None, None if value else "MENTION_ABSENTE", name)
    manifest, told = examined.lot.manifest, order.solution
    if told.logiciel and told.logiciel != manifest.logiciel:
        yield Juge("solution.logiciel", None, "SOLUTION_AUTRE", f"lot de {manifest.logiciel}")


_SOLUTION = ("editeur", "logiciel", "version", "numero_referencement")


@on_order("ESMS-VA-05")
def amount(examined: Examined, order: Commande) -> Iterator[Juge]:
    """The amount is the number of ESSMS times the price of the OG's tranche."""
    if order.montant_ttc is None:
        return
    wanted = du(order)
    if wanted is None or order.nb_essms_og is None:
        yield Juge("commande.nb_essms_og", None, "TAILLE_OG_ABSENTE")
        return
    told = f"{order.montant_ttc} €, attendu {wanted}"
    yield Juge("commande.montant_ttc", None, *(("MONTANT", told) if order.montant_ttc != wanted.total else ()))
    if wanted.nombre > order.nb_essms_og:
        told = f"{wanted.nombre} commandés, {order.nb_essms_og} déclarés"
        yield Juge("commande.nb_essms_og", None, "PLUS_QUE_L_OG", told)


@on_order("ESMS-FINESS-03")
def once_in_the_order(examined: Examined, order: Commande) -> Iterator[Juge]:
    """Each establishment stands once in the order, under a number that holds, and none is the OG itself."""
    for finess, count in sorted(Counter(order.etablissements).items()):
        yield Juge(finess, finess)
        if count > 1:
            yield Juge(finess, finess, "REPETE", f"{count} fois")
        if finess == order.finess_ej:
            yield Juge(finess, finess, "JURIDIQUE")
        if not numbers.is_valid(finess):
            yield Juge(finess, finess, "NUMERO_FAUX")
    if not numbers.is_valid(order.finess_ej):
        yield Juge("commande.finess_ej", None, "NUMERO_FAUX")

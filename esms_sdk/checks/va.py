"""VA: what the vérification d'aptitude asks for, on an order (``commande.toml``) and the lot that answers it.

It is judged as of the last day that the lot covers.  The dossier itself is made by ``esms va build``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

from esms_sdk.checks import envois
from esms_sdk.checks.published import Juge, place, table
from esms_sdk.checks.recalcul import indicators_of_lot, last_day
from esms_sdk.checks.registry import Examined, Query, check
from esms_sdk.commande import Commande, guichet, tranche
from esms_sdk.identifiers import finess as numbers
from esms_sdk.indicators import DUI, Rate, definitions
from esms_sdk.indicators.compute import collection_period
from esms_sdk.indicators.result import Options

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
    rows = examined.lot.con.execute("select finess_et, finess_ej, profil_cibles from etablissement").fetchall()
    known = {finess: (ej, profil) for finess, ej, profil in rows}
    active = _deployed(examined)
    faults: list[tuple[str, str | None]]
    for finess in sorted(set(order.etablissements)):
        if finess not in examined.lot.manifest.perimetre:
            faults = [("ABSENT_DU_LOT", None)]
        elif known[finess][0] != order.finess_ej:
            faults = [("AUTRE_EJ", known[finess][0])]
        elif known[finess][1] != "standard":
            faults = [("HORS_CHAMP_SONS", known[finess][1])]
        else:
            faults = list(_conditions(examined, finess, finess in active))
        yield Juge(finess, finess)
        for code, told in faults:
            yield Juge(finess, finess, code, told)


def _conditions(examined: Examined, finess: str, deployed: bool) -> Iterator[tuple[str, str | None]]:
    if not deployed:
        yield "NON_DEPLOYE", None
    for service, number in envois.uses(examined)[finess].items():
        if not number:
            yield ("TBB_NON_COUVERT" if number is None else "TBB_ZERO"), service
    for one in indicators_of_lot(examined)[finess].indicateurs:
        if (
            isinstance(one, Rate)
            and one.id in DUI
            and (one.fraction.numerateur is None or not one.fraction.denominateur)
        ):
            yield "INDICATEUR_NON_FOURNI", f"{definitions()[one.id].libelle} ({one.motif})"


def _deployed(examined: Examined) -> frozenset[str]:
    """Return the establishments with a dossier not archived that a professional has updated, at the period's end."""
    fin = collection_period(last_day(examined.lot), Options()).fin
    rows = examined.lot.con.execute(
        "select distinct finess_et from dossier semi join (select dossier_id from mise_a_jour"
        " where origine = 'UTILISATEUR' and date_maj <= $1) using (dossier_id)"
        " where date_archivage is null or date_archivage > $1",
        [fin],
    ).fetchall()
    return frozenset(row[0] for row in rows)


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
    rows = examined.lot.con.execute("select finess_et, date_deploiement from etablissement").fetchall()
    deployed: dict[str, date | None] = dict(rows)
    for finess in sorted(set(order.etablissements) & set(deployed)):
        day = deployed[finess]
        late = day is not None and day > last_day(examined.lot)
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
    if order.nb_essms_og is None:
        yield Juge("commande.nb_essms_og", None, "TAILLE_OG_ABSENTE")
        return
    ordered, step = len(set(order.etablissements)), tranche(order.nb_essms_og)
    wanted = ordered * step.montant
    told = f"{order.montant_ttc} €, attendu {ordered} × {step.montant} = {wanted} € (tranche {step.nom})"
    yield Juge("commande.montant_ttc", None, *(("MONTANT", told) if order.montant_ttc != wanted else ()))
    if ordered > order.nb_essms_og:
        told = f"{ordered} commandés, {order.nb_essms_og} déclarés"
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

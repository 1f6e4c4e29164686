"""The three conditions of the *vérification d'aptitude* (contract §5): deployed, TBB.1 not at zero, supplied.

No threshold applies: 85 % is supplied, a missing value is not.
"""

from __future__ import annotations

from esms_sdk.dashboard.result import Etablissement as Tableau
from esms_sdk.decision import tbb
from esms_sdk.decision.facts import Facts
from esms_sdk.decision.result import Condition
from esms_sdk.decision.tbb import LIBELLES, Service
from esms_sdk.decision.wording import compte, fraction, jour, remede, sentence
from esms_sdk.indicators.definition import DUI
from esms_sdk.indicators.result import Etablissement, Rate

NON_DEPLOYE, NON_FOURNI = "NON_DEPLOYE", "INDICATEUR_NON_FOURNI"
_TBB_EXPLAINED = {
    tbb.ZERO: "le tableau de bord est à zéro",
    tbb.NON_COUVERT: "aucune période utile n'est entièrement couverte par l'export des envois",
    tbb.NON_FOURNI: "l'export ne fournit pas de quoi compter",
}
_TBB_REMEDIES = {
    tbb.ZERO: "alimenter le DMP et envoyer par MSSanté depuis le DUI, puis mesurer de nouveau",
    tbb.NON_COUVERT: "exporter les envois sur toute l'année, et vérifier couverture et date_deploiement",
    tbb.NON_FOURNI: "demander à l'éditeur d'ajouter les tables envoi et document à l'export",
}


def conditions(facts: Facts, finess_et: str) -> tuple[Condition, ...]:
    """Return the three conditions of an establishment that is not refused."""
    return (
        deployed(facts, finess_et),
        not_at_zero(facts, facts.tableaux[finess_et]),
        supplied(facts.indicateurs[finess_et]),
    )


def deployed(facts: Facts, finess_et: str) -> Condition:
    """At the period's end a dossier not archived has an update by a professional."""
    number, fin = facts.dossiers.get(finess_et, 0), jour(facts.periode.fin)
    told = compte(number, "dossier tenu", "dossiers tenus")
    told += f" dans le DUI au {fin} (non archivé, mis à jour par un professionnel)"
    return Condition(
        "deploye", "Le DUI est déployé dans l'établissement", told, *(
            () if number else (
                NON_DEPLOYE,
                f"Au {fin}, aucun dossier déjà créé et non archivé n'a été mis à jour par un professionnel.",
                "Mettre le DUI en service, ou faire figurer les mises à jour (mise_a_jour) dans l'export.",
            )
        ),
    )  # fmt: skip


def services_of(facts: Facts, place: Tableau) -> tuple[Service, ...]:
    """Return what the dashboard shows of an establishment, as the order asks."""
    return tbb.services(place.periodes, facts.mesure_le, strict=facts.commande.tbb_strict)


def not_at_zero(facts: Facts, place: Tableau) -> Condition:
    """TBB.1 is not at zero in a covered period, which the evidence names."""
    seen = services_of(facts, place)
    libelle = "Le tableau de bord TBB.1 n'est pas à zéro"
    if facts.commande.tbb_strict:
        libelle += " (chaque canal, chaque période)"
    lacking = [one for one in seen if one.motif]
    if not lacking:
        return Condition("tbb", libelle, _shown(place, seen))
    # A zero can be mended by use; a period that is not covered hides whether there is one.
    motif = next(code for code in _TBB_EXPLAINED if any(one.motif == code for one in lacking))
    whys = [
        f"{why} : {', '.join(one.nomme for one in lacking if one.motif == code)}"
        for code, why in _TBB_EXPLAINED.items()
        if any(one.motif == code for one in lacking)
    ]
    remedies = dict.fromkeys(_TBB_REMEDIES[str(one.motif)] for one in lacking)
    return Condition(
        "tbb", libelle, _shown(place, seen), motif, sentence(" ; ".join(whys)), sentence(" ; ".join(remedies))
    )


def _shown(place: Tableau, seen: tuple[Service, ...]) -> str:
    """Return the counts by period, each with its bounds; where none is covered those of the year are shown as such."""
    names = dict.fromkeys(one.periode or "annee_courante" for one in seen)
    told = []
    for name in names:
        measure = place.periodes[name]
        pro, citoyenne, dmp = measure.canaux.mss_pro.total, measure.canaux.mss_citoyenne.total, measure.canaux.dmp.total
        counts = (("DMP", dmp), ("MSSanté professionnelle", pro), ("MSSanté citoyenne", citoyenne))
        listed = ", ".join(f"{label} {'non fourni' if count is None else count}" for label, count in counts)
        bounds = f"du {jour(measure.periode.debut)} au {jour(measure.periode.fin)}"
        told.append(f"{LIBELLES[name]} ({bounds}{'' if measure.couverte else ', non couverte'}) : {listed}")
    return " ; ".join(told)


def rates(place: Etablissement) -> tuple[Rate, ...]:
    """Return the three indicators of the DUI."""
    return tuple(one for one in place.indicateurs if isinstance(one, Rate) and one.id in DUI)


def is_supplied(one: Rate) -> bool:
    """Say whether an indicator has its two numbers, and somebody to count."""
    return one.fraction.numerateur is not None and bool(one.fraction.denominateur)


def supplied(place: Etablissement) -> Condition:
    """The three indicators have a value; whether a target is reached is not asked."""
    seen = rates(place)
    libelle = "Les trois indicateurs du DUI sont fournis (aucun seuil ne s'applique)"
    preuve = " ; ".join(f"{one.libelle} : {fraction(one.fraction)}" for one in seen)
    lacking = [one for one in seen if not is_supplied(one)]
    if not lacking:
        return Condition("fourni", libelle, preuve)
    whys = " ; ".join(f"«{one.libelle}» n'a pas de valeur ({why(one)})" for one in lacking)
    remedies = dict.fromkeys(remede(one, why(one), place) for one in lacking)
    return Condition(
        "fourni", libelle, preuve, NON_FOURNI, sentence(whys), sentence(" ; ".join(filter(None, remedies)))
    )


def why(one: Rate) -> str:
    """Return the motif of what is not supplied; a rate that an aménagement made SANS_OBJET has none, and is no less
    asked for.
    """
    lacking = "DONNEE_NON_FOURNIE" if one.fraction.numerateur is None else "DENOMINATEUR_NUL"
    return one.motif or lacking

"""What a reader of the dossier must know of an order and that refuses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from esms_sdk.commande import Commande, guichet
from esms_sdk.decision.facts import Facts
from esms_sdk.decision.validation import Setting, in_the_guichet, of_register
from esms_sdk.decision.wording import jour, sentence
from esms_sdk.finess import GROUPES_MS1, categorie

if TYPE_CHECKING:
    from esms_sdk.lot.manifest import Manifest


def warnings(facts: Facts, setting: Setting, manifest: Manifest) -> tuple[str, ...]:
    """Return the warnings on an order, as French sentences."""
    order = facts.commande
    found = [*_solution(order, manifest), *_register(order, setting)]
    if setting.genre == "va":
        found = [*_guichet(order), *found, *_categories(facts, setting)]
    return tuple(found)


def _guichet(order: Commande) -> Iterator[str]:
    days = guichet()
    orders, balance = jour(days["commandes"]), jour(days["solde"])
    if in_the_guichet(order):
        yield (
            f"La commande relève du guichet SONS de la vague 1, qui est clos : aux commandes depuis le {orders},"
            f" au solde depuis le {balance}."
        )
        return
    said = f"La commande est d'après la clôture du guichet SONS de la vague 1 ({orders})"
    yield f"{said} : elle relève d'un autre guichet."
    if order.montant_ttc is not None:
        yield "Aucun barème n'est connu de l'outil pour ce guichet : le montant n'est pas vérifié."


def _solution(order: Commande, manifest: Manifest) -> Iterator[str]:
    told = order.solution
    for name, ordered, here in (
        ("éditeur", told.editeur, manifest.editeur),
        ("logiciel", told.logiciel, manifest.logiciel),
        ("version", told.version, manifest.version_logiciel),
    ):
        if ordered is not None and ordered != here:
            yield f"La solution commandée n'est pas celle du lot ({name}) : «{ordered}» commandé, «{here}» dans le lot."


def _register(order: Commande, setting: Setting) -> Iterator[str]:
    if setting.reference is None:
        return
    for finess in sorted(set(order.etablissements)):
        for one in of_register(order, finess, setting, setting.reference):
            if one.gravite != "erreur":
                yield sentence(one.message)


def _categories(facts: Facts, setting: Setting) -> Iterator[str]:
    for finess in sorted(set(facts.commande.etablissements)):
        lieu = facts.own(finess)
        code = lieu.categorie if lieu else None
        if code is None and setting.reference is not None and (place := setting.reference.etablissement(finess)):
            code = place.categorie
        if not code:
            continue
        kind = categorie(code)
        if kind is None:
            yield f"{finess} : la catégorie {code} n'est pas dans notre liste des ESSMS."
        elif kind.groupe not in GROUPES_MS1:
            yield (
                f"{finess} : la catégorie {code} ({kind.libelle}) est du groupe {kind.groupe} ({kind.libelle_groupe}),"
                f" hors de ceux du SONS ({', '.join(GROUPES_MS1)})."
            )

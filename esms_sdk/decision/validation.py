"""An order held to what it says of itself, to the FINESS reference and to the other orders: every fault at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from esms_sdk import masking
from esms_sdk.commande import KEYS, Commande, du, guichet
from esms_sdk.decision.other_orders import OtherOrder, others
from esms_sdk.decision.wording import jour
from esms_sdk.errors import DossierError, Fault
from esms_sdk.finess import Constat, Reference, check_finess
from esms_sdk.identifiers import InvalidIdentifier
from esms_sdk.identifiers import finess as numbers
from esms_sdk.period import Period

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_REFUSING = ("F3", "F4", "F5", "F7")


@dataclass(frozen=True)
class Setting:
    """What an order is held to: ``reference`` is the user's FINESS register, None where there is none."""

    genre: str
    mesure_le: date
    periode: Period
    reference: Reference | None = None
    voisines: Sequence[OtherOrder] = ()


def validate(order: Commande, fichier: str, setting: Setting, faults: Sequence[Fault] = ()) -> None:
    """Raise :class:`DossierError` where an order has a fault, with all of them (``faults``: those of its form too)."""
    # What the form has left out is not missing besides.
    told = {key for key in KEYS["commande"] if any(one.message.startswith(f"commande.{key} ") for one in faults)}
    found = [
        *faults,
        *(
            Fault(code, said, fichier, cle=key)
            for code, key, said in _faults(order, setting)
            if key == "etablissements" or key not in told
        ),
    ]
    if found:
        number = f"{len(found)} défaut{'s' * (len(found) > 1)}"
        hint = "Corriger commande.toml ; aucun dossier n'est écrit."
        raise DossierError("ESMS-E640", f"{fichier} : commande refusée, {number}", faults=found, hint=hint)


def _faults(order: Commande, setting: Setting) -> Iterator[tuple[str, str, str]]:
    """Yield a code, the key that is at fault, and a French phrase."""
    if order.reference is None:
        yield "REFERENCE_ABSENTE", "reference", "la référence de la commande est à donner"
    yield from _numbers(order)
    yield from _dates(order, setting)
    yield from _amount(order)
    yield from _correction(order)
    if setting.reference is not None:
        yield from _register(order, setting, setting.reference)
    yield from _elsewhere(order, setting)


def _numbers(order: Commande) -> Iterator[tuple[str, str, str]]:
    if order.finess_ej and (why := _wrong(order.finess_ej)):
        yield "FINESS", "finess_ej", f"{masking.key(order.finess_ej)} : {why}"
    for finess, count in sorted(Counter(order.etablissements).items()):
        if why := _wrong(finess):
            yield "FINESS", "etablissements", f"{masking.key(finess)} : {why}"
        if count > 1:
            yield "REPETE", "etablissements", f"{masking.key(finess)} y est {count} fois"
        if finess == order.finess_ej:
            said = f"{masking.key(finess)} est le numéro de l'organisme, pas d'un établissement"
            yield "JURIDIQUE", "etablissements", said


def _wrong(number: str) -> str | None:
    """Return why a number is no FINESS, written as a file has it: no space, no letter in lower case."""
    try:
        numbers.validate(number)
    except InvalidIdentifier as fault:
        return str(fault)
    return None if numbers.compact(number) == number else "à écrire en neuf caractères, sans espace"


def _dates(order: Commande, setting: Setting) -> Iterator[tuple[str, str, str]]:
    if order.date is None:
        if setting.genre == "va":
            yield "DATE_ABSENTE", "date", "la date de la commande est à donner : 2023-11-06"
        return
    first = guichet()["ouverture"]
    if setting.genre == "va" and order.date < first:
        said = f"{jour(order.date)} est d'avant la publication du programme ({jour(first)})"
        yield "AVANT_LE_PROGRAMME", "date", said
    if order.date > setting.mesure_le:
        yield "APRES_LA_MESURE", "date", f"{jour(order.date)} est d'après la mesure ({jour(setting.mesure_le)})"


def in_the_guichet(order: Commande) -> bool:
    """Say whether an order falls in the guichet of vague 1, the only one whose scale is known."""
    days = guichet()
    return order.date is not None and days["ouverture"] <= order.date <= days["commandes"]


def _amount(order: Commande) -> Iterator[tuple[str, str, str]]:
    wanted = du(order)
    if wanted is not None and order.nb_essms_og is not None and wanted.nombre > order.nb_essms_og:
        said = f"{wanted.nombre} ESSMS commandés, l'organisme en déclare {order.nb_essms_og}"
        yield "PLUS_QUE_L_OG", "nb_essms_og", said
    if order.montant_ttc is None:
        return
    if wanted is None:
        yield "TAILLE_OG_ABSENTE", "nb_essms_og", "le montant demande le nombre d'ESSMS de l'organisme"
    elif in_the_guichet(order) and order.montant_ttc != wanted.total:
        yield "MONTANT", "montant_ttc", f"{order.montant_ttc} € n'est pas le montant du barème : {wanted}"


def _correction(order: Commande) -> Iterator[tuple[str, str, str]]:
    if order.remplace is not None and not _SHA256.fullmatch(order.remplace):
        said = (
            "l'empreinte SHA-256 du manifeste remplacé est attendue, 64 chiffres hexadécimaux (esms va verify la donne)"
        )
        yield "REMPLACE", "remplace", said
    if order.remplace is not None and order.motif_rectification is None:
        yield "MOTIF_ABSENT", "motif_rectification", "un dossier qui en remplace un autre dit pourquoi"
    if order.remplace is None and order.motif_rectification is not None:
        yield "REMPLACE_ABSENT", "remplace", "un motif de rectification demande l'empreinte du manifeste remplacé"


def _register(order: Commande, setting: Setting, reference: Reference) -> Iterator[tuple[str, str, str]]:
    if order.finess_ej and not _wrong(order.finess_ej):
        body = reference.organisme(order.finess_ej)
        if body is None and reference.etablissement(order.finess_ej) is not None:
            yield "GEOGRAPHIQUE", "finess_ej", f"{order.finess_ej} est un établissement (ET) dans le référentiel FINESS"
        elif body is None:
            yield "INCONNU", "finess_ej", f"{order.finess_ej} est inconnu du référentiel FINESS"
        elif not body.ouvert:
            yield "FERME", "finess_ej", f"{order.finess_ej} est fermé dans le référentiel FINESS"
    for finess in sorted(set(order.etablissements)):
        if _wrong(finess) or finess == order.finess_ej:
            continue
        seen = of_register(order, finess, setting, reference)
        yield from ((one.code, "etablissements", one.message) for one in seen if one.gravite == "erreur")
        place = reference.etablissement(finess)
        if place is not None and not place.ouvert and place.fermeture is None:
            yield "F5", "etablissements", f"{finess} est fermé dans le référentiel FINESS"


def of_register(order: Commande, finess: str, setting: Setting, reference: Reference) -> list[Constat]:
    """Return what the register has against an ordered establishment."""
    found = check_finess(finess, reference, finess_ej=order.finess_ej, period=setting.periode)
    return [one for one in found if one.code in _REFUSING]


def _elsewhere(order: Commande, setting: Setting) -> Iterator[tuple[str, str, str]]:
    held: dict[str, list[str]] = {}
    for one in others(order, setting.genre, list(setting.voisines)):
        for finess in set(one.commande.etablissements):
            held.setdefault(numbers.compact(finess), []).append(one.nom)
    for finess in sorted({numbers.compact(one) for one in order.etablissements} & set(held)):
        said = f"{finess} est déjà dans une autre commande : {', '.join(dict.fromkeys(sorted(held[finess])))}"
        yield "AUTRE_COMMANDE", "etablissements", said

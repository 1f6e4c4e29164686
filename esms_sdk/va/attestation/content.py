"""The sections in words of an attestation: who, what was ordered, what is attested, signature, limits, origin."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from esms_sdk import __version__
from esms_sdk.commande import Commande, tranche
from esms_sdk.decision.validation import in_the_guichet
from esms_sdk.export import wording
from esms_sdk.export.french import compte, instant, jour, jour_en_lettres, nombre, periode_en_lettres
from esms_sdk.report.wording import VERDICTS, texts
from esms_sdk.va.attestation.mentions import MODES, N_EST_PAS, OF_KIND, SUPPOSEE
from esms_sdk.va.attestation.parts import (
    Blanks,
    Cell,
    Column,
    Fact,
    Facts,
    Items,
    Paragraph,
    Part,
    Section,
    Table,
    donnee,
    phrase,
)
from esms_sdk.va.contents import Contents

_ABSENT = "non indiqué dans la commande"
_COUNTED = {"lues": "lues", "acceptees": "acceptées", "rejetees": "rejetées", "ignorees": "ignorées"}


def order(contents: Contents) -> Section:
    """Return who ordered what."""
    told = contents.commande
    va = contents.genre == "va"
    number = len(contents.decisions)
    facts = [
        Fact("Organisme gestionnaire", donnee(contents.organisme) or "non indiqué par l'export", supposee=True),
        Fact("FINESS juridique", donnee(told.finess_ej), va),
        Fact("Établissements", phrase(f"{compte(number, 'ESSMS', 'ESSMS')}, la liste est plus bas"), va),
        *_solution(contents),
        *_commande(told, va, number),
        Fact("Arrêté au", jour_en_lettres(contents.decisions.mesure_le), va),
    ]
    return Section(
        "commande", "Organisme, solution et commande" if va else "Organisme et solution", (Facts(tuple(facts)),)
    )


def _solution(contents: Contents) -> Iterator[Fact]:
    told, lot = contents.commande.solution, contents.lot
    shown = (("Éditeur", told.editeur), ("Logiciel", told.logiciel), ("Version", told.version))
    if contents.genre == "usages":
        from_lot = dict(zip(("Éditeur", "Logiciel", "Version"), _of_lot(lot), strict=True))
        yield from (Fact(name, donnee(value or from_lot[name]), supposee=True) for name, value in shown)
        if told.numero_referencement:
            yield Fact("N° de référencement (déclaré)", donnee(told.numero_referencement))
        return
    for name, value in (*shown, ("N° de référencement (déclaré)", told.numero_referencement)):
        yield _given(name, value)


def _of_lot(lot: Any) -> tuple[str, str, str]:
    return str(lot["editeur"]), str(lot["logiciel"]), str(lot["version_logiciel"])


def _given(name: str, value: str | None) -> Fact:
    return Fact(name, donnee(value), supposee=True) if value else Fact(name, _ABSENT, supposee=True, ton="ko")


def _commande(told: Commande, va: bool, number: int) -> Iterator[Fact]:
    if va or told.reference:
        yield _given("Référence de la commande", told.reference)
    if va or told.date:
        yield _given("Date de la commande", jour_en_lettres(told.date) if told.date else None)
    if told.montant_ttc is not None:
        yield Fact("Montant TTC", euros(told.montant_ttc), supposee=va)
    # No other scale is known: beyond this guichet the amount is held to nothing.
    if told.nb_essms_og is not None and in_the_guichet(told):
        step = tranche(told.nb_essms_og)
        due = Decimal(number * step.montant)
        text = f"tranche {step.nom} ({compte(told.nb_essms_og, 'ESSMS', 'ESSMS')} dans l'organisme)"
        text += f" : {nombre(number)} × {euros(step.montant)} = {euros(due)}"
        other = told.montant_ttc is not None and told.montant_ttc != due
        yield Fact("Barème SONS", phrase(text + (" ; le montant de la commande est autre" if other else "")),
                   supposee=va, ton="ko" if other else "")  # fmt: skip
    if told.remplace:
        yield Fact("Rectifie le dossier", phrase(f"dont le manifeste a l'empreinte {told.remplace}"))
        yield Fact("Motif de la rectification", donnee(told.motif_rectification) or _ABSENT)


def euros(amount: Decimal | int) -> str:
    """Return an amount, with its cents where it has some.

    >>> euros(Decimal("10950.5")).replace("\\u202f", "_").replace("\\xa0", "_"), euros(4000).replace("\\xa0", "_")[-3:]
    ('10_950,50_€', '0_€')
    """
    whole, cents = divmod(int(Decimal(amount).quantize(Decimal("0.01")) * 100), 100)
    return f"{nombre(whole)}{f',{cents:02}' if cents else ''}\N{NO-BREAK SPACE}€"


def warnings(contents: Contents) -> Section | None:
    """Return what is to be known of the order, which changes no decision."""
    told = contents.decisions.avertissements
    return Section("avertissements", "Avertissements", (Items(tuple(map(phrase, told))),)) if told else None


def attested(contents: Contents) -> Section:
    """Return what is attested, or would be."""
    number = compte(len(contents.decisions), "établissement", "établissements")
    items: tuple[str, ...]
    if contents.genre == "va":
        items = (
            "le DUI y est déployé ;",
            "le tableau de bord TBB.1 n'y est pas à zéro ;",
            "les trois indicateurs du DUI (dossiers actifs, projet personnalisé, événement à l'agenda) sont fournis. "
            "Aucun seuil ne s'applique.",
        )
        who = "Le représentant de l'organisme gestionnaire atteste que, pour chaque établissement de la commande"
    else:
        items = ("la cible de chacun des cinq indicateurs d'usage qui s'y applique est atteinte, "
                 "avec les aménagements accordés.",)  # fmt: skip
        who = "L'organisme gestionnaire présente la preuve que, pour chaque établissement"
    if not contents.decisions.signable:
        who = "Une fois ce qui manque obtenu, ce document dira que, pour chaque établissement"
    listed = Items(tuple(map(phrase, items)), numerotee=len(items) > 1)
    parts = (Paragraph(phrase(f"{who} ({number}) :")), listed)
    title = "Ce qui est attesté" if contents.genre == "va" else "Ce qui est prouvé"
    return Section("objet", title if contents.decisions.signable else "Ce qui est à établir", parts)


def signature(contents: Contents) -> Section:
    """Return the place of the signatory; there is none to sign in where the document cannot be signed."""
    told = contents.commande.signataire
    va = contents.genre == "va"
    mode = MODES.get(told.mode or "")
    who = Facts((
        Fact("Nom du signataire", donnee(told.nom) or _ABSENT, True, "" if told.nom or not va else "ko"),
        Fact("Fonction", donnee(told.fonction) or _ABSENT, True, "" if told.fonction or not va else "ko"),
        Fact("Mode de signature prévu", phrase(mode) if mode else _ABSENT, not va, "" if mode or not va else "ko"),
    ))  # fmt: skip
    if not contents.decisions.signable:
        never = "À ne pas signer en l'état : la place de la signature viendra quand rien ne manquera plus."
        return Section("signature", "Signature", (who, Paragraph(phrase(never))))
    return Section("signature", "Signature", (who, Blanks(("Fait à", "Le", "Signature"))))


def limits(contents: Contents) -> Section:
    """Return what the document does not claim."""
    told = N_EST_PAS[contents.genre]
    return Section("limites", "Ce que ce document n'est pas", (Items(tuple(map(phrase, told))),))


def definitions(contents: Contents) -> tuple[Part, ...]:
    """Return the period and the definition of the indicators, with the options chosen."""
    result = contents.indicateurs
    persons, events = wording.options_en_mots(result.options)
    shown = {i.id: i.libelle for e in result for i in e.indicateurs}
    asked = RATES[contents.genre]
    formulas = [(shown[one], wording.calcul(one, result.options.evenements)) for one in asked if one in shown]
    return (
        Facts((
            Fact("Période de recueil", phrase(f"{periode_en_lettres(result.periode)}, bornes comprises")),
            Fact("Date de mesure", jour_en_lettres(result.mesure_le)),
            Fact("Définition de la période", phrase(wording.definition_en_mots(result.options))),
            Fact("Personnes comptées", phrase(persons)),
            Fact("Événements comptés", phrase(events)),
            *(Fact(name, phrase(text)) for name, text in formulas),
        )),
    )  # fmt: skip


DUI = ("taux_dossiers_actifs", "taux_projet_personnalise", "taux_evenement_agenda")
RATES = {"va": DUI, "usages": (*DUI, "taux_mssante", "taux_dmp")}
"""The rates that each kind of dossier shows."""


def granted(contents: Contents) -> Section | None:
    """Return the aménagements and the accepted differences, if there are any."""
    parts: list[Part] = []
    if contents.indicateurs.amenagements and contents.genre == "usages":
        told = tuple(phrase(wording.amenagement_en_mots(one)) for one in contents.indicateurs.amenagements)
        parts += [Paragraph(phrase("Aménagements des cibles, tels que la configuration les déclare :")), Items(told)]
    if waivers := tuple(_waiver(one) for one in contents.conformite.get("ecarts", ())):
        accepted = "Écarts acceptés par l'éditeur dans le rapport de conformité ; ils ne changent aucune décision :"
        parts += [Paragraph(phrase(accepted)), Items(waivers)]
    return Section("ecarts", "Aménagements et écarts acceptés", tuple(parts)) if parts else None


def _waiver(one: Any) -> str:
    return phrase(f"{one['exigence']} : {one['motif']} ({one['responsable']}, jusqu'au {_day(one['expire_le'])})")


def _day(value: Any) -> str:
    text = str(value)
    return "/".join(reversed(text.split("-"))) if len(text) == 10 else text


def mentions(contents: Contents) -> Section:
    """Return each mention with the text that asks for it, or as an assumed one."""
    columns = (Column("Mention", 4), Column("Texte", 3), Column("Statut", 1.6))
    lines = []
    for one in OF_KIND[contents.genre]:
        source = texts().get(one.document, one.document) or "guide pratique SONS, non trouvé"
        if contents.genre == "usages" and not one.document:
            source = "aucun texte trouvé"
        status = Cell("texte lu") if one.document else Cell(SUPPOSEE, ton="ko")
        lines.append((Cell(phrase(one.quoi)), Cell(phrase(source), phrase(one.precision)), status))
    return Section("mentions", "Mentions et textes", (Table("Mentions de ce document", columns, tuple(lines)),))


def origin(contents: Contents) -> Section:
    """Return what the figures come from, so that they can be made again."""
    lot, rules = contents.lot, contents.indicateurs.regles
    editeur, logiciel, version = _of_lot(lot)
    facts = [
        Fact("Logiciel de l'export", phrase(f"{logiciel} {version} ({editeur})")),
        Fact("Données extraites le", instant(donnee(str(lot["date_extraction"])))),
        Fact("Empreinte SHA-256 du lot", donnee(str(lot["empreinte_sha256"]))),
        Fact("Établi par", f"esms-sdk {__version__}"),
        Fact("Version des règles", phrase(f"{rules['version']}, empreinte SHA-256 {rules['sha256']}")),
    ]
    if imported := _imported(contents.import_):
        facts.append(Fact("Lignes importées", phrase(imported)))
    if resume := contents.conformite.get("resume"):
        named = {verdict.value: words for verdict, words in VERDICTS.items()}
        told = ", ".join(f"{number} {named.get(name, name)}" for name, number in resume.items() if number)
        facts.append(Fact("Exigences contrôlées", phrase(f"{told} (détail : conformite.html)")))
    return Section("origine", "Origine des chiffres", (Facts(tuple(facts)),))


def _imported(counts: Any) -> str:
    """Return the counts of the import in words, whether given in all or by source."""
    sources = counts.get("sources")
    every = list(sources.values()) if sources else [counts]
    given = {key: sum(int(one.get(key) or 0) for one in every) for key in _COUNTED if any(key in one for one in every)}
    return ", ".join(f"{nombre(number)} {_COUNTED[key]}" for key, number in given.items())


def footer(contents: Contents) -> str:
    """Return what stands at the foot of every page."""
    told = contents.commande
    which = f"commande {told.reference}" if told.reference else f"FINESS juridique {told.finess_ej}"
    return f"{donnee(which)}, arrêté au {jour(contents.decisions.mesure_le)}"

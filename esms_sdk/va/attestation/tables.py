"""The tables of an attestation: one line an establishment, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator

from esms_sdk.dashboard.result import Mesure
from esms_sdk.decision import Condition, Decision
from esms_sdk.decision.usages import missing
from esms_sdk.export import wording
from esms_sdk.export.contract import readings
from esms_sdk.export.french import compte, nombre, periode_en_lettres, pourcent
from esms_sdk.indicators.result import Count, Etablissement, Rate
from esms_sdk.va.attestation.content import RATES, definitions
from esms_sdk.va.attestation.parts import Cell, Column, Paragraph, Part, Section, Table, donnee, phrase
from esms_sdk.va.contents import Contents

_NAME = Column("Établissement", 2.4)
_PERIODS = {"mois_courant": "Mois courant", "annee_courante": "Année courante", "annee_precedente": "Année précédente"}
_CHANNELS = ("DMP", "MSS pro", "MSS cit.")
_NOT_COVERED = "†"
_READINGS = {"periode": "sur la période", "annuelle": "sur l'année"}


def _named(one: Decision) -> Cell:
    return Cell(donnee(one.denomination) or "Dénomination non donnée", f"FINESS {donnee(one.finess_et)}")


def lacking(contents: Contents) -> Section | None:
    """Return what is missing to be able to sign, with remedies; None where nothing is."""
    lines = [
        (_named(one), _lack(condition), Cell(phrase(_in_words(condition.remede) or "–")))
        for one in contents.decisions
        for condition in one.manques
    ]
    if not contents.decisions.etablissements:
        return Section("manques", LACKING, (Paragraph("La commande ne nomme aucun établissement."),))
    columns = (_NAME, Column("Ce qui manque", 3.6), Column("Que faire", 3.2))
    table = Table("Conditions non remplies, par établissement", columns, tuple(lines))
    return Section("manques", LACKING, (table,)) if lines else None


LACKING = "Ce qui manque pour pouvoir signer"


def _lack(condition: Condition) -> Cell:
    """Return what is wrong; in small the condition, which reads as if it were met, and the code to look up."""
    code = str(condition.motif)
    if not condition.explication:
        return Cell(phrase(condition.libelle), code)
    named = condition.explication.startswith(condition.libelle.partition(" : ")[0])
    small = code if named else phrase(f"Condition : {condition.libelle} ({code})")
    return Cell(phrase(_in_words(condition.explication)), small)


def _in_words(text: str) -> str:
    """Return a sentence with the motifs it names in words."""
    for motif, meaning in wording.MOTIFS.items():
        text = text.replace(motif, meaning.titre[:1].lower() + meaning.titre[1:])
    return text


def conditions(contents: Contents) -> Section:
    """Return each establishment with its conditions and the evidence of each."""
    every = contents.decisions.etablissements
    heads = max((one.conditions for one in every), key=len, default=())
    asked = [one.id for one in heads]
    columns = (_NAME, *(Column(_head(one, contents.genre), _part(one)) for one in heads))
    found = {e.finess_et: e for e in contents.indicateurs}
    lines = tuple((_named(one), *_conditions(one, asked, found.get(one.finess_et))) for one in every)
    legend = "Établissements de la commande, conditions et preuves"
    title = "Les établissements, leurs conditions et leurs preuves"
    if contents.genre == "usages":
        legend, title = "Établissements, cibles et écart à chaque cible", "Les établissements et l'écart à chaque cible"
    return Section("etablissements", title, (Table(legend, columns, lines),), annexe=True)


def _part(condition: Condition) -> float:
    """Return the share of the width that its evidence needs."""
    return 1.4 + min(len(condition.preuve), 180) / 70


def _head(condition: Condition, genre: str) -> str:
    return phrase(wording.court(condition.id, condition.libelle) if genre == "usages" else condition.libelle)


def _conditions(one: Decision, asked: list[str], figures: Etablissement | None) -> Iterator[Cell]:
    if [condition.id for condition in one.conditions] == asked:
        rates = {i.id: i for i in figures.indicateurs if isinstance(i, Rate)} if figures else {}
        yield from (_condition(condition, rates.get(condition.id)) for condition in one.conditions)
        return
    for condition in one.conditions[:1]:
        words = f"{condition.libelle} : {condition.preuve}. {condition.explication}".strip()
        yield Cell(_mark(condition), phrase(words), _tone(condition), len(asked))


def _condition(condition: Condition, rate: Rate | None) -> Cell:
    """Return one condition; ``rate`` is the one that it is about, where it is about a target."""
    if rate is None:
        return Cell(_mark(condition), phrase(condition.preuve), _tone(condition))
    if rate.etat == "SANS_OBJET":
        return Cell("Sans objet", phrase(condition.preuve), "doux")
    told, mark = (
        condition.preuve,
        f"{_MARKS[condition.remplie]}\N{NO-BREAK SPACE}{_ETATS.get(rate.etat, 'Indéterminé')}",
    )
    if rate.etat == "NON_ATTEINTE" and rate.cible is not None:
        told += f" : il manque {nombre(missing(rate.fraction, rate.cible))}"
    elif rate.motif:
        told += f" ({wording.motif(rate.motif).titre})"
    return Cell(mark, phrase(told), _tone(condition))


_MARKS = {True: "✓", False: "✗"}
_ETATS = {"ATTEINTE": "Atteinte", "NON_ATTEINTE": "Non\N{NO-BREAK SPACE}atteinte"}


def _mark(condition: Condition) -> str:
    return f"{_MARKS[condition.remplie]}\N{NO-BREAK SPACE}" + (
        "Remplie" if condition.remplie else "Non\N{NO-BREAK SPACE}remplie"
    )


def _tone(condition: Condition) -> str:
    return "ok" if condition.remplie else "ko"


def indicators(contents: Contents) -> Section:
    """Return the rates of each establishment, both readings of the first, with what tempers them."""
    asked = RATES[contents.genre]
    named = {i.id: i.libelle for e in contents.indicateurs for i in e.indicateurs}
    chosen = contents.indicateurs.options.denominateur
    columns = [_NAME]
    for id in asked:
        short = wording.court(id, named.get(id, id))
        titles = [short]
        if id == "taux_dossiers_actifs":
            titles = [f"{short}, {_READINGS[r]}{' (retenue)' if r == chosen else ''}" for r in _READINGS]
        columns += [Column(phrase(title), 1.2, chiffres=True) for title in titles]
    columns += [Column("DUI actifs", 0.8, chiffres=True), Column("Réserves", 1.9)]
    found = {e.finess_et: e for e in contents.indicateurs}
    lines = tuple(
        (_named(one), *_indicators(one, found.get(one.finess_et), asked, len(columns))) for one in contents.decisions
    )
    table = Table("Indicateurs par établissement : taux, numérateur et dénominateur", tuple(columns), lines)
    parts: list[Part] = [*definitions(contents), table, *_notes(contents)]
    return Section("indicateurs", "Les indicateurs", tuple(parts), annexe=True)


def _indicators(one: Decision, found: Etablissement | None, asked: tuple[str, ...], width: int) -> Iterator[Cell]:
    if found is None:
        yield Cell("Aucun chiffre : l'établissement n'est pas mesuré.", ton="doux", largeur=width - 1)
        return
    rates = {i.id: i for i in found.indicateurs if isinstance(i, Rate)}
    for id in asked:
        for rate in readings(rates[id]):
            yield _rate(rate)
    total = next((i.valeur for i in found.indicateurs if i.id == "nb_dui_actifs" and isinstance(i, Count)), None)
    yield Cell(nombre(total))
    told = [wording.reserve(code).titre for code in sorted({*found.reserves, *one.reserves})]
    if found.rejets_sejours:
        told.append(compte(found.rejets_sejours, "séjour rejeté à l'import", "séjours rejetés à l'import"))
    yield Cell("–" if not told else "", phrase(", ".join(told)))


def _rate(rate: Rate) -> Cell:
    numbers = rate.fraction
    why = wording.motif(rate.motif).titre if rate.motif else ""
    if numbers.numerateur is None:
        return Cell("–", phrase(why or "non fourni"), "ko")
    told = f"{nombre(numbers.numerateur)}/{nombre(numbers.denominateur)}"
    return Cell(pourcent(numbers.taux), phrase(f"{told}, {why[:1].lower()}{why[1:]}" if why else told))


def _notes(contents: Contents) -> Iterator[Paragraph]:
    yield Paragraph(phrase(f"Dossiers actifs : {wording.LECTURE_RETENUE}."), petit=True)
    every = {code for e in contents.indicateurs for code in e.reserves} | {
        c for d in contents.decisions for c in d.reserves
    }
    for code in sorted(every):
        meaning = wording.reserve(code)
        if meaning.sens:
            yield Paragraph(phrase(f"{meaning.titre} : {meaning.sens[:1].lower()}{meaning.sens[1:]}"), petit=True)
    if every:
        yield Paragraph("Une réserve ne refuse rien : elle dit ce qui peut avoir faussé un chiffre.", petit=True)


def dashboard(contents: Contents) -> Section:
    """Return the documents sent by each establishment, by period and channel, and which periods are covered."""
    columns = (_NAME, *(Column(name, chiffres=True) for _ in _PERIODS for name in _CHANNELS))
    first = next(iter(contents.tableau), None)
    groups = [("", 1)]
    for name, words in _PERIODS.items():
        bounds = f", {periode_en_lettres(first.periodes[name].periode)}" if first else ""
        groups.append((phrase(words + bounds), len(_CHANNELS)))
    found = {e.finess_et: e for e in contents.tableau}
    lines = []
    for one in contents.decisions:
        place = found.get(one.finess_et)
        cells = [cell for name in _PERIODS for cell in _sent(place.periodes[name])] if place else [
            Cell("Aucun chiffre : l'établissement n'est pas mesuré.", ton="doux", largeur=len(columns) - 1)
        ]  # fmt: skip
        lines.append((_named(one), *cells))
    table = Table(
        "Documents distincts envoyés avec succès, par période et par canal", columns, tuple(lines), tuple(groups)
    )
    notes = (
        "DMP : documents versés. MSS pro : messagerie sécurisée entre professionnels. MSS cit. : messagerie citoyenne. "
        "– : l'export ne fournit pas de quoi compter.",
        f"{_NOT_COVERED} : période que l'export ne couvre pas en entier, ou commencée avant le déploiement ; le nombre "
        "est donné pour information et ne sert pas à la décision.",
        "Échecs, état de l'identité (INS) et appels INSi : tableau_de_bord.html. Le détail par RPPS n'est pas repris "
        "dans le dossier.",
    )
    notes_shown = tuple(Paragraph(phrase(text), petit=True) for text in notes)
    return Section("tableau", "Le tableau de bord (type TBB.1)", (table, *notes_shown), annexe=True)


def _sent(measure: Mesure) -> Iterator[Cell]:
    channels = measure.canaux
    for canal in (channels.dmp, channels.mss_pro, channels.mss_citoyenne):
        mark = "" if measure.couverte else f"\N{NO-BREAK SPACE}{_NOT_COVERED}"
        yield Cell(nombre(canal.total) + mark, ton="" if measure.couverte else "doux")

"""TBB: the dashboard of the sends, on the lot where the lot alone tells, else on the extraction that is published.

The médico-social text of TBB.1 is not public in full: the requirements are those of the same one in the other couloirs
of vague 1, and each says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from esms_sdk import database
from esms_sdk.checks import envois, perimetre_documents
from esms_sdk.checks.indicateurs import unreadable
from esms_sdk.checks.published import TABLEAU_DE_BORD, Juge, on, table
from esms_sdk.checks.registry import Examined, Indetermine, Query, check
from esms_sdk.dashboard.periods import periods
from esms_sdk.publication import Compte, Publication
from esms_sdk.publication.model import CANAUX, COMPTES, ECHECS, INSI, PERIODES

Key = tuple[str, str, str]


@on(TABLEAU_DE_BORD, "ESMS-TBB-01", whole=True)
def row_for_each(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The dashboard has a row for each establishment ordered, or of the perimeter without an order."""
    asked = examined.commande.etablissements if examined.commande else examined.lot.manifest.perimetre
    for finess in sorted(set(asked)):
        yield Juge(finess, finess, None if finess in published.finess else "ABSENT")


@on(TABLEAU_DE_BORD, "ESMS-TBB-02")
def three_periods(examined: Examined, published: Publication) -> Iterator[Juge]:
    """Each establishment has the three periods, with their exact dates."""
    asked = periods(published.jour)
    held = {(one.finess_et, one.periode): one for one in reversed(_own(published))}
    for finess in sorted(published.finess):
        for name in PERIODES:
            one, wanted = held.get((finess, name)), asked[name]
            if one is None:
                yield Juge(f"{finess}|{name}", finess, "PERIODE_ABSENTE")
            elif one.debut is None or one.fin is None:
                yield Juge(f"{finess}|{name}", finess, "BORNES_NON_DITES", None, one.ligne)
            elif (one.debut, one.fin) != (wanted.debut, wanted.fin):
                told = f"du {one.debut} au {one.fin}, attendu du {wanted.debut} au {wanted.fin}"
                yield Juge(f"{finess}|{name}", finess, "BORNES", told, one.ligne)
            else:
                yield Juge(f"{finess}|{name}", finess)


@on(TABLEAU_DE_BORD, "ESMS-TBB-03")
def nine_counts(examined: Examined, published: Publication) -> Iterator[Juge]:
    """Each period has its nine counts, whole and not negative, each total the sum of its two parts."""
    held = _by_key(published)
    for finess, periode in _periods(published):
        for mesure in COMPTES:
            one = held.get((finess, periode, mesure))
            yield Juge(f"{finess}|{periode}|{mesure}", finess, _count_fault(one), ligne=one.ligne if one else None)
        for canal in CANAUX:
            total, qualified, other = (_value(held, (finess, periode, f"{canal}.{etat}")) for etat in _PARTS)
            if None not in (total, qualified, other) and total != (qualified or 0) + (other or 0):
                told = f"{total}, et non {qualified} + {other}"
                yield Juge(f"{finess}|{periode}|{canal}", finess, "SOMME", told)


@on(TABLEAU_DE_BORD, "ESMS-TBB-04")
def recomputed(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The counts of channels and failures are those of the recomputation over the covered periods."""
    counts, covered = envois.counts(examined, published.jour)
    if not any(covered.values()):
        raise Indetermine("le journal des envois ne couvre en entier aucune des trois périodes")
    for one in _own(published):
        key = (one.finess_et, one.periode, one.mesure)
        if one.mesure in INSI or one.valeur is None or not covered.get(key[:2]) or counts.get(key) is None:
            continue
        real = counts[key]
        assert real is not None
        if one.valeur == real:
            yield Juge(one.cle, one.finess_et, ligne=one.ligne)
        else:
            told = f"publié {one.valeur}, recalculé {real}"
            if rows := envois.reasons(examined, published.jour, key, one.valeur, real):
                told += f" ; {rows}"
            yield Juge(one.cle, one.finess_et, "COMPTE_DIFFERENT", told, one.ligne)


@on(TABLEAU_DE_BORD, "ESMS-TBB-05")
def month_within_year(examined: Examined, published: Publication) -> Iterator[Juge]:
    """No count of the month passes that of the year which holds it."""
    held = _by_key(published)
    for (finess, periode, mesure), one in held.items():
        year = _value(held, (finess, "annee_courante", mesure))
        # A failure of an earlier month may have been repaired within the year, and an admission counts a person once.
        if periode != "mois_courant" or mesure == "echecs.mss" or one.valeur is None or year is None:
            continue
        wrong = one.valeur > year
        told = f"{one.valeur} dans le mois, {year} dans l'année" if wrong else None
        yield Juge(one.cle, finess, "MOIS_AU_DELA_DE_L_ANNEE" if wrong else None, told, one.ligne)


@on(TABLEAU_DE_BORD, "ESMS-TBB-06")
def failures_shown(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The failures of the DMP and of MSSanté are shown, at zero too."""
    held = _by_key(published)
    for finess, periode in _periods(published):
        for mesure in ECHECS:
            one = held.get((finess, periode, mesure))
            yield Juge(f"{finess}|{periode}|{mesure}", finess, _count_fault(one), ligne=one.ligne if one else None)


@on(TABLEAU_DE_BORD, "ESMS-TBB-07")
def by_professional(examined: Examined, published: Publication) -> Iterator[Juge]:
    """Where the sends name a professional, the dashboard has the detail by RPPS, and it adds up."""
    sums: dict[Key, int] = {}
    for one in published.comptes:
        if one.rpps and one.valeur is not None:
            key = (one.finess_et, one.periode, one.mesure)
            sums[key] = sums.get(key, 0) + one.valeur
    detailed = {key[0] for key in sums}
    held = _by_key(published)
    for finess in sorted(published.finess & envois.with_rpps(examined)):
        yield Juge(finess, finess, None if finess in detailed else "DETAIL_ABSENT")
    ours = envois.by_rpps(examined, published.jour)
    for key, total in sums.items():
        whole = _value(held, key)
        if whole is not None and key[2] in COMPTES:
            # Sends without RPPS are in no line of the detail, one of two professionals is in two.
            told = f"{total} par RPPS, {whole} en tout"
            yield Juge("|".join(key), key[0], *(() if total in (whole, ours.get(key)) else ("SOMME_RPPS", told)))


@on(TABLEAU_DE_BORD, "ESMS-TBB-08", whole=True)
def readable(examined: Examined, published: Publication) -> Iterator[Juge]:
    """Each row and cell of the extraction could be read."""
    yield from unreadable(examined, published)


@check("ESMS-TBB-09")
def used_by_each(examined: Examined) -> Query:
    """Each establishment has fed the DMP and sent by MSSanté in the year; those ordered must."""

    def judged() -> Iterator[Juge]:
        ordered = set(examined.commande.etablissements) if examined.commande else set()
        for finess, use in envois.uses(examined).items():
            for service, found in use.items():
                code = {0: "SANS_ENVOI", None: "PERIODE_NON_COUVERTE"}.get(found)
                if code == "SANS_ENVOI" and finess in ordered:
                    code = "VALEUR_ZERO"
                yield Juge(f"{finess}|{service}", finess, code)

    return table(examined, "ESMS-TBB-09", judged())


@on(TABLEAU_DE_BORD, "ESMS-TBB-10")
def insi(examined: Examined, published: Publication) -> Iterator[Juge]:
    """Where the INSi figures are shown, they are whole, hold together and are those of the recomputation."""
    held = _by_key(published)
    counts, _ = envois.counts(examined, published.jour)
    for one in _own(published):
        if one.mesure not in INSI or (one.valeur is None and one.entier):
            continue
        real = counts.get((one.finess_et, one.periode, one.mesure))
        code, told = _count_fault(one), None
        if code is None and real is not None and one.valeur != real:
            code, told = "INSI_DIFFERENT", f"publié {one.valeur}, recalculé {real}"
        yield Juge(one.cle, one.finess_et, code, told, one.ligne)
        if one.mesure == "insi.admissions_qualifiees":
            all_of_them = _value(held, (one.finess_et, one.periode, "insi.admissions"))
            if all_of_them is not None and (one.valeur or 0) > all_of_them:
                told = f"{one.valeur} sur {all_of_them}"
                yield Juge(one.cle, one.finess_et, "PLUS_DE_CENT_POUR_CENT", told, one.ligne)


@check("ESMS-TBB-11")
def types_of_the_perimeter(examined: Examined) -> Query:
    """The documents sent are of the types that the médico-social couloir lists."""
    kept = ", ".join(database.text(code) for code in perimetre_documents.produced())
    return f"""
select finess_et || '|' || type_code as cle, finess_et,
    case when type_code not in ({kept}) then 'TYPE_HORS_LISTE' end as code,
    count(distinct document_id) || ' document(s)' as precision
from (select finess_et, document_id from envoi where resultat = 'SUCCES' and operation is distinct from 'SUPPRESSION')
join (select document_id, type_code from document) using (document_id) group by finess_et, type_code"""


_PARTS = ("total", "ins_qualifiee", "ins_non_qualifiee")


def _own(published: Publication) -> list[Compte]:
    """Return the counts of the establishments themselves."""
    return [one for one in published.comptes if one.rpps is None]


def _by_key(published: Publication) -> dict[Key, Compte]:
    return {(one.finess_et, one.periode, one.mesure): one for one in _own(published)}


def _periods(published: Publication) -> list[tuple[str, str]]:
    return sorted({(one.finess_et, one.periode) for one in _own(published)})


def _value(held: dict[Key, Compte], key: Key) -> int | None:
    return held[key].valeur if key in held else None


def _count_fault(one: Compte | None) -> str | None:
    if one is None or (one.valeur is None and one.entier):
        return "ABSENT"
    if not one.entier:
        return "NON_ENTIER"
    return "NEGATIF" if (one.valeur or 0) < 0 else None

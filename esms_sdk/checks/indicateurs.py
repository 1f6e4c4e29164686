"""IND: the indicators, on the lot where the lot alone tells, else on the file that the vendor publishes.

The file is held against the recomputation from the lot over the same days: two whole numbers are equal or they are not;
a rate that stands alone is compared at the precision it was printed with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from esms_sdk import masking
from esms_sdk.checks.ecarts import Regle, differences
from esms_sdk.checks.published import INDICATEURS, Juge, on, table
from esms_sdk.checks.recalcul import indicators_of_lot, recalcul
from esms_sdk.checks.registry import Examined, Query, check
from esms_sdk.identifiers import finess as numbers
from esms_sdk.indicators import DUI, Rate, definitions
from esms_sdk.indicators.compute import collection_period
from esms_sdk.publication import Chiffre, Publication

T1, T2, T3 = DUI
MSS, DMP = "taux_mssante", "taux_dmp"
OPTIONNELS = ("nb_eprescription", "nb_eparcours")


@check("ESMS-IND-01")
def supplied_by_the_lot(examined: Examined) -> Query:
    """The three indicators can be supplied for each establishment that was open."""

    def judged() -> Iterator[Juge]:
        for finess, place in indicators_of_lot(examined).items():
            for one in place.indicateurs:
                if isinstance(one, Rate) and one.id in DUI and one.motif != "ETABLISSEMENT_HORS_PERIODE":
                    yield Juge(f"{finess}|{one.id}", finess, one.motif, definitions()[one.id].libelle)

    return table(examined, "ESMS-IND-01", judged())


@on(INDICATEURS, "ESMS-IND-02")
def numerators_within(examined: Examined, published: Publication) -> Iterator[Juge]:
    """No numerator above its denominator; T2 and T3 are over the active dossiers of T1."""
    actives = {one.finess_et: one.numerateur for one in published.chiffres if one.indicateur == T1 and not one.lecture}
    chosen = published.options.denominateur
    actives |= {o.finess_et: o.numerateur for o in published.chiffres if o.indicateur == T1 and o.lecture == chosen}
    for one in _of(published, T1, T2, T3, DMP):
        if one.numerateur is not None and one.denominateur is not None and one.numerateur > one.denominateur:
            yield _juge(one, "NUMERATEUR_TROP_GRAND", f"{one.numerateur} sur {one.denominateur}")
        elif one.taux is not None and one.taux > 100:
            yield _juge(one, "TAUX_TROP_GRAND", f"{one.taux:g} %")
        else:
            yield _juge(one)
        if one.indicateur in (T2, T3) and one.denominateur is not None:
            wanted = actives.get(one.finess_et)
            if wanted is not None and wanted != one.denominateur:
                yield _juge(one, "DENOMINATEUR_AUTRE", f"{one.denominateur}, dossiers actifs {wanted}")


@on(INDICATEURS, "ESMS-IND-04")
def active_dossiers(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The active dossiers are those of the recomputation."""
    held = recalcul(examined, T1)
    yield from differences(held, _of(published, T1), Regle("numerateur", "ACTIFS_DIFFERENTS"))
    yield from differences(held, _of(published, "nb_dui_actifs"), Regle("numerateur", "NB_DUI_ACTIFS_DIFFERENT"))


@check("ESMS-IND-05")
def each_person_once(examined: Examined) -> Query:
    """No two persons accompanied by one establishment bear the same matricule: they would count twice."""
    examined.once(
        "ind_matricule",
        "select distinct s.finess_et, u.usager_id, u.matricule_ins from sejour s join racine r using (usager_id)"
        " join usager u on u.usager_id = r.racine where u.matricule_ins is not null",
    )
    return """
select usager_id as cle, finess_et,
    case when count(*) over (partition by finess_et, matricule_ins) > 1 then 'PERSONNE_EN_DOUBLE' end as code
from ind_matricule"""


@on(INDICATEURS, "ESMS-IND-06")
def declared_bounds(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The bounds in the file are those of its definition."""
    period = collection_period(published.jour, published.options)
    if not published.definition_dite:
        yield Juge(published.fichier, None, "DEFINITION_NON_DITE", f"lue comme {published.options.definition}")
    for one in published.chiffres:
        wrong = one.debut not in (None, period.debut) or one.fin not in (None, period.fin)
        if one.debut is None or one.fin is None:
            yield _juge(one, "BORNES_NON_DITES")
        elif wrong:
            told = f"du {one.debut} au {one.fin}, attendu du {period.debut} au {period.fin}"
            yield _juge(one, "BORNES", f"{told} ({published.options.definition}, mesure du {published.jour})")
        else:
            yield _juge(one)


@on(INDICATEURS, "ESMS-IND-07")
def file_active(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The persons accompanied are those of the recomputation."""
    yield from differences(recalcul(examined, T1), _of(published, T1), Regle("denominateur", "FILE_ACTIVE_DIFFERENTE"))


@on(INDICATEURS, "ESMS-IND-08")
def projets_in_force(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The dossiers with a projet are those of the recomputation: ENPREPARATION and ENCOURS count, the others not."""
    yield from differences(recalcul(examined, T2), _of(published, T2), Regle("numerateur", "PROJETS_DIFFERENTS"))


@on(INDICATEURS, "ESMS-IND-09")
def events_of_the_period(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The dossiers with an event are those of the recomputation."""
    yield from differences(recalcul(examined, T3), _of(published, T3), Regle("numerateur", "EVENEMENTS_DIFFERENTS"))


@on(INDICATEURS, "ESMS-IND-10")
def targets(examined: Examined, published: Publication) -> Iterator[Juge]:
    """What the file says of a target follows from its own whole numbers."""
    for one in _of(published, T1, T2, T3, MSS, DMP):
        n, d, cible = one.numerateur, one.denominateur, one.cible or definitions()[one.indicateur].cible
        if n is None or not d or cible is None or one.etat == "SANS_OBJET":
            continue
        reached = 100 * n >= cible * d
        if one.etat in ("ATTEINTE", "NON_ATTEINTE") and (one.etat == "ATTEINTE") != reached:
            yield _juge(one, "ETAT_FAUX", f"{n} sur {d}, cible {cible:g} %, «{one.etat}»")
        elif one.cible is not None and one.cible != definitions()[one.indicateur].cible:
            yield _juge(one, "CIBLE_AUTRE", f"{one.cible:g} %, attendu {definitions()[one.indicateur].cible} %")
        else:
            yield _juge(one, None if reached else "NON_ATTEINTE", None if reached else f"{n} sur {d}")


@on(INDICATEURS, "ESMS-IND-11")
def services_socles(examined: Examined, published: Publication) -> Iterator[Juge]:
    """MSSanté counts messages and the DMP persons, both over those who may have a projet."""
    held = recalcul(examined, MSS, DMP)
    yield from differences(held, _of(published, MSS), Regle("numerateur", "MESSAGES_DIFFERENTS"))
    yield from differences(held, _of(published, DMP), Regle("numerateur", "DMP_DIFFERENTS"))
    yield from differences(held, _of(published, MSS, DMP), Regle("denominateur", "PERSONNES_DIFFERENTES"))


@on(INDICATEURS, "ESMS-IND-12")
def exemptions(examined: Examined, published: Publication) -> Iterator[Juge]:
    """MSSanté and DMP have no target in the PJM and the AHI outside of SONS, and one elsewhere."""
    profils = dict(examined.lot.con.execute("select finess_et, profil_cibles from etablissement").fetchall())
    for one in _of(published, MSS, DMP):
        exempt = profils.get(one.finess_et) in definitions()[one.indicateur].sans_objet
        if exempt and (one.cible is not None or one.etat in ("ATTEINTE", "NON_ATTEINTE")):
            yield _juge(one, "CIBLE_APPLIQUEE", str(profils[one.finess_et]))
        elif not exempt and one.etat == "SANS_OBJET":
            yield _juge(one, "EXEMPTION_SANS_TITRE")
        else:
            yield _juge(one)


@on(INDICATEURS, "ESMS-IND-13")
def no_rate_of_nobody(examined: Examined, published: Publication) -> Iterator[Juge]:
    """Of nobody there is no rate: neither 0 % nor 100 %."""
    for one in _rates(published):
        if one.denominateur == 0:
            yield _juge(one, "TAUX_DE_PERSONNE" if one.taux is not None else None)
        elif one.denominateur is not None:
            yield _juge(one)


@on(INDICATEURS, "ESMS-IND-14")
def reproducible(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The file says how and by which software it was made."""
    manifest, nom = examined.lot.manifest, published.fichier
    yield Juge(nom, None)
    if not published.logiciel or not published.version_logiciel:
        yield Juge(nom, None, "VERSION_ABSENTE")
    elif (published.logiciel, published.version_logiciel) != (manifest.logiciel, manifest.version_logiciel):
        told = f"{published.logiciel} {published.version_logiciel}, lot de {manifest.logiciel}"
        yield Juge(nom, None, "VERSION_AUTRE", f"{told} {manifest.version_logiciel}")
    if not published.options_dites:
        yield Juge(nom, None, "OPTIONS_NON_DITES")
    if published.empreinte_lot and published.empreinte_lot != examined.lot.digest:
        yield Juge(nom, None, "LOT_AUTRE")


@on(INDICATEURS, "ESMS-IND-15", whole=True)
def readable(examined: Examined, published: Publication) -> Iterator[Juge]:
    """Each row and cell of the file could be read."""
    yield from unreadable(examined, published)


@on(INDICATEURS, "ESMS-IND-16")
def published_for_each(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The file has the three indicators of each establishment, or says why not."""
    given = {(one.finess_et, one.indicateur): one for one in published.chiffres if one.given}
    named = {(one.finess_et, one.indicateur): one for one in published.chiffres}
    for finess in sorted(examined.lot.manifest.perimetre):
        for indicateur in DUI:
            key = (finess, indicateur)
            if key in given or (key in named and named[key].motif):
                yield Juge("|".join(key), finess)
            else:
                yield Juge("|".join(key), finess, "VALEUR_SANS_MOTIF" if key in named else "ABSENT")


@on(INDICATEURS, "ESMS-IND-17")
def rate_of_its_numbers(examined: Examined, published: Publication) -> Iterator[Juge]:
    """A printed rate is that of its two numbers, at the precision it was printed with."""
    for one in _rates(published):
        if one.taux is None or one.pas is None or one.numerateur is None or not one.denominateur:
            continue
        real = 100 * one.numerateur / one.denominateur
        wrong = abs(one.taux - real) > one.pas / 2 + 1e-9
        yield _juge(one, "TAUX_INCOHERENT", f"{one.taux:g} %, calculé {real:.2f} %") if wrong else _juge(one)


@on(INDICATEURS, "ESMS-IND-18")
def optional_counts(examined: Examined, published: Publication) -> Iterator[Juge]:
    """The optional counts are those of the recomputation."""
    held = recalcul(examined, *OPTIONNELS)
    yield from differences(held, _of(published, *OPTIONNELS), Regle("numerateur", "ECHANGES_DIFFERENTS"))


def unreadable(examined: Examined, published: Publication) -> Iterator[Juge]:
    """Yield what could not be read, and the establishments that are not of the lot."""
    doubtful = {one.finess_et for one in published.defauts if one.code == "FINESS_SANS_ZERO"}
    for finess in sorted(published.finess):
        outside = finess not in examined.lot.manifest.perimetre
        # What is no FINESS by its key may be anything that stood in a column taken for it.
        shown = finess if numbers.is_valid(finess) and finess not in doubtful else masking.shape(finess)
        yield Juge(shown if outside else finess, finess, "HORS_PERIMETRE" if outside else None)
    for one in published.defauts:
        where = one.finess_et if one.finess_et in examined.lot.manifest.perimetre else published.fichier
        key = "|".join(str(part) for part in (where, one.ligne) if part)
        yield Juge(key, one.finess_et, one.code, one.precision, one.ligne)


def _juge(one: Chiffre, code: str | None = None, precision: str | None = None) -> Juge:
    return Juge(one.cle, one.finess_et, code, precision, one.ligne)


def _of(published: Publication, *indicateurs: str) -> list[Chiffre]:
    return [one for one in published.chiffres if one.indicateur in indicateurs]


def _rates(published: Publication) -> Iterable[Chiffre]:
    return (one for one in published.chiffres if definitions()[one.indicateur].genre == "taux")

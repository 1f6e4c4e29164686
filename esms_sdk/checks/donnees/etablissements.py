"""What an ESSMS looks like as a whole."""

from __future__ import annotations

from esms_sdk.checks.donnees.tables import day
from esms_sdk.checks.registry import Examined, Query, check


@check("ESMS-DONNEES-21")
def dossiers_keep_their_creation(examined: Examined) -> Query:
    """The dossiers were not all created on the day of the deployment."""
    least = examined.parametres["nombre_significatif"]
    return f"""
select finess_et as cle, finess_et,
    case when count(*) >= {least:d} and min(date_creation) = max(date_creation)
        and min(date_creation) = any_value(date_deploiement) then 'DATE_DE_REPRISE' end as code
from dossier join etablissement using (finess_et) where date_deploiement is not null group by finess_et"""


@check("ESMS-DONNEES-22")
def sejours_last(examined: Examined) -> Query:
    """The séjours of an ESSMS are not for the most part of one day."""
    least, part = examined.parametres["nombre_significatif"], examined.parametres["part_sejours_d_un_jour"]
    return f"""
select finess_et as cle, finess_et,
    case when count(*) >= {least:d} and 100 * count(*) filter (date_sortie = date_entree) > {part:d} * count(*)
        then 'UN_JOUR' end as code
from sejour group by finess_et"""


@check("ESMS-DONNEES-25")
def somebody_everywhere(examined: Examined) -> Query:
    """Each ESSMS of the perimeter that was open and equipped has a séjour."""
    coverage = examined.lot.coverage("sejour")
    debut, fin = f"date '{coverage.debut.isoformat()}'", f"date '{coverage.fin.isoformat()}'"
    return f"""
select finess_et as cle, finess_et, case when s.finess_et is null then 'SANS_SEJOUR' end as code
from etablissement left join (select distinct finess_et from sejour) s using (finess_et)
where coalesce(date_fermeture, {debut}) >= {debut} and coalesce(date_ouverture, {fin}) <= {fin}
    and coalesce(date_deploiement, {fin}) <= {fin}"""


@check("ESMS-DONNEES-27")
def extraction_follows_coverage(examined: Examined) -> Query:
    """The extraction was made soon after the end of the period that it covers."""
    fin = f"date '{examined.lot.manifest.periode_couverte.fin.isoformat()}'"
    late = f"{day(examined)} > {fin} + {examined.parametres['delai_extraction']:d}"
    return f"select finess_et as cle, finess_et, case when {late} then 'TARDIVE' end as code from etablissement"

"""FINESS: the numbers of the establishments and of their bodies, by themselves and against the register."""

from __future__ import annotations

import re

from esms_sdk import database, masking
from esms_sdk.checks.registry import Examined, Indetermine, Query, check
from esms_sdk.finess import GROUPES_MS1, Reference, categorie, check_finess, open_reference
from esms_sdk.finess import Constat as Seen
from esms_sdk.identifiers import finess, luhn

_FORM = "regexp_full_match({0}, '([0-9]{{2}}|2[AB])[0-9]{{7}}')"
# What the register says against a number; F1, F2 and F6 are those of FINESS-01 and FINESS-04.
_CODES = {
    ("F3", "erreur"): "ORGANISME",
    ("F4", "erreur"): "INCONNU",
    ("F4", "avertissement"): "INCONNU",
    ("F5", "erreur"): "HORS_PERIODE",
    ("F5", "information"): "FERME_PENDANT",
    ("F7", "erreur"): "AUTRE_ORGANISME",
    ("F8", "avertissement"): "REFERENTIEL_ANCIEN",
}


@check("ESMS-FINESS-01")
def finess_key(examined: Examined) -> Query:
    """The numbers have the form and the key of a FINESS."""

    def code(column: str, of: str) -> str:
        form = _FORM.format(column)
        return f"case when not {form} then 'FORME{of}' when not {finess.sql_is_valid(column)} then 'CLE{of}' end"

    return f"""
select finess_et as cle, finess_et, {code("finess_et", "")} as code from etablissement
union all
select finess_ej as cle, finess_et, {code("finess_ej", "_EJ")} as code from etablissement"""


@check("ESMS-FINESS-02")
def one_number_one_thing(examined: Examined) -> Query:
    """A number is that of an establishment or of a body, never of both; the SIREN of a body is one."""
    siren = luhn.sql_holds("siren", "siren", 9)
    return f"""
select finess_et as cle, finess_et, case when o.finess_ej is not null then 'EJ_ET' end as code
from etablissement e left join (select finess_ej from organisme) o on o.finess_ej = e.finess_et
union all
select finess_ej as cle, finess_et, case when not {siren} then 'SIREN' end as code
from organisme join etablissement using (finess_ej) where siren is not null"""


@check("ESMS-FINESS-04")
def category_of_the_corridor(examined: Examined) -> Query:
    """The category is that of an ESSMS, in a group that the corridor holds."""
    con = examined.lot.con
    used = [row[0] for row in con.execute("select distinct categorie from etablissement order by all").fetchall()]
    rows = "".join(f" when {database.text(one)} then {database.text(_category(one))}" for one in used if one)
    shown = "".join(f" when {database.text(one)} then {database.text(_shown(one))}" for one in used if one)
    # PJM and AHI beside the SONS are said by the lot itself.
    return f"""
select finess_et as cle, finess_et, nullif(case categorie{rows or " when '' then ''"} else 'ABSENTE' end, '') as code,
    'catégorie ' || case categorie{shown or " when '' then ''"} end as precision
from etablissement where profil_cibles = 'standard'"""


def _shown(code: str) -> str:
    # What is no code by its look may be anything that stood in a column taken for it.
    return code if re.fullmatch("[0-9]{1,4}", code) else masking.shape(code)


def _category(code: str) -> str:
    # TRE_R66 is also seen with leading zeros.
    found = categorie(re.sub("^0+(?=...)", "", code))
    if found is None:
        return "INCONNUE"
    return "" if found.groupe in GROUPES_MS1 else "HORS_GROUPE"


@check("ESMS-FINESS-05")
def open_in_the_period(examined: Examined) -> Query:
    """An establishment of the perimeter was open at some time of the period covered."""
    period = examined.lot.manifest.periode_couverte
    return f"""
select finess_et as cle, finess_et,
    case when date_fermeture < date '{period.debut.isoformat()}' then 'FERME'
        when date_ouverture > date '{period.fin.isoformat()}' then 'PAS_OUVERT' end as code,
    strftime(case when date_fermeture < date '{period.debut.isoformat()}' then date_fermeture else date_ouverture end,
        '%d/%m/%Y') as precision
from etablissement where date_ouverture is not null or date_fermeture is not null"""


@check("ESMS-FINESS-06")
def dates_in_order(examined: Examined) -> Query:
    """An establishment opens, is equipped, and closes, in this order."""
    return """
select finess_et as cle, finess_et,
    unnest(case when len(codes) = 0 then [null] else codes end) as code
from (select finess_et, list_filter([
    case when date_fermeture < date_ouverture then 'FERMETURE_AVANT_OUVERTURE' end,
    case when date_deploiement < date_ouverture then 'DEPLOIEMENT_AVANT_OUVERTURE' end,
    case when date_deploiement > date_fermeture then 'DEPLOIEMENT_APRES_FERMETURE' end
], lambda code: code is not null) as codes
from etablissement where date_ouverture is not null or date_fermeture is not null)"""


@check("ESMS-FINESS-08")
def known_to_the_register(examined: Examined) -> Query:
    """The register knows the establishment, as the lot describes it; invented numbers (département 00) are left out."""
    listed = "select distinct finess_et, finess_ej from etablissement where finess_et not like '00%' order by all"
    numbers = examined.lot.con.execute(listed).fetchall()
    given = examined.partage.get("referentiel_finess")
    with given or open_reference() as reference:
        if reference.invente:
            raise Indetermine("aucun référentiel FINESS sur ce poste : le faire avec esms finess update")
        # The verdict hangs on this file of the machine too: the report names it among its inputs.
        seen = {"type": "referentiel_finess", "nom": reference.place.name, "empreinte_sha256": reference.origin.sha256}
        examined.partage.setdefault("entrees", []).append({**seen, "genere_le": reference.origin.genere_le})
        rows = [row for et, ej in numbers for row in _seen(examined, reference, et, ej)]
    if not rows:
        return "select finess_et as cle, finess_et, null as code from etablissement where false"
    values = ", ".join(f"({database.text(et)}, {code}, {precision})" for et, code, precision in rows)
    return f"select finess_et as cle, finess_et, code, precision from (values {values}) t(finess_et, code, precision)"


def _seen(examined: Examined, reference: Reference, et: str, ej: str) -> list[tuple[str, str, str]]:
    found: list[Seen] = check_finess(et, reference, finess_ej=ej, period=examined.lot.manifest.periode_couverte)
    codes = [(_CODES[one.code, one.gravite], one.message) for one in found if (one.code, one.gravite) in _CODES]
    return [(et, database.text(code), database.text(said)) for code, said in codes] or [(et, "null", "null")]

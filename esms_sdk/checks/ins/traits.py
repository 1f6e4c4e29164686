"""The strict traits: names, date and place of birth, sex."""

from __future__ import annotations

from esms_sdk import database
from esms_sdk.checks.ins.personnes import INSI, PERSONNES, per_person
from esms_sdk.checks.registry import Examined, Query, check

STRICTS = ("nom_naissance", "prenoms_naissance", "date_naissance", "sexe", "lieu_naissance_cog")
_NOMS = ("nom_naissance", "prenoms_naissance", "premier_prenom")
_COG = "regexp_full_match(lieu_naissance_cog, '([0-9]{2}|2[AB])[0-9]{3}')"


@check("ESMS-INS-03")
def strict_traits_present(examined: Examined) -> Query:
    """An identity that INSi gave has all five strict traits, its place of birth as a COG code."""
    names = ", ".join(f"case when {name} is null then '{name}' end" for name in STRICTS)
    missing = " or ".join(f"{name} is null" for name in STRICTS)
    return per_person(
        {"TRAIT_MANQUANT": missing, "LIEU": f"not {_COG}"},
        f"statut_identite in {INSI}",
        f"case code when 'TRAIT_MANQUANT' then"
        f" array_to_string(list_filter([{names}], lambda n: n is not null), ', ') end",
    )


@check("ESMS-INS-17")
def place_of_a_local_identity(examined: Examined) -> Query:
    """A place of birth that was typed is a COG code too."""
    return per_person(
        {"LIEU": f"not {_COG}"},
        f"lieu_naissance_cog is not null and (statut_identite is null or statut_identite not in {INSI})",
    )


@check("ESMS-INS-18")
def sex_of_an_insi_identity(examined: Examined) -> Query:
    """INSi gives F or M: another sex is that of a local identity."""
    return per_person({"SEXE": "sexe = 'I'"}, f"statut_identite in {INSI} and sexe is not null")


@check("ESMS-INS-04")
def characters_of_the_names(examined: Examined) -> Query:
    """Strict names are of A to Z, space, apostrophe and hyphen, rightly placed."""
    columns = ", ".join(f"{{'colonne': '{name}', 'valeur': {name}}}" for name in _NOMS)
    letters = "regexp_full_match({}, '[A-Z ''-]*')"
    plain = "strip_accents(valeur)"
    return f"""
select usager_id as cle, usager_id, code, case when code is not null then colonne end as precision from (
select usager_id, colonne, case
    when not {letters.format("valeur")} then case
        when {letters.format("upper(valeur)")} then 'MINUSCULES'
        when {letters.format(f"upper({plain})")} then 'DIACRITIQUES'
        else 'CARACTERES' end
    when regexp_matches(valeur, '^[ -]|  |''''|---') then 'PONCTUATION'
    when colonne <> 'nom_naissance' and regexp_matches(valeur, '--|[''-] *$') then 'PONCTUATION'
    when regexp_matches(valeur, ' $') then 'ESPACE_FINAL' end as code
from (select usager_id, trait.colonne, trait.valeur
      from (select usager_id, unnest([{columns}]) as trait from {PERSONNES}))
where valeur is not null)"""


@check("ESMS-INS-05")
def first_given_name(examined: Examined) -> Query:
    """The first given name is the head of the list; it may itself hold a space, and case is not looked at here."""
    first, listed = (f"upper(strip_accents({name}))" for name in ("premier_prenom", "prenoms_naissance"))
    return per_person(
        {
            "PREMIER_PRENOM": f"{listed} <> {first} and not starts_with({listed}, {first} || ' ')",
            "PREMIER_PRENOM_MANQUANT": "premier_prenom is null",
        },
        f"prenoms_naissance is not null and (premier_prenom is not null or statut_identite in {INSI})",
    )


@check("ESMS-INS-06")
def date_of_birth(examined: Examined) -> Query:
    """The date of birth is a date; an unknown day or month follows the convention of the guide in force.

    Guide v3 (and the RNIV): 01 for an unknown day or month, 31/12 for both, with the marker.  Guide v2, rule 11: an
    identity that INSi gives with an unknown day or month is not taken over at all.
    """
    day = database.text(examined.extraction.isoformat())
    taken_over = f"statut_identite in {INSI} and date_naissance_estimee" if _guide_v2(examined) else "false"
    return f"""
select usager_id as cle, usager_id, case
    when not regexp_full_match(date_naissance, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') or date_naissance like '0000%'
        then 'FORME'
    when date_naissance like '____-00-__' or date_naissance like '____-__-00' then 'ZERO'
    when try_cast(date_naissance as date) is null then 'IMPOSSIBLE'
    when try_cast(date_naissance as date) > date {day} then 'FUTURE'
    when {taken_over} then 'ESTIMEE_REPRISE'
    when date_naissance_estimee and not (date_naissance like '____-__-01' or date_naissance like '____-01-__'
        or date_naissance like '____-12-31') then 'MARQUEUR_SANS_CONVENTION'
    when date_naissance_estimee is null and (date_naissance like '____-01-01' or date_naissance like '____-12-31')
        then 'MARQUEUR_INCONNU' end as code
from {PERSONNES} where date_naissance is not null"""


def _guide_v2(examined: Examined) -> bool:
    return bool(examined.parametres["guide_ins"] == "v2")

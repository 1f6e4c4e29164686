"""Dates that cannot be: after the extraction, or of another age.  The rows are the faults, and each ESSMS once."""

from __future__ import annotations

from esms_sdk.checks.donnees.tables import day, journal
from esms_sdk.checks.registry import Examined, Query, check

_OF_PROJET = "statut_projet join projet_personnalise using (projet_id) join dossier using (dossier_id)"


@check("ESMS-DONNEES-07")
def nothing_from_the_future(examined: Examined) -> Query:
    """No record of an ESSMS is dated after the extraction."""
    # The extraction bears the hour of the server: overseas it may be the next day already.
    late = f"> {day(examined)} + 1"
    log = f"{journal(examined)} join dossier using (dossier_id)"
    return _found(
        ("DOSSIER", "dossier_id", "date_creation", "dossier", late),
        ("ARCHIVAGE", "dossier_id", "date_archivage", "dossier", late),
        ("SEJOUR", "sejour_id", "date_entree", "sejour", late),
        ("SORTIE_PREVUE", "sejour_id", "date_sortie", "sejour", late),
        ("MISE_A_JOUR", "dossier_id", "derniere", log, late),
        ("STATUT_PROJET", "projet_id", "date_statut", _OF_PROJET, late),
        ("EVENEMENT", "evenement_id", "evenement.date_debut", _events("TERMINE"), late),
        ("DOCUMENT", "document_id", "greatest(date_creation, date_validation)", "document", late),
        ("ENVOI", "envoi_id", "cast(horodatage as date)", "envoi", late),
        ("APPEL_INSI", "appel_id", "cast(horodatage as date)", "appel_insi", late),
        ("RECEPTION", "reception_id", "cast(horodatage as date)", "reception", late),
        ("ECHANGE", "echange_id", "cast(horodatage as date)", "echange_optionnel", late),
        ("DEPLOIEMENT", "finess_et", "date_deploiement", "etablissement", late),
    )


@check("ESMS-DONNEES-08")
def no_person_from_the_future(examined: Examined) -> Query:
    """No date of a person is after the extraction."""
    late = f"> {day(examined)} + 1"
    roots = "usager where usager_id_fusion is null"
    history = "(select usager_id, max(horodatage) as dernier from historique_identite group by all) where true"
    refusals = "(select usager_id, max(date_debut) as dernier from opposition group by all) where true"
    rows = [
        f"select usager_id as cle, usager_id, '{code}' as code, strftime({column}, '%d/%m/%Y') as precision"
        f" from {source} and {column} {late}"
        for code, column, source in (
            ("DECES", "date_deces", roots),
            ("STATUT_IDENTITE", "date_statut_identite", roots),
            ("INTERROGATION_INSI", "date_interrogation_insi", roots),
            ("HISTORIQUE", "cast(dernier as date)", history),
            ("OPPOSITION", "dernier", refusals),
        )
    ]
    judged = f"select usager_id as cle, usager_id, null as code, null as precision from {roots}"
    return " union all ".join([*rows, judged])


@check("ESMS-DONNEES-09")
def nothing_from_another_age(examined: Examined) -> Query:
    """No record of an ESSMS is dated before 1900."""
    old = "< date '1900-01-01'"
    log = f"{journal(examined)} join dossier using (dossier_id)"
    return _found(
        ("DOSSIER", "dossier_id", "least(date_creation, date_archivage)", "dossier", old),
        ("SEJOUR", "sejour_id", "date_entree", "sejour", old),
        ("MISE_A_JOUR", "dossier_id", "premiere", log, old),
        ("STATUT_PROJET", "projet_id", "date_statut", _OF_PROJET, old),
        ("EVENEMENT", "evenement_id", "evenement.date_debut", _events(), old),
        ("DOCUMENT", "document_id", "least(date_creation, date_validation)", "document", old),
        ("ENVOI", "envoi_id", "cast(horodatage as date)", "envoi", old),
        ("APPEL_INSI", "appel_id", "cast(horodatage as date)", "appel_insi", old),
        ("RECEPTION", "reception_id", "cast(horodatage as date)", "reception", old),
        ("ECHANGE", "echange_id", "cast(horodatage as date)", "echange_optionnel", old),
    )


def _found(*looked_at: tuple[str, str, str, str, str]) -> Query:
    """Return the faulty rows of each (code, key, date, rows, condition), and each ESSMS as judged."""
    rows = [
        f"select {key} as cle, finess_et, '{code}' as code, strftime({column}, '%d/%m/%Y') as precision"
        f" from {source} where {column} {condition}"
        for code, key, column, source, condition in looked_at
    ]
    judged = "select finess_et as cle, finess_et, null as code, null as precision from etablissement"
    return " union all ".join([*rows, judged])


def _events(statut: str = "") -> str:
    chosen = f"(select * from evenement where statut = '{statut}') evenement" if statut else "evenement"
    return f"{chosen} join dossier using (dossier_id)"

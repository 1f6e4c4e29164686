"""Who stands where, and why: the reasons behind the numbers, for the explanation and the work-list.

``add`` adds the temporary table ``situation`` (n, usager_id, the facts of ``personne``, a_sejour, a_dossier, motif)
to those of the engine: a row for each root person who has a séjour, a dossier or a fact in an establishment asked for.
The facts are read from ``personne`` as they are, so that nobody can be in a number and out of its explanation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esms_sdk.indicators.engine import FAITS, Question
from esms_sdk.indicators.file_active import DOSSIER_OUVERT

if TYPE_CHECKING:
    import duckdb

# Over a row of `sejour` that does not count, by reading: why.
_HORS = {
    "periode": "CASE WHEN date_entree > {fin} THEN 1 WHEN date_sortie < {debut} THEN 2 ELSE 0 END",
    "annuelle": "CASE WHEN date_entree > {fin} THEN 1 WHEN date_sortie < {annee} THEN 2"
    " WHEN date_sortie < {fin} AND sortie_definitive IS FALSE THEN 3 ELSE 0 END",
}
# Of several séjours that do not count, the reason nearest to counting is given.
_MOTIF_HORS = "CASE hors WHEN 3 THEN 'SORTIE_NON_DEFINITIVE' WHEN 2 THEN 'SORTI_AVANT' ELSE 'ENTRE_APRES' END"


def add(con: duckdb.DuckDBPyConnection, question: Question) -> None:
    """Build the table ``situation``, after :func:`engine.prepare` for the same question."""
    con.execute(question.sql(_situation(question.options.denominateur)))


def _situation(lecture: str) -> str:
    ici = "JOIN retenu USING (finess_et) LEFT JOIN fusion USING (usager_id)"
    facts = ", ".join(f"coalesce({fait}, FALSE) AS {fait}" for fait in FAITS)
    return f"""
CREATE OR REPLACE TEMP TABLE situation AS
WITH automatique AS (
    SELECT DISTINCT dossier_id, TRUE AS automatique FROM mise_a_jour
    WHERE origine <> 'UTILISATEUR' AND date_maj BETWEEN {{debut}} AND {{fin}}
),
vu AS (
    SELECT n, coalesce(racine, usager_id) AS usager_id, {_HORS[lecture]} AS hors, FALSE AS dossier, FALSE AS ouvert,
        FALSE AS automatique
    FROM sejour {ici}
    UNION ALL
    SELECT n, coalesce(racine, usager_id), NULL, TRUE, {DOSSIER_OUVERT},
        {DOSSIER_OUVERT} AND coalesce(automatique, FALSE)
    FROM dossier {ici} LEFT JOIN automatique USING (dossier_id)
),
par_personne AS (
    SELECT n, usager_id, max(hors) AS hors, count(hors) > 0 AS a_sejour, bool_or(dossier) AS a_dossier,
        bool_or(ouvert) AS ouvert, bool_or(automatique) AS automatique
    FROM vu GROUP BY n, usager_id
),
reunion AS (
    SELECT n, usager_id, hors, coalesce(a_sejour, FALSE) AS a_sejour, coalesce(a_dossier, FALSE) AS a_dossier, ouvert,
        automatique, {facts}
    FROM par_personne FULL JOIN personne USING (n, usager_id)
)
SELECT n, usager_id, a_sejour, a_dossier, {", ".join(FAITS)},
    CASE
        WHEN accompagnee_{lecture} AND maj THEN 'DOSSIER_ACTIF'
        WHEN accompagnee_{lecture} AND NOT a_dossier THEN 'SANS_DOSSIER'
        WHEN accompagnee_{lecture} AND NOT ouvert THEN 'DOSSIER_NON_OUVERT'
        WHEN accompagnee_{lecture} AND automatique THEN 'MISE_A_JOUR_AUTOMATIQUE_SEULE'
        WHEN accompagnee_{lecture} THEN 'SANS_MISE_A_JOUR'
        WHEN a_sejour THEN {_MOTIF_HORS}
        ELSE 'SANS_SEJOUR'
    END AS motif
FROM reunion
"""

"""The work-list: what each establishment has left to complete, person by person.  For the establishment only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from esms_sdk.indicators import engine, judgement, situation
from esms_sdk.indicators.definition import definitions
from esms_sdk.indicators.engine import Question
from esms_sdk.indicators.result import Indicateurs

if TYPE_CHECKING:
    from esms_sdk.lot import Lot


class Row(NamedTuple):
    """One line: a person's key as the lot has it, ``etat`` numerateur, a_corriger, exclu or hors_perimetre."""

    finess_et: str
    usager_id: str
    etat: str
    motif: str | None


# In each état, over a row of `situation`, the rows and their motif.  {projet} and {evenement} are false where the lot
# does not give the data: nobody is asked to complete what cannot be seen.
_ROWS = """
SELECT finess_et, usager_id, etat, motif
FROM (
    SELECT n, usager_id, 'numerateur' AS etat, NULL AS motif FROM situation
    WHERE accompagnee_{lecture} AND maj AND NOT ({projet}) AND NOT ({evenement})
    UNION ALL
    SELECT n, usager_id, 'a_corriger', 'SANS_PROJET_EN_COURS' FROM situation
    WHERE accompagnee_{lecture} AND maj AND {projet}
    UNION ALL
    SELECT n, usager_id, 'a_corriger', 'SANS_EVENEMENT' FROM situation
    WHERE accompagnee_{lecture} AND maj AND {evenement}
    UNION ALL
    SELECT n, usager_id, 'a_corriger', motif FROM situation WHERE accompagnee_{lecture} AND NOT maj AND {actif}
    UNION ALL
    SELECT n, usager_id, 'exclu', motif FROM situation WHERE a_sejour AND NOT accompagnee_{lecture}
    UNION ALL
    SELECT n, usager_id, 'hors_perimetre', motif FROM situation WHERE a_dossier AND NOT a_sejour
)
JOIN retenu USING (n)
ORDER BY finess_et, usager_id, etat, motif
"""


def worklist(lot: Lot, result: Indicateurs) -> list[Row]:
    """Return who is complete, what is missing for whom, and who does not count, for the establishments of ``result``.

    A person accompanied but not active has one row with the reason; an active one has a row a missing thing, or one
    row ``numerateur`` where nothing is missing.
    """
    question = Question(result.periode, result.options, tuple(e.finess_et for e in result))
    given = {
        name: judgement.evidence(lot, definition, question.period, question.options.evenements).fourni
        for name, definition in definitions().items()
    }
    conditions = {
        "actif": "TRUE" if given["taux_dossiers_actifs"] else "FALSE",
        "projet": "NOT projet" if given["taux_projet_personnalise"] else "FALSE",
        "evenement": "NOT evenement" if given["taux_evenement_agenda"] else "FALSE",
    }
    engine.prepare(lot.con, question)
    situation.add(lot.con, question)
    rows = _ROWS.format(lecture=question.options.denominateur, **conditions)
    return [Row(*row) for row in engine.fetch(lot.con, question, rows)]

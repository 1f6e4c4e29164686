"""Which writings bear no establishment, so that the adapter must give them to every one that holds the record.

Where a record has one establishment nothing is lost by it.  Where it has two, only such writings go without as count
for nothing in the other one, whatever the measure: the indicators stay those of the world, and the rule is put to use.
"""

from __future__ import annotations

from datetime import date, timedelta

from esms_sdk.sample.activity import stays_by_dossier
from esms_sdk.sample.mediadom.filling import Filling
from esms_sdk.sample.world import Dossier, Ecriture, Evenement, Projet

_LONGEST_MEASURE = timedelta(days=100)
_ON = ("ENPREPARATION", "ENCOURS")


class Attribution:
    """Decides, for each thing written in a record, whether the database says where it was made."""

    def __init__(self, f: Filling) -> None:
        self.f = f
        stays = stays_by_dossier(f.world)
        self._entry = {key: min((s.entree for s in found), default=date.max) for key, found in stays.items()}
        self._days = {(e.dossier_id, e.quand.date()) for e in f.world.journal if e.origine == "UTILISATEUR"}
        lost = set(f.lost.of("evenement"))
        self._seen = {e.dossier_id for e in f.world.evenements if e.statut != "ANNULE" and e.evenement_id not in lost}
        self._lost_projets = set(f.lost.of("projet_personnalise")) | {
            key.split(" ")[0] for key in f.lost.of("statut_projet")
        }
        self._lost_records = set(f.lost.of("dossier")) | {
            d.dossier_id for d in f.world.dossiers if d.usager_id in f.lost.of("usager")
        }
        self._lost_events = lost

    def unknown_write(self, e: Ecriture) -> bool:
        """Say whether a line of the audit log bears no establishment."""
        others = self._others(e.dossier_id)
        if others is None or not self.f.dice.chance(40 if others else 3):
            return False
        return e.origine != "UTILISATEUR" or all(
            self._later(other, e.quand.date()) or (other.dossier_id, e.quand.date()) in self._days for other in others
        )

    def unknown_projet(self, p: Projet) -> bool:
        """Say whether a projet bears no establishment."""
        others = self._others(p.dossier_id)
        if others is None or p.projet_id in self._lost_projets or not (others or self.f.dice.chance(5)):
            return False
        return all(self._covered(other, p) for other in others)

    def unknown_event(self, e: Evenement) -> bool:
        """Say whether an event bears no establishment."""
        others = self._others(e.dossier_id)
        if others is None or e.evenement_id in self._lost_events or not self.f.dice.chance(50 if others else 4):
            return False
        last = max(e.debut, e.fin or e.debut).date()
        return e.statut == "ANNULE" or all(
            self._later(other, last) and other.dossier_id in self._seen for other in others
        )

    def _others(self, dossier_id: str) -> list[Dossier] | None:
        """Return the record's other dossiers, None where the record is to lose one."""
        if dossier_id in self._lost_records:
            return None
        return [d for d in self.f.dossiers_beside(dossier_id) if d.dossier_id != dossier_id]

    def _later(self, other: Dossier, day: date) -> bool:
        """Say whether the person came to the other establishment too late for any measure that holds ``day``."""
        entry = self._entry[other.dossier_id]
        return entry < date.max and entry > day + _LONGEST_MEASURE

    def _covered(self, other: Dossier, projet: Projet) -> bool:
        """Say whether a projet of the other establishment is on before this one and ever after."""
        return any(
            own.dossier_id == other.dossier_id
            and own.projet_id not in self._lost_projets
            and own.statuts[0][0] <= projet.statuts[0][0]
            and all(statut in _ON for _, _, statut in own.statuts)
            for own in self.f.world.projets
        )

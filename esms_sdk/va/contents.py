"""What a dossier is made of, computed: every member of the zip is printed from this one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esms_sdk.commande import Commande
from esms_sdk.dashboard.result import TableauDeBord
from esms_sdk.decision import Decisions
from esms_sdk.indicators.result import Indicateurs


@dataclass(frozen=True, slots=True)
class Contents:
    """A dossier before it is written.  Everything in it is about the ordered establishments alone.

    ``organisme`` is the raison sociale of the OG, empty where the lot does not give it; ``lot`` what the manifest says
    of the export (editeur, logiciel, version_logiciel, date_extraction, empreinte_sha256); ``conformite`` the document
    of ``conformite.json``, but for its requirements; ``import_`` the counts read, accepted, rejected and ignored.
    """

    decisions: Decisions
    indicateurs: Indicateurs
    tableau: TableauDeBord
    organisme: str
    conformite: Mapping[str, Any]
    import_: Mapping[str, Any]

    @property
    def genre(self) -> str:
        """``va`` or ``usages``."""
        return self.decisions.genre

    @property
    def commande(self) -> Commande:
        """The order."""
        return self.decisions.commande

    @property
    def lot(self) -> Mapping[str, Any]:
        """What the figures were computed from."""
        return self.indicateurs.lot

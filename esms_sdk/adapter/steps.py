"""What an import may do beside the ordinary: take corrected rows, keep the months of an earlier lot, turn rows round.

There is one engine; a step only sees what passes and changes it at four places.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.rejects import Counts
from esms_sdk.adapter.sources.relation import Relation
from esms_sdk.lot.schema import Table

if TYPE_CHECKING:
    from esms_sdk.adapter.run import Run


class Step:
    """Does nothing anywhere."""

    def opened(self, run: Run, source: Source, relation: Relation) -> Relation:
        """Return the rows of a source, just opened, in the place of those read; ``run.files`` has its files."""
        return relation

    def settled(self, run: Run) -> None:
        """Look at the tables once every row is accepted or noted, before the rejects are gathered."""

    def counted(self, run: Run, counts: Mapping[str, Counts]) -> Mapping[str, Counts]:
        """Return what became of the rows of each source, once the rejects are gathered."""
        return counts

    def described(self, run: Run, raw: dict[str, Any]) -> dict[str, Any]:
        """Return the manifest's keys (without ``import``) in the place of those of the new rows."""
        return raw

    def written(self, run: Run, table: Table, columns: list[str]) -> int | None:
        """Write a table of the lot in the engine's place and return its rows; None to leave it to the engine."""
        return None

    def kept(self, run: Run, folder: Path, *, rows: bool) -> None:
        """Write beside the rejects in ``folder`` what is told of this step; ``rows`` of the source only where asked."""

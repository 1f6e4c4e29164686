"""What a dossier is asked for: the lot, the order, the day, and how to count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from esms_sdk.conformance.profile import DEFAULT
from esms_sdk.indicators.result import Amenagement, Options


@dataclass(frozen=True)
class Request:
    """The options of ``esms va build``; ``orders`` is the folder of the other orders."""

    lot: Path
    order: Path
    measured_on: date
    genre: str = "va"
    options: Options = field(default_factory=Options)
    amenagements: tuple[Amenagement, ...] = ()
    orders: Path | None = None
    profile: str = DEFAULT
    mode: str = "production"
    waivers: Path | None = None
    declarations: Path | None = None

    @property
    def command_line(self) -> str:
        """The command that gives the same dossier, without a place of the machine that ran it."""
        return " ".join(["esms va build LOT --order commande.toml", *self._words()])

    def _words(self) -> Iterator[str]:
        options = self.options
        yield f"--kind {self.genre} --measured-on {self.measured_on} --definition {options.definition}"
        if options.premiere_mesure:
            yield "--first-measure"
        yield f"--denominator {options.denominateur} --events {options.evenements}"
        yield f"--profile {self.profile} --mode {self.mode}"
        for name, given in (("waivers", self.waivers), ("declarations", self.declarations)):
            if given is not None:
                yield f"--{name} {given.name}"

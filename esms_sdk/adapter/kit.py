"""The kit: what must hold of an adapter, checked on its own sample.  ``esms adapter check`` and pytest run it.

Everything is told by place and count; no value of a record is shown, keys are masked.
"""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from esms_sdk.adapter import discovery, kit_checks, kit_expected, kit_sample
from esms_sdk.adapter.importer import ImportReport, import_lot
from esms_sdk.adapter.kit_checks import CHECKS
from esms_sdk.adapter.kit_expected import Expected
from esms_sdk.adapter.mapping import Adapter
from esms_sdk.adapter.steps import Step
from esms_sdk.errors import AdapterError
from esms_sdk.lot import Lot, open_lot

SAMPLE, EXPECTED, SETTINGS = "sample", "expected", "kit.toml"
HELD, BROKEN, WAIVED, WITHOUT = "tenu", "non_tenu", "deroge", "sans_objet"
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check: ``etat`` is ``tenu``, ``non_tenu``, ``deroge`` (with its reason) or ``sans_objet``."""

    id: str
    titre: str
    etat: str
    details: tuple[str, ...] = ()
    remede: str = ""

    @property
    def failed(self) -> bool:
        return self.etat == BROKEN


class Kit:
    """The checks of one adapter; a context manager that removes what they wrote.

    The sample is imported once for all checks that look at the lot.  Raises :class:`AdapterError` and
    :class:`SourceError` where the adapter or its sample cannot be read at all.  ``adapter`` is that of the folder
    unless another is given (a class that no project names).
    """

    def __init__(self, folder: Path, adapter: Adapter | None = None) -> None:
        self.folder = folder.resolve()
        if not self.folder.is_dir():
            hint = "Donner le dossier qui contient adapter.toml ; esms adapter new en fait un."
            raise AdapterError("ESMS-E204", f"ce n'est pas le dossier d'un adaptateur : {folder}", hint=hint)
        self.adapter: Adapter = kit_sample.offline(adapter or discovery.load(folder))
        self.settings = _settings(self.folder)
        self.expected = Expected(self.folder / EXPECTED)
        if not (self.folder / SAMPLE).is_dir():
            raise AdapterError(
                "ESMS-E240",
                f"{folder.name} : il n'y a pas de dossier «{SAMPLE}»",
                hint="Y mettre un export inventé, jamais de données réelles ; esms adapter new en fait un.",
            )
        self._held = ExitStack()
        self.work = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="esms-kit-")))

    def __enter__(self) -> Kit:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    # -- imports -------------------------------------------------------------------------------------------------

    @cached_property
    def sample(self) -> Path:
        """The folder that is imported."""
        return kit_sample.prepared(self.folder / SAMPLE, self.adapter, self.work)

    def imported(self, name: str, sample: Path | None = None, steps: Sequence[Step] = ()) -> ImportReport:
        """Import the sample, or a variant of it, into a lot of that name."""
        keys = {key: _key(value) for key, value in self.settings.get("lot_set", {}).items()}
        try:
            report = import_lot(
                [sample or self.sample],
                self.adapter,
                self.work / name,
                max_rejets="100%",
                lot_set=keys,
                steps=steps,
                force=True,
            )
        except AdapterError as error:
            if error.code != "ESMS-E212" or "kit.toml" in error.hint:
                raise
            hint = f"{error.hint} Pour le kit seul : lot_set = {{ … }} dans {SETTINGS}."
            raise AdapterError(error.code, error.message, faults=error.faults, hint=hint) from None
        if report.exit_code:
            raise AdapterError("ESMS-E242", f"{self.folder.name}/{SAMPLE} : aucune ligne n'y est lue")
        return report

    @cached_property
    def report(self) -> ImportReport:
        """What the import of the sample said."""
        return self.imported("lot")

    @cached_property
    def lot(self) -> Lot:
        """The lot that the sample gives."""
        assert self.report.lot
        return self._held.enter_context(open_lot(self.report.lot))

    def rejects(self, columns: Sequence[str]) -> Counter[tuple[str, ...]]:
        """Return some columns of the rejects of the sample."""
        return kit_expected.read_lines(self.lot.path / "rejets" / kit_expected.REJECTS, columns)[1]

    def digest_of(self, name: str, sample: Path | None = None, steps: Sequence[Step] = ()) -> str:
        """Return the digest of the lot that a variant of the sample gives."""
        lot = self.imported(name, sample, steps).lot
        assert lot
        with open_lot(lot) as opened:
            return opened.digest

    # -- results -------------------------------------------------------------------------------------------------

    def outcomes(self) -> Iterator[Outcome]:
        """Run every check, in order."""
        for name in checks():
            yield self.outcome(name)

    def outcome(self, name: str) -> Outcome:
        """Run one check."""
        titre, remede, function = CHECKS[name]
        found = function(self)
        if found is None:
            return Outcome(name, titre, WITHOUT)
        if not found:
            return Outcome(name, titre, HELD)
        if reason := self.settings.get("derogations", {}).get(name):
            return Outcome(name, titre, WAIVED, (reason, *_first(found)))
        return Outcome(name, titre, BROKEN, _first(found), remede.replace("DOSSIER", self.folder.name))

    def changes(self) -> list[str]:
        """Say what the sample gives that was not expected: table by table, then the rejects and the unknown labels."""
        given = (kit_checks.rejets_expliques(self), kit_checks.codes_connus(self))
        return [*kit_checks.changes(self), *(line for found in given for line in _first(found or ()))]

    def update(self) -> None:
        """Make what the sample gives now what is expected."""
        kit_expected.write(self.lot, self.folder / EXPECTED, self.expected)
        self.expected = Expected(self.folder / EXPECTED)


def checks() -> list[str]:
    """Return the names of the checks, in the order in which they are run; they are stable."""
    return list(CHECKS)


def title(name: str) -> str:
    """Return what a check holds, in French."""
    return CHECKS[name][0]


def _first(found: Sequence[str]) -> tuple[str, ...]:
    more = len(found) - _SHOWN
    return (*found[:_SHOWN], f"… et {more} autres") if more > 0 else tuple(found)


def _settings(folder: Path) -> Mapping[str, Any]:
    path = folder / SETTINGS
    if not path.is_file():
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AdapterError("ESMS-E243", f"{folder.name}/{SETTINGS} : TOML mal formé ({error})") from None
    faults = [key for key in raw if key not in ("lot_set", "derogations")]
    faults += [name for name in raw.get("derogations", {}) if name not in CHECKS]
    if faults:
        admitted = f"lot_set, derogations ({', '.join(CHECKS)})"
        raise AdapterError(
            "ESMS-E243", f"{folder.name}/{SETTINGS} : «{faults[0]}» inconnu", hint=f"Admis : {admitted}."
        )
    return raw


def _key(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

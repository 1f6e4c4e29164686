"""The checks of the kit as tests that pytest runs: what ``esms_sdk.testing.adapter_tests`` gives."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from esms_sdk.adapter import kit as kits
from esms_sdk.adapter import python_adapter
from esms_sdk.adapter.kit import Kit
from esms_sdk.errors import EsmsError


def adapter_tests(adapter: Path | str | type) -> type:
    """Return a class of tests, one a check of the kit.

    ``adapter`` is the folder of the adapter, a file in it or below it (``__file__``), or the class of an adapter
    written in Python, whose folder has the ``sample``.
    """
    shared = _Shared(adapter)
    tests: dict[str, Any] = {f"test_{name}": _test(shared, name) for name in kits.checks()}
    tests["__doc__"] = "Les vérifications du kit, une par test."
    tests["teardown_class"] = classmethod(lambda kind: shared.close())
    return type("TestAdaptateur", (), tests)


class _Shared:
    """The kit of one class of tests, made by the first of them and kept for the others."""

    def __init__(self, adapter: Path | str | type) -> None:
        self.adapter, self.held = adapter, ExitStack()
        self.kit: Kit | None = None

    def open(self) -> Kit:
        if self.kit is None:
            if isinstance(self.adapter, type):
                folder = _folder(python_adapter.file_of(self.adapter))
                kit = Kit(folder, python_adapter.of_class(self.adapter))
            else:
                kit = Kit(_folder(Path(self.adapter)))
            self.kit = self.held.enter_context(kit)
        return self.kit

    def close(self) -> None:
        self.held.close()
        self.kit = None


def _folder(given: Path) -> Path:
    """Return the folder of the adapter: the one given, or the nearest one above a file that has a sample."""
    if given.is_dir():
        return given
    above = given.resolve().parents[:3]
    return next((folder for folder in above if (folder / kits.SAMPLE).is_dir()), above[0])


def _test(shared: _Shared, name: str) -> Callable[[object], None]:
    def test(self: object) -> None:
        import pytest

        state, said = _judged(shared, name)
        if state == kits.BROKEN:
            pytest.fail(said, pytrace=False)
        if state == kits.WAIVED:
            pytest.xfail(said)
        if state == kits.WITHOUT:
            pytest.skip(said)

    test.__name__ = f"test_{name}"
    test.__doc__ = kits.title(name)
    return test


def _judged(shared: _Shared, name: str) -> tuple[str, str]:
    """Return what became of a check and how it is told; what is raised is told without its frames' values."""
    try:
        outcome = shared.open().outcome(name)
    except EsmsError as error:
        return kits.BROKEN, str(error)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return kits.BROKEN, f"erreur interne : {type(error).__name__}, {Path(place.filename).name} ligne {place.lineno}"
    if outcome.etat == kits.WITHOUT:
        return outcome.etat, "sans objet"
    if outcome.etat == kits.WAIVED:
        return outcome.etat, f"écart accepté : {outcome.details[0]}"
    said = [outcome.titre, *(f"  - {detail}" for detail in outcome.details), f"  → {outcome.remede}"]
    return outcome.etat, "\n".join(said)

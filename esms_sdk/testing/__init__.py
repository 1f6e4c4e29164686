"""The checks of the kit as tests of an adapter's own repository, in one line::

    from esms_sdk.testing import adapter_tests

    TestAdaptateur = adapter_tests(__file__)

pytest then runs one test a check.  What fails is told in the words of the kit, by place and count: a record never
meets a bare ``assert``, and no frame that holds one is printed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esms_sdk.testing.examination import Examination, Lacking, examine
    from esms_sdk.testing.kit_tests import adapter_tests

__all__ = ["Examination", "Lacking", "adapter_tests", "examine"]


def __getattr__(name: str) -> Any:
    # pytest imports this package whenever it starts, for the plugin: the engine waits until somebody uses it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "kit_tests" if name == "adapter_tests" else "examination"
    return getattr(import_module(f"esms_sdk.testing.{home}"), name)

"""From the export of a *dossier usager informatisé* to the indicators of ESMS numérique, per FINESS.

    import esms_sdk

    report = esms_sdk.import_lot(["export/"], "soleo", "lot/")
    with esms_sdk.open_lot("lot/") as lot:
        indicateurs = esms_sdk.compute_indicators(lot, "2025-09-30")
    esms_sdk.write_indicators(indicateurs, "indicateurs/")

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from esms_sdk.api import (
        adapters,
        as_document,
        attach_signature,
        build_dossier,
        check,
        compare_dossiers,
        compute_dashboard,
        compute_indicators,
        compute_series,
        coverage,
        exit_code,
        explain,
        find_finess,
        generate_sample,
        import_lot,
        open_lot,
        prepare_signature,
        requirement,
        requirements,
        run_demo,
        sign_dossier,
        update_finess,
        verify_dossier,
        write_dashboard,
        write_indicators,
        write_report,
        write_series,
    )
    from esms_sdk.errors import (
        AdapterError,
        DossierError,
        EsmsError,
        Fault,
        LotInvalid,
        OutputError,
        SourceError,
        UsageError,
    )

__version__ = "0.1.0"

__all__ = [
    "AdapterError",
    "DossierError",
    "EsmsError",
    "Fault",
    "LotInvalid",
    "OutputError",
    "SourceError",
    "UsageError",
    "__version__",
    "adapters",
    "as_document",
    "attach_signature",
    "build_dossier",
    "check",
    "compare_dossiers",
    "compute_dashboard",
    "compute_indicators",
    "compute_series",
    "coverage",
    "exit_code",
    "explain",
    "find_finess",
    "generate_sample",
    "import_lot",
    "open_lot",
    "prepare_signature",
    "requirement",
    "requirements",
    "run_demo",
    "sign_dossier",
    "update_finess",
    "verify_dossier",
    "write_dashboard",
    "write_indicators",
    "write_report",
    "write_series",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("esms_sdk.errors" if name[0].isupper() else "esms_sdk.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

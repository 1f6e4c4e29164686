"""The indicators of the programme ESMS numérique, per FINESS géographique (contract §3)."""

from esms_sdk.indicators.compute import compute_indicators, exit_code
from esms_sdk.indicators.definition import DUI, Definition, definitions
from esms_sdk.indicators.explanation import Explanation, Group, explain
from esms_sdk.indicators.result import Amenagement, Count, Etablissement, Fraction, Indicateurs, Options, Rate
from esms_sdk.indicators.series import Serie, compute_series
from esms_sdk.indicators.worklist import Row, worklist

__all__ = [
    "DUI",
    "Amenagement",
    "Count",
    "Definition",
    "Etablissement",
    "Explanation",
    "Fraction",
    "Group",
    "Indicateurs",
    "Options",
    "Rate",
    "Row",
    "Serie",
    "compute_indicators",
    "compute_series",
    "definitions",
    "exit_code",
    "explain",
    "worklist",
]

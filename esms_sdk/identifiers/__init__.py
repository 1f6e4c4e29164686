"""The numbers that name establishments, persons and professionals, and whether they hold together.

Each module has the same names:

- ``compact(text)``: what a person wrote, in the form in which it is stored (see :mod:`.written`);
- ``validate(text)``: the compact form of what a person wrote, or :class:`InvalidIdentifier`;
- ``is_valid(text)``: whether a value is valid **as stored**: nothing is stripped or put in upper case before;
- ``sql_is_valid(column)``: the same judgement as a DuckDB expression over a text column, null where it is null;
- ``sql_compact(column)``: ``compact`` as a DuckDB expression.

A number that is valid need not exist: that is for the FINESS register, the RPPS or the INSi to say.
"""

from __future__ import annotations

from esms_sdk.identifiers import finess, ins, nir, rpps
from esms_sdk.identifiers.written import InvalidIdentifier

__all__ = ["InvalidIdentifier", "finess", "ins", "nir", "rpps"]

"""The checks: what a requirement looks at, as one vectorised query a requirement."""

from esms_sdk.checks.registry import CHECKS, Examined, Query, check, load_all

__all__ = ["CHECKS", "Examined", "Query", "check", "load_all"]

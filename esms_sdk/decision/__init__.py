"""The decision on an order: what each ordered establishment must meet, and whether it does (contract §5)."""

from esms_sdk.decision.decide import decide
from esms_sdk.decision.facts import Facts, gather
from esms_sdk.decision.result import KINDS, Condition, Decision, Decisions

__all__ = ["KINDS", "Condition", "Decision", "Decisions", "Facts", "decide", "gather"]

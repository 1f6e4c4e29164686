"""An order and the facts in, one decision an establishment out."""

from __future__ import annotations

from collections.abc import Iterable

from esms_sdk.decision import usages, va
from esms_sdk.decision.facts import Facts
from esms_sdk.decision.refusals import refusal
from esms_sdk.decision.result import Decision, Decisions

_CONDITIONS = {"va": va.conditions, "usages": usages.conditions}


def decide(facts: Facts, genre: str, avertissements: Iterable[str] = ()) -> Decisions:
    """Decide on every establishment of an order, by FINESS."""
    ordered = sorted(set(facts.commande.etablissements))
    return Decisions(
        genre, facts.commande, facts.periode, facts.mesure_le,
        tuple(_decision(facts, finess, genre) for finess in ordered), tuple(avertissements),
    )  # fmt: skip


def _decision(facts: Facts, finess: str, genre: str) -> Decision:
    lieu = facts.own(finess)
    name = lieu.denomination if lieu else ""
    if refused := refusal(facts, finess, genre):
        return Decision(finess, name, (refused,))
    return Decision(finess, name, _CONDITIONS[genre](facts, finess), facts.indicateurs[finess].reserves)

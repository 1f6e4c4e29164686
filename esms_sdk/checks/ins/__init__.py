"""INS: the identity of a person as the national register gives it.

Only the record that a person now is gets judged: one that was merged into another is history.
"""

from esms_sdk.checks.ins import doublons, matricule, statuts, traits

__all__ = ["doublons", "matricule", "statuts", "traits"]

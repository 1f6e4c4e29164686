"""What is asked of a DUI, and what became of it: catalogue, profiles, verdicts, the run."""

from esms_sdk.conformance.catalogue import Constat, Requirement, catalogue
from esms_sdk.conformance.profile import Profile, profile, profiles
from esms_sdk.conformance.result import Conformity, Finding, Outcome
from esms_sdk.conformance.runner import Asked, run
from esms_sdk.conformance.verdict import Verdict

__all__ = [
    "Asked", "Conformity", "Constat", "Finding", "Outcome", "Profile", "Requirement", "Verdict", "catalogue",
    "profile", "profiles", "run",
]  # fmt: skip

"""The rule of a notification of disposition (MDN): what a receiver says of the integration of a message."""

from __future__ import annotations

import re
from collections.abc import Iterable

from esms_sdk.checks.documents import Setting
from esms_sdk.checks.mss_courriel.letter import Fault, Letter, rule

_NOTIFIED = ("text/plain", "message/disposition-notification", "message/rfc822")
_PROCESSED = re.compile(r"(?:automatic|manual)-action/mdn-sent-(?:automatically|manually)\s*;\s*(.+)", re.IGNORECASE)
_INTEGRATION = re.compile(r"90[0-6]")


@rule("ESMS-MSS-28", "mdn")
def notification(letter: Letter, setting: Setting) -> list[Fault]:
    """A notification of disposition has its parts and fields; a failed integration says its code, old place or new."""
    report = letter.message.report
    assert report is not None, "an mdn has its report"
    found: list[Fault] = []
    if report.parts[:2] != _NOTIFIED[:2]:
        found.append(("PARTIES", "corps", None))
    elif report.parts != _NOTIFIED:
        found.append(("SANS_ORIGINAL", "corps", None))
    disposition = _PROCESSED.fullmatch(report.fields.get("disposition", ""))
    if disposition is None:
        found.append(("DISPOSITION", "Disposition", None))
    for name in ("Original-Message-ID", "Final-Recipient"):
        if not report.fields.get(name.lower()):
            found.append(("CHAMP", name, None))
    if disposition and disposition[1].lower().startswith("processed/error"):
        found += _error_told(report.error)
    return found


def _error_told(error: str) -> Iterable[Fault]:
    if not error:
        yield "ERREUR_ABSENTE", "Error", None
    elif not _INTEGRATION.match(error):
        yield "ERREUR_CODE", "Error", None

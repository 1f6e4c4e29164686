"""The body of a level 1 document: what is in base64 is what its media type says."""

from __future__ import annotations

from collections.abc import Iterator

from esms_sdk.documents import pdf
from esms_sdk.documents.cda import Cda
from esms_sdk.xml import Element

EXIGENCE = "ESMS-CDA-27"
# The media types of ASS_A12, and how what they name begins.
DEBUTS = {
    "application/pdf": (), "text/plain": (), "text/rtf": (b"{\\rtf",), "image/jpeg": (b"\xff\xd8\xff",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
}  # fmt: skip
MES = 25_000_000
"""Octets: the limit of a message of Mon espace santé, known at second hand."""


def judged(cda: Cda) -> bool:
    """Whether the document has a level 1 body that was read."""
    return cda.body is not None and not cda.body.structured


def faults(cda: Cda) -> Iterator[tuple[str, Element, str | None]]:
    """Yield what is wrong in a level 1 body."""
    body = cda.body
    assert body is not None
    if len(cda.data) > MES:
        yield "TAILLE", body.element, f"{len(cda.data) // 1_000_000} Mo"
    if body.media_type not in DEBUTS:
        yield "MEDIA", body.element, None
    if body.representation != "B64":
        if body.media_type != "text/plain":
            yield "REPRESENTATION", body.element, None
        return
    try:
        held = body.payload()
    except ValueError:
        yield "BASE64", body.element, None
        return
    if body.media_type == "application/pdf":
        yield from ((code, body.element, precision) for code, precision in _pdf(held))
    elif not held or not held.startswith(DEBUTS.get(body.media_type) or (b"",)):
        yield "CONTENU", body.element, None


def _pdf(held: bytes) -> Iterator[tuple[str, str | None]]:
    if not pdf.is_pdf(held):
        yield "CONTENU", None
    elif not pdf.is_whole(held):
        yield "PDF_TRONQUE", None
    else:
        level = pdf.level(held)
        if level is None:
            yield "PDF_A", None
        elif level[0] != "1":
            yield "PDF_A_1", f"PDF/A-{level}"

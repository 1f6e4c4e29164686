"""What can be told of a PDF without a PDF library: that it is one, whole, and that it says it is PDF/A.

Whether it truly is PDF/A is another matter: only a validator (veraPDF) tells.
"""

from __future__ import annotations

import re

# In the XMP packet, which PDF/A keeps uncompressed: as an attribute or as an element.
_PART = re.compile(rb"pdfaid:part\s*(?:=\s*[\"']|>)\s*([1-4])")
_CONFORMANCE = re.compile(rb"pdfaid:conformance\s*(?:=\s*[\"']|>)\s*([ABUEFabuef])")
_EDGE = 1024


def is_pdf(data: bytes) -> bool:
    """Tell whether the bytes begin as a PDF.

    >>> is_pdf(b"%PDF-1.4 ..."), is_pdf(b"PK")
    (True, False)
    """
    return b"%PDF-" in data[:_EDGE]


def is_whole(data: bytes) -> bool:
    """Tell whether the bytes end as a PDF."""
    return b"%%EOF" in data[-_EDGE:]


def level(data: bytes) -> str | None:
    """Return the PDF/A level that the document claims (``1B``), None where it claims none.

    >>> level(b'<x pdfaid:part="1" pdfaid:conformance="B"/>'), level(b"<pdfaid:part>3</pdfaid:part>"), level(b"")
    ('1B', '3', None)
    """
    part = _PART.search(data)
    if part is None:
        return None
    conformance = _CONFORMANCE.search(data)
    return part[1].decode() + (conformance[1].decode().upper() if conformance else "")

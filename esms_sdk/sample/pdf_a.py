"""A PDF/A-1b of one page, made by hand: what a document whose body is not structured carries.

What PDF/A-1 asks (ISO 19005-1): no font that is not embedded (a frame is drawn, no text), a colour space that owes
nothing to a device (CalGray), XMP metadata in clear with the part and the level, an identifier in the trailer.
"""

from __future__ import annotations

import hashlib
from xml.sax.saxutils import escape

_XMP = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>1</pdfaid:part>\
<pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>\
<rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
# A frame, and a bar where a title would be; A4 in points.
_PAGE = b"/G cs /G CS 0.5 sc 0 SC 1 w 40 40 515 762 re S 60 740 300 20 re f 60 700 475 2 re f"
_WHITE = "[0.9505 1 1.089]"


def pdf_a(title: str) -> bytes:
    """Return a PDF/A-1b whose metadata bear ``title``; the same title gives the same bytes."""
    metadata = _XMP.format(title=escape(title)).encode("utf-8")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /ColorSpace << /G "
        + f"[/CalGray << /WhitePoint {_WHITE} >>] >> >> >>".encode("ascii"),
        _stream(b"", _PAGE),
        _stream(b"/Type /Metadata /Subtype /XML ", metadata),
    ]
    written = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    digest = hashlib.md5(written, usedforsecurity=False).hexdigest().encode("ascii")
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R /ID [<%b> <%b>] >>\n"
        b"startxref\n%d\n%%%%EOF\n"
    ) % (len(objects) + 1, table, len(objects) + 1, digest, digest, start)


def _stream(keys: bytes, content: bytes) -> bytes:
    return b"<< %b/Length %d >>\nstream\n%b\nendstream" % (keys, len(content), content)

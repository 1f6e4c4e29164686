"""The judge of INS datamatrix payloads: what a scanner reads, in a file."""

from __future__ import annotations

from pathlib import Path

from esms_sdk.checks.documents import Examination, Piece, Remark, Setting, Unreadable, judge
from esms_sdk.documents import datamatrix
from esms_sdk.documents.datamatrix import LONGEST, decode, departures, identifier_departures
from esms_sdk.identifiers import ins

FORMAT = "ESMS-INS-12"


def is_payload(path: Path, head: bytes) -> bool:
    """Tell whether a file is the payload of a datamatrix, by its content."""
    return datamatrix.is_payload(head)


@judge("datamatrix", recognises=is_payload)
def judge_payload(piece: Piece, setting: Setting) -> Examination:
    """Judge one payload; the line end that an editor adds does not count."""
    try:
        payload = piece.chemin.read_bytes().decode("ascii").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Unreadable("ce n'est pas un texte ASCII") from None
    if len(payload) > LONGEST:
        raise Unreadable(f"plus de {LONGEST} caractères")
    read = decode(payload)
    found = [*departures(payload), *identifier_departures(read)]
    oid = read.value("S2")
    seen = Examination()
    seen.judged[FORMAT] += 1
    seen.found += [Remark(FORMAT, one.code, one.field or None, one.precision) for one in found]
    if ins.is_known_oid(oid) and ins.is_test_oid(oid) != (setting.mode == "test"):
        seen.found.append(Remark(FORMAT, "OID_AUTRE_MODE", "S2", ins.OIDS[oid].libelle))
    return seen

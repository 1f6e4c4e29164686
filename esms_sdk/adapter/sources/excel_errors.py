"""The error cells of a workbook (``#N/A``, ``#REF!``): found in its bytes, and told as texts in a copy of it."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from esms_sdk import archive as zips

CODES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
# What a cell in error is told as, in the words of Excel or of LibreOffice, English or French.
_WORDS = r"(REF|VALUE|VALEUR|DIV/0|NAME|NOM|NUM|NOMBRE|NULL?|SPILL|CALC|FIELD|BLOCKED|CONNECT)[\s\x{A0}]?[!?]"
ERROR = rf"(#(N/[AD]|GETTING_DATA|{_WORDS})|Err:\d+)"
# A key that ends so is none: the workbook has an error there, or a number of which it lost the last digits.
NO_KEY = rf"((^|[^A-Za-z0-9]){ERROR}|\d(\.\d+)?e\+\d+)$"

_CHUNK = 1 << 20
_PICTURE = re.compile(r"(^|/)(media|pictures|thumbnails)/", re.I)
_XLSX = re.compile(rb"""(<(?:\w+:)?c\s[^<>]*?\bt=)(["'])e\2""")
_SHOWN = rb"(?:#(?:N/[AD]|REF|VALUE|VALEUR|DIV/0|NAME|NOM|NUM|NOMBRE|NULL?)(?:\s|\xc2\xa0)?[!?]?|Err:\d+)"
_ODS = re.compile(
    rb"<table:table-cell\b[^<>]*?(?:value-type=\"error\"[^<>]*>|formula=[^<>]*>(?=\s*<text:p[^<>]*>"
    + _SHOWN
    + rb"</text:p>))"
)
_ODS_SEEN = re.compile(rb"value-type=\"error\"|>" + _SHOWN + rb"<")
_ODS_VALUE = re.compile(rb"\s(?:office:(?:value|string-value|boolean-value|value-type)|calcext:value-type)=\"[^\"]*\"")
_XLSB_ERROR, _XLSB_FORMULA_ERROR, _XLSB_TEXT, _XLSB_WORKBOOK = 3, 11, 6, 153
_CODE = b"[" + b"".join(re.escape(bytes([code])) for code in CODES) + b"]"
# BOOLERR (0x0205) that holds an error, and FORMULA (0x0006) whose cached value is one: row, column, format, value.
_XLS = re.compile(
    rb"\x05\x02\x08\x00..[\x00-\xff]\x00.." + _CODE + rb"\x01"
    rb"|\x06\x00..(?:..)[\x00-\xff]\x00..\x02." + _CODE + rb"...\xff\xff",
    re.S,
)


def seen(chunk: bytes, kind: str) -> bool:
    """Say whether a part of the bytes of a sheet (the whole of an xlsb sheet) holds an error cell."""
    if kind == "xlsx":
        return b't="e"' in chunk or b"t='e'" in chunk
    if kind == "ods":
        return bool(_ODS_SEEN.search(chunk))
    return any(kind in (_XLSB_ERROR, _XLSB_FORMULA_ERROR) for kind, _, _ in _records(chunk))


def in_xls(content: bytes) -> bool:
    """Say whether the bytes of an xls workbook hold the record of an error cell."""
    return bool(_XLS.search(content))


def xlsb_from_1904(workbook: bytes) -> bool:
    """Say whether the properties of an xlsb workbook have its calendar start in 1904."""
    for kind, start, end in _records(workbook):
        if kind == _XLSB_WORKBOOK:
            return bool(end > start and workbook[start] & 1)
    return False


def told(archive: zips.Archive, faulty: Sequence[str], kind: str, work: Path) -> Path:
    """Write a copy of the archive in ``work`` whose ``faulty`` members hold the text of each error; return its path."""
    folder = work / "classeurs"
    folder.mkdir(exist_ok=True)
    path = folder / f"{len(list(folder.iterdir()))}.{kind}"
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for member in archive.names:
            if not _PICTURE.search(member):
                with archive.open(member) as stream, copy.open(member, "w", force_zip64=True) as target:
                    for part in _parts(stream, kind if member in faulty else ""):
                        target.write(part)
    return path


def _parts(stream: IO[bytes], kind: str) -> Iterator[bytes]:
    if kind == "xlsb":
        yield from _xlsb(stream.read())
    elif kind == "xlsx":
        yield from (_XLSX.sub(rb"\1\2str\2", part) for part in _cut(stream, b"<"))
    elif kind == "ods":
        yield from (_ODS.sub(_as_string, part) for part in _cut(stream, b"<table:table-cell"))
    else:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _cut(stream: IO[bytes], mark: bytes) -> Iterator[bytes]:
    """Yield a stream in parts that each end before a ``mark``."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        rest += chunk
        end = rest.rfind(mark)
        if end > 0:
            yield rest[:end]
            rest = rest[end:]
    yield rest


def _as_string(cell: re.Match[bytes]) -> bytes:
    tag = _ODS_VALUE.sub(b"", cell[0])
    return tag.replace(b"<table:table-cell", b'<table:table-cell office:value-type="string"', 1)


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the records of an xlsb part: kind, start and end of the content."""
    place, size = 0, len(data)
    while place < size:
        kind = data[place]
        place += 1
        if kind & 0x80 and place < size:
            kind = kind & 0x7F | (data[place] & 0x7F) << 7
            place += 1
        length = shift = 0
        while place < size and shift < 28:
            byte = data[place]
            place += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, place, min(place + length, size)
        place += length


def _xlsb(data: bytes) -> Iterator[bytes]:
    done = last = 0
    for kind, start, end in _records(data):
        if kind in (_XLSB_ERROR, _XLSB_FORMULA_ERROR) and end - start >= 9:
            text = CODES.get(data[start + 8], "#N/A")
            content = data[start : start + 8] + struct.pack("<I", len(text)) + text.encode("utf-16-le")
            yield data[done:last] + bytes((_XLSB_TEXT, len(content))) + content
            done = end
        last = end
    yield data[done:]

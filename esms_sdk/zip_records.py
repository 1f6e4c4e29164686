"""The records of a zip archive (PKWARE APPNOTE 6.3): does every program see the same files in it?

A zip tells each file twice, before its bytes and in the table at its end; programs believe one, the other or both.
Here both must say the same, and every byte must be one of theirs.  What usual programs write (zip, 7-Zip, Windows, a
stream) passes.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, cast

_LOCAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s4H2IH")
_ENTRY_SIZE, _LENGTHS, _CHUNK = 46, 28, 1 << 16
_OPTIONS, _DESCRIBED, _UTF8 = 0x6, 0x8, 0x800
_DIRECTORY = 0x10
_LOCATOR_64 = b"PK\x06\x07"
_DESCRIPTOR = b"PK\x07\x08"
# Extra fields that tell the times and the owner of a file, and the most bytes that each has.
_HARMLESS = {0x5455: 13, 0x7875: 19, 0x5855: 12, 0x000A: 32}

_TABLE = "sa table des fichiers n'est pas entière, ou n'est pas là où elle dit être"
_NO_FILE = "des octets n'y sont d'aucun fichier"
_TWO_WAYS = "ce qui est dit d'un fichier n'est pas la même chose devant lui et dans la table"
_UNUSUAL = "un fichier y est décrit d'une manière que les programmes ne lisent pas tous de même"


def ambiguities(opened: zipfile.ZipFile) -> Iterator[str]:
    """Give each reason, in French, why two programs could see different files in an archive."""
    stream = cast(IO[bytes], opened.fp)
    listed = sorted(opened.infolist(), key=lambda info: info.header_offset)
    if not _table_is_whole(opened, stream):
        yield _TABLE
    expected = 0
    for info in listed:
        if not _is_usual(info):
            yield _UNUSUAL
        if info.header_offset != expected:
            yield _NO_FILE
        found = _end_of(info, stream)
        if found is None:
            yield _TWO_WAYS
            return
        expected = found
    if expected != opened.start_dir:
        yield _NO_FILE


def _table_is_whole(opened: zipfile.ZipFile, stream: IO[bytes]) -> bool:
    """Tell whether the end of the archive is one end record that gives the place and the size of the whole table."""
    listed = opened.infolist()
    size = sum(_ENTRY_SIZE + len(_raw_name(info)) + len(info.extra) for info in listed)
    whole = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, whole - _END.size - 20))
    tail = stream.read()
    end = (b"PK\x05\x06", 0, 0, len(listed), len(listed), size, opened.start_dir, 0)
    return (
        tail[-_END.size :] == _packed_end(end)
        and tail[:4] != _LOCATOR_64
        and opened.start_dir + size + _END.size == whole
        and _entries_follow(listed, opened.start_dir, stream)
    )


def _entries_follow(listed: list[zipfile.ZipInfo], place: int, stream: IO[bytes]) -> bool:
    """Tell whether each entry says how long it is: zipfile takes the rest where the last one says more."""
    for info in listed:
        stream.seek(place)
        head = stream.read(_ENTRY_SIZE)
        lengths = (len(_raw_name(info)), len(info.extra), 0)
        if not head.startswith(b"PK\x01\x02") or struct.unpack_from("<3H", head, _LENGTHS) != lengths:
            return False
        place += _ENTRY_SIZE + sum(lengths)
    return True


def _packed_end(record: tuple[bytes, int, int, int, int, int, int, int]) -> bytes:
    try:
        return _END.pack(*record)
    except struct.error:  # a number that only the records of zip64 can tell
        return b""


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")


def _is_usual(info: zipfile.ZipInfo) -> bool:
    """Tell whether an entry of the table is that of a file, in no way that only some programs know."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    return (
        not info.is_dir()
        and not info.external_attr & _DIRECTORY
        and kind in (0, stat.S_IFREG)
        and info.filename == info.orig_filename
        and (info.filename.isascii() or bool(info.flag_bits & _UTF8))
        and not info.flag_bits & ~(_OPTIONS | _DESCRIBED | _UTF8)
        and not info.comment
        and not info.volume
        and _only_harmless(info.extra)
    )


def _only_harmless(extra: bytes) -> bool:
    seen = set()
    while extra:
        if len(extra) < 4:
            return False
        kind, size = struct.unpack("<HH", extra[:4])
        if size > min(_HARMLESS.get(kind, -1), len(extra) - 4) or kind in seen:
            return False
        seen.add(kind)
        extra = extra[4 + size :]
    return True


def _end_of(info: zipfile.ZipInfo, stream: IO[bytes]) -> int | None:
    """Return where the bytes of a file end, its descriptor included; None where they are not those of the table."""
    stream.seek(info.header_offset)
    head = stream.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        return None
    mark, _, flags, method, _, _, *sizes, name_size, extra_size = _LOCAL.unpack(head)
    name, extra = stream.read(name_size), stream.read(extra_size)
    told = [info.CRC, info.compress_size, info.file_size]
    described = bool(flags & _DESCRIBED)
    if (
        (mark, flags, method) != (b"PK\x03\x04", info.flag_bits, info.compress_type)
        or name != _raw_name(info)
        or not _only_harmless(extra)
        # Who streams does not know them yet, or knows the size alone.
        or any(one != wanted and (one or not described) for one, wanted in zip(sizes, told, strict=True))
        or not _holds(info, stream)
    ):
        return None
    return _after_descriptor(told, stream) if described else stream.tell()


def _holds(info: zipfile.ZipInfo, stream: IO[bytes]) -> bool:
    """Tell whether the packed bytes are exactly those of one content of the size and the CRC told."""
    if info.compress_type == zipfile.ZIP_STORED:
        # With a descriptor behind them only the table tells where they end.
        return info.compress_size == info.file_size and not info.flag_bits & _DESCRIBED and _stored(info, stream)
    return info.compress_type == zipfile.ZIP_DEFLATED and _deflated(info, stream)


def _stored(info: zipfile.ZipInfo, stream: IO[bytes]) -> bool:
    crc, left = 0, info.file_size
    while left and (chunk := stream.read(min(left, _CHUNK))):
        crc, left = zlib.crc32(chunk, crc), left - len(chunk)
    return not left and crc == info.CRC


def _deflated(info: zipfile.ZipInfo, stream: IO[bytes]) -> bool:
    unpacking, crc, size, left = zlib.decompressobj(-zlib.MAX_WBITS), 0, 0, info.compress_size
    data = b""
    while not unpacking.eof and size <= info.file_size:
        if not data:
            data = stream.read(min(left, _CHUNK))
            left -= len(data)
        try:
            out = unpacking.decompress(data, 16 * _CHUNK)
        except zlib.error:
            return False
        if not data and not out:
            return False
        data = unpacking.unconsumed_tail
        crc, size = zlib.crc32(out, crc), size + len(out)
    return unpacking.eof and not left and not unpacking.unused_data and (size, crc) == (info.file_size, info.CRC)


def _after_descriptor(told: list[int], stream: IO[bytes]) -> int | None:
    """Return where the record behind the bytes ends: it repeats what the table tells, with its mark or without."""
    begin = stream.tell()
    found, record = stream.read(16), struct.pack("<3I", *told)
    for wanted in (_DESCRIPTOR + record, record):
        if found.startswith(wanted):
            return begin + len(wanted)
    return None

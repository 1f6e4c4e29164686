"""A seeded mutation fuzzer over documents: bytes, then structure; ``python -m tests.documents.fuzz [N] [SEED]``.

Each input is a sample with one to four mutations.  It must end in a verdict, in bounded time; whatever is raised but a
:class:`UsageError` or what the judges say themselves is our bug, and the input is told by its number and seed alone.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from esms_sdk.checks.documents import Examination, Setting, Unreadable, load_judges, recognised
from esms_sdk.sample.documents import documents
from esms_sdk.sample.sendings import ARCHIVE, DATAMATRIX, MESSAGE, sendings

SECONDS = 5.0
"""What one input may take."""
_TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"]]>", b"<![CDATA[", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"&x;", b"&#0;", b"&#x110000;",
    b"<!--", b"-->", b"<?xml version='1.1'?>", b"encoding='UTF-7'", b"\r\n\r\n", b"=?utf-8?B?====?=", b"--", b"9" * 400, b"../../x",
    b"/etc/passwd", b"\x1d", b"\x04", b"%PDF-1.4", b"PK\x03\x04", b"PK\x05\x06", b"xmlns='urn:x'", b"nullFlavor='UNK'", b"99991231",
    b"20250230", b"+9999", b"xsi:type='x:y'", "é".encode("latin-1"), b"Content-Transfer-Encoding: base64\r\n", b"boundary=",
)  # fmt: skip


class Case(NamedTuple):
    """One input: ``genre`` is the kind of the sample it comes from."""

    genre: str
    suffix: str
    data: bytes


def seeds() -> Mapping[str, tuple[str, Sequence[bytes]]]:
    """Return the samples by kind, with the suffix of their files."""
    sent = sendings()
    return {
        "cda": (".xml", [documents()[name] for name in ("dlu.xml", "projet_personnalise.xml", "export_dui.xml")]),
        "xdm": (".zip", [sent[ARCHIVE]]),
        "courriel": (".eml", [sent[MESSAGE]]),
        "datamatrix": (".txt", [sent[DATAMATRIX]]),
    }


def cases(number: int, seed: int) -> Iterator[Case]:
    """Yield as many inputs; the same arguments give the same bytes."""
    dice = random.Random(seed)
    kinds = seeds()
    for count in range(number):
        genre = list(kinds)[count % len(kinds)]
        suffix, samples = kinds[genre]
        data = dice.choice(samples)
        for _ in range(dice.randint(1, 4)):
            data = _mutated(dice, genre, data)
        yield Case(genre, suffix, data)


def _mutated(dice: random.Random, genre: str, data: bytes) -> bytes:
    if genre == "xdm" and dice.random() < 0.7:
        return _archive(dice, data)
    if genre == "courriel" and dice.random() < 0.3:
        return _lines(dice, data)
    if genre == "cda" and dice.random() < 0.6:
        return _elements(dice, data)
    return _bytes(dice, data)


def _bytes(dice: random.Random, data: bytes) -> bytes:
    if not data:
        return dice.choice(_TOKENS)
    at, until = sorted((dice.randrange(len(data)), dice.randrange(len(data))))
    until = min(until, at + dice.choice((1, 4, 64, 4096)))
    match dice.randrange(7):
        case 0:
            return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]
        case 1:
            return data[:at] + data[until:]
        case 2:
            return data[:at] + dice.choice(_TOKENS) + data[at:]
        case 3:
            return data[:until] + data[at:until] * dice.choice((1, 2, 50)) + data[until:]
        case 4:
            return data[:at]
        case 5:
            return data[:at] + dice.randbytes(until - at) + data[until:]
        case _:
            return data.replace(data[at : at + 3] or b"\x00", dice.choice(_TOKENS), dice.choice((1, -1)))[: 1 << 20]


def _elements(dice: random.Random, data: bytes) -> bytes:
    """Move, repeat, nest or empty a whole element, or change the value of an attribute."""
    starts = [at for at in range(len(data)) if data[at : at + 1] == b"<"]
    if not starts:
        return _bytes(dice, data)
    at = dice.choice(starts)
    end = data.find(b">", at) + 1 or len(data)
    tag = data[at:end]
    match dice.randrange(6):
        case 0:
            return data[:at] + data[end:]
        case 1:
            return data[:at] + tag + data[at:]
        case 2:
            depth = dice.choice((3, 90, 400))
            return data[:at] + b"<x>" * depth + b"</x>" * depth + data[at:]
        case 3:
            other = dice.choice(starts)
            return data[:other] + tag + data[other:]
        case 4:
            quote = data.find(b'="', at) + 2
            closing = data.find(b'"', quote)
            return (
                data[:quote] + dice.choice((b"", b" ", b"\xc3\xa9", *_TOKENS)) + data[closing:] if closing > 0 else data
            )
        case _:
            name = tag.strip(b"</>").split(b" ")[0]
            return data.replace(b"<" + name, b"<" + dice.choice((b"x", b"id", b"name", b"code", b"time")), 1)


def _lines(dice: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    one, other = dice.randrange(min(40, len(lines))), dice.randrange(len(lines))
    match dice.randrange(4):
        case 0:
            del lines[one]
        case 1:
            lines.insert(other, lines[one])
        case 2:
            lines[one] = lines[one] + dice.choice(_TOKENS)
        case _:
            lines[one], lines[other] = lines[other], lines[one]
    return b"\r\n".join(lines)


def _archive(dice: random.Random, data: bytes) -> bytes:
    """Write the archive again with one member changed, renamed, repeated or left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as read:
            members = [(info.filename, read.read(info)) for info in read.infolist()]
    except Exception:
        return _bytes(dice, data)
    if not members:
        return _bytes(dice, data)
    at = dice.randrange(len(members))
    name, content = members[at]
    match dice.randrange(7):
        case 0:
            members[at] = (name, _bytes(dice, content))
        case 1:
            members[at] = (name, _elements(dice, content))
        case 2:
            members[at] = (
                dice.choice(("../x", "/x", "C:\\x", name.lower(), name + "/", "x" * 300, "é.XML", "a/../../b")),
                content,
            )
        case 3:
            del members[at]
        case 4:
            members.append((name + dice.choice(("", ".BAK", "2")), content))
        case 5:
            members.append(("IHE_XDM/SUBSET01/BOMB.XML", b"\x00" * dice.choice((1 << 10, 20 << 20))))
        case _:
            members.append((f"{dice.randrange(9)}.ZIP", data))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written:
        for number, (one, content) in enumerate(members):
            info = zipfile.ZipInfo(one)
            info.compress_type = zipfile.ZIP_DEFLATED
            if number == at and dice.random() < 0.05:
                info.external_attr = 0o120777 << 16
            written._didModify = True  # the same name twice is wanted: no warning of the standard library
            written.NameToInfo.pop(one, None)
            written.writestr(info, content)
    return packed.getvalue()


def outcome(case: Case, folder: Path) -> str:
    """Judge one input, and say how it ended.  Raises whatever is our bug."""
    path = folder / f"entree{case.suffix}"
    path.write_bytes(case.data)
    piece = recognised(path)
    if piece is None:
        return "inconnu"
    try:
        seen: Examination = load_judges()[piece.objet].judge(piece, Setting("test"))
    except Unreadable:
        return "illisible"
    broken = [reason for reason in seen.undecided.values() if "erreur interne" in reason]
    if broken:
        raise AssertionError(broken[0])
    return "constats" if seen.found else "rien"


def run(number: int, seed: int, folder: Path) -> tuple[Counter[tuple[str, str]], list[str], float]:
    """Judge as many inputs: how they ended by kind, what broke, and the longest time in seconds."""
    ended: Counter[tuple[str, str]] = Counter()
    broken: list[str] = []
    longest = 0.0
    for count, case in enumerate(cases(number, seed)):
        start = time.perf_counter()
        try:
            ended[case.genre, outcome(case, folder)] += 1
        except Exception as error:
            broken.append(f"graine {seed}, entrée {count} ({case.genre}) : {type(error).__name__} {str(error)[:90]}")
        spent = time.perf_counter() - start
        longest = max(longest, spent)
        if spent > SECONDS:
            broken.append(f"graine {seed}, entrée {count} ({case.genre}) : {spent:.1f} s")
    return ended, broken, longest


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        asked = [int(word) for word in sys.argv[1:]]
        began = time.perf_counter()
        told, faults, slowest = run(asked[0] if asked else 10_000, asked[1] if len(asked) > 1 else 1, Path(place))
    for key, value in sorted(told.items()):
        print(*key, value)
    print(f"la plus longue : {slowest:.2f} s ; en tout {time.perf_counter() - began:.0f} s")
    print("\n".join(faults) or "aucune entrée n'a cassé")
    sys.exit(bool(faults))

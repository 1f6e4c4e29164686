"""The documents against what they cost at least: a parse by lxml, a hash, zlib; invented ones, each met once a round."""

from __future__ import annotations

import hashlib
import itertools
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from lxml import etree

from esms_sdk.checks.cda import examine, examine_bytes
from esms_sdk.checks.documents import Setting
from esms_sdk.checks.xdm import examine_archive
from esms_sdk.documents.cda import read_cda, read_header
from esms_sdk.documents.terminology import tables
from esms_sdk.documents.xdm import Given, build_xdm, read_xdm
from tests.bench.measure import Ratio, compare
from tests.documents.cda_cases import REFERENCE

Thing = TypeVar("Thing")
ASKED = Setting("test")
ROUNDS = 9
BATCH = 30
# The public examples have a header of 18 ko in files of 100 ko, as a mean.
BODY = 5 * len(REFERENCE)
_ENTRY = (
    b'<entry><observation classCode="OBS" moodCode="EVN"><id root="1.2.250.1.999.7" extension="%d"/><code code="%d" '
    b'codeSystem="1.2.250.1.999.8" displayName="Observation"/><effectiveTime value="20250101"/><value unit="kg" '
    b'value="%d"/></observation></entry>\n'
)


def measures(folder: Path) -> list[Ratio]:
    """Compare checks with the parse of what they check, and the building of an archive with its compression."""
    several = 3 * (ROUNDS + 1)
    batches = [[document(number * BATCH + one) for one in range(BATCH)] for number in range(several)]
    first, second, third = batches[::3], batches[1::3], batches[2::3]
    note = (
        f"{BATCH} documents jamais vus par tour, {len(batches[0][0]) // 1000} ko, en-tête {len(REFERENCE) // 1000} ko"
    )
    return [
        compare("CDA, en-tête contrôlé / lecture du fichier par lxml", 0.75, _over(first, etree.fromstring),
                _over(first, lambda data: examine(read_header(data, "a.xml"), ASKED)), rounds=ROUNDS, note=note),
        compare("CDA, tout contrôlé / lecture du fichier par lxml", 1.5, _over(second, etree.fromstring),
                _over(second, lambda data: examine_bytes(data, "a.xml", ASKED)), rounds=ROUNDS, note=note),
        *_archives(third),
    ]  # fmt: skip


def _archives(batches: Sequence[Sequence[bytes]]) -> Iterator[Ratio]:
    """The archive of each document, checked and built; the floors look at all that is in it."""
    given = [[Given(read_cda(data, "a.xml")) for data in batch] for batch in batches]
    packed = [[build_xdm([one], tables()) for one in batch] for batch in given]
    files = [[list(read_xdm(data).files.values()) for data in batch] for batch in packed]
    note = f"{BATCH} archives par tour, METADATA.XML de {len(files[0][0][1]) // 1000} ko"
    yield compare(
        "XDM contrôlé / lecture par lxml et SHA-1", 1.5, _over(files, _parsed_and_hashed),
        _over(packed, lambda data: examine_archive(data, "IHE_XDM.ZIP", ASKED)), rounds=ROUNDS, note=note,
    )  # fmt: skip
    yield compare(
        "XDM construit / zlib seul", 1.3, _over(files, _deflated),
        _over(given, lambda one: build_xdm([one], tables())), rounds=ROUNDS, note=note,
    )  # fmt: skip


def _over(batches: Sequence[Sequence[Thing]], one: Callable[[Thing], object]) -> Callable[[], None]:
    turn = itertools.cycle(batches)

    def over() -> None:
        for thing in next(turn):
            one(thing)

    return over


def _parsed_and_hashed(files: Sequence[bytes]) -> None:
    """Read what is XML, and hash the document, which comes first."""
    for data in files:
        if data.startswith(b"<?xml"):
            etree.fromstring(data)
    hashlib.sha1(files[0], usedforsecurity=False).hexdigest()


def _deflated(files: Sequence[bytes]) -> None:
    for data in files:
        stream = zlib.compressobj(6, zlib.DEFLATED, -15)
        stream.compress(data)
        stream.flush()


def document(number: int) -> bytes:
    """Return the invented document under another identifier, with another patient and other moments, and a long body."""
    data = REFERENCE.replace(b'root="1.2.250.1.999.1.1"', b'root="1.2.250.1.999.1.1.%d"' % number)
    data = data.replace(b'<time value="2025', b'<time value="%d' % (1900 + number % 120))
    data = data.replace(b"JEANNE ROSE", b"JEANNE ROSE" + bytes(65 + int(digit) for digit in str(number)))
    entries, size = [], 0
    while size < BODY:
        entries.append(_ENTRY % (number, len(entries), size))
        size += len(entries[-1])
    section = b"<component><section><title>Suivi</title>%b</section></component></structuredBody>"
    return data.replace(b"</structuredBody>", section % b"".join(entries))

"""The check of CDA documents against a parse of the same files by lxml: invented documents, each met once a round."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lxml import etree

from esms_sdk.checks.cda import examine, examine_bytes
from esms_sdk.checks.documents import Setting
from esms_sdk.documents.cda import read_header
from tests.bench.measure import Ratio, compare
from tests.documents.cda_cases import REFERENCE

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
    """Compare the check of the header, then of the whole, with the parse of the whole."""
    batches = [[document(number * BATCH + one) for one in range(BATCH)] for number in range(ROUNDS + 1)]
    asked = Setting("test")

    def work(one: Callable[[bytes], object]) -> Callable[[], None]:
        turn: Iterator[Sequence[bytes]] = itertools.cycle(batches)

        def over() -> None:
            for data in next(turn):
                one(data)

        return over

    parse = etree.fromstring
    note = (
        f"{BATCH} documents jamais vus par tour, {len(batches[0][0]) // 1000} ko, en-tête {len(REFERENCE) // 1000} ko"
    )
    return [
        compare("CDA, en-tête contrôlé / lecture du fichier par lxml", 0.75, work(parse),
                work(lambda data: examine(read_header(data, "a.xml"), asked)), rounds=ROUNDS, note=note),
        compare("CDA, tout contrôlé / lecture du fichier par lxml", 1.5, work(parse),
                work(lambda data: examine_bytes(data, "a.xml", asked)), rounds=ROUNDS, note=note),
    ]  # fmt: skip


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

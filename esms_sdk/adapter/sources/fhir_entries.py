"""The entries of a FHIR file, one at a time whatever its size: a Bundle, a lone resource, or NDJSON.

The standard library's scanner reads each entry whole; only the Bundle around them is walked by hand, so that memory is
bounded by the largest entry.
"""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from esms_sdk.errors import SourceError

_CHUNK = 1 << 20
_LARGEST_ENTRY = 256 << 20
_BLANK = re.compile(r"[ \t\r\n]*")
_LINES = (".ndjson", ".jsonl")
_ANSWERS = ("history", "transaction-response", "batch-response", "subscription-notification")
_decoder = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its place (the rank in the Bundle, the line of NDJSON, from 1), and its value or why there is none."""

    place: int
    value: Any = None
    refus: str | None = None


class Document:
    """What a file says beside its entries; known when they have all been read.

    ``dates`` are the instants that a Bundle gives for itself (timestamp, lastUpdated), as it writes them.
    """

    def __init__(self) -> None:
        self.dates: list[str] = []

    def entries(self, stream: IO[bytes], name: str) -> Iterator[Entry]:
        """Yield the entries in order.  Raises :class:`SourceError` where the file as a whole cannot be read."""
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            start = text.read(_CHUNK)
            if name.lower().removesuffix(".gz").endswith(_LINES) or _is_lines(start):
                yield from _lines(start, text, name)
            else:
                yield from self._bundle(_Walk(start, text, name))
        except UnicodeDecodeError:
            raise SourceError("ESMS-E302", f"{name} : le texte n'est pas en UTF-8, le codage de FHIR",
                              hint="Refaire l'export en UTF-8.") from None  # fmt: skip

    def _bundle(self, walk: _Walk) -> Iterator[Entry]:
        """Walk the top object: a Bundle's entries are given as they come, a lone resource once it is whole."""
        walk.expect("{")
        members: dict[str, Any] = {}
        while True:
            if walk.peek() == "}":
                break
            key = walk.value()
            walk.expect(":")
            if key == "entry" and walk.peek() == "[":
                yield from self._array(walk)
                members[key] = []
            else:
                members[key] = walk.value()
            if walk.peek() != ",":
                break
            walk.expect(",")
        walk.expect("}")
        walk.expect("")
        yield from self._top(members, walk.name)

    def _array(self, walk: _Walk) -> Iterator[Entry]:
        walk.expect("[")
        if walk.peek() == "]":
            walk.expect("]")
            return
        for place in itertools.count(1):
            yield Entry(place, walk.value())
            if walk.peek() != ",":
                break
            walk.expect(",")
        walk.expect("]")

    def _top(self, members: dict[str, Any], name: str) -> Iterator[Entry]:
        if members.get("resourceType") != "Bundle":
            if "entry" in members:
                raise SourceError("ESMS-E330", f"{name} : «resourceType» n'est pas Bundle",
                                  hint="Donner des Bundle FHIR, des ressources seules ou du NDJSON.")  # fmt: skip
            yield Entry(1, {"resource": members})
            return
        if members.get("type") in _ANSWERS:
            raise SourceError("ESMS-E331", f"{name} : un Bundle {members['type']} n'est pas un état des dossiers",
                              hint="Exporter l'état courant : transaction, collection ou searchset.")  # fmt: skip
        meta = members.get("meta")
        found = (members.get("timestamp"), meta.get("lastUpdated") if isinstance(meta, dict) else None)
        self.dates = [one for one in found if isinstance(one, str)]


def _is_lines(start: str) -> bool:
    """Say whether a text is one JSON object a line: the first line is whole, and something follows it."""
    line, end, rest = start.lstrip().partition("\n")
    if not end or not rest.strip():
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(start: str, text: IO[str], name: str) -> Iterator[Entry]:
    left, place = start, 0
    while True:
        *whole, left = left.split("\n")
        for line in whole:
            place += 1
            if line.strip():
                yield _line(place, line)
        if len(left) > _LARGEST_ENTRY:
            raise _too_large(name, place)
        chunk = text.read(_CHUNK)
        if not chunk:
            break
        left += chunk
    if left.strip():
        yield _line(place + 1, left)


def _line(place: int, line: str) -> Entry:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return Entry(place, refus="la ligne n'est pas un objet JSON entier")
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        return Entry(place, refus="un Bundle dans une ligne de NDJSON n'est pas lu : un Bundle par fichier .json")
    return Entry(place, {"resource": value})


class _Walk:
    """Reads JSON values from a text that comes by chunks."""

    def __init__(self, start: str, text: IO[str], name: str) -> None:
        self.buffer, self.at, self.text, self.name = start, 0, text, name
        self.read, self.ended = 0, False

    def peek(self) -> str:
        """Return the next character that is no blank, '' at the end."""
        while True:
            found = _BLANK.match(self.buffer, self.at)
            assert found
            self.at = found.end()
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self._more():
                return ""

    def expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise self._malformed()
        self.at += len(mark)

    def value(self) -> Any:
        """Return the next value; what looks cut short is tried again with more text."""
        self.peek()
        while True:
            try:
                value, end = _decoder.raw_decode(self.buffer, self.at)
            except ValueError:
                if self._more():
                    continue
                raise self._malformed() from None
            except RecursionError:
                raise self._malformed() from None
            # A number that ends with the text may go on in the next chunk.
            if end == len(self.buffer) and self._more():
                continue
            self.at = end
            self.read += 1
            return value

    def _more(self) -> bool:
        """Read more text, as much again as is waiting; False at the end."""
        if self.ended:
            return False
        waiting = len(self.buffer) - self.at
        if waiting > _LARGEST_ENTRY:
            raise _too_large(self.name, self.read)
        chunk = self.text.read(max(_CHUNK, waiting))
        self.ended = not chunk
        self.buffer, self.at = self.buffer[self.at :] + chunk, 0
        return bool(chunk)

    def _malformed(self) -> SourceError:
        return SourceError("ESMS-E332", f"{self.name} : JSON mal formé ou tronqué, après {self.read} valeurs lues",
                           hint="Vérifier que le fichier est entier, puis le refaire à la source.")  # fmt: skip


def _too_large(name: str, after: int) -> SourceError:
    size = f"{_LARGEST_ENTRY >> 20} Mio"
    return SourceError("ESMS-E333", f"{name} : une entrée de plus de {size}, après {after} valeurs lues",
                       hint="Retirer les documents joints de l'export.")  # fmt: skip

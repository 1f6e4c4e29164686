"""A body as it comes in: its size watched, its digests taken, compared with what was promised."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from esms_sdk.errors import SourceError

if TYPE_CHECKING:
    import requests

_PIECE = 1 << 18
_DIGEST = re.compile(r"sha-256=:?([A-Za-z0-9+/]{43}=):?", re.I)
_REFUSED = "Le fichier reçu n'est pas celui qui est publié : recommencer. L'ancien référentiel est gardé."


@dataclass(frozen=True, slots=True)
class Checksum:
    """A digest that somebody promised, in hexadecimal: ``sha1`` or ``sha256``."""

    kind: str
    value: str


def promised(headers: Mapping[str, str]) -> list[Checksum]:
    """Return the SHA-256 that the server itself gives (RFC 9530, RFC 3230), if it does.

    >>> promised({"Repr-Digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"})[0].value[:8]
    'e3b0c442'
    """
    said = (headers.get(name, "") for name in ("Repr-Digest", "Content-Digest", "Digest"))
    found = (_DIGEST.search(value) for value in said)
    return [Checksum("sha256", base64.b64decode(match[1]).hex()) for match in found if match]


class Sink:
    """Gives the bytes of an answer as they were sent, and stops it where it grows too large."""

    def __init__(self, answer: requests.Response, limit: int, name: str) -> None:
        self._answer, self._limit, self._name = answer, limit, name
        self._digests = {kind: hashlib.new(kind, usedforsecurity=False) for kind in ("sha1", "sha256")}
        self.size = 0

    def pieces(self) -> Iterator[bytes]:
        announced = self._answer.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > self._limit:
            raise self._too_large()
        for piece in self._answer.raw.stream(_PIECE, decode_content=False):
            self.size += len(piece)
            if self.size > self._limit:
                raise self._too_large()
            for digest in self._digests.values():
                digest.update(piece)
            yield piece

    @property
    def sha256(self) -> str:
        return self._digests["sha256"].hexdigest()

    def verify(self, expected: Sequence[Checksum], size: int | None) -> None:
        """Refuse what is not of the promised size, or has not a promised digest."""
        if size is not None and size != self.size:
            reason = f"{self.size} octets reçus, {size} annoncés par le catalogue"
            raise SourceError("ESMS-E383", f"{self._name} : {reason}", hint=_REFUSED)
        for one in expected:
            if self._digests[one.kind].hexdigest() != one.value:
                raise SourceError("ESMS-E383", f"{self._name} : somme de contrôle {one.kind} fausse", hint=_REFUSED)

    def _too_large(self) -> SourceError:
        hint = "Vérifier l'adresse ; la limite se change par --max-size (en Mo)."
        return SourceError("ESMS-E382", f"{self._name} dépasse la limite de {self._limit / 1e6:g} Mo", hint=hint)

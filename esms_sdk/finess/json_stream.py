"""A JSON object whose lists are longer than memory: its members, and the elements of its lists, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from esms_sdk.finess.packing import Read

_PIECE = 1 << 20
_LARGEST = 1 << 28
_BLANK = " \t\r\n"
# A fault this near to the end of what was read may only be a word, a number or an escape cut in two.
_MARGIN = 16


class NotJson(ValueError):
    """The text is no JSON object, or is cut; the message is French and holds nothing of the text."""


class JsonStream:
    """Iterates over (key, value) of the root object; a list gives one pair an element.  ``keys`` fills on the way.

    >>> import io
    >>> list(JsonStream(io.StringIO('{"a": "x", "b": [1,  {"c": 2}], "d": []}').read))
    [('a', 'x'), ('b', 1), ('b', {'c': 2})]
    """

    def __init__(self, read: Read) -> None:
        self._read, self._text, self._at, self._ended = read, "", 0, False
        self._decode = json.JSONDecoder().raw_decode
        self.keys: list[str] = []

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        self._expect("{")
        if self._next() == "}":
            self._at += 1
        else:
            yield from self._members()
        if self._next():
            raise NotJson("du texte suit la fin du document")

    def _members(self) -> Iterator[tuple[str, Any]]:
        mark = ","
        while mark == ",":
            if self._next() != '"':
                raise NotJson("une clé est attendue")
            key = str(self._value())
            self.keys.append(key)
            self._expect(":")
            if self._next() == "[":
                for element in self._elements():
                    yield key, element
            else:
                yield key, self._value()
            mark = self._expect(",}")

    def _elements(self) -> Iterator[Any]:
        self._at += 1
        if self._next() == "]":
            self._at += 1
            return
        mark = ","
        while mark == ",":
            yield self._value()
            mark = self._expect(",]")

    def _expect(self, marks: str) -> str:
        mark = self._next()
        if not mark:
            raise NotJson("le document est coupé avant sa fin")
        if mark not in marks:
            raise NotJson(f"{' ou '.join(f'«{one}»' for one in marks)} est attendu")
        self._at += 1
        return mark

    def _next(self) -> str:
        """Return the next character that is no blank, without going past it; nothing at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANK:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _value(self) -> Any:
        self._next()  # the decoder takes no blank before a value
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as fault:
                cut = fault.msg.startswith("Unterminated") or fault.pos >= len(self._text.rstrip(_BLANK)) - _MARGIN
                if not cut:
                    raise NotJson("une valeur n'est pas du JSON") from None
            except RecursionError:
                raise NotJson("des valeurs sont emboîtées trop profondément") from None
            else:
                # A number may go on in the next piece: «-3» of «-3.5e2».
                if self._ended or isinstance(value, (str, list, dict)) or end < len(self._text) - _MARGIN:
                    self._at = end
                    return value
            if not self._more():
                raise NotJson("le document est coupé avant sa fin")

    def _more(self) -> bool:
        """Read on, twice as much as is held, and drop what is behind; tell whether there was more."""
        held = len(self._text) - self._at
        if held > _LARGEST:
            raise NotJson("un enregistrement est trop grand pour ce flux")
        piece = "" if self._ended else self._read(max(_PIECE, held))
        self._ended = not piece
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

"""What the rules of messages look at, and their registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from esms_sdk.checks.documents import Setting, Undecided
from esms_sdk.documents.courriel.carried import Carried, is_ihe_xdm, is_loose, open_archive, open_loose, together
from esms_sdk.documents.courriel.reading import Attachment, Kind, Message
from esms_sdk.errors import SourceError

Fault = tuple[str, str, str | None]
LetterRule = Callable[["Letter", Setting], "list[Fault] | None"]
# Rules by requirement, with the kinds of message that they judge.
RULES: dict[str, tuple[frozenset[Kind], LetterRule]] = {}
OPENED = 5
"""How many archives of a message are opened: the texts allow one."""
DOCUMENTS = 50
"""How many CDA are read that stand in a message outside of an archive, where no text puts any."""


@dataclass(frozen=True)
class Letter:
    """A message and what it carries, opened once, when a rule asks for it."""

    message: Message

    @cached_property
    def archives(self) -> list[tuple[int, Attachment]]:
        """The attachments that are an IHE XDM, with their number among the attachments."""
        return [(i, one) for i, one in enumerate(self.message.attachments, 1) if is_ihe_xdm(one)]

    @cached_property
    def _opened(self) -> Carried | SourceError | None:
        try:
            parts = [open_archive(one.data) for _, one in self.archives[:OPENED]]
        except SourceError as error:
            return error
        return together(parts) if parts else None

    @cached_property
    def loose(self) -> list[tuple[int, Attachment]]:
        """The attachments that are a CDA outside of an archive, with their number among the attachments."""
        return [(i, one) for i, one in enumerate(self.message.attachments, 1) if is_loose(one)]

    @cached_property
    def _beside(self) -> Carried | None:
        return open_loose(one.data for _, one in self.loose[:DOCUMENTS]) if self.loose else None

    @property
    def archived(self) -> Carried | None:
        """What the archives hold, None where there is none that can be read."""
        return None if isinstance(self._opened, SourceError) else self._opened

    @cached_property
    def carried(self) -> Carried | None:
        """What the archives hold and the documents beside them, None where there is nothing that can be read."""
        parts = [one for one in (self.archived, self._beside) if one is not None]
        return together(parts) if parts else None

    @property
    def damage(self) -> str:
        """What of the archives cannot be read: the code of the error, how many documents; empty where all can be."""
        if isinstance(self._opened, SourceError):
            return self._opened.code
        if len(self.archives) > OPENED:
            return f"{len(self.archives)} archives"
        unreadable = self._opened.unreadable if self._opened else 0
        return f"{unreadable} document(s)" if unreadable else ""

    def decided(self) -> None:
        """Raise :class:`Undecided` where something that is carried cannot be read: nothing is met by silence."""
        if self.damage:
            raise Undecided("l'archive IHE_XDM du message, ou un de ses documents, ne peut être lue")
        if len(self.loose) > DOCUMENTS or (self._beside and self._beside.unreadable):
            raise Undecided("un document joint au message hors de l'archive n'est pas lu")

    @property
    def to_citizen(self) -> bool:
        """Whether a recipient is a person at Mon espace santé."""
        return any(one.citizen for one in self.message.recipients)


def rule(id: str, *kinds: Kind) -> Callable[[LetterRule], LetterRule]:
    """Register the rule of one requirement, over ordinary messages unless told otherwise."""

    def register(function: LetterRule) -> LetterRule:
        RULES[id] = (frozenset(kinds or ("message",)), function)
        return function

    return register

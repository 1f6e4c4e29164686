"""A MSSanté message: read (`read_message`), and built around an IHE_XDM (`build_message`)."""

from __future__ import annotations

from esms_sdk.documents.courriel.building import Sending, build_message
from esms_sdk.documents.courriel.reading import Attachment, Mailbox, Message, Report, TextPart, read_message

__all__ = ["Attachment", "Mailbox", "Message", "Report", "Sending", "TextPart", "build_message", "read_message"]

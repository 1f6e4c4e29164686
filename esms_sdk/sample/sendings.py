"""Invented documents as they travel: an IHE_XDM archive of two of them, the MSSanté message that carries it, and the
payload of the INS datamatrix of their person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from esms_sdk.documents.cda import read_cda
from esms_sdk.documents.courriel.building import Sending, build_message
from esms_sdk.documents.courriel.reading import Mailbox
from esms_sdk.documents.datamatrix import encode, identity_of
from esms_sdk.documents.terminology import tables
from esms_sdk.documents.xdm import Given, Options, Sender, build_xdm
from esms_sdk.sample.documents import documents
from esms_sdk.sample.pdf_a import pdf_a

ARCHIVE, MESSAGE, DATAMATRIX = "IHE_XDM.zip", "message.eml", "datamatrix.txt"
CARRIED = ("ldl_sortie_ms.xml", "projet_personnalise.xml")
_PARIS = timezone(timedelta(hours=1))
_OPTIONS = Options(
    sender=Sender("Ada FICTIVE", "EHPAD Les Hirondelles", "1 rue des Inventions 00001 SONGEVILLE", "+33199000002"),
    submission_time="20260105092000",
    source_id="1.2.250.1.999.5.0",
)
_SENDING = Sending(
    sender=Mailbox("ada.fictive@esms-invente.mssante.fr", "Mme_Ada_FICTIVE_EHPAD Les Hirondelles"),
    recipients=(Mailbox("medecin.invente@cabinet-invente.mssante.fr", "Dr_Max_INVENTE_Cabinet"),),
    date=datetime(2026, 1, 5, 10, 20, tzinfo=_PARIS),
    product="SOLEO-DUI-1.0",
)


def sendings() -> Mapping[str, bytes]:
    """Return the archive, the message and the payload by file name; the archive's bytes are those of one zlib."""
    read = [read_cda(documents()[name], name) for name in CARRIED]
    pdfs = [pdf_a(one.title) for one in read]
    archive = build_xdm([Given(one, pdf) for one, pdf in zip(read, pdfs, strict=True)], tables(), _OPTIONS)
    payload = encode(identity_of(read[0]), statut="QUAL")
    return {
        ARCHIVE: archive,
        MESSAGE: build_message(archive, _SENDING),
        DATAMATRIX: payload.encode("ascii"),
    }

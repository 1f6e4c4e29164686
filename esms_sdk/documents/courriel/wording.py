"""How a message names a document and a person: its subject, and the names of its PDF files.

Référentiel socle MSSanté #2, ECO.2.1.3, ECO.2.1.5 and ECO.2.1.6, known to us at second hand: the cut at forty
characters and the exact separators are to be confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import combining, normalize

from esms_sdk.documents.cda import Cda, Name, Patient

PREFIX = "XDM/1.0/DDM+"
REPLACEMENT = "[Annule et remplace]"
LABEL = 40
"""The longest label of a type of document, in characters."""
_REPLACES = re.compile(r"\[?\s*annule\s+et\s+remplace\s*\]?", re.IGNORECASE)
_DATE = re.compile(r"(?:^|\s)(\d[\d/.-]{5,9})$", re.ASCII)
_FILE = re.compile(r"(\d{8})_([^_]+)_([^_]+)_([^_]+?)(?:_([^_]+))?\.pdf", re.ASCII | re.IGNORECASE)


class Subject(NamedTuple):
    """A subject taken apart: ``named`` is the label and the person, ``date`` as written, empty where there is none."""

    named: str
    date: str
    replaces: bool


class PdfName(NamedTuple):
    """The name of a PDF taken apart."""

    day: str
    label: str
    family: str
    given: str


def folded(text: str) -> str:
    """Return a text without case, accents and runs of spaces.

    >>> folded("Élodie  d'Été")
    "elodie d'ete"
    """
    bare = "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))
    return " ".join(bare.split())


def capitals(text: str) -> str:
    """Return a name in capitals without accents.

    >>> capitals("Lemaître")
    'LEMAITRE'
    """
    return folded(text).upper()


def mentions_replacement(text: str) -> bool:
    """Tell whether a text says that it annuls and replaces."""
    return bool(_REPLACES.search(text))


def parse_subject(text: str) -> Subject | None:
    """Take a subject apart; None where it is not of the form.

    >>> parse_subject("XDM/1.0/DDM+Lettre de liaison ESSAI Ana 02/03/1941")
    Subject(named='Lettre de liaison ESSAI Ana', date='02/03/1941', replaces=False)
    >>> parse_subject("Lettre de liaison")
    """
    told = " ".join(_REPLACES.sub(" ", text).split())
    if not told.startswith(PREFIX):
        return None
    named = told.removeprefix(PREFIX).strip()
    date = _DATE.search(named)
    rest = named[: date.start()].strip() if date else named
    return Subject(rest, date[1] if date else "", mentions_replacement(text))


def parse_pdf_name(name: str) -> PdfName | None:
    """Take the name of a PDF apart; None where it is not of the form.

    >>> parse_pdf_name("20250102_Lettre de liaison_ESSAI_Ana.pdf")
    PdfName(day='20250102', label='Lettre de liaison', family='ESSAI', given='Ana')
    """
    found = _FILE.fullmatch(name)
    return PdfName(*found.groups()[:4]) if found else None


def label_of(cdas: Sequence[Cda]) -> str:
    """Return the label of what is sent: that of the document, or how many there are."""
    if len(cdas) != 1:
        return f"{len(cdas)} documents"
    code = cdas[0].code
    return code.label[:LABEL].strip() if code else ""


def names(patient: Patient) -> tuple[str, str]:
    """Return the family name and the first given name that a message says: those of birth, else the first there are."""
    name: Name = patient.name
    family = next(iter((*name.families("BR"), *(one.text for one in name.family))), "")
    given = next(iter((*name.givens("BR"), *(one.text for one in name.given))), "")
    return family, given


def birthday(patient: Patient) -> str:
    """Return the date of birth as a subject says it, empty where it is not a whole day."""
    told = patient.birth_time[:8]
    return f"{told[6:]}/{told[4:6]}/{told[:4]}" if len(told) == 8 and told.isdigit() else ""


def subject(cdas: Sequence[Cda], patient: Patient, *, replaces: bool) -> str:
    """Return the subject of a message that carries documents of one person."""
    family, given = names(patient)
    mention = f"{REPLACEMENT} " if replaces else ""
    words = (label_of(cdas), capitals(family), given, birthday(patient))
    return mention + PREFIX + " ".join(word for word in words if word)


def pdf_name(cda: Cda, patient: Patient, record: str = "") -> str:
    """Return the name of the PDF of a document; ``record`` is the number of the person's record, where it is told."""
    family, given = names(patient)
    event = next((one.time.low or one.time.value for one in cda.service_events), "") or cda.effective_time
    label = label_of([cda])
    parts = [event[:8], label, capitals(family), given, *([record] if record else [])]
    return "_".join(_for_a_file(part) for part in parts) + ".pdf"


def _for_a_file(text: str) -> str:
    """Return a text that may stand in the name of a file anywhere, without the mark that parts its fields."""
    bare = "".join(c for c in normalize("NFKD", text) if not combining(c)).encode("ascii", "ignore").decode("ascii")
    return " ".join(re.sub(r"[^\w' .-]|_", " ", bare, flags=re.ASCII).split()).strip(" .")

"""A document of the lot against the lot: its file, its person, what was sent of it, what the dashboard counts of it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from esms_sdk import masking
from esms_sdk.checks.documents import recognised
from esms_sdk.documents import hl7v2, xdm
from esms_sdk.documents.cda import LIMITS, Cda, is_cda, read_cda, read_header
from esms_sdk.documents.terminology import Concept, Terminology
from esms_sdk.documents.xds_people import ins_of
from esms_sdk.errors import SourceError

FED, SAME_FILE, SAME_PERSON, SENT, COUNTED = (
    "ESMS-DMP-02", "ESMS-CDA-35", "ESMS-CDA-36", "ESMS-CDA-37", "ESMS-TBB-12",
)  # fmt: skip
ALL = (FED, SAME_FILE, SAME_PERSON, SENT, COUNTED)
OBJET = "document_du_lot"
_HEAD = 65_536
_SEXES = {"U": "I", "UN": "I"}

Fault = tuple[str, str | None, str | None]
"""A requirement, a code (None where it was judged and nothing is wrong) and a precision."""


class Person(NamedTuple):
    """The identity that a record of the lot holds."""

    matricule: str | None = None
    oid: str | None = None
    nom: str | None = None
    prenoms: str | None = None
    premier: str | None = None
    nom_utilise: str | None = None
    prenom_utilise: str | None = None
    sexe: str | None = None
    naissance: str | None = None
    lieu: str | None = None
    statut: str | None = None
    depuis: date | None = None


class Row(NamedTuple):
    """A row of ``document`` with a file; ``persons`` are the record and the one it was merged into."""

    document_id: str
    finess_et: str
    type_code: str
    format_code: str | None
    confidentialite: str | None
    empreinte: str | None
    chemin: str
    creation: date
    persons: tuple[Person, ...]
    identities: bool = True
    """Whether the lot gives the matricules of its persons."""


class Send(NamedTuple):
    """A send that went through."""

    canal: str
    moment: datetime
    qualifiee: bool


@dataclass(frozen=True)
class Held:
    """What the file of a row is: why it is none (``etat``), or the CDA documents in it."""

    etat: str = ""
    path: Path | None = None
    objet: str = ""
    sha256: str = ""
    documents: Sequence[Cda] = ()


def held(folder: Path, row: Row) -> Held:
    """Read the file of a row, which stands in the lot."""
    told = row.chemin
    if not told.strip() or "\\" in told or "\0" in told or PurePosixPath(told).is_absolute() or ":" in told[:2]:
        return Held("HORS_LOT")
    try:
        path = (folder / told).resolve()
        if not path.is_relative_to(folder.resolve()):
            return Held("HORS_LOT")
        if not path.is_file():
            return Held("ABSENT")
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if path.stat().st_size > LIMITS.size:
            return Held("ILLISIBLE", path, sha256=sha256)
        piece = recognised(path)
    except (OSError, ValueError, RuntimeError):
        return Held("ABSENT")
    objet = piece.objet if piece else ""
    try:
        return Held("", path, objet, sha256, list(_documents(path, objet, whole=bool(row.format_code))))
    except (SourceError, OSError):
        return Held("ILLISIBLE", path, objet, sha256)


def _documents(path: Path, objet: str, *, whole: bool) -> Iterator[Cda]:
    read = read_cda if whole else read_header
    if objet == "cda":
        yield read(path.read_bytes(), "document")
    elif objet == "xdm":
        archive = xdm.read_xdm(path)
        for name, data in archive.files.items():
            if is_cda(data[:_HEAD]) and not name.upper().endswith((".XSL", ".XSLT")):
                yield read(data, "document")


def faults(row: Row, file: Held, sends: Sequence[Send], terminology: Terminology) -> Iterator[Fault]:
    """Compare a document with its row, its person and its sends."""
    yield from _same_file(row, file, terminology)
    if file.etat:
        return
    yield from _fed(file, sends)
    if not file.documents:
        return
    for cda in file.documents:
        yield from _same_person(row, cda)
    bears = all(ins_of(cda) is not None for cda in file.documents)
    if sends:
        yield SENT, None, None
        last = max(sends, key=lambda one: one.moment)
        if bears and not any(one.qualifiee for one in sends):
            yield SENT, "INS_NON_QUALIFIEE", last.canal
        if not bears and last.qualifiee:
            yield SENT, "INS_ABSENTE", last.canal
    for (canal, month), first in _counted(sends).items():
        yield COUNTED, None, None
        if first.qualifiee and not bears:
            yield COUNTED, "COMPTE_SANS_INS", f"{canal}, {month}"


def counted(sends: Sequence[Send]) -> Iterator[str]:
    """Yield the channels and months in which the dashboard counts a document."""
    return (f"{canal}, {month}" for canal, month in _counted(sends))


def _counted(sends: Sequence[Send]) -> dict[tuple[str, str], Send]:
    found: dict[tuple[str, str], Send] = {}
    for one in sorted(sends, key=lambda one: one.moment):
        found.setdefault((one.canal, one.moment.strftime("%Y-%m")), one)
    return found


def _same_file(row: Row, file: Held, terminology: Terminology) -> Iterator[Fault]:
    yield SAME_FILE, None, None
    if row.empreinte and file.sha256 and row.empreinte.strip().lower() != file.sha256:
        yield SAME_FILE, "EMPREINTE", None
    if file.etat:
        yield SAME_FILE, file.etat, None
        return
    if not file.documents:
        yield SAME_FILE, "AUTRE_NATURE", None
        return
    codes = {cda.code.code for cda in file.documents if cda.code}
    if row.type_code not in codes:
        there = ", ".join(hl7v2.plain(code) for code in sorted(codes)[:5]) or "rien"
        yield SAME_FILE, "TYPE", f"lot {hl7v2.plain(row.type_code)}, document {there}"
    level = next((one for one in (row.confidentialite or "").split() if len(one) == 1), "")
    levels = {cda.confidentiality.code for cda in file.documents if cda.confidentiality}
    if level and levels and level not in levels:
        yield SAME_FILE, "CONFIDENTIALITE", None
    if row.format_code:
        formats = {format_.code for cda in file.documents if (format_ := _format(cda, terminology))}
        if formats and row.format_code not in formats:
            yield SAME_FILE, "FORMAT", None


def _format(cda: Cda, terminology: Terminology) -> Concept | None:
    media = cda.body.media_type if cda.body and not cda.body.structured else ""
    return terminology.format_of([one.root for one in cda.template_ids], media)


def _fed(file: Held, sends: Sequence[Send]) -> Iterator[Fault]:
    if not any(one.canal == "DMP" for one in sends):
        return
    yield FED, None, None
    if not file.documents:
        yield FED, "PAS_UN_CDA", None
    for cda in file.documents:
        number = ins_of(cda)
        if number is None or not number.extension.strip():
            yield FED, "INS_ABSENTE", None
        elif missing := [name for name, value in _traits(cda).items() if not value and name in _STRICT]:
            yield FED, "TRAITS_ABSENTS", ", ".join(missing)


_STRICT = (
    "nom de naissance",
    "premier prénom",
    "prénoms de naissance",
    "sexe",
    "date de naissance",
    "lieu de naissance",
)


def _traits(cda: Cda) -> dict[str, str]:
    patient = cda.patient
    if patient is None:
        return dict.fromkeys(_STRICT, "")
    gender = patient.gender.code if patient.gender else ""
    return {
        "nom de naissance": " ".join(patient.name.families("BR")),
        "premier prénom": " ".join(patient.name.givens("BR")),
        "prénoms de naissance": " ".join(patient.name.givens()),
        "nom utilisé": " ".join(patient.name.families("CL")),
        "prénom utilisé": " ".join(patient.name.givens("CL")),
        "sexe": _SEXES.get(gender, gender),
        "date de naissance": re.sub(r"\D.*", "", patient.birth_time)[:8],
        "lieu de naissance": patient.birth_place.strip().upper(),
    }


def _of_lot(person: Person) -> dict[str, str]:
    born = re.sub(r"\D", "", person.naissance or "")
    return {
        "nom de naissance": person.nom or "",
        "premier prénom": person.premier or "",
        "prénoms de naissance": person.prenoms or "",
        "nom utilisé": person.nom_utilise or "",
        "prénom utilisé": person.prenom_utilise or "",
        "sexe": person.sexe or "",
        # An unknown day or month is not the same thing in every text: what is known of it is compared.
        "date de naissance": born[:4] if born[4:6] == "00" else born[:6] if born[6:8] == "00" else born,
        "lieu de naissance": (person.lieu or "").upper(),
    }


def _same_person(row: Row, cda: Cda) -> Iterator[Fault]:
    number = ins_of(cda)
    # Of a merged record, the one that the document knows.
    fitting = [p for p in row.persons if number and p.matricule == number.extension] or list(row.persons)
    person, different = min(((p, _different(p, cda)) for p in fitting), key=lambda pair: len(pair[1]))
    known = {p.matricule for p in row.persons if p.matricule}
    if not row.identities and not any(_of_lot(person).values()):
        return
    yield SAME_PERSON, None, None
    if number and known and number.extension not in known:
        yield SAME_PERSON, "MATRICULE", None
    elif number and known and person.oid and number.root != person.oid:
        yield SAME_PERSON, "OID", None
    elif number and not known and row.identities:
        yield SAME_PERSON, "MATRICULE_INCONNU", None
    elif not number and person.statut == "QUAL" and (person.depuis is None or person.depuis < row.creation):
        yield SAME_PERSON, "SANS_INS", None
    if different:
        older = person.depuis is not None and row.creation < person.depuis
        yield SAME_PERSON, "TRAITS_ANTERIEURS" if older else "TRAITS", ", ".join(different)


def _different(person: Person, cda: Cda) -> list[str]:
    there, here = _traits(cda), _of_lot(person)
    found = []
    for name, value in here.items():
        told = there[name]
        if not value or not told:
            continue
        if name == "date de naissance":
            size = min(len(value), len(told))
            same = value[:size] == told[:size]
        else:
            same = folded(value) == folded(told)
        if not same:
            found.append(name)
    return found


def folded(text: str) -> str:
    """Return letters and digits alone, upper case, without accents.

    >>> folded("D'Hé-ry  zoë")
    'DHERYZOE'
    """
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE")).upper()
    return "".join(c for c in plain if c.isalnum() and not unicodedata.combining(c))


def shown_path(row: Row) -> str:
    """Return the path as reports show it; one that bears a name of the person is not shown, the row's key is."""
    told = folded(row.chemin)
    names = [name for p in row.persons for name in (p.nom, p.nom_utilise, p.matricule) if name]
    if any(len(folded(name)) > 1 and folded(name) in told for name in names) or len(row.chemin) > 200:
        return f"document {masking.key(row.document_id)}"
    return masking.key("/".join(part for part in row.chemin.split("/") if part not in ("", ".")))

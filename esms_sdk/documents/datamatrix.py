"""The INS datamatrix (format v2.2, September 2022): the payload written, read, and what in it departs from the format.

::

    IS01 + 22 zeros · S1 matricule · S2 OID · S3 given names · S4 family name · S5 sex · S6 JJ-MM-AAAA · S7 COG

Each field is its identifier and its value.  A field of variable length that is neither at its longest nor the last one
is closed by a GS (ASCII 29).  The payload does not say the status of the identity: only a *qualifiée* one is encoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from esms_sdk.documents.cda import Cda
from esms_sdk.documents.moment import parse_moment
from esms_sdk.documents.xds_people import ins_of
from esms_sdk.errors import SourceError, UsageError
from esms_sdk.identifiers import ins

HEADER = "IS01" + "0" * 22
GS = "\x1d"
LONGEST = 512
"""No payload is longer: with two names at their longest it is of some 290 characters."""
QUALIFIED = "QUAL"
_START = re.compile(rb"IS[0-9A-Za-z]{2}0{4}")
_FIELDS = re.compile(rb"S1[0-9AB]{10,20}\x1d?S2\d\.")


class Shape(NamedTuple):
    """A field: its name in French, and how many characters its value may have."""

    name: str
    shortest: int
    longest: int
    form: str
    optional: bool = False

    @property
    def variable(self) -> bool:
        """Whether its length varies."""
        return self.shortest != self.longest


# A name has capitals, spaces, apostrophes and hyphens, and begins with a letter (guide d'implémentation INS, traits).
_NAME = r"[A-Z](?:[A-Z]|[ '-](?! |'))*"
FIELDS: Mapping[str, Shape] = {
    "S1": Shape("matricule INS", 15, 15, r"[0-9AB]+"),
    "S2": Shape("OID", 19, 20, r"[0-9.]+"),
    "S3": Shape("prénoms de naissance", 1, 100, _NAME),
    "S4": Shape("nom de naissance", 1, 100, _NAME),
    "S5": Shape("sexe", 1, 1, "[MF]"),
    "S6": Shape("date de naissance", 10, 10, r"\d\d-\d\d-\d{4}"),
    "S7": Shape("lieu de naissance", 5, 5, r"(?:\d\d|2[AB])\d{3}", optional=True),
}
# No value holds an S before a digit: names have no digit, the other values no S.
_FIELD = re.compile(r"(S[0-9])((?:(?!S[0-9])[^\x1d])*)(\x1d*)")
_SEVERAL = re.compile(r"([ '])\1|[-']$| $")


class Field(NamedTuple):
    """A field as it stands: ``separators`` is how many GS follow it."""

    id: str
    value: str
    separators: int


class Decoded(NamedTuple):
    """A payload taken apart; ``stray`` is what stands where a field should, as many characters."""

    header: str
    fields: tuple[Field, ...]
    stray: int

    def value(self, id: str) -> str:
        """Return the value of a field, empty where it is absent."""
        return next((one.value for one in self.fields if one.id == id), "")


class Departure(NamedTuple):
    """A departure from the format: ``field`` is where, ``precision`` holds no personal datum."""

    code: str
    field: str
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity that is encoded; ``prenoms`` are all those of birth, ``lieu`` a COG code or empty."""

    matricule: str
    oid: str
    prenoms: str
    nom: str
    sexe: str
    naissance: date
    lieu: str = ""


class EngineAbsent(SourceError):
    """The package that draws is not installed."""


def is_payload(head: bytes) -> bool:
    """Tell from its beginning whether a file is the payload of a datamatrix: the header, or its first two fields.

    >>> is_payload(b"IS01000000"), is_payload(b"ISABELLE 0000")
    (True, False)
    """
    return len(head) <= 4 * LONGEST and bool(_START.match(head.lstrip()) or _FIELDS.search(head))


def encode(identity: Identity, *, statut: str) -> str:
    """Return the payload of an identity of status ``statut``.

    A list of given names or a name beyond a hundred characters is cut there (our reading of the longest length).
    Raises :class:`UsageError` for an identity that is not *qualifiée*, or whose payload would depart from the format.

    >>> one = Identity("279035121518989", "1.2.250.1.213.1.4.10", "ANA MARIE", "ESSAI", "F", date(1979, 3, 2), "51215")
    >>> encode(one, statut="QUAL").replace(GS, "|")[26:]
    'S1279035121518989S21.2.250.1.213.1.4.10S3ANA MARIE|S4ESSAI|S5FS602-03-1979S751215'
    """
    if statut != QUALIFIED:
        raise UsageError("ESMS-E127", "datamatrix INS refusé : l'identité n'est pas qualifiée",
                         hint="Le datamatrix ne porte qu'une identité au statut QUAL.")  # fmt: skip
    values = {
        "S1": identity.matricule, "S2": identity.oid, "S3": identity.prenoms[:100].strip(),
        "S4": identity.nom[:100].strip(), "S5": identity.sexe,
        "S6": "-".join(reversed(identity.naissance.isoformat().split("-"))), "S7": identity.lieu,
    }  # fmt: skip
    payload = HEADER
    for id, value in values.items():
        if value or not FIELDS[id].optional:
            payload += id + value + (GS if _separated(id, value) else "")
    wrong = [*departures(payload), *identifier_departures(decode(payload))]
    if wrong:
        raise UsageError("ESMS-E128", f"datamatrix INS refusé : {FIELDS[wrong[0].field].name} mal formé",
                         hint="Corriger le trait dans l'identité, par un appel INSi.")  # fmt: skip
    return payload


def identity_of(cda: Cda) -> Identity:
    """Return the identity that a CDA header bears.  Raises :class:`UsageError` where it is none of a qualified one."""
    patient, known = cda.patient, ins_of(cda)
    moment = parse_moment(patient.birth_time) if patient else None
    if patient is None or known is None or moment is None or len(moment.units) < 3:
        raise UsageError("ESMS-E127", f"{cda.name} : ni matricule INS, ni date de naissance entière dans l'en-tête",
                         hint="Le datamatrix ne porte qu'une identité qualifiée.")  # fmt: skip
    listed = " ".join(patient.name.givens()) or " ".join(patient.name.givens("BR"))
    family = next(iter(patient.name.families("BR")), "")
    gender = patient.gender.code if patient.gender else ""
    return Identity(known.extension, known.root, listed, family, gender, moment.day, patient.birth_place)


def decode(payload: str) -> Decoded:
    """Take a payload apart, whatever it holds.

    >>> decode(HEADER + "S1279035121518989S5F").fields
    (Field(id='S1', value='279035121518989', separators=0), Field(id='S5', value='F', separators=0))
    """
    # The S of the header stands before a digit too.
    first = _FIELD.search(payload, 0 if payload.startswith("S") else 2)
    place = first.start() if first else len(payload)
    header, body = payload[:place], payload[place:]
    fields, end, stray = [], 0, 0
    for found in _FIELD.finditer(body):
        stray += found.start() - end
        end = found.end()
        fields.append(Field(found[1], found[2], len(found[3])))
    return Decoded(header, tuple(fields), stray + len(body) - end)


def departures(payload: str) -> list[Departure]:
    """Return what in a payload departs from the format: header, order, lengths, separators, forms of the values."""
    read = decode(payload)
    found = []
    if read.header != HEADER:
        found.append(Departure("ENTETE", "", f"{len(read.header)} caractères avant le premier champ"))
    ids = [one.id for one in read.fields]
    missing = [id for id, shape in FIELDS.items() if id not in ids and not shape.optional]
    found += [Departure("CHAMP_MANQUANT", id, FIELDS[id].name) for id in missing]
    unknown = [id for id in ids if id not in FIELDS]
    if unknown or read.stray:
        found.append(Departure("CHAMP_INCONNU", "", ", ".join(unknown) or None))
    known = [id for id in ids if id in FIELDS]
    if known != sorted(set(known)):
        found.append(Departure("ORDRE", "", " ".join(known)))
    for number, one in enumerate(read.fields, 1):
        if one.id in FIELDS:
            found += _of_field(one, last=number == len(read.fields))
    return found


def _of_field(one: Field, *, last: bool) -> Iterator[Departure]:
    shape = FIELDS[one.id]
    if not shape.shortest <= len(one.value) <= shape.longest:
        yield Departure("LONGUEUR", one.id, f"{shape.name} : {len(one.value)} caractères")
    elif not re.fullmatch(shape.form, one.value, re.ASCII) or not _sound(one):
        yield Departure("VALEUR", one.id, shape.name)
    wanted = 0 if last else int(_separated(one.id, one.value))
    # A value that is too short or too long says nothing of its separator.
    if one.separators != wanted and (len(one.value) <= shape.longest or one.separators > 1):
        yield Departure("SEPARATEUR", one.id, f"{shape.name} : {one.separators} GS au lieu de {wanted}")


def _separated(id: str, value: str) -> bool:
    """Whether a GS closes a field that is not the last."""
    return FIELDS[id].variable and len(value) < FIELDS[id].longest


def _sound(one: Field) -> bool:
    if one.id == "S6":
        day, month, year = one.value.split("-")
        return parse_moment(year + month + day) is not None
    return one.id not in ("S3", "S4") or not _SEVERAL.search(one.value)


def identifier_departures(read: Decoded) -> list[Departure]:
    """Return what is wrong of a matricule and an OID that are well written: the key, an OID that is none of an INS."""
    matricule, oid = read.value("S1"), read.value("S2")
    found = []
    if re.fullmatch(FIELDS["S1"].form, matricule) and len(matricule) == 15 and not ins.is_valid(matricule):
        found.append(Departure("CLE", "S1"))
    if re.fullmatch(FIELDS["S2"].form, oid) and len(oid) in (19, 20) and not ins.is_known_oid(oid):
        found.append(Departure("OID", "S2"))
    return found


def svg(payload: str, *, module: int = 4) -> str:
    """Return the drawing of a payload (ECC200, square) as SVG, ``module`` user units a module, its quiet zone of two.

    Raises :class:`EngineAbsent` where the extra ``datamatrix`` is not installed.
    """
    try:
        from ppf.datamatrix import DataMatrix
    except ImportError:
        raise EngineAbsent("ESMS-E393", "le dessin du datamatrix demande un paquet optionnel absent",
                           hint='python -m pip install "esms-sdk[datamatrix]"') from None  # fmt: skip
    rows = DataMatrix(payload).matrix
    size = len(rows) + 4
    path = "".join(f"M{x + 2},{y + 2}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    side = size * module
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" viewBox="0 0 {size} {size}" '
        f'shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path fill="#000" d="{path}"/></svg>\n'
    )

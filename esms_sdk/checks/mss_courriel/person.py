"""The rules of whom a message is about, and of the person that it is sent to."""

from __future__ import annotations

import re

from esms_sdk.checks.documents import Setting
from esms_sdk.checks.mss_courriel.letter import Fault, Letter, rule
from esms_sdk.documents.cda import Cda, Patient
from esms_sdk.documents.courriel import wording
from esms_sdk.identifiers import ins

_MATRICULE = re.compile(r"[0-9AB]{15}", re.IGNORECASE)
_PDF = ".pdf"


@rule("ESMS-MSS-05")
def one_person(letter: Letter, setting: Setting) -> list[Fault] | None:
    """The documents of a message are of one person, whom the metadata name."""
    carried, archived = letter.carried, letter.archived
    letter.decided()
    citizens = {one.address.lower() for one in letter.message.recipients if one.citizen}
    if carried is None and not citizens:
        return None
    found: list[Fault] = []
    if carried and carried.persons > 1:
        where = "IHE_XDM.zip" if archived and archived.persons == carried.persons else "pieces"
        found.append(("PLUSIEURS_PERSONNES", where, f"{carried.persons} personnes"))
    if carried and not carried.identified:
        found.append(("SANS_PATIENT_ID", "METADATA.XML", None))
    if len(citizens) > 1:
        found.append(("PLUSIEURS_ADRESSES", "To", f"{len(citizens)} adresses d'usager"))
    return found


@rule("ESMS-MSS-22")
def subject(letter: Letter, setting: Setting) -> list[Fault] | None:
    """The subject of a message that carries an IHE XDM: XDM/1.0/DDM+label NAME given name and date of birth."""
    carried = letter.archived
    if not letter.archives:
        return None
    told = wording.parse_subject(letter.message.subject)
    if told is None:
        return [("FORME", "Subject", None)]
    letter.decided()
    patient = carried.cdas[0].patient if carried and carried.cdas else None
    if carried is None or patient is None:
        return []
    found: list[Fault] = []
    if told.date and told.date != wording.birthday(patient):
        found.append(("DATE", "Subject", None))
    label, how = _label_and_name(told.named, patient)
    if how:
        return [*found, (how, "Subject", None)]
    return found + _label_faults(label, carried.cdas)


def _label_and_name(named: str, patient: Patient) -> tuple[str, str]:
    """Part the label from the person, with the fault of the name: another than the documents', or not in capitals."""
    families = {part.text for part in patient.name.family}
    givens = {part.text for part in patient.name.given}
    bare = wording.folded(named)
    for family in families:
        for given in givens:
            if bare.endswith(" " + wording.folded(f"{family} {given}")):
                words = len(f"{family} {given}".split())
                parts = named.split()
                shown = " ".join(parts[-words : len(parts) - len(given.split())])
                return " ".join(parts[:-words]), "" if shown == wording.capitals(family) else "CAPITALES"
    return "", "PERSONNE"


def _label_faults(label: str, cdas: tuple[Cda, ...]) -> list[Fault]:
    if len(label) > wording.LABEL:
        return [("LIBELLE_LONG", "Subject", f"{len(label)} caractères")]
    if wording.folded(label) != wording.folded(wording.label_of(cdas)):
        return [("LIBELLE", "Subject", None)]
    return []


@rule("ESMS-MSS-23")
def file_names(letter: Letter, setting: Setting) -> list[Fault] | None:
    """The name of a PDF: day of the act, type of document, NAME and given name, parted by underscores."""
    shown = [(i, one) for i, one in enumerate(letter.message.attachments, 1) if one.name.lower().endswith(_PDF)]
    if not shown or not letter.archives:
        return None
    letter.decided()
    carried = letter.archived
    patient = carried.cdas[0].patient if carried and carried.cdas else None
    families = {wording.folded(part.text) for part in patient.name.family} if patient else set()
    found: list[Fault] = []
    for i, one in shown:
        told = wording.parse_pdf_name(one.name)
        if told is None:
            found.append(("FORME", f"piece[{i}]", None))
        elif len(told.label) > wording.LABEL:
            found.append(("TYPE_LONG", f"piece[{i}]", f"{len(told.label)} caractères"))
        elif families and wording.folded(told.family) not in families:
            found.append(("PERSONNE", f"piece[{i}]", None))
    return found


@rule("ESMS-MSS-24")
def citizen_address(letter: Letter, setting: Setting) -> list[Fault] | None:
    """The address of a person is made of the matricule of a qualified identity: that of the documents."""
    citizens = [one for one in letter.message.recipients if one.citizen]
    if not citizens:
        return None
    letter.decided()
    carried = letter.carried
    known = carried.ins if carried else None
    test = setting.mode == "test" or (known is not None and ins.is_test_oid(known.root))
    found: list[Fault] = []
    for one in citizens:
        matricule = one.address.rpartition("@")[0].upper()
        if not _MATRICULE.fullmatch(matricule):
            found.append(("FORME", "To", None))
            continue
        if not ins.is_valid(matricule):
            found.append(("CLE_TEST" if test else "CLE", "To", None))
        if known and matricule != known.extension.upper():
            found.append(("AUTRE_PERSONNE", "To", None))
    told = letter.message.raw("X-MSS-INS")
    if told == "N" or (carried and carried.cdas and known is None):
        found.append(("NON_QUALIFIEE", "To", None))
    return found


@rule("ESMS-MSS-25")
def not_invisible(letter: Letter, setting: Setting) -> list[Fault] | None:
    """A document that the patient may not see yet is not sent to the patient."""
    if not letter.to_citizen or not letter.archives:
        return None
    letter.decided()
    hidden = letter.carried is not None and "INVISIBLE_PATIENT" in letter.carried.visibility
    return [("INVISIBLE_PATIENT", "METADATA.XML", None)] if hidden else []

"""What the lot needs of a CDA document EXPORT_DUI (ANS, content guide of TDDUI 1.0 and 1.1)."""

from __future__ import annotations

import re

from esms_sdk.adapter.sources.tddui_staging import Cell, Staging
from esms_sdk.identifiers import ins
from esms_sdk.xml import Element

_SPACES = {"h": "urn:hl7-org:v3"}
_ROOT = "{urn:hl7-org:v3}ClinicalDocument"
_KIND = "EXPORT_DUI"
_SEJOURS, _EVENEMENTS = "1.2.250.1.213.1.1.2.249", "1.2.250.1.213.1.1.2.248"
_OTHERS = {"1.2.250.1.213.1.1.2.246": "evaluation", "1.2.250.1.213.1.1.2.37": "document"}
_SEJOUR, _ENTREE, _SORTIE = "1.2.250.1.213.1.1.3.218", "1.2.250.1.213.1.1.3.48.6", "1.2.250.1.213.1.1.3.48.7"
_EVENEMENT, _STATUT = "1.2.250.1.213.1.1.3.215", "1.2.250.1.213.1.1.3.217"
_DATE_OF_UPDATE = "106177-9"
_NSS = ("1.2.250.1.213.1.4.13", "1.2.250.1.213.1.4.14")
_STRUCTURE = "1.2.250.1.71.4.2.2"
_FINESS = re.compile("(1?)([0-9][0-9AB][0-9]{7})")
_PERSON = "Patient/recordTarget"
# Above the rank of any entry.
_UNNUMBERED = 1 << 30
# A séjour or an event is numbered after its person: 3FINESS/person-SEJOUR-n.
_OWNER = re.compile("([0-9]?[0-9][0-9AB][0-9]{7}/.+?)-(?:SEJOUR|EVN)-.*")
_TS = re.compile(r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)(\d\d)?(?:\.\d+)?)?([+-]\d\d)?(\d\d)?")


def iso(value: str | None) -> str | None:
    """Return a TS of HL7 as ISO 8601, with its offset if it has one; what is none is kept as it is.

    >>> iso("20230414103000+0200"), iso("202304141030"), iso("20230411"), iso("avril")
    ('2023-04-14T10:30:00+02:00', '2023-04-14T10:30:00', '2023-04-11', 'avril')
    """
    found = _TS.fullmatch(value or "")
    if not found:
        return value
    year, month, day, hour, minute, second, zone, minutes = found.groups()
    written = "-".join(part for part in (year, month, day) if part)
    if hour and day:
        written += f"T{hour}:{minute}:{second or '00'}" + (f"{zone}:{minutes or '00'}" if zone else "")
    return written


class Export:
    """Stages one document; ``begin`` is the row before its first."""

    def __init__(self, staging: Staging, begin: int) -> None:
        self.staging, self.begin, self.rank = staging, begin, 1

    def take(self, root: Element) -> bool:
        """Stage the document, or set it aside where it is another one; say whether it is an EXPORT_DUI."""
        if root.tag != _ROOT or _first(root, "h:code/@code") != _KIND:
            self.staging.ignore(self.begin + 1, "autre_document")
            return False
        self.dated = iso(_first(root, "h:effectiveTime/@value"))
        if self.dated:
            self.staging.add("document", (self.begin, self.dated))
        self._structures(root)
        self._person(root)
        for section in _all(root, "h:component/h:structuredBody//h:section"):
            templates = set(_all(section, "h:templateId/@root"))
            for entry in _all(section, "h:entry"):
                self.rank += 1
                row = self.begin + self.rank
                if _SEJOURS in templates:
                    self._sejour(row, entry)
                elif _EVENEMENTS in templates:
                    self._evenement(row, entry)
                else:
                    reason = next((name for template, name in _OTHERS.items() if template in templates), "autre_entree")
                    self.staging.ignore(row, reason)
        return True

    def _structures(self, root: Element) -> None:
        """Stage each FINESS that the document names, with its label; they are no entries: their rows are negative."""
        for rank, one in enumerate(_all(root, f"//h:id[@root='{_STRUCTURE}']"), 1):
            found = _FINESS.fullmatch(one.get("extension") or "")
            if found:
                row = -(self.begin + _UNNUMBERED + rank)
                label = _first(one, "string(../h:name | ../h:desc)")
                self.staging.add("structure", (row, found[2], None, None, label))

    def _check_structures(self, row: int, part: Element) -> None:
        for one in _all(part, f".//h:id[@root='{_STRUCTURE}']"):
            found = _FINESS.fullmatch(one.get("extension") or "")
            if found and not found[1]:
                where = one.getparent().tag.rpartition("}")[2]
                self.staging.observe(row, "FINESS_SANS_PREFIXE", f"{where} : FINESS écrit sans le 1 qui le précède")

    def _person(self, root: Element) -> None:
        row = self.begin + 1
        role = next(iter(_all(root, "h:recordTarget/h:patientRole")), None)
        if role is None:
            return self.staging.refuse(row, "ENTREE_ILLISIBLE", "le document n'a pas de recordTarget/patientRole")
        ids = [(one.get("root") or "", one.get("extension") or "") for one in _all(role, "h:id")]
        number, oid = next(((value, own) for own, value in ids if ins.is_known_oid(own) and value), (None, None))
        nir = number or next((value for own, value in ids if own in _NSS), None)
        local = next((value for own, value in ids if "/" in value), None)
        if local is None:
            local = self._owner(root)
            message = (
                "recordTarget n'a pas d'identifiant local : la clé de la personne vient de ses séjours et événements"
            )
            self.staging.observe(row, "IDENTIFIANT_LOCAL_ABSENT", message)
        self.staging.add("cle", (row, "Patient", _PERSON))
        self.staging.add("identite", (row, nir[:13] if nir else None, *_traits(role, number, oid)))
        header = [part for part in root if part.tag.rpartition("}")[2] != "component"]
        for part in header:
            self._check_structures(row, part)
        return self._entry(row, "usager", "recordTarget", valeur=local)

    def _owner(self, root: Element) -> str | None:
        """Return the person's local number as that of its first séjour or event begins."""
        for value in _all(
            root, f"//h:encounter[h:templateId[@root='{_SEJOUR}' or @root='{_EVENEMENT}']]/h:id/@extension"
        ):
            if found := _OWNER.fullmatch(value):
                return found[1]
        return None

    def _sejour(self, row: int, entry: Element) -> None:
        held = next(iter(_all(entry, f".//h:encounter[h:templateId/@root='{_SEJOUR}']")), None)
        if held is None:
            return self.staging.refuse(
                row, "ENTREE_NON_RECONNUE", f"entrée de la section des séjours sans encounter {_SEJOUR}"
            )
        self._check_structures(row, entry)
        responsible = _first(
            held, f"h:participant[@typeCode='RESP']//h:scopingEntity/h:id[@root='{_STRUCTURE}']/@extension"
        )
        return self._entry(
            row,
            "sejour",
            "encounter",
            responsible,
            valeur=_first(held, "h:id/@extension"),
            debut=_moment(entry, _ENTREE),
            fin=_moment(entry, _SORTIE),
            admission=iso(_first(held, "h:effectiveTime/@value")),
        )

    def _evenement(self, row: int, entry: Element) -> None:
        held = next(iter(_all(entry, f".//h:encounter[h:templateId/@root='{_EVENEMENT}']")), None)
        if held is None:
            return self.staging.refuse(
                row, "ENTREE_NON_RECONNUE", f"entrée de la section des événements sans encounter {_EVENEMENT}"
            )
        self._check_structures(row, entry)
        status = next(iter(_all(held, f"h:entryRelationship/h:observation[h:templateId/@root='{_STATUT}']")), None)
        dated = None if status is None else iso(_first(status, "h:effectiveTime/@value"))
        if dated and self.dated and dated[:10] > self.dated[:10]:
            self.staging.observe(row, "DATE_POSTERIEURE", "la date du statut est après celle du document")
        update = _first(held, f"h:entryRelationship/h:observation[h:code/@code='{_DATE_OF_UPDATE}']/h:value/@value")
        kind = next(iter(_all(held, "h:code/h:qualifier/h:value")), None)
        return self._entry(
            row,
            "evenement",
            "encounter",
            valeur=_first(held, "h:id/@extension"),
            maj=iso(update),
            statut=None if status is None else _first(status, "h:value/@code"),
            debut=iso(_first(held, "h:effectiveTime/h:low/@value") or _first(held, "h:effectiveTime/@value")),
            fin=iso(_first(held, "h:effectiveTime/h:high/@value")),
            type_systeme=None if kind is None else kind.get("codeSystem"),
            type_code=None if kind is None else kind.get("code"),
        )

    def _entry(self, row: int, kind: str, element: str, structure: str | None = None, **cells: Cell) -> None:
        """Stage an entry; ``structure`` is the FINESS that it names, with the 1 before it or without."""
        found = _FINESS.fullmatch(structure or "")
        name = f"={found[2]}" if found else None
        if found:
            self.staging.add("structure", (-row, found[2], None, None, None))
            self.staging.add("cle", (-row, "Organization", name))
        subject = None if kind == "usager" else _PERSON
        self.staging.entry(
            row, genre=kind, ressource=element, logique=str(self.rank), sujet=subject, essms=name, **cells
        )


def _all(part: Element, path: str) -> list[Element]:
    found: list[Element] = part.xpath(path, namespaces=_SPACES)
    return found


def _first(part: Element, path: str) -> str | None:
    """Return the first text that an XPath gives, None where there is none."""
    found = part.xpath(path, namespaces=_SPACES)
    return str(found if isinstance(found, str) else found[0]).strip() or None if found else None


def _moment(entry: Element, template: str) -> str | None:
    """Return the real date (moodCode EVN) that an observation of that template gives; INT is a forecast."""
    path = f".//h:observation[h:templateId/@root='{template}'][@moodCode='EVN']/h:effectiveTime"
    return iso(_first(entry, f"{path}/@value") or _first(entry, f"{path}/h:low/@value"))


def _traits(role: Element, number: str | None, oid: str | None) -> tuple[Cell, ...]:
    """Return the cells of ``TRAITS``; CDA carries neither status nor way of obtaining the INS."""
    name = "h:patient/h:name"
    birth = iso(_first(role, "h:patient/h:birthTime/@value"))
    return (
        None, None, number, oid,
        _first(role, f"{name}/h:family[@qualifier='BR']/text()"),
        _first(role, f"{name}/h:given[not(@qualifier)]/text()"),
        _first(role, f"{name}/h:given[@qualifier='BR']/text()"),
        _first(role, f"{name}/h:family[@qualifier='CL']/text()"),
        _first(role, f"{name}/h:given[@qualifier='CL']/text()"),
        _first(role, "h:patient/h:administrativeGenderCode/@code"),
        birth, _first(role, "h:patient/h:birthplace/h:place/h:addr/h:county/text()"),
        None, None, None, None,
    )  # fmt: skip

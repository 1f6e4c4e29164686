"""The documents whose files a lot holds (``document.chemin``): each against the lot, then by the rules of its kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from esms_sdk import masking
from esms_sdk.checks import documents_du_lot as rules
from esms_sdk.checks.documents import Piece
from esms_sdk.checks.documents_du_lot import Held, Person, Row, Send
from esms_sdk.conformance.catalogue import Requirement
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import Judged
from esms_sdk.conformance.result import Finding
from esms_sdk.conformance.verdict import Verdict
from esms_sdk.documents.terminology import Terminology

if TYPE_CHECKING:
    from esms_sdk.lot import Lot

_PERSON = (
    "matricule_ins", "oid_ins", "nom_naissance", "prenoms_naissance", "premier_prenom", "nom_utilise",
    "prenom_utilise", "sexe", "date_naissance", "lieu_naissance_cog", "statut_identite", "date_statut_identite",
)  # fmt: skip
_ROW = (
    "document_id", "finess_et", "type_code", "format_code", "confidentialite", "empreinte_sha256", "chemin",
    "date_creation",
)  # fmt: skip


class Documents(NamedTuple):
    """What the lot says of its documents, by requirement, and their files, to be judged by the rules of their kind."""

    judged: Mapping[str, Judged]
    pieces: list[Piece]


def judge(lot: Lot, owed: Mapping[str, Requirement], terminology: Terminology, findings: Findings) -> Documents:
    """Judge each document that has a file; our own failure over one leaves its requirements *indetermine*."""
    asked = {id: one for id, one in owed.items() if one.objet == rules.OBJET}
    if not (asked and lot.given("document", "chemin")):
        return Documents({}, [])
    sent = _sends(lot) if lot.given("envoi") else {}
    told = _Told(lot.manifest.perimetre, asked, findings)
    pieces: dict[str, Piece] = {}
    same: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _rows(lot):
        sends = sent.get(row.document_id, ())
        try:
            file = rules.held(lot.path, row)
            told.add(row, rules.faults(row, file, sends, terminology))
        except Exception as error:
            told.failed(f"erreur interne du SDK dans ce contrôle ({type(error).__name__})")
            continue
        for piece in _piece(row, file):
            pieces.setdefault(str(piece.chemin), piece)
        for place in rules.counted(sends) if file.documents else ():
            same[place, file.sha256].append(row)
    for (place, _), rows in same.items():
        for row in rows[1:]:
            told.add(row, [(rules.COUNTED, "COMPTE_DEUX_FOIS", place)], more=0)
    return Documents(told.judged, list(pieces.values()))


class _Told:
    """What was said so far."""

    def __init__(self, perimetre: tuple[str, ...], asked: Mapping[str, Requirement], findings: Findings) -> None:
        self.asked, self.findings, self.perimetre = asked, findings, perimetre
        self.judged: dict[str, Judged] = {}

    def add(self, row: Row, faults: Iterable[rules.Fault], more: int = 1) -> None:
        # The documents of an archive may each say the same thing.
        said = dict.fromkeys(fault for fault in faults if fault[0] in self.asked)
        for id in dict.fromkeys(id for id, _, _ in said):
            one = self.judged.setdefault(id, Judged(perimetre=self.perimetre))
            one.par_finess[row.finess_et] = one.par_finess.get(row.finess_et, 0) + more
        key = masking.key(row.document_id)
        self.findings.add(
            Finding(id, code, key, row.finess_et, precision, rules.shown_path(row))
            for id, code, precision in said
            if code
        )

    def failed(self, motif: str) -> None:
        for id in self.asked:
            one = self.judged.setdefault(id, Judged(perimetre=self.perimetre))
            one.verdict, one.motif = Verdict.INDETERMINE, motif


def _piece(row: Row, file: Held) -> Iterator[Piece]:
    if file.path and file.objet:
        yield Piece(file.objet, file.path, rules.shown_path(row), row.finess_et)


def _rows(lot: Lot) -> Iterator[Row]:
    columns = [f"d.{name}" for name in _ROW]
    columns += [f"{record}.{name}" for record in ("u", "r") for name in _PERSON]
    found = lot.con.execute(
        f"select {', '.join(columns)} from document d join racine p on p.usager_id = d.usager_id"
        " join usager u on u.usager_id = d.usager_id join usager r on r.usager_id = p.racine"
        " where d.chemin is not null and d.finess_et in (select finess_et from _perimetre) order by d.document_id"
    ).fetchall()
    identities = lot.given("usager", "matricule_ins")
    first, second = len(_ROW), len(_ROW) + len(_PERSON)
    for values in found:
        persons = dict.fromkeys((Person(*values[first:second]), Person(*values[second:])))
        yield Row._make((*values[:first], tuple(persons), identities))


def _sends(lot: Lot) -> dict[str, list[Send]]:
    found: dict[str, list[Send]] = defaultdict(list)
    for document, canal, moment, qualifiee in lot.con.execute(
        "select document_id, canal, horodatage, ins_qualifiee from envoi where resultat = 'SUCCES'"
        " and document_id in (select document_id from document where chemin is not null)"
        " and coalesce(operation, 'AJOUT') <> 'SUPPRESSION' order by horodatage, envoi_id"
    ).fetchall():
        found[document].append(Send(canal, moment, qualifiee))
    return found

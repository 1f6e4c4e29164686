"""One document: its judge, its findings, its verdicts, and the verdict of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from esms_sdk import masking
from esms_sdk.checks.documents import Examination, Piece, Setting, Unreadable, load_judges
from esms_sdk.conformance.catalogue import Requirement
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import Judged
from esms_sdk.conformance.result import Finding
from esms_sdk.conformance.verdict import Verdict, together

_LARGEST = 256 << 20
"""No document that is exchanged comes near; each judge has closer limits of its own."""


class Seen(NamedTuple):
    """What one file says: of each requirement, and in all (a line of ``fichiers``); its day, where it bears one.

    ``dedans`` are the lines of the files within it.
    """

    judged: Mapping[str, Judged]
    fichier: Mapping[str, str]
    jour: date | None
    dedans: Sequence[Mapping[str, str]] = ()


def shown_name(piece: Piece) -> str:
    """Return the name of a file as reports show it: without its folders, a person's number in it masked."""
    return piece.nom or masking.key(piece.chemin.name)


def judge(piece: Piece, owed: Mapping[str, Requirement], setting: Setting, findings: Findings) -> Seen:
    """Judge one file by the requirements that are owed; our own failure leaves them *indetermine*."""
    own = [id for id, one in owed.items() if one.objet == piece.objet]
    try:
        if piece.chemin.stat().st_size > _LARGEST:
            return _undecided(piece, own, f"{shown_name(piece)} : plus de {_LARGEST >> 20} Mio, non lu")
        seen = load_judges()[piece.objet].judge(piece, setting)
        found = list(_kept(piece, seen, owed))
    except Unreadable as reason:
        return _undecided(piece, own, f"{shown_name(piece)} : {reason}")
    except Exception as error:
        return _undecided(piece, own, f"erreur interne du SDK ({type(error).__name__})")
    findings.add(found)
    judged = _judged(piece, piece.objet, seen, owed)
    line = _line(piece, _verdict(judged, seen, owed))
    return Seen(judged, line, seen.day, list(_within(piece, shown_name(piece), seen, owed)))


def _judged(piece: Piece, objet: str, seen: Examination, owed: Mapping[str, Requirement]) -> dict[str, Judged]:
    return {
        id: _of(id, seen, piece)
        for id, one in owed.items()
        if one.objet == objet or id in seen.judged or id in seen.undecided
    }


def _verdict(judged: Mapping[str, Judged], seen: Examination, owed: Mapping[str, Requirement]) -> Verdict:
    told = (one for one in seen.found if one.exigence in owed)
    failing = {one.exigence for one in told if owed[one.exigence].constats[one.code].gravite == "erreur"}
    return together(
        [Verdict.NON_CONFORME if id in failing else one.verdict or Verdict.CONFORME for id, one in judged.items()]
    )


def _within(piece: Piece, name: str, seen: Examination, owed: Mapping[str, Requirement]) -> Iterator[Mapping[str, str]]:
    """Yield a line for each file within a file, and within those, of which something is owed."""
    for nom, objet, part in seen.parts:
        shown = f"{name} > {nom}"
        if judged := _judged(piece, objet, part, owed):
            yield {"fichier": shown, "type": objet, "verdict": _verdict(judged, part, owed).value}
        yield from _within(piece, shown, part, owed)


def _kept(piece: Piece, seen: Examination, owed: Mapping[str, Requirement]) -> Iterable[Finding]:
    for one in seen.found:
        if one.exigence in owed:
            if one.code not in owed[one.exigence].constats:
                raise ValueError(f"{one.exigence}: {one.code} has no message")
            yield Finding(
                one.exigence, one.code, masking.key(one.cle) or None, piece.finess_et, one.precision, shown_name(piece),
                one.ligne, one.xpath,
            )  # fmt: skip


def _of(id: str, seen: Examination, piece: Piece) -> Judged:
    places = (piece.finess_et,) if piece.finess_et else ()
    if id in seen.undecided:
        # Undecided where it stands: a count of its FINESS would make it *conforme* there.
        return Judged(Verdict.INDETERMINE, seen.undecided[id], sans_finess=seen.judged[id], perimetre=places)
    if not seen.judged[id]:
        return Judged(Verdict.NON_APPLICABLE, "rien à juger dans les documents donnés", perimetre=places)
    if piece.finess_et:
        return Judged(par_finess={piece.finess_et: seen.judged[id]}, perimetre=places)
    return Judged(sans_finess=seen.judged[id])


def merged(parts: Iterable[Judged]) -> list[Judged]:
    """Bring together what the documents of a lot say of one requirement: there may be very many."""
    whole: dict[tuple[Verdict | None, str], Judged] = {}
    for one in parts:
        into = whole.setdefault((one.verdict, one.motif), Judged(one.verdict, one.motif))
        for finess, count in one.par_finess.items():
            into.par_finess[finess] = into.par_finess.get(finess, 0) + count
        into.sans_finess += one.sans_finess
        into.perimetre = tuple(dict.fromkeys((*into.perimetre, *one.perimetre)))
    return list(whole.values())


def _undecided(piece: Piece, own: Iterable[str], motif: str) -> Seen:
    places = (piece.finess_et,) if piece.finess_et else ()
    judged = {id: Judged(Verdict.INDETERMINE, motif, perimetre=places) for id in own}
    return Seen(judged, _line(piece, Verdict.INDETERMINE), None)


def _line(piece: Piece, verdict: Verdict) -> Mapping[str, str]:
    return {"fichier": shown_name(piece), "type": piece.objet, "verdict": verdict.value}

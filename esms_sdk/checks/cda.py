"""The judge of CDA documents: well-formed, then typeId, then the profile, the model, and our own complements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from esms_sdk.checks import cda_corps, pack
from esms_sdk.checks.cda_complements import COMPLEMENTS
from esms_sdk.checks.cda_regles import all_regles, place, profil_of, rules_for
from esms_sdk.checks.documents import Examination, Piece, Remark, Setting, Unreadable, judge
from esms_sdk.documents.cda import Cda, NotCda, is_cda, read_cda
from esms_sdk.documents.moment import parse_moment
from esms_sdk.documents.terminology import Terminology, tables
from esms_sdk.errors import SourceError
from esms_sdk.xml import Element

BIEN_FORME = "ESMS-CDA-01"
_MALFORMED = "ESMS-E340"
_PLACED = 1_000
"""How many findings of one document have their exact place."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell whether a file is, or holds, a CDA document."""
    return is_cda(head)


@judge("cda", recognises=recognises)
def judge_cda(piece: Piece, setting: Setting) -> Examination:
    """Judge one file."""
    return examine_bytes(piece.chemin.read_bytes(), piece.chemin.name, setting)


def examine_bytes(data: bytes, name: str, setting: Setting) -> Examination:
    """Judge the bytes of one document, wherever they come from (an archive).  Raises :class:`Unreadable`."""
    try:
        cda = read_cda(data, name)
    except NotCda:
        raise Unreadable("ce n'est pas un document CDA") from None
    except SourceError as error:
        return _not_read(error)
    return examine(cda, setting)


def _not_read(error: SourceError) -> Examination:
    seen = Examination()
    seen.judged[BIEN_FORME] += 1
    seen.found.append(Remark(BIEN_FORME, "MAL_FORME" if error.code == _MALFORMED else "REFUSE", precision=error.code))
    others = {one.exigence for one in all_regles()} | set(COMPLEMENTS) | {cda_corps.EXIGENCE}
    seen.undecided = dict.fromkeys(sorted(others), "le document ne peut pas être lu")
    return seen


def examine(cda: Cda, setting: Setting, terminology: Terminology | None = None) -> Examination:
    """Judge a document that was read; of a header alone, all but the body."""
    at_hand = terminology or setting.terminology or tables()
    seen = Examination()
    made = parse_moment(cda.effective_time)
    seen.day = made.day if made else None
    if not cda.header_only:
        seen.judged[BIEN_FORME] += 1
    rules = rules_for(cda, profil_of(cda, str(setting.parametres.get("profil_cda", "auto"))))
    seen.judged.update(rules.exigences)
    for regle, element in rules.faults(cda.tree, at_hand):
        precision = _named(regle.element or regle.jdv)
        seen.found.append(_remark(cda, regle.exigence, regle.code, element, precision, nth=len(seen.found)))
    _complements(cda, setting, seen)
    if cda_corps.judged(cda):
        _apply(cda, cda_corps.EXIGENCE, lambda: cda_corps.faults(cda), seen)
    if setting.pack is not None and not cda.header_only:
        pack.examine(cda, setting.pack, seen)
    return seen


def _complements(cda: Cda, setting: Setting, seen: Examination) -> None:
    for exigence, function in COMPLEMENTS.items():
        _apply(cda, exigence, lambda function=function: function(cda, setting.mode), seen)  # type: ignore[misc]


def _apply(
    cda: Cda, exigence: str, faults: Callable[[], Iterable[tuple[str, Element, str | None]]], seen: Examination
) -> None:
    """Run one function; one that fails by our own fault leaves its requirement undecided, the others judged."""
    try:
        found = [_remark(cda, exigence, *fault, nth=nth) for nth, fault in enumerate(faults(), len(seen.found))]
    except Exception as error:
        seen.undecided[exigence] = f"erreur interne du SDK dans ce contrôle ({type(error).__name__})"
    else:
        seen.judged[exigence] += 1
        seen.found += found


def _remark(cda: Cda, exigence: str, code: str, element: Element, precision: str | None = None, *, nth: int) -> Remark:
    # A position is counted among siblings: of a document of a hundred thousand faults, the line has to do.
    where = place(element, cda.tree) if nth < _PLACED else _branch(element)
    return Remark(exigence, code, where, precision, element.sourceline)


def _branch(element: Element) -> str:
    names = [element.tag, *(one.tag for one in element.iterancestors())]
    return "/".join(name.rpartition("}")[2] for name in reversed(names))


def _named(text: str) -> str | None:
    """Return what a rule counts or looks up, without its predicates: a precision without any value."""
    return text.partition("[")[0] or None

"""What a message carries, handed to the judges of archives and of documents; each finding says in which attachment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from esms_sdk.checks.documents import Examination, Setting, Unreadable
from esms_sdk.checks.mss_courriel.letter import DOCUMENTS, OPENED, Letter
from esms_sdk.documents.courriel.carried import ARCHIVE

_FIRST = {"xdm": "ESMS-XDM-01", "cda": "ESMS-CDA-01"}


class Part(NamedTuple):
    """An attachment that has a judge; ``nom`` is how reports name it."""

    nom: str
    objet: Literal["xdm", "cda"]
    data: bytes


def parts(letter: Letter) -> Iterator[Part]:
    """Yield the archives and the CDA attached to a message, all of them: who judges them bounds how many."""
    named = False
    archives = {i for i, _ in letter.archives}
    for i, one in sorted((*letter.archives, *letter.loose), key=lambda part: part[0]):
        if i in archives:
            usual = one.name.upper() == ARCHIVE.upper() and not named
            named = named or usual
            yield Part(ARCHIVE if usual else f"piece[{i}]", "xdm", one.data)
        else:
            yield Part(f"piece[{i}]", "cda", one.data)


def examine_parts(letter: Letter, setting: Setting, into: Examination) -> None:
    """Judge what a message carries, as far as the bounds; beyond them the rest is undecided, never passed over."""
    left = {"xdm": OPENED, "cda": DOCUMENTS}
    for one in parts(letter):
        if not left[one.objet]:
            into.undecided[_FIRST[one.objet]] = (
                "plus de pièces jointes qu'il n'en est ouvert : les suivantes ne sont pas jugées"
            )
            continue
        left[one.objet] -= 1
        of = _examined(one, setting)
        into.parts.append((one.nom, one.objet, of))
        into.judged += of.judged
        into.undecided |= of.undecided
        into.found += [remark._replace(xpath=f"{one.nom} > {remark.xpath or ''}".rstrip(" >")) for remark in of.found]


def _examined(one: Part, setting: Setting) -> Examination:
    # Imported here: the order in which judges register is that in which files are recognised.
    from esms_sdk.checks.cda import examine_bytes
    from esms_sdk.checks.xdm import examine_archive

    try:
        return (examine_archive if one.objet == "xdm" else examine_bytes)(one.data, one.nom, setting)
    except Unreadable as reason:
        return Examination(undecided={_FIRST[one.objet]: str(reason)})

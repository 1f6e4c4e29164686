"""The official pack over a CDA document: what its schema and its schematrons say, as findings like the others.

A rule of the pack has no stable id: its message begins with the name of its template, which stands in ``precision``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from esms_sdk.checks.documents import Examination, Remark
from esms_sdk.documents.cda import Cda
from esms_sdk.documents.pack import PROFILS, NotRunnable, Pack, Rapport

Asked = Callable[[Pack, Cda], Iterator[Remark] | None]
PROFILS_EXIGENCE = "ESMS-CDA-93"


def schema(pack: Pack, cda: Cda) -> Iterator[Remark]:
    """The XSD names elements, never what they hold."""
    return (Remark("ESMS-CDA-90", "XSD", None, element or None, line) for line, element in pack.schema(cda))


def header(pack: Pack, cda: Cda) -> Iterator[Remark]:
    """The header, by «structuration minimale»."""
    return _remarks("ESMS-CDA-91", pack.header(cda))


def volet(pack: Pack, cda: Cda) -> Iterator[Remark] | None:
    """The document, by the schematron of its model; None where it has none."""
    told = pack.volet(cda)
    return None if told is None else _remarks("ESMS-CDA-92", told)


def _profil(name: str) -> Asked:
    def profil(pack: Pack, cda: Cda) -> Iterator[Remark] | None:
        return None if cda.level_one else _remarks(PROFILS_EXIGENCE, pack.profil(name, cda))

    return profil


ASKED: Sequence[tuple[str, Asked]] = (
    ("ESMS-CDA-90", schema), ("ESMS-CDA-91", header), ("ESMS-CDA-92", volet),
    *((PROFILS_EXIGENCE, _profil(name)) for name in PROFILS),
)  # fmt: skip
"""Several parts of one requirement are each judged, whatever befalls the others."""


def examine(cda: Cda, pack: Pack, into: Examination) -> None:
    """Judge a document that was read whole; what the pack cannot judge is undecided, never passed over."""
    for exigence, asked in ASKED:
        try:
            found = asked(pack, cda)
            into.found += found or ()
        except NotRunnable as reason:
            into.undecided[exigence] = str(reason)
        else:
            into.judged[exigence] += found is not None


def _remarks(exigence: str, rapport: Rapport) -> Iterator[Remark]:
    for one in rapport.releves:
        code = "ERREUR" if one.erreur else "AVERTISSEMENT"
        yield Remark(exigence, code, one.xpath, f"{rapport.schematron} : {one.texte}")

"""The official pack over a CDA document: what its schema and its schematrons say, as findings like the others.

A rule of the pack has no stable id: its message begins with the name of its template, which stands in ``precision``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from esms_sdk.checks.documents import Examination, Remark
from esms_sdk.documents.cda import Cda
from esms_sdk.documents.pack import NotRunnable, Pack, Rapport

Asked = Callable[[Pack, Cda], Iterator[Remark] | None]


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


def profils(pack: Pack, cda: Cda) -> Iterator[Remark] | None:
    """The sections and entries of a structured body."""
    told = pack.profils(cda)
    return (one for rapport in told for one in _remarks("ESMS-CDA-93", rapport)) if told else None


EXIGENCES: Mapping[str, Asked] = {
    "ESMS-CDA-90": schema, "ESMS-CDA-91": header, "ESMS-CDA-92": volet, "ESMS-CDA-93": profils,
}  # fmt: skip


def examine(cda: Cda, pack: Pack, into: Examination) -> None:
    """Judge a document that was read whole; what the pack cannot judge is undecided, never passed over."""
    for exigence, asked in EXIGENCES.items():
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

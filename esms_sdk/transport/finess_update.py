"""The user's FINESS reference, made anew from a file or from the network: whole, or the old one stays as it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from esms_sdk import output
from esms_sdk.errors import SourceError
from esms_sdk.finess import Origin, Summary, build, is_reference, open_reference, user_reference
from esms_sdk.transport import finess_feed
from esms_sdk.transport.finess_feed import Known, Network


@dataclass(frozen=True, slots=True)
class Update:
    """What an update did: where the reference is, where it comes from, and what it holds (None: it was up to date)."""

    place: Path
    origin: Origin
    summary: Summary | None


class _NotModified(Exception):
    """Leaves the writing of an output that need not change."""


def update(
    reference: Path | None = None,
    *,
    file: Path | None = None,
    url: str | None = None,
    network: Network | None = None,
    sha256: str | None = None,
    force: bool = False,
) -> Update:
    """Make the reference from the feed ``file``, or download it from ``url`` (else the catalogue of data.gouv.fr).

    A reference made by this program is replaced; any other file only with ``force``.
    """
    place = reference or user_reference()
    ours = is_reference(place)
    before = _origin(place) if ours else Origin()
    known = Known(before.url, before.etag, before.modifie)
    try:
        with output.whole_file(place, force=force or ours) as written:
            if file is not None:
                packed, origin, name = file, Origin(), file.name
            else:
                packed = written.with_name("telecharge")
                name, origin = _download(url or finess_feed.CATALOGUE, packed, network, known, sha256)
            told, summary = build(packed, written, origin, name=name)
            if sha256 and told.sha256 != sha256.lower():
                hint = "Vérifier la provenance du fichier. L'ancien référentiel est gardé."
                raise SourceError("ESMS-E383", f"{name} : somme de contrôle sha256 fausse", hint=hint)
    except _NotModified:
        return Update(place, before, None)
    return Update(place, told, summary)


def _download(url: str, into: Path, network: Network | None, known: Known, sha256: str | None) -> tuple[str, Origin]:
    had = finess_feed.download(url, into, network, known=known, sha256=sha256)
    if had is None:
        raise _NotModified
    said = had.validators
    return had.name, Origin(had.name, sha256=had.sha256, url=said.url, etag=said.etag, modifie=said.modifie)


def _origin(place: Path) -> Origin:
    """Return the origin of the reference that is there; nothing is known of one that cannot be read any more."""
    try:
        with open_reference(place) as known:
            return known.origin
    except SourceError:
        return Origin()

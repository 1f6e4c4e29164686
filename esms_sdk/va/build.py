"""``esms va build``: every member from one value, then the zip, in one step."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esms_sdk.archive import pack
from esms_sdk.decision import Decisions
from esms_sdk.errors import DossierError, UsageError, why_unreadable
from esms_sdk.export import write_dashboard, write_indicators, write_json
from esms_sdk.output import whole_file
from esms_sdk.report import write_reports
from esms_sdk.va import attestation
from esms_sdk.va.compute import Computed, computed
from esms_sdk.va.lisezmoi import write_readme
from esms_sdk.va.manifest import Absent, manifest
from esms_sdk.va.members import MANIFEST, ORDER, PDF, README
from esms_sdk.va.received import signatures_in
from esms_sdk.va.request import Request

_NO_PDF = "le moteur typst n'est pas installé (extra «pdf») ; attestation.html dit la même chose"


@dataclass(frozen=True, slots=True)
class Built:
    """A dossier that was written: ``manifeste`` is its document, ``absents`` the members that could not be made."""

    path: Path
    decisions: Decisions
    manifeste: dict[str, Any]
    absents: tuple[Absent, ...]

    @property
    def exit_code(self) -> int:
        """The exit code of ``esms va build`` (contract §1)."""
        return 0 if self.decisions.signable else 1


def build(request: Request, out: Path, *, force: bool = False) -> Built:
    """Write the dossier ``out``, complete or not at all; the same inputs and versions give the same bytes.

    Raises what :func:`computed` raises, and :class:`DossierError` where ``out`` is signed, ``force`` or not.
    """
    if force:
        _refuse_signed(out)
    # The members are made beside the zip, where the next run tidies what a killed one has left.
    with whole_file(out, force=force) as target, tempfile.TemporaryDirectory(dir=target.parent) as work:
        with computed(request) as found:
            folder = Path(work)
            files, absents = _write_members(request, found, folder)
            document = manifest(found.contents, files, absents)
            files.append(write_json(folder / MANIFEST, document))
        pack(target, {path.name: path for path in sorted(files, key=lambda path: path.name)})
        _refuse_signed(out)  # it may have been signed meanwhile
    return Built(out, found.contents.decisions, document, tuple(absents))


def _refuse_signed(out: Path) -> None:
    """Refuse to replace a dossier that is signed: a signature is made by a person, and cannot be made again by us."""
    if there := signatures_in(out):
        raise DossierError("ESMS-E646", f"{out.name} est signé ({', '.join(there)}) : il n'est pas remplacé",
                           hint="Donner un autre --out, ou mettre le dossier signé ailleurs.")  # fmt: skip


def _write_members(request: Request, found: Computed, folder: Path) -> tuple[list[Path], list[Absent]]:
    """Write everything but the manifest."""
    contents = found.contents
    absents: list[Absent] = []
    files = [
        *write_indicators(contents.indicateurs, folder, figures=True),
        *write_dashboard(contents.tableau, folder),
        *write_reports(found.conformity, folder, ("html",)),
        attestation.write_html(contents, folder / "attestation.html"),
        _copied(request.order, folder / ORDER),
    ]
    # Last, since the engine takes the most memory, and keeps it.
    if attestation.pdf_available():
        files.append(attestation.write_pdf(contents, folder / PDF))
    else:
        absents.append((PDF, _NO_PDF))
    names = [*(path.name for path in files), README, MANIFEST]
    files.append(write_readme(folder / README, contents, names, absents))
    return files, absents


def _copied(order: Path, to: Path) -> Path:
    try:
        to.write_bytes(order.read_bytes())
    except OSError as error:
        raise UsageError("ESMS-E198", f"{order.name} : {why_unreadable(error)}") from None
    return to

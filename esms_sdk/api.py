"""The Python API: what the commands of ``esms`` do, one function each.  The commands use nothing else.

A measure in five lines::

    from esms_sdk import compute_indicators, import_lot, open_lot, write_indicators

    import_lot(["export/"], "soleo", "lot")
    with open_lot("lot") as lot:
        indicateurs = compute_indicators(lot, "2025-12-31")
    write_indicators(indicateurs, "indicateurs")

What the caller must act upon is an :class:`esms_sdk.EsmsError`: a stable code, a French sentence, a remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk.errors import UsageError

if TYPE_CHECKING:
    from esms_sdk.adapter import AdapterFound, ImportReport
    from esms_sdk.adapter.scaffold import Scaffold
    from esms_sdk.conformance import Conformity, Requirement
    from esms_sdk.conformance.coverage import Coverage
    from esms_sdk.dashboard import TableauDeBord
    from esms_sdk.demonstration import Demonstration
    from esms_sdk.documents.xdm import Options as XdmOptions
    from esms_sdk.documents.xdm import Submission
    from esms_sdk.finess import Fiche
    from esms_sdk.indicators import Amenagement, Explanation, Indicateurs, Serie
    from esms_sdk.lot import Lot
    from esms_sdk.period import Period
    from esms_sdk.testing import Examination
    from esms_sdk.transport.finess_update import Update
    from esms_sdk.va.build import Built
    from esms_sdk.va.diff import Differences
    from esms_sdk.va.seal import Prepared, Sealed
    from esms_sdk.va.verification import Verification

Progress = Callable[[str, int], None]
"""Called with what is being read and the rows so far."""

MAX_REJETS = "1%"


def import_lot(
    sources: Sequence[Path | str] | Path | str,
    adapter: Path | str,
    out: Path | str,
    *,
    max_rejets: str = MAX_REJETS,
    strict: bool = False,
    lot_set: Mapping[str, str] | None = None,
    append: bool = False,
    replay: Path | str | None = None,
    without_identity: bool = False,
    reject_rows: bool = True,
    force: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read a vendor's export (files, archives, folders) with an adapter and write the lot canonique ``out``.

    A row that cannot be read is set aside with its reason; above ``max_rejets`` (a number, or a share of all rows
    read) there is no lot, and the report's ``exit_code`` is 1.  With no row read at all it is 3.  ``append`` takes a
    later extraction into the lot that stands there; ``replay`` is the folder of its rejects, corrected, of which the
    rows take the place of those of ``sources``.
    """
    from esms_sdk import adapter as adapters_module

    return adapters_module.import_lot(
        [Path(source) for source in _several(sources)],
        adapter,
        Path(out),
        max_rejets=max_rejets,
        strict=strict,
        lot_set=lot_set or {},
        append=append,
        replay=Path(replay) if replay is not None else None,
        without_identity=without_identity,
        reject_rows=reject_rows,
        force=force,
        progress=progress,
    )


def adapters() -> list[AdapterFound]:
    """Return the adapters that can be named: the embedded ones and those of installed packages."""
    from esms_sdk.adapter import discover

    return discover()


def new_adapter(folder: Path | str, kind: str, *, sample: Path | str | None = None, force: bool = False) -> Scaffold:
    """Write the folder of a new adapter, which the kit already holds of, and say what is left to do.

    ``kind`` is ``csv``, ``excel``, ``json``, ``sql`` or ``python``.  With a ``sample`` of an export (a file or a
    folder) its mapping is proposed, to be confirmed; of the sample's values only the labels of codes are written.
    """
    from esms_sdk.adapter.scaffold import scaffold

    return scaffold(Path(folder), kind, sample=None if sample is None else Path(sample), force=force)


def check_adapter(folder: Path | str, *, update: bool = False) -> Examination:
    """Run the kit over the adapter of a folder, and say what it cannot give; ``update`` makes what its sample gives
    now what is expected.
    """
    from esms_sdk.testing import examine

    return examine(Path(folder), update=update)


def open_lot(path: Path | str) -> Lot:
    """Open and validate a lot canonique; a lot that does not hold the contract raises with every fault found."""
    from esms_sdk import lot

    return lot.open_lot(Path(path))


def compute_indicators(
    lot: Lot | Path | str,
    measured_on: date | str,
    *,
    definition: str = "mois_ecoule",
    first_measure: bool = False,
    denominator: str = "periode",
    events: str = "dans_la_periode",
    finess: Sequence[str] = (),
    by_ej: bool = False,
    amenagements: Sequence[Amenagement] = (),
) -> Indicateurs:
    """Compute the indicators of each establishment of the perimeter (or of ``finess`` alone) on one date of measure.

    ``definition`` is ``mois_ecoule`` or ``trois_mois``, ``denominator`` ``periode`` or ``annuelle``, ``events``
    ``dans_la_periode`` or ``sans_borne``: the texts contradict each other, and the result says what was chosen.
    """
    from esms_sdk import indicators

    options = indicators.Options(definition, denominator, events, first_measure)
    with _opened(lot) as opened:
        return indicators.compute_indicators(
            opened, _day(measured_on), options, finess=_several(finess), by_ej=by_ej, amenagements=amenagements
        )


def write_indicators(
    result: Indicateurs,
    out: Path | str,
    *,
    worklist_of: Lot | None = None,
    compare: Path | str | None = None,
    force: bool = False,
) -> list[Path]:
    """Write every format of the indicators into the folder ``out``, complete or not at all, and return the files.

    ``worklist_of`` adds the list of what is left to do for the establishment, ``compare`` the differences with an
    earlier ``indicateurs.json``, each named by its reason.
    """
    from esms_sdk import export, indicators, output

    place = Path(out)
    earlier = export.read_indicators(Path(compare)) if compare is not None else None
    with output.whole_folder(place, force=force, ours=("indicateurs.json",)) as folder:
        written = export.write_indicators(result, folder)
        if earlier is not None:
            written.append(export.write_comparison(export.compare(earlier, export.as_contract(result)), folder))
        if worklist_of is not None:
            written.append(export.write_worklist(indicators.worklist(worklist_of, result), folder))
    return [place / path.relative_to(folder) for path in written]


def compute_series(
    lot: Lot | Path | str,
    debut: date | str,
    fin: date | str,
    *,
    definition: str = "mois_ecoule",
    denominator: str = "periode",
    events: str = "dans_la_periode",
    finess: Sequence[str] = (),
    by_ej: bool = False,
    amenagements: Sequence[Amenagement] = (),
) -> Serie:
    """Compute the indicators of each month from ``debut`` to ``fin`` (``AAAA-MM``), both included (120 at most).

    Each month is what :func:`compute_indicators` gives on its ``mesure_le``, and each log is read once for all.
    """
    from esms_sdk import indicators

    options = indicators.Options(definition, denominator, events)
    with _opened(lot) as opened:
        return indicators.compute_series(
            opened, _month(debut), _month(fin), options, finess=_several(finess), by_ej=by_ej, amenagements=amenagements
        )


def write_series(result: Serie, out: Path | str, *, force: bool = False) -> list[Path]:
    """Write every format of a series into the folder ``out``, complete or not at all, and return the files."""
    from esms_sdk import output
    from esms_sdk.export import series

    place = Path(out)
    with output.whole_folder(place, force=force, ours=(series.DOCUMENT,)) as folder:
        written = series.write_series(result, folder)
    return [place / path.relative_to(folder) for path in written]


def compute_dashboard(
    lot: Lot | Path | str, as_of: date | str, *, finess: Sequence[str] = (), by_ej: bool = False
) -> TableauDeBord:
    """Compute the dashboard TBB.1 of each establishment of the perimeter (or of ``finess`` alone) as of one date.

    What the lot does not supply is null, never 0; the result's ``exit_code`` is 3 where no period is covered.
    """
    from esms_sdk import dashboard

    with _opened(lot) as opened:
        return dashboard.compute_dashboard(opened, _day(as_of), finess=_several(finess), by_ej=by_ej)


def write_dashboard(result: TableauDeBord, out: Path | str, *, force: bool = False) -> list[Path]:
    """Write the dashboard into the folder ``out``, complete or not at all, and return the files."""
    from esms_sdk import export, output

    place = Path(out)
    with output.whole_folder(place, force=force, ours=("tableau_de_bord.json",)) as folder:
        written = export.write_dashboard(result, folder)
    return [place / path.relative_to(folder) for path in written]


def check(
    paths: Sequence[Path | str] | Path | str,
    *,
    profile: str = "pa-ph-dom-vague1",
    mode: str = "production",
    order: Path | str | None = None,
    waivers: Path | str | None = None,
    declarations: Path | str | None = None,
    require_declarations: bool = False,
    baseline: Path | str | None = None,
    terminology: Path | str | None = None,
    pack: Path | str | None = None,
    command_line: str = "",
) -> Conformity:
    """Judge lots, requirement by requirement.  Close the result, or use it in a ``with``.

    ``profile`` is a corridor and a vague, ``waivers`` the differences that the editor accepts, ``declarations`` what it
    states of what no file shows, ``baseline`` the ``conformite.csv`` of an earlier run, of which the findings fail no
    more; ``terminology`` a folder of official value sets, ``pack`` the ANS pack, whose schematrons then judge too
    (extra ``schematron``).  A lot that cannot be read raises nothing: its ``exit_code`` is 3.
    """
    from esms_sdk import conformance

    return conformance.run(
        conformance.Asked(
            [Path(path) for path in _several(paths)],
            profile=profile,
            mode=mode,
            order=_path(order),
            waivers=_path(waivers),
            declarations=_path(declarations),
            require_declarations=require_declarations,
            baseline=_path(baseline),
            terminology=_path(terminology),
            pack=_path(pack),
            command_line=command_line,
        )
    )


def write_report(
    result: Conformity, out: Path | str, *, reports: Sequence[str] = (), force: bool = False
) -> list[Path]:
    """Write ``conformite.json`` and ``reports`` (``junit``, ``html``, ``csv``, ``xlsx``) into the folder ``out``.

    It is complete or not there at all; the files are returned.
    """
    from esms_sdk import output, report

    place = Path(out)
    if unknown := [name for name in reports if name not in report.REPORTS]:
        raise UsageError("ESMS-E174", f"rapport inconnu : {unknown[0]} (au choix : {', '.join(report.REPORTS)})")
    with output.whole_folder(place, force=force, ours=(report.DOCUMENT,)) as folder:
        written = report.write_reports(result, folder, reports)
    return [place / path.relative_to(folder) for path in written]


def requirements(*, profile: str | None = None) -> list[Requirement]:
    """Return the requirements of the catalogue, or those that a profile owes."""
    from esms_sdk import conformance

    chosen = conformance.profile(profile) if profile is not None else None
    return [one for one in conformance.catalogue().values() if chosen is None or chosen.owes(one)]


def requirement(id: str) -> Requirement:
    """Return one requirement by its id."""
    from difflib import get_close_matches

    from esms_sdk import conformance

    known = conformance.catalogue()
    if id not in known:
        near = get_close_matches(id.upper(), known, 1)
        hint = f"Vouliez-vous dire {near[0]} ?" if near else "Les voir : esms requirements list."
        raise UsageError("ESMS-E175", f"exigence inconnue : {id}", hint=hint)
    return known[id]


def coverage() -> Coverage:
    """Return the matrix of the catalogue, and what of the one that is kept is stale."""
    from esms_sdk.conformance.coverage import measure

    return measure()


def as_document(result: Indicateurs | Serie | TableauDeBord | Conformity) -> dict[str, Any]:
    """Return a result as the document of its JSON file (contract §3, §4, §6)."""
    from esms_sdk import dashboard, export, indicators

    if isinstance(result, indicators.Indicateurs):
        return export.as_contract(result)
    if isinstance(result, dashboard.TableauDeBord):
        return export.dashboard_document(result)
    if isinstance(result, indicators.Serie):
        from esms_sdk.export.series import series_document

        return series_document(result)
    # Last: whoever has measured only need not load every check to print it.
    from esms_sdk import report

    return report.conformity_document(result)


def exit_code(result: Indicateurs) -> int:
    """Return 0 if the indicators are complete, else 3 (contract §1): a target that is not reached is no failure."""
    from esms_sdk import indicators

    return indicators.exit_code(result)


def explain(
    lot: Lot | Path | str,
    measured_on: date | str,
    *,
    finess: str,
    indicator: str,
    definition: str = "mois_ecoule",
    first_measure: bool = False,
    denominator: str = "periode",
    events: str = "dans_la_periode",
    amenagements: Sequence[Amenagement] = (),
) -> Explanation:
    """Say why an indicator of an establishment is what it is: formula, bounds, who is in and out and why."""
    from esms_sdk import indicators

    options = indicators.Options(definition, denominator, events, first_measure)
    with _opened(lot) as opened:
        return indicators.explain(opened, _day(measured_on), options, finess, indicator, amenagements=amenagements)


def run_demo(out: Path | str, *, force: bool = False, progress: Progress | None = None) -> Demonstration:
    """Run the whole chain on the embedded sample into the folder ``out``, which is complete or absent."""
    from esms_sdk import demonstration

    return demonstration.run(Path(out), force=force, progress=progress)


def generate_sample(
    kind: str,
    out: Path | str,
    *,
    seed: int = 1,
    persons: int = 600,
    scenario: str = "usage",
    finess: Sequence[str] = (),
    force: bool = False,
) -> list[Path]:
    """Write an invented world into the folder ``out`` and return what it holds.

    ``kind`` is ``lot`` (a lot canonique in CSV) or a fictional vendor, ``soleo``, ``hestia`` or ``mediadom`` (its
    export, and what must come out).  ``scenario`` is ``usage`` (two years of growing use) or ``tbb`` (ten documents a
    month on each channel for each of ``finess``, and what the dashboard must say of them).
    """
    from esms_sdk import output, sample

    place = Path(out)
    with output.whole_folder(place, force=force, ours=("manifeste.json", "export")) as folder:
        sample.generate(kind, folder, seed, personnes=persons, scenario=scenario, finess=_several(finess))
        names = sorted(path.name for path in folder.iterdir())
    return [place / name for name in names]


def find_finess(
    number: str, *, reference: Path | str | None = None, finess_ej: str | None = None, period: Period | None = None
) -> Fiche:
    """Return what the FINESS reference says of a number, with the findings F1 to F8.

    Without ``reference`` it is the user's own, else an invented extract, which says so.  A number that only the
    reference could know raises where there is but the extract.
    """
    from esms_sdk import finess

    with finess.open_reference(_path(reference)) as known:
        found = finess.fiche(number, known, finess_ej=finess_ej, period=period)
    if known.invente and not found.known:
        raise UsageError(
            "ESMS-E141",
            f"{found.finess} : pas de référentiel FINESS ({finess.user_reference()} est absent), et l'extrait inventé "
            "ne le connaît pas",
            hint="Le faire avec : esms finess update (ou --file F, hors ligne).",
        )
    return found


def update_finess(
    *,
    file: Path | str | None = None,
    url: str | None = None,
    reference: Path | str | None = None,
    sha256: str | None = None,
    proxy: str | None = None,
    ca: Path | str | None = None,
    timeout: float = 30,
    retries: int = 4,
    max_size: int = 1 << 30,
    force: bool = False,
) -> Update:
    """Make the FINESS reference from a feed already there, else download it: the only function that uses the network.

    ``url`` is the file's, or the data set's in the catalogue data.gouv.fr (the default); ``timeout`` is in seconds,
    ``max_size`` in bytes.  The new reference is whole, or the old one stays as it was.
    """
    from esms_sdk.transport import finess_update
    from esms_sdk.transport.finess_feed import Network

    network = Network(proxy, _path(ca), timeout, retries, max_size=max_size)
    return finess_update.update(
        _path(reference), file=_path(file), url=url, network=network, sha256=sha256, force=force
    )


def inspect_document(path: Path | str, *, terminology: Path | str | None = None) -> dict[str, Any]:
    """Return what a CDA, a METADATA.XML, an IHE_XDM.ZIP, a message or a datamatrix is, nothing of the person in it."""
    from esms_sdk.documents.portrait import portrait
    from esms_sdk.documents.terminology import tables

    return portrait(Path(path), tables(_path(terminology)))


def document_metadata(
    paths: Sequence[Path | str] | Path | str,
    *,
    out: Path | str | None = None,
    options: XdmOptions | None = None,
    replaces: str = "",
    terminology: Path | str | None = None,
    force: bool = False,
) -> Submission:
    """Work out the XDS metadata of the CDA documents of one person; ``out`` is the METADATA.XML to write.

    ``replaces`` is the entryUUID of the document that a single CDA replaces.
    """
    from esms_sdk.documents.metadata_xml import write_metadata
    from esms_sdk.documents.sending import read_documents
    from esms_sdk.documents.terminology import tables
    from esms_sdk.documents.xdm import Options, submission

    given = read_documents([Path(path) for path in _several(paths)], replaces=replaces)
    sent = submission(given, tables(_path(terminology)), options or Options())
    if out is not None:
        _write(Path(out), write_metadata(sent.set, sent.entries), force=force)
    return sent


def build_xdm(
    paths: Sequence[Path | str] | Path | str,
    out: Path | str,
    *,
    options: XdmOptions | None = None,
    replaces: str = "",
    terminology: Path | str | None = None,
    force: bool = False,
) -> Path:
    """Build the IHE_XDM.ZIP of the CDA documents of one person, with the PDF of each where it is given."""
    from esms_sdk.documents import xdm
    from esms_sdk.documents.sending import read_documents
    from esms_sdk.documents.terminology import tables

    given = read_documents([Path(path) for path in _several(paths)], replaces=replaces)
    data = xdm.build_xdm(given, tables(_path(terminology)), options or xdm.Options())
    _write(Path(out), data, force=force)
    return Path(out)


def build_dossier(
    lot: Path | str,
    order: Path | str,
    measured_on: date | str,
    out: Path | str,
    *,
    kind: str = "va",
    definition: str = "mois_ecoule",
    first_measure: bool = False,
    denominator: str = "periode",
    events: str = "dans_la_periode",
    amenagements: Sequence[Amenagement] = (),
    orders: Path | str | None = None,
    profile: str = "pa-ph-dom-vague1",
    mode: str = "production",
    waivers: Path | str | None = None,
    declarations: Path | str | None = None,
    force: bool = False,
) -> Built:
    """Write the dossier that answers an order: ``va`` for the payer, or ``usages`` for the ARS.

    It is written whole, also where an establishment does not meet its conditions (``exit_code`` is then 1); an order
    that is wrong raises with every fault.  ``orders`` is the folder of the other orders, whose ESSMS this one may not
    hold.  The user's FINESS register is looked into, where there is one.
    """
    from esms_sdk.indicators import Options
    from esms_sdk.va.build import build
    from esms_sdk.va.request import Request

    asked = Request(
        Path(lot), Path(order), _day(measured_on), kind, Options(definition, denominator, events, first_measure),
        tuple(amenagements), _path(orders), profile, mode, _path(waivers), _path(declarations),
    )  # fmt: skip
    return build(asked, Path(out), force=force)


def compare_dossiers(before: Path | str, after: Path | str) -> Differences:
    """Say what changed from one dossier to another, in words, and whether the second corrects the first."""
    from esms_sdk.va.diff import differences

    return differences(Path(before), Path(after))


def sign_dossier(
    dossier: Path | str,
    key: Path | str,
    *,
    role: str = "og",
    certificate: Path | str | None = None,
    chain: Path | str | None = None,
    password: bytes | None = None,
    ask: Callable[[], bytes] | None = None,
    signed_on: datetime | None = None,
    out: Path | str | None = None,
    force: bool = False,
) -> Sealed:
    """Sign a dossier with a PEM or PKCS#12 key, in its place or to ``out``.

    ``role`` is ``og`` or ``editeur`` (a seal, which does not make the attestation signed); ``ask`` gives the password
    if the key turns out to need one; without ``signed_on`` the moment is the clock's.
    """
    from esms_sdk.va import seal

    opened = seal.open_key(Path(key), certificate=_path(certificate), chain=_path(chain), password=password, ask=ask)
    return seal.sign(Path(dossier), key=opened, role=role, signed_on=signed_on, out=_path(out), force=force)


def prepare_signature(dossier: Path | str, out: Path | str, *, force: bool = False) -> Prepared:
    """Write what is to be signed elsewhere: the bytes of the manifest."""
    from esms_sdk.va import seal

    return seal.prepare(Path(dossier), out=Path(out), force=force)


def attach_signature(
    dossier: Path | str,
    signature: Path | str,
    *,
    role: str = "og",
    out: Path | str | None = None,
    force: bool = False,
) -> Sealed:
    """Put in a signature that was made elsewhere, once it is seen to be over this manifest."""
    from esms_sdk.va import seal

    return seal.attach(Path(dossier), Path(signature), role=role, out=_path(out), force=force)


def verify_dossier(dossier: Path | str, ca: Path | str | None = None) -> Verification:
    """Say whether a dossier is the one that was signed, and by whom; ``ca`` are the authorities that are trusted."""
    from esms_sdk.va.verification import verify

    return verify(Path(dossier), _path(ca))


def _write(out: Path, data: bytes, *, force: bool) -> None:
    from esms_sdk.output import whole_file

    with whole_file(out, force=force) as file:
        file.write_bytes(data)


@contextmanager
def _opened(lot: Lot | Path | str) -> Iterator[Lot]:
    if not isinstance(lot, (str, Path)):
        yield lot
        return
    with open_lot(lot) as opened:
        yield opened


def _path(given: Path | str | None) -> Path | None:
    return None if given is None else Path(given)


def _several(given: Sequence[Any] | Path | str) -> list[Any]:
    return [given] if isinstance(given, (str, Path)) else list(given)


def _month(given: date | str) -> date:
    """Return a day of a month, which is given by its name (``AAAA-MM``) or by one of its days."""
    return _day(f"{given}-01" if isinstance(given, str) and len(given) == 7 else given)


def _day(given: date | str) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise UsageError("ESMS-E104", f"date illisible : {given!r} (attendu : AAAA-MM-JJ)") from None

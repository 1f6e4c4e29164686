"""Seeded invented worlds: as a lot canonique, as a vendor's export, and with what must come out of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from esms_sdk.errors import UsageError
from esms_sdk.sample import canonical, tbb
from esms_sdk.sample.build import PERSONNES, SCENARIOS, build
from esms_sdk.sample.canonical import Tables
from esms_sdk.sample.truth import Truth
from esms_sdk.sample.world import World

__all__ = ["KINDS", "SCENARIOS", "generate"]

Files = dict[str, bytes]
DOCUMENTS = "documents"


def generate(
    kind: str,
    out: Path,
    seed: int = 1,
    *,
    personnes: int = PERSONNES,
    scenario: str = "usage",
    finess: Sequence[str] = (),
) -> None:
    """Write the world of ``seed`` with about ``personnes`` persons (300 or more) as files of the folder ``out``.

    ``kind`` is ``lot`` (a lot canonique in CSV), or a fictional vendor, ``soleo`` (CSV), ``hestia`` (workbooks) or
    ``mediadom`` (the SQL script of a database): its export in ``export/``, what its import must give in ``attendu/``
    and the indicators, the same for the three, in ``indicateurs/``.  Same arguments, same bytes (those of compressed
    files for one version of zlib and of XlsxWriter).  Files of the same name are replaced.  The scenario ``tbb`` sends
    ten documents a month on each channel for each of ``finess`` and adds ``attendu_tbb.json``, what the dashboard must
    say; its exports bear no defect.  Whatever the seed, ``documents`` writes one CDA of each type of the médico-social,
    an IHE_XDM archive, an MSSanté message and the payload of a datamatrix INS.  Raises :class:`UsageError`.
    """
    if kind == DOCUMENTS:
        _documents(out)
        return
    if kind not in KINDS:
        kinds = ", ".join((*KINDS, DOCUMENTS))
        raise UsageError("ESMS-E191", f"sorte d'échantillon inconnue : {kind}", hint=f"Sortes : {kinds}.")
    world = build(seed, personnes, scenario=scenario, finess=finess)
    out.mkdir(parents=True, exist_ok=True)
    KINDS[kind](world, out)
    if scenario == "tbb":
        (out / tbb.EXPECTED).write_bytes(tbb.expected(world))


def _documents(out: Path) -> None:
    from esms_sdk.sample.documents import documents
    from esms_sdk.sample.sendings import sendings

    out.mkdir(parents=True, exist_ok=True)
    for name, data in {**documents(), **sendings()}.items():
        (out / name).write_bytes(data)


def _soleo(world: World, out: Path) -> None:
    from esms_sdk.sample.expected import import_files, indicator_files, kept_tables, truth
    from esms_sdk.sample.soleo import export
    from esms_sdk.sample.soleo.dialects import files

    made = export(world)
    imported = {**import_files(made), **_conformity(world, kept_tables(made), truth(made))}
    _write(out, files(made.sources), imported, indicator_files(made))


def _hestia(world: World, out: Path) -> None:
    from esms_sdk.sample import hestia, soleo
    from esms_sdk.sample.hestia.sheets import files
    from esms_sdk.sample.losses import losses
    from esms_sdk.sample.outcome_files import import_files, indicator_files, truth

    made = hestia.export(world, losses(soleo.export(world)))
    imported = import_files(made.outcome, made.lines)
    imported |= _conformity(world, made.outcome.kept, truth(made.outcome, [world]))
    _write(out, files(made.feuilles), imported, indicator_files(made.outcome, [world]))


def _mediadom(world: World, out: Path) -> None:
    from esms_sdk.sample import mediadom, soleo
    from esms_sdk.sample.losses import losses
    from esms_sdk.sample.outcome_files import import_files, indicator_files, truth

    made = mediadom.export([(world, losses(soleo.export(world)))])
    imported = import_files(made.outcome, made.lines)
    imported |= _conformity(world, made.outcome.kept, truth(made.outcome, [world]))
    _write(out, mediadom.files(made), imported, indicator_files(made.outcome, [world]))


def _conformity(world: World, kept: Tables, truth: Truth) -> Files:
    """Return what ``esms check`` must find; of the scenario ``tbb`` only the dashboard is known."""
    from esms_sdk.sample.conformite import conformity_file

    return {"conformite.csv": conformity_file(kept, truth)} if world.defauts else {}


def _write(out: Path, export: Files, imported: Files, indicators: Files) -> None:
    for folder, contents in (("export", export), ("attendu", imported), ("indicateurs", indicators)):
        for name, content in contents.items():
            (out / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (out / folder / name).write_bytes(content)


KINDS: dict[str, Callable[[World, Path], None]] = {
    "lot": canonical.write, "soleo": _soleo, "hestia": _hestia, "mediadom": _mediadom,
}  # fmt: skip
"""What a world can be written as."""

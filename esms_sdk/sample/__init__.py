"""Seeded invented worlds: as a lot canonique, as a vendor's export, and with what must come out of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from esms_sdk.errors import UsageError
from esms_sdk.sample import canonical
from esms_sdk.sample.build import PERSONNES, build
from esms_sdk.sample.world import World

__all__ = ["KINDS", "generate"]


def generate(kind: str, out: Path, seed: int = 1, *, personnes: int = PERSONNES) -> None:
    """Write the world of ``seed`` with about ``personnes`` persons (300 or more) as files of the folder ``out``.

    ``kind`` is ``lot`` (a lot canonique in CSV) or ``soleo`` (an export of that fictional vendor in ``export/``, what
    its import must give in ``attendu/`` and the indicators in ``indicateurs/``).  Same arguments, same bytes (those of
    compressed files for one version of zlib).  Files of the same name are replaced.  Raises :class:`UsageError`.
    """
    if kind not in KINDS:
        raise UsageError("ESMS-E191", f"sorte d'échantillon inconnue : {kind}", hint=f"Sortes : {', '.join(KINDS)}.")
    world = build(seed, personnes)
    out.mkdir(parents=True, exist_ok=True)
    KINDS[kind](world, out)


def _soleo(world: World, out: Path) -> None:
    from esms_sdk.sample.expected import import_files, indicator_files
    from esms_sdk.sample.soleo import export
    from esms_sdk.sample.soleo.dialects import files

    made = export(world)
    for folder, contents in (
        ("export", files(made.sources)),
        ("attendu", import_files(made)),
        ("indicateurs", indicator_files(made)),
    ):
        (out / folder).mkdir(exist_ok=True)
        for name, content in contents.items():
            (out / folder / name).write_bytes(content)


KINDS: dict[str, Callable[[World, Path], None]] = {"lot": canonical.write, "soleo": _soleo}
"""What a world can be written as."""

"""The agencies' ways of writing: encodings, separators, dates, instants, and the bytes of each file."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date, datetime, timedelta

from esms_sdk.sample.soleo.rows import Dialecte, Ligne, Source

AGENCES = {
    "AG01": Dialecte(encoding="cp1252", vide="00/00/0000"),
    "AG02": Dialecte(
        encoding="utf-8-sig",
        end="\n",
        dates="%Y-%m-%d",
        instants="%Y-%m-%d %H:%M:%S",
        oui="oui",
        non="non",
        blank_lines=True,
    ),
    "AG03": Dialecte(delimiter="\t", padded=True, dates="%d/%m/%Y %H:%M", instants="Z", vide="01/01/1900 00:00"),
    "AG04": Dialecte(trailing=True, instants="%Y%m%d%H%M%S", oui="Oui", non="Non"),
    "AG05": Dialecte(delimiter="|", end="\n", instants="offset"),
}
SIEGE = Dialecte(instants="offset")
"""The head office's own files, which hold the rows of every agency."""
_FIXED = (2026, 1, 2, 3, 0, 0)


def paris_offset(local: datetime) -> int:
    """Return the hours that Paris is ahead of UTC at a civil time of Paris (the European rule, no time zone file).

    >>> paris_offset(datetime(2025, 3, 30, 1, 59)), paris_offset(datetime(2025, 3, 30, 3, 0))
    (1, 2)
    """
    return 2 if _last_sunday(local.year, 3, 2) <= local < _last_sunday(local.year, 10, 3) else 1


def _last_sunday(year: int, month: int, hour: int) -> datetime:
    last = datetime(year, month, 31, hour)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def instant(local: datetime, agence: str, pattern: str) -> str:
    """Write a civil time of the agency in its own way: local, in UTC (``Z``), or with one of three offsets.

    >>> instant(datetime(2025, 1, 31, 23, 50), "AG05", "Z")
    '2025-02-01T03:50:00Z'
    """
    if pattern not in ("Z", "offset"):
        return local.strftime(pattern)
    own = -4 if agence == "AG05" else paris_offset(local)
    utc = local - timedelta(hours=own)
    if pattern == "Z" or local.second % 5 == 0:
        return utc.isoformat(timespec="seconds") + "Z"
    if local.second % 5 == 1:
        return (utc + timedelta(hours=1)).isoformat(timespec="seconds") + "+01:00"
    return local.isoformat(timespec="seconds") + f"{'-' if own < 0 else '+'}{abs(own):02d}:00"


def day(value: date | None, dialecte: Dialecte) -> str:
    """Write a date, or what the agency writes for none."""
    return dialecte.vide if value is None else value.strftime(dialecte.dates)


def text(source: Source) -> tuple[str, list[int]]:
    """Return the file's text and, for each row, the physical line on which it begins (the header is line 1)."""
    d = source.dialecte
    lines = [*([source.titre] if source.titre else []), _line(source.columns, d)]
    starts, physical = [], len(lines) + 1
    for rank, ligne in enumerate(source.lignes):
        if d.blank_lines and rank in (3, 40):
            lines.append("")
            physical += 1
        written = _line([_padded(ligne.cells.get(column, ""), d, rank) for column in source.columns], d, ligne)
        starts.append(physical)
        lines.append(written)
        physical += written.count("\n") + 1
    return d.end.join(lines) + d.end, starts


def _line(cells: list[str], dialecte: Dialecte, ligne: Ligne | None = None) -> str:
    cells = [*cells, *ligne.surplus] if ligne else cells
    written = dialecte.delimiter.join(cells)
    if '"' in written or "\n" in written or written.count(dialecte.delimiter) >= len(cells):
        written = dialecte.delimiter.join(_cell(cell, dialecte.delimiter) for cell in cells)
    return written + dialecte.delimiter if dialecte.trailing else written


def _cell(value: str, delimiter: str) -> str:
    if any(character in value for character in (delimiter, '"', "\n", "\r")):
        return '"' + value.replace('"', '""') + '"'
    return value


def _padded(value: str, dialecte: Dialecte, rank: int) -> str:
    return f" {value}  " if dialecte.padded and value and rank % 4 == 0 else value


def files(sources: list[Source]) -> dict[str, bytes]:
    """Return the bytes of each file; sources that share a zip are its members, in their order."""
    made: dict[str, bytes] = {}
    archives: dict[str, list[tuple[str, bytes]]] = {}
    for source in sources:
        content = text(source)[0].encode(source.dialecte.encoding)
        if source.member:
            archives.setdefault(source.path, []).append((source.member, content))
        else:
            made[source.path] = gzipped(content) if source.path.endswith(".gz") else content
    return {**made, **{path: _zip(members) for path, members in archives.items()}}


def gzipped(content: bytes) -> bytes:
    """Return ``content`` packed, the same for one version of zlib."""
    raw = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=9, mtime=0) as packed:
        packed.write(content)
    return raw.getvalue()


def _zip(members: list[tuple[str, bytes]]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in members:
            entry = zipfile.ZipInfo(name, _FIXED)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            packed.writestr(entry, content)
    return raw.getvalue()

"""The sample of an adapter as the kit reads it: offline, in other encodings, with its rows the other way round."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk.adapter.mapping import Adapter, Source
from esms_sdk.adapter.sources import files
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.adapter.steps import Step
from esms_sdk.errors import SourceError
from esms_sdk.lot import plain_text

if TYPE_CHECKING:
    from esms_sdk.adapter.run import Run

# How each variant writes a text, and what it is called to a person.
ENCODINGS = {"utf-8": "UTF-8 sans BOM", "utf-8-sig": "UTF-8 avec BOM", "cp1252": "Windows-1252"}
SCRIPTS = (".sql", ".sql.gz")
_LINE = (1 << LINE_BITS) - 1


def offline(adapter: Adapter) -> Adapter:
    """Return the adapter with its databases read from the sample: what a server would give stands in a CSV file.

    The rows of ``[source.x]`` that has an ``url`` or a ``fabrique`` are those of ``sample/x.csv``.
    """

    def local(source: Source) -> Source:
        served = source.format == "sql" and not source.fichiers
        return replace(source, format="csv", fichiers=(f"{source.name}.csv",), options={}) if served else source

    return replace(adapter, sources={name: local(source) for name, source in adapter.sources.items()})


def prepared(sample: Path, adapter: Adapter, work: Path) -> Path:
    """Return the folder to import: the sample, with the SQLite base that each of its SQL scripts makes.

    ``base.sql`` (or ``base.sql.gz``) makes ``base.sqlite``, or whatever the source's pattern ends in.
    """
    scripts = [path for path in sorted(sample.rglob("*")) if path.name.endswith(SCRIPTS)]
    bases = [source for source in adapter.sources.values() if source.format == "sql" and source.fichiers]
    if not scripts or not bases:
        return sample
    suffix = Path(bases[0].fichiers[0]).suffix or ".sqlite"
    target = work / "base"
    shutil.copytree(sample, target, ignore=shutil.ignore_patterns("*.sql", "*.sql.gz"))
    for path in scripts:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
        base = target / path.relative_to(sample).with_name(path.name.partition(".sql")[0] + suffix)
        connection = sqlite3.connect(base)
        try:
            connection.executescript(text)
        except sqlite3.Error as error:
            raise SourceError("ESMS-E323", f"{path.name} : script refusé par SQLite ({type(error).__name__})") from None
        finally:
            connection.close()
    return target


def encoded(sample: Path, adapter: Adapter, encoding: str, target: Path) -> bool:
    """Copy the sample with its delimited texts in another encoding; say whether one of them is another file so.

    What declares its encoding keeps it, and a text with letters that the encoding has not stays as it is.
    """
    changed = False
    texts = [source for source in adapter.sources.values() if source.format == "csv"]
    for file in files.find([sample]):
        source = next((one for one in texts if file.matches(one.fichiers)), None)
        change = _recoder(file, encoding) if source and not source.option("encodage") else None
        changed |= _copy(file, target / file.name, change)
    return changed


def _recoder(file: SourceFile, encoding: str) -> Callable[[bytes], bytes]:
    survey = plain_text.survey(file.path, file.member)
    found = plain_text.encoding(survey, None, file.name)

    def change(raw: bytes) -> bytes:
        text = raw.decode(found, "esms-keep").removeprefix("\ufeff")
        try:
            return text.encode(encoding)
        except UnicodeEncodeError:
            return raw

    return change


def _copy(file: SourceFile, target: Path, change: Callable[[bytes], bytes] | None) -> bool:
    """Write a file, or a member of an archive, under its own name (an archive becomes a folder); say if it changed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.member is None:
        raw = file.path.read_bytes()
    else:
        with zipfile.ZipFile(file.path) as archive:
            raw = archive.read(file.member)
    packed = target.name.lower().endswith(".gz")
    before = gzip.decompress(raw) if packed else raw
    after = change(before) if change else before
    if after != before:
        raw = gzip.compress(after, mtime=0) if packed else after
    target.write_bytes(raw)
    return after != before


class TurnedRound(Step):
    """Gives the rows of every source in the opposite order."""

    def opened(self, run: Run, source: Source, relation: Relation) -> Relation:
        last = f"(select coalesce(max(_r & {_LINE}), 0) + 1 from ({relation.query}))"
        turned = f"(_r >> {LINE_BITS} << {LINE_BITS}) + {last} - (_r & {_LINE})"
        query = f"select * replace ({turned} as _r) from ({relation.query}) order by _r"
        return replace(relation, query=query, remarques=None)

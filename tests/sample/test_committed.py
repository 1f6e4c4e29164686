"""What is committed is what the generator makes."""

from __future__ import annotations

import gzip
import io
import zipfile

from esms_sdk import content
from esms_sdk.sample.expected import indicator_files
from esms_sdk.sample.soleo.dialects import files


def _unpacked(name: str, raw: bytes) -> object:
    """Packed bytes hang on the version of zlib, what is inside does not."""
    if name.endswith(".gz"):
        return gzip.decompress(raw)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return [(info.filename, info.date_time, archive.read(info)) for info in archive.infolist()]
    return raw


def _committed(folder) -> dict[str, object]:
    return {path.name: _unpacked(path.name, path.read_bytes()) for path in folder.iterdir()}


def test_the_export_is_the_generators(packed):
    made = {name: _unpacked(name, raw) for name, raw in packed.items()}
    committed = _committed(content.folder("adapters") / "soleo" / "sample")
    assert sorted(committed) == sorted(made)
    assert [name for name in made if committed[name] != made[name]] == []


def test_what_the_import_must_give_is_the_generators(wanted):
    committed = _committed(content.folder("adapters") / "soleo" / "expected")
    assert sorted(committed) == sorted(wanted)
    assert [name for name in wanted if committed[name] != wanted[name]] == []


def test_the_indicators_to_expect_are_the_generators(soleo):
    committed = _committed(content.folder("samples") / "attendu")
    made = indicator_files(soleo)
    assert sorted(committed) == sorted(made)
    assert [name for name in made if committed[name] != made[name]] == []


def test_packing_twice_gives_the_same_bytes(soleo, packed):
    assert files(soleo.sources) == packed

"""One world and one export for all the tests of the sample."""

from __future__ import annotations

import pytest

from esms_sdk.sample import canonical, hestia, mediadom
from esms_sdk.sample.build import build
from esms_sdk.sample.canonical import Tables
from esms_sdk.sample.conformite import conformity_file
from esms_sdk.sample.expected import import_files, kept_tables, truth
from esms_sdk.sample.losses import Losses, losses
from esms_sdk.sample.soleo import Export, export
from esms_sdk.sample.soleo.dialects import files
from esms_sdk.sample.truth import Truth
from esms_sdk.sample.world import World


@pytest.fixture(scope="session")
def world() -> World:
    return build()


@pytest.fixture(scope="session")
def soleo(world) -> Export:
    return export(world)


@pytest.fixture(scope="session")
def tables(world) -> Tables:
    """The canonical rows of the world, nothing lost."""
    return canonical.tables(world)


@pytest.fixture(scope="session")
def known(soleo) -> Truth:
    """What the import of the export must keep, ready to be counted."""
    return truth(soleo)


@pytest.fixture(scope="session")
def wanted(soleo, known) -> dict[str, bytes]:
    """What the import of the export, and the check of its lot, must give, by name of file."""
    return {**import_files(soleo), "conformite.csv": conformity_file(kept_tables(soleo), known)}


@pytest.fixture(scope="session")
def packed(soleo) -> dict[str, bytes]:
    """The files of the export, by name."""
    return files(soleo.sources)


@pytest.fixture(scope="session")
def lost(soleo) -> Losses:
    """What every vendor's export of the world loses."""
    return losses(soleo)


@pytest.fixture(scope="session", name="hestia")
def hestia_export(world, lost) -> hestia.Export:
    return hestia.export(world, lost)


@pytest.fixture(scope="session", name="mediadom")
def mediadom_export(world, lost) -> mediadom.Export:
    return mediadom.export([(world, lost)])

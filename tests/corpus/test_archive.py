"""The invented archive is sound, and each of its one-defect twins is caught by exactly the rule that it breaks."""

from __future__ import annotations

import pytest

from esms_sdk.checks.documents import Setting
from esms_sdk.checks.xdm import examine_archive
from tests.corpus.archive import archive, zipped
from tests.corpus.defauts_xdm import XDM, XDS, DefautXdm


def told(data: bytes) -> set[str]:
    seen = examine_archive(data, "IHE_XDM.ZIP", Setting("test"))
    assert seen.undecided == {}
    return {f"{one.exigence}.{one.code}" for one in seen.found}


def test_metadata_written_by_hand_from_the_texts_are_those_that_the_mapper_works_out() -> None:
    assert told(zipped(archive())) == set()


@pytest.mark.parametrize("defaut", [*XDM, *XDS], ids=lambda one: f"{one.constat} : {one.nom}")
def test_an_archive_with_one_defect_is_caught_by_that_rule_alone(defaut: DefautXdm) -> None:
    twin = archive()
    assert defaut.change(twin) is not False, "the archive has not what the defect needs"
    assert told(zipped(twin)) == {defaut.constat, *defaut.aussi}

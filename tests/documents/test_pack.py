"""The official pack, shown with one of our own writing: what it can judge is judged, what it cannot is never conforme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from esms_sdk import conformance
from esms_sdk.checks import pack as checks
from esms_sdk.checks.documents import Examination, Piece, Setting
from esms_sdk.conformance import Requirement, Verdict, catalogue, document_run, runner
from esms_sdk.conformance.findings import Findings
from esms_sdk.documents import schematron
from esms_sdk.documents.cda import Cda, read_cda
from esms_sdk.documents.pack import NotRunnable, Pack, user_cache
from esms_sdk.documents.pack_folder import Folder
from esms_sdk.documents.schematron import assemble
from esms_sdk.errors import UsageError
from tests.documents.tiny_pack import FILES, document, write_pack

pytest.importorskip("saxonche", reason="le moteur de schématrons n'est pas installé (extra schematron)")

OF_PACK = [one for one in catalogue().values() if one.objet == "paquet"]
CASES = [(one, case) for one in OF_PACK for case in one.cas]
STRUCTMIN = "schematrons/profils/structurationMinimale"


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made: dict[str, Pack] = {}

    def pack(sans: str = "") -> Pack:
        if sans not in made:
            folder = tmp_path_factory.mktemp("paquet")
            made[sans] = Pack(write_pack(folder / "pack", sans), cache=folder / "cache")
        return made[sans]

    return pack


def cda(defaut: str = "") -> Cda:
    return read_cda(document(defaut), "document.xml")


def examined(pack: Pack, one: Cda) -> Examination:
    seen = Examination()
    checks.examine(one, pack, seen)
    return seen


@pytest.mark.parametrize(("one", "case"), CASES, ids=[f"{one.id} : {case['nom']}" for one, case in CASES])
def test_a_case_gives_exactly_the_findings_it_names(one: Requirement, case: Mapping[str, Any], packs: Any) -> None:
    seen = examined(packs(case.get("sans", "")), cda(case.get("defaut", "")))
    found = [f for f in seen.found if f.exigence == one.id]
    assert Counter(f.code for f in found) == Counter(c["code"] for c in case["constats"])
    failing = any(one.constats[f.code].gravite == "erreur" for f in found)
    verdict = document_run._of(one.id, seen, Piece("paquet", Path("document.xml"))).verdict or (
        Verdict.NON_CONFORME if failing else Verdict.CONFORME
    )
    assert verdict.value == case.get("verdict", "non_conforme" if failing else "conforme")


@pytest.mark.parametrize("one", OF_PACK, ids=lambda one: one.id)
def test_every_finding_has_its_case(one: Requirement) -> None:
    assert {c["code"] for case in one.cas for c in case["constats"]} == set(one.constats)
    assert any(not case["constats"] and "verdict" not in case for case in one.cas)


@pytest.mark.parametrize("sans", sorted(name for name in FILES if "J07" not in name and "2021" not in name))
def test_a_pack_that_lacks_any_of_its_files_leaves_something_undecided(sans: str, packs: Any) -> None:
    seen = examined(packs(sans), cda())
    assert seen.undecided
    assert not seen.found
    assert all(sans.rpartition("/")[2].casefold()[:6] in reason.casefold() for reason in seen.undecided.values())


def test_a_value_set_that_no_rule_asks_for_may_be_missing(packs: Any) -> None:
    assert "JDV_Absent" in FILES["schematrons/CI-SIS_DLU-EHPAD-DLU_2022.01.sch"]
    assert packs().volet(cda()).releves == ()


def test_the_newest_schematron_of_a_model_is_taken(packs: Any) -> None:
    assert packs().volet(cda()).schematron == "CI-SIS_DLU-EHPAD-DLU_2022.01.sch"


def test_a_message_shows_a_code_and_never_what_the_document_says_of_a_person(packs: Any) -> None:
    told = packs().header(cda("confidentialite")).releves
    assert [one.texte for one in told] == ["(SMDS_Confidentialite) : Z of …"]
    assert told[0].xpath == "ClinicalDocument[1]/confidentialityCode[1]"


def test_an_engine_that_stops_says_its_code_and_no_value(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name = f"{STRUCTMIN}/include/Entete.SCH"
    folder = write_pack(tmp_path / "pack")
    text = FILES[name].replace('test="h:title"', "test=\"xs:date(h:patient) = xs:date('2026-01-01')\"")
    text = text.replace("<pattern ", '<pattern xmlns:xs="http://www.w3.org/2001/XMLSchema" ')
    (folder / name).write_text(text, encoding="utf-8")
    entry = folder / f"{STRUCTMIN}/ASIP-STRUCT-MIN-StrucMin.sch"
    entry.write_text(
        entry.read_text(encoding="utf-8").replace(
            "<ns ", '<ns uri="http://www.w3.org/2001/XMLSchema" prefix="xs"/><ns '
        ),
        encoding="utf-8",
    )
    with pytest.raises(NotRunnable) as stopped:
        Pack(folder, cache=tmp_path / "cache").header(cda())
    assert "s'est arrêté" in str(stopped.value)
    assert "CANARI" not in str(stopped.value)
    assert capfd.readouterr() == ("", "")


def test_what_is_compiled_is_kept_by_its_content_and_never_in_the_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, cache = write_pack(tmp_path / "pack"), tmp_path / "cache"
    before = sorted(folder.rglob("*"))
    assert Pack(folder, cache=cache).header(cda("sans_titre")).erreurs == 1
    kept = sorted(cache.glob("*.xsl"))
    assert len(kept) == 1
    compiled = []
    real = schematron.Engine._sheet
    monkeypatch.setattr(schematron.Engine, "_sheet", lambda *a: (compiled.append(1), real(*a))[1])
    moved = folder.rename(tmp_path / "moved")
    assert Pack(moved, cache=cache).header(cda("sans_titre")).erreurs == 1
    assert not compiled
    rule = moved / f"{STRUCTMIN}/include/Entete.SCH"
    rule.write_text(FILES[f"{STRUCTMIN}/include/Entete.SCH"].replace("h:title", "h:participant"), encoding="utf-8")
    assert Pack(moved, cache=cache).header(cda("sans_titre")).erreurs == 0
    assert compiled
    inside = Pack(moved, cache=moved / "cache")
    assert inside.header(cda()).erreurs == 0
    assert [path.relative_to(moved) for path in sorted(moved.rglob("*"))] == [
        path.relative_to(folder) for path in before
    ]


def test_an_include_never_leaves_the_pack(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "pack")
    (tmp_path / "secret.sch").write_text('<pattern xmlns="http://purl.oclc.org/dsdl/schematron"/>', encoding="utf-8")
    entry = folder / "schematrons/profils/IHE.sch"
    entry.write_text(
        "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><include href='../../../secret.sch'/></schema>",
        encoding="utf-8",
    )
    with pytest.raises(NotRunnable, match=r"secret\.sch"):
        assemble(Folder(folder), entry)


def test_includes_that_turn_round_end(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "pack")
    entry = folder / "schematrons/profils/IHE.sch"
    entry.write_text(
        "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><include href='IHE.sch'/></schema>", encoding="utf-8"
    )
    with pytest.raises(NotRunnable):
        assemble(Folder(folder), entry)


def test_a_name_that_two_files_could_bear_is_not_guessed(tmp_path: Path) -> None:
    for name in ("voc-a.xml", "voc_a.xml"):
        (tmp_path / name).write_text("<a/>", encoding="utf-8")
    folder = Folder(tmp_path)
    assert folder.find(tmp_path.resolve(), "VOC-A.xml") == tmp_path.resolve() / "voc-a.xml"
    (tmp_path / "voc-a.xml").unlink()
    assert folder.find(tmp_path.resolve(), "voc_A.xml") is not None
    (tmp_path / "v-b_c.xml").write_text("<a/>", encoding="utf-8")
    (tmp_path / "v_b-c.xml").write_text("<a/>", encoding="utf-8")
    assert Folder(tmp_path).find(tmp_path.resolve(), "v_b_c.xml") is None


def test_a_folder_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="E177"):
        Pack(tmp_path)
    with pytest.raises(UsageError, match="E177"):
        Pack(tmp_path / "absent")


def test_a_run_names_the_pack_and_brings_its_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESMS_CACHE", str(tmp_path / "cache"))
    assert user_cache() == tmp_path / "cache"
    folder = write_pack(tmp_path / "pack")
    (tmp_path / "a.xml").write_bytes(document("sans_titre"))
    with conformance.run(runner.Asked([tmp_path / "a.xml"], mode="test", pack=folder)) as result:
        verdicts = {one.requirement.id: one.verdict for one in result.outcomes}
        assert verdicts["ESMS-CDA-91"] is Verdict.NON_CONFORME
        assert verdicts["ESMS-CDA-92"] is Verdict.CONFORME
        assert {"type": "paquet", "nom": "pack", "version": "20260101"} in result.identite["entrees"]  # type: ignore[operator]
    with conformance.run(runner.Asked([tmp_path / "a.xml"], mode="test")) as result:
        verdicts = {one.requirement.id: one.verdict for one in result.outcomes}
        assert verdicts["ESMS-CDA-91"] is Verdict.NON_VERIFIE


def test_findings_of_both_engines_are_of_one_type(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(document("sans_titre"))
    pack = Pack(write_pack(tmp_path / "pack"), cache=tmp_path / "cache")
    findings = Findings()
    try:
        document_run.judge(Piece("cda", tmp_path / "a.xml"), catalogue(), Setting("test", pack=pack), findings)
        lines = list(findings.lines())
    finally:
        findings.close()
    official = [one for one in lines if one.exigence == "ESMS-CDA-91"]
    native = [one for one in lines if one.exigence == "ESMS-CDA-04"]
    assert official and native
    assert {type(one) for one in lines} == {type(official[0])}
    assert official[0].precision.startswith("ASIP-STRUCT-MIN-StrucMin.sch : (SMDS_Document)")

"""The examples of the guides on conformance work as they are written."""

from __future__ import annotations

import re
import tomllib
from hashlib import sha256
from pathlib import Path

from esms_sdk.checks import CHECKS, Examined, load_all
from esms_sdk.conformance import catalogue
from esms_sdk.conformance.catalogue import parse
from esms_sdk.conformance.declarations import read_declarations
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import judge
from esms_sdk.conformance.waivers import read_waivers
from esms_sdk.report.wording import texts
from tests.conformance.case_lot import fill, memory_lot
from tests.report import world

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (GUIDES / page).read_text(encoding="utf-8"), re.M | re.S)


def test_the_waiver_of_the_guide_is_accepted(tmp_path):
    path = world.write(tmp_path / "ecarts.toml", _blocks("ecarts_et_declarations.md", "toml")[0])
    (waiver,) = read_waivers(path, catalogue())
    assert (waiver.exigence, waiver.constats) == ("ESMS-DONNEES-07", ("ENVOI",))


def test_the_declaration_of_the_guide_is_accepted_with_its_piece(tmp_path):
    (tmp_path / "preuves").mkdir()
    piece = world.write(tmp_path / "preuves" / "insi.txt", "capture")
    text = _blocks("ecarts_et_declarations.md", "toml")[1].replace("EMPREINTE", sha256(piece.read_bytes()).hexdigest())
    declared = read_declarations(world.write(tmp_path / "declarations.toml", text), catalogue())
    assert list(declared) == ["ESMS-INS-30"]


def test_the_requirement_and_the_check_of_the_guide_give_the_findings_of_its_cases(monkeypatch):
    load_all()
    monkeypatch.delitem(CHECKS, "ESMS-DONNEES-99", raising=False)
    (text,), (code,) = _blocks("ajouter_une_exigence.md", "toml"), _blocks("ajouter_une_exigence.md", "py")
    one = parse(tomllib.loads(text), "ESMS-DONNEES-99")
    assert {source.document for source in one.sources} <= set(texts())
    exec("from esms_sdk.checks import Examined, Query, check\n" + code, {})
    made = {one.id: CHECKS.pop(one.id)}
    for case in one.cas:
        findings = Findings()
        with memory_lot() as lot:
            fill(lot, case)
            judge([one], made, Examined(lot, "production"), findings)
            assert [(f.code, f.cle) for f in findings.lines()] == [(c["code"], c["cle"]) for c in case["constats"]]
        findings.close()


def test_the_files_of_the_guide_are_those_that_are_written():
    from esms_sdk.report import DOCUMENT, REPORTS

    page = (GUIDES / "lire_un_rapport.md").read_text(encoding="utf-8")
    assert [name for name in (DOCUMENT, *REPORTS.values()) if f"| `{name}` |" not in page] == []

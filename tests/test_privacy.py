"""No identity in anything but the lot, ``rejets/lignes`` and ``interne/``: canaries planted in every kind of input.

Every command is run on them, with all it can write, in what goes well and in what fails; then all that was printed,
logged, written or left behind is searched.  A new command without a scenario fails; so does a new output that forgets.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import duckdb
import pytest

from esms_sdk.adapter import import_lot
from esms_sdk.checks import load_all
from esms_sdk.cli import main, program
from esms_sdk.lot import load
from esms_sdk.report import REPORTS
from tests import canaries
from tests.lots import EHPAD, EJ

pytest_plugins = ["pytester"]

ENGINE = duckdb.__name__  # imported before the inner pytest, which would import it anew
KINDS = (*canaries.SOURCES, "tddui_fhir", "tddui_cda")
MEASURE = ("--measured-on", "2025-09-30")
# What takes nothing of a person.
WITHOUT_INPUT = {
    "demo": "the embedded sample",
    "doctor": "the installation",
    "finess": "the public register of establishments",
    "requirements": "the catalogue",
    "sample": "a seed",
}


class Watched:
    """A folder to work in: what is given to the commands stands in ``given``, all the rest is searched."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
        self.folder, self.capsys, self.caplog = folder, capsys, caplog
        self.given, self.temporary = folder / "given", folder / "temporary"
        self.given.mkdir()
        self.temporary.mkdir()
        self.runs = 0

    def run(self, *words: object) -> int:
        """Run one command, and search what it printed and logged."""
        self.runs += 1
        code = main([str(word) for word in words])
        shown = self.capsys.readouterr()
        command = f"esms {words[0]} ({code})"
        assert self.silent(f"{command}, stdout", shown.out)
        assert self.silent(f"{command}, stderr", shown.err)
        assert self.silent(f"{command}, log", self.caplog.text)
        assert "Erreur interne" not in shown.err
        return code

    def silent(self, what: str, text: str) -> bool:
        found = canaries.told(text)
        # The text itself must not meet an assert.
        if found:
            pytest.fail(f"{what} holds {', '.join(found)}", pytrace=False)
        return True

    def search(self) -> int:
        """Search every file written; return how many."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and not self.excused(path)]
        found = [f"{path.relative_to(self.folder)}: {what}" for path in files for what in canaries.found_in(path)]
        if found:
            pytest.fail("\n".join(found), pytrace=False)
        left = [path.name for path in self.temporary.rglob("*") if path.is_file()]
        assert left == [], "left in the temporary folder"
        return len(files)

    def excused(self, path: Path) -> bool:
        """Whether a file may hold identities: what was given, the tables of a lot, and the two declared exceptions."""
        parts = path.relative_to(self.folder).parts
        if parts[0] == "given" or "interne" in parts:
            return True
        if "lignes" in parts and parts[parts.index("lignes") - 1].endswith("rejets"):
            return True
        return path.suffix == ".parquet" and path.stem in load().tables and (path.parent / "manifeste.json").exists()


@pytest.fixture
def watched(tmp_path, monkeypatch, capsys, caplog) -> Iterator[Watched]:
    monkeypatch.delenv("ESMS_DEBUG", raising=False)
    made = Watched(tmp_path, capsys, caplog)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(made.temporary))
    caplog.set_level(logging.DEBUG)
    yield made
    assert made.runs
    made.search()


def imported(watched: Watched, kind: str) -> Path:
    given, adapter, more = canaries.export(kind, watched.given / kind)
    lot = watched.folder / f"lot-{kind}"
    assert watched.run("import", given, "--adapter", adapter, "--out", lot, "--max-rejets", "100%", *more) == 0
    return lot


@pytest.fixture(scope="module")
def lots(tmp_path_factory) -> dict[str, Path]:
    """A lot that was imported, and one that nobody imported."""
    folder = tmp_path_factory.mktemp("lots")
    given, adapter, _ = canaries.export("csv", folder / "csv")
    import_lot([given], adapter, folder / "imported", max_rejets="100%")
    return {"imported": folder / "imported", "direct": canaries.lot(folder / "direct")}


# -- one scenario a command --------------------------------------------------------------------------------------------


def scenario_import(watched: Watched, lots: dict[str, Path]) -> None:
    given, adapter, _ = canaries.export("csv", watched.given / "csv")
    asked = ("import", given, "--adapter", adapter, "--out")
    assert watched.run(*asked, "refused", "--max-rejets", "0") == 1
    assert watched.run(*asked, "lot", "--max-rejets", "100%", "--format", "json") == 0
    assert watched.run(*asked, "again", "--max-rejets", "100%", "--replay", "lot/rejets") == 0
    assert watched.run(*asked, "lot", "--max-rejets", "100%", "--append") == 0


def scenario_indicators(watched: Watched, lots: dict[str, Path]) -> None:
    watched.run("indicators", lots["imported"], *MEASURE, "--out", "un", "--worklist")
    assert list(Path("un", "interne").iterdir()), "the work-list is what this looks around"
    more = ("--by", "ej", "--compare", "un/indicateurs.json", "--format", "json")
    watched.run("indicators", lots["direct"], *MEASURE, "--out", "deux", "--worklist", *more)


def scenario_explain(watched: Watched, lots: dict[str, Path]) -> None:
    asked = (*MEASURE, "--finess", EHPAD, "--indicator")
    watched.run("explain", lots["imported"], *asked, "taux_dossiers_actifs", "--format", "json")
    watched.run("explain", lots["direct"], *asked, "taux_dmp")


def scenario_dashboard(watched: Watched, lots: dict[str, Path]) -> None:
    for form, lot in zip(("text", "json"), lots.values(), strict=True):
        watched.run("dashboard", lot, "--as-of", "2025-09-30", "--by", "ej", "--out", form, "--format", form)


def scenario_adapter(watched: Watched, lots: dict[str, Path]) -> None:
    given, adapter, _ = canaries.export("csv", watched.given / "csv")
    assert watched.run("adapter", "check", adapter) == 1
    assert watched.run("adapter", "new", "fait", "--from", "csv", "--sample", given / "suivis.csv") == 0


def scenario_check(watched: Watched, lots: dict[str, Path]) -> None:
    given = (lots["direct"], canaries.patient(watched.given / "patient.json"), canaries.publication(watched.given))
    asked = ("check", *given, "--profile", "pa-ph-dom-vague2", "--mode", "test")
    assert watched.run(*asked, "--report", ",".join(REPORTS), "--out", "rapports") == 1
    assert {path.name for path in Path("rapports").iterdir()} == {"conformite.json", *REPORTS.values()}
    lines = Path("rapports", "conformite.csv").read_text(encoding="utf-8-sig")
    assert all(word in lines for word in ("ESMS-INS-01", "patient.json", "publie.csv")), (
        "all that was given is reported"
    )
    watched.run(*asked, "--baseline", "rapports/conformite.csv", "--format", "json")


def scenario_document(watched: Watched, lots: dict[str, Path]) -> None:
    cda = canaries.cda(watched.given / f"{canaries.MATRICULE}.xml")
    archive = watched.given / "IHE_XDM.ZIP"
    for form in ("text", "json"):
        assert watched.run("document", "inspect", cda, "--format", form) == 0
        assert watched.run("document", "metadata", cda, "--format", form) == 0
    assert watched.run("document", "metadata", cda, "--out", watched.given / "METADATA.XML") == 0
    assert watched.run("document", "xdm", cda, "--out", archive) == 0
    assert watched.run("document", "inspect", archive) == 0
    assert watched.run("document", "xdm", cda, cda, "--out", "deux.zip") == 2
    canaries.spoiled(archive)
    watched.run("check", archive, cda, "--mode", "test", "--report", ",".join(REPORTS), "--out", "rapports")


def scenario_va(watched: Watched, lots: dict[str, Path]) -> None:
    order = watched.folder / "commande.toml"
    head = f'[commande]\nreference = "BC-1"\ndate = 2023-11-06\nfiness_ej = "{EJ}"\n'
    order.write_text(f'{head}etablissements = ["{EHPAD}"]\n', encoding="utf-8")
    for kind, (name, lot) in zip(("va", "usages"), lots.items(), strict=True):
        watched.run("va", "build", lot, "--order", order, *MEASURE, "--kind", kind, "--out", f"{name}.zip")
    assert watched.run("va", "diff", "imported.zip", "direct.zip") == 0
    watched.run("va", "verify", "direct.zip", "--format", "json")


SCENARIOS: dict[str, Callable[[Watched, dict[str, Path]], None]] = {
    name.removeprefix("scenario_"): function for name, function in globals().items() if name.startswith("scenario_")
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_command_repeats_no_identity(watched: Watched, lots: dict[str, Path], name: str) -> None:
    SCENARIOS[name](watched, lots)


def test_every_command_has_its_scenario() -> None:
    assert set(program.COMMANDS) == {*SCENARIOS, *WITHOUT_INPUT}


# -- every kind of input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS[1:])
def test_an_import_repeats_no_identity_whatever_it_reads(watched: Watched, kind: str) -> None:
    lot = imported(watched, kind)
    assert (lot / "rejets" / "rejets.csv").read_text(encoding="utf-8-sig").count("\n") > 1, "there are rejects"


@pytest.mark.parametrize("kind", KINDS)
def test_an_input_that_cannot_be_read_is_not_repeated_either(watched: Watched, kind: str) -> None:
    given, adapter, more = canaries.export(kind, watched.given / kind)
    asked = ("import", given, "--adapter", adapter, "--out", "lot", *more)
    for path in given.iterdir():
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 2 // 3])
    watched.run(*asked)
    for path in given.iterdir():
        path.write_text(f"{canaries.NAME};{canaries.MATRICULE}\n{{\"{canaries.NAME}\": <{canaries.BORN}>", encoding="utf-8")  # fmt: skip
    assert watched.run(*asked) == 2


def test_a_lot_that_is_refused_is_not_repeated(watched: Watched) -> None:
    lot = canaries.lot(watched.given / "lot")
    for name in ("usager", "sejour", "envoi"):
        path = lot / f"{name}.csv"
        header = path.read_text(encoding="utf-8").splitlines()[0]
        cells = ";".join([canaries.LABEL, canaries.MATRICULE, canaries.BORN] * (header.count(";") // 3 + 1))
        path.write_text(f"{header}\n{cells}\n{cells}\n", encoding="utf-8")
    asked = ("--report", ",".join(REPORTS), "--out", "rapports")
    assert watched.run("check", lot, *asked) == 3
    assert watched.run("indicators", lot, *MEASURE, "--out", "i") == 2
    assert watched.run("dashboard", lot, "--as-of", "2025-09-30", "--out", "t") == 2


# -- what fails --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", program.COMMANDS)
def test_a_failure_of_our_own_says_where_and_nothing_of_the_record(watched: Watched, monkeypatch, capsys, name) -> None:
    words = {
        "import": ("import", "x", "--adapter", "soleo", "--out", "o"), "explain": ("explain", "l", *MEASURE, "--finess", "1", "--indicator", "i"),
        "indicators": ("indicators", "l", *MEASURE, "--out", "o"), "dashboard": ("dashboard", "l", "--as-of", "2025-09-30", "--out", "o"),
        "adapter": ("adapter", "list"), "finess": ("finess", "show", "1"), "sample": ("sample", "generate", "--out", "s"),
        "requirements": ("requirements", "list"), "check": ("check", "l"), "document": ("document", "inspect", "x"), "va": ("va", "diff", "a.zip", "b.zip"),
    }.get(name, (name,))  # fmt: skip

    def broken(arguments, terminal):
        record = {"nom_naissance": canaries.NAME, "matricule_ins": canaries.MATRICULE}
        try:
            duckdb.sql(f"select cast('{record}' as date)")
        except duckdb.Error as error:
            raise KeyError(canaries.MATRICULE) from error

    monkeypatch.setattr(import_module(program.load(name).__name__), "run", broken)
    watched.runs += 1
    assert main(list(words)) == 4
    shown = capsys.readouterr()
    assert watched.silent("stderr", shown.err) and watched.silent("stdout", shown.out)
    assert "KeyError" in shown.err


def test_a_check_that_fails_itself_says_nothing_of_the_record(watched: Watched, lots, monkeypatch) -> None:
    def broken(examined):
        raise ValueError(canaries.LABEL)

    monkeypatch.setitem(load_all(), "ESMS-INS-01", broken)
    monkeypatch.setitem(load_all(), "ESMS-INS-02", lambda e: f"select cast('{canaries.LABEL}' as date) as cle")
    assert watched.run("check", lots["direct"], "--report", "junit,csv", "--out", "rapports") == 1
    assert "erreur interne" in Path("rapports", "junit.xml").read_text(encoding="utf-8")


def test_the_plugin_of_pytest_repeats_no_identity(watched: Watched, lots, pytester) -> None:
    pytester.makepyfile("def test_of_the_vendor(): pass")
    options = ("--esms", str(lots["direct"]), "--esms-mode", "test", "--esms-out", "plugin", "--junitxml", "pytest.xml")
    result = pytester.runpytest_inprocess("-v", "-l", "-rA", "-p", "no:cacheprovider", *options)
    watched.runs += 1
    assert result.ret == 1
    assert watched.silent("pytest", "\n".join(result.outlines + result.errlines))


# -- the search itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "leak",
    [
        "Zcanarine",
        "oisélina",
        "1 37 11 72 909 104",
        "né le 23/11/1937",
        "1937-11-23T00:00:00",
        "voliere-les-bains",
        "253072A073004 43",
    ],
)
def test_the_search_sees_a_canary_however_it_is_written(leak: str) -> None:
    assert canaries.told(leak)


def test_the_search_opens_archives_workbooks_and_tables(tmp_path: Path) -> None:
    book = canaries.xlsx(tmp_path / "a.xlsx", {"Feuille": [["x", canaries.NAME]]})
    parquet = tmp_path / "b.parquet"
    duckdb.sql(f"select '{canaries.FIRST}' as x from range(1000)").write_parquet(str(parquet))
    assert canaries.found_in(book) and canaries.found_in(parquet)

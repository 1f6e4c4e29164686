"""The pytest plugin: the requirements as tests, only where ``--esms`` names what to judge.

    pytest --esms sortie/lot --esms-profile pa-ph-dom-vague1

An item a requirement that the profile owes.  Pytest prints what a bare ``assert`` compares, so no record ever meets
one: an item says the verdict in the words of the report, with counts and opaque keys.  A vendor's own test is evidence
of a requirement that no file can show when it is marked ``@pytest.mark.esms_preuve("ESMS-PSC-01")``; the requirements
are judged after all tests (without pytest-xdist, which runs them elsewhere).
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from esms_sdk.conformance import Conformity, Outcome

MARK = "esms_preuve"
_SHOWN = 5
_FILES = ("order", "waivers", "declarations", "baseline")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of ``esms check`` that a test run needs."""
    group = parser.getgroup("esms", "conformité du DUI (esms-sdk)")
    group.addoption("--esms", action="append", default=[], metavar="CHEMIN", help="lot ou document à contrôler")
    group.addoption("--esms-profile", default=None, metavar="NOM", help="profil (couloir et vague)")
    group.addoption("--esms-mode", choices=("production", "test"), default="production", help="OID admis")
    for name in _FILES:
        group.addoption(f"--esms-{name}", type=Path, default=None, metavar="FICHIER", help=f"comme esms check --{name}")
    group.addoption("--esms-out", type=Path, default=None, metavar="DIR", help="écrit aussi les rapports")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark, and keep the run where one is asked for."""
    config.addinivalue_line("markers", f"{MARK}(exigence): ce test est une preuve de cette exigence")
    if config.getoption("--esms"):
        config.pluginmanager.register(_Requirements(config), "esms-requirements")


@dataclass
class _Evidence:
    """What a vendor's marked tests showed of one requirement."""

    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def conforme(self) -> bool:
        return bool(self.passed) and not self.failed

    @property
    def evidence(self) -> tuple[dict[str, str], ...]:
        return tuple({"test": name, "resultat": "réussi"} for name in self.passed) + tuple(
            {"test": name, "resultat": "échoué"} for name in self.failed
        )

    def __str__(self) -> str:
        return f"tests de l'éditeur : {len(self.passed)} réussis, {len(self.failed)} échoués"


class _Requirements:
    """The run of one session: made when its first item runs, removed at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.seen: dict[str, _Evidence] = {}
        self._result: Conformity | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        from esms_sdk.conformance import catalogue, profile

        for item in items:
            for mark in item.iter_markers(MARK):
                _hold(mark, item)
        owed = profile(self.profile)
        holder = _Holder.from_parent(session, name="esms", nodeid="esms")
        holder.run_of = self
        items.extend(_Item.from_parent(holder, name=one.id) for one in catalogue().values() if owed.owes(one))

    @property
    def profile(self) -> str:
        from esms_sdk.conformance.profile import DEFAULT

        return self.config.getoption("--esms-profile") or DEFAULT

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "call" or report.failed:
            for mark in item.iter_markers(MARK):
                seen = self.seen.setdefault(mark.args[0], _Evidence())
                # A skipped test shows nothing.
                if report.failed:
                    seen.failed.append(item.nodeid)
                elif report.passed:
                    seen.passed.append(item.nodeid)
        return report

    @property
    def result(self) -> Conformity:
        """What the run found."""
        if self._result is None:
            from esms_sdk.conformance import Asked, run

            option = self.config.getoption
            files = {name: option(f"--esms-{name}") for name in _FILES}
            self._result = run(
                Asked(
                    [Path(path) for path in option("--esms")], profile=self.profile, mode=option("--esms-mode"),
                    evidence=dict(self.seen), command_line="pytest", **files,
                )
            )  # fmt: skip
            if out := option("--esms-out"):
                from esms_sdk.report import write_reports

                write_reports(self._result, out, force=True)
        return self._result

    def pytest_unconfigure(self) -> None:
        if self._result is not None:
            self._result.findings.close()


def _hold(mark: pytest.Mark, item: pytest.Item) -> None:
    from esms_sdk.conformance import catalogue

    known = [one.id for one in catalogue().values() if one.methode != "auto"]
    if len(mark.args) != 1 or mark.args[0] not in known:
        raise pytest.UsageError(
            f"{item.nodeid} : @pytest.mark.{MARK} attend l'id d'une exigence de méthode preuve ou manuel "
            "(esms requirements list)"
        )


class _Holder(pytest.Collector):
    """The node that the items of requirements hang on."""

    run_of: _Requirements

    def collect(self) -> list[pytest.Item]:
        return []


class _Item(pytest.Item):
    """One requirement."""

    def runtest(self) -> None:
        parent = self.parent
        assert isinstance(parent, _Holder)
        outcome = parent.run_of.result.of(self.name)
        said = _said(outcome)
        if outcome.verdict == "conforme":
            return
        if outcome.verdict in ("non_applicable", "non_verifie", "deroge"):
            pytest.skip(said)
        if parent.run_of.result.baseline and outcome.verdict == "non_conforme" and not outcome.new_failure:
            pytest.skip(f"{said} (déjà connus)")
        if not outcome.requirement.mandatory:
            pytest.xfail(said)
        pytest.fail(said, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        return Path("esms"), None, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """Tell what stopped the run in its own words; a frame could hold a record."""
        return str(excinfo.value)


def _said(outcome: Outcome) -> str:
    """Return the verdict in a few lines, without any value of a record."""
    one = outcome.requirement
    lines = [f"{one.id} {one.titre} : {outcome.verdict.value}{f' – {outcome.motif}' if outcome.motif else ''}"]
    failing = [g for g in outcome.groupes if one.constats[g.code].gravite == "erreur"]
    for group in failing[:_SHOWN]:
        keys = ", ".join(found.cle for found in group.exemples[:3] if found.cle)
        where = group.finess_et or group.fichier or "tout le lot"
        lines.append(f"  {group.nombre} × {group.code} ({where}) : {one.constats[group.code].message} [{keys}]")
    if len(failing) > _SHOWN:
        lines.append(f"  … et {len(failing) - _SHOWN} autres")
    if outcome.verdict == "non_conforme":
        lines.append(f"  → {one.remede}")
    return "\n".join(lines)

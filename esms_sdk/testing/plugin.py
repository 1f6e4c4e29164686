"""The pytest plugin: the requirements as tests, only where ``--esms`` names what to judge.

    pytest --esms sortie/lot --esms-profile pa-ph-dom-vague2

An item a requirement that the profile owes, chosen like any other by ``-k`` or ``-m esms``.  Pytest prints what a bare
``assert`` compares, so no record ever meets one: an item says the verdict in the words of the report, with counts and
opaque keys.  A vendor's own test is evidence of a requirement that no file can show when it is marked
``@pytest.mark.esms_preuve("ESMS-PSC-01")``; the requirements are judged after all tests, once, also with pytest-xdist:
there the workers run the tests of the vendor, and the process that started them judges.
"""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from esms_sdk.conformance import Conformity, Outcome

MARK = "esms_preuve"
_SHOWN = 5
_FILES = ("order", "waivers", "declarations", "baseline")
# Where a report says what it is evidence of, and a worker which requirements were chosen.
_EVIDENCE_OF, _CHOSEN = "esms_preuve_de", "esms_exigences"


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
    """Declare the marks, and where a run is asked for read what it is asked before any test runs."""
    config.addinivalue_line("markers", f"{MARK}(exigence): ce test est une preuve de cette exigence")
    config.addinivalue_line("markers", "esms: une exigence d'esms-sdk")
    if config.getoption("--esms"):
        if not hasattr(config, "workerinput"):
            _examine(config)
        config.pluginmanager.register(_Requirements(config), "esms-requirements")


def _examine(config: pytest.Config) -> None:
    """Refuse a path, a profile, a waiver or a declaration that cannot be used."""
    from esms_sdk.conformance import catalogue, inputs, profile
    from esms_sdk.conformance.declarations import read_declarations
    from esms_sdk.conformance.waivers import read_waivers
    from esms_sdk.errors import EsmsError

    option = config.getoption
    try:
        profile(_profile(config))
        inputs.recognise([Path(path) for path in option("--esms")], option("--esms-order"))
        for read, path in (
            (read_waivers, option("--esms-waivers")),
            (read_declarations, option("--esms-declarations")),
        ):
            if path:
                read(path, catalogue())
    except EsmsError as error:
        raise pytest.UsageError(str(error)) from None


def _profile(config: pytest.Config) -> str:
    from esms_sdk.conformance.profile import DEFAULT

    return config.getoption("--esms-profile") or DEFAULT


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
        self.chosen: tuple[str, ...] = ()
        self._result: Conformity | None = None
        self._stopped: str | None = None

    @pytest.hookimpl(tryfirst=True, specname="pytest_collection_modifyitems")
    def pytest_add_requirements(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        from esms_sdk.conformance import catalogue, profile

        # What a worker raises here would end in a failure of pytest-xdist; there the process that judges says it.
        wrong = _wrong({item.nodeid: [mark.args for mark in item.iter_markers(MARK)] for item in items})
        if wrong and not hasattr(self.config, "workeroutput"):
            raise pytest.UsageError(wrong)
        owed = profile(_profile(self.config))
        items.extend(self.items(session, (one.id for one in catalogue().values() if owed.owes(one))))

    @pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
    def pytest_put_requirements_last(self, items: list[pytest.Item]) -> None:
        ours = [item for item in items if isinstance(item, Exigence)]
        items[:] = [item for item in items if not isinstance(item, Exigence)]
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[_CHOSEN] = [item.name for item in ours]
        else:
            items.extend(ours)

    def items(self, session: pytest.Session, ids: Iterable[str]) -> list[pytest.Item]:
        """Return the items of some requirements."""
        holder = Exigences.from_parent(session, name="esms", nodeid="esms")
        holder.run_of = self
        return [Exigence.from_parent(holder, name=id) for id in ids]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Keep which requirements a worker chose (pytest-xdist); each worker chooses the same."""
        self.chosen = self.chosen or tuple((getattr(node, "workeroutput", None) or {}).get(_CHOSEN, ()))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        done = yield
        if self.config.pluginmanager.hasplugin("dsession"):
            items = self.items(session, self.chosen)
            session.testscollected += len(items)
            for item, following in zip(items, [*items[1:], None], strict=False):
                self.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return done

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if marks := [list(mark.args) for mark in item.iter_markers(MARK)]:
            setattr(report, _EVIDENCE_OF, marks)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a marked test showed, wherever it ran; one that was skipped shows nothing."""
        for args in getattr(report, _EVIDENCE_OF, ()):
            self._stopped = self._stopped or _wrong({report.nodeid: [args]})
            id = str(args[0]) if args else ""
            if report.failed:
                self.seen.setdefault(id, _Evidence()).failed.append(report.nodeid)
            elif report.passed and report.when == "call":
                self.seen.setdefault(id, _Evidence()).passed.append(report.nodeid)

    @property
    def result(self) -> Conformity:
        """What the run found.  It is made once: what stopped it stops each item with the same words."""
        if self._stopped is not None:
            pytest.fail(self._stopped, pytrace=False)
        if self._result is None:
            try:
                self._result = self._run()
            except Exception as error:
                self._stopped = _told(error)
                pytest.fail(self._stopped, pytrace=False)
        return self._result

    def _run(self) -> Conformity:
        from esms_sdk.conformance import Asked, run

        option = self.config.getoption
        result = run(
            Asked(
                [Path(path) for path in option("--esms")], profile=_profile(self.config), mode=option("--esms-mode"),
                evidence=dict(self.seen), command_line="pytest", **{name: option(f"--esms-{name}") for name in _FILES},
            )
        )  # fmt: skip
        if out := option("--esms-out"):
            try:
                _write(result, out)
            except BaseException:
                result.close()
                raise
        return result

    def pytest_unconfigure(self) -> None:
        if self._result is not None:
            self._result.close()


def _write(result: Conformity, out: Path) -> None:
    """Write every report; only a folder of earlier reports is replaced."""
    from esms_sdk.output import whole_folder
    from esms_sdk.report import DOCUMENT, REPORTS, write_reports

    with whole_folder(out, force=True, ours=[DOCUMENT]) as folder:
        write_reports(result, folder, REPORTS)


def _told(error: Exception) -> str:
    """Return what stopped a run; of a failure of our own only where, since its message could hold a record."""
    from esms_sdk.errors import EsmsError

    if isinstance(error, EsmsError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"erreur interne d'esms : {type(error).__name__}, {Path(place.filename).name} ligne {place.lineno}"


def _wrong(marks: Mapping[str, Sequence[Sequence[object]]]) -> str | None:
    """Return what is wrong with the marks of tests, given by node id, or None."""
    from esms_sdk.conformance import catalogue

    known = {one.id for one in catalogue().values() if one.methode != "auto"}
    for nodeid, several in marks.items():
        if any(len(args) != 1 or args[0] not in known for args in several):
            return (
                f"{nodeid} : @pytest.mark.{MARK} attend l'id d'une exigence de méthode preuve ou manuel "
                "(esms requirements list)"
            )
    return None


class Exigences(pytest.Collector):
    """The node that the items of requirements hang on."""

    run_of: _Requirements

    def collect(self) -> list[pytest.Item]:
        return []


class Exigence(pytest.Item):
    """One requirement."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker("esms")

    def runtest(self) -> None:
        parent = self.parent
        assert isinstance(parent, Exigences)
        result = parent.run_of.result
        outcome = result.of(self.name)
        said = _said(outcome)
        if outcome.verdict == "conforme":
            return
        if outcome.verdict in ("non_applicable", "non_verifie", "deroge"):
            pytest.skip(said)
        if result.baseline and outcome.verdict == "non_conforme" and not outcome.new_failure:
            pytest.skip(f"{said} (déjà connus)")
        if not outcome.requirement.mandatory:
            pytest.xfail(said)
        pytest.fail(said, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        return Path("esms"), None, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """Tell what stopped the item in its own words; a frame could hold a record."""
        stopped = excinfo.value
        return _told(stopped) if isinstance(stopped, Exception) else str(stopped)


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

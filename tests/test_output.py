"""An output is complete or absent; a failure or a kill leaves the old result or the new one."""

from __future__ import annotations

import errno
import os
import random
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from esms_sdk import filesystem
from esms_sdk.errors import OutputError
from esms_sdk.output import whole_file, whole_folder

OURS = ("manifeste.json",)
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes and signals")


def write_result(folder: Path, text: str) -> None:
    (folder / "manifeste.json").write_text(text, encoding="utf-8")
    (folder / "tables").mkdir()
    (folder / "tables" / "sejour.csv").write_text(text, encoding="utf-8")


def put(out: Path, text: str, *, force: bool = False) -> None:
    with whole_folder(out, force=force, ours=OURS) as folder:
        write_result(folder, text)


def content(out: Path) -> set[str]:
    """The distinct texts of the files of a result: one if it is whole."""
    return {path.read_text(encoding="utf-8") for path in out.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "lot"


@pytest.fixture(params=["exchange", "two renames"])
def swap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of replacing a folder: in one step, and where the system cannot."""
    if request.param == "two renames":
        monkeypatch.setattr(filesystem, "exchange", lambda one, other: False)


class TestFolder:
    def test_a_new_output_is_alone_in_its_folder(self, out: Path) -> None:
        put(out, "neuf")
        assert names(out) == ["manifeste.json", "tables"]
        assert names(out.parent) == ["lot"]

    def test_nothing_is_seen_at_its_place_before_the_end(self, out: Path) -> None:
        with whole_folder(out, force=False) as folder:
            write_result(folder, "neuf")
            assert not out.exists()
        assert content(out) == {"neuf"}

    def test_missing_parents_are_made(self, out: Path) -> None:
        put(out / "a" / "b", "neuf")
        assert content(out / "a" / "b") == {"neuf"}

    def test_a_failure_leaves_no_parent_behind(self, out: Path) -> None:
        with pytest.raises(ZeroDivisionError), whole_folder(out / "a" / "b", force=False):
            raise ZeroDivisionError
        assert names(out.parent) == []

    def test_an_empty_folder_needs_no_force(self, out: Path) -> None:
        out.mkdir()
        put(out, "neuf")
        assert content(out) == {"neuf"}

    def test_an_old_result_is_not_replaced_without_force(self, out: Path) -> None:
        put(out, "ancien")
        with pytest.raises(OutputError, match=r"(?s)ESMS-E501.*existe déjà.*--force"):
            put(out, "neuf")
        assert content(out) == {"ancien"}

    @pytest.mark.usefixtures("swap")
    def test_with_force_the_new_result_replaces_the_old_one_entirely(self, out: Path) -> None:
        put(out, "ancien")
        (out / "en_trop.csv").write_text("ancien", encoding="utf-8")
        put(out, "neuf", force=True)
        assert content(out) == {"neuf"}
        assert names(out.parent) == ["lot"]

    @pytest.mark.usefixtures("swap")
    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
    def test_a_failure_leaves_the_old_result_and_nothing_else(self, out: Path, error: type[BaseException]) -> None:
        put(out, "ancien")
        with pytest.raises(error), whole_folder(out, force=True, ours=OURS) as folder:
            write_result(folder, "neuf")
            raise error
        assert content(out) == {"ancien"}
        assert names(out.parent) == ["lot"]

    def test_a_folder_that_is_not_ours_is_kept_even_with_force_and_named(self, out: Path) -> None:
        out.mkdir()
        (out / "memoire.odt").write_text("à garder", encoding="utf-8")
        with pytest.raises(OutputError, match=r"ESMS-E502.*«memoire.odt»"):
            put(out, "neuf", force=True)
        assert content(out) == {"à garder"}

    def test_what_appears_at_its_place_meanwhile_is_kept(self, out: Path) -> None:
        with pytest.raises(OutputError, match="ESMS-E502"), whole_folder(out, force=True, ours=OURS) as folder:
            write_result(folder, "neuf")
            out.mkdir()
            (out / "autre.txt").write_text("à garder", encoding="utf-8")
        assert content(out) == {"à garder"}

    def test_a_file_is_not_replaced_by_a_folder(self, out: Path) -> None:
        out.write_text("à garder", encoding="utf-8")
        with pytest.raises(OutputError, match=r"ESMS-E503.*un dossier est attendu"):
            put(out, "neuf", force=True)
        assert out.read_text(encoding="utf-8") == "à garder"

    @pytest.mark.parametrize("inside", [".", "ici", "ici/plus_bas"])
    def test_the_current_folder_and_those_above_it_are_never_replaced(
        self, out: Path, inside: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(out, "ancien")
        (out / inside).mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(out / inside)
        with pytest.raises(OutputError, match=r"ESMS-E503.*dossier courant"):
            put(out, "neuf", force=True)
        with pytest.raises(OutputError, match=r"ESMS-E503.*dossier courant"):
            put(Path(), "neuf", force=True)
        assert content(out) == {"ancien"}

    def test_the_home_folder_is_never_replaced(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(out, "ancien")
        monkeypatch.setattr(Path, "home", lambda: out)
        with pytest.raises(OutputError, match=r"ESMS-E503.*dossier personnel"):
            put(out, "neuf", force=True)
        assert content(out) == {"ancien"}

    def test_the_root_of_the_disk_is_never_replaced(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match=r"ESMS-E503.*racine"):
            put(Path(tmp_path.anchor), "neuf", force=True)

    @needs_posix
    def test_a_link_is_refused_and_what_it_leads_to_is_kept(self, out: Path) -> None:
        put(out, "ancien")
        link = out.with_name("lien")
        link.symlink_to(out)
        with pytest.raises(OutputError, match=r"ESMS-E503.*lien"):
            put(link, "neuf", force=True)
        assert content(out) == {"ancien"}
        assert link.is_symlink()

    @needs_posix
    def test_while_it_is_written_only_the_owner_may_look_into_it(self, out: Path) -> None:
        previous = os.umask(0o027)
        try:
            with whole_folder(out, force=False) as folder:
                assert stat.S_IMODE(folder.stat().st_mode) == 0o700
                write_result(folder, "neuf")
                (folder / "lignes.csv").touch(mode=0o600)
        finally:
            os.umask(previous)
        assert stat.S_IMODE(out.stat().st_mode) == 0o750
        assert stat.S_IMODE((out / "manifeste.json").stat().st_mode) == 0o640
        assert stat.S_IMODE((out / "lignes.csv").stat().st_mode) == 0o600

    def test_a_full_disk_is_told_in_french(self, out: Path) -> None:
        with pytest.raises(OutputError, match=r"ESMS-E505.*disque plein"), whole_folder(out, force=False):
            raise OSError(errno.ENOSPC, "No space left on device")

    def test_a_file_in_the_place_of_a_parent_is_told_in_french(self, out: Path) -> None:
        out.write_text("", encoding="utf-8")
        with pytest.raises(OutputError, match=r"ESMS-E50[35].*(à la place d'un dossier parent|entre-temps)"):
            put(out / "lot", "neuf")

    def test_everything_is_on_the_disk_before_it_takes_its_place(
        self, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flushed: list[tuple[str, bool]] = []
        flush_one = filesystem.flush_one

        def spy(path: Path) -> None:
            flushed.append((path.name, out.exists()))
            flush_one(path)

        monkeypatch.setattr(filesystem, "flush_one", spy)
        put(out, "neuf")
        before = {name for name, there in flushed if not there}
        assert before == {"manifeste.json", "sejour.csv", "tables", ".lot.esms-tmp"}
        assert (out.parent.name, True) in flushed


class TestFile:
    def test_a_file_takes_its_place_at_the_end_under_its_own_name(self, out: Path) -> None:
        with whole_file(out / "dossier.zip", force=False) as path:
            path.write_bytes(b"PK")
            assert path.name == "dossier.zip"
            assert not (out / "dossier.zip").exists()
        assert (out / "dossier.zip").read_bytes() == b"PK"
        assert names(out) == ["dossier.zip"]

    def test_an_existing_file_is_replaced_only_with_force(self, out: Path) -> None:
        out.write_text("ancien", encoding="utf-8")
        with pytest.raises(OutputError, match="ESMS-E501"), whole_file(out, force=False) as path:
            path.write_text("neuf", encoding="utf-8")
        assert out.read_text(encoding="utf-8") == "ancien"
        with whole_file(out, force=True) as path:
            path.write_text("neuf", encoding="utf-8")
        assert out.read_text(encoding="utf-8") == "neuf"

    def test_a_failure_leaves_the_old_file(self, out: Path) -> None:
        out.write_text("ancien", encoding="utf-8")
        with pytest.raises(ZeroDivisionError), whole_file(out, force=True) as path:
            path.write_text("neu", encoding="utf-8")
            raise ZeroDivisionError
        assert out.read_text(encoding="utf-8") == "ancien"
        assert names(out.parent) == ["lot"]

    def test_a_folder_is_not_replaced_by_a_file(self, out: Path) -> None:
        out.mkdir()
        with pytest.raises(OutputError, match=r"ESMS-E503.*un fichier est attendu"), whole_file(out, force=True):
            pass
        assert out.is_dir()

    @needs_posix
    def test_a_file_has_the_mode_its_writer_gave_it(self, out: Path) -> None:
        with whole_file(out, force=False) as path:
            path.touch(mode=0o600)
        assert stat.S_IMODE(out.stat().st_mode) == 0o600


class TestTwoRuns:
    def test_a_second_run_into_the_same_place_is_refused_while_the_first_lives(self, out: Path) -> None:
        with whole_folder(out, force=False) as folder:
            with pytest.raises(OutputError, match=r"ESMS-E504.*autre exécution"):
                put(out, "second")
            write_result(folder, "premier")
        assert content(out) == {"premier"}

    def test_two_places_side_by_side_do_not_wait_for_each_other(self, out: Path) -> None:
        with whole_folder(out, force=False) as folder:
            put(out.with_name("voisin"), "voisin")
            write_result(folder, "neuf")
        assert names(out.parent) == ["lot", "voisin"]

    def test_of_many_threads_one_writes_at_a_time(self, out: Path) -> None:
        put(out, "0")
        told: list[str] = []

        def write(number: int) -> None:
            for _ in range(10):
                try:
                    put(out, str(number), force=True)
                except OutputError as error:
                    told.append(error.code)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(told) <= {"ESMS-E504"}
        assert len(content(out)) == 1
        assert names(out.parent) == ["lot"]

    @needs_posix
    def test_a_lock_file_removed_by_the_run_before_is_not_the_lock(
        self, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        locked, opened = filesystem._locked, []

        def after_the_run_before(descriptor: int) -> bool:
            opened.append(descriptor)
            if len(opened) == 1:
                out.unlink()
            return locked(descriptor)

        monkeypatch.setattr(filesystem, "_locked", after_the_run_before)
        descriptor = filesystem.lock(out)
        assert descriptor is not None
        assert os.path.samestat(os.fstat(descriptor), out.stat())
        filesystem.unlock(out, descriptor)
        assert not out.exists()


class TestAfterAKill:
    def test_what_a_dead_run_left_is_removed(self, out: Path) -> None:
        put(out, "ancien")
        left = out.with_name(".lot.esms-tmp")
        (left / "tables").mkdir(parents=True)
        (left / "tables").chmod(0o500)
        out.with_name(".lot.esms-verrou").touch()
        put(out, "neuf", force=True)
        assert content(out) == {"neuf"}
        assert names(out.parent) == ["lot"]

    @pytest.mark.parametrize("place", ["absent", "empty"])
    def test_an_old_result_set_aside_comes_back_before_anything_else(self, out: Path, place: str) -> None:
        put(out, "ancien")
        out.rename(out.with_name(".lot.esms-ancien"))
        if place == "empty":
            out.mkdir()
        with pytest.raises(OutputError, match="ESMS-E501"):
            put(out, "neuf")
        assert content(out) == {"ancien"}
        assert names(out.parent) == ["lot"]

    def test_an_old_result_set_aside_is_removed_where_the_new_one_stands(self, out: Path) -> None:
        put(out, "ancien")
        out.rename(out.with_name(".lot.esms-ancien"))
        out.mkdir()
        write_result(out, "neuf")
        with pytest.raises(OutputError, match="ESMS-E501"):
            put(out, "plus neuf")
        assert content(out) == {"neuf"}
        put(out, "plus neuf", force=True)
        assert content(out) == {"plus neuf"}
        assert names(out.parent) == ["lot"]

    def test_a_second_rename_that_fails_puts_the_old_result_back(
        self, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(out, "ancien")
        rename = filesystem.rename

        def failing(source: Path, target: Path) -> None:
            if source.name.endswith("esms-tmp"):
                raise PermissionError(errno.EACCES, "held by somebody")
            rename(source, target)

        monkeypatch.setattr(filesystem, "exchange", lambda one, other: False)
        monkeypatch.setattr(filesystem, "rename", failing)
        with pytest.raises(OutputError, match=r"ESMS-E505.*droits insuffisants"):
            put(out, "neuf", force=True)
        assert content(out) == {"ancien"}
        assert names(out.parent) == ["lot"]


WRITER = """
import sys
from pathlib import Path
from esms_sdk import filesystem
from esms_sdk.output import whole_file, whole_folder

out, kind = Path(sys.argv[1]), sys.argv[2]
if kind == "two renames":
    filesystem.exchange = lambda one, other: False
print("ready", flush=True)
for number in range(10**9):
    if kind == "file":
        with whole_file(out, force=True) as path:
            path.write_text(f"{number};" * 2000, encoding="utf-8")
    else:
        with whole_folder(out, force=True, ours=("manifeste.json",)) as folder:
            for name in ("manifeste.json", "a.csv", "b.csv", "c.csv"):
                (folder / name).write_text(str(number), encoding="utf-8")
"""


def kill_a_writer(out: Path, kind: str, delay: float) -> None:
    """Run a process that replaces ``out`` again and again, and kill it after ``delay`` seconds."""
    environment = {**os.environ, "PYTHONPATH": str(Path(filesystem.__file__).parents[1])}
    command = [sys.executable, "-c", WRITER, str(out), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        time.sleep(delay)
        process.kill()


DELAYS = [round(random.Random(2).uniform(0.005, 0.08), 4) for _ in range(8)]


@needs_posix
class TestKilledAtAnyMoment:
    def test_a_folder_is_whole_at_every_kill(self, out: Path) -> None:
        if not exchanges(out.parent):
            pytest.skip("this file system cannot exchange two folders")
        put(out, "0")
        for delay in DELAYS:
            kill_a_writer(out, "folder", delay)
            assert len(content(out)) == 1
            assert "manifeste.json" in names(out)
        put(out, "après", force=True)
        assert names(out.parent) == ["lot"]

    def test_where_folders_cannot_be_exchanged_the_next_call_makes_it_whole(self, out: Path) -> None:
        put(out, "0")
        for delay in DELAYS[:4]:
            kill_a_writer(out, "two renames", delay)
            with pytest.raises(OutputError, match="ESMS-E501"):
                put(out, "jamais")
            assert len(content(out)) == 1
        put(out, "après", force=True)
        assert names(out.parent) == ["lot"]

    def test_a_file_is_whole_at_every_kill(self, out: Path) -> None:
        out.write_text("0;" * 2000, encoding="utf-8")
        for delay in DELAYS[:4]:
            kill_a_writer(out, "file", delay)
            text = out.read_text(encoding="utf-8").split(";")
            assert len(text) == 2001
            assert len(set(text[:-1])) == 1


def exchanges(folder: Path) -> bool:
    one, other = folder / "un", folder / "autre"
    one.mkdir()
    other.mkdir()
    try:
        return filesystem.exchange(one, other)
    finally:
        one.rmdir()
        other.rmdir()

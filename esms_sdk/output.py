"""Outputs that are complete or absent: written beside their place, then moved into it in one step.

A killed process leaves the old result or the new one.  Where the system can exchange two folders in one step (Linux,
macOS) that holds at every moment; elsewhere the old folder is set aside first, and the next call puts it back.

Beside an output ``NAME`` there may be, while it is written or after a killed run:

- ``.NAME.esms-verrou``: the lock of the run that writes it; the system frees it when that run dies, however it dies;
- ``.NAME.esms-tmp``: what is being written, then what was replaced;
- ``.NAME.esms-ancien``: the old folder set aside, only where folders cannot be exchanged.

Whoever holds the lock may therefore remove or put back what it finds there.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from esms_sdk import filesystem
from esms_sdk.errors import OutputError

_REASONS = {
    errno.EACCES: "droits insuffisants",
    errno.EPERM: "droits insuffisants",
    errno.ENOSPC: "disque plein",
    errno.EDQUOT: "quota de disque atteint",
    errno.ENOENT: "le dossier parent n'existe pas et ne peut pas être créé",
    errno.EROFS: "disque en lecture seule",
    errno.ENOTDIR: "un fichier est à la place d'un dossier parent",
    errno.ENAMETOOLONG: "nom trop long",
    errno.ENOTEMPTY: "quelque chose y a été écrit entre-temps",
    errno.EEXIST: "quelque chose y a été écrit entre-temps",
}
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def whole_folder(out: Path, *, force: bool, ours: Collection[str] = ()) -> Iterator[Path]:
    """Give an empty temporary folder to fill; when the block ends well it takes the place of ``out`` in one step.

    If the block raises, ``out`` is as it was.  A folder that is not empty is replaced only with ``force``, and only
    if it holds one of the names ``ours``: so no folder is lost that we did not write.  Until the end the temporary
    folder is the owner's alone; the result has the mode that a new folder gets, its files keep theirs.
    """
    place = _place(out)

    def accept() -> None:
        _accept_folder(place, out, force=force, ours=ours)

    with _working_beside(place, out, accept) as (work, mode):
        yield work
        with _told(out):
            filesystem.flush(work)
            work.chmod(mode)
            accept()
            _swap_folder(work, place)
            filesystem.flush_one(place.parent)


@contextmanager
def whole_file(out: Path, *, force: bool) -> Iterator[Path]:
    """Give the path of a temporary file to write; when the block ends well it takes the place of ``out`` in one step.

    The temporary file bears the same name, in a folder that is the owner's alone.  If the block raises, ``out`` is
    as it was.  An existing file is replaced only with ``force``.
    """
    place = _place(out)

    def accept() -> None:
        _accept_file(place, out, force=force)

    with _working_beside(place, out, accept) as (work, _):
        written = work / place.name
        yield written
        if not written.is_file():
            raise RuntimeError(f"nothing was written for {place.name}")
        with _told(out):
            filesystem.flush(work)
            accept()
            filesystem.rename(written, place)
            filesystem.flush_one(place.parent)


@contextmanager
def _working_beside(place: Path, out: Path, accept: Callable[[], None]) -> Iterator[tuple[Path, int]]:
    """Give the temporary folder and the mode that a new folder gets; leave nothing of it behind."""
    work, aside = _beside(place, "tmp"), _beside(place, "ancien")
    with ExitStack() as held:
        with _told(out):
            accept()
            held.enter_context(_parents_of(place))
            held.enter_context(_locked(place, out))
            _tidy(place, work, aside)
            accept()
            work.mkdir()
            mode = stat.S_IMODE(work.stat().st_mode)
            work.chmod(0o700 | mode & stat.S_ISGID)
        try:
            with _told(out, only=_DISK_FULL):
                yield work, mode
        finally:
            with suppress(OSError):  # what cannot be tidied now is tidied by the next call
                _tidy(place, work, aside)


# -- what may be replaced ----------------------------------------------------------------------------------------


def _place(out: Path) -> Path:
    """Return the absolute path of ``out``, its last part kept as it is: it may be a link, which we refuse."""
    named = out.name not in ("", "..")
    place = Path(os.path.realpath(out.parent), out.name) if named else Path(os.path.realpath(out))
    if place == place.parent:
        raise _refused(out, "c'est la racine du disque")
    return place


def _accept_folder(place: Path, out: Path, *, force: bool, ours: Collection[str]) -> None:
    _refuse_link(place, out)
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise _refused(out, "c'est un fichier, un dossier est attendu")
    _refuse_precious(place, out)
    names = sorted(path.name for path in place.iterdir())
    if not names:
        return
    if not any(os.path.lexists(place / name) for name in ours):
        shown = ", ".join(f"«{name}»" for name in names[:5]) + (", …" if len(names) > 5 else "")
        raise OutputError(
            "ESMS-E502",
            f"{out} n'est pas un ancien résultat de cette commande et ne sera pas remplacé (il contient {shown})",
            hint="Choisir un dossier absent ou vide.",
        )
    if not force:
        raise _exists(out)


def _accept_file(place: Path, out: Path, *, force: bool) -> None:
    _refuse_link(place, out)
    if not os.path.lexists(place):
        return
    if place.is_dir():
        raise _refused(out, "c'est un dossier, un fichier est attendu")
    if not place.is_file():
        raise _refused(out, "ce n'est pas un fichier ordinaire")
    if not force:
        raise _exists(out)


def _refuse_link(place: Path, out: Path) -> None:
    if filesystem.is_link(place):
        raise _refused(out, "c'est un lien : donner le chemin vers lequel il mène")


def _refuse_precious(place: Path, out: Path) -> None:
    for where, title in ((Path.cwd, "le dossier courant"), (Path.home, "le dossier personnel")):
        with suppress(OSError, RuntimeError):  # there may be none
            kept = where().resolve()
            if any(folder.samefile(place) for folder in (kept, *kept.parents)):
                raise _refused(out, f"c'est {title} ou un dossier qui le contient")


def _refused(out: Path, reason: str) -> OutputError:
    return OutputError("ESMS-E503", f"{out} ne peut pas être le résultat : {reason}", hint="Choisir un autre chemin.")


def _exists(out: Path) -> OutputError:
    return OutputError("ESMS-E501", f"{out} existe déjà", hint="Ajouter --force pour le remplacer.")


# -- the steps ---------------------------------------------------------------------------------------------------


def _beside(place: Path, what: str) -> Path:
    return place.with_name(f".{place.name}.esms-{what}")


@contextmanager
def _told(out: Path, only: Collection[int] = ()) -> Iterator[None]:
    """Say in French, with the place, what the system refused (``only``: nothing but these reasons)."""
    try:
        yield
    except OSError as error:
        if only and error.errno not in only:
            raise
        reason = _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)
        hint = "Rien n'a été remplacé. Vérifier le chemin, les droits et la place libre."
        raise OutputError("ESMS-E505", f"impossible d'écrire {out} : {reason}", hint=hint) from error


@contextmanager
def _parents_of(place: Path) -> Iterator[None]:
    """Make the parent folders that are missing, and take them away again if the block raises."""
    missing = [parent for parent in place.parents if not parent.exists()]
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for parent in missing:
                parent.rmdir()
        raise


@contextmanager
def _locked(place: Path, out: Path) -> Iterator[None]:
    """Hold the output's lock, or refuse at once if a living run holds it."""
    path = _beside(place, "verrou")
    descriptor = filesystem.lock(path)
    if descriptor is None:
        hint = "Attendre sa fin et recommencer."
        raise OutputError("ESMS-E504", f"une autre exécution écrit {out} en ce moment", hint=hint)
    try:
        yield
    finally:
        filesystem.unlock(path, descriptor)


def _tidy(place: Path, work: Path, aside: Path) -> None:
    """Put the old folder back where no new one took its place, and remove the rest."""
    if os.path.lexists(aside):
        with suppress(OSError):  # not empty: the new result stands there
            place.rmdir()
        if not os.path.lexists(place):
            filesystem.rename(aside, place)
    filesystem.remove(work)
    filesystem.remove(aside)


def _swap_folder(work: Path, place: Path) -> None:
    if not os.path.lexists(place) or not any(place.iterdir()):
        filesystem.rename(work, place)
    elif not filesystem.exchange(work, place):
        # Between these two lines the output is absent: _tidy puts the old one back, here or at the next call.
        filesystem.rename(place, _beside(place, "ancien"))
        filesystem.rename(work, place)

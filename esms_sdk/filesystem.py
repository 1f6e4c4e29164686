"""What the operating systems do differently with files: exchange, lock, flush, remove.  Only ``output`` asks."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path

_WINDOWS_TRIES = 20  # an antivirus holds fresh files for a moment: 20 tries, 0.1 s apart
_NO_FSYNC = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)  # a file system without it, such as some shares


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False, with nothing done, where the system cannot."""
    import ctypes

    first, second, exchanged = os.fsencode(one), os.fsencode(other), False
    with suppress(AttributeError, OSError):  # an older C library
        if sys.platform == "linux":
            at_cwd, rename_exchange = -100, ctypes.c_uint(2)
            exchanged = ctypes.CDLL(None).renameat2(at_cwd, first, at_cwd, second, rename_exchange) == 0
        elif sys.platform == "darwin":
            rename_swap = ctypes.c_uint(2)
            exchanged = ctypes.CDLL(None).renamex_np(first, second, rename_swap) == 0
    return exchanged


def rename(source: Path, target: Path) -> None:
    """Rename a file over whatever file is there, or a folder onto nothing or an empty folder."""
    if sys.platform == "win32":
        if source.is_dir() and target.is_dir():
            target.rmdir()
        for _ in range(_WINDOWS_TRIES):
            with suppress(PermissionError):
                source.replace(target)
                return
            time.sleep(0.1)
    source.replace(target)


def lock(path: Path) -> int | None:
    """Open and lock the file ``path``, made if need be; None if a living process holds it.

    The system frees the lock when the process dies, however it dies.  On a share without locks it is not held: to
    write twice at once into one place is then the caller's care.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        if not _locked(descriptor):
            os.close(descriptor)
            return None
        # The run that held it before may have removed the file just after we opened it.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)


def unlock(path: Path, descriptor: int) -> None:
    """Remove the lock file and free the lock, in the order that leaves no moment to a third process."""
    if sys.platform == "win32":
        os.close(descriptor)
        with suppress(OSError):  # another run has it open by now
            path.unlink()
    else:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True


def flush(folder: Path) -> None:
    """Have every file and folder under ``folder``, itself included, on the disk."""
    for where, _, files in os.walk(folder, topdown=False):
        for name in files:
            path = Path(where, name)
            if not path.is_symlink():
                flush_one(path)
        flush_one(Path(where))


def flush_one(path: Path) -> None:
    """Have one file, or the list of names of one folder, on the disk."""
    if sys.platform == "win32" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder, write-protected parts included; nothing there is no error."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        path.chmod(0o700)
        for where, folders, files in os.walk(path):
            for name in [*folders, *(files if sys.platform == "win32" else ())]:
                inner = Path(where, name)
                if not inner.is_symlink():
                    inner.chmod(0o700)
        shutil.rmtree(path)


def is_link(path: Path) -> bool:
    """Tell a symbolic link or a Windows junction from a real file or folder."""
    if sys.platform == "win32" and not path.is_symlink():
        with suppress(OSError):
            return path.lstat().st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT
    return path.is_symlink()

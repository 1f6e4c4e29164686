"""What a person or a script sees: results on stdout, everything else on stderr, in any encoding."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Progress = Callable[[str, int], None]

_APPROXIMATIONS = {
    "→": "->",
    "≥": ">=",
    "≤": "<=",
    "…": "...",
    "’": "'",
    "«": '"',
    "»": '"',
    "·": "-",
    "–": "-",
    "—": "-",
    "×": "x",
}
_ERRORS = "esms-approximate"


def _approximate(fault: UnicodeError) -> tuple[str, int]:
    import unicodedata

    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    wanted = fault.object[fault.start : fault.end]
    written = "".join(_APPROXIMATIONS.get(c) or unicodedata.normalize("NFKD", c)[0] for c in wanted)
    return "".join(c if c.isascii() else "?" for c in written), fault.end


def prepare_streams() -> None:
    """Let no character stop the program: a terminal that lacks one gets the nearest ASCII."""
    codecs.register_error(_ERRORS, _approximate)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_ERRORS)


class Terminal:
    """The two streams of one run, with what ``--quiet`` and ``--format`` ask of them."""

    def __init__(self, *, quiet: bool = False, json_wanted: bool = False) -> None:
        self.quiet = quiet
        self.json_wanted = json_wanted

    def result(self, text: str, document: object) -> None:
        """Write the result on stdout, as text or as a JSON document."""
        if self.json_wanted:
            import json

            # Escaped, the document says the same in every encoding that stdout may have.
            text = json.dumps(document, ensure_ascii=not _is_utf8(sys.stdout), indent=2)
        write(sys.stdout, text.rstrip("\n") + "\n")

    def say(self, text: str) -> None:
        """Tell how things go, on stderr; nothing with ``--quiet``."""
        if not self.quiet:
            write(sys.stderr, text + "\n")

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """Give a function that shows (what is being read, rows so far), or nothing where nobody looks."""
        if self.quiet or not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console
        from rich.progress import Progress as Bars
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn("line"), TextColumn("{task.description}"), TextColumn("{task.fields[rows]}"))
        with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
            tasks = {}

            def show(what: str, rows: int) -> None:
                if what not in tasks:
                    tasks[what] = bars.add_task(what.replace("[", r"\["), rows="", total=None)
                bars.update(tasks[what], rows=f"{rows:,} lignes".replace(",", " "))

            yield show


def _is_utf8(stream: TextIO) -> bool:
    return codecs.lookup(stream.encoding or "ascii").name == "utf-8"


def write(stream: TextIO, text: str) -> None:
    """Write and flush; a reader that left early (``| head``) is no fault of ours."""
    try:
        stream.write(text)
        stream.flush()
    except (BrokenPipeError, OSError) as fault:
        if not isinstance(fault, BrokenPipeError) and os.name != "nt":
            raise
        # The interpreter flushes once more as it ends: give it somewhere to write.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)

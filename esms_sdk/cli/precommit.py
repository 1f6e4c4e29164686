"""What pre-commit runs: ``python -m esms_sdk.cli.precommit adapters|ecarts FILE…``.

``adapters``: the kit on each adapter that one of the files belongs to.  ``ecarts``: files of waivers or declarations,
as ``esms check`` reads them; whether they have expired depends on a lot's date, and is said there.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from esms_sdk.cli.program import main as esms
from esms_sdk.cli.terminal import prepare_streams, write
from esms_sdk.errors import EsmsError

_ADAPTER = "adapter.toml"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one hook over the files that changed: 0 where nothing is wrong, else 1 or 2."""
    prepare_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in ("adapters", "ecarts"):
        write(sys.stderr, "usage : python -m esms_sdk.cli.precommit adapters|ecarts FICHIER…\n")
        return 2
    files = [Path(word) for word in words[1:]]
    return _adapters(files) if words[0] == "adapters" else _ecarts(files)


def _adapters(files: Sequence[Path]) -> int:
    above = (next((folder for folder in file.parents if (folder / _ADAPTER).is_file()), None) for file in files)
    folders = sorted({folder for folder in above if folder is not None})
    return max([0, *(esms(["adapter", "check", str(folder)]) for folder in folders)])


def _ecarts(files: Sequence[Path]) -> int:
    from esms_sdk.conformance import catalogue
    from esms_sdk.conformance.declarations import read_declarations
    from esms_sdk.conformance.waivers import read_waivers

    code = 0
    for path in files:
        declared = path.name.startswith("declarations")
        try:
            if declared:
                read_declarations(path, catalogue())
            else:
                read_waivers(path, catalogue())
        except EsmsError as fault:
            write(sys.stderr, f"{path} : {fault}\n")
            code = fault.exit_code
    return code


if __name__ == "__main__":
    raise SystemExit(main())

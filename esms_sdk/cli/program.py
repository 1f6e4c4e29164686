"""The commands of ``esms``, found by name; each module is imported when its command runs."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from esms_sdk import __version__
from esms_sdk.cli.french import Parser, french
from esms_sdk.cli.terminal import Terminal, prepare_streams, write
from esms_sdk.errors import EsmsError, UsageError

COMMANDS = {
    "demo": "toute la chaîne sur l'échantillon embarqué",
    "adapter": "les adaptateurs disponibles",
    "import": "d'un export du DUI au lot canonique, avec ses rejets",
    "indicators": "les indicateurs par FINESS, dans tous les formats",
    "dashboard": "le tableau de bord TBB.1 : envois au DMP et par MSSanté, échecs, INSi",
    "explain": "pourquoi ce chiffre : formule, bornes, qui compte et pour quelle raison",
    "check": "la conformité d'un lot, exigence par exigence, avec ses rapports",
    "va": "les dossiers du payeur et de l'ARS : faire, signer, vérifier, comparer",
    "document": "un CDA ou une archive IHE_XDM : ce que c'est, ses métadonnées, l'archive à envoyer",
    "requirements": "le catalogue des exigences et sa matrice",
    "finess": "le référentiel FINESS : le mettre à jour, y chercher un numéro",
    "sample": "des mondes inventés, reproductibles, pour essayer",
    "doctor": "versions, moteurs optionnels, ce qui manque et comment l'obtenir",
}

_DESCRIPTION = """\
De l'export d'un dossier usager informatisé (DUI) aux indicateurs du programme
ESMS numérique, par FINESS."""

_EPILOG = """\
exemples :
  esms demo
  esms import export/ --adapter soleo --out lot
  esms indicators lot --measured-on 2025-09-30 --out indicateurs

codes de retour :
  0  fait
  1  trop de rejets à l'import : pas de lot, les rejets sont à côté
  2  à corriger : usage, configuration, adaptateur, source ou lot
  3  rien à compter, ou un indicateur du DUI est indéterminé
  4  erreur interne

L'aide d'une commande : esms COMMANDE --help"""


class Command(Protocol):
    """What a command's module offers."""

    DESCRIPTION: str
    EXAMPLES: str
    EXIT_CODES: dict[int, str]

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace, terminal: Terminal) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (contract §1)."""
    prepare_streams()
    try:
        with _ended_cleanly():
            return _run(list(sys.argv[1:] if argv is None else argv))
    except EsmsError as fault:
        write(sys.stderr, f"{fault}\n")
        return fault.exit_code
    except KeyboardInterrupt:
        write(sys.stderr, "Interrompu : ce qui existait est resté tel quel.\n")
        return 130
    except Exception as fault:
        from esms_sdk.cli.failure import report

        return report(fault, debug=os.environ.get("ESMS_DEBUG") == "1")


@contextmanager
def _ended_cleanly() -> Iterator[None]:
    """Let a process that is asked to end remove what it was writing: it may hold personal data."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(words: list[str]) -> int:
    with french():
        if not words:
            write(sys.stderr, whole_parser().format_help() + "\n")
            return 2
        if words[0].startswith("-"):
            whole_parser().parse_args(words)
        command = load(words[0])
        arguments = _parse(command_parser(words[0], command), words[0], words[1:])
    return command.run(arguments, Terminal(quiet=arguments.quiet, json_wanted=arguments.format == "json"))


def _parse(parser: Parser, name: str, words: list[str]) -> argparse.Namespace:
    from esms_sdk.cli.configured import Configured

    if not {"-h", "--help"}.isdisjoint(words):
        return parser.parse_args(words)
    configured = Configured.of(parser, name, Path())
    return configured.complete(parser.parse_args(words))


def whole_parser() -> Parser:
    """Return the parser that ``esms --help`` prints: every command with one line, none imported."""
    parser = Parser(prog="esms", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"esms-sdk {__version__}", help="affiche la version")
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE", required=True)
    for name, summary in COMMANDS.items():
        commands.add_parser(name, help=summary)
    return parser


def command_parser(name: str, command: Command) -> Parser:
    """Return the parser of one command, whose help says what it does, shows it, and names its exit codes."""
    codes = "\n".join(f"  {code}  {meaning}" for code, meaning in command.EXIT_CODES.items())
    epilog = f"exemples :\n{command.EXAMPLES.rstrip()}\n\ncodes de retour :\n{codes}"
    parser = Parser(prog=f"esms {name}", description=command.DESCRIPTION, epilog=epilog)
    command.arguments(parser)
    return parser


def load(name: str) -> Command:
    """Import the module of a command.

    >>> load("doctor").EXIT_CODES[0]
    'rien ne manque à ce qui est obligatoire'
    """
    if name not in COMMANDS:
        from difflib import get_close_matches

        near = get_close_matches(name, COMMANDS, 1)
        hint = f"Vouliez-vous dire « esms {near[0]} » ?" if near else f"Les commandes : {', '.join(COMMANDS)}."
        raise UsageError("ESMS-E102", f"commande inconnue : {name}", hint=hint)
    # «import» is a word of Python: its module has one underscore more.
    module = "import_" if name == "import" else name
    return cast(Command, import_module(f"esms_sdk.cli.{module}"))

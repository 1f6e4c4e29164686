"""argparse in French: its own sentences go through ``gettext``, and this is their catalogue."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from esms_sdk.errors import UsageError

CATALOGUE = {
    "usage: ": "usage : ",
    "positional arguments": "arguments",
    "options": "options",
    "subcommands": "commandes",
    "%(heading)s:": "%(heading)s :",
    "show this help message and exit": "affiche cette aide",
    "show program's version number and exit": "affiche la version",
    " (default: %(default)s)": " (par défaut : %(default)s)",
    "%(prog)s: error: %(message)s\n": "%(prog)s : erreur : %(message)s\n",
    "%(prog)s: warning: %(message)s\n": "%(prog)s : attention : %(message)s\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "argument '%(argument_name)s' is deprecated": "l'argument %(argument_name)s est obsolète",
    "command '%(parser_name)s' is deprecated": "la commande %(parser_name)s est obsolète",
    "option '%(option)s' is deprecated": "l'option %(option)s est obsolète",
    "the following arguments are required: %s": "il manque : %s",
    "unrecognized arguments: %s": "arguments inconnus : %s",
    "expected one argument": "une valeur est attendue",
    "expected at most one argument": "une valeur au plus est attendue",
    "expected at least one argument": "au moins une valeur est attendue",
    "expected %s argument": "%s valeur est attendue",
    "expected %s arguments": "%s valeurs sont attendues",
    "ignored explicit argument %r": "cette option ne prend pas de valeur (reçu : %r)",
    "unexpected option string: %s": "option inattendue : %s",
    "ambiguous option: %(option)s could match %(matches)s": "option ambiguë : %(option)s peut être %(matches)s",
    "not allowed with argument %s": "ne va pas avec %s",
    "one of the arguments %s is required": "il faut l'un de %s",
    "invalid choice: %(value)r (choose from %(choices)s)": "valeur inconnue : %(value)r (au choix : %(choices)s)",
    "invalid %(type)s value: %(value)r": "valeur illisible : %(value)r",
    "unknown parser %(parser_name)r (choices: %(choices)s)": "inconnu : %(parser_name)r (au choix : %(choices)s)",
    "can't open '%(filename)s': %(error)s": "impossible d'ouvrir « %(filename)s » : %(error)s",
}


def _translate(message: str) -> str:
    return CATALOGUE.get(message, message)


def _translate_plural(singular: str, plural: str, count: int) -> str:
    return _translate(singular if count < 2 else plural)


@contextmanager
def french() -> Iterator[None]:
    """Make argparse speak French inside the block, and leave it as it was for whoever else uses it."""
    before = {name: getattr(argparse, name) for name in ("_", "ngettext")}
    vars(argparse).update({"_": _translate, "ngettext": _translate_plural})
    try:
        yield
    finally:
        vars(argparse).update(before)


class Flag(argparse.Action):
    """A flag that a configuration file may set and the command line may take back (``--no-…``, not shown)."""

    def __init__(self, option_strings: list[str], dest: str, help: str | None = None) -> None:
        self.shown = option_strings[0]
        self.negative = self.shown.replace("--no-", "--", 1) if "--no-" in self.shown else f"--no-{self.shown[2:]}"
        super().__init__([*option_strings, self.negative], dest, nargs=0, default=False, help=help)

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: str | None = None
    ) -> None:
        setattr(namespace, self.dest, option != self.negative)

    def format_usage(self) -> str:
        return self.shown


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help as it was written, without the negative of a flag."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        return action.shown if isinstance(action, Flag) else super()._format_action_invocation(action)


class Parser(argparse.ArgumentParser):
    """A parser that raises a :class:`UsageError` instead of ending the process."""

    def __init__(self, **settings: object) -> None:
        super().__init__(allow_abbrev=False, formatter_class=Formatter, **settings)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        raise UsageError("ESMS-E101", message, hint=f"L'aide : {self.prog} --help")

"""A command of several actions: each is a module of its own, ``<command>_<action>``, imported when it is used."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from esms_sdk.cli.terminal import Terminal


class Action(Protocol):
    """What the module of an action offers."""

    HELP: str
    DESCRIPTION: str

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace, terminal: Terminal) -> int: ...


def add_actions(parser: argparse.ArgumentParser, command: str, names: Sequence[str]) -> None:
    """Declare the command line of each action."""
    actions = parser.add_subparsers(title="commandes", metavar="ACTION", dest="action", required=True)
    for name in names:
        action = _action(command, name)
        action.arguments(actions.add_parser(name, help=action.HELP, description=action.DESCRIPTION))


def run_action(arguments: argparse.Namespace, terminal: Terminal, command: str) -> int:
    """Do what the action says."""
    return _action(command, arguments.action).run(arguments, terminal)


def _action(command: str, name: str) -> Action:
    return cast(Action, import_module(f"esms_sdk.cli.{command}_{name}"))

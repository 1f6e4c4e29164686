"""The options that a configuration file sets for a command; the command line wins."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from esms_sdk.cli.french import Flag
from esms_sdk.config import Configuration, read_configuration
from esms_sdk.errors import UsageError


class Configured:
    """The values of one command's section, checked like those of a command line."""

    def __init__(self, configuration: Configuration, values: dict[str, object]) -> None:
        self.configuration = configuration
        self.values = values

    @classmethod
    def of(cls, parser: argparse.ArgumentParser, name: str, folder: Path) -> Configured:
        """Read the section ``name`` of the configuration in ``folder``, and free ``parser`` of what it gives."""
        from esms_sdk.cli.program import COMMANDS

        configuration = read_configuration(folder, tuple(COMMANDS))
        options: dict[str, list[argparse.Action]] = {}
        for key, action in _options(parser):  # several actions of one command may share an option
            options.setdefault(key, []).append(action)
        values = {}
        for key, given in configuration.section(name).items():
            if key not in options:
                raise _unknown(configuration, name, key, options)
            for action in options[key]:
                values[action.dest] = _value(configuration, name, key, action, given)
                action.required = False
                action.default = argparse.SUPPRESS
        return cls(configuration, values)

    def complete(self, arguments: argparse.Namespace) -> argparse.Namespace:
        """Return the arguments with the configured values where the command line is silent."""
        for dest, value in self.values.items():
            if not hasattr(arguments, dest):
                setattr(arguments, dest, value)
        arguments.configuration = self.configuration
        return arguments


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from _options(child)
        elif action.option_strings and action.dest != "help":
            yield action.option_strings[0].removeprefix("--"), action


def _unknown(configuration: Configuration, name: str, key: str, options: Iterable[str]) -> UsageError:
    near = get_close_matches(key, options, 3, 0.5)
    hint = f"Vouliez-vous dire : {', '.join(near)} ?" if near else f"Les clés : {', '.join(sorted(options))}."
    return UsageError("ESMS-E152", f"{configuration.place(name)} : clé inconnue « {key} »", hint=hint)


def _value(configuration: Configuration, name: str, key: str, action: argparse.Action, given: object) -> object:
    place = f"{configuration.place(name)}, clé « {key} »"
    if isinstance(action, Flag):
        if not isinstance(given, bool):
            raise UsageError("ESMS-E153", f"{place} : true ou false est attendu")
        return given
    several = action.nargs == "+" or isinstance(action, argparse._AppendAction)
    if several != isinstance(given, list):
        raise UsageError("ESMS-E153", f"{place} : {'une liste' if several else 'une seule valeur'} est attendue")
    items = [_one(place, action, item) for item in given] if isinstance(given, list) else [_one(place, action, given)]
    return items if several else items[0]


def _one(place: str, action: argparse.Action, given: object) -> object:
    if isinstance(given, (bool, dict, list)):
        raise UsageError("ESMS-E153", f"{place} : un texte est attendu")
    word = str(given)
    if action.choices is not None and word not in action.choices:
        raise UsageError("ESMS-E153", f"{place} : « {word} » (au choix : {', '.join(action.choices)})")
    try:
        return action.type(word) if callable(action.type) else word
    except (argparse.ArgumentTypeError, ValueError) as fault:
        raise UsageError("ESMS-E153", f"{place} : {fault}") from None

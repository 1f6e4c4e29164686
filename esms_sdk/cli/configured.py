"""The options that a configuration file sets for a command; the command line wins."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from esms_sdk.cli.french import Flag
from esms_sdk.config import Configuration, read_configuration
from esms_sdk.errors import UsageError

_Values = dict[str, object]


class Configured:
    """The values of one command's section, checked like those of a command line."""

    def __init__(self, configuration: Configuration, values: _Values, by_action: Mapping[str, _Values]) -> None:
        self.configuration = configuration
        self.values = values
        self.by_action = by_action

    @classmethod
    def of(cls, parser: argparse.ArgumentParser, name: str, folder: Path) -> Configured:
        """Read the section ``name`` of the configuration in ``folder``, and free ``parser`` of what it gives.

        What ``[va]`` gives is for every action that has the option, what ``[va.build]`` gives for that one alone.
        """
        from esms_sdk.cli.program import COMMANDS

        configuration = read_configuration(folder, tuple(COMMANDS))
        children, section = _children(parser), configuration.section(name)
        apart = {key: given for key, given in section.items() if key in children and isinstance(given, dict)}
        shared = {key: given for key, given in section.items() if key not in apart}
        by_action = {key: _values(configuration, f"{name}.{key}", children[key], apart[key]) for key in apart}
        return cls(configuration, _values(configuration, name, parser, shared), by_action)

    def complete(self, arguments: argparse.Namespace) -> argparse.Namespace:
        """Return the arguments with the configured values where the command line is silent."""
        own = self.by_action.get(getattr(arguments, "action", ""), {})
        for dest, value in {**self.values, **own}.items():
            if not hasattr(arguments, dest):
                setattr(arguments, dest, value)
        arguments.configuration = self.configuration
        return arguments


def _values(
    configuration: Configuration, section: str, parser: argparse.ArgumentParser, told: Mapping[str, object]
) -> _Values:
    """Return what a section gives by name of argument, its options no longer asked for."""
    options: dict[str, list[argparse.Action]] = {}
    for key, action in _options(parser):  # several actions of one command may share an option
        options.setdefault(key, []).append(action)
    values = {}
    for key, given in told.items():
        if key not in options:
            raise _unknown(configuration, section, key, options)
        for action in options[key]:
            values[action.dest] = _value(configuration, section, key, action, given)
            action.required = False
            action.default = argparse.SUPPRESS
    return values


def _children(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found[0]) if found else {}


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    for child in _children(parser).values():
        yield from _options(child)
    for action in parser._actions:
        if action.option_strings and action.dest != "help":
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

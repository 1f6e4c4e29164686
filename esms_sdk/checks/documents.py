"""The door of the documents: what a file is, told by its content, and who judges it.

A kind of document (``objet`` of a requirement) has one *judge*, in a module of ``MODULES``, registered with
:func:`judge` and what recognises its files.  Given a :class:`Piece` it returns an :class:`Examination`: which
requirements the file let it judge and on how many things, what it found, and what it could not decide.  It raises
:class:`Unreadable` for a file that is damaged, and reads neither the clock nor the network.  The run does the rest:
it keeps what the profile owes, writes the findings with the file's name, and sums up the file.

The rules of a judge are independent functions, run by :func:`apply`: one that fails by our own fault leaves its
requirement undecided and the others judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from esms_sdk.documents.pack import Pack
from esms_sdk.documents.terminology import Terminology

# The modules that register a judge, in the order in which they are asked whether a file is theirs.
MODULES = ("fhir_patient", "xdm", "cda", "mss_courriel", "datamatrix")
HEAD = 65_536


class Unreadable(Exception):
    """A file that is of its kind and cannot be read; the message is French and holds no value."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to judge; one of a lot has the name that reports give it, and the FINESS of its row."""

    objet: str
    chemin: Path
    nom: str = ""
    finess_et: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a judge may know beside the file: the mode, the parameters of the profile, the tables of codes asked for
    (ours where None), the official pack where one is given.
    """

    mode: str
    parametres: Mapping[str, Any] = field(default_factory=dict)
    terminology: Terminology | None = None
    pack: Pack | None = None


class Remark(NamedTuple):
    """One thing at fault in a document; ``xpath`` is an XPath or a JSON path, ``precision`` holds no personal datum."""

    exigence: str
    code: str
    xpath: str | None = None
    precision: str | None = None
    ligne: int | None = None
    cle: str | None = None


@dataclass(slots=True)
class Examination:
    """What one file shows.

    ``judged`` counts the things judged by requirement (a requirement of its kind that is not there has nothing to
    judge in this file), ``undecided`` says in French why a requirement could not be; ``day`` is the day of the
    document, where it bears one.  ``parts`` are the files within it, each with its name, kind and what it shows: all of
    that is in the whole too.
    """

    judged: Counter[str] = field(default_factory=Counter)
    found: list[Remark] = field(default_factory=list)
    undecided: dict[str, str] = field(default_factory=dict)
    day: date | None = None
    parts: list[tuple[str, str, Examination]] = field(default_factory=list)


Judge = Callable[[Piece, Setting], Examination]
Recognise = Callable[[Path, bytes], bool]


class _Registered(NamedTuple):
    recognise: Recognise
    judge: Judge


JUDGES: dict[str, _Registered] = {}
Thing = TypeVar("Thing")
# The faults of one thing as (code, path, precision); None where the rule has nothing to say of it.
Faults = Iterable[tuple[str, str, str | None]] | None
Rule = Callable[[Thing, Setting], Faults]


def judge(objet: str, *, recognises: Recognise) -> Callable[[Judge], Judge]:
    """Register the judge of a kind; ``recognises`` looks at a file's path and first ``HEAD`` bytes."""

    def register(function: Judge) -> Judge:
        assert objet not in JUDGES, f"{objet} has two judges"
        JUDGES[objet] = _Registered(recognises, function)
        return function

    return register


def load_judges() -> Mapping[str, _Registered]:
    """Return every judge by kind, in the order of recognition."""
    for name in MODULES:
        import_module(f"esms_sdk.checks.{name}")
    return JUDGES


def recognised(path: Path) -> Piece | None:
    """Return the file as a piece of the kind that its content shows, None where it is of no kind known here."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for objet, registered in load_judges().items():
        if registered.recognise(path, head):
            return Piece(objet, path)
    return None


def apply(rules: Mapping[str, Rule[Thing]], thing: Thing, setting: Setting, into: Examination) -> None:
    """Run every rule over one thing of a document."""
    for exigence, rule in rules.items():
        try:
            faults = rule(thing, setting)
            found = None if faults is None else [Remark(exigence, *fault) for fault in faults]
        except Undecided as reason:
            into.undecided[exigence] = str(reason)
        except Exception as error:
            into.undecided[exigence] = f"erreur interne du SDK dans ce contrôle ({type(error).__name__})"
        else:
            if found is not None:
                into.judged[exigence] += 1
                into.found += found


class Undecided(Exception):
    """Raised by a rule that lacks what it needs (an engine); the message says it in French."""

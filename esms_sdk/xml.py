"""The one door to XML that comes from elsewhere; that to zip archives is :mod:`esms_sdk.archive`.

What is refused is refused before it can cost anything: a DTD (hence every entity, expanded or fetched), the network, a
file beyond a size, an element nested beyond a depth.  Nothing is repaired: a document is read whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, cast
from xml.parsers import expat

from lxml import etree

from esms_sdk.archive import LIMITS as LIMITS
from esms_sdk.archive import Limits as Limits
from esms_sdk.errors import SourceError

Element: TypeAlias = Any
"""An element of lxml, which has no types of its own."""

_CHUNK = 1 << 16


class UnreadableXml(SourceError):
    """A document that is not well-formed XML, or that is not read because it could do harm."""


class _Stop(Exception):
    """Ends the look at the prolog."""


def parse(content: bytes, name: str, limits: Limits = LIMITS) -> Element:
    """Return the root element of a document; ``name`` is how errors name it.

    Comments and processing instructions are left out.  Raises :class:`UnreadableXml`.

    >>> parse(b"<a><!-- x --><b/></a>", "a.xml")[0].tag
    'b'
    """
    if len(content) > limits.size:
        raise UnreadableXml("ESMS-E342", f"{name} : document de plus de {limits.size >> 20} Mio, non lu")
    _refuse_doctype(content, name)
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        raise _malformed(name, error.lineno) from None
    if root.getroottree().docinfo.doctype:
        raise _with_doctype(name)
    if _deeper_than(limits.depth)(root):
        raise UnreadableXml("ESMS-E342", f"{name} : plus de {limits.depth} éléments imbriqués, non lu")
    return root


@cache
def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, dtd_validation=False, attribute_defaults=False, no_network=True,
        recover=False, remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True,
    )  # fmt: skip


@cache
def _deeper_than(depth: int) -> Callable[[Element], Any]:
    return xpath("boolean(" + "/*" * (depth + 1) + ")", {})


def xpath(expression: str, namespaces: Mapping[str, str]) -> Callable[[Element], Any]:
    """Return an XPath 1.0 expression compiled once; elements come as plain lists, texts without their place.

    Raises ValueError for one that is no XPath: the expressions are ours, never a document's.
    """
    try:
        return cast(
            Callable[[Element], Any],
            etree.XPath(expression, namespaces=dict(namespaces), smart_strings=False, regexp=False),
        )
    except etree.XPathSyntaxError as error:
        raise ValueError(f"{expression}: {error}") from None


def path(element: Element, root: Element) -> str:
    """Return the path of an element below ``root``: names in braces, ``[n]`` where siblings bear the same; ``.``."""
    return str(etree.ElementTree(root).getelementpath(element))


def text(element: Element) -> str:
    """Return an element as XML, without what follows it."""
    return str(etree.tostring(element, encoding="unicode", with_tail=False))


def schema(path: Path) -> Callable[[Element], list[tuple[int, str]]]:
    """Return an XML schema: given an element, the line and the name of each element that is against it.

    Raises ValueError for one that cannot be read.  The messages of libxml2 quote values: they are left out.
    """
    try:
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
        compiled = etree.XMLSchema(etree.parse(str(path), parser))
    except (etree.LxmlError, OSError):
        raise ValueError(f"{path.name}: no readable XML schema") from None

    def faults(element: Element) -> list[tuple[int, str]]:
        root = etree.ElementTree(element)
        if compiled.validate(root):
            return []
        return [(one.line, _named(one.message)) for one in compiled.error_log]

    return faults


def _named(message: str) -> str:
    found = re.match(r"Element '(?:\{[^}]*\})?([\w.-]+)'(?:, attribute '([\w.:{}-]+)')?", message)
    return "" if not found else "/@".join(part for part in found.groups() if part)


def _refuse_doctype(content: bytes, name: str) -> None:
    """Look at the prolog alone, with a parser that has read no declaration yet when it meets a DOCTYPE."""
    looking = expat.ParserCreate()
    found = False

    def doctype(*_: object) -> None:
        nonlocal found
        found = True
        raise _Stop

    def element(*_: object) -> None:
        raise _Stop

    looking.StartDoctypeDeclHandler = doctype
    looking.StartElementHandler = element
    try:
        for start in range(0, len(content), _CHUNK):
            looking.Parse(content[start : start + _CHUNK], False)
        looking.Parse(b"", True)
    except _Stop:
        if found:
            raise _with_doctype(name) from None
    except (expat.ExpatError, LookupError, ValueError):
        raise _malformed(name, looking.CurrentLineNumber) from None


def _with_doctype(name: str) -> UnreadableXml:
    return UnreadableXml("ESMS-E341", f"{name} : déclaration DOCTYPE refusée (DTD et entités ne sont jamais lues)",
                         hint="Produire le document sans DOCTYPE ; les formats de santé n'en ont pas.")  # fmt: skip


def _malformed(name: str, line: int) -> UnreadableXml:
    return UnreadableXml("ESMS-E340", f"{name} : XML mal formé ou tronqué, ligne {line}",
                         hint="Vérifier que le fichier est entier, puis le refaire à la source.")  # fmt: skip

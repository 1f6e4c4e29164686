"""Pages that stand alone: one file; no script, no font and no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from esms_sdk import __version__
from esms_sdk.export.french import jour, nombre, pourcent, typo

_TEMPLATES = Path(__file__).parent / "templates"


class FrenchSpaces(Extension):
    """Make the spaces of the templates' own text unbreakable where French asks for it."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            yield Token(token.lineno, token.type, typo(token.value)) if token.type == "data" else token


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([folder, _TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[FrenchSpaces],
    )
    environment.filters.update(typo=typo, nombre=nombre, pourcent=pourcent, jour=jour)
    return environment


def style(name: str, folder: Path = _TEMPLATES) -> Markup:
    """Return one of our style sheets or scripts, to be put into the page as it is."""
    return Markup((folder / name).read_text(encoding="utf-8"))


def write_page(path: Path, template: str, values: Mapping[str, Any], folder: Path = _TEMPLATES) -> Path:
    """Write the page ``template`` of ``folder`` filled with ``values`` into ``path`` and return it, piece by piece."""
    page = _environment(folder).get_template(template)
    pieces = page.generate(values, sdk=__version__, page_css=style("page.css"))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)
    return path

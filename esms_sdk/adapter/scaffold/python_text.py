"""The distribution of an adapter written in Python: its class reads the invented export of the model."""

from __future__ import annotations

from collections.abc import Iterator
from string import Template

from esms_sdk import content
from esms_sdk.adapter.scaffold.names import FOLDER
from esms_sdk.adapter.scaffold.proposed import Proposal

_README = """\
# $TITRE

Un adaptateur écrit en Python, pour ce qu'`adapter.toml` ne sait pas lire : une distribution ordinaire.

| fichier | contient |
|---|---|
| `pyproject.toml` | l'entrée `esms_sdk.adapters`, qui dit où est la classe |
| `$NOM.py` | la classe : `lot`, les clés du manifeste, et une méthode, `tables`, à récrire pour votre source |
| `test_$NOM.py` | les vérifications du kit, en une ligne |
| `sample/`, `expected/` | un export **inventé**, et ce qui doit en sortir ; jamais de vraies données |

```sh
esms adapter check .            # les vérifications du kit, et ce que l'adaptateur ne fournit pas
esms adapter check . --update   # après un changement voulu : refait expected/, et dit ce qui a changé
python -m pytest                # les mêmes, une par test
```

`tables` rend des paires : le nom d'une table du lot et ses lignes (un dictionnaire de listes, ou une table Arrow).
Les règles du lot, les rejets et le compte rendu sont ceux de tous les adaptateurs. Ce que la source ne donne pas
est dit dans `non_fourni`.
"""


def files(proposal: Proposal, name: str, title: str) -> dict[str, str]:
    """Return the project, the module and the page."""
    model = content.folder("adapters") / FOLDER / "python"
    words = {
        "NOM": name,
        "PROJET": name.replace("_", "-"),
        "TITRE": title.replace('"', "").replace("\\", ""),
        "TABLES": "".join(_tables(proposal)),
        "CODES": "".join(_codes(proposal)),
        "DATES": "".join(_dates(proposal)),
    }
    texts = {
        "pyproject.toml": (model / "pyproject.txt").read_text(encoding="utf-8"),
        f"{name}.py": (model / "module.txt").read_text(encoding="utf-8"),
        "README.md": _README,
    }
    return {path: Template(text).safe_substitute(words) for path, text in texts.items()}


def _tables(proposal: Proposal) -> Iterator[str]:
    for place in proposal.places:
        blocks = [block for block in proposal.active if block.place is place]
        if blocks:
            yield f'    "{place.file}": {{\n'
            for block in blocks:
                yield f'        "{block.table.name}": {{\n'
                yield from (f'            "{one.column.name}": "{one.colonne}",\n' for one in block.rules)
                yield "        },\n"
            yield "    },\n"


def _codes(proposal: Proposal) -> Iterator[str]:
    for block in proposal.active:
        for rule in block.rules:
            if rule.codes:
                listed = ", ".join(f'"{label}": "{code}"' for label, code in rule.codes.items())
                yield f'    "{block.table.name}.{rule.column.name}": {{{listed}}},\n'


def _dates(proposal: Proposal) -> Iterator[str]:
    for block in proposal.active:
        for rule in block.rules:
            if rule.formats:
                yield f'    "{block.table.name}.{rule.column.name}": "{rule.formats[0]}",\n'

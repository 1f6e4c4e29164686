"""The page that comes with a new adapter: what was proposed, what is left to do, how to check it."""

from __future__ import annotations

from collections.abc import Iterator

from esms_sdk.adapter.scaffold.proposed import Proposal
from esms_sdk.adapter.scaffold.sample_files import plain_name
from esms_sdk.lot.schema import load

_CHECK = """\
## Vérifier

```sh
esms adapter check .            # les vérifications du kit, et ce que l'adaptateur ne fournit pas
esms adapter check . --update   # après un changement voulu : refait expected/, et dit ce qui a changé
python -m pytest                # les mêmes, une par test
```

`.github/workflows/adaptateur.yml` et `.gitlab-ci.yml` le font à chaque changement : garder celui qui sert.
Puis, sur un vrai export, `esms import EXPORT --adapter . --out lot` ; lire d'abord
`lot/rejets/libelles_inconnus.csv`."""


def text(title: str, proposal: Proposal, *, of_sample: bool) -> str:
    """Return the page of an adapter that reads files."""
    parts = [f"# {title}", _sample(of_sample)]
    if of_sample:
        parts += ["## À faire", *todo(proposal)]
    parts += ["## D'où vient chaque table", "\n".join(_tables(proposal)), _CHECK]
    return "\n\n".join(parts) + "\n"


def _sample(of_sample: bool) -> str:
    said = "`adapter.toml` dit d'où vient chaque colonne du lot. `sample/` est un export **inventé**"
    if not of_sample:
        return (
            f"{said}, celui d'un éditeur qui n'existe pas, à remplacer par un export inventé de votre logiciel ;\n"
            "`expected/` est ce qui doit en sortir."
        )
    return (
        f"{said}, de la forme du vôtre : mêmes fichiers, mêmes colonnes, mêmes formats de dates, et les libellés\n"
        "des colonnes de codes. Aucune autre valeur de votre fichier n'y est : ni nom, ni numéro, ni date.\n"
        "`expected/` est ce qui doit en sortir. N'y mettre jamais de vraies données."
    )


def todo(proposal: Proposal) -> Iterator[str]:
    """Yield what is left to a person, as paragraphs of the page."""
    yield "1. **Le manifeste** : dans `[lot]`, les lignes «à remplir»."
    yield "2. **Confirmer** chaque ligne «à confirmer» d'`adapter.toml`, puis ôter la mention." + _listed(
        list(_doubts(proposal))
    )
    codes = [
        f"`{block.table.name}.{rule.column.name}`, colonne «{rule.colonne}» : "
        f"{', '.join(f'«{label}»' for label in rule.labels)} → {', '.join(rule.column.values) or 'true, false'}"
        for block, rule in proposal.open_rules
    ]
    if codes:
        yield (
            "3. **Remplir les codes**, ôter les «#», retirer de `non_fourni` la table remplie, puis "
            "`esms adapter check . --update` :" + _listed(codes)
        )
    left = [f"`{block.table.name}` : {' ; '.join(block.lacking)}" for block in proposal.blocks if not block.active]
    left += [f"`{name}` : {why}" for name, why in proposal.absent.items()]
    if left:
        yield (
            "4. **Tables laissées de côté**, donc non fournies : ce qui les lit sera dit indéterminé, jamais zéro. "
            "Quand elles sont remplies, ôter les «#» et les retirer de `non_fourni`." + _listed(left)
        )
    every = ((place, proposal.unused(place)) for place in proposal.places)
    unused = [f"{place.title} : {', '.join(names)}" for place, names in every if names]
    if unused:
        yield (
            "5. **Colonnes que rien ne lit** (ce n'est pas une faute). Elles portent dans `sample/` des valeurs "
            "quelconques : si vous en reliez une, y écrire de quoi être lue (un libellé de `codes`, le numéro d'une "
            "autre ligne), puis `esms adapter check . --update`." + _listed(unused)
        )


def _doubts(proposal: Proposal) -> Iterator[str]:
    for block in proposal.blocks:
        for rule in block.rules:
            for note in rule.notes:
                source = f" («{rule.colonne}»)" if rule.colonne else ""
                yield f"`{block.table.name}.{rule.column.name}`{source} : {note}"


def _listed(items: list[str]) -> str:
    return "".join(f"\n   - {item}" for item in items)


def _tables(proposal: Proposal) -> Iterator[str]:
    yield "| table | vient de | colonnes |"
    yield "|---|---|---|"
    for block in proposal.active:
        file = plain_name(block.place.format, block.place.file)
        columns = ", ".join(f"`{rule.column.name}`" for rule in block.rules if not rule.labels)
        yield f"| `{block.table.name}` | `{file}`{_part(block.place.title)} | {columns} |"
    active = {block.table.name for block in proposal.active}
    missing = [name for name in load().tables if name not in active]
    if missing:
        yield f"| non fournies | | {', '.join(f'`{name}`' for name in missing)} |"


def _part(title: str) -> str:
    return f", {title.partition('#')[2]}" if "#" in title else ""

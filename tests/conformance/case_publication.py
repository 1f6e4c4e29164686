"""The published files of the cases: the conforming one of ``cas.toml``, with what a case changes.

``publication = { lignes = [{ indicateur = "taux_dmp", numerateur = 0 }], sauf = ["taux_mssante"], plan = { … } }``:
a line named replaces the cells it names of the conforming line of the same keys, or is one more; ``sauf`` leaves lines
out (``rpps`` all those of professionals), ``sans`` columns; ``plan`` changes how the file is read (its day, its definition).  The lines go through the reader of real files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from esms_sdk.indicators import Options
from esms_sdk.publication import Publication
from esms_sdk.publication.grid import Grid
from esms_sdk.publication.mapping import Plan, folded
from esms_sdk.publication.reading import read_with
from tests.conformance.case_lot import base

DAY = date(2025, 9, 30)
_KEYS = {"indicateurs": ("finess_et", "indicateur", "lecture"), "tableau_de_bord": ("finess_et", "periode", "rpps")}
_NAMED = {"indicateurs": "indicateur", "tableau_de_bord": "periode"}
_OPTIONS = ("definition", "premiere_mesure", "denominateur", "evenements")


def publications(objet: str, case: Mapping[str, Any]) -> dict[str, Publication]:
    """Return the published file that a case is about, none where its requirement is about none."""
    if objet not in _KEYS:
        return {}
    change = case.get("publication", {})
    told: dict[str, Any] = {"logiciel": "DUI inventé", "version_logiciel": "1.0", **change.get("plan", {})}
    options = Options(**{key: told.pop(key) for key in _OPTIONS if key in told})
    codes = {axis: {folded(label): code for label, code in of.items()} for axis, of in told.pop("codes", {}).items()}
    lines = _lines(objet, change)
    colonnes = tuple(dict.fromkeys(name for line in lines for name in line))
    plan = Plan(objet, told.pop("jour", DAY), {name: name for name in colonnes}, options=options, codes=codes, **told)
    rows = tuple((rank, tuple(_cell(line.get(name)) for name in colonnes)) for rank, line in enumerate(lines, 2))
    read = read_with(plan, Grid("publie.csv", colonnes, rows))
    return {objet: replace(read, empreinte_lot=change.get("empreinte_lot"))}


def _lines(objet: str, change: Mapping[str, Any]) -> list[dict[str, Any]]:
    left_out = change.get("sauf", [])
    lines = [
        {name: value for name, value in one.items() if name not in change.get("sans", [])}
        for one in base()["publication"][objet]
        if one[_NAMED[objet]] not in left_out and not ("rpps" in left_out and "rpps" in one)
    ]
    known = {_key(objet, one): one for one in lines}
    for one in change.get("lignes", []):
        first = dict(next((line for line in base()["publication"][objet] if line[_NAMED[objet]] in one.values()), {}))
        made = {**first, **one}
        if one.get("encore") or _key(objet, made) not in known:
            lines.append({name: value for name, value in made.items() if name != "encore"})
        else:
            known[_key(objet, made)].update(one)
    return lines


def _key(objet: str, line: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(line.get(name) or None for name in _KEYS[objet])


def _cell(value: Any) -> Any:
    return None if value == "" else value

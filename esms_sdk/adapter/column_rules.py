"""How one canonical column is filled: its rule in ``adapter.toml``, read and held to the schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from esms_sdk.adapter import dates
from esms_sdk.adapter.mapping import COLUMN_KEYS, ColumnRule
from esms_sdk.adapter.toml_values import Section, plain
from esms_sdk.lot.manifest import parse_date, parse_timestamp
from esms_sdk.lot.schema import Column

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_HOOK = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_SHAPES = {"date": "une date AAAA-MM-JJ", "timestamp": "une date et heure AAAA-MM-JJTHH:MM:SS", "integer": "un entier"}


def read(block: Section, column: Column) -> ColumnRule:
    """Return the rule of a column in the section ``colonnes`` of a block; what is wrong is noted in the section."""
    spec = block.raw[column.name]
    if isinstance(spec, str):
        if not spec.strip():
            block.fault(column.name, "un nom de colonne attendu")
        return ColumnRule(column, colonne=spec)
    section = block.section(column.name)
    section.known(COLUMN_KEYS)
    if isinstance(spec, dict) and sum(key in section for key in ("colonne", "sql", "valeur")) != 1:
        section.fault("", "exactement un de «colonne», «sql», «valeur» attendu")
    zone = section.raw.get("fuseau")
    rule = ColumnRule(
        column=column,
        colonne=section.text("colonne"),
        sql=section.text("sql"),
        valeur=_canonical(section, "valeur", column),
        codes=_codes(section, column) if "codes" in section else None,
        formats=_formats(section, column),
        fuseau=None if isinstance(zone, dict) else section.text("fuseau"),
        fuseau_sql=_zone_of_each_row(section) if isinstance(zone, dict) else None,
        fuseau_source=section.text("fuseau_source"),
        defaut=_canonical(section, "defaut", column),
        casse=section.one_of("casse", ("majuscules", "minuscules")),
        espaces=section.value("espaces", bool, False),
        nuls=section.texts("nuls"),
        python=section.text("python"),
        par=section.one_of("par", ("valeur", "lot"), "valeur") or "valeur",
    )
    _check_together(section, rule)
    return rule


def with_real_dates(rule: ColumnRule) -> ColumnRule:
    """Return the rule over a source whose dates are dates: in ISO 8601, beside texts in the rule's formats."""
    if rule.column.kind not in ("date", "timestamp") or rule.valeur is not None:
        return rule
    printed = dates.PRINTED if rule.sql and not rule.formats else ()
    formats = (*(rule.formats or dates.ISO[rule.column.kind]), *printed, *dates.ISO["timestamp"], *dates.ISO["date"])
    return replace(rule, formats=tuple(dict.fromkeys(formats)))


def _check_together(section: Section, rule: ColumnRule) -> None:
    """Note the keys that do nothing without another one."""
    if (rule.fuseau or rule.fuseau_sql) and not rule.fuseau_source and not any("%z" in one for one in rule.formats):
        section.fault("fuseau", "ne vaut qu'avec un format qui a %z, ou avec fuseau_source")
    if rule.fuseau_source and rule.column.kind not in ("date", "timestamp"):
        section.fault("fuseau_source", "ne vaut que pour une date")
    if rule.python and not _HOOK.fullmatch(rule.python):
        section.fault("python", "«module:fonction» attendu")
    if "par" in section and "python" not in section:
        section.fault("par", "ne vaut qu'avec «python»")
    if rule.valeur is not None:
        for key in section.raw:
            if key in COLUMN_KEYS and key != "valeur":
                section.fault(key, "ne vaut pas avec «valeur»")


def _zone_of_each_row(section: Section) -> str | None:
    zone = section.section("fuseau")
    zone.known(("sql",))
    if "sql" not in zone:
        zone.fault("sql", "expression SQL attendue")
    return zone.text("sql")


def _formats(section: Section, column: Column) -> tuple[str, ...]:
    formats = section.texts("formats")
    of_birth = column.name == "date_naissance"
    if formats and column.kind not in ("date", "timestamp") and not of_birth:
        section.fault("formats", "ne vaut que pour une date")
        return ()
    sound = []
    for one in formats:
        if fault := dates.fault(one, of_birth=of_birth):
            section.fault("formats", f"«{one}» : {fault}")
        else:
            sound.append(one)
    return tuple(sound)


def _canonical(section: Section, key: str, column: Column) -> str | None:
    """Return a constant of the lot, held to the column's kind."""
    if key not in section:
        return None
    text = plain(section.raw[key])
    if text is None:
        section.fault(key, "un texte, un nombre, une date ou true/false attendu")
        return None
    if expected := _expected(column, text):
        section.fault(key, f"{expected} attendu{'e' * expected.startswith('une')}, «{text}» lu")
    return text


def _expected(column: Column, text: str) -> str | None:
    """Return what the column holds where ``text`` is not of it."""
    match column.kind:
        case "boolean":
            sound, expected = text in ("true", "false"), "true ou false"
        case "date":
            sound, expected = parse_date(text) is not None, _SHAPES["date"]
        case "timestamp":
            sound, expected = parse_timestamp(text) is not None, _SHAPES["timestamp"]
        case "integer":
            sound, expected = bool(_INTEGER.fullmatch(text)), _SHAPES["integer"]
        case _:
            sound, expected = bool(text) and (not column.values or text in column.values), "un texte non vide"
            if column.values:
                expected = f"un code du schéma ({', '.join(column.values)})"
    return None if sound else expected


def _codes(section: Section, column: Column) -> Mapping[str, str]:
    """Return label → code, labels as they are compared: lower case, no blanks around."""
    codes: dict[str, str] = {}
    if column.kind in ("date", "timestamp"):
        section.fault("codes", "ne vaut pas pour une date")
    table: Mapping[str, Any] = section.value("codes", dict, {})
    for label, value in table.items():
        code, own = plain(value), label.strip().lower()
        if code is None:
            section.fault(f"codes.{label}", "un code attendu")
        elif not own:
            section.fault("codes", "un libellé vide : pour une cellule vide, employer «defaut»")
        elif expected := _expected(column, code) if column.kind not in ("date", "timestamp") else None:
            section.fault(f"codes.{label}", f"{expected} attendu, «{code}» lu")
        elif codes.setdefault(own, code) != code:
            section.fault(f"codes.{label}", "ce libellé (sans casse ni espaces autour) a déjà un autre code")
    return codes

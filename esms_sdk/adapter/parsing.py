"""``adapter.toml``, read and checked: every fault of the file is said at once, before a row is read."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from esms_sdk.adapter import column_rules
from esms_sdk.adapter.mapping import (
    BLOCK_KEYS,
    FILE,
    REASONS,
    SOURCE_KEYS,
    Adapter,
    Block,
    ColumnRule,
    Fold,
    Join,
    Source,
)
from esms_sdk.adapter.sources.formats import FORMATS
from esms_sdk.adapter.toml_values import Section, plain
from esms_sdk.errors import AdapterError, Fault
from esms_sdk.lot.schema import Schema, Table, load


def parse(text: str, folder: Path) -> Adapter:
    """Return the adapter that the text of an ``adapter.toml`` in ``folder`` describes.

    Raises :class:`AdapterError` with every fault: unknown keys (with the nearest known one), missing columns, codes
    that the schema does not have, formats that read no date, blocks that do not go together.
    """
    file = f"{folder.name}/{FILE}"
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AdapterError("ESMS-E202", f"{file} : TOML mal formé ({error})") from None
    faults: list[Fault] = []
    adapter = _adapter(Section("", raw, file, faults), folder)
    if faults:
        raise AdapterError(
            "ESMS-E203",
            f"adaptateur «{folder.name}» : {len(faults)} défaut{'s' * (len(faults) > 1)}",
            faults=faults,
            hint="Corriger adapter.toml ; le langage est décrit dans docs/reference/adapter.md.",
        )
    return adapter


def _adapter(root: Section, folder: Path) -> Adapter:
    root.known(("adapter", "lot", "source", "table"))
    head, lot = root.section("adapter"), lot_keys(root.section("lot"))
    head.known(("nom", "titre", "version", "fuseau"))
    of_sources, of_tables = root.section("source"), root.section("table")
    sources = {name: _source(of_sources.section(name), name, folder) for name in of_sources.raw}
    lower = [name.lower() for name in sources]
    for name in sources:
        if lower.count(name.lower()) > 1:
            of_sources.fault(name, "deux sources ne peuvent différer par la seule casse de leur nom")
    schema, zone = load(), head.text("fuseau", "Europe/Paris") or "Europe/Paris"
    of_tables.known(schema.tables)
    tables = {name: _blocks(of_tables, schema.tables[name], sources) for name in schema.tables if name in of_tables}
    check_supplied(root, schema, tables, lot)
    if "etablissement" in tables:
        tables["etablissement"] = tuple(_in_zone(block, zone) for block in tables["etablissement"])
    return Adapter(
        folder=folder,
        nom=head.text("nom", folder.name) or folder.name,
        titre=head.text("titre", folder.name) or folder.name,
        version=head.text("version", "0") or "0",
        fuseau=zone,
        lot=lot,
        sources=sources,
        tables=tables,
    )


def _in_zone(block: Block, zone: str) -> Block:
    """Return a block of ``etablissement`` whose ``fuseau`` is the adapter's where the source tells none."""
    column = block.table.columns["fuseau"]
    rule = block.columns.get(column.name)
    if rule is None:
        rule = ColumnRule(column, valeur=zone)
    elif rule.valeur is None and rule.defaut is None:
        rule = replace(rule, defaut=zone)
    return replace(block, columns={**block.columns, column.name: rule})


# -- [lot] -------------------------------------------------------------------------------------------------------


def lot_keys(section: Section) -> dict[str, Any]:
    """Return the manifest's keys: a JSON value, or ``{"sql": …, "formats": […]}``."""
    keys = {name: column for name, column in load().manifest.items() if name != "version_schema"}
    section.known(keys)
    lot: dict[str, Any] = {}
    for name, column in keys.items():
        if name not in section:
            continue
        value = section.raw[name]
        if isinstance(value, dict) and (column.kind != "object" or "sql" in value):
            query = section.section(name)
            query.known(("sql", "formats"))
            if "sql" not in query:
                query.fault("sql", "requête SQL attendue")
            lot[name] = {"sql": query.text("sql"), "formats": query.texts("formats")}
        else:
            lot[name] = _json(value)
    return lot


def _json(value: Any) -> Any:
    """Return a TOML value as JSON holds it: a date is its ISO text."""
    if isinstance(value, dict):
        return {key: _json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_json(one) for one in value]
    return value if isinstance(value, (bool, int, float)) else plain(value)


def check_supplied(root: Section, schema: Schema, tables: Mapping[str, Any], lot: Mapping[str, Any]) -> None:
    """Note required tables that nothing fills, and what is filled and declared not supplied."""
    declared = lot.get("non_fourni")
    missing = declared if isinstance(declared, list) else []
    worked_out = isinstance(declared, dict)
    for table in schema.tables.values():
        if table.required and table.name not in tables and table.name not in missing and not worked_out:
            root.fault(f"table.{table.name}", "table obligatoire : la décrire, ou la déclarer dans lot.non_fourni")
    for entry in missing:
        table_name, _, column = str(entry).partition(".")
        blocks: Sequence[Block] = tables.get(table_name, ())
        if any(not column or column in block.columns for block in blocks):
            root.fault("lot.non_fourni", f"«{entry}» y est déclaré, mais [table.{table_name}] le remplit")


# -- [source.<name>] ---------------------------------------------------------------------------------------------


def _source(section: Section, name: str, folder: Path) -> Source:
    kind = section.one_of("format", tuple(FORMATS), "csv") or "csv"
    own = FORMATS[kind]
    section.known((*SOURCE_KEYS, *own.keys))
    files = section.texts("fichiers")
    options = {key: section.value(key, kind) for key, kind in own.keys.items() if key in section}
    for key, message in own.faults(options, files):
        section.fault(key, message)
    for pattern in files:
        if "/" in pattern or "\\" in pattern or not pattern:
            section.fault("fichiers", f"«{pattern}» : un motif porte sur le nom du fichier seul, sans dossier")
    _check_dialect(section, options)
    return Source(
        name=name,
        format=kind,
        fichiers=files,
        facultatif=section.value("facultatif", bool, False),
        colonnes_facultatives=section.texts("colonnes_facultatives"),
        nuls=section.texts("nuls"),
        prefixe=section.text("prefixe"),
        ecarter=_filters(section),
        options=options,
        folder=folder,
    )


def _check_dialect(section: Section, options: Mapping[str, Any]) -> None:
    mark, encoding, lines = (options.get(key) for key in ("separateur", "encodage", "lignes_avant_entete"))
    if mark is not None and (len(mark) != 1 or mark in '"\n\r \x00\x01'):
        section.fault("separateur", "un seul caractère attendu, ni guillemet ni espace")
    if encoding is not None:
        try:
            if not codecs.lookup(encoding)._is_text_encoding:
                raise LookupError
        except (LookupError, ValueError):
            section.fault("encodage", f"«{encoding}» est inconnu (par exemple utf-8, windows-1252, utf-16, cp850)")
    if lines is not None and lines < 0:
        section.fault("lignes_avant_entete", "un nombre de lignes attendu")


def _filters(section: Section) -> dict[str, str]:
    found = section.pairs("ecarter")
    for reason in found:
        if reason in REASONS:
            section.fault(f"ecarter.{reason}", "ce motif est celui du SDK : donner un autre nom au filtre")
    return found


# -- [table.<name>] ----------------------------------------------------------------------------------------------


def _blocks(tables: Section, table: Table, sources: Mapping[str, Source]) -> tuple[Block, ...]:
    sections = tables.sections(table.name)
    blocks = tuple(_block(section, table, sources) for section in sections)
    if len({len(block.derniere_version) for block in blocks}) > 1:
        tables.fault(table.name, "derniere_version : chaque bloc de la table doit en avoir autant")
    if len({block.repli and (block.repli.par, block.repli.ecart_max) for block in blocks}) > 1:
        tables.fault(table.name, "repli : chaque bloc de la table doit avoir le même (par, ecart_max)")
    if not blocks:
        tables.fault(table.name, "aucun bloc")
    return blocks


def _block(section: Section, table: Table, sources: Mapping[str, Source]) -> Block:
    section.known(BLOCK_KEYS)
    source = section.text("source", "") or ""
    if source not in sources:
        section.fault("source", f"source inconnue «{source}» (sources : {', '.join(sources) or 'aucune'})")
    versions = section.texts("derniere_version")
    if versions and not table.key:
        section.fault("derniere_version", f"ne vaut pas pour «{table.name}», qui n'a pas de clé")
    if "depivot" in section and "eclater" in section:
        section.fault("eclater", "ne vaut pas avec «depivot»")
    columns, joins = _columns(section.section("colonnes"), table), _joins(section, source, sources)
    if any(FORMATS[sources[name].format].dated for name in (source, *(j.source for j in joins)) if name in sources):
        columns = {name: column_rules.with_real_dates(rule) for name, rule in columns.items()}
    return Block(
        table=table,
        source=source,
        columns=columns,
        place=section.path,
        ecarter=_filters(section),
        jointures=joins,
        derniere_version=versions,
        repli=_fold(section.section("repli"), table) if "repli" in section else None,
        depivot=_unpivot(section.section("depivot")) if "depivot" in section else None,
        eclater=_split(section.section("eclater")) if "eclater" in section else None,
    )


def _columns(section: Section, table: Table) -> dict[str, ColumnRule]:
    section.known(table.columns)
    for column in table.columns.values():
        if column.required and column.name not in section:
            section.fault(column.name, "colonne obligatoire du lot : dire d'où elle vient")
    return {name: column_rules.read(section, column) for name, column in table.columns.items() if name in section}


def _joins(section: Section, source: str, sources: Mapping[str, Source]) -> tuple[Join, ...]:
    found: list[Join] = []
    for one in section.sections("jointure"):
        one.known(("source", "sur"))
        other, on = one.text("source", "") or "", one.pairs("sur")
        if other not in sources:
            one.fault("source", f"source inconnue «{other}» (sources : {', '.join(sources) or 'aucune'})")
        if other == source or any(join.source == other for join in found):
            one.fault("source", f"«{other}» est déjà lue ici")
        if not on:
            one.fault("sur", "une table { colonne d'ici = colonne de là } attendue")
        found.append(Join(other, on))
    return tuple(found)


def _fold(section: Section, table: Table) -> Fold:
    section.known(("par", "suite_si", "ecart_max"))
    if table.name != "sejour":
        section.fault("", "le repli ne vaut que pour la table sejour")
    if "suite_si" not in section:
        section.fault("suite_si", "condition SQL attendue : quand la ligne suivante continue le même séjour")
    par = section.texts("par") or ("usager_id", "finess_et")
    for name in par:
        if name not in table.columns:
            section.fault("par", f"«{name}» n'est pas une colonne de {table.name}")
    days = section.value("ecart_max", int)
    if days is not None and days < 0:
        section.fault("ecart_max", "un nombre de jours attendu")
    return Fold(par, section.text("suite_si", "false") or "false", days)


def _unpivot(section: Section) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    section.known(("colonnes", "groupes"))
    names, groups = section.texts("colonnes"), section.raw.get("groupes", [])
    sound = isinstance(groups, list) and all(
        isinstance(group, list) and len(group) == len(names) and all(isinstance(cell, str) for cell in group)
        for group in groups
    )
    if not names or not groups or not sound:
        section.fault("", "«colonnes» et des «groupes» d'autant de colonnes attendus")
        return names, ()
    if len({name.lower() for name in (*names, "rang")}) <= len(names):
        section.fault("colonnes", "des noms différents attendus, «rang» excepté")
    return names, tuple(tuple(group) for group in groups)


def _split(section: Section) -> tuple[str, str]:
    section.known(("colonne", "separateur"))
    separator: str = section.value("separateur", str, "")
    if "colonne" not in section or not separator:
        section.fault("", "«colonne» et «separateur» attendus")
    return section.text("colonne", "") or "", separator

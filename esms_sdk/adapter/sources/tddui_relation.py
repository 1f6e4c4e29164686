"""What both readers of TDDUI give to the engine, and the salt of the keys that stand for a NIR."""

from __future__ import annotations

from collections.abc import Sequence

from esms_sdk import database
from esms_sdk.adapter.mapping import Source
from esms_sdk.adapter.sources import columns, credentials, tddui_links
from esms_sdk.adapter.sources.files import SourceFile
from esms_sdk.adapter.sources.relation import LINE_BITS, Relation
from esms_sdk.adapter.sources.tddui_staging import Staging
from esms_sdk.errors import AdapterError


def salt(source: Source) -> str:
    """Return the secret that ``sel`` refers to, '' where there is none.

    Raises :class:`AdapterError` where the secret stands in adapter.toml itself.
    """
    given = source.option("sel")
    if not given:
        return ""
    if credentials.without_references(given):
        raise AdapterError("ESMS-E223", f"source «{source.name}» : le sel ne s'écrit pas dans adapter.toml",
                           hint="Écrire une référence seule : ${VARIABLE} ou ${trousseau:service/compte}.")  # fmt: skip
    return credentials.resolved(given, f"source «{source.name}»")[0]


def of(
    staging: Staging,
    source: Source,
    files: Sequence[tuple[int, SourceFile]],
    needed: Sequence[str],
    salt: str,
    *,
    stamped: bool,
) -> Relation:
    """Return the relation of all that was staged."""
    staging.close()
    tddui_links.linked(staging.con, staging.prefix, salt, stamped=stamped)
    columns.named(tddui_links.COLUMNS, needed, source.colonnes_facultatives, f"source «{source.name}»")
    names = " ".join(f"when {number} then {database.text(file.name)}" for number, file in files)
    cells = ", ".join(map(database.name, tddui_links.COLUMNS))
    return Relation(
        tddui_links.COLUMNS,
        f"select _r, case _r >> {LINE_BITS} {names} end as _fichier, _r & {(1 << LINE_BITS) - 1} as _ligne, "
        f"false as _irreguliere, '' as _surplus, {cells} from {staging.prefix}_final",
        remarques=f"select * from {staging.prefix}_remarque where _r >= 0",
    )

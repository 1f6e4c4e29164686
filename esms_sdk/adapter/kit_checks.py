"""What must hold of an adapter, a check each, in the order in which they are run."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk.adapter import kit_expected, kit_sample
from esms_sdk.adapter.lot_diff import Difference
from esms_sdk.errors import LotInvalid
from esms_sdk.lot import open_lot
from esms_sdk.lot.manifest import FILE as MANIFEST
from esms_sdk.lot.reader import SEAL

if TYPE_CHECKING:
    from esms_sdk.adapter.kit import Kit

_UPDATE = "Si c'est voulu : esms adapter check DOSSIER --update"

Found = Sequence[str] | None
CHECKS: dict[str, tuple[str, str, Callable[[Kit], Found]]] = {}


def _check(titre: str, remede: str) -> Callable[[Callable[[Kit], Found]], Callable[[Kit], Found]]:
    """Register a check: it gives what does not hold, nothing where all does, None where there is nothing to check."""

    def register(function: Callable[[Kit], Found]) -> Callable[[Kit], Found]:
        CHECKS[function.__name__] = (titre, remede, function)
        return function

    return register


@_check(
    "Chaque table déclarée se charge", "Compléter la correspondance, ou l'échantillon ; voir les rejets ci-dessous."
)
def tables_chargees(kit: Kit) -> list[str]:
    """Every declared table has a row of the sample, or is expected to have none."""
    found = []
    for name in kit.adapter.tables or kit.lot.files:
        if not kit.lot.given(name):
            continue
        count = kit.lot.con.execute(f"select count(*) from {name}").fetchall()[0][0]
        if not count and not kit.expected.empty(name):
            codes = Counter(code for (table, code), n in kit.rejects(("table", "code")).items() if table == name)
            why = f" (rejets : {', '.join(sorted(codes))})" if codes else ""
            found.append(f"table «{name}» : aucune ligne de l'échantillon n'est acceptée{why}")
    return found


@_check("Clés, références, codes et dates du lot tiennent", "C'est un défaut du SDK : le signaler avec ce texte.")
def cles_et_references(kit: Kit) -> list[str]:
    """The lot holds the contract, row by row, as if it had been written by hand."""
    path = kit.work / "juge"
    path.mkdir(exist_ok=True)
    for file in kit.lot.path.rglob("*"):
        if file.is_file():
            target = path / file.relative_to(kit.lot.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    raw = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    del raw["import"][SEAL]
    (path / MANIFEST).write_text(json.dumps(raw), encoding="utf-8")
    try:
        open_lot(path).close()
    except LotInvalid as invalid:
        return [str(fault) for fault in invalid.faults]
    return []


@_check("Chaque rejet est expliqué, et attendu", f"Corriger la correspondance ou l'échantillon. {_UPDATE}")
def rejets_expliques(kit: Kit) -> list[str]:
    """Every reject has its code, its line and its table; the counts are exact; both are those expected."""
    found = []
    for (source, line, code, message), _ in sorted(kit.rejects(("source", "ligne", "code", "message")).items()):
        if not code or not message or not (line or _without_lines(kit, source)):
            found.append(f"{source}, ligne {line or '?'} : rejet sans code, message ou ligne")
    rejected = Counter(source for (source, _), _ in kit.rejects(("source", "ligne")).items())
    sources, expected = kit.lot.manifest.imported["sources"], kit.expected.counts
    if expected is None and kit.expected.tables:
        found.append(f"expected/{kit_expected.COUNTS} manque : les comptes ne sont comparés à rien")
    for name in sorted(expected.keys() ^ sources.keys() if expected else ()):
        found.append(f"{name} : source {'attendue, absente' if name not in sources else 'non attendue'}")
    for name, counts in sources.items():
        if not _without_lines(kit, name) and rejected[name] != counts["rejetees"]:
            found.append(f"{name} : {counts['rejetees']} lignes rejetées, {rejected[name]} expliquées")
        wanted = (expected or {}).get(name)
        if wanted is not None and wanted != counts:
            found.append(f"{name} : {_counted(wanted)} attendues, {_counted(counts)} obtenues")
    return found + _listed(kit, kit_expected.REJECTS, kit_expected.REJECTS_HEADER, "rejet")


def _counted(counts: Mapping[str, Any]) -> str:
    return f"{counts['acceptees']} acceptées, {counts['rejetees']} rejetées, {counts['ignorees']} ignorées"


def _without_lines(kit: Kit, source: str) -> bool:
    """Say whether the rows of a source stand on no line (a query)."""
    return "#" in source or source in {s.name for s in kit.adapter.sources.values() if s.format == "sql"}


def _listed(kit: Kit, name: str, header: Sequence[str], what: str) -> list[str]:
    """Say which lines of a list are not expected, and which are expected and not there."""
    columns, wanted = kit.expected.lines(name) or (tuple(header), Counter())
    _, seen = kit_expected.read_lines(kit.lot.path / "rejets" / name, columns)
    found = [f"{what} non attendu : {_line(columns, line)}" for line in sorted((seen - wanted).elements())]
    return found + [f"{what} attendu, absent : {_line(columns, line)}" for line in sorted((wanted - seen).elements())]


def _line(columns: Sequence[str], line: Sequence[str]) -> str:
    return ", ".join(f"{name} {cell}" for name, cell in zip(columns, line, strict=True) if cell)


@_check("Les codes sont tous connus, ou listés dans expected/libelles_inconnus.csv", f"Compléter «codes». {_UPDATE}")
def codes_connus(kit: Kit) -> list[str]:
    """No label is unknown to the mapping but those that are expected to be."""
    return _listed(kit, kit_expected.LABELS, kit_expected.LABELS_HEADER, "libellé inconnu")


@_check("L'échantillon donne les tables attendues", _UPDATE)
def tables_attendues(kit: Kit) -> list[str]:
    """The tables of the lot and its manifest are those of ``expected``."""
    return list(changes(kit))


def changes(kit: Kit) -> Iterator[str]:
    """Yield what the sample gives that was not expected, table by table."""
    if not kit.expected.tables:
        yield "le dossier «expected» ne dit rien d'aucune table"
        return
    for name, one in kit_expected.differences(kit.lot, kit.expected, kit.work):
        yield f"table «{name}» : {_told(one) if isinstance(one, Difference) else one}"
    wanted = kit.expected.manifest
    if wanted is not None:
        raw = kit.lot.raw_manifest
        keys = sorted({*wanted, *raw} - {"import"})
        if moved := [key for key in keys if wanted.get(key) != raw.get(key)]:
            yield f"{MANIFEST} : {', '.join(moved)}"


def _told(one: Difference) -> str:
    columns = ", ".join(f"{name} ({count})" for name, count in one.colonnes.items())
    keys = ", ".join(one.cles)
    return f"{one}{f' ; colonnes {columns}' if columns else ''} ; clés {keys}…"


@_check("Deux imports donnent les mêmes octets", "Ôter ce qui dépend de l'heure ou du hasard (fonctions python, SQL).")
def memes_octets(kit: Kit) -> list[str]:
    """A second import writes the same files, byte by byte."""
    lot = kit.imported("encore").lot
    assert lot
    once, twice = _bytes(kit.lot.path), _bytes(lot)
    return [
        f"{name} diffère d'un import à l'autre" for name in sorted({*once, *twice}) if once.get(name) != twice.get(name)
    ]


def _bytes(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


@_check("Windows-1252, UTF-8 et BOM donnent le même lot", "Ne pas comparer d'octets dans une expression SQL.")
def encodages(kit: Kit) -> Found:
    """The delimited sources, written in each encoding, give the same lot."""
    found, tried = [], False
    for encoding, named in kit_sample.ENCODINGS.items():
        folder = kit.work / f"echantillon_{encoding}"
        if not kit_sample.encoded(kit.sample, kit.adapter, encoding, folder):
            continue
        tried = True
        if kit.digest_of(f"lot_{encoding}", folder) != kit.lot.digest:
            found.append(f"l'échantillon en {named} donne un autre lot")
    return found if tried else None


@_check("L'ordre des lignes ne change rien", "Ordonner les versions d'une clé (derniere_version), ou en écarter.")
def ordre_des_lignes(kit: Kit) -> Found:
    """The rows of every source in the opposite order give the same lot."""
    turned = kit.digest_of("envers", steps=(kit_sample.TurnedRound(),))
    return [] if turned == kit.lot.digest else ["les lignes des sources à l'envers donnent un autre lot"]

"""``manifeste.json``: who made the lot, when, over what, and what the source cannot give."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from esms_sdk import masking
from esms_sdk.errors import Fault
from esms_sdk.lot import naming
from esms_sdk.lot.schema import DATED_LOGS, Column, load
from esms_sdk.period import Period

FILE = "manifeste.json"
IMPORT = "import"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_FINESS_LIKE = re.compile(r"[0-9A-Z]{9}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a lot, typed.  ``imported`` is its key ``import`` (empty for a lot written by hand)."""

    editeur: str
    logiciel: str
    version_logiciel: str
    reference_segur: str | None
    date_extraction: datetime
    perimetre: tuple[str, ...]
    non_fourni: frozenset[str]
    periode_couverte: Period
    couverture: Mapping[str, Period]
    journal_maj_complet: bool
    historique_statuts_complet: bool
    mode: str
    imported: Mapping[str, Any] = field(default_factory=dict)


def parse_date(value: object) -> date | None:
    """Return an ``AAAA-MM-JJ`` as a date, or None where it is none."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def parse_timestamp(value: object) -> datetime | None:
    """Return an ``AAAA-MM-JJTHH:MM:SS`` as a naive datetime, or None where it is none."""
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def shown_finess(value: str) -> str:
    """Return a FINESS as it may stand in a message; what cannot be one may be a person's number.

    >>> shown_finess("2A0000012"), shown_finess("253077300444770")
    ('2A0000012', '999999999999999')
    """
    return value if _FINESS_LIKE.fullmatch(value) else masking.shape(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and not _SURROGATE.search(value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _expected(column: Column, value: object) -> str | None:
    """Return what was expected where ``value`` is not of the column's kind."""
    if column.is_list:
        return None if isinstance(value, list) and all(map(_is_text, value)) else "une liste de textes non vides"
    match column.kind:
        case "boolean":
            return None if isinstance(value, bool) else "true ou false"
        case "date":
            return None if parse_date(value) else "une date AAAA-MM-JJ"
        case "timestamp":
            return None if parse_timestamp(value) else "une date et heure AAAA-MM-JJTHH:MM:SS"
        case "object":
            return None if isinstance(value, dict) else "un objet"
        case "code":
            return None if value in column.values else "une des valeurs " + ", ".join(column.values)
    return None if _is_text(value) else "un texte"


def _fault(message: str) -> Fault:
    return Fault("MANIFESTE", message, FILE)


def check(raw: object) -> list[Fault]:
    """Return every fault of a manifest's JSON value; what ties it to the tables is not looked at."""
    if not isinstance(raw, dict):
        return [_fault("un objet JSON est attendu")]
    schema = load()
    admitted = [*schema.manifest, IMPORT]
    faults = [
        _fault(f"clé inconnue «{naming.shown(key, admitted)}» (clés admises : {naming.listed(admitted)})")
        for key in raw
        if key not in admitted
    ]
    sound: dict[str, Any] = {}
    for name, column in schema.manifest.items():
        value = raw.get(name)
        if value is None or value == "":
            if not column.null and column.default is None:
                faults.append(_fault(f"clé «{name}» manquante"))
        elif expected := _expected(column, value):
            faults.append(_fault(f"clé «{name}» : on attend {expected}"))
        else:
            sound[name] = value
    faults += _lists(sound) + _dates(sound) + _coverage(sound.get("couverture", {}))
    return faults + _import(raw.get(IMPORT, {}))


def _lists(sound: Mapping[str, Any]) -> list[Fault]:
    schema = load()
    faults: list[Fault] = []
    if sound.get("version_schema", schema.version) != schema.version:
        faults.append(_fault(f"clé «version_schema» : on attend «{schema.version}», la version que lit ce SDK"))
    times = Counter(sound.get("perimetre", []))
    for finess in sorted(f for f in times if times[f] > 1):
        faults.append(_fault(f"perimetre : le FINESS {shown_finess(finess)} y figure plusieurs fois"))
    columns = [f"{table.name}.{column}" for table in schema.tables.values() for column in table.columns]
    admitted = {*schema.tables, *columns}
    for entry in sound.get("non_fourni", []):
        if entry not in admitted:
            named = naming.shown(entry, admitted)
            faults.append(_fault(f"non_fourni : «{named}» n'est ni une table ni une table.colonne du schéma"))
    return faults


def _dates(sound: Mapping[str, Any]) -> list[Fault]:
    start = parse_date(sound.get("periode_couverte_debut"))
    end = parse_date(sound.get("periode_couverte_fin"))
    extraction = parse_timestamp(sound.get("date_extraction"))
    faults: list[Fault] = []
    if start and end and start > end:
        faults.append(_fault("periode_couverte_debut est après periode_couverte_fin"))
    if end and extraction and end > extraction.date():
        faults.append(_fault("periode_couverte_fin est après le jour de date_extraction"))
    return faults


def _coverage(couverture: Mapping[str, Any]) -> list[Fault]:
    tables, faults = load().tables, []
    for table, bounds in couverture.items():
        if table not in tables:
            named = naming.shown(table, tables)
            logs = ", ".join(DATED_LOGS)
            faults.append(_fault(f"couverture : «{named}» n'est pas une table (journaux datés : {logs})"))
            continue
        whole = isinstance(bounds, dict) and bounds.keys() == {"debut", "fin"}
        first, last = (parse_date(bounds[b]) for b in ("debut", "fin")) if whole else (None, None)
        if not first or not last:
            message = f'couverture : {table} attend {{"debut": "AAAA-MM-JJ", "fin": "AAAA-MM-JJ"}}'
            faults.append(_fault(message))
        elif first > last:
            faults.append(_fault(f"couverture : debut de {table} est après sa fin"))
    return faults


def _import(imported: object) -> list[Fault]:
    """Return the faults of the key that ``esms import`` writes: the shapes that its readers rely on."""
    if not isinstance(imported, dict):
        return [_fault("clé «import» : on attend un objet")]
    faults: list[Fault] = []
    rejected = imported.get("rejets_par_finess", {})
    if not isinstance(rejected, dict) or not all(
        isinstance(counts, dict) and all(map(_is_count, counts.values())) for counts in rejected.values()
    ):
        faults.append(_fault("import.rejets_par_finess : on attend, par table, un nombre par FINESS"))
    sources = imported.get("sources", {})
    counters = ("lues", "acceptees", "rejetees", "ignorees")
    if not isinstance(sources, dict) or not all(
        isinstance(s, dict) and all(_is_count(s.get(c)) for c in counters) for s in sources.values()
    ):
        faults.append(_fault(f"import.sources : on attend, par source, les nombres {', '.join(counters)}"))
    elif any(s["lues"] != s["acceptees"] + s["rejetees"] + s["ignorees"] for s in sources.values()):
        faults.append(_fault("import.sources : lues n'est pas acceptees + rejetees + ignorees"))
    return faults


def build(raw: Mapping[str, Any]) -> Manifest:
    """Return the typed manifest of a JSON value that :func:`check` found without fault."""
    start, end = parse_date(raw["periode_couverte_debut"]), parse_date(raw["periode_couverte_fin"])
    extraction = parse_timestamp(raw["date_extraction"])
    assert start and end and extraction
    return Manifest(
        editeur=raw["editeur"],
        logiciel=raw["logiciel"],
        version_logiciel=raw["version_logiciel"],
        reference_segur=raw.get("reference_segur") or None,
        date_extraction=extraction,
        perimetre=tuple(sorted(raw["perimetre"])),
        non_fourni=frozenset(raw.get("non_fourni") or ()),
        periode_couverte=Period(start, end),
        couverture={
            table: Period(date.fromisoformat(b["debut"]), date.fromisoformat(b["fin"]))
            for table, b in (raw.get("couverture") or {}).items()
        },
        journal_maj_complet=raw["journal_maj_complet"],
        historique_statuts_complet=raw["historique_statuts_complet"],
        mode=raw["mode"],
        imported=raw.get(IMPORT, {}),
    )


class _RepeatedKey(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RepeatedKey
    return found


def read(folder: Path) -> tuple[dict[str, Any], list[Fault]]:
    """Return the JSON value of a lot's manifest and its faults."""
    try:
        raw = json.loads((folder / FILE).read_text(encoding="utf-8-sig"), object_pairs_hook=_object)
    except FileNotFoundError:
        return {}, [_fault("fichier absent ; un lot est un dossier qui contient ce fichier")]
    except OSError as error:
        return {}, [_fault(f"fichier illisible ({type(error).__name__})")]
    except UnicodeDecodeError:
        return {}, [_fault("le texte n'est pas en UTF-8")]
    except json.JSONDecodeError as error:
        return {}, [Fault("MANIFESTE", "JSON mal formé", FILE, error.lineno)]
    except _RepeatedKey:
        return {}, [_fault("une clé y figure deux fois")]
    except (ValueError, RecursionError):
        return {}, [_fault("JSON illisible : un nombre ou une imbrication hors de toute mesure")]
    return raw if isinstance(raw, dict) else {}, check(raw)


def dump(raw: Mapping[str, Any]) -> bytes:
    """Return the bytes of a manifest, keys in the schema's order then ``import``."""
    order = [*load().manifest, IMPORT]
    ordered = {key: raw[key] for key in order if key in raw}
    return (json.dumps(ordered, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def without_import(content: bytes) -> bytes:
    r"""Return the bytes of a manifest as they would stand without the key ``import`` (contract §2, digest).

    Only that member and its comma go; the rest is not written again, so that any tool finds the same bytes.

    >>> without_import(b'{"mode": "test",\n "import": {"sources": {}}\n}\n')
    b'{"mode": "test"\n}\n'
    """
    text, decoder = content.decode("utf-8"), json.JSONDecoder()

    def skip(at: int) -> int:
        found = _BLANK.match(text, at)
        assert found
        return found.end()

    start, previous = skip(text.index("{") + 1), None
    while text[start] != "}":
        key, end = decoder.raw_decode(text, start)
        _, end = decoder.raw_decode(text, skip(skip(end) + 1))
        after = skip(end)
        more = text[after] == ","
        if key == IMPORT:
            cut = (previous, end) if previous is not None else (start, skip(after + 1)) if more else (start, end)
            return (text[: cut[0]] + text[cut[1] :]).encode("utf-8")
        start, previous = skip(after + 1) if more else after, end
    return content

"""Measure, print, and keep ``bench.json``.  A missed goal is no failure."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from esms_sdk import __version__
from tests.bench import conformance, dashboard, documents, dossier, imports, lots, month, series, signature, sources
from tests.bench.measure import Ratio, compare, peak_mb, process

ROOT = Path(__file__).resolve().parent.parent.parent
PEAK_GOAL_MB = 600
GROWTH_GOAL = 1.2


_HEAD = (
    "Écrit par `python -m tests.bench --page` (`--national` ajoute 34 000 ESSMS) ; `make bench` garde `bench.json`.",
    "",
    "Un rapport compare deux travaux alternés dans la même minute, sur la même machine : le nôtre, et le plancher, ce",
    "qu'il faut au moins faire. C'est le rapport qui vaut, les durées ne sont là que pour l'ordre de grandeur. Un but",
    "manqué n'est pas une panne : il dit ce qu'il reste à faire.",
    "",
)
_FLOORS = (
    "Les planchers : `python -c pass` ; `import duckdb` et une requête ; DuckDB qui décode une fois les colonnes et",
    "les groupes de lignes dont la définition a besoin (`tests/bench/month.py`) ; DuckDB qui lit le fichier",
    "comme du texte (`tests/bench/imports.py`) ; la lecture seule de la source, plus l'import des mêmes lignes en CSV",
    "(`tests/bench/sources.py`) ; `lxml.etree.fromstring` des mêmes documents (`tests/bench/documents.py`).",
    "La mémoire est le plus haut d'un processus entier. Les lots sont inventés, toujours les mêmes, avec des clés en texte.",
    "",
    "Un import garde en mémoire 64 Mo et 16 Mo par cœur, et passe le reste par son dossier de travail : une source plus grande prend plus de",
    "disque, pas plus de mémoire. Une correspondance à laquelle cela ne suffit pas est importée une seconde fois, sans cette borne. Le classeur",
    "fait exception : sa bibliothèque (calamine) tient une feuille entière (62 Mo pour 100 000 lignes, 267 Mo pour 500 000, à elle seule).",
)


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--national", action="store_true", help="also 34 000 ESSMS (some minutes, 2 GB of disk)")
    parser.add_argument("--only", metavar="WORD", default="", help="only the measures whose name has this word")
    parser.add_argument("--lots", metavar="DIR", type=Path, help="where to keep the lots from one run to the next")
    parser.add_argument("--out", type=Path, default=ROOT / "bench.json")
    parser.add_argument("--page", action="store_true", help="also write docs/bench.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="esms-bench-") as scratch:
        folder = arguments.lots or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        found = []
        for name, measures in _measures(arguments.national).items():
            if arguments.only in name:
                for one in measures(folder):
                    print(one.line(), flush=True)
                    found.append(one)
        memory = _memory(folder, arguments.national) if arguments.only in "memory" else {}
        if arguments.only in "constats":
            memory |= conformance.peaks(folder)
        if arguments.only in "dossier":
            memory |= dossier.peaks(folder)
        growth = sources.memory_growth(folder / "growth") if arguments.only in "growth" else {}
    for name, peak in memory.items():
        print(f"{name:<58} {peak:6.0f} Mo   but ≤ {_peak_goal(name)} Mo")
    document = {
        "sdk": __version__,
        "machine": _machine(),
        "ratios": [asdict(one) for one in found],
        "memoire_mo": memory,
        "croissance": growth,
    }
    arguments.out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if arguments.page:
        (ROOT / "docs" / "bench.md").write_text(page(document), encoding="utf-8", newline="\n")
    return 0


def page(document: dict[str, Any]) -> str:
    """Return docs/bench.md: the measures kept, as a table."""
    machine = document["machine"]
    lines = [
        "# Vitesse",
        "",
        *_HEAD,
        f"Dernière mesure : esms-sdk {document['sdk']}, Python {machine['python']}, DuckDB {machine['duckdb']}, "
        f"{machine['systeme']} {machine['processeur']}, {machine['coeurs']} cœurs, charge {machine['charge']} à la fin.",
        "",
        "| mesure | rapport | but | | durée / plancher |",
        "|---|---|---|---|---|",
    ]
    for one in document["ratios"]:
        sign, kept = "≥" if one["au_moins"] else "≤", "tenu" if Ratio(**one).tenu else "**manqué**"
        note = f" ({one['note']})" if one["note"] else ""
        times = f"{one['mesure_s']:.3g} s / {one['plancher_s']:.3g} s"
        lines.append(f"| {one['nom']}{note} | {one['ratio']:.2f} | {sign} {one['but']:g} | {kept} | {times} |")
    for name, peak in document["memoire_mo"].items():
        kept = "tenu" if peak <= _peak_goal(name) else "**manqué**"
        lines.append(f"| {name} | {peak:.0f} Mo | ≤ {_peak_goal(name)} Mo | {kept} | |")
    for name, (ratio, peaks) in document["croissance"].items():
        kept = "tenu" if ratio <= GROWTH_GOAL else "**manqué**"
        lines.append(
            f"| mémoire, source cinq fois plus grande : {name} | {ratio:.2f} | ≤ {GROWTH_GOAL} | {kept} | {peaks} |"
        )
    lines += ["", *_FLOORS]
    return "\n".join(lines) + "\n"


def _peak_goal(name: str) -> int:
    return dossier.PEAK_MB if "dossier" in name else PEAK_GOAL_MB


def _measures(national: bool) -> dict[str, Callable[[Path], list[Ratio]]]:
    measures: dict[str, Callable[[Path], list[Ratio]]] = {
        "help": lambda folder: [_help()],
        "process": lambda folder: [_whole_process(folder)],
        "month": lambda folder: [month.warm(lots.OG, folder, 1.3), month.warm(lots.VENDOR, folder, 1.3)],
        "history": lambda folder: [month.history(lots.VENDOR, folder, 1.3)],
        "series": lambda folder: [series.warm(lots.VENDOR, folder, 0.4)],
        "dashboard": lambda folder: [dashboard.warm(lots.VENDOR, folder, 1.5)],
        "dossier": dossier.measures,
        "conformance": conformance.measures,
        "documents": documents.measures,
        "import": imports.measures,
        "signature": signature.measures,
        "sources": lambda folder: sources.measures(folder / "sources"),
    }
    if national:
        measures["national"] = lambda folder: [
            month.warm(lots.NATIONAL, folder, 4.5, rounds=3),
            month.history(lots.NATIONAL, folder, 1.3),
        ]
    return measures


def _help() -> Ratio:
    return compare(
        "esms --help / python -c pass", 6, process("-c", "pass"), process("-m", "esms_sdk", "--help"), rounds=15
    )


def _whole_process(folder: Path) -> Ratio:
    lot = lots.make(lots.OG, folder)
    query = f"select count(*) from '{lot / 'sejour.parquet'}'"
    floor = process("-c", f"import duckdb; duckdb.connect().execute({query!r}).fetchall()")
    work = process("-m", "esms_sdk", *_command(lot, folder))
    return compare("esms indicators d'un OG, processus entier / import duckdb + requête", 3, floor, work, rounds=9)


def _command(lot: Path, folder: Path) -> list[str]:
    out = str(folder / f"indicateurs-{lot.name}")
    return ["indicators", str(lot), "--measured-on", f"{lots.MEASURED_ON}", "--out", out, "--force", "--quiet"]


def _memory(folder: Path, national: bool) -> dict[str, float]:
    sizes = [lots.VENDOR, lots.NATIONAL] if national else [lots.VENDOR]
    code = "import sys, esms_sdk; esms_sdk.compute_indicators(sys.argv[1], sys.argv[2])"
    return {
        f"mémoire, un mois d'indicateurs : {size.nom}": peak_mb(
            code, str(lots.make(size, folder)), f"{lots.MEASURED_ON}"
        )
        for size in sizes
    }


def _machine() -> dict[str, object]:
    """The kind of machine, without its name."""
    import duckdb

    return {
        "systeme": platform.system(), "processeur": platform.machine(), "coeurs": os.cpu_count(),
        "python": platform.python_version(), "duckdb": duckdb.__version__,
        "charge": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())

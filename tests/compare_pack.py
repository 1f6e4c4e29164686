"""``python -m tests.compare_pack PACK ANS``: native and official verdicts side by side, as Markdown on the output.

PACK is the pack of the ANS, ANS a folder of its examples (``cda-examples/{valid,old-profile-2.41,tddui}``); neither is
part of the project, nothing of them is written.  Judged: every example, and each of its one-defect mutants.  Compared:
our rules marked ``commun``, under the profile structmin-3.0, with the errors of the schematron «Structuration minimale».
"""

from __future__ import annotations

import copy
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from esms_sdk.checks.cda import examine
from esms_sdk.checks.documents import Setting
from esms_sdk.conformance import catalogue
from esms_sdk.documents.cda import read_cda
from esms_sdk.documents.pack import NotRunnable, Pack
from esms_sdk.documents.terminology import tables
from tests.corpus.complet import written
from tests.corpus.defauts import COMMUNS, REPETES

COMMUN = {id for id, one in catalogue().items() if one.commun}
GROUPS = ("valid", "tddui", "old-profile-2.41")


def main(pack: Pack, ans: Path, every: int) -> None:
    agreed: Counter[str] = Counter()
    counted: Counter[tuple[str, bool, bool]] = Counter()
    apart: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    unrun: Counter[str] = Counter()
    for group in GROUPS:
        files = sorted((ans / "cda-examples" / group).glob("*.xml"))
        for number, path in enumerate(files):
            mutated = group != "old-profile-2.41" and number % every == 0
            for kind, name, data in _made(path, mutated):
                told = verdicts(pack, data, path.name)
                if isinstance(told, str):
                    unrun[told] += 1
                    continue
                native, official = told
                label = group if kind == "" else "mutants"
                counted[label, bool(native), bool(official)] += 1
                agreed[label] += bool(native) == bool(official)
                if bool(native) != bool(official):
                    apart[kind or path.stem, name, f"natif {sorted(native)} ; officiel {sorted(official)}"].append(
                        path.stem
                    )
        print(f"{group}: {sum(counted.values())}", file=sys.stderr, flush=True)
    print(
        "| corpus | documents | les deux acceptent | les deux refusent | natif seul refuse | officiel seul refuse | accord |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    for label in (*GROUPS, "mutants"):
        of = [
            counted[label, native, official]
            for native, official in ((False, False), (True, True), (True, False), (False, True))
        ]
        total = sum(of)
        if total:
            print(f"| {label} | {total} | {' | '.join(map(str, of))} | {100 * agreed[label] / total:.2f} % |")
    print()
    for (kind, name, told), where in sorted(apart.items()):
        print(f"- {kind} {name}: {len(where)} ({', '.join(where[:3])}…) {told[:600]}")
    for reason, number in unrun.items():
        print(f"- not runnable: {reason} ({number})")


def _made(path: Path, mutated: bool) -> Iterator[tuple[str, str, bytes]]:
    data = path.read_bytes()
    yield "", "", data
    if mutated:
        tree = read_cda(data, path.name).tree
        for defaut in (*COMMUNS, *REPETES):
            twin = copy.deepcopy(tree)
            if defaut.edit(twin):
                yield defaut.constat, defaut.nom, written(twin)


def verdicts(pack: Pack, data: bytes, name: str) -> tuple[set[str], set[str]] | str:
    """Return what each engine holds against a document, or why the official one cannot judge it."""
    cda = read_cda(data, name)
    seen = examine(cda, Setting("test", {"profil_cda": "structmin-3.0"}), tables())
    native = {f"{one.exigence}.{one.code}" for one in seen.found if one.exigence in COMMUN}
    try:
        official: Any = {one.texte[:120] for one in pack.header(cda).releves if one.erreur}
    except NotRunnable as reason:
        return str(reason)
    return native, official


if __name__ == "__main__":
    main(Pack(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)

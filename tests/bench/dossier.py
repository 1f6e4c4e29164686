"""The dossier of an order of 300 ESSMS: what writing it costs beyond what is computed for it, and its memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from esms_sdk import database
from esms_sdk.identifiers import finess as numbers
from esms_sdk.va.build import build
from esms_sdk.va.compute import computed
from esms_sdk.va.request import Request
from tests.bench import lots
from tests.bench.measure import Ratio, peak_mb

BEYOND_S, PEAK_MB = 5, 300
EJ = "000000018"
_ROUNDS = 3
_PEAK = "import sys; from esms_sdk import api; api.build_dossier(*sys.argv[1:5], force=True)"


def lot(folder: Path, size: lots.Size = lots.VENDOR) -> tuple[Path, Path]:
    """Return a lot of one OG and the order of all its ESSMS, whose numbers have their keys."""
    out, order = folder / f"{size.nom}-commande", folder / "commande.toml"
    new = [f"{rank:08}{numbers.key(f'{rank:08}')}" for rank in range(1000, 1000 + size.etablissements)]
    listed = ", ".join(f'"{one}"' for one in new)
    order.write_text(
        f'[commande]\nreference = "BC-300"\ndate = 2023-11-06\nfiness_ej = "{EJ}"\netablissements = [{listed}]\n',
        encoding="utf-8",
    )
    if (out / "manifeste.json").exists():
        return out, order
    source = lots.make(size, folder)
    con = lots.connect(folder)
    con.execute("create table numero as select unnest(?) as ancien, unnest(?) as neuf",
                [[f"00{rank:07}" for rank in range(size.etablissements)], new])  # fmt: skip
    for path in sorted(source.rglob("*.parquet")):
        target = out / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        con.execute(f"copy ({_renumbered(con, path)}) to {database.text(str(target))} {lots.PARQUET}")
    con.close()
    lots.write_manifest(size, out, new)
    return out, order


def _renumbered(con: object, path: Path) -> str:
    rows = f"read_parquet({database.text(str(path))})"
    if path.stem == "organisme":
        return f"select '{EJ}' as finess_ej, 'OG' as raison_sociale"
    columns = [row[0] for row in con.execute(f"describe select * from {rows}").fetchall()]  # type: ignore[attr-defined]
    if "finess_et" not in columns:
        return f"select * from {rows}"
    body = f", '{EJ}' as finess_ej" if "finess_ej" in columns else ""
    kept = f"* exclude (ancien, neuf) replace (neuf as finess_et{body})"
    return f"select {kept} from {rows} join numero on finess_et = ancien"


def measures(folder: Path) -> list[Ratio]:
    """Return the seconds that a dossier takes beyond its computations (a goal in seconds, not a ratio)."""
    path, order = lot(folder)
    request = Request(path, order, date(lots.YEAR, 12, 31))

    def compute() -> None:
        with computed(request):
            pass

    def write() -> None:
        build(request, folder / "dossier.zip", force=True)

    compute()
    pairs = [(_seconds(compute), _seconds(write)) for _ in range(_ROUNDS)]
    beyond = statistics.median(whole - floor for floor, whole in pairs)
    medians = [statistics.median(column) for column in zip(*pairs, strict=True)]
    note = "secondes, et non un rapport"
    name = "dossier VA de 300 ESSMS, au-delà de ses calculs"
    return [Ratio(name, BEYOND_S, round(beyond, 3), round(medians[0], 4), round(medians[1], 4), note=note)]


def peaks(folder: Path) -> dict[str, float]:
    """Return the peak memory of the whole process that builds the dossier."""
    path, order = lot(folder)
    words = (str(path), str(order), f"{lots.YEAR}-12-31", str(folder / "dossier.zip"))
    return {"mémoire, dossier VA de 300 ESSMS": peak_mb(_PEAK, *words)}


def _seconds(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin

"""The conformity scenario of TBB.1: ten invented documents a month over two years, sent over each channel.

One FINESS, one RPPS, and one failure a channel.  After 24 full months, at the end of month m of the second year, the
month under way has 10, the year 10·m and the year before 120 a channel; one failure a channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from esms_sdk.dashboard import Canal, TableauDeBord, compute_dashboard
from esms_sdk.lot import Lot, open_lot
from tests.lots import EHPAD, EJ, write_lot

RPPS = "10000000001"
CHANNELS = ("DMP", "MSS_PRO", "MSS_CITOYENNE")
NAMES = ("dmp", "mss_pro", "mss_citoyenne")
MONTHS = [date(year, month, 1) for year in (2024, 2025) for month in range(1, 13)]


def _sends() -> Iterator[dict[str, Any]]:
    """The sends of each month, and one failure a channel, on the last day of January of the second year."""
    for first in MONTHS:
        for n in range(10):
            for canal in CHANNELS:
                moment = datetime(first.year, first.month, 1 + 3 * n, 9)
                yield _send(f"{canal}-{first:%Y%m}-{n}", canal, f"X-{first:%Y%m}-{n}", moment, "SUCCES")
    for canal in CHANNELS:
        yield _send(f"{canal}-echec", canal, "X-202501-0", datetime(2025, 1, 31, 23, 59, 59), "ECHEC")


def _send(envoi_id: str, canal: str, document_id: str, moment: datetime, resultat: str) -> dict[str, Any]:
    own = {"operation": "AJOUT"} if canal == "DMP" else {"message_id": f"M-{envoi_id}"}
    return {
        "envoi_id": envoi_id, "canal": canal, "finess_et": EHPAD, "usager_id": "P1", "document_id": document_id,
        "horodatage": moment, "resultat": resultat, "ins_qualifiee": True, "rpps": RPPS, **own,
    }  # fmt: skip


@pytest.fixture(scope="module")
def lot(tmp_path_factory) -> Iterator[Lot]:
    sends = list(_sends())
    path = write_lot(
        tmp_path_factory.mktemp("scenario") / "lot",
        {"periode_couverte_debut": "2024-01-01", "periode_couverte_fin": "2025-12-31",
         "date_extraction": "2026-01-01T03:00:00"},
        organisme=[{"finess_ej": EJ, "raison_sociale": "OG"}],
        etablissement=[{"finess_et": EHPAD, "finess_ej": EJ, "denomination": "EHPAD"}],
        usager=[{"usager_id": "P1", "statut_identite": "QUAL"}],
        document=[
            {"document_id": document, "usager_id": "P1", "finess_et": EHPAD, "type_code": "11490-0",
             "date_creation": MONTHS[0]}
            for document in sorted({row["document_id"] for row in sends})
        ],
        envoi=sends,
    )  # fmt: skip
    with open_lot(path) as opened:
        yield opened


def _by_period(result: TableauDeBord) -> dict[str, tuple[Canal, ...]]:
    (one,) = result
    return {name: tuple(getattr(measure.canaux, canal) for canal in NAMES) for name, measure in one.periodes.items()}


@pytest.mark.parametrize("month", [1, 2, 9, 12])
def test_ten_documents_a_month_over_two_years_give_10_and_10_m_and_120_a_channel(lot, month):
    last = date(2025, month, 28) if month == 2 else date(2025 + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    result = compute_dashboard(lot, last)
    year = 10 * month
    assert _by_period(result) == {
        "mois_courant": (Canal(10, 10, 0),) * 3,
        "annee_courante": (Canal(year, year, 0),) * 3,
        "annee_precedente": (Canal(120, 120, 0),) * 3,
    }
    (one,) = result
    assert [rpps.rpps for rpps in one.par_rpps] == [RPPS]
    for name, measure in one.periodes.items():
        assert one.par_rpps[0].periodes[name] == measure.canaux
        assert measure.couverte


def test_one_failure_a_channel_is_one_of_the_dmp_and_two_messages(lot):
    (one,) = compute_dashboard(lot, date(2025, 9, 30))
    failures = {name: (measure.echecs.dmp, measure.echecs.mss) for name, measure in one.periodes.items()}
    assert failures == {"mois_courant": (0, 0), "annee_courante": (1, 2), "annee_precedente": (0, 0)}
    (january,) = compute_dashboard(lot, date(2025, 1, 31))
    assert january.periodes["mois_courant"].echecs == january.periodes["annee_courante"].echecs

"""The order: its form is judged whole when it is read, what it says by the requirements."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from esms_sdk.commande import parse, read_commande, tranche
from esms_sdk.conformance import Asked, Verdict, catalogue, run
from esms_sdk.errors import UsageError
from tests.lots import EHPAD, EJ

MICRO = Path(__file__).parents[1] / "data" / "micro_lot" / "lot"
ORDER = {"finess_ej": EJ, "etablissements": [EHPAD]}


def test_an_order_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "commande.toml"
    path.write_text(
        f'[commande]\nreference = "BC-1"\ndate = 2023-11-06\nfiness_ej = "{EJ}"\netablissements = ["{EHPAD}", "{EHPAD}"]\n'
        'montant_ttc = 2920.50\nnb_essms_og = 2\n[signataire]\nmode = "psc"\n',
        encoding="utf-8",
    )
    read = read_commande(path)
    assert (read.etablissements, read.montant_ttc) == ((EHPAD, EHPAD), Decimal("2920.5"))
    assert read.signataire.mode == "psc" and read.solution.editeur is None and not read.tbb_strict


def test_every_fault_of_the_form_of_an_order_is_named_at_once() -> None:
    document = {
        "commande": {"etablissements": [117], "date": "6 novembre", "montant_ttc": 0, "nb_essms_og": 0, "montants": 1},
        "signataire": {"mode": "fax"},
        "solutions": {},
    }
    with pytest.raises(UsageError) as error:
        parse(document, "commande.toml")
    told = str(error.value)
    for key in ("finess_ej", "etablissements", "date", "montant_ttc", "nb_essms_og", "montants", "mode", "solutions"):
        assert key in told
    assert error.value.code == "ESMS-E199" and len(error.value.faults) == 8


@pytest.mark.parametrize(
    ("og", "total"), [(1, 4000), (4, 11680), (5, 10950), (8, 17520), (10, 21900), (11, 18073), (19, 31217), (20, 24640),
                      (35, 43120), (72, 88704), (99, 121968), (100, 113300)],
)  # fmt: skip
def test_the_sons_scale_gives_the_published_examples_and_its_cliffs(og: int, total: int) -> None:
    assert tranche(og).montant * og == total


def test_without_an_order_nothing_of_it_is_judged() -> None:
    kept = {id: one for id, one in catalogue().items() if one.objet == "commande"}
    result = run(Asked((MICRO,), requirements=kept))
    try:
        assert {one.verdict for one in result.outcomes} == {Verdict.NON_VERIFIE}
    finally:
        result.findings.close()


def test_a_broken_order_is_a_wrong_use(tmp_path: Path) -> None:
    path = tmp_path / "commande.toml"
    path.write_text("[commande\n", encoding="utf-8")
    for one in (path, tmp_path / "absent.toml"):
        with pytest.raises(UsageError) as error:
            run(Asked((MICRO,), order=one))
        assert error.value.code == "ESMS-E198"

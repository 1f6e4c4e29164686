"""Waivers: reasoned, expiring, refused where they are malformed; identity and privacy have none."""

from __future__ import annotations

from datetime import date

import pytest

from esms_sdk.conformance import Verdict
from esms_sdk.conformance.waivers import hold_expiry, read_waivers
from esms_sdk.errors import UsageError
from tests.lots import EHPAD, SSIAD
from tests.report import world


@pytest.fixture(scope="module")
def lot(tmp_path_factory):
    """A lot that fails ESMS-DONNEES-90 in two FINESS, with two kinds of finding in the first."""
    persons = [{"nom_utilise": "ROUGE"}, {"nom_utilise": "JAUNE"}, {"nom_utilise": "ROUGE", "finess_et": SSIAD}]
    return world.lot(tmp_path_factory.mktemp("w") / "lot", persons)


def _judge(lot, tmp_path, text: str, id: str = "ESMS-DONNEES-90"):
    with world.judged(lot, waivers=world.write(tmp_path / "ecarts.toml", text)) as result:
        outcome = result.of(id)
        return result.exit_code, outcome.verdict, dict(outcome.par_finess)


def test_an_accepted_difference_is_deroge_and_fails_no_more(lot, tmp_path):
    both = dict.fromkeys((EHPAD, SSIAD), Verdict.DEROGE)
    assert _judge(lot, tmp_path, world.waiver()) == (0, Verdict.DEROGE, both)


def test_it_holds_in_the_finess_it_names_only(lot, tmp_path):
    told = _judge(lot, tmp_path, world.waiver(finess=f'["{EHPAD}"]'))
    assert told == (1, Verdict.NON_CONFORME, {EHPAD: Verdict.DEROGE, SSIAD: Verdict.NON_CONFORME})


def test_it_holds_for_the_kind_it_names_only(lot, tmp_path):
    assert _judge(lot, tmp_path, world.waiver(constats='["JAUNE"]'))[:2] == (1, Verdict.NON_CONFORME)
    assert _judge(lot, tmp_path, world.waiver(constats='["ROUGE"]'))[:2] == (0, Verdict.DEROGE)


def test_two_of_them_may_cover_one_requirement(lot, tmp_path):
    text = world.waiver(finess=f'["{EHPAD}"]') + world.waiver(finess=f'["{SSIAD}"]')
    assert _judge(lot, tmp_path, text)[:2] == (0, Verdict.DEROGE)


@pytest.mark.parametrize(("last_day", "holds"), [("2025-10-02", True), ("2025-10-01", False)])
def test_it_holds_until_its_last_day_included(lot, tmp_path, last_day, holds):
    if holds:
        assert _judge(lot, tmp_path, world.waiver(expire_le=last_day))[0] == 0
    else:
        with pytest.raises(UsageError, match=r"E164.*\n.*ESMS-DONNEES-90 : expiré depuis le 01/10/2025"):
            _judge(lot, tmp_path, world.waiver(expire_le=last_day))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (world.waiver("ESMS-DONNEES-99"), "exigence inconnue (vouliez-vous dire ESMS-DONNEES-9"),
        (world.waiver("ESMS-INS-90"), "identité ou de confidentialité ne se déroge pas"),
        (world.waiver(constats='["BLEU"]'), "constat inconnu de ESMS-DONNEES-90 (connus : ROUGE, JAUNE)"),
        (world.waiver(motif='" "'), "un texte est attendu"),
        (world.waiver(responsable=""), "un texte est attendu"),
        (world.waiver(expire_le='"2026-03-31"'), "une date est attendue"),
        (world.waiver(expire_le="2026-03-31T00:00:00"), "une date est attendue"),
        (world.waiver(finess="[]"), "une liste de textes non vide"),
        (world.waiver(finess='"000000117"'), "une liste de textes non vide"),
        (world.waiver(finess="[117]"), "une liste de textes non vide"),
        (world.waiver(raison='"x"'), "clé inconnue"),
        ("[ecart]\nexigence = 'x'\n", "n'est pas attendu"),
        ("[[ecarts]]\n", "n'est pas attendu"),
        ("[[ecart]", "n'est pas un TOML lisible"),
    ],
)
def test_what_is_malformed_is_refused_with_its_reason(tmp_path, text, said):
    with pytest.raises(UsageError) as refused:
        read_waivers(world.write(tmp_path / "ecarts.toml", text), world.CATALOGUE)
    assert said in str(refused.value)


def test_every_fault_is_told_at_once(tmp_path):
    text = world.waiver("ESMS-INS-90", motif="") + world.waiver("X", expire_le="")
    with pytest.raises(UsageError) as refused:
        read_waivers(world.write(tmp_path / "ecarts.toml", text), world.CATALOGUE)
    assert len(refused.value.faults) == 4


def test_a_file_without_any_waives_nothing(tmp_path):
    assert read_waivers(world.write(tmp_path / "ecarts.toml", ""), world.CATALOGUE) == ()


def test_a_file_that_is_not_there_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="E161"):
        read_waivers(tmp_path / "absent.toml", world.CATALOGUE)


def test_without_any_day_an_expiry_cannot_be_judged(tmp_path):
    accepted = read_waivers(world.write(tmp_path / "ecarts.toml", world.waiver()), world.CATALOGUE)
    with pytest.raises(UsageError, match="E163"):
        hold_expiry(accepted, (), None)
    hold_expiry((), (), None)
    hold_expiry(accepted, (), date(2026, 3, 31))


def test_of_two_lots_the_latest_says_the_day(lot, tmp_path):
    later = world.lot(tmp_path / "later", [{}], {"date_extraction": "2026-04-01T00:00:00"})
    waivers = world.write(tmp_path / "ecarts.toml", world.waiver())
    with pytest.raises(UsageError, match="E164"):
        world.judged(later, lot, waivers=waivers)


def test_no_requirement_of_identity_in_the_catalogue_can_be_waived():
    from esms_sdk.conformance import catalogue

    assert [one.id for one in catalogue().values() if one.domaine == "INS" and one.derogeable] == []

"""Declarations: what the editor states of what no file shows, with evidence that is hashed again."""

from __future__ import annotations

import pytest

from esms_sdk.conformance import Verdict
from esms_sdk.conformance.declarations import read_declarations
from esms_sdk.errors import UsageError
from tests.report import world


@pytest.fixture
def proof(tmp_path):
    return world.write(tmp_path / "preuve.txt", "capture")


def _judge(tmp_path, text: str, **keys: object):
    lot = world.lot(tmp_path / "lot", [{}])
    with world.judged(lot, declarations=world.write(tmp_path / "d.toml", text), **keys) as result:
        return result.exit_code, result.of("ESMS-PSC-90")


def test_without_a_declaration_it_is_non_verifie_with_the_reason(tmp_path):
    code, outcome = _judge(tmp_path, "")
    assert (code, outcome.verdict, outcome.motif) == (0, Verdict.NON_VERIFIE, "aucun fichier ne le montre")


def test_require_declarations_makes_it_a_3(tmp_path, proof):
    # ESMS-TBB-90 has no file to be judged on either, and no declaration can settle it.
    only = {"ESMS-PSC-90": world.CATALOGUE["ESMS-PSC-90"]}
    assert _judge(tmp_path, "", require_declarations=True, requirements=only)[0] == 3
    assert _judge(tmp_path, world.declaration(proof), require_declarations=True, requirements=only)[0] == 0


def test_a_declaration_settles_it_and_says_who_and_when(tmp_path, proof):
    _, outcome = _judge(tmp_path, world.declaration(proof))
    assert outcome.verdict is Verdict.CONFORME
    assert outcome.motif == "déclaration de l'éditeur : Responsable qualité, le 01/09/2025, 1 pièce"


def test_what_is_declared_not_met_fails(tmp_path, proof):
    code, outcome = _judge(tmp_path, world.declaration(proof, conforme="false", preuves=""))
    assert (code, outcome.verdict) == (1, Verdict.NON_CONFORME)


def test_it_no_longer_holds_after_its_last_day(tmp_path, proof):
    with pytest.raises(UsageError, match="E164"):
        _judge(tmp_path, world.declaration(proof, expire_le="2025-10-01"))
    assert _judge(tmp_path, world.declaration(proof, expire_le="2025-10-02"))[1].verdict is Verdict.CONFORME


def test_where_no_day_is_known_it_settles_nothing(tmp_path, proof):
    declarations = world.write(tmp_path / "d.toml", world.declaration(proof))
    (tmp_path / "lot").mkdir()
    with world.judged(tmp_path / "lot", declarations=declarations) as result:
        assert (result.exit_code, result.of("ESMS-PSC-90").verdict) == (3, Verdict.NON_VERIFIE)


_WRONG_HASH = '[{ numero = "ESMS-PSC-90.01", fichier = "preuve.txt", sha256 = "00" }]'
_ABSENT = '[{ numero = "ESMS-PSC-90.01", fichier = "autre.txt", sha256 = "00" }]'


@pytest.mark.parametrize(
    ("exigence", "keys", "said"),
    [
        ("ESMS-PSC-99", {}, "exigence inconnue"),
        ("ESMS-DONNEES-90", {}, "se vérifie sur les données"),
        ("ESMS-PSC-90", {"preuves": _WRONG_HASH}, "l'empreinte n'est pas celle du fichier"),
        ("ESMS-PSC-90", {"preuves": _ABSENT}, "pièce absente : autre.txt"),
        ("ESMS-PSC-90", {"preuves": "[]"}, "aucune pièce"),
        ("ESMS-PSC-90", {"preuves": "['x']"}, "une liste de tables"),
        ("ESMS-PSC-90", {"preuves": '[{ numero = "1" }]'}, "une pièce a numero, fichier et sha256"),
        ("ESMS-PSC-90", {"conforme": '"oui"'}, "true ou false"),
        ("ESMS-PSC-90", {"declarant": '""'}, "un texte est attendu"),
        ("ESMS-PSC-90", {"date": '"2025-09-01"'}, "une date est attendue"),
        ("ESMS-PSC-90", {"expire_le": "2025-08-31"}, "l'échéance précède la déclaration"),
        ("ESMS-PSC-90", {"expire_le": "2025-08-31T00:00:00"}, "une date est attendue"),
        ("ESMS-PSC-90", {"commentaire": "3"}, "un texte est attendu"),
        ("ESMS-PSC-90", {"autre": "1"}, "clé inconnue"),
    ],
)
def test_what_is_malformed_is_refused_with_its_reason(tmp_path, proof, exigence, keys, said):
    path = world.write(tmp_path / "d.toml", world.declaration(proof, exigence, **keys))
    with pytest.raises(UsageError) as refused:
        read_declarations(path, world.CATALOGUE)
    assert said in str(refused.value)


def test_evidence_of_a_number_that_is_not_asked_for_is_refused(tmp_path, proof):
    text = world.declaration(proof).replace("ESMS-PSC-90.01", "ESMS-PSC-90.07")
    with pytest.raises(
        UsageError, match=r"preuve inconnue de ESMS-PSC-90 \(attendues : ESMS-PSC-90.01, ESMS-PSC-90.02\)"
    ):
        read_declarations(world.write(tmp_path / "d.toml", text), world.CATALOGUE)


def test_a_requirement_is_declared_once(tmp_path, proof):
    with pytest.raises(UsageError, match="est déclarée deux fois"):
        read_declarations(world.write(tmp_path / "d.toml", world.declaration(proof) * 2), world.CATALOGUE)

"""``esms.toml``: options that need not be typed again, and the command line that wins."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from esms_sdk.cli import program
from esms_sdk.errors import UsageError

TYPED = ["lot", "--measured-on", "2025-10-31", "--out", "typed"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _parsed(words, name="indicators"):
    return program._parse(program.command_parser(name, program.load(name)), name, words)


def _write(text, name="esms.toml"):
    Path(name).write_text(text, encoding="utf-8")


def test_what_the_file_says_need_not_be_typed():
    _write('[indicators]\nmeasured-on = 2025-09-30\nout = "sorties"\nfiness = ["A", "B"]\nworklist = true\n')
    arguments = _parsed(["lot"])
    assert arguments.measured_on == date(2025, 9, 30)
    assert arguments.out == Path("sorties")
    assert (arguments.finess, arguments.worklist) == (["A", "B"], True)


def test_the_command_line_wins():
    _write(
        '[indicators]\nmeasured-on = "2025-09-30"\nout = "sorties"\nfiness = ["A"]\nworklist = true\n'
        'definition = "trois_mois"\n'
    )
    arguments = _parsed([*TYPED, "--finess", "B", "--no-worklist", "--definition", "mois_ecoule"])
    assert arguments.measured_on == date(2025, 10, 31)
    assert arguments.out == Path("typed")
    assert (arguments.finess, arguments.worklist, arguments.definition) == (["B"], False, "mois_ecoule")


def test_the_same_may_stand_in_pyproject_toml_and_esms_toml_goes_before():
    _write('[tool.esms.indicators]\ndenominator = "annuelle"\n', "pyproject.toml")
    assert _parsed(TYPED).denominator == "annuelle"
    _write('[indicators]\nevents = "sans_borne"\n')
    assert (_parsed(TYPED).denominator, _parsed(TYPED).events) == ("periode", "sans_borne")


def test_a_pyproject_of_another_project_changes_nothing():
    _write('[project]\nname = "x"\n[tool.black]\nline-length = 3\n', "pyproject.toml")
    assert _parsed(TYPED).definition == "mois_ecoule"


def test_several_values_and_negative_flags_are_written_as_the_options_are():
    _write('[import]\nlot-set = ["mode=test"]\nno-reject-rows = true\nmax-rejets = 12\n')
    words = ["a.csv", "--adapter", "x", "--out", "o"]
    arguments = _parsed(words, "import")
    assert arguments.lot_set == [("mode", "test")]
    assert (arguments.no_reject_rows, arguments.max_rejets) == (True, "12")
    assert _parsed([*words, "--reject-rows"], "import").no_reject_rows is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[indicators]\nmesured-on = 2025-09-30\n", "clé inconnue « mesured-on »"),
        ("[indicateurs]\n", "section inconnue « indicateurs »"),
        ("indicators = 3\n", "section inconnue « indicators »"),
        ('[indicators]\ndefinition = "annee"\n', "« annee » (au choix : mois_ecoule, trois_mois)"),
        ('[indicators]\nmeasured-on = "hier"\n', "date illisible : 'hier'"),
        ('[indicators]\nfiness = "A"\n', "une liste est attendue"),
        ('[indicators]\nout = ["A"]\n', "une seule valeur est attendue"),
        ("[indicators]\nworklist = 1\n", "true ou false"),
        ("[indicators\n", "n'est pas un TOML lisible"),
        ('[[amenagement]]\nfiness = "A"\n', "clé inconnue « finess »"),
        ('[amenagement]\nfiness_et = "A"\n', "[[amenagement]]"),
        ('[[amenagement]]\nfiness_et = "A"\nindicateur = "taux_dmp"\ncible = 3\n', "« reference » est obligatoire"),
        ('[[amenagement]]\nfiness_et = "A"\nindicateur = "taux_dmp"\nreference = "r"\n', "soit « cible », soit"),
        (
            '[[amenagement]]\nindicateur = "taux_dmp"\nreference = "r"\ncible = 3\nsans_objet = true\n',
            "soit « cible », soit",
        ),
        (
            '[[amenagement]]\nfiness_et = "A"\nindicateur = "taux_dmp"\nreference = "r"\ncible = 101\n',
            "entier de 0 à 100",
        ),
    ],
)
def test_what_the_file_cannot_mean_is_wrong_use_and_names_its_place(text, said):
    _write(text)
    with pytest.raises(UsageError) as fault:
        _parsed(TYPED)
    assert said in str(fault.value)
    assert "esms.toml" in str(fault.value)


def test_an_unknown_key_is_told_with_the_near_one():
    _write("[indicators]\nmesured-on = 2025-09-30\n")
    with pytest.raises(UsageError, match="Vouliez-vous dire : measured-on"):
        _parsed(TYPED)


def test_an_amenagement_is_read_with_its_reference():
    _write('[[amenagement]]\nfiness_et = "000000117"\nindicateur = "taux_dmp"\ncible = 50\nreference = "décision"\n')
    (one,) = _parsed(TYPED).configuration.amenagements
    assert (one.finess_et, one.indicateur, one.cible, one.reference) == ("000000117", "taux_dmp", 50, "décision")


def test_what_is_for_one_action_is_not_for_its_neighbours():
    _write('[va]\nforce = true\n\n[va.build]\norder = "commande.toml"\nout = "dossier.zip"\nforce = false\n')
    built = _parsed(["build", "lot", "--measured-on", "2025-10-31"], "va")
    assert (built.order, built.out, built.force) == (Path("commande.toml"), Path("dossier.zip"), False)
    signed = _parsed(["sign", "dossier.zip", "--key", "cle.pem"], "va")
    assert (signed.out, signed.force) == (None, True)


def test_an_action_that_does_not_exist_and_a_key_of_another_one_are_told():
    for text, said in (
        ('[va.bild]\nout = "x"\n', "[va] : clé inconnue « bild »"),
        ('[va.build]\nprepare = "x"\n', "[va.build] : clé inconnue « prepare »"),
    ):
        _write(text)
        with pytest.raises(UsageError, match=re.escape(said)):
            _parsed(["build", "lot"], "va")

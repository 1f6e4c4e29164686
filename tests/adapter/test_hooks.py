"""A vendor's Python runs over distinct values or over all rows, and what it does wrong is told without a value."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def hooked(export):
    """Persons with a name, and a module beside the adapter that a test writes."""
    export.files["res.csv"] = "ID;NOM\nU1;DURAND\nU2;DURAND\nU3;\nU4;ÉLIE\n"

    def with_hook(code: str, par: str = "valeur", function: str = "f") -> None:
        export.adapter.mkdir(exist_ok=True)
        (export.adapter / "crochets.py").write_text(code, encoding="utf-8")
        export.tables["usager"] = (
            f'source = "res"\ncolonnes = {{ usager_id = "ID", nom_naissance = {{ colonne = "NOM", python = '
            f'"crochets:{function}", par = "{par}" }} }}'
        )

    export.hook = with_hook
    return export


def test_each_distinct_value_is_given_once(hooked):
    hooked.hook(
        "seen = []\ndef f(texts):\n    seen.extend(texts)\n"
        "    return [t and f'{t.lower()}{len(texts)}' for t in texts]\n"
    )
    hooked.run()
    assert hooked.values("usager", "nom_naissance") == ["durand3", "durand3", None, "élie3"]


def test_a_batch_is_every_row_in_the_order_of_the_files(hooked):
    hooked.hook("def f(texts):\n    return (f'{i}{t}' for i, t in enumerate(texts))\n", par="lot")
    hooked.run()
    assert hooked.values("usager", "nom_naissance") == ["0DURAND", "1DURAND", "2None", "3ÉLIE"]


def test_rows_beyond_one_batch_keep_their_answers(hooked, monkeypatch):
    monkeypatch.setattr("esms_sdk.adapter.hooks._BATCH", 2)
    for par in ("valeur", "lot"):
        hooked.hook("def f(texts):\n    return [t and t[::-1] for t in texts]\n", par=par)
        hooked.run()
        assert hooked.values("usager", "nom_naissance") == ["DNARUD", "DNARUD", None, "EILÉ"]


def test_what_a_hook_gives_is_read_like_a_cell(hooked):
    hooked.hook("def f(texts):\n    return ['homme' if t else 'x' for t in texts]\n")
    hooked.tables["usager"] = (
        'source = "res"\ncolonnes = { usager_id = "ID", '
        'sexe = { colonne = "NOM", python = "crochets:f", codes = { homme = "M" } } }'
    )
    hooked.run()
    assert hooked.values("usager", "sexe") == ["M", "M", None, "M"]
    assert hooked.labels() == [("res.csv", "NOM", "x", "1")]


def test_a_hook_runs_over_the_pieces_of_a_split_cell(hooked):
    hooked.files["res.csv"] = "ID;NOM\nU1,U2;DURAND\nU3;ÉLIE\n"
    hooked.hook("def f(texts):\n    return [f'{t}{i}' for i, t in enumerate(texts)]\n", par="lot")
    hooked.tables["usager"] += '\neclater = { colonne = "ID", separateur = "," }'
    hooked.run()
    assert hooked.rows("usager", "usager_id, nom_naissance") == [("U1", "DURAND0"), ("U2", "DURAND1"), ("U3", "ÉLIE2")]


def test_modules_of_one_name_beside_two_adapters_are_two(hooked, tmp_path):
    (hooked.adapter).mkdir()
    (hooked.adapter / "mots.py").write_text("MOT = 'un'\n", encoding="utf-8")
    hooked.hook("import mots\ndef f(texts):\n    return [mots.MOT for _ in texts]\n")
    hooked.run()
    hooked.adapter = tmp_path / "autre"
    hooked.adapter.mkdir()
    (hooked.adapter / "mots.py").write_text("MOT = 'deux'\n", encoding="utf-8")
    hooked.hook("def f(texts):\n    import mots\n    return [mots.MOT for _ in texts]\n")
    hooked.run()
    assert set(hooked.values("usager", "nom_naissance")) == {"deux"}
    assert "crochets" not in sys.modules and "mots" not in sys.modules
    assert str(hooked.adapter) not in sys.path


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def g(t): return t", "ESMS-E210] fonction Python introuvable : «crochets:f» (AttributeError)"),
        ("def f(t) return t", "ESMS-E210] fonction Python introuvable : «crochets:f» (SyntaxError)"),
        ("import absent",
        "ESMS-E210] fonction Python introuvable : «crochets:f» (ModuleNotFoundError, crochets.py ligne 1)"),
        ("\n1 / 0", "«crochets:f» (ZeroDivisionError, crochets.py ligne 2)"),
        ("f = 3", "ESMS-E211] «crochets:f» échoue (TypeError)"),
        ("def f(t):\n    raise ValueError(t)", "ESMS-E211] «crochets:f» échoue (ValueError, crochets.py ligne 2)"),
        ("def f(t):\n    return t[:-1]", "«crochets:f» : 3 valeurs données, 2 valeurs en retour"),
        ("def f(t):\n    return 'abc'", "«crochets:f» : 3 valeurs données, str en retour"),
        ("def f(t):\n    return None", "«crochets:f» échoue (TypeError)"),
        ("def f(t):\n    return [1, 2, 3]", "«crochets:f» : des textes ou None attendus en retour, int rendu"),
    ],
)  # fmt: skip
def test_what_a_hook_does_wrong_is_told_without_a_value(hooked, code, told):
    hooked.hook(code)
    error = hooked.refusal()
    assert told in str(error) and "DURAND" not in str(error)
    assert error.__suppress_context__ or error.__context__ is None


def test_an_installed_function_may_be_a_hook(hooked):
    hooked.hook("", function="f")
    hooked.tables["usager"] = hooked.tables["usager"].replace("crochets:f", "copy:copy")
    hooked.run()
    assert hooked.values("usager", "nom_naissance") == ["DURAND", "DURAND", None, "ÉLIE"]

"""JSON, each source through the real import: records, nested values and lists, numbers as written, broken documents."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esms_sdk.errors import AdapterError, SourceError
from tests.adapter.sources import reading
from tests.adapter.sources.small_import import SEJOUR, USAGER, Imported, run

JSON = 'format = "json"\nfichiers = ["*.json"]\n'
LINES = 'format = "ndjson"\nfichiers = ["*.ndjson"]\n'
ONE = {"N": "S1", "Usager": "U1", "Entrée": "2025-02-01", "Sortie": None}
TWO = {"Sortie": "30/04/2025", "N": "S2", "Usager": "U2", "Entrée": "2025-03-01"}
ONE_READ, TWO_READ = ("S1", "2025-02-01", None), ("S2", "2025-03-01", "2025-04-30")


def export(folder: Path, content: object, name: str = "a.json") -> Path:
    path = folder / "export" / name
    path.parent.mkdir(exist_ok=True)
    if isinstance(content, (list, dict)):
        content = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_bytes(content if isinstance(content, bytes) else str(content).encode("utf-8"))
    return path


def lines(folder: Path, *records: object, name: str = "a.ndjson") -> Path:
    texts = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in records]
    return export(folder, "\n".join(texts), name)


def nested(
    folder: Path, records: list[object], keys: dict[str, object], needed: tuple[str, ...] = ()
) -> list[reading.Row]:
    """Return the rows of a list of records, as texts."""
    path = export(folder, records)
    return reading.rows("json", keys, given=[path], fichiers=("*.json",), needed=needed)


# -- records -----------------------------------------------------------------------------------------------------


def test_the_elements_of_a_list_are_the_rows(tmp_path):
    export(tmp_path, [ONE, TWO])
    found = run(tmp_path, JSON)
    assert found.sejours() == [ONE_READ, TWO_READ]
    assert found.sources["a.json"]["lues"] == 2


def test_a_record_a_line(tmp_path):
    lines(tmp_path, ONE, "", "  ", TWO)
    assert run(tmp_path, LINES).sejours() == [ONE_READ, TWO_READ]


@pytest.mark.parametrize("path", ["donnees.séjours", "$.donnees.séjours[*]"])
def test_records_inside_a_document(tmp_path, path):
    export(tmp_path, {"export": {"le": "2025-10-01"}, "donnees": {"séjours": [ONE, TWO], "autres": []}})
    found = run(tmp_path, f'{JSON}enregistrements = "{path}"')
    assert found.sejours() == [ONE_READ, TWO_READ]
    assert list(found.sources) == ["a.json#donnees.séjours"]


def test_two_lists_of_a_document_are_two_sources(tmp_path):
    export(tmp_path, {"personnes": [{"Usager": "U1"}, {"Usager": "U2"}], "suivis": [ONE, TWO]})
    personnes = f'[source.personnes]\n{JSON}enregistrements = "personnes"\n'
    found = run(
        tmp_path, f'{JSON}enregistrements = "suivis"', more=personnes,
        tables=USAGER.replace("suivis", "personnes") + SEJOUR,
    )  # fmt: skip
    assert found.sejours() == [ONE_READ, TWO_READ]
    assert list(found.sources) == ["a.json#personnes", "a.json#suivis"]


def test_one_list_answers_to_one_source(tmp_path):
    export(tmp_path, [ONE])
    with pytest.raises(AdapterError, match=r"E213.*a\.json répond à deux sources"):
        run(tmp_path, JSON, more=f"[source.personnes]\n{JSON}", tables=USAGER.replace("suivis", "personnes") + SEJOUR)


def test_a_single_record_where_a_list_is_awaited_is_a_list_of_one(tmp_path):
    export(tmp_path, {"suivis": ONE})
    assert run(tmp_path, f'{JSON}enregistrements = "suivis"').sejours() == [ONE_READ]


def test_a_document_may_itself_be_the_record(tmp_path):
    export(tmp_path, ONE)
    found = run(tmp_path, f'{JSON}enregistrements = "$"')
    assert found.sejours() == [ONE_READ]
    assert list(found.sources) == ["a.json"]


def test_several_files_packed_or_not_are_one_source(tmp_path):
    export(tmp_path, [ONE])
    other = json.dumps([{**TWO, "Note": "x"}], ensure_ascii=False).encode("utf-8")
    export(tmp_path, gzip.compress(other), "b.json.gz")
    with zipfile.ZipFile(tmp_path / "export" / "c.zip", "w") as archive:
        archive.writestr("c.json", other.replace(b"S2", b"S3").replace(b"U2", b"U3"))
    found = run(tmp_path, JSON)
    assert [row[0] for row in found.sejours()] == ["S1", "S2", "S3"]
    assert list(found.sources) == ["a.json", "b.json.gz", "c.zip/c.json"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("keys", "text"), [
    (JSON, json.dumps([ONE], ensure_ascii=False)),
    (JSON + 'enregistrements = "x"', json.dumps({"x": [ONE]}, ensure_ascii=False)),
    (LINES.replace("*.ndjson", "*.json"), json.dumps(ONE, ensure_ascii=False) + "\r\n"),
])  # fmt: skip
def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path, encoding, keys, text):
    export(tmp_path, text.encode(encoding))
    assert run(tmp_path, keys).sejours() == [ONE_READ]


def test_a_list_without_a_record_is_no_row(tmp_path):
    export(tmp_path, [])
    found = run(tmp_path, JSON)
    assert (found.report.exit_code, found.sources["a.json"]["lues"]) == (0, 0)


# -- values ------------------------------------------------------------------------------------------------------


def test_a_nested_value_is_a_column_named_by_its_path(tmp_path):
    export(
        tmp_path,
        [{"id": "U1", "identité": {"nom": {"naissance": "Ève"}}}, {"id": "U2"}, {"id": "U3", "identité": None}],
    )
    usager = (
        '[table.usager]\nsource = "suivis"\ncolonnes = { usager_id = "id", nom_naissance = "identité.nom.naissance", '
    )
    usager += 'prenom_utilise = { sql = "lower(\\"identité.nom.naissance\\")" } }'
    found = run(tmp_path, JSON, tables=usager + SEJOUR.replace("suivis", "sejours"),
                more='[source.sejours]\nfichiers = ["absent.csv"]\nfacultatif = true\n')  # fmt: skip
    names = found.rows("select usager_id, nom_naissance, prenom_utilise from usager order by all")
    assert names == [("U1", "Ève", "ève"), ("U2", None, None), ("U3", None, None)]


def test_a_key_that_a_record_lacks_is_null_and_one_that_none_has_is_an_error(tmp_path):
    export(tmp_path, [{k: v for k, v in ONE.items() if k != "Sortie"}])
    with pytest.raises(AdapterError, match=r"E201.*«Sortie» absente de a\.json \(colonnes vues : N, Usager, Entrée\)"):
        run(tmp_path, JSON)
    assert run(tmp_path, JSON + 'colonnes_facultatives = ["Sortie"]').sejours() == [ONE_READ]
    export(tmp_path, [TWO], "b.json")
    assert run(tmp_path, JSON).sejours() == [ONE_READ, TWO_READ]


def test_a_number_is_told_as_it_is_written(tmp_path):
    numbers = [
        "7",
        "-0",
        "1.10",
        "12.0",
        "1e5",
        "0.00001",
        "123456789012345678901234567890",
        "2530721073004701",
        "3.25",
    ]
    export(tmp_path, "[" + ",".join(f'{{"v": {number}, "t": "a 1.10, \\"2e5\\""}}' for number in numbers) + "]")
    rows = reading.rows("json", {}, given=[tmp_path / "export"], fichiers=("*.json",))
    assert [row["v"] for row in rows] == numbers
    assert {row["t"] for row in rows} == {'a 1.10, "2e5"'}


_numbers = st.one_of(
    st.integers().map(str),
    st.from_regex(r"-?(0|[1-9][0-9]{0,8})\.[0-9]{1,6}([eE][+-]?[0-9]{1,2})?", fullmatch=True),
)


@given(st.lists(st.tuples(_numbers, st.text()), min_size=1, max_size=5))
def test_any_number_and_any_text_come_back_as_they_were(tmp_path_factory, pairs):
    records = ",\n".join(f'{{"o": {{"n":{n} , "l": [{n}]}}, "t": {json.dumps(t)}}}' for n, t in pairs)
    path = tmp_path_factory.mktemp("json") / "a.json"
    if any("\ud800" <= c <= "\udfff" for _, t in pairs for c in t):
        return
    path.write_text(f"[{records}]", encoding="utf-8")
    rows = reading.rows("json", {}, given=[path], fichiers=("*.json",))
    assert [(row["o.n"], row["t"]) for row in rows] == [(n, t) for n, t in pairs]


def test_what_is_no_text_nor_number_is_told_as_json_writes_it(tmp_path):
    record = {
        "oui": True,
        "non": False,
        "rien": None,
        "liste": [1, "é", {"a": None}],
        "vide": "",
        "objet": {"a": {"b": 1}},
    }
    assert nested(tmp_path, [record], {}, ("objet.a",)) == [
        {"oui": "true", "non": "false", "rien": None, "liste": '[1,"é",{"a":null}]', "vide": "", "objet.a.b": "1",
         "objet.a": '{"b":1}'},
    ]  # fmt: skip


def test_an_object_with_many_keys_is_data_and_stays_one_text(tmp_path):
    days = {f"jour {i}": i for i in range(201)}
    (row,) = nested(tmp_path, [{"id": "1", "jours": days}], {})
    assert list(row) == ["id", "jours"]
    assert json.loads(str(row["jours"])) == days


def test_keys_that_differ_by_case_or_hold_odd_characters_are_columns(tmp_path):
    (row,) = nested(tmp_path, [{"Nom": "a", "NOM": "b", "n/a~": "c", "x $'y": "d", "p.q": "e"}], {})
    assert row == {"Nom": "a", "NOM_2": "b", "n/a~": "c", "x $'y": "d", "p.q": "e"}


# -- lists -------------------------------------------------------------------------------------------------------

RESIDENTS = [
    {"id": "U1", "identité": {"nom": "A"}, "séjours": [
        {"n": "S1", "du": "2025-01-02", "au": "2025-01-31"}, {"n": "S2", "du": "2025-03-01"}]},
    {"id": "U2", "séjours": []},
    {"id": "U3"},
    {"id": "U4", "séjours": {"n": "S4", "du": "2025-04-01"}},
    {"id": "U5", "séjours": "néant"},
]  # fmt: skip
OF_LIST = """
[table.sejour]
source = "suivis"
[table.sejour.colonnes]
sejour_id = "n"
usager_id = "parent.id"
finess_et = { valeur = "000000117" }
date_entree = "du"
date_sortie = "au"
"""


def residents(folder: Path, keys: str, **more: str) -> Imported:
    personnes = '[source.personnes]\nformat = "json"\nfichiers = ["*.json"]\n'
    usager = USAGER.replace("suivis", "personnes").replace('"Usager"', '"id"')
    return run(folder, keys, more=personnes, tables=usager + OF_LIST, **more)


def test_each_element_of_a_nested_list_is_a_row_that_knows_its_record(tmp_path):
    export(tmp_path, RESIDENTS)
    found = residents(tmp_path, JSON + 'liste = "séjours"')
    assert found.rows("select sejour_id, usager_id from sejour order by all") == [
        ("S1", "U1"),
        ("S2", "U1"),
        ("S4", "U4"),
    ]
    assert found.sources["a.json"]["lues"] == 5
    assert found.sources["a.json#séjours"]["lues"] == 4
    assert found.rejected() == [("a.json#séjours", "5", "sejour", "", "LIGNE_IRREGULIERE")]


def test_a_row_of_a_nested_list_is_rejected_at_the_place_of_its_record(tmp_path):
    late = {"id": "U9", "séjours": [{"n": "S9", "du": "demain"}, {"n": "S8", "du": "x"}]}
    lines(tmp_path, "", RESIDENTS[0], late)
    personnes = f"[source.personnes]\n{LINES}"
    usager = USAGER.replace("suivis", "personnes").replace('"Usager"', '"id"')
    found = run(tmp_path, LINES + 'liste = "séjours"', more=personnes, tables=usager + OF_LIST)
    assert found.rejected() == [
        ("a.ndjson#séjours", "3", "sejour", "date_entree", "TYPE_INVALIDE"),
        ("a.ndjson#séjours", "3", "sejour", "date_entree", "TYPE_INVALIDE"),
    ]
    assert found.rejected_rows()["a.ndjson#séjours.csv"].startswith(
        "ligne;n;du;au;parent.id;parent.identité.nom\n3;S9;demain"
    )


def test_a_list_in_a_list(tmp_path):
    records = [
        {"id": "1", "suivi": {"dossiers": [{"n": "D1", "maj": ["2025-01-01", "2025-01-02"]}, {"n": "D2", "maj": []}]}}
    ]
    assert nested(tmp_path, records, {"liste": "suivi.dossiers[*].maj"}) == [
        {"valeur": "2025-01-01", "parent.n": "D1", "parent.parent.id": "1"},
        {"valeur": "2025-01-02", "parent.n": "D1", "parent.parent.id": "1"},
    ]


@pytest.mark.parametrize(("key", "path"), [
    ("liste", "a..b"), ("liste", "$"), ("liste", "a[0]"), ("enregistrements", 'a\\"b'),
    ("enregistrements", "a[*].b[*]"),
])  # fmt: skip
def test_a_path_is_keys_and_points(tmp_path, key, path):
    export(tmp_path, [ONE])
    with pytest.raises(AdapterError, match=rf"source\.suivis\.{key} : des clés séparées par des points"):
        run(tmp_path, f'{JSON}{key} = "{path}"')


# -- what is no JSON ---------------------------------------------------------------------------------------------


def test_a_line_that_is_no_json_is_rejected_alone(tmp_path):
    broken = '{"N": "S9", "Usager": "DURAND'
    twice = '{"N": "S8", "N": "S7", "Usager": "U8", "Entrée": "2025-01-01"}'
    lines(tmp_path, ONE, broken, "null", "12", twice, TWO)
    found = run(tmp_path, LINES)
    assert found.sejours() == [ONE_READ, TWO_READ]
    assert found.sources["a.ndjson"] == {"lues": 6, "acceptees": 2, "rejetees": 4, "ignorees": 0, "motifs_ignorees": {}}
    assert {row[1:2] + row[4:] for row in found.rejected()} == {(str(n), "LIGNE_IRREGULIERE") for n in (2, 3, 4, 5)}
    assert {row["message"] for row in found.rejets} == {
        "ce n'est pas un objet JSON bien formé, ou une clé y figure deux fois"
    }
    assert not any("DURAND" in "".join(row.values()) for row in found.rejets)
    kept = found.rejected_rows()["a.ndjson.csv"]
    assert "DURAND" in kept and "S7" in kept


def test_an_element_that_is_no_object_is_rejected_alone(tmp_path):
    export(tmp_path, [ONE, "x", None, TWO])
    found = run(tmp_path, JSON)
    assert found.sejours() == [ONE_READ, TWO_READ]
    assert [row[1] for row in found.rejected() if row[2] == "sejour"] == ["2", "3"]


def test_a_broken_line_has_no_nested_rows_and_is_one(tmp_path):
    lines(
        tmp_path, {"id": "U1", "séjours": [{"n": "S1", "du": "2025-01-01", "au": None}]}, '{"id": "U2", "séjours": [{'
    )
    personnes = f"[source.personnes]\n{LINES}"
    usager = USAGER.replace("suivis", "personnes").replace('"Usager"', '"id"')
    found = run(tmp_path, LINES + 'liste = "séjours"', more=personnes, tables=usager + OF_LIST)
    assert found.sources["a.ndjson#séjours"]["lues"] == 2
    assert ("a.ndjson#séjours", "2", "sejour", "", "LIGNE_IRREGULIERE") in found.rejected()


def refused(folder: Path, match: str, keys: str = JSON) -> None:
    with pytest.raises(SourceError, match=match) as caught:
        run(folder, keys)
    assert caught.value.hint
    assert "DURAND" not in str(caught.value)
    assert not (folder / "lot").exists()


@pytest.mark.parametrize("document", ["list", "object"])
def test_a_truncated_document_is_said_with_its_line(tmp_path, document):
    text = json.dumps([{**ONE, "Nom": "DURAND"}] * 3, ensure_ascii=False, indent=1)[:-30]
    keys = JSON if document == "list" else JSON + 'enregistrements = "x"'
    export(tmp_path, text if document == "list" else '{"x": ' + text)
    refused(tmp_path, r"E360(?s:.*)a\.json, ligne 20 : le document n'est pas du JSON bien formé", keys)


def test_an_empty_document_is_no_list(tmp_path):
    export(tmp_path, b" \n")
    refused(tmp_path, r"E301.*fichier vide : a\.json")


@pytest.mark.parametrize(
    ("keys", "text"), [(JSON, '[{"N": 1,\n"Nom": "H\u00e9l\u00e8ne"}]'), (LINES, '{"N": 1}\n{"Nom": "\u00e9t\u00e9"}')]
)
def test_a_text_that_is_not_utf8_is_said_with_its_line(tmp_path, keys, text):
    export(tmp_path, text.encode("cp1252"), "a.json" if keys == JSON else "a.ndjson")
    refused(tmp_path, r"E302(?s:.*)a\.n?d?json, ligne 2 : cette ligne n'est pas en UTF-8", keys)


def test_a_document_asks_where_its_records_are(tmp_path):
    export(tmp_path, {"export": {}, "suivis": [ONE]})
    with pytest.raises(
        AdapterError, match=r'E361.*a\.json est un document(?s:.*)enregistrements = "…" \(clés vues : export, suivis\)'
    ):
        run(tmp_path, JSON)
    with pytest.raises(AdapterError, match=r"E201.*«suivi» n'y mène à aucune liste \(clés vues : export, suivis\)"):
        run(tmp_path, JSON + 'enregistrements = "suivi"')


def test_a_list_has_no_path_to_its_records(tmp_path):
    export(tmp_path, [ONE])
    with pytest.raises(AdapterError, match=r"E201.*a\.json : «suivis» n'y est pas, le document est une liste"):
        run(tmp_path, JSON + 'enregistrements = "suivis"')

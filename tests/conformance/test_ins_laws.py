"""Laws of the identity checks over invented persons: a right identity gives no finding, a single fault its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esms_sdk.checks import Examined, load_all
from esms_sdk.conformance import catalogue, profile
from esms_sdk.conformance.findings import Findings
from esms_sdk.conformance.lot_run import judge
from esms_sdk.lot import Lot
from tests.conformance.case_lot import fill, memory_lot

Row = dict[str, str]
INS = {id: one for id, one in catalogue().items() if one.domaine == "INS" and one.objet == "lot"}
CHECKS = {id: check for id, check in load_all().items() if id in INS}
FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def lot() -> Iterator[Lot]:
    with memory_lot() as made:
        yield made


def found(lot: Lot, people: list[Row], history: list[Row]) -> set[tuple[str, str, str | None]]:
    """Return (requirement, code, key) of every finding over these persons."""
    fill(lot, {"usager": people, "historique_identite": history})
    findings = Findings()
    try:
        examined = Examined(lot, "production", profile().parameters(lot.manifest.date_extraction.date()))
        judged = judge(INS.values(), CHECKS, examined, findings)
        assert [one.motif for one in judged.values() if "erreur interne" in one.motif] == []
        return {(one.exigence, one.code, one.cle) for one in findings.lines()}
    finally:
        findings.close()


def letters(number: int) -> str:
    return "".join(chr(ord("A") + int(digit)) for digit in str(number))


@st.composite
def persons(draw: st.DrawFn, statut: str | None = None) -> Callable[[int], Row]:
    """Draw a person that meets every rule; the number makes names and matricule its own."""
    statut = statut or draw(st.sampled_from(["PROV", "VALI", "RECUP", "QUAL"]))
    born = draw(st.dates(date(1930, 1, 1), date(2020, 12, 31)))
    sexe = draw(st.sampled_from("FM"))
    cog = draw(st.sampled_from(["63220", "2A073", "2B101", "97105", "99352"]))
    given_names = draw(st.lists(st.sampled_from(["ANNA", "JEAN-LOU", "D'ARC", "ZOE"]), min_size=1, max_size=3))
    nia = draw(st.booleans())
    pseudo = draw(st.booleans())

    def person(number: int) -> Row:
        month = "21" if pseudo else f"{born:%m}"
        body = f"{1 if sexe == 'M' else 2}{born:%y}{month}{cog}{number:03}"
        key = 97 - int(body.replace("2A", "19").replace("2B", "18") if cog[0:2] in ("2A", "2B") else body) % 97
        called = statut in ("RECUP", "QUAL")
        return {
            "usager_id": f"U{number}", "statut_identite": statut, "attributs_identite": "",
            "matricule_ins": f"{body}{key:02}" if called else "",
            "oid_ins": ("1.2.250.1.213.1.4.9" if nia else "1.2.250.1.213.1.4.8") if called else "",
            "nom_naissance": f"D'ESSAI {letters(number)}--VAL", "prenoms_naissance": " ".join(given_names),
            "premier_prenom": given_names[0], "sexe": sexe, "date_naissance": born.isoformat(),
            "date_naissance_estimee": "false", "lieu_naissance_cog": cog,
            "mode_obtention_ins": "INSi" if called else "", "date_interrogation_insi": "2024-03-01" if called else "",
            "mode_validation_identite": "CN" if statut in ("VALI", "QUAL") else "",
        }  # fmt: skip

    return person


def history_of(person: Row) -> Row:
    return {
        "usager_id": person["usager_id"], "statut_identite": person["statut_identite"],
        "matricule_present": "true" if person["matricule_ins"] else "false",
    }  # fmt: skip


# The Corsican body is replaced as text above: a number of order or date that holds "2A" does not exist.
@FEW
@given(st.lists(persons(), min_size=1, max_size=6))
def test_a_right_identity_gives_no_finding(lot: Lot, drawn: list[Callable[[int], Row]]) -> None:
    people = [make(number) for number, make in enumerate(drawn, 1)]
    assert found(lot, people, [history_of(one) for one in people]) == set()


def other_key(one: Row) -> str:
    return one["matricule_ins"][:-2] + f"{int(one['matricule_ins'][-2:]) % 97 + 1:02}"


Change = Callable[[Row], Mapping[str, str]]
# Of a qualified person: what changes, and the one finding that it makes.
FAULTS: list[tuple[Change, tuple[str, str]]] = [
    (lambda one: {"matricule_ins": other_key(one)}, ("ESMS-INS-01", "CLE")),
    (lambda one: {"matricule_ins": one["matricule_ins"][:12]}, ("ESMS-INS-01", "FORME")),
    (lambda one: {"oid_ins": "1.2.250.1.213.1.4.10"}, ("ESMS-INS-02", "OID_AUTRE_MODE")),
    (lambda one: {"oid_ins": "1.2.250.1.213.1.4.2"}, ("ESMS-INS-02", "OID_INCONNU")),
    (lambda one: {"sexe": ""}, ("ESMS-INS-03", "TRAIT_MANQUANT")),
    (lambda one: {"nom_naissance": ""}, ("ESMS-INS-03", "TRAIT_MANQUANT")),
    (lambda one: {"lieu_naissance_cog": "PARIS"}, ("ESMS-INS-03", "LIEU")),
    (lambda one: {"nom_naissance": one["nom_naissance"].lower()}, ("ESMS-INS-04", "MINUSCULES")),
    (lambda one: {"nom_naissance": one["nom_naissance"].replace("E", "É")}, ("ESMS-INS-04", "DIACRITIQUES")),
    (lambda one: {"nom_naissance": one["nom_naissance"] + "'' "}, ("ESMS-INS-04", "PONCTUATION")),
    (lambda one: {"premier_prenom": "MARIE"}, ("ESMS-INS-05", "PREMIER_PRENOM")),
    (lambda one: {"premier_prenom": ""}, ("ESMS-INS-05", "PREMIER_PRENOM_MANQUANT")),
    (lambda one: {"date_naissance": one["date_naissance"][:4] + "-00-00"}, ("ESMS-INS-06", "ZERO")),
    (lambda one: {"date_naissance": one["date_naissance"][:7] + "-32"}, ("ESMS-INS-06", "IMPOSSIBLE")),
    (lambda one: {"attributs_identite": "DOUT"}, ("ESMS-INS-10", "STATUT")),
    (lambda one: {"statut_identite": ""}, ("ESMS-INS-14", "STATUT_MANQUANT")),
    (lambda one: {"oid_ins": ""}, ("ESMS-INS-15", "MATRICULE_SANS_OID")),
    (lambda one: {"sexe": "I"}, ("ESMS-INS-18", "SEXE")),
    (lambda one: {"mode_obtention_ins": "", "date_interrogation_insi": ""}, ("ESMS-INS-19", "SANS_INSI")),
    (lambda one: {"mode_validation_identite": ""}, ("ESMS-INS-20", "PIECE_MANQUANTE")),
]


@FEW
@given(st.lists(persons("QUAL"), min_size=len(FAULTS), max_size=len(FAULTS)))
def test_a_single_fault_gives_its_own_finding_and_no_other(lot: Lot, drawn: list[Callable[[int], Row]]) -> None:
    people = [make(number) for number, make in enumerate(drawn, 1)]
    history = [history_of(one) for one in people]
    wrong = [{**one, **change(one)} for one, (change, _) in zip(people, FAULTS, strict=True)]
    expected = {(id, code, one["usager_id"]) for one, (_, (id, code)) in zip(people, FAULTS, strict=True)}
    assert found(lot, wrong, history) == expected


@FEW
@given(persons("QUAL"), st.sampled_from(["PROV", "VALI"]))
def test_a_lower_status_that_keeps_its_matricule_gives_one_finding(
    lot: Lot, make: Callable[[int], Row], statut: str
) -> None:
    person = {**make(1), "statut_identite": statut}
    assert found(lot, [person], [history_of(person)]) == {("ESMS-INS-08", "MATRICULE_INTERDIT", "U1")}


@FEW
@given(persons("QUAL"), st.permutations(["U1", "U2", "U3"]))
def test_the_order_of_rows_changes_nothing(lot: Lot, make: Callable[[int], Row], order: list[str]) -> None:
    same = make(1)
    people = {
        "U1": same, "U2": {**same, "usager_id": "U2"},
        "U3": {**same, "usager_id": "U3", "statut_identite": "PROV", "matricule_ins": "", "oid_ins": ""},
    }  # fmt: skip
    rows = [people[id] for id in order]
    shared = {("ESMS-INS-21", "DOUBLON", id) for id in ("U1", "U2")}
    assert found(lot, rows, [history_of(one) for one in rows]) == shared | {
        ("ESMS-INS-22", "DOUBLON_POTENTIEL", id) for id in people
    }

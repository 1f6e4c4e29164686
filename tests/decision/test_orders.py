"""An order is refused with every fault at once, each named by its key and its value; the rest is said and refuses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from esms_sdk import content
from esms_sdk.archive import pack
from esms_sdk.commande import Commande, Solution, examine, examine_file, read_commande
from esms_sdk.decision import validation
from esms_sdk.decision.facts import Facts, Lieu
from esms_sdk.decision.other_orders import OtherOrder, read_orders
from esms_sdk.decision.validation import Setting
from esms_sdk.decision.warnings import warnings
from esms_sdk.errors import DossierError, UsageError
from esms_sdk.finess import Etablissement, Organisme
from esms_sdk.lot import manifest as manifests
from esms_sdk.period import Period
from tests.lots import EHPAD, EJ, IME, MANIFEST, SSIAD
from tests.va.worlds import OTHER_EJ, numbered, order

P = Period(date(2025, 9, 1), date(2025, 9, 30))
SETTING = Setting("va", P.fin, P)
ORDER = Commande(EJ, (EHPAD, SSIAD), "BC-1", date(2023, 11, 6))


def faults(one: Commande, setting: Setting = SETTING) -> dict[str, str]:
    try:
        validation.validate(one, "commande.toml", setting)
    except DossierError as error:
        assert error.code == "ESMS-E640" and error.exit_code == 2
        return {fault.code: str(fault) for fault in error.faults}
    return {}


def test_a_right_order_has_no_fault() -> None:
    assert faults(ORDER) == {}
    assert faults(replace(ORDER, montant_ttc=Decimal(5840), nb_essms_og=4)) == {}
    assert faults(replace(ORDER, date=None), replace(SETTING, genre="usages")) == {}


def test_every_fault_is_named_at_once_with_its_key_and_value() -> None:
    wrong = Commande(
        "000000019", ("000000118", EHPAD, EHPAD, "000000019"), None, date(2022, 2, 11), "abc", None, Decimal(4000), 2
    )  # fmt: skip
    found = faults(wrong)
    assert set(found) == {
        "REFERENCE_ABSENTE", "FINESS", "REPETE", "JURIDIQUE", "AVANT_LE_PROGRAMME", "PLUS_QUE_L_OG", "REMPLACE", "MOTIF_ABSENT",
    }  # fmt: skip
    assert "000000117 y est 2 fois" in found["REPETE"] and "commande.toml, clé «etablissements» : " in found["REPETE"]
    assert "11/02/2022" in found["AVANT_LE_PROGRAMME"] and "3 ESSMS" in found["PLUS_QUE_L_OG"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"date": None}, "DATE_ABSENTE"),
        ({"date": date(2025, 10, 1)}, "APRES_LA_MESURE"),
        ({"montant_ttc": Decimal(5840)}, "TAILLE_OG_ABSENTE"),
        ({"montant_ttc": Decimal("5840.01"), "nb_essms_og": 4}, "MONTANT"),
        ({"montant_ttc": Decimal(5840), "nb_essms_og": 5}, "MONTANT"),
        ({"motif_rectification": "x"}, "REMPLACE_ABSENT"),
        ({"remplace": "a" * 64}, "MOTIF_ABSENT"),
        ({"remplace": "g" * 64, "motif_rectification": "x"}, "REMPLACE"),
        ({"etablissements": (EHPAD, "0000 00125")}, "FINESS"),
    ],
)
def test_a_fault_alone_is_named(changes: Mapping[str, Any], code: str) -> None:
    assert list(faults(replace(ORDER, **changes))) == [code]


@pytest.mark.parametrize(
    ("number", "total"),
    [(8, 17520), (19, 31217), (20, 24640), (35, 43120), (72, 88704), (99, 121968), (100, 113300)],
)
def test_the_published_amounts_are_the_scale_with_its_cliffs(number: int, total: int) -> None:
    ordered = tuple(numbered(rank) for rank in range(100, 100 + number))
    one = replace(ORDER, etablissements=ordered, nb_essms_og=number, montant_ttc=Decimal(total))
    assert faults(one) == {}
    assert set(faults(replace(one, montant_ttc=Decimal(total - 1)))) == {"MONTANT"}


def test_after_the_guichet_no_scale_is_known_and_that_is_said() -> None:
    late = replace(ORDER, date=date(2024, 2, 29), montant_ttc=Decimal(1), nb_essms_og=4)
    assert faults(late) == {}
    told = " ".join(warned(late))
    assert "autre guichet" in told and "le montant n'est pas vérifié" in told
    assert "clos : aux commandes depuis le 28/02/2024, au solde depuis le 19/12/2024" in " ".join(warned(ORDER))


class Register:
    """A register of two establishments and a body, which no file holds."""

    invente, genere_le = False, date(2025, 9, 30)

    def etablissement(self, number: str) -> Etablissement | None:
        until = {SSIAD: date(2025, 1, 1)}.get(number)
        ej = OTHER_EJ if number == IME else EJ
        return None if number not in (EHPAD, SSIAD, IME) else Etablissement(
            number, ej, "ESSMS", "177", None, until, until is None
        )  # fmt: skip

    def organisme(self, number: str) -> Organisme | None:
        return Organisme(number, "OG", "", None, None, True) if number == EJ else None


def test_the_register_names_what_is_unknown_closed_or_another_bodys() -> None:
    setting = replace(SETTING, reference=Register())  # type: ignore[arg-type]
    assert faults(replace(ORDER, etablissements=(EHPAD,)), setting) == {}
    found = faults(replace(ORDER, finess_ej=OTHER_EJ, etablissements=(SSIAD, IME, numbered(7))), setting)
    assert {"INCONNU", "F4", "F5", "F7"} == set(found)


def neighbour(path: Path, *, etablissements: str = f'["{EHPAD}"]', date: str = "date = 2023-01-01\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f'[commande]\nreference = "BC-0"\nfiness_ej = "{EJ}"\netablissements = {etablissements}\n{date}'
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


@pytest.mark.parametrize("listed", [f'["{EHPAD}", 7]', f'["{EHPAD} "]', '["0000 00117"]', "7"])
def test_a_neighbour_that_is_written_badly_passes_nothing_by(tmp_path: Path, listed: str) -> None:
    neighbour(tmp_path / "autre.toml", etablissements=listed)
    found, unreadable = read_orders(tmp_path)
    assert unreadable or "BC-0" in faults(ORDER, replace(SETTING, voisines=found))["AUTRE_COMMANDE"]
    if "7]" in listed or listed == "7":
        assert [(one.code, one.fichier) for one in unreadable] == [("COMMANDE_ILLISIBLE", "autre.toml")]
        assert "commande.etablissements" in unreadable[0].message


def test_an_order_that_stands_among_the_others_is_not_its_own_neighbour(tmp_path: Path) -> None:
    own = neighbour(tmp_path / "commande.toml", etablissements="7", date="date = 1\n")
    assert read_orders(tmp_path, own) == ([], [])


def test_a_neighbour_without_a_date_is_an_order_of_usages_as_its_dossier_would_be(tmp_path: Path) -> None:
    neighbour(tmp_path / "usages.toml", date="")
    found, unreadable = read_orders(tmp_path)
    setting = replace(SETTING, voisines=found)
    assert unreadable == [] and faults(ORDER, setting) == {}
    assert set(faults(ORDER, replace(setting, genre="usages"))) == {"AUTRE_COMMANDE"}


@pytest.mark.parametrize("genre", ["va", "usages"])
def test_the_orders_of_the_samples_stand_side_by_side(genre: str) -> None:
    folder = content.folder("samples") / "commandes"
    found, unreadable = read_orders(folder)
    assert {one.genre for one in found} == {"va", "usages"} and unreadable == []
    one = read_commande(folder / f"{genre}.toml")
    assert faults(one, replace(SETTING, genre=genre, voisines=found)) == {}


@pytest.mark.parametrize(
    "amount",
    [float("inf"), float("-inf"), float("nan"), 1e40, pytest.param(10**400, id="huge"), 1_000_000_001, 0, True],
)
def test_an_amount_that_is_none_is_a_fault_of_the_form(amount: float) -> None:
    found, wrong = examine({"commande": {"finess_ej": EJ, "etablissements": [EHPAD], "montant_ttc": amount}}, "c.toml")
    assert found.montant_ttc is None and len(wrong) == 1 and "montant_ttc" in wrong[0].message


@pytest.mark.parametrize(
    "written",
    ['date = "2023-11-06"', "date = 2023-11-06T10:00:00", 'reference = ""', "nb_essms_og = 0\nmontant_ttc = 4380",
     'remplace = ""\nmotif_rectification = "oubli"', f'remplace = "{"a" * 64}"\nmotif_rectification = 3'],
)  # fmt: skip
def test_what_is_written_badly_is_not_missing_besides(tmp_path: Path, written: str) -> None:
    known = {"reference": '"BC-1"', "date": "2023-11-06", "finess_ej": f'"{EJ}"', "etablissements": f'["{EHPAD}"]'}
    lines = [f"{key} = {value}" for key, value in known.items() if not written.startswith(f"{key} ")]
    path = tmp_path / "commande.toml"
    path.write_text("\n".join(["[commande]", *lines, written, ""]), encoding="utf-8", newline="\n")
    one, wrong = examine_file(path)
    with pytest.raises(DossierError) as error:
        validation.validate(one, path.name, SETTING, wrong)
    assert len(error.value.faults) == 1


def test_a_number_without_quotes_hides_no_fault_of_the_others() -> None:
    told = {"reference": "BC-1", "date": date(2023, 11, 6), "finess_ej": EJ}
    one, wrong = examine({"commande": {**told, "etablissements": [EHPAD, EHPAD, "000000118", 7]}}, "commande.toml")
    with pytest.raises(DossierError) as error:
        validation.validate(one, "commande.toml", SETTING, wrong)
    assert [fault.code for fault in error.value.faults][1:] == ["REPETE", "FINESS"]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_an_order_is_read_as_every_reader_of_toml_reads_it(tmp_path: Path, end: str) -> None:
    path = tmp_path / "commande.toml"
    lines = ("[commande]", f'finess_ej = "{EJ}"', f'etablissements = ["{EHPAD}"]', "")
    path.write_bytes(end.join(lines).encode())
    if end == "\r":
        with pytest.raises(UsageError, match=r"CR seul.*LF ou CRLF"):
            read_commande(path)
        assert [fault.code for fault in read_orders(tmp_path)[1]] == ["COMMANDE_ILLISIBLE"]
    else:
        assert read_commande(path).etablissements == (EHPAD,)


def test_an_essms_of_another_order_is_named_with_that_order(tmp_path: Path) -> None:
    neighbour(tmp_path / "autre" / "commande.toml")
    order(tmp_path / "la_meme.toml", [EHPAD, SSIAD])
    (tmp_path / "esms.toml").write_text("[check]\n", encoding="utf-8")
    found, unreadable = read_orders(tmp_path)
    assert (len(found), unreadable) == (2, [])
    assert "BC-0" in faults(ORDER, replace(SETTING, voisines=found))["AUTRE_COMMANDE"]
    assert faults(replace(ORDER, etablissements=(SSIAD,)), replace(SETTING, voisines=found)) == {}


def test_the_dossier_that_an_order_replaces_is_no_other_order(tmp_path: Path) -> None:
    import hashlib

    text = f'[commande]\nreference = "BC-0"\nfiness_ej = "{EJ}"\netablissements = ["{EHPAD}"]\n'.encode()
    manifest = b'{"genre": "va"}'
    pack(tmp_path / "ancien.zip", {"commande.toml": text, "manifeste.json": manifest})
    (tmp_path / "photo.zip").write_bytes(b"PK")
    found, unreadable = read_orders(tmp_path)
    assert [fault.fichier for fault in unreadable] == ["photo.zip"]
    setting = replace(SETTING, voisines=found)
    assert set(faults(ORDER, setting)) == {"AUTRE_COMMANDE"}
    replacing = replace(ORDER, remplace=hashlib.sha256(manifest).hexdigest(), motif_rectification="oubli")
    assert faults(replacing, setting) == {}
    assert faults(ORDER, replace(setting, genre="usages")) == {}


def test_a_folder_of_orders_that_is_not_there_is_a_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(DossierError) as error:
        read_orders(tmp_path / "absent")
    assert error.value.code == "ESMS-E641"


def test_what_can_be_read_of_an_order_is_examined_beside_its_form() -> None:
    found, wrong = examine({"commande": {"finess_ej": EJ, "etablissements": [EHPAD], "dat": 1}}, "commande.toml")
    assert found.etablissements == (EHPAD,) and len(wrong) == 1
    with pytest.raises(DossierError) as error:
        validation.validate(found, "commande.toml", SETTING, wrong)
    assert len(error.value.faults) == 3


def warned(one: Commande, setting: Setting = SETTING, **lieu: Any) -> tuple[str, ...]:
    place = Lieu(EJ, "ESSMS", lieu.get("categorie", "500"), None, None, "standard")
    facts = Facts(one, None, None, {EHPAD: place}, {}, {}, {})  # type: ignore[arg-type]
    return warnings(facts, setting, manifests.build({**MANIFEST, "perimetre": [EHPAD]}))


def test_the_category_of_an_establishment_of_another_body_stays_untold() -> None:
    assert any("101" in one for one in warned(ORDER, categorie="101"))
    assert not any("101" in one for one in warned(replace(ORDER, finess_ej=OTHER_EJ), categorie="101"))


def test_a_category_outside_the_sons_and_another_software_are_said() -> None:
    assert any("groupe 4500" in one for one in warned(ORDER, categorie="177"))
    assert any("pas dans notre liste" in one for one in warned(ORDER, categorie="365"))
    assert len(warned(ORDER)) == 1
    other = replace(ORDER, solution=Solution("Éditeur inventé", "Autre", "2.0"))
    assert sum("n'est pas celle du lot" in one for one in warned(other)) == 2
    setting = replace(SETTING, reference=Register())  # type: ignore[arg-type]
    assert any("177" in one for one in warned(ORDER, setting, categorie=None))


def test_other_orders_know_their_name() -> None:
    assert OtherOrder(ORDER, "a.toml").nom == "«BC-1» (a.toml)"
    assert OtherOrder(replace(ORDER, reference=None), "a.toml").nom == "a.toml"

"""``esms va build``: one zip of the ordered establishments alone, the same bytes each time, and the reasons in words."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from esms_sdk import content
from esms_sdk.cli.program import main
from esms_sdk.conformance import catalogue, run
from esms_sdk.va import attestation, conformity
from tests.lots import EHPAD, EJ, IME, SSIAD
from tests.va.worlds import DAY, OTHER_EJ, Tables, added, build, changed, lot, numbered, order, tables

OTHER, CLOSED, ABSENT = "000000158", "000000166", "000000141"
PERSON = {
    "nom_naissance": "ZCANARINE", "prenoms_naissance": "OISELINA ANNE", "premier_prenom": "OISELINA",
    "nom_utilise": "ZVOLIERE", "prenom_utilise": "OISELINA", "date_naissance": "1937-11-23", "sexe": "F",
    "matricule_ins": "237112A07300499", "oid_ins": "1.2.250.1.213.1.4.10", "lieu_naissance_cog": "2A073",
    "statut_identite": "RECUP", "date_deces": "2031-02-01",
}  # fmt: skip
# Of a professional, and what somebody wrote in that column.
RPPS = ("10000000017", "10004567894", "DR ZPLUMEAU")
STRANGER = "ZNICHOIR D'UN AUTRE"
WAIVERS = f"""[[ecart]]
exigence = "ESMS-DONNEES-01"
motif = "reprise"
responsable = "Équipe données"
expire_le = 2031-01-01
finess = ["{OTHER}", "{EHPAD}"]
[[ecart]]
exigence = "ESMS-DONNEES-01"
motif = "ailleurs"
responsable = "Équipe données"
expire_le = 2031-01-01
finess = ["{OTHER}"]
"""


def two_bodies() -> Tables:
    """Two OG with identities that are wrong in many ways, so that the conformance report has much to tell."""
    made = added(tables([EHPAD, SSIAD, IME, CLOSED]), tables([OTHER], OTHER_EJ))
    changed(made, "etablissement", IME, profil_cibles="pjm")
    changed(made, "etablissement", CLOSED, date_fermeture="2025-06-30")
    changed(made, "etablissement", OTHER, denomination=STRANGER, categorie="101", date_deploiement="2029-05-07")
    for row in made["usager"]:
        row.update(PERSON)
    made["envoi"] += [
        {**made["envoi"][rank], "envoi_id": f"R{rank}", "rpps": rpps} for rank, rpps in enumerate(RPPS[1:])
    ]
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("monde")
    lot(folder / "lot", two_bodies())
    (folder / "ecarts.toml").write_text(WAIVERS, encoding="utf-8")
    order(folder / "commande.toml", [EHPAD, SSIAD])
    order(folder / "melee.toml", [EHPAD, IME, CLOSED, OTHER, ABSENT])
    return folder


@pytest.fixture(scope="module")
def dossier(world: Path) -> Path:
    out = world / "dossier.zip"
    waived = ("--waivers", str(world / "ecarts.toml"))
    assert build(world / "lot", world / "commande.toml", out, *waived) == 0
    return out


@pytest.fixture
def few_requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge the requirements on the order alone: the others take most of the time of a test."""
    kept = {id: one for id, one in catalogue().items() if one.domaine in ("VA", "TBB")}
    monkeypatch.setattr(conformity, "run", lambda asked: run(replace(asked, requirements=kept)))


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def manifest(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(members(path)["manifeste.json"])
    return found


def test_the_members_are_those_of_the_contract_in_order_and_without_a_day(dossier: Path) -> None:
    with zipfile.ZipFile(dossier) as archive:
        infos = archive.infolist()
    names = [info.filename for info in infos]
    assert names == sorted(names)
    asked = {
        "attestation.html", *(f"indicateurs.{kind}" for kind in ("json", "csv", "xlsx")),
        *(f"tableau_de_bord.{kind}" for kind in ("json", "csv", "xlsx", "html")), "conformite.json", "conformite.html",
        "commande.toml", "LISEZMOI.txt", "manifeste.json",
    }  # fmt: skip
    assert set(names) == asked | ({"attestation.pdf"} if attestation.pdf_available() else set())
    assert {(info.date_time, info.external_attr, info.create_system) for info in infos} <= {
        ((1980, 1, 1, 0, 0, 0), 0o600 << 16, 0)
    }


def test_the_manifest_names_every_other_member_with_its_digest_and_size(dossier: Path) -> None:
    found = members(dossier)
    listed = {one["nom"]: (one["sha256"], one["taille"]) for one in manifest(dossier)["fichiers"]}
    assert listed == {
        name: (hashlib.sha256(data).hexdigest(), len(data)) for name, data in found.items() if name != "manifeste.json"
    }


def test_the_same_build_elsewhere_gives_the_same_bytes(world: Path, dossier: Path, tmp_path: Path) -> None:
    elsewhere = lot(tmp_path / "un autre nom", two_bodies())
    ordered = order(tmp_path / "ailleurs" / "bon.toml", [EHPAD, SSIAD])
    (tmp_path / "ecarts.toml").write_text(WAIVERS, encoding="utf-8")
    assert build(elsewhere, ordered, tmp_path / "d.zip", "--waivers", str(tmp_path / "ecarts.toml")) == 0
    assert (tmp_path / "d.zip").read_bytes() == dossier.read_bytes()


def test_the_order_stands_there_as_it_was_given(world: Path, dossier: Path) -> None:
    assert members(dossier)["commande.toml"] == (world / "commande.toml").read_bytes()
    told = manifest(dossier)
    assert told["commande"]["etablissements"] == [EHPAD, SSIAD] and told["remplace"] is None
    assert (told["genre"], told["signable"], told["mesure_le"]) == ("va", True, DAY)


def test_the_conformance_report_is_of_the_ordered_establishments_and_names_nobody(dossier: Path) -> None:
    report = json.loads(members(dossier)["conformite.json"])
    assert {finess for one in report["exigences"] for finess in one["par_finess"]} == {EHPAD, SSIAD}
    found = [c for one in report["exigences"] if one["domaine"] != "VA" for c in one["constats"]]
    assert len(found) > 5 and not any(name in json.dumps(found) for name in ('"cle"', '"fichier"'))
    assert [(one["motif"], one["finess"]) for one in report["ecarts"]] == [("reprise", [EHPAD])]
    verdicts = {one["id"]: one["verdict"] for one in report["exigences"]}
    assert (verdicts["ESMS-VA-01"], verdicts["ESMS-TBB-09"]) == ("conforme", "conforme")
    assert report["entrees"][0]["nom"] == "lot" and "--kind va --measured-on 2025-09-30" in report["ligne_de_commande"]


@pytest.mark.parametrize(
    ("schema", "member"),
    [("dossier", "manifeste"), ("indicateurs", "indicateurs"), ("tableau_de_bord", "tableau_de_bord"),
     ("conformite", "conformite")],
)  # fmt: skip
def test_each_document_is_one_of_its_published_schema(dossier: Path, schema: str, member: str) -> None:
    published = json.loads((content.folder("conformance") / f"{schema}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(published)
    document = json.loads(members(dossier)[f"{member}.json"])
    assert [fault.message for fault in Draft202012Validator(published).iter_errors(document)] == []
    del document["schema"]
    assert not Draft202012Validator(published).is_valid(document)


def contents(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Yield a member as texts: a workbook file by file, the streams of a PDF inflated."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for inner in archive.namelist():
                yield from contents(f"{name}!{inner}", archive.read(inner))
        return
    yield name, data.decode("utf-8", "replace")
    if data.startswith(b"%PDF"):
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.S):
            try:
                yield name, zlib.decompress(stream).decode("latin-1")
            except zlib.error:
                continue


def test_no_member_tells_of_a_person_nor_of_an_establishment_that_is_not_ordered(world: Path, dossier: Path) -> None:
    keys = [f"{letter}{finess}" for letter in ("U", "S", "D", "DOC", "MSG") for finess in (EHPAD, SSIAD, OTHER)]
    persons = [
        value for key, value in PERSON.items()
        if key not in ("sexe", "statut_identite", "oid_ins", "date_deces", "lieu_naissance_cog")
    ]  # fmt: skip
    forbidden = [
        *persons, *RPPS, "ZPLUMEAU", "OISELINA", "23/11/1937", "19371123", PERSON["matricule_ins"][:13], "2A073",
        *keys, OTHER, OTHER_EJ, IME, CLOSED, str(world), world.name,
    ]  # fmt: skip
    told = [
        f"{where}: {word}"
        for name, data in members(dossier).items()
        for where, text in contents(name, data)
        for word in forbidden
        if word in text
    ]
    assert told == []
    for member in ("tableau_de_bord.html", "tableau_de_bord.json", "tableau_de_bord.csv", "LISEZMOI.txt"):
        told_of = re.sub(r"\s+", " ", html.unescape(members(dossier)[member].decode()))
        assert "par RPPS n'" in told_of and "esms dashboard" in told_of
        assert "ne porte de RPPS" not in told_of
    # The search itself finds what is there.
    assert any(EHPAD in text for _, text in contents("x", members(dossier)["indicateurs.xlsx"]))


@pytest.mark.usefixtures("few_requirements")
def test_each_that_must_fail_is_named_and_the_dossier_is_written_all_the_same(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "d.zip"
    assert build(world / "lot", world / "melee.toml", out) == 1
    told = manifest(out)
    assert {one["finess_et"]: one["motifs"] for one in told["decisions"]} == {
        EHPAD: [], IME: ["HORS_CHAMP_SONS"], CLOSED: ["FERME"], OTHER: ["AUTRE_EJ"], ABSENT: ["ABSENT_DU_LOT"],
    }  # fmt: skip
    assert not told["signable"] and all(one["remede"] for each in told["decisions"] for one in each["manques"])
    said = capsys.readouterr().out
    assert "NON SIGNABLE" in said and all(f"- {finess}" in said for finess in (IME, CLOSED, OTHER, ABSENT))
    inside = members(out)
    shown = [one["finess_et"] for one in json.loads(inside["indicateurs.json"])["etablissements"]]
    assert shown == [EHPAD, IME, CLOSED]
    every = [said, *(text for name, data in inside.items() for _, text in contents(name, data))]
    for untold in (OTHER_EJ, STRANGER, "ZNICHOIR", "catégorie 101", "2029-05-07"):
        assert not any(untold in text for text in every), untold
    assert "NON SIGNABLE" in inside["attestation.html"].decode() and "NON SIGNABLE" in inside["LISEZMOI.txt"].decode()
    verdicts = {one["id"]: one for one in json.loads(inside["conformite.json"])["exigences"]}
    codes = {constat["code"] for constat in verdicts["ESMS-VA-01"]["constats"]}
    assert codes == {"HORS_CHAMP_SONS", "FERME", "AUTRE_EJ", "ABSENT_DU_LOT"}


@pytest.mark.usefixtures("few_requirements")
def test_an_order_of_which_nothing_is_in_the_lot_has_its_dossier_too(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ordered = order(tmp_path / "commande.toml", [ABSENT])
    assert build(world / "lot", ordered, tmp_path / "d.zip", "--format", "json") == 1
    document = json.loads(capsys.readouterr().out)
    assert [each["motif"] for one in document["etablissements"] for each in one["conditions"]] == ["ABSENT_DU_LOT"]
    assert json.loads(members(tmp_path / "d.zip")["tableau_de_bord.json"])["etablissements"] == []


@pytest.mark.usefixtures("few_requirements")
def test_without_the_engine_of_pdf_the_dossier_says_so(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attestation, "pdf_available", lambda: False)
    assert build(world / "lot", world / "commande.toml", tmp_path / "d.zip") == 0
    assert "Sans attestation.pdf" in capsys.readouterr().err
    assert [one["nom"] for one in manifest(tmp_path / "d.zip")["absents"]] == ["attestation.pdf"]
    assert "attestation.pdf" in members(tmp_path / "d.zip")["LISEZMOI.txt"].decode()


def test_a_wrong_order_or_lot_writes_nothing(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ordered = order(tmp_path / "commande.toml", [EHPAD, EHPAD, "000000118"], more="montant_ttc = 1\ndates = 1")
    out = tmp_path / "d.zip"
    assert build(world / "lot", ordered, out) == 2
    told = capsys.readouterr().err
    assert "[ESMS-E640]" in told and told.count("  - ") == 5
    assert build(tmp_path / "absent", world / "commande.toml", out) == 2
    assert build(world / "lot", tmp_path / "absent.toml", out) == 2
    assert not out.exists()


@pytest.mark.usefixtures("few_requirements")
def test_the_members_are_made_beside_the_zip_where_the_next_run_tidies(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []
    written = attestation.write_html
    monkeypatch.setattr(
        attestation, "write_html", lambda contents, path: seen.append(path.parent) or written(contents, path)
    )
    assert build(world / "lot", world / "commande.toml", tmp_path / "d.zip") == 0
    assert [folder.parent for folder in seen] == [tmp_path.resolve() / ".d.zip.esms-tmp"]
    assert [path.name for path in tmp_path.iterdir()] == ["d.zip"]


@pytest.mark.usefixtures("few_requirements")
def test_what_others_wrote_commands_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tables([EHPAD])
    changed(made, "etablissement", EHPAD, denomination="Les Tilleuls\u202egro.exe\x1b[2J")
    lot(tmp_path / "lot", made)
    ordered = order(tmp_path / "c.toml", [EHPAD])
    text = ordered.read_text(encoding="utf-8")
    ordered.write_text(text.replace("BC-1", "BC\\u0000\\u202E1"), encoding="utf-8", newline="\n")
    assert build(tmp_path / "lot", ordered, tmp_path / "a.zip") == 0
    ordered.write_text(text.replace("BC-1", "BC\\u0000\\u202E2"), encoding="utf-8", newline="\n")
    assert build(tmp_path / "lot", ordered, tmp_path / "b.zip") == 0
    assert main(["va", "diff", str(tmp_path / "a.zip"), str(tmp_path / "b.zip")]) == 0
    said = capsys.readouterr().out + members(tmp_path / "a.zip")["LISEZMOI.txt"].decode()
    assert "Les Tilleuls[U+202E]gro.exe[U+001B]" in said and said.count("BC[U+0000][U+202E]1") == 3
    assert not set(said) & {"\x00", "\u202e", "\x1b"}


def test_a_name_that_nothing_breaks_stays_on_a_phone(dossier: Path) -> None:
    page = members(dossier)["tableau_de_bord.html"].decode()
    broken = next(line for line in page.splitlines() if line.startswith("h1, h2") and "overflow-wrap: anywhere" in line)
    assert {"h2", "caption", "tbody th"} <= {one.strip() for one in broken.partition("{")[0].split(",")}
    # The rule of a row travels with its sticky cell only where each cell has its own.
    assert "table.summary { border-collapse: separate" in page and '<caption id="resume"><span>' in page


def test_an_existing_dossier_is_replaced_only_when_asked(world: Path, dossier: Path) -> None:
    before = dossier.read_bytes()
    assert build(world / "lot", world / "commande.toml", dossier) == 2
    assert dossier.read_bytes() == before


@pytest.mark.usefixtures("few_requirements")
def test_a_correction_says_in_words_what_changed(
    world: Path, dossier: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = hashlib.sha256(members(dossier)["manifeste.json"]).hexdigest()
    more = f'remplace = "{digest}"\nmotif_rectification = "oubli"'
    made = two_bodies()
    made["envoi"] = [row for row in made["envoi"] if row["finess_et"] != SSIAD]
    lot(tmp_path / "lot", made)
    ordered = order(tmp_path / "commande.toml", [EHPAD, SSIAD], more=more)
    new = tmp_path / "nouveau.zip"
    assert build(tmp_path / "lot", ordered, new, "--denominator", "annuelle") == 1
    capsys.readouterr()
    assert main(["va", "diff", str(dossier), str(new)]) == 0
    told = capsys.readouterr().out
    for words in (
        "nouveau.zip remplace dossier.zip ; motif : oubli", "options.denominateur : periode → annuelle",
        "lot.empreinte_sha256", f"{SSIAD} : conditions remplies → refusé (TBB_ZERO)",
        f"{SSIAD} année courante, DMP, total : 1 → 0", f"{SSIAD} Taux d'utilisation du DMP : 1/1 (ATTEINTE) → 0/1 (NON_ATTEINTE)",
        "ESMS-VA-01 : conforme → non_conforme", "commande.toml : sha256",
    ):  # fmt: skip
        assert words in told, words
    assert main(["va", "diff", str(new), str(new)]) == 0
    said = capsys.readouterr().out
    assert "aucune différence" in said and "n'est pas celle de nouveau.zip" in said


@pytest.mark.usefixtures("few_requirements")
def test_what_only_the_order_the_dashboard_or_the_other_reading_tells_is_told_too(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signs = '[solution]\nnumero_referencement = "{}"\n[signataire]\nnom = "{}"\nfonction = "DG"\nmode = "{}"\n'
    changes = (("R-1", "A. Inventé", "cpx"), ("R-2", "B. Inventé", "psc"))
    amounts = ("montant_ttc = 2190\nnb_essms_og = 4", "montant_ttc = 2150\nnb_essms_og = 5")
    for rank, (told, more) in enumerate(zip(changes, amounts, strict=True)):
        made = two_bodies()
        if rank:
            next(row for row in made["envoi"] if row["finess_et"] == EHPAD)["ins_qualifiee"] = False
            made["sejour"].append(
                {"sejour_id": "Z", "usager_id": f"U{SSIAD}", "finess_et": EHPAD, "date_entree": "2025-01-02",
                 "date_sortie": "2025-03-01", "sortie_definitive": True}
            )  # fmt: skip
        made["appel_insi"] = [
            {"appel_id": "A", "finess_et": EHPAD, "usager_id": f"U{EHPAD}", "horodatage": "2025-09-10T10:00:00",
             "operation": "RECHERCHE", "resultat": "SUCCES" if rank else "ECHEC"}
        ]  # fmt: skip
        lot(tmp_path / f"lot{rank}", made)
        ordered = order(
            tmp_path / f"c{rank}.toml", [EHPAD], more="date = 2024-05-02\n" + more, after=signs.format(*told)
        )
        assert build(tmp_path / f"lot{rank}", ordered, tmp_path / f"{rank}.zip") == 0
    capsys.readouterr()
    assert main(["va", "diff", str(tmp_path / "0.zip"), str(tmp_path / "1.zip")]) == 0
    said = capsys.readouterr().out
    for words in (
        "n° de référencement : R-1 → R-2", "signataire : A. Inventé → B. Inventé", "mode de signature : cpx → psc",
        "montant TTC : 2190 → 2150", "nombre d'ESSMS de l'organisme : 4 → 5",
        f"{EHPAD} année courante, DMP, INS qualifiée : 1 → 0", f"{EHPAD} mois courant, Appels INSi réussis : 0 → 1",
        f"{EHPAD} Taux de dossiers actifs, lecture sur l'année : 1/1 → 1/2",
    ):  # fmt: skip
        assert words in said, words
    assert "lecture sur la période" not in said


def test_the_differences_of_what_is_no_dossier_are_a_wrong_use(world: Path, dossier: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK")
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as other:
        other.writestr("a.txt", "b")
    for one in (tmp_path / "absent.zip", tmp_path / "x.zip", tmp_path / "y.zip", world / "commande.toml"):
        assert main(["va", "diff", str(dossier), str(one)]) == 2


@pytest.mark.usefixtures("few_requirements")
def test_the_dossier_of_usages_is_decided_by_the_targets(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "esms.toml").write_text(
        '[va]\nkind = "usages"\n' + "".join(
            f'[[amenagement]]\nindicateur = "taux_{name}"\ncible = 0\nreference = "décision"\n'
            for name in ("projet_personnalise", "evenement_agenda")
        ), encoding="utf-8",
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "projet.toml").write_text(
        f'[commande]\nreference = "P-1"\nfiness_ej = "{EJ}"\netablissements = ["{EHPAD}"]\n', encoding="utf-8"
    )
    assert build(world / "lot", Path("projet.toml"), tmp_path / "u.zip") == 0
    told = manifest(tmp_path / "u.zip")
    assert told["genre"] == "usages" and len(told["amenagements"]) == 2
    verdicts = {
        one["id"]: one["verdict"] for one in json.loads(members(tmp_path / "u.zip")["conformite.json"])["exigences"]
    }
    assert verdicts["ESMS-VA-01"] == "non_verifie"


@pytest.mark.usefixtures("few_requirements")
def test_three_hundred_establishments_in_one_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Their attestation is drawn by the tests of the attestation, and their dossier with it by the bench.
    monkeypatch.setattr(attestation, "pdf_available", lambda: False)
    finess = [numbered(rank) for rank in range(1000, 1300)]
    lot(tmp_path / "lot", tables(finess))
    ordered = order(tmp_path / "commande.toml", finess, more="montant_ttc = 339900\nnb_essms_og = 300")
    assert build(tmp_path / "lot", ordered, tmp_path / "d.zip") == 0
    said = capsys.readouterr().out
    assert "peut être signé (conditions remplies : 300 sur 300)" in said and "et 260 autres" in said
    told = manifest(tmp_path / "d.zip")
    assert len(told["decisions"]) == 300 and told["avertissements"][0].startswith("La commande relève du guichet")

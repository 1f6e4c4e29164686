"""What an attestation says, whatever it is printed on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from esms_sdk.commande import Signataire
from esms_sdk.decision import Condition, Decision
from esms_sdk.indicators.result import Amenagement
from esms_sdk.va.attestation import attestation, write_html
from esms_sdk.va.attestation.parts import Attestation, Cell, Facts, Items, Paragraph, Section, Table
from tests.va.attested import ORDER, contents, finess, indicators


def section(told: Attestation, id: str) -> Section:
    return next(one for one in told.sections if one.id == id)


def table(told: Attestation, id: str) -> Table:
    return next(part for part in section(told, id).parts if isinstance(part, Table))


def facts(told: Attestation, id: str) -> dict[str, str]:
    return {f.nom: plain(f.valeur) for p in section(told, id).parts if isinstance(p, Facts) for f in p.faits}


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def every_text(told: Attestation) -> str:
    words = [told.titre, told.organisme, told.marque, told.resume, told.pied]
    for one in told.sections:
        words.append(one.titre)
        for part in one.parts:
            if isinstance(part, Table):
                words += [part.legende, *(c.titre for c in part.colonnes)]
                words += [text for line in part.lignes for cell in line for text in (cell.texte, cell.petit)]
            elif isinstance(part, Facts):
                words += [text for fact in part.faits for text in (fact.nom, fact.valeur)]
            elif isinstance(part, Items):
                words += part.elements
            elif isinstance(part, Paragraph):
                words.append(part.texte)
    return plain("\n".join(words))


def line_of(shown: Table, rank: int) -> tuple[Cell, ...]:
    return next(line for line in shown.lignes if finess(rank) in line[0].petit)


class Visible(HTMLParser):
    """The text that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.hidden = False

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.hidden = tag in ("style", "script")

    def handle_endtag(self, tag):
        self.hidden = False

    def handle_data(self, data):
        if not self.hidden:
            self.words.append(data)


def page(given, folder: Path) -> Visible:
    seen = Visible()
    seen.feed(write_html(given, folder / "attestation.html").read_text(encoding="utf-8"))
    return seen


def test_an_order_that_meets_everything_can_be_signed():
    told = attestation(contents())
    assert told.marque == ""
    assert "peut être signé" in told.resume
    assert "manques" not in {one.id for one in told.sections}
    assert any(getattr(part, "places", None) for part in section(told, "signature").parts)


def test_one_establishment_that_lacks_something_makes_it_not_signable_and_is_named_with_its_remedy():
    told = attestation(contents(3, lacking={2: "tbb"}))
    assert told.marque == "NON SIGNABLE"
    assert "1 établissement sur 3 ne remplit pas ses conditions" in plain(told.resume)
    (line,) = table(told, "manques").lignes
    assert finess(2) in line[0].petit
    assert plain(line[1].texte) == "Le tableau de bord est à zéro : DMP."
    assert line[2].texte == "Alimenter le DMP depuis le DUI."
    assert plain(line[1].petit) == "Condition : Le tableau de bord TBB.1 n'est pas à zéro (TBB_ZERO)"


def test_a_motif_is_said_in_words_and_a_condition_is_not_said_twice():
    given = contents(1)
    why = "Taux d'utilisation du DMP : le taux n'est pas établi (DENOMINATEUR_NUL)."
    lacking = Condition(
        "taux_dmp", "Taux d'utilisation du DMP : 70 % au moins", "0/0", "DENOMINATEUR_NUL", why, "Voir."
    )
    decided = replace(given.decisions, etablissements=(Decision(finess(1), "A", (lacking,)),))
    _, cell, _ = table(attestation(replace(given, decisions=decided)), "manques").lignes[0]
    assert plain(cell.texte) == "Taux d'utilisation du DMP : le taux n'est pas établi (dénominateur nul)."
    assert cell.petit == "DENOMINATEUR_NUL"


def test_a_refusal_says_first_why_and_its_code_can_be_looked_up():
    (line,) = table(attestation(contents(2, lacking={2: "absent"})), "manques").lignes
    assert line[1].texte.startswith("L'établissement commandé n'est pas du périmètre")
    assert "ABSENT_DU_LOT" in line[1].petit and "peut figurer" not in line[1].petit


def test_a_document_that_cannot_be_signed_has_no_place_to_sign():
    told = attestation(contents(lacking={1: "tbb"}))
    assert not any(getattr(part, "places", None) for part in section(told, "signature").parts)
    assert "À ne pas signer" in every_text(told)


def test_an_order_of_nobody_is_not_signable():
    told = attestation(contents(0))
    assert told.marque == "NON SIGNABLE" and "aucun établissement" in told.resume


def test_each_condition_stands_with_its_evidence_met_or_not():
    shown = table(attestation(contents(2, lacking={2: "tbb"})), "etablissements")
    assert [plain(cell.texte) for cell in line_of(shown, 1)[1:]] == ["✓ Remplie"] * 3
    assert [plain(cell.texte) for cell in line_of(shown, 2)[1:]] == ["✓ Remplie", "✗ Non remplie", "✓ Remplie"]
    assert "42 dossiers tenus" in line_of(shown, 1)[1].petit
    assert "MSSanté professionnelle 4000" in plain(line_of(shown, 2)[2].petit)


def test_an_establishment_refused_by_name_has_its_reason_across_the_line_and_no_figure():
    told = attestation(contents(2, lacking={2: "absent"}))
    _, why = line_of(table(told, "etablissements"), 2)
    assert why.largeur == 3 and "hors du périmètre du lot" in why.petit
    assert "n'est pas mesuré" in line_of(table(told, "indicateurs"), 2)[1].texte
    assert "n'est pas mesuré" in line_of(table(told, "tableau"), 2)[1].texte


def test_both_readings_of_the_first_rate_stand_side_by_side_and_the_chosen_one_says_so():
    told = attestation(contents(1))
    shown = table(told, "indicateurs")
    heads = [plain(column.titre) for column in shown.colonnes]
    assert heads[1:3] == ["Dossiers actifs, sur la période (retenue)", "Dossiers actifs, sur l'année"]
    cells = [(plain(cell.texte), plain(cell.petit)) for cell in line_of(shown, 1)[1:5]]
    assert cells == [
        ("86,7 %", "1 217/1 403"), ("80,5 %", "1 217/1 511"), ("90,5 %", "1 101/1 217"), ("91,3 %", "1 111/1 217"),
    ]  # fmt: skip
    assert "lecture retenue par le SDK" in every_text(told)


def test_a_rate_that_is_not_supplied_is_a_dash_with_its_reason():
    given = contents(1)
    missing = replace(given, indicateurs=replace(given.indicateurs, etablissements=(indicators(1, num=None),)))
    first = line_of(table(attestation(missing), "indicateurs"), 1)[1]
    assert (first.texte, first.petit) == ("–", "Donnée non fournie")


def test_a_reserve_stands_beside_the_figures_and_is_explained():
    told = attestation(contents(1, reserves=("SORTIE_NON_QUALIFIEE",)))
    assert line_of(table(told, "indicateurs"), 1)[-1].petit == "Sorties non qualifiées"
    assert "ne dit pas si elle est définitive" in every_text(told)


def test_the_dashboard_gives_each_period_and_channel_and_marks_what_is_not_covered():
    shown = table(attestation(contents(1, covered=False)), "tableau")
    cells = [plain(cell.texte) for cell in line_of(shown, 1)[1:]]
    assert cells == ["101", "2 001", "31", "201", "4 001", "61", "301 †", "6 001 †", "91 †"]
    assert [span for _, span in shown.groupes] == [1, 3, 3, 3]
    assert "du 1er janvier au 31 décembre 2024" in plain(shown.groupes[3][0])


def test_a_va_claims_no_threshold():
    text = every_text(attestation(contents(2)))
    assert "Aucun seuil ne s'applique" in text
    assert "tteinte" not in text and "cible" not in text
    assert "90 %" not in text and "70 %" not in text


def test_the_proof_of_use_says_how_far_each_target_is():
    told = attestation(contents(1, genre="usages"))
    assert told.titre == "Preuve des usages, projet ESMS numérique"
    shown = line_of(table(told, "etablissements"), 1)
    # 90 % of 1403 is 1262.7: 1263 are needed, there are 1217.
    assert plain(shown[1].texte) == "✗ Non atteinte" and plain(shown[1].petit).endswith("il manque 46")
    assert plain(shown[2].texte) == "✓ Atteinte" and "manque" not in shown[2].petit


def test_what_the_order_does_not_say_is_said_to_be_missing():
    order = replace(ORDER, solution=replace(ORDER.solution, numero_referencement=None), signataire=Signataire())
    told = attestation(contents(order=order))
    assert facts(told, "commande")["N° de référencement (déclaré)"] == "non indiqué dans la commande"
    assert set(facts(told, "signature").values()) == {"non indiqué dans la commande"}


@pytest.mark.parametrize(
    ("mode", "words"),
    [("cpx", "carte CPx"), ("psc", "Pro Santé Connect"), ("rgs", "logiciel RGS"), ("eidas_simple", "eIDAS simple")],
)
def test_the_mode_of_signature_is_said_in_words(mode, words):
    told = attestation(contents(order=replace(ORDER, signataire=Signataire("N", "F", mode))))
    assert words in facts(told, "signature")["Mode de signature prévu"]


def test_the_sons_tranche_follows_the_size_of_the_organisme_and_another_amount_is_pointed_out():
    told = facts(attestation(contents(2)), "commande")
    assert told["Montant TTC"] == "4 380 €"
    assert told["Barème SONS"] == "tranche C (7 ESSMS dans l'organisme) : 2 × 2 190 € = 4 380 €"
    other = facts(attestation(contents(2, order=replace(ORDER, montant_ttc=Decimal("4380.50")))), "commande")
    assert other["Montant TTC"] == "4 380,50 €" and other["Barème SONS"].endswith("le montant de la commande est autre")


def test_beyond_the_guichet_whose_scale_is_known_no_amount_is_reckoned():
    for day in (date(2024, 2, 29), None):
        late = replace(ORDER, date=day, montant_ttc=Decimal("1"))
        told = facts(attestation(contents(2, order=late)), "commande")
        assert told["Montant TTC"] == "1 €" and "Barème SONS" not in told


def test_a_mention_that_no_text_asks_for_is_marked_as_assumed():
    told = attestation(contents())
    assumed = {f.nom for p in section(told, "commande").parts if isinstance(p, Facts) for f in p.faits if f.supposee}
    assert {"Organisme gestionnaire", "Version", "Référence de la commande"} <= assumed
    status = {line[0].texte: line[2].texte for line in table(told, "mentions").lignes}
    assert status["DUI déployé dans chaque ESSMS de la commande"] == "texte lu"
    assert status["Référence et date de la commande"] == "mention supposée, à confirmer"


def test_a_rectification_names_what_it_replaces_and_why():
    order = replace(ORDER, remplace="ab" * 32, motif_rectification="Un établissement de trop")
    told = facts(attestation(contents(order=order)), "commande")
    assert "ab" * 32 in told["Rectifie le dossier"]
    assert told["Motif de la rectification"] == "Un établissement de trop"


def test_warnings_amenagements_and_accepted_differences_are_shown():
    waiver = {"exigence": "ESMS-DONNEES-04", "motif": "reprise", "responsable": "Équipe", "expire_le": "2026-03-31"}
    text = every_text(
        attestation(
            contents(
                genre="usages",
                warnings=("Le guichet de vague 1 est clos.",),
                amenagements=(Amenagement(None, "taux_dmp", "CNSA-12", cible=60),),
                conformite={"ecarts": [waiver]},
            )
        )
    )
    assert "Le guichet de vague 1 est clos." in text
    assert "taux_dmp : cible 60 % (décision : CNSA-12)" in text
    assert "ESMS-DONNEES-04 : reprise (Équipe, jusqu'au 31/03/2026)" in text


@pytest.mark.parametrize("genre", ["va", "usages"])
def test_it_says_what_it_is_not_and_where_its_figures_come_from(genre):
    text = every_text(attestation(contents(genre=genre)))
    for words in ("Aucun niveau de signature", "ni un référencement", "ne remplacent pas le tableau de bord",
                  "d'autres couloirs", "0123456789abcdef" * 4, "fedcba9876543210" * 4,
                  "12 345 lues, 12 300 acceptées, 40 rejetées, 5 ignorées"):  # fmt: skip
        assert words in text, words


def test_what_would_turn_the_text_around_it_is_shown_by_its_code():
    told = attestation(contents(1, names=("Les Tilleuls\u202egro.exe\nfin",)))
    assert line_of(table(told, "etablissements"), 1)[0].texte == "Les Tilleuls[U+202E]gro.exe fin"


# The page ------------------------------------------------------------------------------------------------------------


def test_the_page_says_every_text_of_the_attestation(tmp_path):
    given = contents(3, lacking={2: "tbb", 3: "absent"}, reserves=("DEPLOIEMENT_EN_COURS",), warnings=("Attention.",))
    shown = plain("".join(page(given, tmp_path).words))
    for text in every_text(attestation(given)).split("\n"):
        assert text in shown


def test_the_page_stands_alone_without_script_and_with_named_tables(tmp_path):
    seen = page(contents(2), tmp_path)
    tags = [tag for tag, _ in seen.tags]
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert not any(name in attrs for _, attrs in seen.tags for name in ("src", "onclick"))
    assert tags.count("caption") == tags.count("table") == 4
    assert tags.count("h1") == 1 and ("html", {"lang": "fr"}) in seen.tags
    assert all(attrs.get("scope") for tag, attrs in seen.tags if tag == "th")


def test_what_others_wrote_is_text_and_nothing_else_in_the_page(tmp_path):
    name = '<script>alert(1)</script> "a" &amp; {{ 7*7 }} {% raw %}'
    seen = page(contents(1, names=(name,), organisme="<img src=x onerror=alert(1)>"), tmp_path)
    assert "".join(seen.words).count(name) == 3
    assert not {"script", "img"} & {tag for tag, _ in seen.tags}


def test_the_mark_stands_at_the_top_of_the_page(tmp_path):
    words = " ".join(page(contents(lacking={1: "tbb"}), tmp_path).words)
    assert words.index("NON SIGNABLE") < words.index("Organisme, solution et commande")
    assert "NON SIGNABLE" not in "".join(page(contents(), tmp_path).words)


def test_the_page_is_the_same_twice(tmp_path):
    first = write_html(contents(3), tmp_path / "a.html").read_bytes()
    assert write_html(contents(3), tmp_path / "b.html").read_bytes() == first

"""``attestation.pdf``: the same words as the value, PDF/A, accessible, the same bytes, for 1 to 300 establishments."""

from __future__ import annotations

import re
import sys

import pytest

from esms_sdk.errors import UsageError
from esms_sdk.va.attestation import attestation, pdf, pdf_available, write_pdf
from tests.va.attested import contents, finess
from tests.va.test_attestation import every_text

pdfium = pytest.importorskip("pypdfium2")
pytest.importorskip("typst")

INJECTIONS = (
    r'#let x = 1; $a^2$ *gras* _i_ @ref <label> `code` \u{41} #panic("x") // fin',
    '"guillemets" </script><script>alert(1)</script> &amp; {{ 7*7 }}',
    "Établissement d'Éloïse, œuvre de l'été",
)


def pages(document: bytes) -> list[str]:
    read = pdfium.PdfDocument(document)
    return [read[number].get_textpage().get_text_bounded() for number in range(len(read))]


def squeezed(text: str) -> str:
    """Return the signs of a text but those where a line may break: on paper they are read as something else."""
    return re.sub(r"[-\s\u200b\ufffe]+", "", text)


@pytest.fixture(scope="module")
def not_signable():
    given = contents(4, names=INJECTIONS, lacking={2: "tbb", 4: "absent"}, warnings=("Attention.",))
    return given, pdf.render(attestation(given))


def test_every_text_of_the_value_is_in_the_pdf(not_signable):
    given, document = not_signable
    shown = squeezed("".join(pages(document)))
    for text in every_text(attestation(given)).split("\n"):
        assert squeezed(text) in shown or _broken_by_a_page(squeezed(text), shown), text


def _broken_by_a_page(text: str, shown: str) -> bool:
    """A foot and a head of page may stand in the middle of a paragraph."""
    halves = range(10, len(text) - 10)
    return any(text[:at] in shown and text[at:] in shown for at in halves)


@pytest.mark.parametrize("name", INJECTIONS)
def test_what_others_wrote_is_text_and_nothing_else_in_the_pdf(not_signable, name):
    assert squeezed("".join(pages(not_signable[1]))).count(squeezed(name)) >= 3


def test_the_mark_stands_on_the_first_page_and_at_the_head_of_the_others(not_signable):
    first, *others = pages(not_signable[1])
    assert "NON SIGNABLE" in first
    assert others and all("NON SIGNABLE" in text for text in others)
    assert not any("NON SIGNABLE" in text for text in pages(pdf.render(attestation(contents(1)))))


def test_each_page_bears_its_number_and_the_order(not_signable):
    shown = pages(not_signable[1])
    for number, text in enumerate(shown, start=1):
        assert f"p.{number}/{len(shown)}" in squeezed(text)
        assert "commande BC-2023-041" in text


def test_it_says_that_it_is_pdf_a_and_accessible_in_french_and_dated_by_the_measure(not_signable):
    document = not_signable[1]
    assert b"<pdfaid:part>2</pdfaid:part>" in document
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in document
    assert b"<pdfuaid:part>1</pdfuaid:part>" in document
    assert b"/Lang(fr-FR)" in document.replace(b" ", b"") or b"fr-FR" in document
    assert b"2025-09-30T00:00:00" in document
    read = pdfium.PdfDocument(document)
    assert read.get_metadata_value("Title") == "Attestation de vérification d'aptitude"
    assert read.get_metadata_value("Author") == "Association des Tilleuls inventés"


def test_no_font_of_the_machine_is_used(not_signable):
    fonts = set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z]+)", not_signable[1]))
    assert fonts and fonts <= {b"LibertinusSerif", b"DejaVuSansMono"}


def test_the_same_value_gives_the_same_bytes(not_signable, tmp_path):
    given, document = not_signable
    assert write_pdf(given, tmp_path / "attestation.pdf").read_bytes() == document


def test_every_sign_that_is_said_to_be_drawn_is_drawn():
    known = re.compile(f"[{pdf._DRAWN}]")
    signs = [chr(number) for number in range(0x10000) if not 0xD800 <= number < 0xE000 and known.match(chr(number))]
    import typst

    assert pdf._compiled(typst, attestation(contents(1, names=(" ".join(signs),))), pdf._DRAWN)


@pytest.mark.parametrize("name", ["Résidence 😀", "中文"])
def test_a_sign_that_no_font_draws_is_written_by_its_code(name):
    shown = "".join(pages(pdf.render(attestation(contents(1, names=(name,))))))
    hidden = next(sign for sign in name if ord(sign) > 0x500)
    assert f"[U+{ord(hidden):04X}]" in squeezed(shown) and "par son code" in shown


@pytest.mark.parametrize("name", ["א\u0301\u0336 ع\u0308", "a\u0301ж\u0301א\u0301"])
def test_marks_upon_letters_of_another_script_are_drawn(name):
    assert "U+" not in "".join(pages(pdf.render(attestation(contents(1, names=(name,))))))


def test_a_typst_that_draws_fewer_signs_still_gives_a_document(monkeypatch):
    monkeypatch.setattr(pdf, "_DRAWN", "\\u0020-\\U0010ffff")
    shown = squeezed("".join(pages(pdf.render(attestation(contents(1, names=("Éloïse שלום 😀",)))))))
    assert "Éloïse[U+05E9]" in shown and "[U+1F600]" in shown


def test_a_joiner_that_shows_nothing_leaves_no_code():
    shown = "".join(pages(pdf.render(attestation(contents(1, names=("Les\u200bTilleuls\ufe0f",))))))
    assert "U+" not in shown


def test_a_very_long_word_stays_in_its_column():
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    read = pdfium.PdfDocument(pdf.render(attestation(contents(1, names=(word,)))))
    widths = []
    for number in range(len(read)):
        text = read[number].get_textpage()
        for rank in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(rank)
            if "Donau" in text.get_text_bounded(left, bottom, right, top):
                widths.append(right - left)
    assert len(widths) == 3
    # In points: whole it would take 290, and the narrowest column has 100.
    assert max(widths) < 100


def test_three_hundred_establishments_stand_in_one_document_with_heads_on_each_page():
    given = contents(300, genre="usages")
    document = pdf.render(attestation(given))
    shown = pages(document)
    assert len(document) < 3_000_000 and len(shown) < 60
    text = squeezed("".join(shown))
    assert all(text.count(f"FINESS{finess(rank)}") >= 4 for rank in (1, 150, 300))
    tables = [one for one in shown if "FINESS 99" in one and "Preuve des usages" in one]
    assert all("Établissement" in one for one in tables)


def test_without_the_extra_it_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "typst", None)
    assert not pdf_available()
    with pytest.raises(UsageError, match=r"esms-sdk\[pdf\]"):
        write_pdf(contents(1), tmp_path / "attestation.pdf")
    assert not (tmp_path / "attestation.pdf").exists()


def test_with_the_extra_it_is_available():
    assert pdf_available()

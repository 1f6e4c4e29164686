"""The documentation says what is: links resolve, commands exist, examples run, generated pages are fresh."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from esms_sdk import commande, content
from esms_sdk.adapter import mapping
from esms_sdk.adapter.sources.formats import FORMATS
from esms_sdk.cli import main, program
from esms_sdk.cli.configured import Configured
from tests import reference_pages
from tests.signature import pki

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "adapters").rglob("*.md")])
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def _page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _blocks(page: Path, *languages: str) -> list[str]:
    return [body for language, body in _BLOCK.findall(page.read_text(encoding="utf-8")) if language in languages]


@pytest.mark.parametrize("page", PAGES, ids=_page_id)
def test_every_link_of_a_page_leads_somewhere(page):
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_page_id)
def test_every_command_that_a_page_shows_can_be_parsed(page, tmp_path):
    if given := re.search(r"^`esms.toml`\n\n```toml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S):
        (tmp_path / "esms.toml").write_text(given[1], encoding="utf-8")
    for line in "".join(_blocks(page, "sh", "bat")).splitlines():
        words = shlex.split(line.partition("#")[0])
        if words[:1] == ["esms"]:
            parser = program.command_parser(words[1], program.load(words[1]))
            Configured.of(parser, words[1], tmp_path)
            parser.parse_args(words[2:])
        elif words[:1] == ["make"]:
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert all(re.search(rf"^{word}:", makefile, re.M) for word in words[1:] if "=" not in word)


@pytest.mark.parametrize("page", ["README.md", "docs/guides/api.md"])
def test_the_python_of_a_page_runs_as_it_is_written(page, tmp_path, monkeypatch):
    shutil.copytree(content.folder("adapters") / "soleo" / "sample", tmp_path / "export")
    monkeypatch.chdir(tmp_path)
    blocks = _blocks(ROOT / page, "python")
    assert blocks
    exec(compile("\n".join(blocks), page, "exec"), {})
    assert (tmp_path / "indicateurs" / "indicateurs.json").is_file()


@pytest.mark.parametrize("page", reference_pages.PAGES)
def test_a_generated_page_is_the_one_that_make_docs_writes(page):
    kept = (ROOT / page).read_text(encoding="utf-8")
    assert kept == reference_pages.PAGES[page](), f"{page} is stale: make docs"


def test_every_text_that_a_definition_cites_is_in_the_list_of_sources_with_that_definition():
    listed = {text["id"]: text for text in _sources()}
    for file in sorted((ROOT / "conformance" / "definitions").glob("*.toml")):
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        sections = {document["id"]: document} if "id" in document else document
        for rule, definition in sections.items():
            for source in definition.get("sources", []):
                assert rule in listed[source["document"]]["regles"], f"{file.name}: {rule} cites {source['document']}"


def test_every_source_says_if_it_was_read_and_how_sure_we_are():
    texts = _sources()
    for text in texts:
        assert set(text) == {"id", "titre", "version", "lu", "confiance", "regles", "note"}, text["id"]
        assert isinstance(text["lu"], bool) and text["confiance"] in ("haute", "moyenne", "basse")
        assert text["lu"] or text["confiance"] != "haute", f"{text['id']}: not read, yet quite sure?"
    ids = [text["id"] for text in texts]
    assert len(ids) == len(set(ids))


def _sources() -> list[dict[str, object]]:
    return tomllib.loads((ROOT / "conformance" / "SOURCES.toml").read_text(encoding="utf-8"))["source"]


def test_the_exit_codes_of_the_guide_are_those_of_the_commands():
    guide = (ROOT / "docs" / "guides" / "codes_retour.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in guide.splitlines() if line.startswith("|")
    ]
    for column, header in enumerate(rows[0][1:], 1):
        for name in re.findall(r"`(\w+)`", header):
            told = {int(row[0]) for row in rows[2:] if not row[column].startswith(("–", "jamais"))}
            assert told == set(program.load(name).EXIT_CODES), name


def test_every_key_of_the_language_of_adapters_is_explained():
    page = (ROOT / "docs" / "reference" / "adapter.md").read_text(encoding="utf-8")
    keys = {*mapping.SOURCE_KEYS, *mapping.BLOCK_KEYS, *mapping.COLUMN_KEYS, *FORMATS}
    keys |= {key for one in FORMATS.values() for key in one.keys}
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []


def test_the_first_export_of_the_guide_works_as_it_is_written(tmp_path, monkeypatch, capsys):
    guide = (ROOT / "docs" / "guides" / "premier_export.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for place, body in re.findall(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", guide, re.M | re.S):
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        Path(place).write_text(body, encoding="utf-8", newline="\n")
    commands = [shlex.split(block)[1:] for block in _blocks(ROOT / "docs" / "guides" / "premier_export.md", "sh")]
    assert [main(words) for words in commands] == [0, 3, 0]
    rejects = Path("lot/rejets/rejets.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(";")[:5] for line in rejects[1:]] == [["dossiers.csv", "4", "sejour", "D3", "date_entree"]]
    assert "REJETS_PRESENTS" in capsys.readouterr().out


def test_the_first_attestation_of_the_tutorial_comes_out_as_it_is_written(tmp_path, monkeypatch, capsys):
    page = ROOT / "docs" / "tutoriels" / "premiere_attestation.md"
    monkeypatch.chdir(tmp_path)
    order = re.search(r"^`commande.toml`\n\n```toml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    Path("commande.toml").write_text(order[1], encoding="utf-8", newline="\n")
    words = [shlex.split(line) for block in _blocks(page, "sh") for line in block.splitlines()]
    generate, read, refused, built, keys, sign, verify = words
    assert [main(one[1:]) for one in (generate, read, refused)] == [0, 0, 1]
    assert "- 000012047 SESSAD Le Ricochet\n    TBB_NON_COUVERT" in capsys.readouterr().out.replace("\r\n", "\n")
    text = Path("commande.toml").read_text(encoding="utf-8")
    for line in next(block for block in _blocks(page, "toml") if not block.startswith("[")).splitlines():
        text = re.sub(rf"^{line.split()[0]} .*$", line, text, flags=re.M)
    Path("commande.toml").write_text(text, encoding="utf-8", newline="\n")
    assert main(built[1:]) == 0
    _signed(keys, sign)
    assert main(verify[1:]) == 0


def _signed(keys: list[str], sign: list[str]) -> None:
    """Run the openssl line of the page, or make the same key where there is no openssl."""
    if shutil.which(keys[0]):
        subprocess.run(keys, check=True, capture_output=True)
    else:
        holder = pki.issue("Essai sans valeur", kind="rsa2048")
        pki.write(Path(), cle_pem=holder.key_pem(), certificat_pem=holder.pem)
    assert main(sign[1:]) == 0


def test_every_published_schema_and_every_key_of_an_order_stand_on_the_page_of_formats():
    page = (ROOT / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")
    for schema in (ROOT / "conformance").glob("*.schema.json"):
        named = json.loads(schema.read_text(encoding="utf-8"))
        assert f"`{named.get('$id')}`" in page and schema.name in page, schema.name
    order = page.partition("## La commande")[2]
    for part, names in commande.KEYS.items():
        assert [name for name in names if f"`{name}`" not in order and f"`{part}.{name}`" not in order] == []

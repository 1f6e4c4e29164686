"""``esms adapter new``: the folder of an adapter whose tests pass, of a built-in model or proposed for a sample."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template

from esms_sdk import content
from esms_sdk.adapter.kit import SAMPLE, Kit
from esms_sdk.adapter.mapping import FILE
from esms_sdk.adapter.python_adapter import PROJECT
from esms_sdk.adapter.scaffold import invented, python_text, readme, sample_files, toml_text
from esms_sdk.adapter.scaffold.names import FOLDER
from esms_sdk.adapter.scaffold.proposal import propose
from esms_sdk.adapter.scaffold.proposed import Proposal
from esms_sdk.adapter.scaffold.survey import Place, slug, survey
from esms_sdk.errors import UsageError
from esms_sdk.output import whole_folder

KINDS = ("csv", "excel", "json", "sql", "python")
_EXTRAS = {"excel": "[excel]", "sql": "[sql]"}


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What was made: the files, the tables that are filled, and what is left to do, a sentence each."""

    folder: Path
    files: tuple[str, ...]
    tables: tuple[str, ...]
    todo: tuple[str, ...]


def scaffold(folder: Path, kind: str, *, sample: Path | None = None, force: bool = False) -> Scaffold:
    """Write the folder of a new adapter, complete or not at all; the kit holds of it.

    ``kind`` is one of ``KINDS``.  Of a ``sample`` (a file or a folder of an export) come names of columns, formats of
    dates and labels of codes; no other value of it is written.  Raises :class:`UsageError`, :class:`SourceError`,
    :class:`AdapterError`, :class:`OutputError`.
    """
    if kind not in KINDS:
        raise UsageError("ESMS-E195", f"sorte de source inconnue : «{kind}»", hint=f"Sortes : {', '.join(KINDS)}.")
    if kind == "python" and sample:
        hint = "Sans --sample : la classe et son échantillon inventé, à récrire."
        raise UsageError("ESMS-E196", "--sample ne va pas avec --from python : la lecture est à écrire", hint=hint)
    name = slug(folder.resolve().name) or "adaptateur"
    title = folder.resolve().name
    proposal = _of_model(kind) if sample is None else propose(survey(kind, sample))
    with whole_folder(folder, force=force, ours=(FILE, PROJECT)) as target:
        given = [(place, invented.rows(proposal, place)) for place in proposal.places]
        sample_files.write(given, target / SAMPLE)
        files = _files(proposal, kind, name, title, of_sample=sample is not None)
        for path, text in files.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(text, encoding="utf-8", newline="\n")
        with Kit(target) as kit:
            kit.update()
        written = sorted(one.relative_to(target).as_posix() for one in target.rglob("*") if one.is_file())
    todo = tuple(readme.todo(proposal)) if sample else ()
    return Scaffold(folder, tuple(written), tuple(block.table.name for block in proposal.active), todo)


def _of_model(kind: str) -> Proposal:
    """Return the proposal of the built-in export, its codes told, in the form of that kind."""
    model = content.folder("adapters") / FOLDER
    codes = tomllib.loads((model / "codes.toml").read_text(encoding="utf-8"))
    places = survey("csv", model / "export")
    return propose([_as(kind, place) for place in places], codes)


def _as(kind: str, place: Place) -> Place:
    if kind == "excel":
        file, options = "export.xlsx", {"feuille": place.name}
        part = place.name
    elif kind == "json":
        file, options, part = "export.json", {"enregistrements": place.name}, ""
    elif kind == "sql":
        file, options, part = "export.sqlite", {"table": place.name}, ""
    else:
        return place
    return replace(
        place, format=kind, file=file, title=f"{file}#{place.name}", fichiers=(file,), options=options, part=part
    )


def _files(proposal: Proposal, kind: str, name: str, title: str, *, of_sample: bool) -> dict[str, str]:
    """Return every file beside the sample and what is expected."""
    model = content.folder("adapters") / FOLDER
    files = {
        f"test_{name}.py": (
            '"""Les vérifications du kit, une par test."""\n\n'
            "from esms_sdk.testing import adapter_tests\n\n"
            "TestAdaptateur = adapter_tests(__file__)\n"
        ),
        ".gitattributes": "* -text\n",
    }
    install = f'"esms-sdk{_EXTRAS.get(kind, "")}" pytest' if kind != "python" else '".[test]"'
    for source, path in (("github.yml", ".github/workflows/adaptateur.yml"), ("gitlab.yml", ".gitlab-ci.yml")):
        text = (model / "ci" / source).read_text(encoding="utf-8")
        files[path] = Template(text).safe_substitute(INSTALL=install)
    if kind == "python":
        return files | python_text.files(proposal, name, title)
    files[FILE] = toml_text.text(proposal, name, title, confirm=of_sample)
    files["README.md"] = readme.text(title, proposal, of_sample=of_sample)
    return files

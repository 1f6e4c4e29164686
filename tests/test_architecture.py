"""Imports point one way, each third-party package has its wall, the clock is not read, content holds no Python."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import esms_sdk
from esms_sdk import content

PACKAGE = Path(esms_sdk.__file__).parent

LAYERS = (
    (
        "errors",
        "content",
        "masking",
        "filesystem",
        "database",
        "output",
        "csv_file",
        "period",
        "zip_records",
        "archive",
        "xml",
        "fhir",
    ),
    ("identifiers",),
    ("finess",),
    ("lot",),
    ("adapter", "indicators", "dashboard", "documents"),
    ("commande", "publication"),
    ("decision",),
    ("checks",),
    ("conformance",),
    ("export", "transport"),
    ("report", "signature"),
    ("va",),
    ("sample",),
    ("testing", "demonstration"),
    ("config", "api"),
    ("cli",),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}

# Who may import what is not ours and not Python's.
WALLS = {
    "duckdb": {"database", "lot", "adapter", "indicators", "conformance"},
    "jinja2": {"export"},
    "markupsafe": {"export"},
    "xlsxwriter": {"adapter", "export", "sample"},
    "rich": {"cli"},
    "sqlalchemy": {"adapter"},
    "pyarrow": {"adapter"},
    "python_calamine": {"adapter"},
    "keyring": {"adapter"},
    "lxml": {"xml"},
    "fhir": {"fhir"},
    "pydantic": {"fhir"},
    "ppf": {"documents"},
    "saxonche": {"documents"},
    "requests": {"transport"},
    "urllib3": {"transport"},
    "asn1crypto": {"signature"},
    "cryptography": {"signature"},
    "typst": {"va"},
    "pytest": {"testing"},
}
# The moment of a signature is the one thing of a dossier that may come from the clock: a person signs, now.
MAY_READ_THE_CLOCK = {("signature.moment", "now")}
CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


@dataclass(frozen=True)
class Import:
    """One import of one module of ours."""

    importer: str
    imported: str
    for_types_only: bool
    line: int

    def __str__(self) -> str:
        return f"{self.importer} (line {self.line}) imports {self.imported}"


@cache
def _trees() -> dict[str, ast.Module]:
    trees = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] != "_content":
            trees[".".join(parts)] = ast.parse(path.read_text(encoding="utf-8"))
    return trees


def _imports(module: str) -> Iterator[Import]:
    tree = _trees()[module]
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import, line {node.lineno}"
            source = node.module or ""
            names = [f"{source}.{alias.name}" for alias in node.names] if source == "esms_sdk" else [source]
        else:
            continue
        for name in names:
            yield Import(module, name, id(node) in guarded, node.lineno)


def _home(module: str) -> str:
    return module.partition(".")[0]


def test_every_module_has_its_place_in_the_order_of_imports():
    homes = {_home(module) for module in _trees()} - {"__init__", "__main__"}
    assert homes <= set(RANK), f"say where these stand, in LAYERS: {sorted(homes - set(RANK))}"


def test_imports_point_one_way():
    wrong = []
    for module in _trees():
        if module in ("__init__", "__main__"):
            continue
        for one in _imports(module):
            ours = one.imported.removeprefix("esms_sdk.")
            if not one.imported.startswith("esms_sdk.") or ours == "__version__":
                continue
            here, there = RANK[_home(module)], RANK[_home(ours)]
            siblings = here == there and _home(module) != _home(ours) and 0 < here < RANK["api"]
            if there > here or siblings:
                wrong.append(str(one))
    assert wrong == []


def test_each_third_party_package_is_imported_only_behind_its_wall():
    wrong = []
    for module in _trees():
        for one in _imports(module):
            package = _home(one.imported)
            if package in sys.stdlib_module_names or package in ("esms_sdk", "__future__") or one.for_types_only:
                continue
            if _home(module) not in WALLS.get(package, set()):
                wrong.append(str(one))
    assert wrong == []


def test_the_clock_is_never_read():
    wrong = []
    for module, tree in _trees().items():
        allowed = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and (module, node.name) in MAY_READ_THE_CLOCK
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and id(node) not in allowed:
                owner = ast.unparse(node.value).rpartition(".")[2]
                if (owner, node.attr) in CLOCK:
                    wrong.append(f"{module}, line {node.lineno}: {owner}.{node.attr}")
    assert wrong == []


@pytest.mark.parametrize("name", get_args(content.Folder))
def test_a_content_folder_holds_no_python(name):
    ours = content.folder(name)
    # The example of a Python adapter is a distribution of its own, in no wheel of ours.
    assert [str(path) for path in ours.rglob("*.py") if path.relative_to(ours).parts[0] != "exemple_plugin"] == []

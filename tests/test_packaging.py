"""The wheel holds what it must, and one name in site-packages."""

from __future__ import annotations

import tomllib
import zipfile
from pathlib import Path

import pytest

import esms_sdk

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        yield archive


def _names(wheel: zipfile.ZipFile) -> list[str]:
    return [name for name in wheel.namelist() if ".dist-info/" not in name]


def test_the_wheel_has_one_name_in_site_packages(wheel):
    assert {name.partition("/")[0] for name in _names(wheel)} == {"esms_sdk"}


@pytest.mark.parametrize("folder", ["adapters", "conformance", "samples"])
def test_every_content_file_is_in_the_wheel_and_holds_no_python(wheel, folder):
    kept = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "exemple_plugin" not in path.parts
    }
    packed = {name.removeprefix("esms_sdk/_content/") for name in _names(wheel) if f"_content/{folder}/" in name}
    assert packed == kept
    assert not [name for name in packed if name.endswith(".py")]


def test_every_module_and_its_data_are_in_the_wheel(wheel):
    kept = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "esms_sdk").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in _names(wheel) if "/_content/" not in name} == kept
    assert "esms_sdk/py.typed" in kept


def test_the_wheel_bears_the_version_the_licence_and_the_program(wheel):
    (info,) = {name.partition("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    assert info == f"esms_sdk-{esms_sdk.__version__}.dist-info"
    assert "Apache License" in wheel.read(f"{info}/licenses/LICENSE").decode("utf-8")
    assert "esms = esms_sdk.cli:main" in wheel.read(f"{info}/entry_points.txt").decode("utf-8")


def test_every_dependency_has_a_lower_and_an_upper_bound():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert all(">=" in requirement and "<" in requirement for requirement in project["dependencies"])

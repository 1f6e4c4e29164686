"""What the installation offers, be it a wheel or an editable checkout."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import get_args

import pytest

import esms_sdk
from esms_sdk import content


def test_the_version_is_said_once():
    assert metadata.version("esms-sdk") == esms_sdk.__version__


def test_the_program_esms_is_the_same_as_python_m_esms_sdk():
    (script,) = [entry for entry in metadata.distribution("esms-sdk").entry_points if entry.group == "console_scripts"]
    from esms_sdk.__main__ import main

    assert (script.name, script.load()) == ("esms", main)


def test_type_checkers_are_told_that_the_package_is_typed():
    assert (Path(esms_sdk.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("name", get_args(content.Folder))
def test_the_content_folders_are_installed_and_not_empty(name):
    assert any(content.folder(name).iterdir())


def test_every_public_name_can_be_had_and_is_documented():
    for name in esms_sdk.__all__:
        assert name in dir(esms_sdk)
        value = getattr(esms_sdk, name)
        assert name == "__version__" or value.__doc__, name


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="calculate"):
        esms_sdk.calculate  # noqa: B018

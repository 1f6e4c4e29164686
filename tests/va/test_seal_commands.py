"""``esms va sign`` and ``esms va verify`` from the command line: exit codes, passwords, what is printed."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from esms_sdk.cli import program, va_sign
from esms_sdk.cli.terminal import Terminal
from esms_sdk.errors import EsmsError
from esms_sdk.signature import role
from tests.cli.environment import poor_environment
from tests.signature import pki
from tests.va import sealed

ON = ("--signed-on", "2025-10-02T09:30:00+02:00")


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A dossier, keys and authorities, where the command runs."""
    monkeypatch.chdir(tmp_path)
    holder = pki.head()
    sealed.make(Path("dossier.zip"))
    pki.write(tmp_path, cle_pem=holder.key_pem(), cert_pem=holder.pem, chaine_pem=pki.intermediate().pem,
              ca_pem=pki.root().pem, cle_p12=holder.p12(pki.SECRET, (pki.intermediate(),)),
              passe_txt=pki.SECRET + b"\r\nune autre ligne\n")  # fmt: skip


def run(*words: str) -> int:
    arguments = program.command_parser("va", program.load("va")).parse_args(list(words))
    module = __import__(f"esms_sdk.cli.va_{words[0]}", fromlist=["run"])
    return module.run(arguments, Terminal(json_wanted=arguments.format == "json"))


def fails(code: str, *words: str) -> str:
    with pytest.raises(EsmsError) as raised:
        run(*words)
    assert (raised.value.code, raised.value.exit_code) == (code, 2)
    assert pki.SECRET.decode() not in str(raised.value)
    return str(raised.value)


def signs(*words: str) -> None:
    assert run("sign", "dossier.zip", "--role", "og", *ON, *words) == 0


def verified() -> int:
    return run("verify", "dossier.zip", "--ca", "ca.pem")


def test_a_dossier_is_signed_then_verified(capsys):
    signs("--key", "cle.pem", "--cert", "cert.pem", "--chain", "chaine.pem")
    assert "signature de l'organisme gestionnaire, par «Hélène Exemple»" in capsys.readouterr().out
    assert verified() == 0
    assert capsys.readouterr().out.startswith("VÉRIFIÉ")


def test_the_result_is_a_document_when_asked(capsys):
    signs("--key", "cle.pem", "--cert", "cert.pem", "--chain", "chaine.pem", "--format", "json")
    assert json.loads(capsys.readouterr().out)["moment"] == "2025-10-02T07:30:00Z"
    run("verify", "dossier.zip", "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert (told["resultat"], told["code_retour"]) == ("chaine_non_jugee", 3) and "--ca" in told["phrase"]


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda: None, 3),
        (lambda: sealed.change(Path("dossier.zip"), ajout_txt=b""), 1),
    ],
    ids=["unsigned", "added"],
)
def test_the_exit_code_is_that_of_the_contract(prepare, code, capsys):
    prepare()
    assert run("verify", "dossier.zip") == code
    fails("ESMS-E611", "verify", "absent.zip")


def test_a_password_comes_from_the_environment_or_a_file(monkeypatch):
    monkeypatch.setenv("ESSAI_CLE", os.fsdecode(pki.SECRET))
    signs("--key", "cle.p12", "--password-env", "ESSAI_CLE")
    signs("--key", "cle.p12", "--password-file", "passe.txt", "--force")
    assert verified() == 0
    fails("ESMS-E618", "sign", "dossier.zip", "--role", "og", "--key", "cle.p12", "--password-env", "ESSAI_ABSENT")
    fails("ESMS-E618", "sign", "dossier.zip", "--role", "og", "--key", "cle.p12", "--password-file", "absent.txt")
    fails("ESMS-E101", "sign", "dossier.zip", "--role", "og", "--key", "cle.p12", "--password-file", "passe.txt",
          "--password-env", "ESSAI_CLE")  # fmt: skip


def test_a_password_is_asked_at_a_terminal_only(monkeypatch):
    asked = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or pki.SECRET.decode())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    signs("--key", "cle.pem", "--cert", "cert.pem")
    assert asked == []
    signs("--key", "cle.p12", "--force")
    assert asked == ["Mot de passe de la clé : "]
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert "--password-env" in fails("ESMS-E602", "sign", "dossier.zip", "--role", "og", "--key", "cle.p12", "--force")


def test_no_option_takes_a_password_itself():
    parser = program.command_parser("va", program.load("va"))
    help_text = parser._subparsers._group_actions[0].choices["sign"].format_help()
    assert "--password-env NOM" in help_text and "--password " not in help_text


def test_prepare_tells_how_to_sign_elsewhere(capsys):
    assert run("sign", "dossier.zip", "--prepare", "a-signer.json") == 0
    told = capsys.readouterr().out
    assert Path("a-signer.json").read_bytes() == sealed.read(Path("dossier.zip"))["manifeste.json"]
    assert "openssl cms -sign -binary" in told and "--attach signature.p7s --role og" in told


def test_prepare_says_that_the_og_cannot_sign_what_is_not_signable(capsys):
    sealed.make(Path("dossier.zip"), signable=False)
    run("sign", "dossier.zip", "--prepare", "a-signer.json")
    told = capsys.readouterr().out
    assert "--role editeur" in told and "marqué non signable" in told
    fails("ESMS-E613", "sign", "dossier.zip", "--role", "og", "--key", "cle.pem", "--cert", "cert.pem", *ON)


@pki.needs_openssl
@pytest.mark.parametrize("name", ["a-signer.json", "a signer l'an.json", "sous dossier/m $HOME.json"])
def test_the_lines_that_prepare_prints_work_as_they_are_printed(name, capsys, tmp_path):
    """Pasted into a shell, where the names of the keys are those that the page tells."""
    if os.name == "nt" and "$" in name:
        pytest.skip("the shells of Windows quote otherwise")
    Path("sous dossier").mkdir()
    Path("cert.pem").rename("certificat.pem")
    dossier = Path("sous dossier", "dossier d'essai.zip")
    Path("dossier.zip").rename(dossier)
    run("sign", str(dossier), "--prepare", name)
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    (line,) = [line for line in told if line.startswith("openssl ")]
    done = subprocess.run(line, shell=True, capture_output=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (then,) = [line.removeprefix("Puis : esms va ") for line in told if line.startswith("Puis : ")]
    assert run(*shlex.split(then)) == 0
    assert run("verify", str(dossier)) == 3


def test_the_organism_signs_unless_another_role_is_given():
    assert run("sign", "dossier.zip", "--key", "cle.pem", "--cert", "cert.pem", *ON) == 0
    assert "manifeste.json.p7s" in sealed.read(Path("dossier.zip"))


def test_options_without_effect_are_refused():
    assert "--cert, --signed-on" in fails(
        "ESMS-E101", "sign", "dossier.zip", "--prepare", "x", "--cert", "cert.pem", *ON
    )
    assert "--out" in fails("ESMS-E101", "sign", "dossier.zip", "--prepare", "x", "--out", "y")
    assert "ESMS-E616" in fails("ESMS-E616", "sign", "dossier.zip", "--role", "og", "--key", "cle.pem", "--cert", "cert.pem",
                                "--signed-on", "2025-10-02T09:30:00")  # fmt: skip
    fails("ESMS-E601", "sign", "dossier.zip", "--role", "og", "--key", "absente.pem")


def test_the_roles_of_the_command_line_are_those_of_signatures():
    assert va_sign.ROLES == role.ROLES


def test_a_poor_terminal_gets_every_word(tmp_path):
    signs("--key", "cle.pem", "--cert", "cert.pem", "--chain", "chaine.pem")
    code = (
        "import argparse, sys; from esms_sdk.cli import va_verify; from esms_sdk.cli.terminal import Terminal, prepare_streams;"
        "prepare_streams(); p = argparse.ArgumentParser(); va_verify.arguments(p);"
        "sys.exit(va_verify.run(p.parse_args(['dossier.zip', '--ca', 'ca.pem']), Terminal()))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=poor_environment(), capture_output=True)
    assert done.returncode == 0 and b'"Helene Exemple"' in done.stdout, done.stderr

"""``esms va sign``: sign a dossier here, or prepare what is signed elsewhere and put the signature in."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal
from esms_sdk.errors import DossierError, UsageError, why_unreadable

if TYPE_CHECKING:
    from esms_sdk.va.seal import Prepared, Sealed

HELP = "signe un dossier, ou y met une signature faite ailleurs"
DESCRIPTION = """\
Signe le manifeste d'un dossier (CMS détaché) avec une clé PEM ou PKCS#12, sur place ou
vers --out. Sans clé à portée (carte CPx, HSM, service de signature) : --prepare écrit ce
qui est à signer, --attach y met la signature. Le mot de passe ne se donne jamais en argument."""
# Kept in step with esms_sdk.signature.role.ROLES by a test: the help imports no signature.
ROLES = ("og", "editeur")
# One line, to be pasted whole.
_OPENSSL = (
    "openssl cms -sign -binary -md sha256 -in {name} -signer certificat.pem -inkey cle.pem -certfile chaine.pem"
    " -outform DER -out signature.p7s"
)
_ELSEWHERE = """\
À signer ailleurs : {file} ({size} octets)
SHA-256 : {digest}
Il faut un CMS détaché (CAdES), en DER ou PEM, certificat inclus, sur ces octets exacts.
Avec openssl :
  {openssl}
Avec une carte CPx ou un HSM : la même commande par leur module PKCS#11, ou l'outil de la carte.
Avec un service de signature (Pro Santé Connect) : lui donner ce fichier, non le zip.
Puis : esms va sign {dossier} --attach signature.p7s --role {role}"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("dossier", metavar="DOSSIER", type=Path, help="dossier.zip d'esms va build")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--key", metavar="FICHIER", type=Path, help="signer avec cette clé : PEM, ou PKCS#12 (.p12, .pfx)")
    how.add_argument("--prepare", metavar="FICHIER", type=Path, help="écrire ce qui est à signer ailleurs")
    how.add_argument("--attach", metavar="P7S", type=Path, help="y mettre cette signature, faite ailleurs")
    parser.add_argument(
        "--role", choices=ROLES, default=None,
        help="og (par défaut) : l'organisme gestionnaire signe ; editeur : cachet, qui ne vaut pas signature",
    )  # fmt: skip
    files = (
        ("--cert", "certificat de la clé, PEM ou DER (par défaut : dans le fichier de la clé)"),
        ("--chain", "autorités intermédiaires à joindre, PEM"),
        ("--password-file", "fichier dont la première ligne est le mot de passe de la clé"),
    )
    for name, help in files:
        parser.add_argument(name, metavar="FICHIER", type=Path, default=None, help=help)
    parser.add_argument(
        "--password-env", metavar="NOM", default=None, help="variable d'environnement du mot de passe de la clé"
    )
    parser.add_argument(
        "--signed-on", metavar="MOMENT", default=None,
        help="moment de la signature, 2025-10-02T09:30:00+02:00 (par défaut : l'horloge)",
    )  # fmt: skip
    parser.add_argument("--out", metavar="ZIP", type=Path, default=None, help="dossier à écrire (par défaut : le même)")
    add_everywhere(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Sign, prepare or attach."""
    _refuse_idle(arguments)
    if arguments.prepare:
        _prepare(arguments, terminal)
    elif arguments.attach:
        _attach(arguments, terminal)
    else:
        _sign(arguments, terminal)
    return 0


def _refuse_idle(arguments: argparse.Namespace) -> None:
    """Refuse options that would be without effect: who gives them expects one."""
    given = {name for name, value in vars(arguments).items() if value is not None}
    idle = {"cert", "chain", "password_env", "password_file", "signed_on"} if not arguments.key else set()
    idle |= {"out"} if arguments.prepare else set()
    if wrong := sorted(idle & given):
        shown = ", ".join("--" + name.replace("_", "-") for name in wrong)
        raise UsageError("ESMS-E101", f"sans effet ici : {shown}", hint="L'aide : esms va sign --help")


def _sign(arguments: argparse.Namespace, terminal: Terminal) -> None:
    from esms_sdk import api

    sealed = api.sign_dossier(
        arguments.dossier, arguments.key, role=arguments.role or ROLES[0], certificate=arguments.cert,
        chain=arguments.chain, password=_password(arguments),
        ask=_ask if sys.stdin is not None and sys.stdin.isatty() else None, signed_on=_moment(arguments.signed_on),
        out=arguments.out, force=arguments.force,
    )  # fmt: skip
    _tell(sealed, terminal)


def _prepare(arguments: argparse.Namespace, terminal: Terminal) -> None:
    from esms_sdk import api

    prepared = api.prepare_signature(arguments.dossier, arguments.prepare, force=arguments.force)
    role = arguments.role or ("og" if prepared.signable else "editeur")
    told = _ELSEWHERE.format(
        file=prepared.fichier, openssl=_OPENSSL.format(name=_word(prepared.fichier)), size=prepared.taille,
        digest=prepared.manifeste_sha256, dossier=_word(arguments.dossier), role=role,
    )  # fmt: skip
    terminal.result(told + _not_by_the_og(prepared), {
        "fichier": str(prepared.fichier), "sha256": prepared.manifeste_sha256, "taille": prepared.taille,
        "signable": prepared.signable,
    })  # fmt: skip


def _word(path: Path) -> str:
    """Return a path as one word of the shell where it is read."""
    return f'"{path}"' if os.name == "nt" else shlex.quote(str(path))


def _not_by_the_og(prepared: Prepared) -> str:
    return (
        "" if prepared.signable else "\nLe dossier est marqué non signable : seul un cachet d'éditeur peut y être mis."
    )


def _attach(arguments: argparse.Namespace, terminal: Terminal) -> None:
    from esms_sdk import api

    sealed = api.attach_signature(
        arguments.dossier, arguments.attach, role=arguments.role or ROLES[0], out=arguments.out, force=arguments.force
    )
    _tell(sealed, terminal)


def _tell(sealed: Sealed, terminal: Terminal) -> None:
    from esms_sdk.signature.moment import told
    from esms_sdk.va.verification import TITLES

    moment = told(sealed.moment) if sealed.moment else None
    text = (
        f"{sealed.dossier} : {TITLES[sealed.role]}, par «{sealed.signataire.nom}», moment déclaré {moment or 'aucun'}"
    )
    document: dict[str, Any] = {
        "dossier": str(sealed.dossier), "role": sealed.role, "signataire": sealed.signataire.nom, "moment": moment,
        "manifeste_sha256": sealed.manifeste_sha256,
    }  # fmt: skip
    terminal.result(text, document)


def _moment(word: str | None) -> datetime | None:
    from esms_sdk.signature.moment import read

    return read(word) if word is not None else None


def _password(arguments: argparse.Namespace) -> bytes | None:
    name, file = arguments.password_env, arguments.password_file
    if name and file:
        raise UsageError(
            "ESMS-E101", "--password-env ne va pas avec --password-file", hint="Ne donner que l'un des deux."
        )
    if name:
        if name not in os.environ:
            raise DossierError("ESMS-E618", f"la variable d'environnement {name} n'existe pas", hint="La définir.")
        return os.environ[name].encode("utf-8", "surrogateescape")
    if file:
        try:
            return bytes(file.read_bytes().split(b"\n", 1)[0].removesuffix(b"\r"))
        except OSError as error:
            hint = "Donner un fichier dont la première ligne est le mot de passe."
            raise DossierError(
                "ESMS-E618", f"mot de passe illisible : {file} ({why_unreadable(error)})", hint=hint
            ) from None
    return None


def _ask() -> bytes:
    from getpass import getpass

    return getpass("Mot de passe de la clé : ").encode("utf-8", "surrogateescape")

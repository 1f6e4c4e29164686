"""``LISEZMOI.txt``: what each file of a dossier is, how to verify it, what it is not, what its words mean."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from esms_sdk import __version__
from esms_sdk.decision.wording import compte, jour
from esms_sdk.indicators import definitions
from esms_sdk.va.attestation.parts import donnee
from esms_sdk.va.contents import Contents
from esms_sdk.va.manifest import Absent
from esms_sdk.va.members import MEMBERS

_WIDTH = 100
_TITLES = {
    "va": "Dossier de vérification d'aptitude (VA)",
    "usages": "Dossier d'usages, projet ESMS numérique",
}
_CONDITIONS = {
    "va": (
        "déployé : à la fin de la période, un dossier non archivé a été mis à jour par un professionnel ;",
        "TBB.1 différent de zéro : dans l'année (ou l'année précédente, de janvier à mars), sur une période "
        "entièrement couverte, des documents alimentent le DMP et d'autres partent par MSSanté ;",
        "fourni : le numérateur et le dénominateur des trois indicateurs du DUI sont connus. Aucun seuil ne "
        "s'applique : 85 % est fourni, une valeur absente ne l'est pas.",
    ),
    "usages": (
        "chacune des cinq cibles est atteinte, ou sans objet pour l'établissement ; les aménagements accordés sont "
        "appliqués, et nommés.",
    ),
}
_VERIFY = (
    "Avec l'outil, qui relit chaque empreinte puis la signature s'il y en a une :",
    "  esms va verify dossier.zip [--ca autorites.pem]",
    "Sans lui : l'empreinte SHA-256 de chaque fichier est dans manifeste.json (sha256sum, ou Get-FileHash",
    "sous Windows) ; la signature détachée est un CMS que lit openssl :",
    "  openssl cms -verify -binary -inform DER -in manifeste.json.p7s -content manifeste.json",
    "    -CAfile autorites.pem -purpose any -out /dev/null",
)
_IS_NOT = (
    "ni un référencement Ségur, ni une homologation : ils sont accordés à la solution par les autorités, sur ses "
    "preuves ;",
    "ni le tableau de bord du logiciel : celui-ci vient de son export, et ne le remplace pas ;",
    "ni un document officiel de l'ANS, de l'ASP ou d'une ARS : les exigences y sont reformulées d'après les textes "
    "publics ou, à défaut, ceux d'autres couloirs ;",
    "pas signé, tant que manifeste.json.p7s n'y est pas avec la signature de l'organisme ; un cachet de l'éditeur "
    "(manifeste.json.editeur.p7s) ne la remplace pas.",
)


def write_readme(path: Path, contents: Contents, names: Collection[str], absents: Sequence[Absent]) -> Path:
    """Write the text into ``path`` and return it."""
    lines = [line for block in _blocks(contents, names, absents) for line in (*block, "")]
    # A text that Windows shows too: its lines end as there.
    path.write_text("\n".join(lines), encoding="utf-8", newline="\r\n")
    return path


def _blocks(contents: Contents, names: Collection[str], absents: Sequence[Absent]) -> Iterator[list[str]]:
    order, decisions = contents.commande, contents.decisions
    title = _TITLES[contents.genre]
    yield [title, "=" * len(title)]
    yield [
        f"Organisme : {donnee(contents.organisme) or 'non nommé dans le lot'} (FINESS juridique {order.finess_ej})",
        f"Commande : {donnee(order.reference)}, {compte(len(decisions), 'établissement', 'établissements')}",
        f"Mesuré le {jour(decisions.mesure_le)}, période du {jour(decisions.periode.debut)} au "
        f"{jour(decisions.periode.fin)}",
        "Chaque établissement remplit ses conditions." if decisions.signable
        else "NON SIGNABLE : voir dans l'attestation ce qui manque à chaque établissement.",
    ]  # fmt: skip
    yield ["Les fichiers", "------------", *(f"  {name:<22} {MEMBERS[name]}" for name in sorted(names))]
    if absents:
        yield ["Ce qui n'y est pas", "------------------", *_listed([f"{name} : {why}" for name, why in absents])]
    yield ["Vérifier", "--------", *_VERIFY]
    yield ["Ce que ce dossier n'est pas", "---------------------------", *_listed(_IS_NOT)]
    yield ["Conditions", "----------", *_listed(_CONDITIONS[contents.genre])]
    told = [
        f"{one.libelle} : {one.numerateur}{f', sur {one.denominateur}' if one.denominateur else ''}."
        for one in definitions().values()
    ]
    yield ["Définitions", "-----------", *_listed(told)]
    yield [
        f"Fait par esms-sdk {__version__}. Aucune donnée d'une personne accompagnée ni d'un professionnel n'y figure ;",
        "seul le signataire est nommé, par la commande. Le détail du tableau de bord par RPPS n'y est pas repris :",
        "esms dashboard le donne.",
    ]


def _listed(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in textwrap.wrap(f"- {text}", _WIDTH, subsequent_indent="  ")]

"""``esms requirements``: the catalogue of what is asked, and its matrix."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from esms_sdk.cli.options import add_everywhere, flag
from esms_sdk.cli.terminal import Terminal

if TYPE_CHECKING:
    from esms_sdk.conformance import Requirement

DESCRIPTION = """\
Les exigences que contrôle esms check : leur titre, ce qui est demandé en nos mots,
les textes, le remède. Ce qu'une machine ne peut voir y figure avec ses preuves."""
EXAMPLES = """\
  esms requirements list
  esms requirements list --profile pjm-vague1
  esms requirements show ESMS-INS-01
  esms requirements coverage --check"""
EXIT_CODES = {
    0: "fait",
    1: "coverage --check : la matrice enregistrée n'est plus celle du catalogue",
    2: "usage, par exemple une exigence ou un profil inconnu",
    4: "erreur interne",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    actions = parser.add_subparsers(title="commandes", metavar="ACTION", dest="action", required=True)
    listing = actions.add_parser("list", help="toutes, une par ligne", description="Les exigences, une par ligne.")
    listing.add_argument("--profile", metavar="NOM", default=None, help="seulement celles que doit ce profil")
    add_everywhere(listing, writes=False)
    show = actions.add_parser("show", help="une exigence, en entier", description="Une exigence, en entier.")
    show.add_argument("id", metavar="ID", help="par exemple ESMS-INS-01")
    add_everywhere(show, writes=False)
    coverage = actions.add_parser("coverage", help="la matrice", description="La matrice du catalogue, par domaine.")
    flag(coverage, "--check", "échoue (1) si conformance/couverture.csv n'est plus à jour")
    add_everywhere(coverage, writes=False)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do what the action says."""
    return {"list": _list, "show": _show, "coverage": _coverage}[arguments.action](arguments, terminal)


def _list(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from esms_sdk import api

    found = api.requirements(profile=arguments.profile)
    lines = [f"{one.id:<16} {one.niveau:<11} {one.methode:<6} {one.titre}" for one in found]
    terminal.result("\n".join(lines), [_document(one) for one in found])
    return 0


def _show(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from esms_sdk import api

    one = api.requirement(arguments.id)
    terminal.result("\n".join(_told(one)), _document(one))
    return 0


def _told(one: Requirement) -> Iterator[str]:
    from esms_sdk.report.wording import cited

    yield f"{one.id} : {one.titre}"
    yield f"{one.niveau}, {one.methode}" + ("" if one.derogeable else ", sans dérogation possible")
    yield f"couloirs : {', '.join(one.couloirs)} ; profils : {', '.join(one.profils)}"
    yield from ("", one.demande, "")
    yield from (f"Texte : {cited(source)}" for source in one.sources)
    yield f"Remède : {one.remede}"
    if one.note:
        yield f"Note : {one.note}"
    if one.constats:
        yield "Constats :"
    for code, constat in one.constats.items():
        yield f"  {code} ({constat.gravite}) : {constat.message}"
    if one.non_verifie_parce_que:
        yield f"Non vérifié : {one.non_verifie_parce_que}"
    yield from (f"Preuve {piece.numero} : {piece.attendu}" for piece in one.preuves)


def _document(one: Requirement) -> dict[str, object]:
    from dataclasses import asdict

    told = asdict(one)
    del told["cas"]
    return {**told, "domaine": one.domaine, "cas": len(one.cas)}


def _coverage(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from esms_sdk import api

    covered = api.coverage()
    stale = covered.stale if arguments.check else []
    lines = [f"{'domaine':<9}" + "".join(f"{name:>8}" for name in ("auto", "preuve", "manuel", "cas"))]
    lines += [f"{name:<9}" + "".join(f"{n:>8}" for n in counts.values()) for name, counts in covered.summary.items()]
    if arguments.check:
        told = f"n'est plus à jour ({', '.join(stale[:10])}) : make docs" if stale else "est à jour"
        lines += ["", f"{covered.path.name} {told}"]
    terminal.result("\n".join(lines), {"exigences": covered.rows, "par_domaine": covered.summary, "perimees": stale})
    return 1 if stale else 0

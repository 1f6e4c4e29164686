"""``esms sample``: invented worlds, the same for the same seed."""

from __future__ import annotations

import argparse

from esms_sdk.cli.options import add_everywhere, add_out
from esms_sdk.cli.terminal import Terminal

DESCRIPTION = """\
Invente un organisme, ses établissements et leurs usagers sur deux années : tout
est faux, et la même graine donne les mêmes octets."""
EXAMPLES = """\
  esms sample generate --out monde
  esms sample generate --as soleo --seed 7 --persons 300 --out export_invente
  esms sample generate --scenario tbb --finess 000012013 000012039 --out tbb"""
EXIT_CODES = {0: "fait", 2: "usage, par exemple un dossier qui existe déjà sans --force", 4: "erreur interne"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    actions = parser.add_subparsers(title="commandes", metavar="ACTION", dest="action", required=True)
    generate = actions.add_parser("generate", help="écrit un monde inventé", description="Écrit un monde inventé.")
    generate.add_argument(
        "--as",
        dest="kind",
        choices=("lot", "soleo", "hestia", "mediadom", "documents"),
        default="lot",
        help="lot : un lot canonique ; soleo (CSV), hestia (Excel), mediadom (SQL) : l'export d'un éditeur inventé, "
        "et ce qui doit en sortir ; documents : un CDA de chaque type, une archive IHE_XDM, un message MSSanté",
    )
    generate.add_argument("--seed", metavar="N", type=int, default=1, help="graine (par défaut : 1)")
    generate.add_argument(
        "--persons", metavar="N", type=int, default=600, help="nombre d'usagers, environ (par défaut : 600)"
    )
    generate.add_argument(
        "--scenario",
        choices=("usage", "tbb"),
        default="usage",
        help="usage : deux ans d'un usage qui croît ; tbb : 10 documents par mois et par canal, un échec par canal, et "
        "ce que le tableau de bord doit dire",
    )
    generate.add_argument(
        "--finess",
        metavar="N",
        nargs="+",
        action="extend",
        default=None,
        help="tbb : les FINESS géographiques qui envoient (par défaut : les sept du monde)",
    )
    add_out(generate, "DIR", "dossier à écrire")
    add_everywhere(generate)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the world, and say where."""
    from esms_sdk import api

    written = api.generate_sample(
        arguments.kind, arguments.out, seed=arguments.seed, persons=arguments.persons, scenario=arguments.scenario,
        finess=arguments.finess or (), force=arguments.force,
    )  # fmt: skip
    terminal.result("\n".join(map(str, written)), [str(path) for path in written])
    return 0

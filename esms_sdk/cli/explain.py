"""``esms explain``: why a number is what it is."""

from __future__ import annotations

import argparse

from esms_sdk.cli.options import add_definition, add_everywhere, add_lot
from esms_sdk.cli.terminal import Terminal

DESCRIPTION = """\
Dit d'où vient un chiffre : la formule en mots, les bornes de la période, et
qui compte ou ne compte pas, motif par motif. Les personnes n'y sont que par leur
clé."""
EXAMPLES = """\
  esms explain lot --measured-on 2025-09-30 --finess 000000117 --indicator taux_dossiers_actifs"""
EXIT_CODES = {0: "expliqué", 2: "à corriger : usage, ou lot illisible ou invalide", 4: "erreur interne"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_lot(parser)
    add_definition(parser)
    parser.add_argument("--finess", metavar="N", required=True, help="un FINESS géographique du périmètre")
    parser.add_argument("--indicator", metavar="ID", required=True, help="par exemple taux_dossiers_actifs")
    add_everywhere(parser, writes=False)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Explain."""
    from esms_sdk import api

    with api.open_lot(arguments.lot) as lot:
        explanation = api.explain(
            lot,
            arguments.measured_on,
            finess=arguments.finess,
            indicator=arguments.indicator,
            definition=arguments.definition,
            first_measure=arguments.first_measure,
            denominator=arguments.denominator,
            events=arguments.events,
            amenagements=arguments.configuration.amenagements,
        )
    terminal.result(explanation.as_text(), explanation.as_document())
    return 0

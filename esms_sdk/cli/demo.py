"""``esms demo``: the whole chain on the embedded sample."""

from __future__ import annotations

import argparse
from pathlib import Path

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal

DESCRIPTION = """\
Toute la chaîne sur l'échantillon embarqué : l'export d'un éditeur inventé,
volontairement mal écrit, devient un lot et des rejets, puis des indicateurs, un
tableau de bord et un contrôle de conformité."""
EXAMPLES = "  esms demo\n  esms demo --out essai --force"
EXIT_CODES = {0: "fait", 2: "usage, par exemple un dossier qui existe déjà sans --force", 4: "erreur interne"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("esms-demo"), help="dossier à écrire (par défaut : esms-demo)"
    )
    add_everywhere(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run the chain, and name each result on the last lines."""
    from esms_sdk import api
    from esms_sdk.cli import import_, rates

    with terminal.progress() as progress:
        done = api.run_demo(arguments.out, force=arguments.force, progress=progress)
    width = max(len(str(made.chemin)) for made in done.resultats)
    text = "\n\n".join(
        (
            import_.as_table(done.report),
            rates.as_text(done.indicateurs),
            "Conformité de l'échantillon, dont les défauts sont voulus : "
            + ", ".join(f"{verdict} {count}" for verdict, count in done.verdicts.items()),
            "\n".join(f"{made.chemin!s:<{width}}  {made.phrase}" for made in done.resultats),
        )
    )
    terminal.result(text, [{"chemin": str(made.chemin), "phrase": made.phrase} for made in done.resultats])
    return 0

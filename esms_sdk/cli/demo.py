"""``esms demo``: the whole chain on the embedded sample."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal

if TYPE_CHECKING:
    from esms_sdk.demonstration import Demonstration

DESCRIPTION = """\
Toute la chaîne sur l'échantillon embarqué : l'export d'un éditeur inventé,
volontairement mal écrit, devient un lot et des rejets, puis des indicateurs, un
tableau de bord, un contrôle de conformité, un dossier VA signé d'une clé d'essai et
vérifié, et un dossier d'usages."""
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
            _as_text(done),
            "\n".join(f"{made.chemin!s:<{width}}  {made.phrase}" for made in done.resultats),
        )
    )
    terminal.result(text, [{"chemin": str(made.chemin), "phrase": made.phrase} for made in done.resultats])
    return 0


def _as_text(done: Demonstration) -> str:
    """The two dossiers, and the two verifications: the right one, then the one of which a byte was changed."""
    from esms_sdk.export.french import compte
    from esms_sdk.va.verification_text import phrase

    lines = []
    for built in done.dossiers:
        decisions = built.decisions
        met = compte(sum(one.remplie for one in decisions), "établissement", "établissements")
        state = "peut être signé" if decisions.signable else "NON SIGNABLE, et dit ce qui manque à chacun des autres"
        lines += [f"{built.path.name:<14} sans {name} : {why}" for name, why in built.absents]
        lines.append(f"{built.path.name:<14} prêt pour {met} sur {len(decisions)} : {state}")
    lines.append("Signé d'une clé d'essai jetée aussitôt : la signature ne vaut rien, la vérification est la vraie.")
    for found in done.verifications:
        lines.append(f"{found.dossier:<14} {phrase(found)}")
        lines += [f"{'':<14} {one.fichier} : {one.message}" for one in found.differences]
    return "\n".join(lines)

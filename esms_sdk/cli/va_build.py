"""``esms va build``: the dossier of an order, conformance, indicators and dashboard included."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk.cli.options import add_definition, add_everywhere, add_lot, add_out
from esms_sdk.cli.terminal import Terminal

if TYPE_CHECKING:
    from esms_sdk.decision import Decision
    from esms_sdk.va.build import Built

HELP = "fait le dossier d'une commande"
DESCRIPTION = """\
Contrôle la commande et le lot, calcule les indicateurs et le tableau de bord des
établissements commandés, décide établissement par établissement, et écrit le zip.
--kind va : déployé, TBB.1 différent de zéro, indicateurs fournis, sans aucun seuil.
--kind usages : les cinq cibles du programme, avec les aménagements d'esms.toml."""
_SHOWN = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_lot(parser)
    _file(parser, "--order", "COMMANDE.TOML", "la commande", required=True)
    parser.add_argument(
        "--kind", choices=("va", "usages"), default="va", help="pour le payeur (VA), ou pour l'ARS (usages)"
    )
    add_definition(parser)
    _file(parser, "--orders", "DIR", "les autres commandes : un ESSMS n'est que dans une")
    parser.add_argument(
        "--profile", metavar="NOM", default="pa-ph-dom-vague1", help="couloir et vague du rapport de conformité"
    )
    parser.add_argument(
        "--mode", choices=("production", "test"), default="production", help="mode du rapport de conformité"
    )
    _file(parser, "--waivers", "FILE", "écarts acceptés par l'éditeur (TOML), portés au dossier")
    _file(parser, "--declarations", "FILE", "déclarations de l'éditeur (TOML), avec leurs preuves")
    add_out(parser, "ZIP", "dossier à écrire")
    add_everywhere(parser)


def _file(parser: argparse.ArgumentParser, name: str, metavar: str, help: str, *, required: bool = False) -> None:
    parser.add_argument(name, metavar=metavar, type=Path, default=None, required=required, help=help)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the dossier, then say of each establishment what it misses."""
    from esms_sdk import api

    built = api.build_dossier(
        arguments.lot,
        arguments.order,
        arguments.measured_on,
        arguments.out,
        kind=arguments.kind,
        definition=arguments.definition,
        first_measure=arguments.first_measure,
        denominator=arguments.denominator,
        events=arguments.events,
        amenagements=arguments.configuration.amenagements,
        orders=arguments.orders,
        profile=arguments.profile,
        mode=arguments.mode,
        waivers=arguments.waivers,
        declarations=arguments.declarations,
        force=arguments.force,
    )
    for name, why in built.absents:
        terminal.say(f"Sans {name} : {why}.")
    terminal.result(as_text(built), as_document(built))
    return built.exit_code


def as_text(built: Built) -> str:
    """A line an establishment, then what it misses and what to do."""
    from esms_sdk.va.attestation.parts import donnee

    decisions = built.decisions
    met = sum(one.remplie for one in decisions)
    verdict = "peut être signé" if decisions.signable else "NON SIGNABLE"
    lines = [
        f"Commande {decisions.commande.reference}, mesurée le {decisions.mesure_le} : {verdict}"
        f" (conditions remplies : {met} sur {len(decisions)})",
        *(f"! {told}" for told in decisions.avertissements[:_SHOWN]),
        "",
    ]
    # Those that miss something are never cut: they are what the reader came for.
    kept = [one for one in decisions if not one.remplie]
    fine = [one for one in decisions if one.remplie]
    lines += [line for one in kept for line in _lines(one)]
    lines += [line for one in fine[:_SHOWN] for line in _lines(one)]
    if len(fine) > _SHOWN:
        lines.append(f"+ … et {len(fine) - _SHOWN} autres qui remplissent leurs conditions")
    lines += ["", "+ remplit ses conditions   - ne les remplit pas"]
    # What others wrote may hold what would command a terminal.
    return "\n".join([*map(donnee, lines), str(built.path)])


def _lines(one: Decision) -> list[str]:
    name = f"{one.finess_et} {one.denomination}".rstrip()
    lines = [f"{'+' if one.remplie else '-'} {name}"]
    for lacking in one.manques:
        lines.append(f"    {lacking.motif} : {lacking.explication}")
        if lacking.remede:
            lines.append(f"      → {lacking.remede}")
    return lines


def as_document(built: Built) -> dict[str, Any]:
    """The same for a program."""
    decisions = built.decisions
    return {
        "dossier": built.path.name,
        "genre": decisions.genre,
        "signable": decisions.signable,
        "avertissements": list(decisions.avertissements),
        "absents": [{"nom": name, "motif": why} for name, why in built.absents],
        "etablissements": [
            {
                "finess_et": one.finess_et,
                "denomination": one.denomination,
                "remplie": one.remplie,
                "conditions": [
                    {
                        "id": each.id, "libelle": each.libelle, "remplie": each.remplie, "preuve": each.preuve,
                        "motif": each.motif, "explication": each.explication, "remede": each.remede,
                    }
                    for each in one.conditions
                ],
                "reserves": list(one.reserves),
            }
            for one in decisions
        ],
    }  # fmt: skip

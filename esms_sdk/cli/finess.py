"""``esms finess``: the reference of establishments, made from the ANS open feed, and what it says of a number."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esms_sdk.cli.options import add_everywhere, day
from esms_sdk.cli.terminal import Terminal
from esms_sdk.errors import UsageError

if TYPE_CHECKING:
    from esms_sdk.finess import Fiche, Origin
    from esms_sdk.period import Period
    from esms_sdk.transport.finess_update import Update

DESCRIPTION = """\
Le référentiel FINESS sur votre poste : un petit fichier fait du flux ouvert
«FINESS - Structures» de l'ANS, et ce qu'il dit d'un numéro. Seul «update» sans
--file va sur le réseau ; sans référentiel, un extrait inventé sert aux essais."""
EXAMPLES = """\
  esms finess update --file finess-structures-journalier-20260813.json.gz
  esms finess update
  esms finess show 000012013
  esms finess show 000012021 --ej 000012005 --period 2025-09-01 2025-09-30"""
EXIT_CODES = {
    0: "fait ; le numéro est connu",
    2: "usage, numéro mal formé, pas de référentiel, flux illisible ou réseau : rien n'a changé",
    3: "show : numéro inconnu du référentiel",
    4: "erreur interne",
}

_GRAVITES = {"erreur": "ERREUR", "avertissement": "attention", "information": "note"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    actions = parser.add_subparsers(title="commandes", metavar="ACTION", dest="action", required=True)
    _update_arguments(actions.add_parser(
        "update", help="fait ou remplace le référentiel", description="Fait ou remplace le référentiel."
    ))  # fmt: skip
    show = actions.add_parser("show", help="ce que le référentiel dit d'un numéro", description="Cherche un numéro.")
    show.add_argument("number", metavar="N", help="numéro FINESS, géographique (ET) ou juridique (EJ)")
    _add_reference(show)
    show.add_argument("--ej", metavar="N", help="organisme attendu : un autre est un constat")
    show.add_argument(
        "--period",
        metavar=("DEBUT", "FIN"),
        nargs=2,
        type=day,
        help="période à juger (deux dates, comprises) : ouvert, fermé, référentiel trop ancien",
    )
    add_everywhere(show, writes=False)


def _update_arguments(update: argparse.ArgumentParser) -> None:
    update.add_argument(
        "--file", metavar="F", type=Path, help="flux déjà téléchargé (.json, .gz ou .zip) : aucun réseau, --url ignoré"
    )
    update.add_argument(
        "--url", metavar="URL", help="adresse du fichier, ou du jeu de données dans un catalogue data.gouv.fr (défaut)"
    )
    _add_reference(update)
    update.add_argument("--sha256", metavar="HEX", help="somme de contrôle attendue du flux")
    update.add_argument("--proxy", metavar="URL", help="proxy (sinon HTTPS_PROXY, NO_PROXY)")
    update.add_argument("--ca", metavar="PEM", type=Path, help="certificats d'autorité (sinon REQUESTS_CA_BUNDLE)")
    update.add_argument(
        "--timeout", metavar="S", type=_positive, default=30, help="secondes d'attente de chaque réponse (défaut : 30)"
    )
    update.add_argument("--retries", metavar="N", type=_count, default=4, help="nouveaux essais (défaut : 4)")
    update.add_argument(
        "--max-size", metavar="MO", type=_positive, default=1000, help="taille maximale reçue, en Mo (défaut : 1000)"
    )
    add_everywhere(update)


def _add_reference(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reference", metavar="FILE", type=Path, help="fichier du référentiel (par défaut : celui de l'utilisateur)"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Update the reference, or show a number."""
    from esms_sdk import api

    if arguments.action == "update":
        done = api.update_finess(
            file=arguments.file, url=arguments.url, reference=arguments.reference, sha256=arguments.sha256,
            proxy=arguments.proxy, ca=arguments.ca, timeout=arguments.timeout, retries=arguments.retries,
            max_size=int(arguments.max_size * 1_000_000), force=arguments.force,
        )  # fmt: skip
        terminal.result(_told(done), _as_update(done))
        return 0
    period = _period(*arguments.period) if arguments.period else None
    found = api.find_finess(arguments.number, reference=arguments.reference, finess_ej=arguments.ej, period=period)
    terminal.result("\n".join(_lines(found)), _as_document(found))
    if found.referentiel.invente:
        terminal.say("Extrait inventé, pas le référentiel : esms finess update le fait.")
    return 0 if found.known else 3


def _told(done: Update) -> str:
    made = done.origin.genere_le[:10]
    if done.summary is None:
        return f"Référentiel FINESS du {made} : déjà à jour ({done.place})"
    counts = done.summary
    return (
        f"Référentiel FINESS du {made} : {counts.organismes} organismes, {counts.etablissements} établissements "
        f"dont {counts.fermes} fermés\n{done.place}"
    )


def _as_update(done: Update) -> dict[str, Any]:
    counts = done.summary
    return {
        "referentiel": str(done.place), **_as_origin(done.origin), "a_jour": counts is None,
        "organismes": counts.organismes if counts else None,
        "etablissements": counts.etablissements if counts else None,
        "fermes": counts.fermes if counts else None, "sans_numero": counts.sans_numero if counts else None,
    }  # fmt: skip


def _as_origin(origin: Origin) -> dict[str, Any]:
    return {
        "source": origin.source, "genere_le": origin.genere_le, "sha256": origin.sha256, "url": origin.url or None,
        "invente": bool(origin.invente),
    }  # fmt: skip


def _lines(found: Fiche) -> Iterator[str]:
    et, body = found.etablissement, found.organisme
    if et:
        yield f"{found.finess}  établissement (FINESS géographique, ET)"
        yield f"  nom         {et.nom}"
        yield f"  catégorie   {_category(found)}"
        yield f"  état        {_state(et.ouvert, et.ouverture, et.fermeture)}"
        yield f"  organisme   {et.finess_ej}  {body.nom if body else '(absent du référentiel)'}"
    elif body:
        count, still_open = found.rattaches or (0, 0)
        yield f"{found.finess}  organisme (FINESS juridique, EJ)"
        yield f"  nom         {body.nom}"
        yield f"  état        {_state(body.ouvert, body.ouverture, body.fermeture)}"
        yield f"  rattachés   {count} établissements, dont {still_open} ouverts"
    else:
        yield f"{found.finess}  inconnu"
    for constat in found.constats:
        yield f"  {constat.code} {_GRAVITES[constat.gravite]} : {constat.message}"
    made = found.referentiel.genere_le[:10]
    yield "extrait inventé, pas le référentiel" if found.referentiel.invente else f"référentiel du {made}"


def _category(found: Fiche) -> str:
    kind, et = found.categorie, found.etablissement
    if kind:
        return f"{kind.code} {kind.libelle} (groupe {kind.groupe} {kind.libelle_groupe})"
    return (et.categorie if et else "") or "absente"


def _state(is_open: bool, since: date | None, until: date | None) -> str:
    if is_open:
        return f"ouvert depuis le {since}" if since else "ouvert"
    return f"fermé{f' depuis le {until}' if until else ''}{f' (ouvert le {since})' if since else ''}"


def _as_document(found: Fiche) -> dict[str, Any]:
    et, body, kind = found.etablissement, found.organisme, found.categorie
    subject = et or body
    return {
        "finess": found.finess,
        "genre": "ET" if et else "EJ" if body else None,
        "nom": subject.nom if subject else None,
        "etat": ("ouvert" if subject.ouvert else "ferme") if subject else None,
        "ouverture": _iso(subject.ouverture) if subject else None,
        "fermeture": _iso(subject.fermeture) if subject else None,
        "organisme": {"finess_ej": et.finess_ej, "nom": body.nom if body else None} if et else None,
        "categorie": {
            "code": et.categorie, "libelle": kind.libelle if kind else None, "groupe": kind.groupe if kind else None,
            "libelle_groupe": kind.libelle_groupe if kind else None,
        } if et else None,
        "etablissements": dict(zip(("total", "ouverts"), found.rattaches, strict=True)) if found.rattaches else None,
        "constats": [{"code": one.code, "gravite": one.gravite, "message": one.message} for one in found.constats],
        "referentiel": _as_origin(found.referentiel),
    }  # fmt: skip


def _iso(when: date | None) -> str | None:
    return when.isoformat() if when else None


def _period(debut: date, fin: date) -> Period:
    from esms_sdk.period import Period

    try:
        return Period(debut, fin)
    except ValueError as fault:
        raise UsageError("ESMS-E101", f"--period : {fault}") from None


def _positive(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = 0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"nombre positif attendu (reçu : {word!r})")
    return value


def _count(word: str) -> int:
    if not word.isdecimal() or int(word) > 100:
        raise argparse.ArgumentTypeError(f"entier de 0 à 100 attendu (reçu : {word!r})")
    return int(word)

"""The attestation of a dossier: one value, printed as a page (always) and as a PDF/A (with the extra ``pdf``)."""

from __future__ import annotations

from pathlib import Path

from esms_sdk.export.french import compte, nombre
from esms_sdk.va.attestation import content, tables
from esms_sdk.va.attestation.parts import Attestation, donnee, phrase
from esms_sdk.va.contents import Contents

__all__ = ["Attestation", "attestation", "pdf_available", "write_html", "write_pdf"]

TITRES = {
    "va": "Attestation de vérification d'aptitude",
    "usages": "Preuve des usages, projet ESMS numérique",
}
MARQUE = "NON SIGNABLE"


def attestation(contents: Contents) -> Attestation:
    """Return what the attestation of a dossier says."""
    signable = contents.decisions.signable
    sections = (
        content.order(contents),
        tables.lacking(contents),
        content.warnings(contents),
        content.attested(contents),
        content.signature(contents),
        content.limits(contents),
        tables.conditions(contents),
        tables.indicators(contents),
        tables.dashboard(contents),
        content.granted(contents),
        content.mentions(contents),
        content.origin(contents),
    )
    return Attestation(
        genre=contents.genre,
        titre=TITRES[contents.genre],
        organisme=donnee(contents.organisme) or f"FINESS juridique {donnee(contents.commande.finess_ej)}",
        marque="" if signable else MARQUE,
        resume=phrase(_resume(contents)),
        pied=content.footer(contents),
        mesure_le=contents.decisions.mesure_le,
        sections=tuple(one for one in sections if one is not None),
    )


def _resume(contents: Contents) -> str:
    number = len(contents.decisions)
    refused = sum(not one.remplie for one in contents.decisions)
    if contents.decisions.signable:
        who = f"Les {nombre(number)} établissements remplissent" if number > 1 else "L'établissement remplit"
        return f"{who} toutes les conditions : ce document peut être signé."
    if not number:
        return "La commande ne nomme aucun établissement."
    verb = "ne remplissent pas leurs conditions" if refused > 1 else "ne remplit pas ses conditions"
    who = f"{compte(refused, 'établissement', 'établissements')} sur {nombre(number)} {verb}"
    return f"{who} : la liste est dans « {tables.LACKING} »."


def write_html(contents: Contents, path: Path) -> Path:
    """Write ``attestation.html`` into ``path`` and return it."""
    from esms_sdk.va.attestation.html import write

    return write(attestation(contents), path)


def write_pdf(contents: Contents, path: Path) -> Path:
    """Write ``attestation.pdf`` into ``path`` and return it.

    Raises :class:`UsageError` where the extra ``pdf`` is not installed.
    """
    from esms_sdk.va.attestation.pdf import write

    return write(attestation(contents), path)


def pdf_available() -> bool:
    """Say whether the extra ``pdf`` is installed."""
    from esms_sdk.va.attestation.pdf import available

    return available()

"""What every report says in the same words: verdicts, texts cited, places."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache

from esms_sdk import content
from esms_sdk.conformance.catalogue import Constat, Requirement, Source
from esms_sdk.conformance.result import Conformity, Finding, Group
from esms_sdk.conformance.verdict import Verdict

VERDICTS: Mapping[Verdict, str] = {
    Verdict.NON_CONFORME: "non conforme",
    Verdict.INDETERMINE: "indéterminé",
    Verdict.DEROGE: "écart accepté par l'éditeur",
    Verdict.CONFORME: "conforme",
    Verdict.NON_VERIFIE: "non vérifié",
    Verdict.NON_APPLICABLE: "non applicable",
}
"""The verdicts, what asks for attention first."""

NIVEAUX = {"obligatoire": "obligatoire", "recommande": "recommandé"}
GRAVITES = {"erreur": "erreur", "avertissement": "avertissement", "information": "information"}
DOMAINES = {
    "INS": "Identité nationale de santé",
    "FINESS": "Établissements et FINESS",
    "DONNEES": "Cohérence des données",
    "IND": "Indicateurs d'usage",
    "TBB": "Tableau de bord",
    "CDA": "Documents CDA",
    "XDS": "Métadonnées XDS",
    "XDM": "Archives IHE_XDM",
    "MSS": "MSSanté",
    "DMP": "Dossier médical partagé",
    "VA": "Vérification d'aptitude",
    "PSC": "Pro Santé Connect",
    "PORT": "Portabilité",
    "EXT": "Exigences techniques et sécurité",
}
NON_OFFICIEL = (
    "Ce rapport n'est pas officiel : il contrôle des exigences « de type Ségur », reformulées d'après les textes "
    "publics ou, à défaut, d'après ceux d'autres couloirs. Il ne vaut ni référencement, ni homologation."
)


@cache
def texts() -> Mapping[str, str]:
    """Return the title of each official text by its id in ``SOURCES.toml``."""
    path = content.folder("conformance") / "SOURCES.toml"
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["source"]
    return {text["id"]: text["titre"] for text in listed}


def cited(source: Source) -> str:
    """Return where a text asks for it, and how sure that is.

    >>> cited(Source("rem-x", "INSi", "moyenne", reference="SC.INS/va1.02", autre_couloir=True))
    "rem-x, INSi, SC.INS/va1.02 (texte d'un autre couloir ; confiance moyenne)"
    """
    title = texts().get(source.document, source.document)
    place = ", ".join(part for part in (f"{title} {source.version}".strip(), source.section, source.reference) if part)
    other = "texte d'un autre couloir ; " if source.autre_couloir else ""
    return f"{place} ({other}confiance {source.confiance})"


def message(constat: Constat, finding: Finding) -> str:
    """Return the sentence of a finding, with what completes it."""
    return f"{constat.message} : {finding.precision}" if finding.precision else constat.message


def same_precision(findings: Iterable[Finding]) -> bool:
    """Say whether what completes the message of one completes that of all."""
    return len({finding.precision for finding in findings}) == 1


def place(constat: Constat, finding: Finding) -> str:
    """Return where a finding is, in words."""
    file = finding.fichier and (finding.fichier + (f", ligne {finding.ligne}" if finding.ligne is not None else ""))
    parts = (constat.ou, file, finding.xpath, finding.cle and f"clé {finding.cle}")
    return ", ".join(part for part in (*parts, finding.finess_et and f"FINESS {finding.finess_et}") if part)


def covered(result: Conformity, rank: int) -> int:
    """Return how many findings the accepted difference of that rank covers."""
    waiver = result.ecarts[rank]
    return sum(group.nombre for outcome in result.outcomes for group in outcome.groupes if group.ecart is waiver)


def counts(result: Conformity) -> dict[str, int]:
    """Return what the run looked at and found."""
    groups = [(o, g) for o in result.outcomes for g in o.groupes]
    found = {"exigences": len(result.outcomes), "juges": sum(o.juges for o in result.outcomes)}
    for gravite in GRAVITES:
        plural = f"{gravite}s"
        found[plural] = sum(g.nombre for o, g in groups if gravity(o.requirement, g) == gravite)
    found["constats"] = sum(g.nombre for _, g in groups)
    found["finess"] = len({finess for o in result.outcomes for finess in o.par_finess})
    if result.baseline:
        found["deja_connus"] = found["constats"] - sum(g.nouveaux for _, g in groups)
    return found


def gravity(requirement: Requirement, group: Group) -> str:
    """Return the gravity of the findings of a group."""
    return requirement.constats[group.code].gravite

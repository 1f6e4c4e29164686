"""The members of a dossier, by name: what each is."""

from __future__ import annotations

from collections.abc import Mapping

MANIFEST = "manifeste.json"
SIGNATURE = "manifeste.json.p7s"
ORDER = "commande.toml"
README = "LISEZMOI.txt"
PDF = "attestation.pdf"
SCHEMA = "esms-dossier/1"

MEMBERS: Mapping[str, str] = {
    "LISEZMOI.txt": "ce texte",
    "attestation.html": "l'attestation, à lire dans un navigateur",
    "attestation.pdf": "la même, à imprimer et à archiver (PDF/A)",
    "commande.toml": "la commande à laquelle le dossier répond, telle qu'elle a été donnée",
    "conformite.html": "le rapport de conformité, à lire",
    "conformite.json": "le même, pour un programme",
    "indicateurs.csv": "les indicateurs, une ligne par établissement et par taux",
    "indicateurs.json": "les mêmes, pour un programme",
    "indicateurs.xlsx": "les mêmes, pour un tableur",
    "manifeste.json": "ce qui lie le tout : empreinte de chaque fichier, options, versions, origine, décisions",
    "tableau_de_bord.csv": "le tableau de bord TBB.1 des envois, en extraction",
    "tableau_de_bord.html": "le même, à lire",
    "tableau_de_bord.json": "le même, pour un programme",
    "tableau_de_bord.xlsx": "le même, pour un tableur",
}
"""Every member of a dossier that is not signed, with what it is; ``manifeste.json.p7s`` is the signature's."""

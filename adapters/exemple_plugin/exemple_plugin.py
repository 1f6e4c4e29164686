"""Registre, un éditeur qui n'existe pas : un fichier à largeur fixe, que adapter.toml ne sait pas lire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

Columns = dict[str, list[Any]]

# Colonne du lot : début et fin dans la ligne.
LIGNES = {
    "E": ("etablissement", {"finess_et": (1, 10), "finess_ej": (10, 19), "denomination": (19, 49)}),
    "U": ("usager", {"usager_id": (1, 6), "sexe": (6, 7)}),
    "S": ("sejour", {"sejour_id": (1, 6), "usager_id": (6, 11), "finess_et": (11, 20), "date_entree": (20, 30),
                     "date_sortie": (30, 40)}),
    "D": ("dossier", {"dossier_id": (1, 6), "usager_id": (6, 11), "finess_et": (11, 20), "date_creation": (20, 30)}),
    "M": ("mise_a_jour", {"dossier_id": (1, 6), "date_maj": (6, 16), "origine": (16, 17)}),
}  # fmt: skip
ORIGINES = {"P": "UTILISATEUR", "N": "AUTOMATE", "R": "REPRISE"}


class Registre:
    """Registre 2 (éditeur fictif, fichier à largeur fixe)"""

    lot = {  # noqa: RUF012
        "editeur": "Registre (éditeur inventé)",
        "logiciel": "Registre",
        "version_logiciel": "2.0",
        "perimetre": {"sql": "select finess_et from etablissement"},
        "non_fourni": ["projet_personnalise", "statut_projet", "evenement"],
        "periode_couverte_debut": "2025-01-01",
        "periode_couverte_fin": {"sql": "select max(date_maj) from mise_a_jour"},
        "journal_maj_complet": True,
        "historique_statuts_complet": True,
        "mode": "test",
    }

    def tables(self, sources: Sequence[Path]) -> Iterator[tuple[str, Columns]]:
        """Rend chaque table du lot, fichier par fichier : un dictionnaire de colonnes, ou une table Arrow."""
        for path in sources:
            lignes = path.read_text(encoding="cp1252").splitlines()
            extrait = datetime.strptime(lignes[0][1:20], "%d/%m/%Y %H:%M:%S")
            self.lot = {**self.lot, "date_extraction": extrait.isoformat()}
            yield "organisme", {"finess_ej": [lignes[0][20:29]], "raison_sociale": [lignes[0][29:].strip()]}
            for genre, (table, bornes) in LIGNES.items():
                siennes = [ligne for ligne in lignes if ligne.startswith(genre)]
                yield table, {nom: self.cellules(nom, siennes, *place) for nom, place in bornes.items()}

    @staticmethod
    def cellules(nom: str, lignes: list[str], debut: int, fin: int) -> list[str]:
        """Rend une colonne ; un code inconnu passe tel quel, et sera dit dans libelles_inconnus.csv."""
        textes = [ligne[debut:fin].strip() for ligne in lignes]
        return [ORIGINES.get(texte, texte) for texte in textes] if nom == "origine" else textes

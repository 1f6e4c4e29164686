"""The ANS open feed «FINESS - Structures», shape v1: bodies (``pmej``) and, in each, its establishments (``ege``).

The shape is not documented for good: it is told by its keys, and another one is refused by name.  The feed keeps what
is closed: to be there is not to be open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from esms_sdk.errors import SourceError
from esms_sdk.finess import packing
from esms_sdk.finess.json_stream import JsonStream, NotJson

_VERSION = re.compile(r"v?1\.\d+\.\d+")
_EJ, _ET = "informationsGeneralesPMEJ", "informationsGeneralesEGE"
_WHERE = "Prendre le flux quotidien «FINESS - Structures» de l'ANS (finess-structures-journalier-AAAAMMJJ.json.gz)."

EjRow = tuple[str, str, str, str | None, str | None, str]
"""finess_ej, nom, siren, ouverture, fermeture, etat."""
EtRow = tuple[str, str, str, str, str | None, str | None, str]
"""finess_et, finess_ej, nom, categorie, ouverture, fermeture, etat."""


@dataclass(slots=True)
class Feed:
    """A feed being read: ``bodies`` gives each body with its establishments, then the rest is known."""

    path: Path
    name: str
    version: str = ""
    genere_le: str = ""
    sans_numero: int = 0
    """Bodies and establishments without a number, left out."""
    keys: list[str] = field(default_factory=list)

    def bodies(self) -> Iterator[tuple[EjRow, list[EtRow]]]:
        """Yield each body and its establishments, in the order of the feed; raise :class:`SourceError`."""
        with packing.opened(self.path, self.name) as read:
            stream = JsonStream(read)
            self.keys = stream.keys
            found = False
            try:
                for key, value in stream:
                    if key == "schemaVersion":
                        self._accept_version(value)
                    elif key == "generatedAt":
                        self.genere_le = str(value)
                    elif key == "pmej":
                        found = True
                        yield self._body(value)
            except NotJson as fault:
                raise self._no_feed(str(fault)) from None
        if not found or not self.version or not _is_day(self.genere_le[:10]):
            missing = "pmej" if not found else "generatedAt" if self.version else "schemaVersion"
            raise self._refused(
                f"«{missing}» y manque ou est vide (clés vues : {', '.join(self.keys[:8]) or 'aucune'})"
            )

    def _accept_version(self, value: object) -> None:
        self.version = str(value)
        if not _VERSION.fullmatch(self.version):
            raise self._refused(f"forme «{self.version[:20]}», v1.0.0 est attendue")

    def _body(self, record: Any) -> tuple[EjRow, list[EtRow]]:
        about = record.get(_EJ) if isinstance(record, dict) else None
        if not isinstance(about, dict):
            raise self._unknown_shape(record)
        number = _text(about.get("numFinessPm"))
        nom = _text(about.get("denominationLonguePmSmsse")) or _text(about.get("denominationPm"))
        ej = (
            number, nom, _text(about.get("siren")), _day(about.get("dateCreation")), _day(about.get("dateFermeture")),
            _text(record.get("etatObjet")),
        )  # fmt: skip
        establishments = [self._establishment(number, one) for one in record.get("ege") or ()]
        self.sans_numero += (not number) + sum(not row[0] for row in establishments)
        return ej, [row for row in establishments if row[0]]

    def _establishment(self, finess_ej: str, record: Any) -> EtRow:
        about = record.get(_ET) if isinstance(record, dict) else None
        if not isinstance(about, dict):
            raise self._unknown_shape(record)
        nom = _text(about.get("nomEgeLong")) or _text(about.get("nomEgeCourt"))
        return (
            _text(about.get("numFinessEge")), finess_ej, nom, _text(record.get("categorieentiteGeographiqueExercice")),
            _day(about.get("dateOuverture")), _day(about.get("dateFermeture")), _text(record.get("etatObjet")),
        )  # fmt: skip

    def _unknown_shape(self, record: Any) -> SourceError:
        seen = list(record) if isinstance(record, dict) else []
        if {"informationsGeneralesPmej", "informationsGeneralesEge"} & set(seen):
            return self._refused(
                f"forme de décembre 2025 (schema-structures-v1.json, clé «{seen[0]}»), remplacée par la v1.0.0"
            )
        return self._refused(
            f"forme inconnue («{_EJ}» ou «{_ET}» manque ; clés vues : {', '.join(seen[:8]) or 'aucune'})"
        )

    def _refused(self, reason: str) -> SourceError:
        return SourceError("ESMS-E370", f"{self.name} n'est pas un flux FINESS lisible : {reason}", hint=_WHERE)

    def _no_feed(self, reason: str) -> SourceError:
        """Tell a legacy extraction by its first line, else what is wrong with the JSON."""
        with packing.opened(self.path, self.name) as read:
            start = read(64)
        if start.startswith(("finess;etalab", "structureet;")):
            return self._refused("extraction etalab (cs1100502, cs1100507), arrêtée en mai 2026")
        return packing.damaged(self.name, f"JSON illisible ({reason})")


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _day(value: object) -> str | None:
    day = _text(value)[:10]
    return day if _is_day(day) else None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

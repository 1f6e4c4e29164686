"""``esms va diff``: from one dossier to another, what changed, in words."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from esms_sdk.archive import archive
from esms_sdk.errors import DossierError, EsmsError
from esms_sdk.export import tableau_de_bord_wording as tbb
from esms_sdk.va.members import MANIFEST, ORDER, SCHEMA

_JSON = (MANIFEST, "indicateurs.json", "tableau_de_bord.json", "conformite.json")

_LOST, _NEW = "(retiré)", "(ajouté)"
_SHOWN = 12


class Difference(NamedTuple):
    """One thing that changed: its part of the dossier, what it is, before and after; null is «was not there»."""

    partie: str
    quoi: str
    avant: Any
    apres: Any

    def __str__(self) -> str:
        if self.quoi.endswith((_LOST, _NEW)):
            return f"{self.quoi} : {_told(self.avant if self.apres is None else self.apres)}"
        return f"{self.quoi} : {_told(self.avant)} → {_told(self.apres)}"


@dataclass(frozen=True, slots=True)
class Differences:
    """What changed, and how the second stands to the first.

    ``remplace``: None where the second claims to correct nothing, else whether it is the first that it names.
    """

    liste: tuple[Difference, ...]
    remplace: bool | None
    motif: str | None

    def __iter__(self) -> Iterator[Difference]:
        return iter(self.liste)

    def __len__(self) -> int:
        return len(self.liste)


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier that was read: its JSON members and its order, and the digest of each of its files."""

    nom: str
    documents: Mapping[str, Any]
    empreintes: Mapping[str, str]

    @property
    def manifeste(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.documents[MANIFEST]
        return found


def read_dossier(path: Path) -> Dossier:
    """Read a dossier.  Raises :class:`DossierError` where it is none; ``va verify`` says whether it is intact."""
    hint = "Donner un zip écrit par esms va build."
    if not path.is_file():
        raise DossierError("ESMS-E643", f"dossier introuvable : {path.name}", hint=hint)
    try:
        with archive(path, path.name) as opened:
            found = {name: opened.read(name) for name in opened.names}
        documents = {name: json.loads(found[name]) for name in _JSON if name in found}
        if ORDER in found:
            documents[ORDER] = tomllib.loads(found[ORDER].decode("utf-8-sig"))
    except (EsmsError, ValueError) as error:
        why = error.message if isinstance(error, EsmsError) else type(error).__name__
        raise DossierError("ESMS-E644", f"{path.name} n'est pas un dossier ({why})", hint=hint) from None
    told = documents.get(MANIFEST)
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise DossierError("ESMS-E644", f"{path.name} n'est pas un dossier (pas de {MANIFEST})", hint=hint)
    return Dossier(path.name, documents, {name: hashlib.sha256(data).hexdigest() for name, data in found.items()})


def differences(before: Path, after: Path) -> Differences:
    """Compare two dossiers."""
    a, b = read_dossier(before), read_dossier(after)
    claimed = b.manifeste.get("remplace")
    replaced = None if not claimed else str(claimed).lower() == a.empreintes[MANIFEST]
    try:
        found = tuple(_all(a, b))
    except (AttributeError, KeyError, TypeError):
        raise DossierError("ESMS-E645", "un des dossiers n'a pas la forme attendue",
                           hint="Les vérifier avec esms va verify.") from None  # fmt: skip
    return Differences(found, replaced, b.manifeste.get("motif_rectification"))


def _all(a: Dossier, b: Dossier) -> Iterator[Difference]:
    one, two = a.manifeste, b.manifeste
    for part, keys in _PARTS.items():
        for key in keys:
            yield from _values(part, key, one.get(key), two.get(key))
        if part == "commande":
            yield from _values(part, "", *(_order(x.documents.get(ORDER, {})) for x in (a, b)))
    yield from _values("decisions", "", _decisions(one), _decisions(two))
    for part, member, flat in (
        ("indicateurs", "indicateurs.json", _indicateurs),
        ("tableau_de_bord", "tableau_de_bord.json", _tableau),
        ("conformite", "conformite.json", _verdicts),
    ):
        yield from _values(part, "", flat(a.documents.get(member, {})), flat(b.documents.get(member, {})))
    # The manifest and its signature differ as soon as anything does.
    kept = [{n: d for n, d in x.empreintes.items() if n != MANIFEST and not n.endswith(".p7s")} for x in (a, b)]
    for name in sorted({*kept[0], *kept[1]}):
        if kept[0].get(name) != kept[1].get(name):
            here = [f"sha256 {x[name][:_SHOWN]}…" if name in x else None for x in kept]
            yield Difference("fichiers", name, here[0], here[1])


_PARTS: Mapping[str, tuple[str, ...]] = {
    "commande": ("genre", "commande", "organisme", "remplace", "motif_rectification"),
    "options": ("mesure_le", "periode", "options", "amenagements", "ecarts"),
    "versions": ("sdk", "regles"),
    "lot": ("lot", "import"),
    "avertissements": ("avertissements",),
    "decision": ("signable", "absents"),
}
"""The keys of the manifest, by the part that they are told under."""


def _values(part: str, name: str, a: Any, b: Any) -> Iterator[Difference]:
    """Yield the leaves that differ; a list is one, but for what was added to it and taken away."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys((*a, *b)):
            yield from _values(part, f"{name}.{key}" if name else str(key), a.get(key), b.get(key))
    elif isinstance(a, list) and isinstance(b, list):
        lost, new = [one for one in a if one not in b], [one for one in b if one not in a]
        yield from (Difference(part, f"{name} {_LOST}", one, None) for one in lost)
        yield from (Difference(part, f"{name} {_NEW}", None, one) for one in new)
    elif a != b:
        yield Difference(part, name, a, b)


def _order(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return by name what an order says and the manifest does not repeat."""
    return {
        name: document.get(section, {}).get(key) for section, keys in _OF_ORDER.items() for key, name in keys.items()
    }


_OF_ORDER: Mapping[str, Mapping[str, str]] = {
    "commande": {"montant_ttc": "montant TTC", "nb_essms_og": "nombre d'ESSMS de l'organisme"},
    "solution": {
        "editeur": "éditeur commandé", "logiciel": "logiciel commandé", "version": "version commandée",
        "numero_referencement": "n° de référencement",
    },
    "signataire": {"nom": "signataire", "fonction": "fonction du signataire", "mode": "mode de signature"},
}  # fmt: skip


def _decisions(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {
        one["finess_et"]: "conditions remplies" if one["remplie"] else f"refusé ({', '.join(one['motifs'])})"
        for one in manifest["decisions"]
    }


def _indicateurs(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the figures of each indicator, as text."""
    told = {}
    for place in document.get("etablissements", ()):
        for id, one in place["indicateurs"].items():
            name = f"{place['finess_et']} {one.get('libelle', id)}"
            told[name] = _figures(one)
            for lecture, numbers in one.get("lectures", {}).items():
                told[f"{name}, lecture {_LECTURES.get(lecture, lecture)}"] = (
                    f"{numbers['numerateur']}/{numbers['denominateur']}"
                )
    return told


_LECTURES = {"periode": "sur la période", "annuelle": "sur l'année"}


def _figures(one: Mapping[str, Any]) -> str:
    if "valeur" in one:
        return str(one["valeur"]) if one["valeur"] is not None else f"aucun nombre ({one.get('motif')})"
    motif = f", {one['motif']}" if one.get("motif") else ""
    return f"{one.get('numerateur')}/{one.get('denominateur')} ({one.get('etat')}{motif})"


def _tableau(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return every count of each period, and whether the period is covered."""
    told: dict[str, Any] = {}
    for place in document.get("etablissements", ()):
        for name, one in place["periodes"].items():
            where = f"{place['finess_et']} {tbb.PERIODES.get(name, name).lower()}"
            told[f"{where}, période couverte"] = one["couverte"]
            for mesure, words in tbb.MESURES.items():
                group, key = mesure.split(".")
                told[f"{where}, {words}"] = one[group][key]
    return told


def _verdicts(document: Mapping[str, Any]) -> dict[str, str]:
    return {one["id"]: one["verdict"] for one in document.get("exigences", ())}


def _told(value: Any) -> str:
    if value is None:
        return "rien"
    if isinstance(value, bool):
        return "oui" if value else "non"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)

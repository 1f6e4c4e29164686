"""``conformite.html``: the report for a person, in one file; everything is readable without its script of filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from esms_sdk.conformance.result import Conformity, Finding, Group, Outcome
from esms_sdk.conformance.verdict import Verdict
from esms_sdk.export.french import compte, nombre
from esms_sdk.export.html import style, write_page
from esms_sdk.report import document, wording
from esms_sdk.report.matrix import identity

MOST_ROWS = 200
"""Rows of one requirement, a kind of finding in one FINESS each; the rest is counted, and stands in the CSV."""
MOST_ROWS_IN_ALL = 5_000
MOST_FINESS = 1_000
"""Above this number of FINESS the page does not filter by FINESS: a browser could not hold their verdicts."""
_PLACES = 3
_TEMPLATES = Path(__file__).parent / "templates"
TONES = {
    Verdict.NON_CONFORME: "ko",
    Verdict.INDETERMINE: "doubt",
    Verdict.DEROGE: "doubt",
    Verdict.CONFORME: "ok",
    Verdict.NON_VERIFIE: "no",
    Verdict.NON_APPLICABLE: "no",
}
MARKS = {"ko": "✗", "doubt": "?", "ok": "✓", "no": "○"}


def write_conformity_page(path: Path, result: Conformity) -> Path:
    """Write the page into ``path`` and return it; what it says follows from ``result`` alone."""
    return write_page(path, "conformite.html", _Page(result).values(), _TEMPLATES)


class _Page:
    """What the template shows, in texts ready to print."""

    def __init__(self, result: Conformity) -> None:
        self.result = result
        self.finess = sorted({finess for outcome in result.outcomes for finess in outcome.par_finess})
        self.left = MOST_ROWS_IN_ALL
        order = list(wording.VERDICTS)
        self.outcomes = sorted(result.outcomes, key=lambda o: (order.index(o.verdict), not o.requirement.mandatory))

    def values(self) -> dict[str, Any]:
        result = self.result
        present = {outcome.requirement.domaine for outcome in result.outcomes}
        return {
            "own_css": style("conformite.css", _TEMPLATES),
            "own_script": style("conformite.js", _TEMPLATES),
            "headline": _headline(result),
            "products": _products(result),
            "not_official": wording.NON_OFFICIEL,
            "tiles": [
                {
                    "verdict": verdict.value,
                    "words": words,
                    "tone": TONES[verdict],
                    "count": result.resume[verdict.value],
                }
                for verdict, words in wording.VERDICTS.items()
            ],
            "marks": MARKS,
            "waivers": [self._waiver(rank) for rank in range(len(result.ecarts))],
            "baseline": wording.counts(result).get("deja_connus"),
            "unreadable": [one for one in _inputs(result) if "illisible" in one],
            "domaines": {name: words for name, words in wording.DOMAINES.items() if name in present},
            "verdicts": {verdict.value: words for verdict, words in wording.VERDICTS.items()},
            "finess": self.finess if len(self.finess) <= MOST_FINESS else [],
            "too_many_finess": len(self.finess) > MOST_FINESS,
            "requirements": lambda: (self._requirement(outcome) for outcome in self.outcomes),
            "facts": lambda: identity(result),
        }

    def _waiver(self, rank: int) -> dict[str, Any]:
        waiver, count = self.result.ecarts[rank], wording.covered(self.result, rank)
        return {
            "id": waiver.exigence, "motif": waiver.motif, "responsable": waiver.responsable,
            "expire_le": waiver.expire_le, "count": compte(count, "constat", "constats") if count else "sans effet ici",
            "where": ", ".join([*waiver.constats, *(f"FINESS {finess}" for finess in waiver.finess)]) or "partout",
        }  # fmt: skip

    def _requirement(self, outcome: Outcome) -> dict[str, Any]:
        one = outcome.requirement
        most = min(MOST_ROWS, self.left)
        order = list(wording.GRAVITES)
        groups = sorted(outcome.groupes, key=lambda g: (order.index(wording.gravity(one, g)), -g.nombre))
        self.left -= min(most, len(groups))
        return {
            "id": one.id, "titre": one.titre, "demande": one.demande, "domaine": one.domaine,
            "niveau": wording.NIVEAUX[one.niveau], "verdict": outcome.verdict.value,
            "words": wording.VERDICTS[outcome.verdict], "tone": TONES[outcome.verdict], "motif": outcome.motif,
            "par_finess": self._par_finess(outcome.par_finess), "sources": [wording.cited(s) for s in one.sources],
            "remede": one.remede, "rows": [self._row(outcome, group) for group in groups[:most]],
            "rest": len(groups) - min(most, len(groups)), "pieces": document.pieces(outcome),
            "judged": nombre(outcome.juges) if outcome.juges else "",
        }  # fmt: skip

    def _par_finess(self, verdicts: Mapping[str, Verdict]) -> str:
        """The verdicts for the filter, ``FINESS:verdict`` each."""
        if len(self.finess) > MOST_FINESS:
            return ""
        return " ".join(f"{finess}:{verdict}" for finess, verdict in verdicts.items())

    def _row(self, outcome: Outcome, group: Group) -> dict[str, Any]:
        constat = outcome.requirement.constats[group.code]
        more = group.nombre - _PLACES
        first = group.exemples[0]
        several = not wording.same_precision(group.exemples)
        return {
            "code": group.code, "gravite": constat.gravite,
            "message": constat.message if several else wording.message(constat, first),
            "remede": constat.remede, "finess": group.finess_et or "", "nombre": nombre(group.nombre),
            "connu": self.result.baseline and not group.nouveaux, "ecart": bool(group.ecart),
            "place": group.fichier or constat.ou, "records": _records(group.exemples[:_PLACES], precise=several),
            "more": f"et {nombre(more)} autres" if more > 0 else "",
        }  # fmt: skip


def _records(findings: Sequence[Finding], *, precise: bool) -> list[str]:
    told = []
    for finding in findings:
        line = f"ligne {finding.ligne}" if finding.ligne is not None else ""
        precision = f"({finding.precision})" if precise and finding.precision else ""
        told.append(" ".join(part for part in (finding.cle or "", line, finding.xpath or "", precision) if part))
    return [one for one in told if one]


def _headline(result: Conformity) -> str:
    """The exit code in one sentence."""
    mandatory = [o for o in result.outcomes if o.requirement.mandatory]
    failed = sum(o.verdict is Verdict.NON_CONFORME for o in mandatory)
    unknown = sum(o.verdict is Verdict.INDETERMINE for o in mandatory)
    if failed and result.exit_code != 1:
        return f"Rien de nouveau : {compte(failed, 'exigence obligatoire', 'exigences obligatoires')} non conforme"
    if failed:
        return f"{compte(failed, 'exigence obligatoire', 'exigences obligatoires')} non conforme{'s' * (failed > 1)}"
    if unknown:
        return f"{compte(unknown, 'exigence obligatoire', 'exigences obligatoires')} à établir"
    if result.exit_code == 3:
        return "Rien n'a pu être jugé, ou des déclarations manquent"
    return "Tout ce qui est obligatoire et a pu être jugé est conforme"


def _inputs(result: Conformity) -> list[dict[str, Any]]:
    given = result.identite["entrees"]
    return given if isinstance(given, list) else []


def _products(result: Conformity) -> str:
    told = []
    for one in _inputs(result):
        product = " ".join(str(one[key]) for key in ("editeur", "logiciel", "version_logiciel") if one.get(key))
        told.append(f"{one.get('nom')}{f' ({product})' if product else ''}")
    return ", ".join(told[:5]) + (f" et {len(told) - 5} autres" if len(told) > 5 else "")

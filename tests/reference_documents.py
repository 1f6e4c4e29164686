"""docs/reference/documents*.md: the rules over documents, a page a kind, as their data and their twins have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from esms_sdk.checks.cda_regles import PROFILS, TEXTE, Regle
from esms_sdk.checks.documents import Setting
from esms_sdk.checks.xdm import examine_archive
from esms_sdk.conformance import Requirement, catalogue
from esms_sdk.documents.terminology import tables
from esms_sdk.report.wording import NIVEAUX, cited
from tests.corpus.archive import archive, zipped
from tests.corpus.datamatrix import TWINS
from tests.corpus.defauts_courriel import COURRIELS
from tests.corpus.defauts_xdm import XDM, XDS
from tests.corpus.test_corpus import DEFAUTS
from tests.corpus.volets import COMMUNES, VOLETS

_CDA, _XDS, _XDM, _MSS, _INS, _LOT = (
    f"docs/reference/documents_{name}.md" for name in ("cda", "xds", "xdm", "courriel", "datamatrix", "du_lot")
)
# Of each page: its title, what stands first, and the requirements that are its.
KINDS: Mapping[str, tuple[str, str, Callable[[Requirement], bool]]] = {
    _CDA: (
        "Les règles d'un CDA",
        "Chaque règle de l'en-tête et du corps. **commune** : le schématron officiel de la structuration minimale l'a aussi ; "
        "les autres sont les nôtres, ou celles du volet, et ne changent pas le verdict des communes. Un chemin part de "
        "`ClinicalDocument` ; `//x` est tout `x` de l'en-tête. "
        "[Vérifier un CDA](../guides/verifier_un_cda.md) ; [le paquet officiel](../guides/brancher_le_pack_officiel.md).",
        lambda one: one.objet == "cda" or one.objet == "paquet",
    ),
    _XDS: (
        "Les règles des métadonnées XDS",
        "Ce que `METADATA.XML` doit dire, seul et comparé au CDA (C1 à C12). "
        "[D'où viennent les métadonnées](../guides/produire_un_ihe_xdm.md).",
        lambda one: one.objet == "xdm" and one.domaine != "XDM",
    ),
    _XDM: (
        "Les règles d'une archive IHE_XDM",
        "L'archive elle-même ; ses documents et métadonnées sont jugés par leurs propres règles. "
        "[Produire un IHE_XDM.ZIP](../guides/produire_un_ihe_xdm.md).",
        lambda one: one.objet == "xdm" and one.domaine == "XDM",
    ),
    _MSS: (
        "Les règles d'un message MSSanté",
        "Le message lui-même ; son archive et ses documents sont jugés par leurs propres règles, et leurs constats disent "
        "dans quelle pièce. Plusieurs règles ne sont connues que de seconde main : elles avertissent, «à confirmer».",
        lambda one: one.objet == "courriel",
    ),
    _INS: (
        "Les règles du datamatrix INS",
        "Le contenu lu d'un datamatrix, format 2.2.",
        lambda one: one.objet == "datamatrix",
    ),
    _LOT: (
        "Les documents d'un lot",
        "Un document désigné par `document.chemin`, comparé à sa ligne, à sa personne et à ses envois.",
        lambda one: one.objet == "document_du_lot",
    ),
}  # fmt: skip
_NATURES = {
    "TS": "`@value` est une date du calendrier", "IVL_TS": "le début précède la fin",
    "date_ou_nul": "une valeur, un nullFlavor ou des parties", "II": "`@root` est un OID ou un UUID",
    "id": "`@root` ou `@nullFlavor`, pas les deux", "systeme": "`@codeSystem` est un OID",
    "code": "un code avec son système, un libellé avec un code", "code_ou_nul": "un code ou un nullFlavor, pas les deux",
    "telecom": "`@value` commence par un schéma connu (`tel:`, `mailto:`…) suivi d'un numéro",
    "telecom_ou_nul": "une valeur, ou seulement un nullFlavor admis", "adresse": "sept lignes au plus, ou des parties une fois chacune",
    "texte_repete": "pas le même texte deux fois", "contenu": "des parties ou un texte, pas les deux ni rien",
    "nom_de_personne": "un nom, un prénom, une civilité et un titre au plus", "un_nom": "exactement un nom de famille",
    "unique": "pas le même deux fois", "nul": "un nullFlavor sans rien d'autre",
    "nul_parmi": "pas de nullFlavor à côté d'un autre qui n'en a pas",
}  # fmt: skip


def pages(made: str) -> dict[str, Callable[[], str]]:
    """Return what writes each page, the index among them; ``made`` stands under its title."""
    listed = {page: (lambda page=page: _page(page, made)) for page in KINDS}  # type: ignore[misc]
    return {"docs/reference/documents.md": lambda: _index(made), **listed}


def _of(page: str) -> list[Requirement]:
    return [one for one in catalogue().values() if one.methode == "auto" and KINDS[page][2](one)]


def _index(made: str) -> str:
    rows = []
    for page, (title, _, _) in KINDS.items():
        ours = _of(page)
        rules = sum(len(one.regles) for one in ours)
        cells = (
            f"[{title}]({page.rpartition('/')[2]})",
            len(ours),
            sum(len(one.constats) for one in ours),
            rules or "",
        )
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    versions = ", ".join(f"{name} ({table.version})" for name, table in sorted(tables().sets.items()) if table.version)
    return "\n\n".join([
        "# Les règles des documents",
        made,
        "Ce que `esms check` contrôle d'un document, avec le texte d'où cela vient. Les constats d'un même numéro ont la "
        "même source. «par exemple» est le défaut que porte le jumeau du corpus (`tests/corpus`), pris par cette règle seule.",
        "| page | exigences | constats | règles en données |\n|---|--:|--:|--:|\n" + "\n".join(rows),
        f"Profils de l'en-tête CDA : {', '.join(f'`{name}`' for name in PROFILS)} ; sans autre indication, une règle vaut pour "
        "tous. `auto` (par défaut) prend `tddui-1.1` pour un export de DUI, sinon `structmin-3.0`.",
        f"Jeux de valeurs livrés, avec leur version : {versions}. `--terminology DIR` lit les officiels à leur place.",
    ]) + "\n"  # fmt: skip


def _page(page: str, made: str) -> str:
    title, first, _ = KINDS[page]
    blocks = [f"# {title}", made, first]
    for one in _of(page):
        blocks.append("\n".join(_requirement(one)))
    return "\n\n".join(blocks) + "\n"


def _requirement(one: Requirement) -> Iterator[str]:
    shared = ", commune" if one.commun else ""
    yield f"## {one.id}"
    yield ""
    yield f"**{one.titre}** ({NIVEAUX[one.niveau]}, {', '.join(one.profils)}{shared}). {one.demande}"
    yield ""
    yield from (f"- Source : {cited(source)}.{f' {source.note}' if source.note else ''}" for source in one.sources)
    yield ""
    yield "| constat | défaut | où, et ce qui est attendu | gravité | par exemple |"
    yield "|---|---|---|---|---|"
    for code, constat in one.constats.items():
        rules = [f"`{_where(regle)}` → {_expected(regle)}{_scope(regle)}" for regle in one.regles if regle.code == code]
        examples = " ; ".join(dict.fromkeys(_twins().get(f"{one.id}.{code}", ())))
        told = "<br>".join(rules) or _places(one, code)
        yield _row(f"`{code}`", constat.message, told, constat.gravite, examples)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _where(regle: Regle) -> str:
    return f"{regle.chemin}[{regle.condition}]" if regle.condition else regle.chemin


def _scope(regle: Regle) -> str:
    """Return the profiles and models that a rule is for, where it is not for all."""
    told = [f"`{one}`" for one in (*regle.profils, *regle.modeles)]
    return f" ({', '.join(told)})" if told else ""


def _expected(regle: Regle) -> str:
    if regle.element:
        most = f", {regle.max} au plus" if regle.max and regle.max != regle.min else ""
        least = f"{regle.min} exactement" if regle.min == regle.max else f"{regle.min} au moins" if regle.min else ""
        return f"`{regle.element}` : {(least + most).lstrip(', ')}"
    if regle.attributs:
        return f"{', '.join(f'`@{name}`' for name in regle.attributs)} : non vides"
    name = "le texte" if regle.attribut == TEXTE else f"`@{regle.attribut or ('code' if regle.jdv else '')}`"
    if regle.valeurs:
        return f"{name}, s'il est là, parmi {', '.join(f'`{value}`' for value in regle.valeurs)}"
    if regle.jdv:
        how = " sous le système du jeu" if regle.systeme else " avec le libellé du jeu" if regle.libelle else ""
        return f"{name} dans le jeu {regle.jdv}{how}"
    if regle.type:
        return f"`@xsi:type`, s'il est là, est `{regle.type}`"
    if regle.forme:
        return f"{'le texte' if not regle.attribut else name} de la forme `{regle.forme}`"
    return _NATURES[regle.nature] if regle.nature else f"`{regle.verifie}`"


@cache
def _twins() -> Mapping[str, list[str]]:
    """Return the names of the twins of each finding."""
    found: dict[str, list[str]] = {}
    for one in (*DEFAUTS, *COMMUNES, *VOLETS, *XDM, *XDS, *COURRIELS):
        found.setdefault(one.constat, []).append(one.nom)
    return found | {f"ESMS-INS-12.{code}": [] for code in TWINS}


def _places(one: Requirement, code: str) -> str:
    """Return where a finding stands: as the cases say it, else as the twins of an archive show it."""
    told = [constat.get("xpath") for case in one.cas for constat in case["constats"] if constat["code"] == code]
    shown = told if any(told) else _of_archives().get(f"{one.id}.{code}", [])
    return " ; ".join(f"`{place}`" for place in dict.fromkeys(filter(None, shown)))


@cache
def _of_archives() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in (*XDM, *XDS):
        twin = archive()
        one.change(twin)
        for remark in examine_archive(zipped(twin), "IHE_XDM.ZIP", Setting("test")).found:
            if f"{remark.exigence}.{remark.code}" == one.constat:
                place = (
                    (remark.xpath or "").rpartition("#")[2] if remark.exigence.startswith("ESMS-XDS") else remark.xpath
                )
                found.setdefault(one.constat, []).append(place or "")
    return found

"""A verification told to a person: the answer and what to do first, then every difference, who signed, what to know."""

from __future__ import annotations

from collections.abc import Iterator

from esms_sdk.errors import Fault
from esms_sdk.export.french import compte, typo
from esms_sdk.signature.chain import BONNE, MAUVAISE, NON_JUGEE
from esms_sdk.signature.moment import shown
from esms_sdk.va.verification import (
    CHAINE_NON_JUGEE,
    DIFFERENCE,
    LIMITES,
    NON_SIGNE,
    OG,
    TITLES,
    VERIFIE,
    Seal,
    Verification,
)

MOST_SHOWN = 50
"""How many differences are told one by one."""
_GENRES = {"va": "dossier de vérification d'aptitude", "usages": "dossier d'usages"}
_NO_MOMENT = (
    "tout est exact, mais la signature ne dit pas à quel moment elle a été faite : la validité du certificat ne peut "
    "être jugée. À refaire signer, avec un moment déclaré."
)
_NO_CA = "tout est exact, mais rien ne dit si le certificat est de confiance. Donner les autorités : --ca FICHIER."
_STATES = {BONNE: "mène à une autorité donnée", MAUVAISE: "refusée", NON_JUGEE: "non jugée"}


def as_lines(found: Verification) -> list[str]:
    """Return the lines of a verification."""
    return [typo(line) for line in _lines(found)]


def phrase(found: Verification) -> str:
    """Return the answer in one sentence, with what to do."""
    return typo(_phrase(found))


def _lines(found: Verification) -> Iterator[str]:
    yield _phrase(found)
    yield ""
    yield f"dossier : {found.dossier}{_kind(found)}"
    if found.manifeste_sha256:
        yield f"SHA-256 du manifeste : {found.manifeste_sha256}"
    if found.fichiers is not None:
        yield f"fichiers du manifeste : {found.fichiers}"
    if found.differences:
        yield ""
        yield "différences :"
        yield from (f"  - {_fault(one)}" for one in found.differences[:MOST_SHOWN])
        if (rest := len(found.differences) - MOST_SHOWN) > 0:
            yield f"  - et {compte(rest, 'autre', 'autres')} ; toutes : --format json"
    for one in found.signatures:
        yield ""
        yield from _seal(one)
    if found.remarques:
        yield ""
        yield "remarques :"
        yield from (f"  - {one}" for one in found.remarques)
    if found.signatures:
        yield ""
        yield from LIMITES


def _phrase(found: Verification) -> str:
    return {VERIFIE: _verified, DIFFERENCE: _different, NON_SIGNE: _unsigned, CHAINE_NON_JUGEE: _unjudged}[
        found.resultat
    ](found)


def _verified(found: Verification) -> str:
    seal = next(one for one in found.signatures if one.role == OG)
    # Who put another's seal under this name would be believed: the reader must know before anything else.
    who = " sous le rôle d'organisme (rôle déclaré : la signature n'en dit rien)" if seal.role_declare else ""
    return (
        f"VÉRIFIÉ : le dossier est celui qui a été signé{who}, et la chaîne du certificat mène à une autorité donnée."
    )


def _different(found: Verification) -> str:
    count = compte(len(found.differences), "différence", "différences")
    return f"NON VÉRIFIÉ : {count}. Ne pas s'y fier ; redemander le dossier à qui l'a envoyé."


def _unsigned(found: Verification) -> str:
    only = "seul le cachet de l'éditeur y est, il ne vaut pas signature. " if found.signatures else ""
    if found.signable is False:
        return f"NON SIGNÉ : {only}Le dossier est entier, et marqué non signable : la liste est dans attestation.html."
    return f"NON SIGNÉ : {only}Le dossier est entier. À faire signer par l'organisme : esms va sign."


def _unjudged(found: Verification) -> str:
    seal = next(one for one in found.signatures if one.role == OG)
    if seal.examen.moment is None and seal.chaine.par:
        return f"SIGNÉ, CHAÎNE NON JUGÉE : {_NO_MOMENT}"
    return f"SIGNÉ, CHAÎNE NON JUGÉE : {_NO_CA}"


def _kind(found: Verification) -> str:
    if found.genre is None:
        return ""
    return f" ({_GENRES[found.genre]}{'' if found.signable else ', marqué non signable'})"


def _fault(one: Fault) -> str:
    return f"{one.fichier} : {one.message} [{one.code}]"


def _seal(one: Seal) -> Iterator[str]:
    feminine, only = ("e", "") if one.role == OG else ("", " ; il ne vaut pas signature")
    yield f"{TITLES[one.role]} ({one.fichier}) : {'in' if one.differences else ''}exact{feminine}{only}"
    signer, moment = one.examen.signer, one.examen.moment
    if signer is not None:
        organisation = f", organisation «{signer.organisation}»" if signer.organisation else ""
        yield f"  signataire : «{signer.nom}»{organisation}"
        yield f"  sujet : {signer.sujet}"
        yield f"  émetteur : {signer.emetteur}"
        yield f"  numéro de série : {signer.serie}"
        yield f"  valide du {shown(signer.valide_du)} au {shown(signer.valide_au)}"
        yield f"  moment déclaré par le signataire : {shown(moment) if moment else 'aucun'}"
        yield f"  algorithme : {one.examen.algorithme}"
        yield f"  rôle : {'déclaré' if one.role_declare else 'dit par la signature'}"
        why = f" ({' ; '.join(one.chaine.motifs)})" if one.chaine.motifs else ""
        yield f"  chaîne : {_STATES[one.chaine.etat]}{why}"
        yield from (f"    par «{link.nom}»" for link in one.chaine.par[1:])

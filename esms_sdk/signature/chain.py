"""From the certificate of who signed to an authority that the verifier trusts, at the moment of the signature.

``cryptography.x509.verification`` is made for TLS: it gives one English sentence whatever is wrong, refuses a trusted
certificate that stands alone, and knows a moment only where there is one.  The path is therefore built here, from its
``verify_directly_issued_by``.  Revocation is not checked, and policies are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from esms_sdk.signature.certificate import MOST_CERTIFICATES, STRONG_HASHES, Certificate
from esms_sdk.signature.moment import shown

BONNE, MAUVAISE, NON_JUGEE = "bonne", "mauvaise", "non_jugee"
MOST_LINKS = 8
_MOST_TRIALS = 200


@dataclass(frozen=True)
class Chain:
    """What a chain is worth: ``etat``, the path from the signer to the authority, and why there is none."""

    etat: str
    par: tuple[Certificate, ...] = ()
    motifs: tuple[str, ...] = ()


def judge(
    signer: Certificate, others: Sequence[Certificate], trusted: Sequence[Certificate], moment: datetime | None
) -> Chain:
    """Look for a path to a trusted certificate; a trusted one is trusted as it is, at the moment if it is valid then.

    Without trusted certificates nothing is judged; without a moment a path shows only that there is one.
    """
    if not trusted:
        return Chain(NON_JUGEE, motifs=("aucune autorité n'est donnée (--ca)",))
    search = _Search(tuple(dict.fromkeys((*trusted, *others[:MOST_CERTIFICATES]))), frozenset(trusted), moment)
    path = search.path((signer,))
    if path is None:
        return Chain(MAUVAISE, motifs=tuple(dict.fromkeys(search.reasons)))
    if moment is None:
        return Chain(NON_JUGEE, path, ("le moment de la signature n'est pas déclaré",))
    return Chain(BONNE, path)


class _Search:
    """One search, bounded in depth and in signatures verified, with every reason met on the way."""

    def __init__(
        self, known: tuple[Certificate, ...], trusted: frozenset[Certificate], moment: datetime | None
    ) -> None:
        self.known, self.trusted, self.moment = known, trusted, moment
        self.reasons: list[str] = []
        self.trials = 0

    def path(self, so_far: tuple[Certificate, ...]) -> tuple[Certificate, ...] | None:
        last = so_far[-1]
        if not self._holds(self._own(last)):
            return None
        if last in self.trusted:
            return so_far
        if not self._holds(self._signature_of(last)):
            return None
        issuers = list(self._issuers(so_far))
        for issuer in issuers:
            if self._holds(_authority(issuer, so_far)) and (found := self.path((*so_far, issuer))):
                return found
        if not issuers:
            self.reasons.append(_missing(last))
        return None

    def _holds(self, reasons: Iterator[str]) -> bool:
        found = list(reasons)
        self.reasons += found
        return not found

    def _own(self, one: Certificate) -> Iterator[str]:
        if self.moment is not None and not one.valid_at(self.moment):
            why = "n'était pas encore valide" if self.moment < one.valide_du else "était échu"
            bounds = f"valide du {shown(one.valide_du)} au {shown(one.valide_au)}"
            yield f"«{one.nom}» {why} au moment de la signature ({bounds})"
        if one.faiblesse:
            yield f"«{one.nom}» : {one.faiblesse}"
        if one.incomprise:
            yield f"«{one.nom}» : contrainte {one.incomprise} que ce contrôle ne sait pas juger"

    @staticmethod
    def _signature_of(one: Certificate) -> Iterator[str]:
        if one.empreinte not in STRONG_HASHES:
            yield f"«{one.nom}» est signé avec une empreinte faible ou inconnue ({one.empreinte.upper() or '?'})"

    def _issuers(self, so_far: tuple[Certificate, ...]) -> Iterator[Certificate]:
        last = so_far[-1]
        if len(so_far) >= MOST_LINKS:
            return
        for one in self.known:
            if one in so_far or one.subject != last.issuer:
                continue
            self.trials += 1
            if self.trials <= _MOST_TRIALS and last.issued_by(one):
                yield one


def _authority(one: Certificate, below: tuple[Certificate, ...]) -> Iterator[str]:
    if not one.autorite:
        yield f"«{one.nom}» n'est pas une autorité : elle ne peut délivrer «{below[-1].nom}»"
    # RFC 5280 §6.1.4: an authority that issued itself another certificate does not count.
    between = sum(link.subject != link.issuer for link in below[1:])
    if one.profondeur is not None and between > one.profondeur:
        yield f"«{one.nom}» n'admet que {one.profondeur} autorité(s) sous elle"


def _missing(last: Certificate) -> str:
    if last.subject == last.issuer:
        return f"«{last.nom}» n'est pas dans le fichier des autorités"
    places = "ni dans la signature ni dans le fichier des autorités"
    return f"aucun certificat de «{last.emetteur}», qui a délivré «{last.nom}», {places}"

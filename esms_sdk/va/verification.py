"""``va verify``: is a received dossier the one that was signed, and by whom?  Only the zip and a CA file are needed.

The whole answer is a value; :mod:`esms_sdk.va.verification_text` tells it.  No level of signature is ever claimed.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from esms_sdk.errors import DossierError, Fault, why_unreadable
from esms_sdk.export.french import instant, jour
from esms_sdk.signature import chain
from esms_sdk.signature.certificate import Certificate, UnreadableCertificate, read_all
from esms_sdk.signature.chain import Chain
from esms_sdk.signature.examination import Examination, examine
from esms_sdk.signature.moment import shown, told
from esms_sdk.va.received import SIGNATURES, Manifest, Received, receive

OG, EDITEUR = "og", "editeur"
TITLES = {OG: "signature de l'organisme gestionnaire", EDITEUR: "cachet de l'éditeur"}
VERIFIE, DIFFERENCE, NON_SIGNE, CHAINE_NON_JUGEE = "verifie", "difference", "non_signe", "chaine_non_jugee"
EXIT_CODES = {VERIFIE: 0, DIFFERENCE: 1, NON_SIGNE: 3, CHAINE_NON_JUGEE: 3}
LIMITES = (
    "Le moment de la signature est celui que le signataire déclare : ce n'est pas un horodatage qualifié.",
    "La révocation des certificats n'est pas contrôlée.",
    "Aucun niveau de signature (eIDAS, RGS) n'est établi : il dépend du certificat et de qui l'a délivré.",
)
_FIRST = timedelta(hours=14)
_CIVILITES = {"m", "mme", "mlle", "mr", "dr", "pr", "monsieur", "madame", "docteur"}


@dataclass(frozen=True)
class Seal:
    """One signature of a dossier: under which role its file stands, what it is, and what its chain is worth.

    ``role_declare``: the signature itself tells no role, only the name of its file does.
    """

    role: str
    examen: Examination
    chaine: Chain
    differences: tuple[Fault, ...]

    @property
    def fichier(self) -> str:
        """The member that holds it."""
        return SIGNATURES[self.role]

    @property
    def role_declare(self) -> bool:
        """Whether nothing in the signature tells its role."""
        return self.examen.role is None

    def as_document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        moment = self.examen.moment
        return {
            "role": self.role, "titre": TITLES[self.role], "fichier": self.fichier, "role_declare": self.role_declare,
            "exacte": not self.differences, "signataire": _certificate(self.examen.signer),
            "moment_declare": told(moment) if moment else None, "algorithme": self.examen.algorithme,
            "chaine": {
                "etat": self.chaine.etat, "par": [one.sujet for one in self.chaine.par[1:]],
                "motifs": list(self.chaine.motifs),
            },
        }  # fmt: skip


@dataclass(frozen=True)
class Verification:
    """What a verification found.  ``fichiers`` is the number of files that the manifest lists, null without one."""

    dossier: str
    manifeste_sha256: str
    genre: str | None
    signable: bool | None
    fichiers: int | None
    signatures: tuple[Seal, ...]
    differences: tuple[Fault, ...]
    remarques: tuple[str, ...]

    @property
    def resultat(self) -> str:
        """``verifie``, ``difference``, ``non_signe`` or ``chaine_non_jugee``."""
        if self.differences:
            return DIFFERENCE
        signed = next((one for one in self.signatures if one.role == OG), None)
        if signed is None:
            return NON_SIGNE
        return VERIFIE if signed.chaine.etat == chain.BONNE else CHAINE_NON_JUGEE

    @property
    def exit_code(self) -> int:
        """The exit code of the contract (§1)."""
        return EXIT_CODES[self.resultat]

    def as_document(self) -> dict[str, Any]:
        """Return the JSON document «esms-verification/1»."""
        return {
            "schema": "esms-verification/1", "dossier": self.dossier, "resultat": self.resultat,
            "code_retour": self.exit_code, "genre": self.genre, "signable": self.signable,
            "manifeste_sha256": self.manifeste_sha256 or None, "fichiers": self.fichiers,
            "signatures": [one.as_document() for one in self.signatures],
            "differences": [
                {"code": one.code, "fichier": one.fichier, "message": one.message} for one in self.differences
            ],
            "remarques": list(self.remarques), "limites": list(LIMITES),
        }  # fmt: skip


def verify(dossier: Path, ca: Path | None = None) -> Verification:
    """Verify a dossier, and with ``ca`` (PEM, one or more certificates; or DER) the chain of its signatures.

    Raises :class:`DossierError` where there is no file, no dossier in it, or no certificate in ``ca``.
    """
    trusted = authorities(ca) if ca else ()
    received = receive(dossier)
    seals = tuple(_seals(received, trusted))
    differences = [*received.differences]
    for one in seals:
        differences += one.differences
    manifest = received.manifest
    if manifest and not manifest.signable and any(one.role == OG for one in seals):
        message = "le dossier est marqué non signable, et il porte une signature de l'organisme"
        differences.append(Fault("NON_SIGNABLE_SIGNE", message, SIGNATURES[OG]))
    return Verification(
        received.name, received.empreinte, manifest.genre if manifest else None,
        manifest.signable if manifest else None, len(manifest.fichiers) if manifest else None, seals,
        tuple(differences), tuple(_remarks(received, seals)),
    )  # fmt: skip


def authorities(ca: Path) -> tuple[Certificate, ...]:
    """Return the certificates of a CA file.  Raises :class:`DossierError`."""
    try:
        found = read_all(ca.read_bytes())
    except OSError as error:
        raise _no_authority(ca, why_unreadable(error)) from None
    except UnreadableCertificate:
        raise _no_authority(ca, "un certificat y est illisible") from None
    if not found:
        raise _no_authority(ca, "aucun certificat")
    return found


def _no_authority(ca: Path, why: str) -> DossierError:
    return DossierError("ESMS-E608", f"fichier des autorités illisible : {ca} ({why})",
                        hint="Donner un PEM : un ou plusieurs «-----BEGIN CERTIFICATE-----».")  # fmt: skip


def _seals(received: Received, trusted: Sequence[Certificate]) -> Iterator[Seal]:
    for role, data in (received.signatures or {}).items():
        name = SIGNATURES[role]
        examen = examine(data, received.content, name)
        judged = Chain(chain.NON_JUGEE, motifs=("la signature n'est pas exacte",))
        found = [*examen.differences, *wrong_role(examen, role, name)]
        if examen.signer and not examen.differences:
            judged = chain.judge(examen.signer, examen.others, trusted, examen.moment)
        # The CA file tells whom the reader trusts to sign for the organism: the seal of a vendor may come from others.
        if judged.etat == chain.MAUVAISE and role == OG:
            found.append(Fault("CHAINE", f"chaîne refusée : {' ; '.join(judged.motifs)}", name))
        yield Seal(role, examen, judged, tuple(found))


def wrong_role(examen: Examination, role: str, name: str) -> Iterator[Fault]:
    """Name a signature that tells another role than the one it is shown under; one that tells none fits both."""
    if examen.role not in (None, role):
        made = TITLES.get(examen.role or "", "sous un autre rôle")
        message = f"elle est présentée comme {TITLES[role]}, elle a été faite comme {made}"
        yield Fault("ROLE", message, name)


def _remarks(received: Received, seals: Sequence[Seal]) -> Iterator[str]:
    for one in seals:
        signer, moment = one.examen.signer, one.examen.moment
        if one.role_declare and not one.differences:
            yield f"{one.fichier} : rôle déclaré par le nom du fichier, la signature elle-même n'en dit rien"
        if signer and signer.autre_usage:
            yield f"{one.fichier} : le certificat se dit fait pour un autre usage que signer des documents"
        if moment and received.manifest and (before := impossible(received.manifest, moment)):
            yield f"{one.fichier} : le moment déclaré, {shown(moment)}, est avant {before} : il ne peut être le vrai"
        if one.role == EDITEUR and one.chaine.etat == chain.MAUVAISE:
            yield f"{TITLES[EDITEUR]} : sa chaîne ne mène pas aux autorités données ({' ; '.join(one.chaine.motifs)})"
        if one.role == OG and signer:
            yield from _other_name(received.commande, signer)
    signers = [one.examen.signer for one in seals if one.examen.signer]
    if len(signers) > len(set(signers)):
        yield "la signature de l'organisme et le cachet de l'éditeur sont du même certificat : à rapprocher"


def impossible(manifest: Manifest, moment: datetime) -> str:
    """Say before what a signature cannot have been made, where its moment is before that; empty where it is not.

    A dossier tells civil dates: the moment is taken where the day begins first, fourteen hours before UTC.
    """
    local = (moment + _FIRST).replace(tzinfo=None)
    lot = manifest.document.get("lot")
    extracted = lot.get("date_extraction") if isinstance(lot, dict) else None
    with suppress(ValueError, TypeError):
        measured = date.fromisoformat(manifest.document.get("mesure_le", ""))
        if local.date() < measured:
            return f"la date de mesure ({jour(measured)})"
    with suppress(ValueError, TypeError):
        if local < datetime.fromisoformat(extracted or "").replace(tzinfo=None):
            return f"l'extraction du lot ({instant(str(extracted))})"
    return ""


def _other_name(commande: bytes, signer: Certificate) -> Iterator[str]:
    """Compare with the name that the order announces: a difference is for a person to judge."""
    announced = _announced(commande)
    missing = _words(announced) - _words(f"{signer.nom} {signer.sujet}") - _CIVILITES
    if missing:
        yield f"le certificat est au nom de «{signer.nom}», la commande annonce «{announced}» : à rapprocher"


def _announced(commande: bytes) -> str:
    with suppress(ValueError, RecursionError, AttributeError):
        found = tomllib.loads(commande.decode("utf-8-sig")).get("signataire", {}).get("nom")
        if isinstance(found, str):
            return "".join(one for one in found if one.isprintable())[:200]
    return ""


def _words(text: str) -> set[str]:
    """Return the words of a name, without case or accents.

    >>> sorted(_words("Mme Hélène D'ARC"))
    ['arc', 'd', 'helene', 'mme']
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return set(re.findall(r"\w+", plain.casefold()))


def _certificate(found: Certificate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "nom": found.nom, "organisation": found.organisation or None, "sujet": found.sujet,
        "emetteur": found.emetteur, "numero_de_serie": found.serie, "valide_du": told(found.valide_du),
        "valide_au": told(found.valide_au),
    }  # fmt: skip

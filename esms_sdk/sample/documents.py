"""Invented CDA documents, one of each type that a DUI of the médico-social sends: valid, for fictitious persons.

The person, the physician and the establishment do not exist: the matricule bears the OID of test identities and a place
of birth that is none, the RPPS begins with 000 after its prefix, the FINESS is of the département 00.  Where the CI-SIS
has no structured model for the type, the body is a PDF/A-1.  The bodies of the structured ones hold the sections that
their volet asks for, each with its narrative alone.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from esms_sdk.sample.identities import luhn_rpps, nir_key
from esms_sdk.sample.pdf_a import pdf_a

LOINC = "2.16.840.1.113883.6.1"
TRE_A04 = "1.2.250.1.213.1.1.4.12"
NIVEAU_1 = "1.3.6.1.4.1.19376.1.2.20"
_MODELES = "1.2.250.1.213.1.1.1."
# The root of every OID of these documents, the setId of the n-th being ROOT.n: an arc that nobody holds.
ROOT = "1.2.250.1.999.5"
_PCC = "1.3.6.1.4.1.19376.1.5.3.1."
_NIR = "2380200101000"
MATRICULE = _NIR + nir_key(_NIR)
_SSIAD = "Service de Soins Infirmiers A Domicile (S.S.I.A.D)"
FINESS = "000012013"
RPPS = luhn_rpps(1)


class Acte(NamedTuple):
    """The act documented."""

    code: str
    system: str
    label: str


HISTORIQUE = Acte("34117-2", LOINC, "Historique et clinique")
HOSPITALISATION = Acte("IMP", "2.16.840.1.113883.5.4", "Hospitalisation (établissement, y compris HAD)")


class Modele(NamedTuple):
    """One document: its type (J07), its model where it is structured, and the sections of its body by templateId."""

    nom: str
    code: str
    system: str
    label: str
    titre: str
    modele: str = ""
    acte: Acte | None = None
    sections: tuple[str, ...] = ()
    extension: str = ""

    @property
    def structured(self) -> bool:
        """Whether its body is XML."""
        return bool(self.modele)


MODELES = (
    Modele("dlu", "74207-2", LOINC, "Document de liaison d'urgence", "Dossier de liaison d'urgence", "22", HISTORIQUE,
           (_PCC + "1.13.2.10", _PCC + "3.19", _PCC + "3.35", "1.3.6.1.4.1.19376.1.7.3.1.1.13.7", _PCC + "3.28",
            "1.2.250.1.213.1.1.2.37")),
    Modele("ldl_entree_etablissement", "18761-7", LOINC,
           "Note de transfert (dont lettre de liaison à l'entrée en établissement de soins)",
           "Lettre de liaison à l'entrée en établissement de santé", "21", HOSPITALISATION,
           (_PCC + "3.1", _PCC + "3.20", _PCC + "3.13", "1.3.6.1.4.1.19376.1.4.1.2.16")),
    Modele("ldl_entree_ms", "88348-8", LOINC, "Lettre de liaison d'entrée en structure sociale ou médico-sociale",
           "Lettre de liaison d'entrée en EHPAD"),
    Modele("ldl_sortie_ms", "83981-1", LOINC, "Lettre de liaison à la sortie d'une structure sociale ou médico-sociale",
           "Lettre de liaison de sortie d'EHPAD"),
    Modele("vsm", "SYNTH", TRE_A04, "Synthèse", "Volet de synthèse médicale", "13", HISTORIQUE,
           ("1.2.250.1.213.1.1.2.29", _PCC + "3.27", "1.2.250.1.213.1.1.2.32"), "2023.01"),
    Modele("projet_personnalise", "80788-3", LOINC, "Projet personnalisé d'accompagnement",
           "Projet personnalisé d'accompagnement"),
    Modele("plan_de_soins", "18776-5", LOINC, "Plan personnalisé de soins", "Plan de soins"),
    Modele("grille_evaluation", "34842-5", LOINC, "Grille d'évaluation médico-social", "Grille AGGIR"),
    Modele("cr_evaluation", "BIL_AUTO", TRE_A04, "CR de bilan d'évaluation de la perte d'autonomie",
           "Compte rendu d'évaluation"),
    Modele("ordonnance", "57833-6", LOINC, "Prescription de produits de santé", "Ordonnance"),
    Modele("cerfa", "51851-4", LOINC, "Document administratif", "CERFA"),
    Modele("attestation_hebergement", "ATTEST-HEBGT", TRE_A04, "Attestation d'hébergement",
           "Attestation d'hébergement"),
    Modele("attestation_sortie", "86531-1", LOINC, "Attestation de sortie", "Attestation de sortie"),
    Modele("export_dui", "EXPORT_DUI", TRE_A04, "Export du Dossier Usager Informatisé", "Export du dossier usager",
           "58", None, ("1.2.250.1.213.1.1.2.999",), "1.1.0"),
)  # fmt: skip
"""In the order of the list of the médico-social Ségur, the export last."""


def documents() -> Mapping[str, bytes]:
    """Return every document by file name; always the same bytes."""
    return {f"{one.nom}.xml": document(one, number) for number, one in enumerate(MODELES, 1)}


def write(out: Path) -> None:
    """Write every document into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    for name, data in documents().items():
        (out / name).write_bytes(data)


def document(one: Modele, number: int) -> bytes:
    """Return one document; ``number`` makes its identifiers."""
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *_lines(one, number), ""]).encode("utf-8")


def _lines(one: Modele, number: int) -> Iterator[str]:
    yield '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    yield from _identification(one, number)
    yield _PATIENT
    yield _AUTEUR_LOGICIEL if one.modele == "58" else _auteur()
    yield _CONSERVATEUR
    yield _responsable()
    if one.modele == "22":
        yield _MEDECIN_TRAITANT
    yield _acte(one)
    yield _prise_en_charge(one)
    yield from _corps(one)
    yield "</ClinicalDocument>"


def _identification(one: Modele, number: int) -> Iterator[str]:
    extension = f" extension={quoteattr(one.extension)}" if one.extension else ""
    yield '  <realmCode code="FR"/>'
    yield '  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
    yield '  <templateId root="2.16.840.1.113883.2.8.2.1"/>'
    yield f'  <templateId root="{_MODELES}1"/>'
    yield f'  <templateId root="{_MODELES + one.modele if one.structured else NIVEAU_1}"{extension}/>'
    yield f'  <id root="{ROOT}.{number}.1"/>'
    yield f"  {_coded('code', one.code, one.system, one.label)}"
    yield f"  <title>{escape(one.titre)}</title>"
    yield '  <effectiveTime value="20260105101500+0100"/>'
    yield f"  {_coded('confidentialityCode', 'N', '2.16.840.1.113883.5.25', 'Normal')}"
    yield '  <languageCode code="fr-FR"/>'
    yield f'  <setId root="{ROOT}.{number}"/>'
    yield '  <versionNumber value="1"/>'


def _coded(tag: str, code: str, system: str, label: str) -> str:
    return f'<{tag} code="{code}" codeSystem="{system}" displayName={quoteattr(label)}/>'


_PATIENT = f"""\
  <recordTarget>
    <patientRole>
      <id root="1.2.250.1.213.1.4.10" extension="{MATRICULE}"/>
      <id root="{ROOT}.0" extension="IPP-0001"/>
      <addr use="H"><houseNumber>1</houseNumber><streetName>rue des Inventions</streetName>\
<postalCode>00001</postalCode><city>SONGEVILLE</city></addr>
      <telecom value="tel:+33199000001" use="H"/>
      <patient>
        <name>
          <family qualifier="BR">CHIMERE</family>
          <given>AGATHE ROSE</given>
          <given qualifier="BR">AGATHE</given>
          <family qualifier="CL">SONGE</family>
          <given qualifier="CL">AGATHE</given>
        </name>
        <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1" displayName="Féminin"/>
        <birthTime value="19380214"/>
        <birthplace><place><addr><county>00101</county></addr></place></birthplace>
      </patient>
    </patientRole>
  </recordTarget>"""
_ESSMS = _coded(
    "standardIndustryClassCode", "ESSMS", "1.2.250.1.213.1.1.4.9", "Etablissement ou Service Social ou Médico-Social"
)
_STRUCTURE = f"""\
<representedOrganization><id root="1.2.250.1.71.4.2.2" extension="1{FINESS}"/><name>EHPAD Les Hirondelles</name>\
{_ESSMS}</representedOrganization>"""
_MEDECIN = f"""\
<id root="1.2.250.1.71.4.2.1" extension="8{RPPS}"/>
      {_coded("code", "G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin - Qualifié en Médecine Générale (SM)")}
      <telecom value="tel:+33199000002" use="WP"/>
      <assignedPerson><name><prefix>MME</prefix><given>Ada</given><family>FICTIVE</family><suffix>DR</suffix></name>\
</assignedPerson>"""
_LOGICIEL = _coded("code", "LOGICIEL_DUI", "1.2.250.1.213.1.1.4.6", "Logiciel de Dossier Usager Informatisé")
_AUTEUR_LOGICIEL = f"""\
  <author>
    <time value="20260105101500+0100"/>
    <assignedAuthor>
      <id root="1.2.250.1.71.4.2.1" extension="3{FINESS}/DUI-1"/>
      {_LOGICIEL}
      <assignedAuthoringDevice><manufacturerModelName>Soléo</manufacturerModelName>\
<softwareName>Soléo DUI</softwareName></assignedAuthoringDevice>
      {_STRUCTURE}
    </assignedAuthor>
  </author>"""
_CONSERVATEUR = f"""\
  <custodian><assignedCustodian><representedCustodianOrganization>
    <id root="1.2.250.1.71.4.2.2" extension="1{FINESS}"/><name>EHPAD Les Hirondelles</name>
  </representedCustodianOrganization></assignedCustodian></custodian>"""
_MEDECIN_TRAITANT = f"""\
  <participant typeCode="INF">
    {_coded("functionCode", "PCP", "2.16.840.1.113883.5.88", "Médecin traitant")}
    <time><low value="20240101"/></time>
    <associatedEntity classCode="PROV">
      {_MEDECIN.replace("assignedPerson", "associatedPerson")}
    </associatedEntity>
  </participant>"""


def _auteur() -> str:
    return f"""\
  <author>
    <time value="20260105101500+0100"/>
    <assignedAuthor>
      {_MEDECIN}
      {_STRUCTURE}
    </assignedAuthor>
  </author>"""


def _responsable() -> str:
    return f"""\
  <legalAuthenticator>
    <time value="20260105101500+0100"/>
    <signatureCode code="S"/>
    <assignedEntity>
      {_MEDECIN}
      {_STRUCTURE}
    </assignedEntity>
  </legalAuthenticator>"""


def _acte(one: Modele) -> str:
    code = f"\n      {_coded('code', *one.acte)}" if one.acte else ""
    code = code.replace("/>", ' codeSystemName="LOINC"/>') if one.acte and one.acte.system == LOINC else code
    return f"""\
  <documentationOf>
    <serviceEvent>{code}
      <effectiveTime><low value="20260105090000+0100"/><high value="20260105100000+0100"/></effectiveTime>
      <performer typeCode="PRF">
    <assignedEntity>
      {_MEDECIN}
      {_STRUCTURE}
    </assignedEntity>
      </performer>
    </serviceEvent>
  </documentationOf>"""


def _prise_en_charge(one: Modele) -> str:
    place = _coded("code", "SA17", "1.2.250.1.71.4.2.4", "Etablissement pour personnes âgées")
    if one.modele == "58":
        other = _coded("code", "SA41", "1.2.250.1.71.4.2.4", "Autre établissement du domaine social ou médico-social")
        translation = _coded("translation", "354", "1.2.250.1.213.1.6.1.8", _SSIAD)
        place = f"{other[:-2]}>{translation}</code>"
    return f"""\
  <componentOf>
    <encompassingEncounter>
      <id root="{ROOT}.0.1" extension="SEJOUR-1"/>
      <effectiveTime><low value="20240101"/></effectiveTime>
      <location><healthCareFacility>{place}</healthCareFacility></location>
    </encompassingEncounter>
  </componentOf>"""


def _corps(one: Modele) -> Iterator[str]:
    yield "  <component>"
    if one.structured:
        yield "    <structuredBody>"
        for root in one.sections:
            yield (
                f'      <component><section><templateId root="{root}"/><title>{escape(one.titre)}</title>'
                "<text>Document inventé : rien à signaler.</text></section></component>"
            )
        yield "    </structuredBody>"
    else:
        payload = base64.b64encode(pdf_a(one.titre)).decode("ascii")
        yield f'    <nonXMLBody><text mediaType="application/pdf" representation="B64">{payload}</text></nonXMLBody>'
    yield "  </component>"

"""The one-defect twins of an archive: of what holds it together, of its metadata, of what ties them to the documents.

Written from the texts (``documents.md`` §2, C1 to C12 and §3.1), never from the checks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lxml import etree

from tests.corpus.archive import FOLDER, METADATA, PERSON, RIM, Archive, slot
from tests.corpus.complet import NS
from tests.corpus.defauts import Edit, ajoute, deux, et, pose, sans, texte, tous_sans

Change = Callable[[Archive], object]
"""Changes an archive in place; False where it has not what the change needs."""


class DefautXdm(NamedTuple):
    """``constat`` is «exigence.CODE»; ``aussi`` what the same defect rightly brings beside it."""

    constat: str
    nom: str
    change: Change
    aussi: tuple[str, ...] = ()


def dit(*edits: Edit) -> Change:
    """Edit the metadata."""
    return lambda one: et(*edits)(one.metadata)


def du_cda(*edits: Edit) -> Change:
    """Edit the first document."""
    return lambda one: et(*edits)(one.documents[0])


def puis(*changes: Change) -> Change:
    """Make several changes that are one defect."""
    return lambda one: all(change(one) is not False for change in changes)


def fichier(name: str, data: bytes) -> Change:
    """Put a file in the archive."""
    return lambda one: one.files.__setitem__(name, data)


def absent(*names: str) -> Change:
    """Leave files out."""
    return lambda one: one.without.extend(names)


def nomme(old: str, new: str) -> Change:
    """Give a file another name."""
    return lambda one: one.renamed.__setitem__(old, new)


def place(path: str, text: str) -> Edit:
    """Add an element of ebRIM at the end of the first of a path."""

    def edit(root: object) -> bool:
        one = root.xpath(path, namespaces=NS)[0]  # type: ignore[attr-defined]
        one.append(etree.fromstring(f'<x xmlns:rim="{RIM}">{text}</x>')[0])
        return True

    return edit


_E, _S, _A = "//r:ExtrinsicObject[1]", "//r:RegistryPackage", "//r:Association[1]"
_LIST = "//r:RegistryObjectList"
_OTHER = "urn:uuid:00000000-0000-4000-8000-0000000000ee"
_OTHER_INS = "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH"
_RPLC = (
    '<rim:Association id="urn:uuid:00000000-0000-4000-8000-0000000000b1" '
    'associationType="urn:ihe:iti:2007:AssociationType:RPLC" '
    'sourceObject="urn:uuid:00000000-0000-4000-8000-000000000001" '
    'targetObject="urn:uuid:00000000-0000-4000-8000-0000000000dd"/>'
)
_REPLACES = (
    pose("h:versionNumber", value="2"),
    ajoute("h:componentOf", '<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.250.1.999.5.1.0"/>'
           "</parentDocument></relatedDocument>", avant=True),
)  # fmt: skip


def _slot(name: str, of: str = _E) -> str:
    return f"{of}/r:Slot[@name='{name}']"


def _value(name: str, of: str = _E) -> str:
    return f"{_slot(name, of)}/r:ValueList/r:Value"


def _code(scheme: str, of: str = _E) -> str:
    return f"{of}/r:Classification[starts-with(@classificationScheme, 'urn:uuid:{scheme}')]"


def _number(scheme: str, of: str = _E) -> str:
    return f"{of}/r:ExternalIdentifier[starts-with(@identificationScheme, 'urn:uuid:{scheme}')]"


def _system(scheme: str) -> str:
    return _value("codingScheme", _code(scheme))


_TYPE, _CLASS, _FORMAT, _CONF = "f0306f51", "41a5887f", "a09d5840", "f4f85eac"
_FACILITY, _PRACTICE, _AUTHOR = "f33fb8ac", "cccf5598", "93606bcf"
_PATIENT, _UNIQUE, _SET_PATIENT = "58a6f841", "2e82c1f6", "6b5aea1a"
_AUTHOR_PERSON = _value("authorPerson", _code(_AUTHOR))
_C = slot("urn:action:extraMetadataSlot", "C")

XDM: Sequence[DefautXdm] = (
    DefautXdm("ESMS-XDM-01.ILLISIBLE", "archive coupée", lambda one: setattr(one, "kept", 0.6)),
    DefautXdm("ESMS-XDM-01.DANGEREUSE", "fichier qui sort du dossier", fichier("../EVASION.TXT", b"x")),
    DefautXdm("ESMS-XDM-02.INDEX_ABSENT", "sans INDEX.HTM", absent("INDEX.HTM")),
    DefautXdm("ESMS-XDM-02.LISEZMOI_ABSENT", "sans README.TXT", absent("README.TXT")),
    DefautXdm("ESMS-XDM-02.AUCUN_LOT", "sans dossier",
              absent(METADATA, f"{FOLDER}DOC0001.XML", f"{FOLDER}DOC0002.XML")),
    DefautXdm("ESMS-XDM-02.METADATA_ABSENT", "sans métadonnées", absent(METADATA)),
    DefautXdm("ESMS-XDM-02.PLACE", "métadonnées en minuscules", nomme(METADATA, f"{FOLDER}metadata.xml"), ("ESMS-XDM-03.NOM",)),
    DefautXdm("ESMS-XDM-03.NOM", "nom trop long", puis(nomme(f"{FOLDER}DOC0001.XML", f"{FOLDER}DOCUMENT1.XML"),
                                                       dit(texte(_value("URI"), "DOCUMENT1.XML")))),
    DefautXdm("ESMS-XDM-04.ILLISIBLE", "métadonnées d'une autre racine", fichier(METADATA, b"<metadonnees/>")),
    DefautXdm("ESMS-XDM-05.ORPHELIN", "fichier sans métadonnées", fichier(f"{FOLDER}NOTE.TXT", b"x")),
    DefautXdm("ESMS-XDM-06.IMBRIQUEE", "archive dans l'archive", fichier("AUTRE.ZIP", b"PK\x03\x04autre")),
    DefautXdm("ESMS-XDM-07.PLUSIEURS", "document d'une autre personne",
              dit(pose(_number(_PATIENT, "//r:ExtrinsicObject[2]"), value=_OTHER_INS)),
              ("ESMS-XDS-07.PATIENT", "ESMS-XDS-07.LOT")),
    DefautXdm("ESMS-XDM-08.RUBRIQUE", "README sans application",
              lambda one: one.files.update({"README.TXT": one.files["README.TXT"].replace(b"Application", b"Logiciel")})),
    DefautXdm("ESMS-XDM-09.ILLISIBLE", "document coupé",
              lambda one: one.documents.__setitem__(0, etree.tostring(one.documents[0])[:3_000])),
)  # fmt: skip
"""The archive itself."""

XDS: Sequence[DefautXdm] = (
    DefautXdm("ESMS-XDS-01.EMPREINTE", "empreinte d'un autre fichier", dit(texte(_value("hash"), "0" * 40))),
    DefautXdm("ESMS-XDS-01.TAILLE", "taille d'un autre fichier", dit(texte(_value("size"), "17"))),
    DefautXdm("ESMS-XDS-02.DIFFERENT", "autre uniqueId", dit(pose(_number(_UNIQUE), value="1.2.250.1.999.5.1.9"))),
    DefautXdm("ESMS-XDS-03.TYPE", "autre type", dit(pose(_code(_TYPE), nodeRepresentation="18761-7"))),
    DefautXdm("ESMS-XDS-03.TYPE", "type d'un autre système", dit(texte(_system(_TYPE), "1.2.250.1.213.1.1.4.12"))),
    DefautXdm("ESMS-XDS-04.CLASSE", "autre classe", dit(pose(_code(_CLASS), nodeRepresentation="10"))),
    DefautXdm("ESMS-XDS-04.TYPE_SANS_CLASSE", "type que la table ne connaît pas",
              puis(du_cda(pose("h:code", code="60280-5", displayName="Fiche de liaison d'urgence - retour des urgences vers EHPAD")),
                   dit(pose(_code(_TYPE), nodeRepresentation="60280-5"))), ("ESMS-CDA-26.LIBELLE",)),
    DefautXdm("ESMS-XDS-05.FORMAT", "format d'un corps PDF", dit(pose(_code(_FORMAT), nodeRepresentation="urn:ihe:iti:xds-sd:pdf:2008"))),
    DefautXdm("ESMS-XDS-05.MODELE_INCONNU", "modèle que la table ne connaît pas",
              puis(du_cda(pose("h:templateId[3]", root="1.2.250.1.213.1.1.1.999")),
                   dit(pose(_code(_FORMAT), nodeRepresentation="urn:ans:ci-sis:nouveau:2030")))),
    DefautXdm("ESMS-XDS-06.LIEU", "autre lieu", dit(pose(_code(_FACILITY), nodeRepresentation="SA16"))),
    DefautXdm("ESMS-XDS-06.CADRE", "autre cadre", dit(pose(_code(_PRACTICE), nodeRepresentation="ETABLISSEMENT"))),
    DefautXdm("ESMS-XDS-06.CONFIDENTIALITE", "autre confidentialité", dit(pose(_code(_CONF), nodeRepresentation="R")),
              ("ESMS-DMP-03.RESTREINT",)),
    DefautXdm("ESMS-XDS-06.LANGUE", "autre langue", dit(texte(_value("languageCode"), "en-GB"))),
    DefautXdm("ESMS-XDS-06.ACTE", "autre acte",
              dit(deux(_code(_CONF)), pose(_code(_CONF), classificationScheme="urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
                                           nodeRepresentation="AUTRE"))),
    DefautXdm("ESMS-XDS-06.TITRE", "autre titre", dit(pose(f"{_E}/r:Name/r:LocalizedString", value="Autre document"))),
    DefautXdm("ESMS-XDS-07.PATIENT", "toute la soumission d'une autre personne",
              dit(*(pose(_number(_PATIENT, f"//r:ExtrinsicObject[{n}]"), value=_OTHER_INS) for n in (1, 2)),
                  pose(_number(_SET_PATIENT, _S), value=_OTHER_INS))),
    *(DefautXdm("ESMS-XDS-07.TRAITS", f"{nom} d'une autre personne", dit(texte(f"{_value('sourcePatientInfo')}[{n}]", value)))
      for nom, n, value in (("nom de naissance", 1, "PID-5|AUTREMENT^AGATHE^^^^^L"), ("prénom", 1, "PID-5|CHIMERE^ZOE^^^^^L"),
                            ("nom utilisé", 2, "PID-5|AUTREMENT^AGATHE^^^^^D"), ("naissance", 3, "PID-7|19990101"), ("sexe", 4, "PID-8|M"))),
    DefautXdm("ESMS-XDS-07.SOURCE", "numéro local d'une autre personne",
              dit(texte(_value("sourcePatientId"), "IPP-0009^^^&1.2.250.1.999.5.0&ISO^PI"))),
    DefautXdm("ESMS-XDS-07.LOT", "lot d'une autre personne", dit(pose(_number(_SET_PATIENT, _S), value=_OTHER_INS))),
    DefautXdm("ESMS-XDS-07.MELANGE", "racine réelle à côté d'une racine de test",
              dit(texte(_value("sourcePatientId"), "238020010100084^^^&1.2.250.1.213.1.4.8&ISO^NH"))),
    DefautXdm("ESMS-XDS-08.CREATION", "création en heure locale", dit(texte(_value("creationTime"), "20260105101500"))),
    DefautXdm("ESMS-XDS-08.DEBUT", "début en heure locale", dit(texte(_value("serviceStartTime"), "20260105090000"))),
    DefautXdm("ESMS-XDS-08.FIN", "fin en heure locale", dit(texte(_value("serviceStopTime"), "20260105100000"))),
    DefautXdm("ESMS-XDS-08.FIN", "sans fin", dit(sans(_slot("serviceStopTime")))),
    DefautXdm("ESMS-XDS-09.AUTEUR", "autre auteur", dit(texte(_AUTHOR_PERSON, PERSON.replace("0018", "0026")))),
    DefautXdm("ESMS-XDS-09.RESPONSABLE", "autre responsable",
              dit(texte(_value("legalAuthenticator"), PERSON.replace("0018", "0026")))),
    DefautXdm("ESMS-XDS-09.STRUCTURE", "autre structure",
              dit(texte(_value("authorInstitution", _code(_AUTHOR)), "EHPAD^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1000000026"))),
    DefautXdm("ESMS-XDS-09.SPECIALITE", "autre profession",
              dit(texte(_value("authorSpecialty", _code(_AUTHOR)), "G15_21^Pharmacien^1.2.250.1.213.1.1.4.5"))),
    DefautXdm("ESMS-XDS-09.PLUSIEURS", "deux responsables", dit(deux(_value("legalAuthenticator")))),
    DefautXdm("ESMS-XDS-09.TYPE_EI", "auteur de type EI", dit(texte(_AUTHOR_PERSON, PERSON.replace("IDNPS", "EI")))),
    DefautXdm("ESMS-XDS-10.MEMBRE_ABSENT", "document hors du lot", dit(sans(_A))),
    DefautXdm("ESMS-XDS-10.MEMBRE_DOUBLE", "document deux fois membre", dit(deux(_A))),
    DefautXdm("ESMS-XDS-10.MEMBRE_AILLEURS", "document d'un autre lot", dit(pose(_A, sourceObject=_OTHER))),
    DefautXdm("ESMS-XDS-10.MEMBRE_INCONNU", "membre absent",
              dit(place(_LIST, '<rim:Association id="urn:uuid:00000000-0000-4000-8000-0000000000b2" '
                        'associationType="urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember" '
                        f'sourceObject="urn:uuid:00000000-0000-4000-8000-0000000000ff" targetObject="{_OTHER}"/>'))),
    DefautXdm("ESMS-XDS-10.STATUT", "membre par référence", dit(texte(_value("SubmissionSetStatus", _A), "Reference"))),
    DefautXdm("ESMS-XDS-10.FICHIER_ABSENT", "URI sans fichier", dit(texte(_value("URI"), "DOC0009.XML")), ("ESMS-XDM-05.ORPHELIN",)),
    DefautXdm("ESMS-XDS-10.FICHIER_PARTAGE", "deux documents d'un fichier",
              dit(texte(_value("URI", "//r:ExtrinsicObject[2]"), "DOC0001.XML")),
              ("ESMS-XDM-05.ORPHELIN", "ESMS-XDS-01.EMPREINTE", "ESMS-XDS-01.TAILLE", "ESMS-XDS-02.DIFFERENT",
               "ESMS-XDS-03.TYPE", "ESMS-XDS-04.CLASSE", "ESMS-XDS-05.FORMAT", "ESMS-XDS-06.TITRE")),
    DefautXdm("ESMS-XDS-10.SANS_DOCUMENT", "aucun document décrit",
              dit(tous_sans("//r:ExtrinsicObject"), tous_sans("//r:Association")), ("ESMS-XDM-05.ORPHELIN",)),
    DefautXdm("ESMS-XDS-11.ACTION_ABSENTE", "remplacement tu", du_cda(*_REPLACES)),
    DefautXdm("ESMS-XDS-11.ACTION_INCONNUE", "action inconnue", dit(place(_E, slot("urn:action:extraMetadataSlot", "R")))),
    DefautXdm("ESMS-XDS-11.ACTION_SANS_MOTIF", "remplacement que le document ne dit pas", dit(place(_E, _C))),
    DefautXdm("ESMS-XDS-11.RPLC_SANS_DOCUMENT", "association de remplacement seule", dit(place(_E, _C), place(_LIST, _RPLC))),
    DefautXdm("ESMS-XDS-12.SCHEMA", "classe sous un UUID inconnu", dit(pose(_code(_CLASS), classificationScheme=_OTHER))),
    DefautXdm("ESMS-XDS-12.CODIFICATION", "type sans système", dit(sans(_slot("codingScheme", _code(_TYPE))))),
    DefautXdm("ESMS-XDS-12.OBJET", "type d'un autre objet", dit(pose(_code(_TYPE), classifiedObject=_OTHER))),
    DefautXdm("ESMS-XDS-12.IDENTIFIANT_DE_TROP", "identifiant inconnu",
              dit(place(_E, f'<rim:ExternalIdentifier id="x" identificationScheme="{_OTHER}" value="1"/>'))),
    *(DefautXdm("ESMS-XDS-13.ABSENT", f"sans {name}", dit(sans(_slot(name))))
      for name in ("hash", "size", "creationTime", "languageCode", "legalAuthenticator", "serviceStartTime", "sourcePatientId")),
    *(DefautXdm("ESMS-XDS-13.ABSENT", f"sans {name}", dit(sans(_code(scheme))))
      for name, scheme in (("classe", _CLASS), ("type", _TYPE), ("format", _FORMAT), ("lieu", _FACILITY), ("cadre", _PRACTICE),
                           ("confidentialité", _CONF), ("auteur", _AUTHOR))),
    DefautXdm("ESMS-XDS-13.DOUBLE", "deux classes", dit(deux(_code(_CLASS)))),
    DefautXdm("ESMS-XDS-13.TRAITS_ABSENTS", "sans traits", dit(sans(_slot("sourcePatientInfo")))),
    DefautXdm("ESMS-XDS-14.FORME", "empreinte en base64", dit(texte(_value("hash"), "2jmj7l5rSw0yVb/vlWAYkK/YBwk="))),
    DefautXdm("ESMS-XDS-14.FORME", "création avec un fuseau", dit(texte(_value("creationTime"), "20260105101500+0100"))),
    DefautXdm("ESMS-XDS-15.LOT_ABSENT", "aucun lot", dit(sans(f"{_S}/r:Classification[@classificationNode]"))),
    DefautXdm("ESMS-XDS-15.LOTS_PLUSIEURS", "deux lots", dit(deux(_S))),
    DefautXdm("ESMS-XDS-15.ABSENT", "lot sans date", dit(sans(_slot("submissionTime", _S)))),
    DefautXdm("ESMS-XDS-15.FORME", "sourceId qui n'est pas un OID", dit(pose(_number("554ac39e", _S), value="EHPAD"))),
    DefautXdm("ESMS-DMP-03.INCONNU", "visibilité inconnue",
              dit(deux(_code(_CONF)), pose(_code(_CONF), nodeRepresentation="MASQUE"),
                  texte(_system(_CONF), "1.2.250.1.213.1.1.4.13"))),
    DefautXdm("ESMS-DMP-03.RESTREINT", "document restreint",
              puis(du_cda(pose("h:confidentialityCode", code="R", displayName="Restreint")),
                   dit(pose(_code(_CONF), nodeRepresentation="R")))),
)  # fmt: skip
"""The metadata, alone and against the documents."""

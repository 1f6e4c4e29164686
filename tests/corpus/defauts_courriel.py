"""The one-defect twins of a MSSanté message, written from the texts (``documents.md`` §3.2), never from the checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lxml import etree

from tests.corpus.archive import Archive, archive, zipped
from tests.corpus.complet import HL7, NS
from tests.corpus.defauts import ajoute, deux, et, pose, sans, texte
from tests.corpus.message import MDN, PDF, SUBJECT, USAGER, Courriel, courriel, notification

Change = Callable[[Courriel], object]
_OTHER = "279035121518989"


class DefautCourriel(NamedTuple):
    """``constat`` is «exigence.CODE»; ``aussi`` what the same defect rightly brings beside it; ``depart`` is edited."""

    constat: str
    nom: str
    change: Change
    aussi: tuple[str, ...] = ()
    depart: Callable[[], Courriel] = courriel
    mode: str = "test"
    indecis: bool = False


def tete(**values: str | None) -> Change:
    """Set headers (``_`` for ``-``), without those that are None."""

    def change(one: Courriel) -> None:
        for name, value in values.items():
            told = name.replace("_", "-")
            one.headers.pop(told, None)
            if value is not None:
                one.headers[told] = [value]

    return change


def puis(*changes: Change) -> Change:
    """Make several changes that are one defect, or lead to it."""
    return lambda one: [change(one) for change in changes]


def corps(body: str, *parts: tuple[str, str]) -> Change:
    """Set the body."""

    def change(one: Courriel) -> None:
        one.body, one.parts = body, list(parts) or one.parts

    return change


def xdm(edit: Callable[[Archive], object]) -> Change:
    """Edit the archive that the message carries."""

    def change(one: Courriel) -> None:
        held = archive()
        assert edit(held) is not False
        one.files[0] = (*one.files[0][:2], zipped(held))

    return change


def pieces(edit: Callable[[list[tuple[str, str, bytes]]], object]) -> Change:
    """Edit the list of attachments."""
    return lambda one: edit(one.files)


def _seul(one: Courriel) -> None:
    """Leave the text alone: an ordinary message."""
    one.files = []
    for name in ("X-MSS-CODECDA", "X-MSS-INS"):
        one.headers.pop(name)
    one.headers["Subject"] = ["Rendez-vous"]


def _renomme(number: int, name: str) -> Change:
    return pieces(lambda files: files.__setitem__(number, (name, *files[number][1:])))


def _pdf(data: bytes) -> Change:
    return pieces(lambda files: files.__setitem__(1, (*files[1][:2], data)))


def _autre_personne(held: Archive) -> None:
    """Make the second document, and its metadata, that of another person."""
    text = (
        etree.tostring(held.documents[1]).replace(b"238020010100084", _OTHER.encode()).replace(b"IPP-0001", b"IPP-0002")
    )
    held.documents[1] = etree.fromstring(text.replace(b"CHIMERE", b"AUTREMENT"))
    for one in held.metadata.xpath("//r:ExtrinsicObject[2]//@value[contains(., '238020010100084')]/..", namespaces=NS):
        one.set("value", one.get("value").replace("238020010100084", _OTHER))
    for one in held.metadata.xpath("//r:ExtrinsicObject[2]//r:Value", namespaces=NS):
        for old, new in (("238020010100084", _OTHER), ("IPP-0001", "IPP-0002"), ("CHIMERE", "AUTREMENT")):
            one.text = one.text.replace(old, new)


def _document_d_un_autre() -> bytes:
    held = archive()
    _autre_personne(held)
    return etree.tostring(held.documents[1])


def _remplace(held: Archive) -> object:
    """Make the first document replace another, and say so in its metadata."""
    added = ('<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.250.1.999.5.1.0"/></parentDocument>'
             "</relatedDocument>")  # fmt: skip
    done = et(pose("h:versionNumber", value="2"), ajoute("h:componentOf", added, avant=True))(held.documents[0])
    return done and et(
        deux("//r:ExtrinsicObject[1]/r:Slot[@name='URI']"),
        pose("//r:ExtrinsicObject[1]/r:Slot[@name='URI'][2]", name="urn:action:extraMetadataSlot"),
        texte("//r:ExtrinsicObject[1]/r:Slot[@name='urn:action:extraMetadataSlot']//r:Value", "C"),
    )(held.metadata)


def _invisible(held: Archive) -> object:
    code = "//r:ExtrinsicObject[1]/r:Classification[@nodeRepresentation='N']"
    hidden = "//r:ExtrinsicObject[1]/r:Classification[@nodeRepresentation='INVISIBLE_PATIENT']"
    return et(deux(code), pose(code, nodeRepresentation="INVISIBLE_PATIENT"),
              texte(f"{hidden}/r:Slot//r:Value", "1.2.250.1.213.1.1.4.13"))(held.metadata)  # fmt: skip


def _sans_ins(held: Archive) -> None:
    """Leave the matricule out of the documents and of their metadata: the local number stands for it."""
    for one in held.documents:
        for told in one.xpath("//h:patientRole/h:id[starts-with(@root, '1.2.250.1.213.1.4.')]", namespaces={"h": HL7}):
            told.getparent().remove(told)
    for told in held.metadata.xpath("//*[starts-with(@value, '238020010100084^')]", namespaces=NS):
        told.set("value", "IPP-0001^^^&1.2.250.1.999.5.0&ISO^PI")


def _mdn(parts: Callable[[list[tuple[str, str]]], Any]) -> Change:
    return lambda one: setattr(one, "parts", parts(one.parts))


def _champs(old: str, new: str) -> Change:
    assert old in MDN
    return _mdn(lambda parts: [parts[0], (parts[1][0], MDN.replace(old, new)), parts[2]])


_HTML, _PLAIN = "text/html; charset=utf-8", "text/plain; charset=utf-8"
_AUTOMATIC = "Ce message a été généré automatiquement."

COURRIELS: Sequence[DefautCourriel] = (
    DefautCourriel("ESMS-MSS-01.ABSENT", "sans Message-ID", tete(Message_ID=None)),
    DefautCourriel("ESMS-MSS-01.REPETE", "deux Message-ID", lambda one: one.headers["Message-ID"].append("<b@b.mssante.fr>")),
    DefautCourriel("ESMS-MSS-01.FORME", "Message-ID sans domaine", tete(Message_ID="<corpus>")),
    DefautCourriel("ESMS-MSS-01.INCOMPLET", "réponse sans References", tete(In_Reply_To="<a@b.mssante.fr>")),
    DefautCourriel("ESMS-MSS-01.SANS_LIEN", "réponse sans lien", puis(_seul, tete(Subject="RE: Rendez-vous"))),
    DefautCourriel("ESMS-MSS-01.LIEN_MAL_FORME", "lien en clair",
                   tete(In_Reply_To="votre message", References="<a@b.mssante.fr>")),
    DefautCourriel("ESMS-MSS-02.TYPE", "HTML seul", corps(_HTML, ("", "<p>Bonjour</p>"))),
    DefautCourriel("ESMS-MSS-02.PARTIES", "HTML avant le texte",
                   corps("multipart/alternative", (_HTML, "<p>Bonjour</p>"), (_PLAIN, "Bonjour"))),
    DefautCourriel("ESMS-MSS-02.IMAGE_LIEE", "image liée", corps("multipart/related", (_HTML, "<p>Bonjour</p>"), (_PLAIN, "x"))),
    DefautCourriel("ESMS-MSS-02.TEXTES", "deux textes", corps("multipart/alternative", (_PLAIN, "Bonjour"), (_HTML, "<p>Bonsoir</p>"))),
    DefautCourriel("ESMS-MSS-02.JEU", "autre jeu de caractères", corps("text/plain; charset=iso-8859-1", ("", "Bonjour"))),
    DefautCourriel("ESMS-MSS-03.EXPEDITEUR", "deux expéditeurs",
                   lambda one: one.headers.update({"From": [one.headers["From"][0] + ", EHPAD <b@esms-invente.mssante.fr>"]}),
                   ("ESMS-MSS-20.AUTRE_ADRESSE", "ESMS-MSS-21.AUTRE_ADRESSE")),
    DefautCourriel("ESMS-MSS-03.LIBELLE", "expéditeur sans libellé", tete(From="ada.fictive@esms-invente.mssante.fr")),
    DefautCourriel("ESMS-MSS-03.LIBELLE_FORME", "libellé sans capitales",
                   tete(From="Mme_Ada_Fictive <ada.fictive@esms-invente.mssante.fr>")),
    DefautCourriel("ESMS-MSS-03.DOMAINE", "domaine ordinaire",
                   tete(From="EHPAD <a@example.fr>", Return_Receipt_To="a@example.fr", Disposition_Notification_To="a@example.fr")),
    DefautCourriel("ESMS-MSS-03.MENTION", "message automatique qui ne le dit pas",
                   tete(Auto_Submitted="auto-generated", Reply_To="EHPAD <accueil@esms-invente.mssante.fr>")),
    DefautCourriel("ESMS-MSS-03.REPONDRE_A", "message automatique sans adresse de réponse", corps(_PLAIN, ("", _AUTOMATIC))),
    DefautCourriel("ESMS-MSS-04.SANS_XDM", "PDF sans archive",
                   puis(pieces(lambda files: files.pop(0)), tete(Subject="Documents", X_MSS_CODECDA=None, X_MSS_INS=None))),
    DefautCourriel("ESMS-MSS-04.NOM_XDM", "archive autrement nommée", _renomme(0, "documents.zip")),
    DefautCourriel("ESMS-MSS-04.PLUSIEURS_XDM", "deux archives", pieces(lambda files: files.insert(1, files[0]))),
    DefautCourriel("ESMS-MSS-04.XDM_ILLISIBLE", "archive coupée", xdm(lambda held: setattr(held, "kept", 0.6)),
                   ("ESMS-XDM-01.ILLISIBLE",), indecis=True),
    DefautCourriel("ESMS-MSS-04.SANS_PDF", "archive sans PDF", pieces(lambda files: files.__delitem__(slice(1, 3)))),
    DefautCourriel("ESMS-MSS-04.PIECE_NON_JUGEE", "archive d'un autre format",
                   pieces(lambda files: files.append(("a.7z", "application/octet-stream", b"7z\xbc\xaf\x27\x1c")))),
    DefautCourriel("ESMS-MSS-05.PLUSIEURS_PERSONNES", "CDA joint d'une autre personne",
                   pieces(lambda files: files.append(("a.xml", "text/xml", _document_d_un_autre()))),
                   ("ESMS-CDA-21.LIEU", "ESMS-CDA-21.NAISSANCE")),
    DefautCourriel("ESMS-MSS-04.PDF_A_1", "PDF/A-2", _pdf(PDF.replace(b'part="1"', b'part="2"'))),
    DefautCourriel("ESMS-MSS-04.MOINS_DE_PDF", "un PDF pour deux documents", pieces(lambda files: files.pop())),
    DefautCourriel("ESMS-MSS-05.PLUSIEURS_PERSONNES", "documents de deux personnes", xdm(_autre_personne),
                   ("ESMS-XDM-07.PLUSIEURS", "ESMS-XDS-07.LOT", "ESMS-CDA-21.LIEU", "ESMS-CDA-21.NAISSANCE")),
    DefautCourriel("ESMS-MSS-05.SANS_PATIENT_ID", "document sans patientId",
                   xdm(lambda held: sans("//r:ExtrinsicObject[1]/r:ExternalIdentifier[contains(@value, '^NH')]")(held.metadata)),
                   ("ESMS-XDS-13.ABSENT",)),
    DefautCourriel("ESMS-MSS-05.PLUSIEURS_ADRESSES", "deux usagers", tete(To=f"{USAGER}, {_OTHER}@patient.mssante.fr"),
                   ("ESMS-MSS-24.AUTRE_PERSONNE",)),
    DefautCourriel("ESMS-MSS-06.NIL_ABSENT", "sans référence de produit", tete(X_MSS_NIL=None)),
    DefautCourriel("ESMS-MSS-06.REPETE", "deux références de produit", lambda one: one.headers["X-MSS-NIL"].append("B")),
    DefautCourriel("ESMS-MSS-06.SANS_CDA", "INS dite sans document", puis(_seul, tete(X_MSS_INS="O"))),
    DefautCourriel("ESMS-MSS-06.CODECDA_ABSENT", "codes tus", tete(X_MSS_CODECDA=None)),
    DefautCourriel("ESMS-MSS-06.CODECDA_DIFFERENT", "autres codes", tete(X_MSS_CODECDA="74207-2")),
    DefautCourriel("ESMS-MSS-06.INS_ABSENT", "INS tue", tete(X_MSS_INS=None)),
    DefautCourriel("ESMS-MSS-06.INS_VALEUR", "INS dite oui", tete(X_MSS_INS="OUI")),
    DefautCourriel("ESMS-MSS-06.INS_CONTREDIT", "INS niée", tete(X_MSS_INS="N")),
    DefautCourriel("ESMS-MSS-09.SANS_MENTION", "remplacement tu", xdm(_remplace)),
    DefautCourriel("ESMS-MSS-09.SEULEMENT_CORPS", "remplacement dans le corps",
                   puis(xdm(_remplace), corps(_PLAIN, ("", "Ce document annule et remplace le précédent.")))),
    DefautCourriel("ESMS-MSS-09.SANS_REMPLACEMENT", "remplacement annoncé à tort", tete(Subject=f"[Annule et remplace] {SUBJECT}")),
    DefautCourriel("ESMS-MSS-20.ABSENT", "sans accusé de remise", tete(Return_Receipt_To=None)),
    DefautCourriel("ESMS-MSS-20.AUTRE_ADRESSE", "accusé à un autre", tete(Return_Receipt_To="b@esms-invente.mssante.fr")),
    DefautCourriel("ESMS-MSS-21.ABSENT", "sans MDN", tete(Disposition_Notification_To=None)),
    DefautCourriel("ESMS-MSS-21.AUTRE_ADRESSE", "MDN à un autre", tete(Disposition_Notification_To="b@esms-invente.mssante.fr")),
    DefautCourriel("ESMS-MSS-22.FORME", "objet libre", tete(Subject="Documents")),
    DefautCourriel("ESMS-MSS-22.LIBELLE", "autre libellé", tete(Subject=SUBJECT.replace("2 documents", "3 documents"))),
    DefautCourriel("ESMS-MSS-22.LIBELLE_LONG", "libellé de 41 caractères", tete(Subject=SUBJECT.replace("2 documents", "x" * 41))),
    DefautCourriel("ESMS-MSS-22.PERSONNE", "autre nom", tete(Subject=SUBJECT.replace("CHIMERE", "AUTREMENT"))),
    DefautCourriel("ESMS-MSS-22.CAPITALES", "nom en minuscules", tete(Subject=SUBJECT.replace("CHIMERE", "Chimere"))),
    DefautCourriel("ESMS-MSS-22.DATE", "autre naissance", tete(Subject=SUBJECT.replace("14/02", "15/02"))),
    DefautCourriel("ESMS-MSS-23.FORME", "nom libre", _renomme(1, "document.pdf")),
    DefautCourriel("ESMS-MSS-23.TYPE_LONG", "type de 41 caractères", _renomme(1, f"20260105_{'x' * 41}_CHIMERE_AGATHE.pdf")),
    DefautCourriel("ESMS-MSS-23.PERSONNE", "autre personne", _renomme(1, "20260105_Ordonnance_AUTREMENT_AGATHE.pdf")),
    DefautCourriel("ESMS-MSS-24.FORME", "adresse par le nom", tete(To="agathe.chimere@patient.mssante.fr")),
    DefautCourriel("ESMS-MSS-24.CLE", "clé fausse", puis(_seul, tete(To="238020010100099@patient.mssante.fr")), mode="production"),
    DefautCourriel("ESMS-MSS-24.CLE_TEST", "clé de test fausse", puis(_seul, tete(To="238020010100099@patient.mssante.fr"))),
    DefautCourriel("ESMS-MSS-24.AUTRE_PERSONNE", "adresse d'un autre", tete(To=f"{_OTHER}@patient.mssante.fr")),
    DefautCourriel("ESMS-MSS-24.NON_QUALIFIEE", "usager sans INS qualifiée",
                   puis(xdm(_sans_ins), tete(To=USAGER, X_MSS_INS="N"))),
    DefautCourriel("ESMS-MSS-25.INVISIBLE_PATIENT", "document invisible à l'usager", puis(xdm(_invisible), tete(To=USAGER))),
    DefautCourriel("ESMS-MSS-26.TAILLE", "26 Mo à un usager",
                   puis(tete(To=USAGER), pieces(lambda files: files.append(("a.bin", "application/octet-stream", bytes(19_500_000)))))),
    DefautCourriel("ESMS-MSS-26.TAILLE_PRO", "26 Mo à un professionnel",
                   pieces(lambda files: files.append(("a.bin", "application/octet-stream", bytes(19_500_000))))),
    DefautCourriel("ESMS-MSS-27.VALEUR", "fin en minuscules", tete(To=USAGER, X_MSS_MES="fin")),
    DefautCourriel("ESMS-MSS-27.OBJET", "fin suivie d'un texte", puis(_seul, tete(To=USAGER, Subject="[FIN] du suivi"))),
    DefautCourriel("ESMS-MSS-27.SANS_USAGER", "fin à un professionnel", tete(X_MSS_MES="FIN")),
    DefautCourriel("ESMS-MSS-28.PARTIES", "MDN sans texte", _mdn(lambda parts: parts[1:]), depart=notification),
    DefautCourriel("ESMS-MSS-28.SANS_ORIGINAL", "MDN sans l'original", _mdn(lambda parts: parts[:2]), depart=notification),
    DefautCourriel("ESMS-MSS-28.DISPOSITION", "disposition libre",
                   _champs("automatic-action/MDN-sent-automatically; processed", "lu"), depart=notification),
    DefautCourriel("ESMS-MSS-28.CHAMP", "MDN sans destinataire",
                   _champs("Final-Recipient: rfc822;a@esms-invente.mssante.fr\r\n", ""), depart=notification),
    DefautCourriel("ESMS-MSS-28.ERREUR_ABSENTE", "échec sans erreur", _champs("processed", "processed/error"), depart=notification),
    DefautCourriel("ESMS-MSS-28.ERREUR_CODE", "échec sans code",
                   _champs("processed\r\n", "processed/error\r\nError: inconnu\r\n"), depart=notification),
    DefautCourriel("ESMS-MSS-29.EN_TETE", "objet accentué tel quel",
                   puis(tete(Subject=None), lambda one: setattr(one, "raw", f"Subject: {SUBJECT.replace('2 documents', 'Synthèse')}\r\n".encode())),
                   ("ESMS-MSS-22.LIBELLE",)),
    DefautCourriel("ESMS-MSS-29.NOM_DE_FICHIER", "fichier accentué tel quel", _renomme(1, "20260105_Synthèse_CHIMERE_AGATHE.pdf")),
)  # fmt: skip

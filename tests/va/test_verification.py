"""What a reader is told of a dossier: every difference by its name, who signed, and never more than what is known."""

from __future__ import annotations

import json
import re
import time
import zipfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from esms_sdk.errors import DossierError
from esms_sdk.signature import cms, examination, reading
from esms_sdk.signature.cms import sign as cms_sign
from esms_sdk.va import received, seal, verification
from esms_sdk.va.verification import verify
from esms_sdk.va.verification_text import as_lines, phrase
from tests.signature import pki
from tests.va import sealed

ROOT = Path(__file__).resolve().parent.parent.parent
OG, EDITEUR = "manifeste.json.p7s", "manifeste.json.editeur.p7s"


class Streamed:
    """A stream that cannot go back."""

    data = b""

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)

    def flush(self) -> None:
        pass


@pytest.fixture
def dossier(tmp_path):
    """A dossier that the head of the OG signed."""
    return signed(sealed.make(tmp_path / "dossier.zip"))


@pytest.fixture
def ca(tmp_path):
    path = tmp_path / "ca.pem"
    path.write_bytes(pki.root().pem)
    return path


def signed(path, holder=None, role="og"):
    key = (holder or pki.head()).signing(pki.intermediate())
    seal.sign(path, key=key, role=role, signed_on=pki.SIGNED_ON)
    return path


def differences(path, ca=None) -> list[tuple[str, str]]:
    found = verify(path, ca)
    assert found.exit_code == (1 if found.differences else 3 if ca is None else 0)
    assert not found.differences or phrase(found).startswith("NON VÉRIFIÉ")
    return [(one.code, one.fichier) for one in found.differences]


def test_a_verified_dossier_says_who_signed_and_what_it_does_not_say(dossier, ca):
    found = verify(dossier, ca)
    text = "\n".join(as_lines(found)).replace("\xa0", " ")
    assert (found.exit_code, found.resultat, found.fichiers) == (0, "verifie", 4)
    for told in (
        "VÉRIFIÉ", "«Hélène Exemple», organisation «Association Exemple»", "émetteur : CN=Autorité intermédiaire d'essai",
        "moment déclaré par le signataire : 02/10/2025 à 07:30 UTC", "valide du 01/01/2025 à 00:00 UTC au 01/01/2035",
        "rôle : dit par la signature", "par «Autorité racine d'essai»", "pas un horodatage qualifié",
        "révocation des certificats n'est pas contrôlée", "Aucun niveau de signature (eIDAS, RGS) n'est établi",
    ):  # fmt: skip
        assert told in text, told


def test_the_json_document_says_the_same(dossier, ca):
    document = json.loads(json.dumps(verify(dossier, ca).as_document()))
    (one,) = document["signatures"]
    assert (document["schema"], document["resultat"], document["code_retour"]) == ("esms-verification/1", "verifie", 0)
    assert (one["role"], one["exacte"], one["role_declare"], one["moment_declare"], one["chaine"]["etat"]) == (
        "og", True, False, "2025-10-02T07:30:00Z", "bonne")  # fmt: skip
    assert one["signataire"]["numero_de_serie"] == f"{pki.head().x509.serial_number:x}"


def test_a_dossier_that_nobody_signed_is_whole_and_not_signed(tmp_path, ca):
    found = verify(sealed.make(tmp_path / "d.zip"), ca)
    assert (found.exit_code, found.resultat, phrase(found)[:9]) == (3, "non_signe", "NON SIGNÉ")
    assert "esms va sign" in phrase(found)
    found = verify(sealed.make(tmp_path / "d.zip", signable=False))
    assert found.exit_code == 3 and "attestation.html" in phrase(found)


def test_the_seal_of_a_vendor_never_makes_a_dossier_signed(tmp_path, ca):
    found = verify(signed(sealed.make(tmp_path / "d.zip"), pki.vendor(), "editeur"), ca)
    assert (found.exit_code, found.resultat) == (3, "non_signe")
    assert "seul le cachet de l'éditeur y est" in phrase(found)
    assert "il ne vaut pas signature" in "\n".join(as_lines(found))


def test_the_seal_of_a_vendor_beside_a_signature_hides_nothing(dossier, ca):
    """The authorities that a reader gives are those of the OG: a vendor may have another one, and that is told."""
    found = verify(signed(dossier, pki.vendor(), "editeur"), ca)
    assert found.exit_code == 0 and "sa chaîne ne mène pas aux autorités données" in found.remarques[0]
    assert [one.chaine.etat for one in found.signatures] == ["bonne", "mauvaise"]


def test_a_broken_seal_is_a_difference(dossier, ca):
    assert differences(sealed.change(dossier, **{"manifeste_json_editeur_p7s": b"rien"}), ca) == [
        ("SIGNATURE_ILLISIBLE", EDITEUR)
    ]


def test_without_authorities_the_chain_is_not_judged_and_the_remedy_is_told(dossier):
    found = verify(dossier)
    assert (found.exit_code, found.resultat) == (3, "chaine_non_jugee") and "--ca" in phrase(found)


# -- differences ---------------------------------------------------------------------------------------------------


def test_one_byte_changed_in_a_file_is_named(dossier, ca):
    html = sealed.FILES["attestation.html"]
    assert differences(sealed.change(dossier, attestation_html=html.replace(b"85", b"95", 1)), ca) == [
        ("FICHIER_MODIFIE", "attestation.html")
    ]
    assert "même taille" in verify(dossier).differences[0].message


def test_a_file_of_another_size_is_named_with_both(dossier):
    sealed.change(dossier, LISEZMOI_txt=b"court")
    assert verify(dossier).differences[0].message == "le fichier a été modifié : 5 octets au lieu de 21"
    sealed.change(dossier, LISEZMOI_txt=b"1")
    assert verify(dossier).differences[0].message == "le fichier a été modifié : 1 octet au lieu de 21"


def test_of_a_great_many_differences_the_first_are_told_and_the_others_counted(tmp_path):
    files = {f"{number:04}.txt": b"" for number in range(151)}
    path = sealed.make(tmp_path / "d.zip", {**sealed.FILES, **files})
    sealed.change(path, **{name.replace(".", "_"): None for name in files})
    found = verify(path)
    told = [line for line in as_lines(found) if line.startswith("  - ")]
    assert (len(told), len(found.as_document()["differences"])) == (51, 151)
    assert "0049.txt" in told[49] and "et 101 autres" in told[50] and "--format json" in told[50]
    with pytest.raises(DossierError, match=r"ESMS-E612.*151 différences") as refused:
        signed(path)
    assert len(refused.value.faults) == 50


@pytest.mark.parametrize("word", ["[],", "{},", '"",'])
def test_a_manifest_of_a_great_many_parts_costs_little(word, dossier):
    data = sealed.manifest({}, x=0).replace(b'"x": 0', f'"x": [{word * ((4 << 20) // len(word) - 200)}0]'.encode())
    begin = time.process_time()
    assert "AUTRE_MANIFESTE" in [code for code, _ in differences(sealed.change(dossier, manifeste_json=data))]
    assert time.process_time() - begin < 6


def test_one_output_tells_time_in_one_way(dossier, ca, tmp_path):
    for path in (dossier, signed(sealed.make(tmp_path / "d.zip"), pki.issue("Helene Exemple", number=5))):
        assert re.findall(r"\d{4}-\d\d-\d\d", "\n".join(as_lines(verify(path, ca)))) == []


def test_files_added_and_removed_are_all_named(dossier, ca):
    sealed.change(dossier, commande_toml=None, ajout_pdf=b"x", indicateurs_json=b"{}")
    assert differences(dossier, ca) == [
        ("FICHIER_AJOUTE", "ajout.pdf"), ("FICHIER_ABSENT", "commande.toml"), ("FICHIER_MODIFIE", "indicateurs.json")]  # fmt: skip


def test_a_file_in_a_folder_is_an_added_one(dossier):
    assert differences(sealed.change(dossier, **{"sous/attestation_html": b"x"})) == [
        ("FICHIER_AJOUTE", "sous/attestation.html")
    ]


def test_every_byte_of_the_zip_can_change_without_a_lie(dossier, ca):
    """What unpacks to the same files is the same dossier; all else is named, or is no dossier."""
    data, members = dossier.read_bytes(), sealed.read(dossier)
    del members[OG]
    for place in range(0, len(data), 13):
        dossier.write_bytes(data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :])
        try:
            found = verify(dossier, ca)
        except DossierError as fault:
            assert fault.code in ("ESMS-E610", "ESMS-E617")
            continue
        if not found.differences:
            seen = sealed.read(dossier)
            assert found.exit_code == (0 if seen.pop(OG, None) else 3) and seen == members


def test_a_manifest_that_was_changed_along_with_a_file_breaks_the_signature(dossier, ca):
    files = {**sealed.FILES, "indicateurs.json": b"{}"}
    sealed.change(dossier, indicateurs_json=b"{}", manifeste_json=sealed.manifest(files))
    assert differences(dossier, ca) == [("AUTRE_MANIFESTE", OG)]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff", b"[]", b"{}", b"nan", b'{"schema": "esms-dossier/1"}', b"[" * 100_000,
        sealed.manifest({}, genre="autre"), sealed.manifest({}, signable="oui"), sealed.manifest({}, fichiers={}),
        sealed.manifest({}, fichiers=[{"nom": "a"}]), sealed.manifest({}, fichiers=[1]),
        sealed.manifest({}, fichiers=[{"nom": "a", "sha256": "0" * 64, "taille": True}]),
        sealed.manifest({}, fichiers=[{"nom": "a", "sha256": "0" * 64, "taille": 10**4000}]),
        sealed.manifest({}, fichiers=[{"nom": "a", "sha256": "0" * 64, "taille": 1}] * 2),
        sealed.manifest({OG: b""}), sealed.manifest({}, n=float("nan")),
        sealed.manifest({}).replace(b'"genre"', b'"signable": false, "genre"'),
        sealed.manifest({}).decode().encode("utf-8-sig"), sealed.manifest({}).decode().encode("utf-16"),
        sealed.manifest({}).decode().encode("utf-16-le"), sealed.manifest({}) + b" " * (4 << 20),
    ],
    ids=range(22),
)  # fmt: skip
def test_a_manifest_that_cannot_be_read_is_named(data, dossier):
    assert differences(sealed.change(dossier, manifeste_json=data)) == [("MANIFESTE_ILLISIBLE", "manifeste.json")]


def test_a_manifest_that_is_gone_is_named(dossier):
    assert differences(sealed.change(dossier, manifeste_json=None)) == [("MANIFESTE_ABSENT", "manifeste.json")]


def test_a_name_that_stands_twice_is_named(dossier):
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(dossier, "a") as archive:
        archive.writestr("attestation.html", b"une autre")
    assert differences(dossier) == [("NOM_REPETE", "attestation.html")]


def test_a_truncated_dossier_is_named(dossier):
    data = dossier.read_bytes()
    for kept in (len(data) - 1, len(data) // 2, 60):
        dossier.write_bytes(data[:kept])
        ((code, name),) = differences(dossier)
        assert (code, name) in (("ARCHIVE_TRONQUEE", "dossier.zip"), ("ARCHIVE_ABIMEE", "dossier.zip"))
    assert code == "ARCHIVE_TRONQUEE"


def test_a_damaged_table_of_files_is_named(dossier):
    data = dossier.read_bytes()
    dossier.write_bytes(data.replace(b"PK\x01\x02", b"PK\x01\x03"))
    assert differences(dossier) == [("ARCHIVE_ABIMEE", "dossier.zip")]


def test_bytes_that_are_of_no_file_are_named(dossier):
    """Before, after, or as a comment: a place for a second dossier that another program would open."""
    data = dossier.read_bytes()
    for hidden in (b"PK" + data, data[:-2] + b"\x02\x00ab", data + data, data + b"x"):
        dossier.write_bytes(hidden)
        assert ("ARCHIVE_AMBIGUE", "dossier.zip") in differences(dossier)


def test_a_dossier_that_another_program_packed_again_is_the_same(dossier, tmp_path, ca):
    """Another order, no compression, or sizes told after each file, as programs that stream do."""

    members, stream = sealed.read(dossier), Streamed()
    for out, how in ((dossier, zipfile.ZIP_STORED), (stream, zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(out, "w", how) as archive:
            for name in reversed(members):
                archive.writestr(name, members[name])
        if stream.data:
            dossier.write_bytes(stream.data)
        assert verify(dossier, ca).exit_code == 0
    assert b"PK\x07\x08" in stream.data


def test_an_archive_that_does_harm_is_not_read(dossier):
    sealed.change(dossier, **{"../ailleurs": b"x"})
    assert differences(dossier) == [("ARCHIVE_REFUSEE", "dossier.zip")]


def test_the_signature_of_another_key_is_named(tmp_path, ca):
    """Whoever changes a dossier can sign it anew, with a key of their own."""
    assert differences(signed(sealed.make(tmp_path / "d.zip"), pki.issue("Hélène Exemple", number=3)), ca) == [
        ("CHAINE", OG)
    ]


def test_a_chain_without_its_intermediate_is_named(tmp_path, ca):
    path = sealed.make(tmp_path / "d.zip")
    seal.sign(path, key=pki.head().signing(), role="og", signed_on=pki.SIGNED_ON)
    (fault,) = verify(path, ca).differences
    assert fault.code == "CHAINE" and "Autorité intermédiaire d'essai" in fault.message
    ca.write_bytes(pki.root().pem + pki.intermediate().pem)
    assert verify(path, ca).exit_code == 0


def test_a_self_signed_certificate_is_trusted_if_the_reader_has_it(tmp_path):
    lone = pki.issue("Hélène Exemple", number=8)
    (tmp_path / "elle.pem").write_bytes(lone.pem)
    path = sealed.make(tmp_path / "d.zip")
    seal.sign(path, key=lone.signing(), role="og", signed_on=pki.SIGNED_ON)
    assert verify(path, tmp_path / "elle.pem").exit_code == 0


def test_the_seal_of_a_vendor_renamed_to_a_signature_is_named(tmp_path, ca):
    path = signed(sealed.make(tmp_path / "d.zip"), role="editeur")
    members = sealed.read(path)
    members[OG] = members.pop(EDITEUR)
    assert differences(sealed.write(path, members), ca) == [("ROLE", OG)]


def test_a_signature_renamed_to_a_seal_is_named_too(dossier, ca):
    members = sealed.read(dossier)
    members[EDITEUR] = members.pop(OG)
    assert differences(sealed.write(dossier, members), ca) == [("ROLE", EDITEUR)]


def test_a_signature_on_a_dossier_that_is_not_signable_is_a_difference(tmp_path, ca):
    path = sealed.make(tmp_path / "d.zip", signable=False)
    data = cms_sign(sealed.read(path)["manifeste.json"], pki.head().signing(pki.intermediate()), "og", pki.SIGNED_ON)
    assert differences(sealed.change(path, manifeste_json_p7s=data), ca) == [("NON_SIGNABLE_SIGNE", OG)]


def test_several_faults_are_all_told(dossier, ca):
    sealed.change(dossier, LISEZMOI_txt=b"", manifeste_json=sealed.manifest(sealed.FILES, signable=False))
    assert [code for code, _ in differences(dossier, ca)] == [
        "FICHIER_MODIFIE",
        "AUTRE_MANIFESTE",
        "NON_SIGNABLE_SIGNE",
    ]


@pki.needs_openssl
def test_a_signature_that_tells_no_moment_leaves_its_chain_unjudged(tmp_path, ca):
    path, holder = sealed.make(tmp_path / "d.zip"), pki.head()
    seal.prepare(path, out=tmp_path / "m.json")
    files = pki.write(tmp_path, cert_pem=holder.pem, cle_pem=holder.key_pem(), chaine_pem=pki.intermediate().pem)
    pki.openssl("cms", "-sign", "-binary", "-noattr", "-in", tmp_path / "m.json", "-signer", files["cert_pem"], "-inkey",
                files["cle_pem"], "-certfile", files["chaine_pem"], "-outform", "DER", "-out", tmp_path / "s.p7s")  # fmt: skip
    with pytest.raises(DossierError, match=r"ESMS-E615.*moment[^→]*→.*-noattr"):
        seal.attach(path, tmp_path / "s.p7s", role="og")
    found = verify(sealed.change(path, manifeste_json_p7s=(tmp_path / "s.p7s").read_bytes()), ca)
    assert (found.exit_code, found.resultat) == (3, "chaine_non_jugee") and "à quel moment" in phrase(found)


# -- who signed ----------------------------------------------------------------------------------------------------


def test_another_name_than_the_one_announced_is_a_remark_and_no_failure(tmp_path, ca):
    path = signed(sealed.make(tmp_path / "d.zip"), pki.issue("Jean Autre", pki.intermediate()))
    found = verify(path, ca)
    assert found.exit_code == 0
    assert found.remarques == (
        "le certificat est au nom de «Jean Autre», la commande annonce «Mme Helene EXEMPLE» : à rapprocher",
    )


def test_a_seal_that_openssl_made_and_that_was_renamed_is_believed_but_told_in_the_first_sentence(tmp_path, ca):
    """Nothing in it tells its role: the sentence that says «VÉRIFIÉ» says that too."""
    path = sealed.make(tmp_path / "d.zip")
    holder, attributes = pki.head(), cms._attributes
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cms, "_attributes", lambda *given: [a for a in attributes(*given) if b"urn:esms-sdk" not in a])
        data = cms_sign(sealed.read(path)["manifeste.json"], holder.signing(pki.intermediate()), "og", pki.SIGNED_ON)
    seal.attach(path, pki.write(tmp_path, s_p7s=data)["s_p7s"], role="editeur")
    members = sealed.read(path)
    assert "rôle déclaré" not in phrase(verify(path, ca))
    found = verify(sealed.write(path, {**members, OG: members[EDITEUR]}), ca)
    assert found.exit_code == 0 and "rôle déclaré" in phrase(found) and phrase(found).startswith("VÉRIFIÉ")
    assert any("du même certificat" in one for one in found.remarques)


def test_a_signature_and_a_seal_of_one_certificate_are_remarked(dossier, ca):
    assert not any("du même certificat" in one for one in verify(dossier, ca).remarques)
    assert any("du même certificat" in one for one in verify(signed(dossier, role="editeur"), ca).remarques)


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({"mesure_le": "2025-10-03"}, "avant la date de mesure (03/10/2025)"),
        ({"mesure_le": "2025-09-30", "lot": {"date_extraction": "2025-10-03T04:30:00"}}, "l'extraction du lot (03/10/2025 à 04:30)"),
        ({"mesure_le": "2025-10-02", "lot": {"date_extraction": "2025-10-02T21:00:00"}}, ""),
        ({"mesure_le": 3, "lot": {"date_extraction": "hier"}}, ""),
        ({"mesure_le": "hier", "lot": []}, ""),
    ],
)  # fmt: skip
def test_a_moment_that_is_impossible_is_remarked(manifest, told, tmp_path, ca):
    """Half a day is left: the clocks of the world differ, and a dossier tells none."""
    path = sealed.make(tmp_path / "d.zip", **manifest)
    data = cms_sign(sealed.read(path)["manifeste.json"], pki.head().signing(pki.intermediate()), "og", pki.SIGNED_ON)
    found = verify(sealed.change(path, manifeste_json_p7s=data), ca)
    remarks = [one for one in found.remarques if "ne peut être le vrai" in one]
    assert found.exit_code == 0 and len(remarks) == bool(told) and all(told in one for one in remarks)


def test_a_certificate_for_something_else_is_remarked_where_that_does_not_bind(tmp_path, ca):
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    found = verify(
        signed(
            sealed.make(tmp_path / "d.zip"),
            pki.issue("Helene Exemple", pki.intermediate(), extra=server, critical=False),
        ),
        ca,
    )
    assert found.exit_code == 0 and "un autre usage" in found.remarques[0]


@pytest.mark.parametrize("order", [b"", b"\xff", b"[commande]\n", b"signataire = 1\n", b"[signataire]\nnom = 3\n"])
def test_an_order_without_signatory_says_nothing(order, tmp_path, ca):
    found = verify(signed(sealed.make(tmp_path / "d.zip", {**sealed.FILES, "commande.toml": order})), ca)
    assert (found.exit_code, found.remarques) == (0, ())


def test_the_text_of_a_certificate_cannot_write_on_the_terminal(tmp_path):
    path = signed(sealed.make(tmp_path / "d.zip"), pki.issue("Nom\x1b[2J\u202efaux\nligne"))
    text = "\n".join(as_lines(verify(path)))
    assert "\x1b" not in text and "\u202e" not in text and "faux\nligne" not in text and "Nom\ufffd[2J" in text


def test_the_guide_explains_every_difference():
    guide = (ROOT / "docs" / "guides" / "verifier_un_dossier_recu.md").read_text(encoding="utf-8")
    sources = (received, verification, examination, reading)
    code = "".join(Path(one.__file__).read_text(encoding="utf-8") for one in sources)
    codes = set(re.findall(r'(?:Fault\(|NoSignature\(|yield )\s*"([A-Z_]+)"', code))
    assert len(codes) > 20 and {one for one in codes if f"`{one}`" not in guide} == set()


# -- not a dossier -------------------------------------------------------------------------------------------------


def no_dossier(code: str, path) -> str:
    with pytest.raises(DossierError, match=code) as raised:
        verify(path)
    assert raised.value.exit_code == 2
    return raised.value.message


def test_what_is_no_dossier_is_told_as_such(tmp_path):
    no_dossier("ESMS-E611", tmp_path / "absent.zip")
    no_dossier("ESMS-E611", tmp_path)
    path = tmp_path / "x.zip"
    for data in (b"", b"PK", b"Un texte.", b"%PDF-1.7", bytes(1000)):
        path.write_bytes(data)
        no_dossier("ESMS-E610", path)
    no_dossier("ESMS-E610", sealed.write(path, {"a.txt": b"x"}))
    lot = {"manifeste.json": b'{"editeur": "x"}', "sejour.csv": b"", "LISEZMOI.txt": b""}
    assert "manifeste.json" in no_dossier("ESMS-E610", sealed.write(path, lot))
    path.write_bytes(sealed.write(path, {"a.txt": b"x" * 100}).read_bytes()[:50])
    no_dossier("ESMS-E610", path)


def test_a_dossier_of_another_version_is_not_judged(tmp_path):
    assert "autre version" in no_dossier("ESMS-E617", sealed.make(tmp_path / "d.zip", schema="esms-dossier/2"))


def test_a_file_of_authorities_that_cannot_be_read_is_named(dossier, tmp_path):
    path = tmp_path / "ca.pem"
    for data in (
        None,
        b"",
        b"rien",
        pki.root().key_pem(),
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ):
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(DossierError, match="ESMS-E608"):
            verify(dossier, path)

"""A signature made here is read here and by openssl; one that openssl made is read here; every difference is named."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from hypothesis import given, settings
from hypothesis import strategies as st

from esms_sdk.errors import DossierError
from esms_sdk.signature import cms as cms_module
from esms_sdk.signature import reading, role
from esms_sdk.signature.cms import sign
from esms_sdk.signature.examination import examine
from tests.signature import pki

CONTENT = '{"schema": "esms-dossier/1", "nom": "é"}\r\n'.encode()
KINDS = ("rsa2048", "rsa3072", "p256", "p384")


def codes(data: bytes, content: bytes = CONTENT) -> list[str]:
    return [one.code for one in examine(data, content, "x.p7s").differences]


def signed(holder: pki.Holder, *chain: pki.Holder, as_role: str = role.OG, on: datetime = pki.SIGNED_ON) -> bytes:
    return sign(CONTENT, holder.signing(*chain), as_role, on)


@pytest.fixture(scope="module")
def ours() -> bytes:
    return signed(pki.head(), pki.intermediate())


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_tells_who_signed_when_and_under_which_role(kind):
    found = examine(signed(pki.head(kind), pki.intermediate(), as_role=role.EDITEUR), CONTENT, "x.p7s")
    assert found.differences == ()
    assert (found.signer.nom, found.signer.organisation, found.moment, found.role) == (
        "Hélène Exemple", "Association Exemple", pki.SIGNED_ON, "editeur")  # fmt: skip
    assert [one.nom for one in found.others] == ["Autorité intermédiaire d'essai"]


def test_the_same_rsa_key_and_moment_give_the_same_bytes():
    assert signed(pki.head("rsa2048")) == signed(pki.head("rsa2048"))


def test_a_moment_after_2049_is_told_too():
    late = pki.issue("Dans longtemps", end=datetime(2060, 1, 1, tzinfo=UTC))
    on = datetime(2055, 1, 1, tzinfo=UTC)
    assert examine(signed(late, on=on), CONTENT, "x").moment == on


@pki.needs_openssl
@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_what_was_signed_here(kind, tmp_path):
    files = pki.write(tmp_path, m_json=CONTENT, s_p7s=signed(pki.head(kind), pki.intermediate()), ca_pem=pki.root().pem)
    asked = ("cms", "-verify", "-binary", "-inform", "DER", "-in", files["s_p7s"], "-content", files["m_json"],
             "-CAfile", files["ca_pem"], "-purpose", "any", "-attime", str(int(pki.SIGNED_ON.timestamp())),
             "-out", tmp_path / "out")  # fmt: skip
    assert "successful" in pki.openssl(*asked).stderr
    files["m_json"].write_bytes(CONTENT.replace(b"nom", b"nou"))
    assert pki.openssl(*asked, check=False).returncode != 0


@pytest.fixture(scope="module")
def at_openssl(tmp_path_factory):
    """Sign with openssl: its options in, the signature out."""
    folder = tmp_path_factory.mktemp("openssl")
    holder, ec = pki.issue("Signe ailleurs", kind="rsa2048"), pki.head("p384")
    pki.write(
        folder, m_json=CONTENT, cert_pem=holder.pem, cle_pem=holder.key_pem(), ec_pem=ec.pem, eccle_pem=ec.key_pem()
    )

    def run(*options: str, signer: str = "cert.pem", key: str = "cle.pem") -> bytes:
        pki.openssl("cms", "-sign", "-binary", "-in", folder / "m.json", "-signer", folder / signer,
                    "-inkey", folder / key, "-out", folder / "o.p7s", *options)  # fmt: skip
        return (folder / "o.p7s").read_bytes()

    return run


@pki.needs_openssl
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-outform", "DER"), "RSA PKCS#1 v1.5 2048 bits, SHA-256"),
        (("-outform", "PEM"), "RSA PKCS#1 v1.5 2048 bits, SHA-256"),
        (("-outform", "DER", "-md", "sha384", "-keyid"), "RSA PKCS#1 v1.5 2048 bits, SHA-384"),
        (("-outform", "DER", "-md", "sha512", "-keyopt", "rsa_padding_mode:pss"), "RSA-PSS 2048 bits, SHA-512"),
        (("-outform", "DER", "-md", "sha256", "-cades"), "RSA PKCS#1 v1.5 2048 bits, SHA-256"),
    ],
    ids=["der", "pem", "sha384-keyid", "pss-sha512", "cades"],
)
def test_what_openssl_signed_is_verified_here(options, told, at_openssl):
    found = examine(at_openssl(*options), CONTENT, "x.p7s")
    assert (found.differences, found.signer.nom, found.role, found.algorithme) == ((), "Signe ailleurs", None, told)
    assert found.moment is not None


@pki.needs_openssl
def test_a_signature_without_signed_attributes_declares_no_moment(at_openssl):
    data = at_openssl("-outform", "DER", "-noattr")
    assert (codes(data), examine(data, CONTENT, "x").moment) == ([], None)
    assert codes(data, CONTENT + b" ") == ["SIGNATURE_FAUSSE"]


@pki.needs_openssl
def test_openssl_on_a_curve(at_openssl):
    found = examine(at_openssl("-outform", "DER", "-md", "sha384", signer="ec.pem", key="eccle.pem"), CONTENT, "x")
    assert (found.differences, found.algorithme) == ((), "ECDSA 384 bits, SHA-384")


@pki.needs_openssl
@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("-md", "sha1"), "EMPREINTE_FAIBLE"),
        (("-md", "md5"), "EMPREINTE_FAIBLE"),
        (("-nodetach",), "SIGNATURE_NON_DETACHEE"),
        (("-stream",), "SIGNATURE_NON_DETACHEE"),
        (("-nocerts",), "CERTIFICAT_ABSENT"),
    ],
)
def test_what_openssl_signed_otherwise_is_refused_and_named(options, code, at_openssl):
    assert codes(at_openssl("-outform", "DER", *options)) == [code]


@pki.needs_openssl
def test_the_mail_form_of_openssl_is_refused_with_its_remedy(at_openssl):
    (fault,) = examine(at_openssl(), CONTENT, "x").differences
    assert fault.code == "SIGNATURE_ILLISIBLE" and "-outform DER" in fault.message


@pki.needs_openssl
def test_several_signers_are_refused(at_openssl, tmp_path):
    files = pki.write(tmp_path, m_json=CONTENT, ec_pem=pki.head().pem, cle_pem=pki.head().key_pem())
    first = tmp_path / "un.p7s"
    first.write_bytes(at_openssl("-outform", "DER", "-nodetach"))
    pki.openssl("cms", "-resign", "-binary", "-inform", "DER", "-in", first, "-signer", files["ec_pem"], "-inkey",
                files["cle_pem"], "-outform", "DER", "-out", tmp_path / "deux.p7s")  # fmt: skip
    both = cms.ContentInfo.load((tmp_path / "deux.p7s").read_bytes())
    both["content"]["encap_content_info"] = {"content_type": "data"}
    (fault,) = examine(both.dump(force=True), CONTENT, "x").differences
    assert (fault.code, "2 signataires" in fault.message) == ("SIGNATAIRES", True)


def test_the_pkcs7_builder_of_cryptography_makes_a_signature_that_is_read():
    holder = pki.issue("Signe ailleurs", kind="rsa2048")
    made = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT).add_signer(holder.x509, holder.key, hashes.SHA256())
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    assert codes(made.sign(Encoding.DER, options)) == []


def test_an_indefinite_length_is_read(ours):
    """BER as services stream it: the outer lengths are replaced by an end of contents."""
    outer = core.Sequence.load(ours)
    inner = b"".join(one.dump() for one in (outer[0],))
    content = cms.ContentInfo.load(ours)["content"].untag().dump()
    body = content[4:]
    assert content[1] == 0x82
    streamed = b"\x30\x80" + inner + b"\xa0\x80" + b"\x30\x80" + body + b"\0\0" * 3
    assert codes(streamed) == []


# -- differences ---------------------------------------------------------------------------------------------------


def test_a_signature_over_another_manifest_is_named(ours):
    assert codes(ours, CONTENT.replace(b"1", b"2")) == ["AUTRE_MANIFESTE"]


def changed(data: bytes, change) -> bytes:
    """Return a signature with something changed in its structure."""
    made = cms.ContentInfo.load(data)
    change(made["content"])
    return made.dump(force=True)


def test_a_signature_by_another_key_than_that_of_its_certificate_is_named(ours):
    other = signed(pki.issue("Quelqu'un d'autre"))
    value = cms.ContentInfo.load(other)["content"]["signer_infos"][0]["signature"].native

    def replace(content):
        content["signer_infos"][0]["signature"] = value

    assert codes(changed(ours, replace)) == ["SIGNATURE_FAUSSE"]


def test_an_attribute_that_was_changed_breaks_the_signature(ours):
    later = bytes(ours).replace(b"251002073000Z", b"251002073001Z")
    assert later != ours and codes(later) == ["SIGNATURE_FAUSSE"]


def test_a_role_cannot_be_changed_in_the_signature(ours):
    assert codes(ours.replace(b"role:og", b"role:go")) == ["SIGNATURE_FAUSSE"]


def test_the_same_key_under_another_certificate_is_named():
    """A twin: same issuer, number and key, another name on it."""
    one = pki.issue("Vrai nom", pki.root(), number=7, serial=77)
    twin = pki.issue("Faux nom", pki.root(), number=7, serial=77)

    def replace(content):
        content["certificates"] = cms.CertificateSet([cms.CertificateChoices.load(twin.der)])

    assert codes(changed(signed(one), replace)) == ["AUTRE_CERTIFICAT"]


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (pki.START, pki.SIGNED_ON - timedelta(days=1), "CERTIFICAT_ECHU"),
        (pki.SIGNED_ON + timedelta(days=1), pki.END, "CERTIFICAT_PAS_ENCORE_VALIDE"),
    ],
)
def test_a_certificate_that_was_not_valid_at_the_moment_declared_is_named(start, end, code, monkeypatch):
    holder = pki.issue("Hors dates", start=start, end=end)
    with pytest.raises(DossierError, match="ESMS-E606"):
        signed(holder)
    monkeypatch.setattr("esms_sdk.signature.cms.refuse_unfit", lambda key, moment: None)
    assert codes(signed(holder)) == [code]


def test_the_bounds_of_a_validity_are_included():
    holder = pki.issue("Borné", start=pki.SIGNED_ON, end=pki.SIGNED_ON)
    assert codes(signed(holder)) == []
    for beyond in (timedelta(seconds=-1), timedelta(seconds=1)):
        with pytest.raises(DossierError, match="ESMS-E606"):
            signed(holder, on=pki.SIGNED_ON + beyond)


@pytest.mark.parametrize(("kind", "told"), [("rsa1024", "1024 bits"), ("p192", "192 bits")])
def test_a_short_key_neither_signs_nor_verifies(kind, told, monkeypatch):
    holder = pki.issue("Clé courte", kind=kind)
    with pytest.raises(DossierError, match=f"ESMS-E603.*{told}"):
        signed(holder)
    monkeypatch.setattr("esms_sdk.signature.cms.refuse_unfit", lambda key, moment: None)
    assert codes(signed(holder)) == ["CLE_FAIBLE"]


def test_a_certificate_for_encryption_neither_signs_nor_verifies(monkeypatch):
    holder = pki.issue("Chiffrement", key_usage=pki.usage(key_encipherment=True))
    with pytest.raises(DossierError, match="ESMS-E607"):
        signed(holder)
    monkeypatch.setattr("esms_sdk.signature.cms.refuse_unfit", lambda key, moment: None)
    assert codes(signed(holder)) == ["USAGE_DU_CERTIFICAT"]


SIGNS = (EKU.ANY_EXTENDED_KEY_USAGE, EKU.EMAIL_PROTECTION, EKU.CLIENT_AUTH,
         x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"))  # fmt: skip


@pytest.mark.parametrize("purpose", [EKU.SERVER_AUTH, EKU.TIME_STAMPING, EKU.OCSP_SIGNING, EKU.CODE_SIGNING])
def test_a_certificate_that_is_for_something_else_neither_signs_nor_verifies(purpose, monkeypatch):
    holder = pki.issue("Autre usage", extra=x509.ExtendedKeyUsage([purpose]))
    with pytest.raises(DossierError, match="ESMS-E607"):
        signed(holder)
    monkeypatch.setattr("esms_sdk.signature.cms.refuse_unfit", lambda key, moment: None)
    assert codes(signed(holder)) == ["USAGE_DU_CERTIFICAT"]


@pytest.mark.parametrize("purpose", SIGNS)
def test_a_certificate_for_people_or_for_documents_signs_whatever_else_it_is_for(purpose):
    holder = pki.issue("Plusieurs usages", extra=x509.ExtendedKeyUsage([EKU.SERVER_AUTH, purpose]))
    found = examine(signed(holder), CONTENT, "x")
    assert (found.differences, found.signer.autre_usage) == ((), False)


def test_a_policy_that_is_critical_changes_nothing():
    """No policy is demanded (RFC 5280 §6.1), and none is claimed."""
    policy = x509.PolicyInformation(x509.ObjectIdentifier("1.2.250.1.213.1.1.1"), None)
    assert codes(signed(pki.issue("Sous une politique", extra=x509.CertificatePolicies([policy])))) == []


# -- hostile bytes -------------------------------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    data = b"\x05\x00"
    for _ in range(depth):
        size = len(data).to_bytes(4, "big")
        data = b"\x30\x84" + size + data
    return data


HOSTILE = {
    "nothing": b"",
    "garbage": bytes(range(256)) * 8,
    "text": b"-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n",
    "half a pem": b"-----BEGIN PKCS7-----\n!!",
    "nested": nested(3000),
    "nested without length": b"\x30\x80" * 100_000,
    "a length beyond the end": b"\x30\x84\x7f\xff\xff\xff\x06",
    "encrypted": cms.ContentInfo({"content_type": "data", "content": b"x"}).dump(),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_bytes_that_are_no_signature_are_named_and_never_raise(data):
    begin = time.process_time()
    assert codes(data) in (["SIGNATURE_ILLISIBLE"], ["SIGNATURE_AUTRE_TYPE"])
    assert time.process_time() - begin < 2


def many(part: bytes, tag: bytes, before: bytes, after: bytes = b"") -> bytes:
    """Return a CMS with a set of a very great number of parts."""

    def der(tag: bytes, content: bytes) -> bytes:
        return tag + b"\x84" + len(content).to_bytes(4, "big") + content

    parts = der(tag, part * (1_500_000 // len(part)))
    signed = der(
        b"\x30",
        b"\x02\x01\x01\x31\x00\x30\x0b" + core.ObjectIdentifier("1.2.840.113549.1.7.1").dump() + before + parts + after,
    )
    return der(b"\x30", core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + der(b"\xa0", signed))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (many(b"\x30\x00", b"\x31", b""), "plus de 16 signataires"),
        (many(b"\x30\x00", b"\xa0", b"", b"\x31\x02\x30\x00"), "plus de 64 certificats"),
    ],
    ids=["signers", "certificates"],
)
def test_a_great_number_of_parts_costs_nothing(data, told):
    begin = time.process_time()
    (fault,) = examine(data, CONTENT, "x").differences
    assert fault.message == told
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    "line", [b"AAAA", b"-----BEGIN CMS-----", b"Nom: valeur", b""], ids=["data", "begin", "head", "empty"]
)
def test_a_large_pem_costs_nothing(line):
    data = b"-----BEGIN CMS-----\n" + (line + b"\n") * ((4 << 20) // (len(line) + 1) - 40) + b"-----END CMS-----\n"
    begin = time.process_time()
    assert codes(data) == ["SIGNATURE_ILLISIBLE"]
    assert time.process_time() - begin < 2


def test_a_pem_may_stand_among_other_lines_and_holds_one_block(ours):
    pem = b"-----BEGIN PKCS7-----\r\n" + base64.encodebytes(ours).replace(b"\n", b"\r\n") + b"-----END PKCS7-----\r\n"
    assert codes(b"subject=x\n" + pem + b"\n") == []
    assert codes(pem + pem) == codes(pem.replace(b"END PKCS7", b"END CMS")) == ["SIGNATURE_ILLISIBLE"]


def test_a_huge_signature_is_not_read():
    assert codes(b"\x30" * (reading.MOST_BYTES + 1)) == ["SIGNATURE_ILLISIBLE"]


def test_trailing_bytes_are_refused(ours):
    assert codes(ours + b"\0") == ["SIGNATURE_ILLISIBLE"]


def test_a_signature_without_signer_is_refused(ours):
    def replace(content):
        content["signer_infos"] = cms.SignerInfos([])

    assert codes(changed(ours, replace)) == ["SIGNATAIRES"]


def test_a_signature_of_another_type_of_content_is_refused(ours):
    def replace(content):
        content["encap_content_info"] = {"content_type": "signed_data"}

    assert codes(changed(ours, replace)) == ["SIGNATURE_AUTRE_TYPE"]


def test_an_attribute_that_tells_another_type_of_content_is_named(monkeypatch):
    told = cms_module._attributes
    data, other = (core.ObjectIdentifier(f"1.2.840.113549.1.7.{end}").dump() for end in (1, 5))
    monkeypatch.setattr(cms_module, "_attributes", lambda *given: [one.replace(data, other) for one in told(*given)])
    assert codes(signed(pki.head())) == ["SIGNATURE_AUTRE_TYPE"]


def test_an_attribute_told_twice_is_refused(ours):
    def replace(content):
        attributes = content["signer_infos"][0]["signed_attrs"]
        content["signer_infos"][0]["signed_attrs"] = cms.CMSAttributes([*attributes, attributes[0]])

    assert codes(changed(ours, replace)) == ["SIGNATURE_ILLISIBLE"]


def test_an_unknown_algorithm_is_named(ours):
    def replace(content):
        content["signer_infos"][0]["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "1.2.3.4"})

    (fault,) = examine(changed(ours, replace), CONTENT, "x").differences
    assert (fault.code, "1.2.3.4" in fault.message) == ("ALGORITHME_INCONNU", True)


@settings(max_examples=40, deadline=None)
@given(place=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_never_makes_another_signature_exact(place, flip):
    data = bytearray(signed(pki.head("rsa2048")))
    data[place % len(data)] ^= flip
    found = examine(bytes(data), CONTENT, "x")
    if not found.differences:  # a byte of what nobody signs: the list of digests, other certificates, a version
        assert (found.signer.nom, found.moment, found.role) == ("Hélène Exemple", pki.SIGNED_ON, "og")

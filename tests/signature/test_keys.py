"""A key is found with its certificate, in PEM or PKCS#12; what cannot be used is refused by name."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from esms_sdk.errors import DossierError
from esms_sdk.signature.cms import sign
from esms_sdk.signature.examination import examine
from esms_sdk.signature.keys import load_key
from tests.signature import pki


def refused(code: str, *given, **named) -> str:
    with pytest.raises(DossierError, match=code) as raised:
        load_key(*given, **named)
    assert pki.SECRET.decode() not in str(raised.value)
    return str(raised.value)


def not_asked() -> bytes:
    raise AssertionError("asked for nothing")


@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
@pytest.mark.parametrize("password", [None, pki.SECRET], ids=["open", "locked"])
@pytest.mark.parametrize("form", ["pem", "p12"])
def test_a_key_signs_whatever_file_it_comes_in(kind, password, form):
    holder, above = pki.head(kind), pki.intermediate()
    if form == "pem":
        key = load_key(holder.key_pem(password), certificate=holder.pem, chain=above.pem, password=password)
    else:
        key = load_key(holder.p12(password, (above,)), password=password)
    assert (key.certificate.nom, [one.nom for one in key.chain]) == (
        "Hélène Exemple",
        ["Autorité intermédiaire d'essai"],
    )
    assert examine(sign(b"x", key, "og", pki.SIGNED_ON), b"x", "x").differences == ()


def test_certificates_are_found_beside_the_key_in_any_order():
    holder = pki.head()
    key = load_key(pki.root().pem + holder.key_pem() + pki.intermediate().pem + holder.pem)
    assert (key.certificate.nom, len(key.chain)) == ("Hélène Exemple", 2)


def test_a_certificate_in_der_will_do():
    assert load_key(pki.head().key_pem(), certificate=pki.head().der).certificate.nom == "Hélène Exemple"


def test_a_password_is_asked_only_of_a_key_that_needs_one():
    holder = pki.head()
    assert load_key(holder.key_pem(), certificate=holder.pem, ask=not_asked)
    assert load_key(holder.p12(), ask=not_asked)
    assert load_key(holder.key_pem(), certificate=holder.pem, password=b"inutile")
    for data in (holder.key_pem(pki.SECRET) + holder.pem, holder.p12(pki.SECRET)):
        assert load_key(data, ask=lambda: pki.SECRET).certificate.nom == "Hélène Exemple"


def test_a_locked_key_without_password_or_with_another_is_refused():
    holder = pki.head()
    for data in (holder.key_pem(pki.SECRET) + holder.pem, holder.p12(pki.SECRET)):
        assert "mot de passe" in refused("ESMS-E602", data)
        assert "mot de passe" in refused("ESMS-E602", data, password=b"un autre")
        assert "mot de passe" in refused("ESMS-E602", data, ask=lambda: b"un autre")


def test_a_key_and_the_certificate_of_another_are_refused():
    refused("ESMS-E605", pki.head().key_pem(), certificate=pki.vendor().pem)


def test_files_that_hold_no_key_or_no_certificate_are_refused():
    holder = pki.head()
    refused("ESMS-E601", b"")
    refused("ESMS-E601", b"rien d'une cl\xc3\xa9")
    refused("ESMS-E601", holder.pem)
    refused("ESMS-E601", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    refused("ESMS-E604", holder.key_pem())
    refused("ESMS-E604", holder.key_pem(), certificate=b"rien")
    refused("ESMS-E604", holder.key_pem(), certificate=b"")
    refused("ESMS-E604", holder.key_pem(), certificate=holder.pem.replace(b"MII", b"AAA"))
    refused("ESMS-E601", pkcs12.serialize_key_and_certificates(None, None, holder.x509, None, NoEncryption()))


def test_a_key_of_another_kind_is_refused():
    data = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    refused("ESMS-E605", data, certificate=pki.head().pem)


@pki.needs_openssl
def test_the_key_files_that_openssl_writes_are_read(tmp_path):
    """The old forms of PEM, with the parameters of the curve before the key."""
    pki.openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", tmp_path / "cle.pem")
    pki.openssl("req", "-new", "-x509", "-key", tmp_path / "cle.pem", "-subj", "/CN=Essai", "-days", "2", "-out",
                tmp_path / "cert.pem")  # fmt: skip
    data, cert = (tmp_path / "cle.pem").read_bytes(), (tmp_path / "cert.pem").read_bytes()
    assert b"EC PARAMETERS" in data and b"BEGIN EC PRIVATE KEY" in data
    assert load_key(data, certificate=cert).certificate.nom == "Essai"
    pki.openssl("ec", "-in", tmp_path / "cle.pem", "-aes128", "-passout", "pass:essai", "-out", tmp_path / "l.pem")
    locked = (tmp_path / "l.pem").read_bytes()
    refused("ESMS-E602", locked, certificate=cert)
    assert load_key(locked, certificate=cert, password=b"essai").certificate.nom == "Essai"

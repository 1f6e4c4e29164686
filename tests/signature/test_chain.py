"""A path to a trusted authority, at the moment of the signature, or every reason why there is none."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from esms_sdk.signature import certificate, chain
from tests.signature import pki


def judged(signer: pki.Holder, others=(), trusted=(), moment=pki.SIGNED_ON) -> chain.Chain:
    signer, *rest = (certificate.read(one.der) for one in (signer, *others, *trusted))
    return chain.judge(signer, rest[: len(others)], rest[len(others) :], moment)


def refused(*given, **named) -> str:
    found = judged(*given, **named)
    assert (found.etat, found.par) == (chain.MAUVAISE, ())
    return " ; ".join(found.motifs)


def test_a_path_leads_from_the_signer_to_the_root():
    found = judged(pki.head(), [pki.intermediate()], [pki.root()])
    assert (found.etat, [one.nom for one in found.par]) == (
        "bonne", ["Hélène Exemple", "Autorité intermédiaire d'essai", "Autorité racine d'essai"])  # fmt: skip


def test_an_intermediate_may_stand_in_the_file_of_the_reader():
    assert judged(pki.head(), [], [pki.root(), pki.intermediate()]).etat == chain.BONNE
    assert len(judged(pki.head(), [], [pki.intermediate()]).par) == 2


def test_a_self_signed_signer_is_trusted_only_if_the_reader_has_it():
    lone = pki.issue("Seule")
    assert judged(lone, [], [lone]).etat == chain.BONNE
    assert "n'est pas dans le fichier des autorités" in refused(lone, [lone], [pki.root()])


def test_nothing_is_judged_without_authorities_or_without_moment():
    assert judged(pki.head(), [pki.intermediate()]).etat == chain.NON_JUGEE
    found = judged(pki.head(), [pki.intermediate()], [pki.root()], moment=None)
    assert (found.etat, len(found.par)) == (chain.NON_JUGEE, 3)
    refused(pki.head(), [], [pki.root()], moment=None)


def test_a_missing_intermediate_is_named():
    assert "aucun certificat de «CN=Autorité intermédiaire d'essai" in refused(pki.head(), [], [pki.root()])


def test_a_chain_to_another_root_is_refused():
    assert "«Autorité racine d'essai» n'est pas dans le fichier" in refused(
        pki.head(), [pki.intermediate(), pki.root()], [pki.issue("Racine de l'éditeur", ca=True)])  # fmt: skip


def test_a_root_of_the_same_name_with_another_key_is_refused():
    twin = pki.issue("Autorité racine d'essai", ca=True, number=4)
    assert "aucun certificat" in refused(pki.head(), [pki.intermediate()], [twin])


def test_who_is_no_authority_issues_nothing():
    plain = pki.issue("Simple titulaire", pki.root())
    assert "n'est pas une autorité" in refused(pki.issue("Abusé", plain), [plain], [pki.root()])
    old = pki.issue("Sans contraintes", pki.root(), basic=False)
    assert "n'est pas une autorité" in refused(pki.issue("Abusé deux", old), [old], [pki.root()])


def test_an_authority_whose_key_may_not_sign_certificates_issues_nothing():
    wrong = pki.issue("Autorité sans droit", pki.root(), ca=True, key_usage=pki.usage(digital_signature=True))
    assert "n'est pas une autorité" in refused(pki.issue("Abusé trois", wrong), [wrong], [pki.root()])


def test_the_length_of_a_path_is_limited_by_its_authorities():
    below = pki.issue("Sous-autorité", pki.intermediate(), ca=True)
    leaf = pki.issue("Trop bas", below)
    assert "n'admet que 0 autorité" in refused(leaf, [below, pki.intermediate()], [pki.root()])


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (pki.START, pki.SIGNED_ON - timedelta(days=1), "était échu"),
        (pki.SIGNED_ON + timedelta(days=1), pki.END, "n'était pas encore valide"),
    ],
)
def test_an_authority_that_was_not_valid_at_the_moment_is_named(start, end, told):
    other = pki.issue("Autorité hors dates", pki.root(), ca=True, start=start, end=end)
    assert f"«Autorité hors dates» {told}" in refused(pki.issue("Titulaire", other), [other], [pki.root()])
    alone = pki.issue("Racine hors dates", ca=True, start=start, end=end)
    assert f"«Racine hors dates» {told}" in refused(pki.issue("Titulaire deux", alone), [], [alone])


def test_a_weak_link_is_named():
    weak = pki.issue("Autorité faible", pki.root(), ca=True, kind="rsa1024")
    assert "1024 bits" in refused(pki.issue("Titulaire trois", weak), [weak], [pki.root()])
    old = pki.issue("Empreinte ancienne", pki.root(), digest=hashes.SHA224)
    assert "empreinte faible" in refused(old, [], [pki.root()])


def test_the_own_signature_of_a_root_is_not_judged():
    """It proves nothing: the reader has the root."""
    old = pki.issue("Vieille racine", ca=True, kind="rsa2048", digest=hashes.SHA224)
    assert judged(pki.issue("Titulaire quatre", old), [], [old]).etat == chain.BONNE


@pytest.mark.parametrize(
    "extra",
    [
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
        x509.NameConstraints(None, [x509.DNSName("exemple.fr")]),
    ],
    ids=["unknown", "names"],
)
def test_a_critical_constraint_that_is_not_understood_refuses_the_path(extra):
    limited = pki.issue("Autorité contrainte", pki.root(), ca=True, extra=extra)
    assert "ne sait pas juger" in refused(pki.issue("Titulaire cinq", limited), [limited], [pki.root()])


def test_authorities_that_issued_each_other_make_no_endless_path():
    one, two = pki.issue("Boucle A", ca=True), pki.issue("Boucle B", ca=True)
    crossed = [pki.issue("Boucle A", two, ca=True, serial=1), pki.issue("Boucle B", one, ca=True, serial=2)]
    refused(pki.issue("Titulaire six", one), crossed, [pki.root()])


def test_many_authorities_of_one_name_cost_little():
    """Each bears the key of the one that issued: every order of them is a path that leads nowhere."""
    first = pki.issue("Nombreuses", ca=True, number=9)
    same = [pki.issue("Nombreuses", first, ca=True, number=9, serial=number) for number in range(1, 60)]
    begin = time.process_time()
    refused(pki.issue("Titulaire sept", first), same, [pki.root()])
    assert time.process_time() - begin < 5


def test_two_paths_are_tried():
    """The old certificate of an authority is beside the new one of the same key."""
    old = pki.issue("Renouvelée", pki.root(), ca=True, end=pki.SIGNED_ON - timedelta(days=9), serial=3)
    new = pki.issue("Renouvelée", pki.root(), ca=True, serial=4)
    assert judged(pki.issue("Titulaire huit", new), [old, new], [pki.root()]).etat == chain.BONNE

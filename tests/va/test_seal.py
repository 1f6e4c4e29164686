"""A dossier is signed here or elsewhere; whatever is refused, it stays as it was."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from esms_sdk.cli.program import main
from esms_sdk.errors import DossierError, OutputError
from esms_sdk.signature import moment
from esms_sdk.signature.cms import sign as cms_sign
from esms_sdk.va import build as building
from esms_sdk.va import seal
from esms_sdk.va.verification import verify
from tests.signature import pki
from tests.va import sealed

OG, EDITEUR = "manifeste.json.p7s", "manifeste.json.editeur.p7s"


@pytest.fixture
def dossier(tmp_path):
    return sealed.make(tmp_path / "dossier.zip")


@pytest.fixture
def ca(tmp_path):
    path = tmp_path / "ca.pem"
    path.write_bytes(pki.root().pem)
    return path


def sign(path, role="og", holder=None, **named):
    key = (holder or pki.head()).signing(pki.intermediate())
    return seal.sign(path, key=key, role=role, **{"signed_on": pki.SIGNED_ON, **named})


def refused(code: str, path, call) -> DossierError:
    before = path.read_bytes()
    with pytest.raises(DossierError, match=code) as raised:
        call()
    assert path.read_bytes() == before and [one.name for one in path.parent.glob(".*")] == []
    return raised.value


def test_a_signed_dossier_is_verified(dossier, ca):
    made = sign(dossier)
    assert (made.signataire.nom, made.moment, made.role) == ("Hélène Exemple", pki.SIGNED_ON, "og")
    found = verify(dossier, ca)
    assert (found.exit_code, found.manifeste_sha256, found.remarques) == (0, made.manifeste_sha256, ())


def test_the_other_members_keep_their_bytes(dossier):
    before = sealed.read(dossier)
    sign(dossier)
    sign(dossier, "editeur", pki.vendor())
    after = sealed.read(dossier)
    assert set(after) - set(before) == {OG, EDITEUR}
    assert {name: after[name] for name in before} == before


def test_without_its_signature_the_zip_is_the_one_that_was_built(dossier, tmp_path):
    before = dossier.read_bytes()
    sign(dossier)
    assert (
        sealed.write(tmp_path / "sans.zip", {n: d for n, d in sealed.read(dossier).items() if n != OG}).read_bytes()
        == before
    )


def test_the_same_rsa_key_and_moment_give_the_same_zip(dossier, tmp_path):
    for name in ("un.zip", "deux.zip"):
        sign(dossier, holder=pki.head("rsa2048"), out=tmp_path / name)
    assert (tmp_path / "un.zip").read_bytes() == (tmp_path / "deux.zip").read_bytes() != dossier.read_bytes()


def test_out_leaves_the_first_dossier_alone_and_replaces_only_when_asked(dossier, tmp_path, ca):
    before, out = dossier.read_bytes(), tmp_path / "signe.zip"
    sign(dossier, out=out)
    assert dossier.read_bytes() == before and verify(out, ca).exit_code == 0
    with pytest.raises(OutputError, match="ESMS-E501"):
        sign(dossier, out=out)
    sign(dossier, out=out, force=True)


def test_out_may_name_the_dossier_itself(dossier, ca):
    sign(dossier, out=dossier.parent / "." / "dossier.zip")
    assert verify(dossier, ca).exit_code == 0


def test_a_signature_of_the_same_role_is_replaced_only_when_asked(dossier, ca):
    sign(dossier)
    refused("ESMS-E614", dossier, lambda: sign(dossier))
    sign(dossier, "editeur", pki.vendor())
    later = pki.SIGNED_ON + timedelta(days=1)
    sign(dossier, signed_on=later, force=True)
    found = verify(dossier, ca)
    assert [(one.role, one.examen.moment) for one in found.signatures] == [("og", later), ("editeur", pki.SIGNED_ON)]


def test_a_dossier_that_is_not_signable_gets_a_seal_and_no_signature(tmp_path):
    path = sealed.make(tmp_path / "d.zip", signable=False)
    assert "--role editeur" in refused("ESMS-E613", path, lambda: sign(path)).hint
    sign(path, "editeur", pki.vendor())
    assert verify(path).exit_code == 3


def test_an_altered_dossier_is_not_signed_and_says_where(dossier):
    sealed.change(dossier, attestation_html=b"<p>100 %</p>", ajout_txt=b"x")
    fault = refused("ESMS-E612", dossier, lambda: sign(dossier))
    assert [one.fichier for one in fault.faults] == ["ajout.txt", "attestation.html"]


@pytest.mark.parametrize("when", [pki.START - timedelta(seconds=1), pki.END + timedelta(seconds=1)])
def test_a_certificate_that_is_not_valid_at_the_moment_signs_nothing(dossier, when):
    refused("ESMS-E606", dossier, lambda: sign(dossier, signed_on=when))


def test_a_moment_before_the_measure_signs_nothing(tmp_path):
    path = sealed.make(tmp_path / "d.zip", mesure_le="2025-10-03")
    assert "avant la date de mesure (03/10/2025)" in refused("ESMS-E620", path, lambda: sign(path)).message
    sign(path, signed_on=pki.SIGNED_ON + timedelta(days=1))


@pytest.mark.skipif(os.name == "nt", reason="Windows knows one mode only")
def test_a_dossier_keeps_its_mode_when_it_is_signed_in_its_place(dossier, tmp_path):
    for mode, role in ((0o600, "og"), (0o640, "editeur")):
        dossier.chmod(mode)
        sign(dossier, role)
        assert stat.S_IMODE(dossier.stat().st_mode) == mode
    sign(dossier, out=tmp_path / "x" / "d.zip", force=True)


def test_a_dossier_that_is_read_only_is_not_written_again(dossier, tmp_path):
    dossier.chmod(0o444)
    assert "--out" in refused("ESMS-E619", dossier, lambda: sign(dossier)).hint
    sign(dossier, out=tmp_path / "signe.zip")
    dossier.chmod(0o644)


def test_a_path_is_told_as_it_was_given(dossier):
    with pytest.raises(DossierError, match=r"ESMS-E601.*illisible : \. \("):
        seal.open_key(Path())
    with pytest.raises(DossierError, match=r"ESMS-E611.*illisible : \. \("):
        sign(Path())


def test_what_is_no_dossier_is_not_signed(tmp_path):
    with pytest.raises(DossierError, match="ESMS-E611"):
        sign(tmp_path / "absent.zip")
    with pytest.raises(DossierError, match="ESMS-E610"):
        sign(sealed.write(tmp_path / "autre.zip", {"a.txt": b"x"}))


def test_the_moment_is_that_of_the_clock_when_none_is_told(dossier, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: pki.SIGNED_ON)
    assert sign(dossier, signed_on=None).moment == pki.SIGNED_ON
    monkeypatch.undo()
    assert (moment.now().tzinfo, moment.now().microsecond) == (pki.SIGNED_ON.tzinfo, 0)


def test_a_moment_is_kept_in_utc(dossier):
    paris = timezone(timedelta(hours=2))
    assert sign(dossier, signed_on=datetime(2025, 10, 2, 9, 30, 0, 5, paris)).moment == pki.SIGNED_ON


def test_a_signed_dossier_is_never_built_again_in_its_place(dossier, capsys):
    build = ("va", "build", "absent", "--order", "absente.toml", "--measured-on", "2025-09-30", "--force", "--out")
    main([*build, str(dossier)])
    assert "ESMS-E646" not in capsys.readouterr().err
    for role, holder, member in (("editeur", pki.vendor(), EDITEUR), ("og", pki.head(), OG)):
        sign(dossier, role, holder)
        before = dossier.read_bytes()
        assert main([*build, str(dossier)]) == 2 and dossier.read_bytes() == before
        told = capsys.readouterr().err
        assert "[ESMS-E646]" in told and member in told and "--out" in told


def test_a_dossier_that_is_signed_while_it_is_built_again_is_not_replaced(dossier, tmp_path, monkeypatch):
    sign(dossier, out=tmp_path / "signe.zip")

    @contextmanager
    def computed(request):
        dossier.write_bytes((tmp_path / "signe.zip").read_bytes())
        yield SimpleNamespace(contents=None)

    monkeypatch.setattr(building, "computed", computed)
    monkeypatch.setattr(building, "_write_members", lambda *given: ([], []))
    monkeypatch.setattr(building, "manifest", lambda *given: {})
    with pytest.raises(DossierError, match="ESMS-E646"):
        building.build(None, dossier, force=True)
    assert OG in sealed.read(dossier)


# -- made elsewhere ------------------------------------------------------------------------------------------------


def content(dossier) -> bytes:
    return sealed.read(dossier)["manifeste.json"]


def test_what_is_to_be_signed_is_the_manifest(dossier, tmp_path):
    prepared = seal.prepare(dossier, out=tmp_path / "a-signer.json")
    assert prepared.fichier.read_bytes() == content(dossier)
    assert (prepared.manifeste_sha256, prepared.signable) == (verify(dossier).manifeste_sha256, True)
    with pytest.raises(OutputError, match="ESMS-E501"):
        seal.prepare(dossier, out=tmp_path / "a-signer.json")


@pki.needs_openssl
@pytest.mark.parametrize("form", ["DER", "PEM"])
def test_a_signature_made_by_openssl_is_put_in(form, dossier, tmp_path, ca):
    holder = pki.issue("Helene Exemple", pki.intermediate(), end=datetime(2100, 1, 1, tzinfo=pki.START.tzinfo))
    files = pki.write(tmp_path, cert_pem=holder.pem, cle_pem=holder.key_pem(), chaine_pem=pki.intermediate().pem)
    seal.prepare(dossier, out=tmp_path / "m.json")
    pki.openssl("cms", "-sign", "-binary", "-md", "sha256", "-in", tmp_path / "m.json", "-signer", files["cert_pem"],
                "-inkey", files["cle_pem"], "-certfile", files["chaine_pem"], "-outform", form,
                "-out", tmp_path / "s.p7s")  # fmt: skip
    seal.attach(dossier, tmp_path / "s.p7s", role="og")
    assert sealed.read(dossier)[OG][:1] == b"\x30"
    (found,) = verify(dossier).signatures
    assert (found.role_declare, found.differences, verify(dossier).exit_code) == (True, (), 3)
    assert "rôle déclaré" in verify(dossier).remarques[0]


def attach(dossier, data: bytes, role="og", **named):
    path = dossier.parent / "s.p7s"
    path.write_bytes(data)
    return seal.attach(dossier, path, role=role, **named)


def test_a_signature_over_another_manifest_is_not_put_in(dossier):
    other = cms_sign(b"{}", pki.head().signing(), "og", pki.SIGNED_ON)
    (fault,) = refused("ESMS-E615", dossier, lambda: attach(dossier, other)).faults
    assert fault.code == "AUTRE_MANIFESTE"


def test_a_signature_that_tells_another_role_is_not_put_in(dossier):
    data = cms_sign(content(dossier), pki.vendor().signing(), "editeur", pki.SIGNED_ON)
    (fault,) = refused("ESMS-E615", dossier, lambda: attach(dossier, data)).faults
    assert fault.code == "ROLE"
    assert attach(dossier, data, "editeur").role == "editeur"
    refused("ESMS-E614", dossier, lambda: attach(dossier, data, "editeur"))
    attach(dossier, data, "editeur", force=True)


def test_what_is_no_signature_is_not_put_in(dossier):
    refused("ESMS-E615", dossier, lambda: attach(dossier, b"rien"))
    refused("ESMS-E615", dossier, lambda: seal.attach(dossier, dossier.parent / "absent.p7s", role="og"))


def test_nothing_is_put_in_as_a_signature_of_a_dossier_that_is_not_signable(tmp_path):
    path = sealed.make(tmp_path / "d.zip", signable=False)
    data = cms_sign(content(path), pki.head().signing(), "og", pki.SIGNED_ON)
    refused("ESMS-E613", path, lambda: attach(path, data))

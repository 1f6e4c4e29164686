"""INS: the OID says NIR or NIA, and whether the identity is real."""

from __future__ import annotations

from esms_sdk.identifiers import ins


def test_the_matricule_is_a_nir_with_its_key() -> None:
    assert ins.validate("2 87 08 08 837 957 37") == "287080883795737"
    assert not ins.is_valid("147720425367411")


def test_production_and_test_are_told_apart() -> None:
    modes = {oid.rsplit(".", 1)[1]: (said.nature, said.mode) for oid, said in ins.OIDS.items()}
    assert modes == {
        "8": ("NIR", "production"),
        "9": ("NIA", "production"),
        "10": ("NIR", "test"),
        "11": ("NIR", "test"),
    }


def test_the_oid_of_the_old_ins_c_is_none_of_them() -> None:
    assert not ins.is_known_oid("1.2.250.1.213.1.4.2")
    assert not ins.is_test_oid("1.2.250.1.213.1.4.2")

"""The payload of an invented INS datamatrix, written by hand, and its one-defect twins (format v2.2 of the guide)."""

from __future__ import annotations

from collections.abc import Mapping

GS = "\x1d"
PAYLOAD = (
    "IS01" + "0" * 22 + f"S1238020010100084S21.2.250.1.213.1.4.10S3AGATHE ROSE{GS}S4CHIMERE{GS}S5FS614-02-1938S700101"
)  # fmt: skip
TWINS: Mapping[str, tuple[str, str]] = {
    "ENTETE": ("IS01", "IS02"),
    "CHAMP_MANQUANT": ("S5F", ""),
    "CHAMP_INCONNU": ("S700101", "S700101S9X"),
    "ORDRE": ("S5FS614-02-1938", "S614-02-1938S5F"),
    "LONGUEUR": ("S1238020010100084", "S123802001010008"),
    "VALEUR": ("S5F", "S5X"),
    "SEPARATEUR": (f"AGATHE ROSE{GS}", "AGATHE ROSE"),
    "CLE": ("238020010100084", "238020010100099"),
    "OID": ("1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.99"),
    "OID_AUTRE_MODE": ("1.2.250.1.213.1.4.10", f"1.2.250.1.213.1.4.8{GS}"),
}
"""By code of ESMS-INS-12: what is replaced, and by what."""

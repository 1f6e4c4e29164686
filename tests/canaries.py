"""Canaries: an identity that nothing may repeat, planted in inputs, and the search for it in everything written."""

from __future__ import annotations

import gzip
import io
import json
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb

from tests.adapter.sources.workbooks import xlsx
from tests.lots import EHPAD, EJ, write_lot

ROOT = Path(__file__).resolve().parent.parent
NAME, FIRST, PLACE, LABEL = "ZCANARINE", "OISELINA", "VOLIERE-LES-BAINS", "ZCANARINE Oiselina"
BODY, BORN = "1371172909104", "1937-11-23"
MATRICULE = f"{BODY}99"  # its key is wrong, so that it gets reported
KEYS = ("253072A07300443", "160027512345613")  # persons whose record has the matricule for a key
# What nothing may hold: digits are looked for whatever stands between them.
DIGITS = (BODY, *(key[:13] for key in KEYS), "19371123", "23111937")
WORDS = (NAME, FIRST, "VOLIERE")
_BETWEEN = re.compile(r"(?<=[0-9AB])[\s./_:-]+(?=[0-9AB])")

HEAD = ("N", "Usager", "Matricule", "OID", "Nom", "Prenoms", "Premier", "Sexe", "Ne", "Lieu", "Entree", "Maj", "Statut")
OID = "1.2.250.1.213.1.4.10"
_PERSON = (OID, NAME, f"{FIRST} ANNE", FIRST)
ROWS: tuple[tuple[str, ...], ...] = (
    ("S1", "U1", MATRICULE, *_PERSON, "M", BORN, PLACE, "01/02/2025", "10/09/2025", "QUAL"),
    ("S2", KEYS[0], MATRICULE, *_PERSON, "M", "23/11/1937", PLACE, "31/02/2025", "10/09/2025", "QUAL"),  # a date
    (KEYS[1], KEYS[1], "", *_PERSON, "M", BORN, "99104", "01/02/2025", "10/09/2025", "QUAL"),
    ("S4", "U4", MATRICULE, *_PERSON, MATRICULE, BORN, PLACE, "01/03/2025", "10/09/2025", "QUAL"),  # a label
    ("S5", "U5", MATRICULE, *_PERSON, "F", BORN, PLACE, LABEL, MATRICULE, "QUAL"),  # no dates at all
    ("S1", "U1", MATRICULE, *_PERSON, "M", BORN, PLACE, "01/02/2025", "10/09/2025", "QUAL"),  # twice
)
_ADAPTER = """\
[adapter]
nom = "volee"
titre = "Volée"
version = "1"

[lot]
editeur = "Essai"
logiciel = "Essai"
version_logiciel = "1"
date_extraction = "2025-10-01T06:30:00"
perimetre = ["000000117"]
non_fourni = ["projet_personnalise", "statut_projet", "evenement"]
periode_couverte_debut = "2025-01-01"
periode_couverte_fin = "2025-09-30"
journal_maj_complet = true
historique_statuts_complet = true
mode = "test"

[source.structures]
fichiers = ["structures.csv"]
[source.suivis]
{source}

[table.organisme]
source = "structures"
colonnes = {{ finess_ej = "EJ", raison_sociale = "Nom" }}
[table.etablissement]
source = "structures"
colonnes = {{ finess_et = "ET", finess_ej = "EJ", denomination = "Nom" }}
[table.usager]
source = "suivis"
[table.usager.colonnes]
usager_id = "Usager"
matricule_ins = "Matricule"
oid_ins = "OID"
nom_naissance = "Nom"
prenoms_naissance = "Prenoms"
premier_prenom = "Premier"
sexe = {{ colonne = "Sexe", codes = {{ M = "M", F = "F" }} }}
date_naissance = "Ne"
lieu_naissance_cog = "Lieu"
statut_identite = {{ colonne = "Statut", codes = {{ QUAL = "QUAL" }} }}
[table.sejour]
source = "suivis"
[table.sejour.colonnes]
sejour_id = "N"
usager_id = "Usager"
finess_et = {{ valeur = "000000117" }}
date_entree = {{ colonne = "Entree", formats = ["%d/%m/%Y"] }}
[table.dossier]
source = "suivis"
[table.dossier.colonnes]
dossier_id = "N"
usager_id = "Usager"
finess_et = {{ valeur = "000000117" }}
date_creation = {{ colonne = "Entree", formats = ["%d/%m/%Y"] }}
[table.mise_a_jour]
source = "suivis"
[table.mise_a_jour.colonnes]
dossier_id = "N"
date_maj = {{ colonne = "Maj", formats = ["%d/%m/%Y"] }}
origine = {{ valeur = "UTILISATEUR" }}
"""
SOURCES = {
    "csv": 'fichiers = ["suivis.csv"]',
    "excel": 'format = "excel"\nfichiers = ["*.xlsx"]',
    "json": 'format = "json"\nfichiers = ["*.json"]',
    "sql": 'format = "sql"\nfichiers = ["*.sqlite"]\ntable = "suivis"',
}


# -- planting ----------------------------------------------------------------------------------------------------------


def export(kind: str, folder: Path) -> tuple[Path, str, tuple[str, ...]]:
    """Write an export of one kind; return it, its adapter and what the import needs besides."""
    folder.mkdir(parents=True)
    given = folder / "sample"
    given.mkdir()
    if kind in SOURCES:
        (folder / "adapter.toml").write_text(_ADAPTER.format(source=SOURCES[kind]), encoding="utf-8")
        (given / "structures.csv").write_text("ET;EJ;Nom\n000000117;000000018;Les Tilleuls\n", encoding="utf-8")
        _WRITERS[kind](given)
        return given, str(folder), ()
    keys = ("editeur=E", "logiciel=L", "version_logiciel=1", "periode_couverte_debut=2024-01-01")
    _tddui(kind, given)
    return given, kind, tuple(word for key in keys for word in ("--lot-set", key))


def _csv(folder: Path) -> None:
    lines = [";".join(row) for row in (HEAD, *ROWS)] + [f"{NAME};{MATRICULE};{BORN}"]  # the last one is cut short
    (folder / "suivis.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _excel(folder: Path) -> None:
    xlsx(folder / "suivis.xlsx", {"Suivis": [list(HEAD), *map(list, ROWS)]})


def _json(folder: Path) -> None:
    records = [dict(zip(HEAD, row, strict=True)) for row in ROWS]
    (folder / "suivis.json").write_text(json.dumps(records), encoding="utf-8")


def _sqlite(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "suivis.sqlite")) as con:
        con.execute(f"create table suivis ({', '.join(HEAD)})")
        con.executemany(f"insert into suivis values ({', '.join('?' * len(HEAD))})", ROWS)
        con.commit()


_WRITERS = {"csv": _csv, "excel": _excel, "json": _json, "sql": _sqlite}


def _tddui(kind: str, folder: Path) -> None:
    """The sample of the adapter, whose persons are all the canary, and once more with its dates out of shape."""
    for path in sorted((ROOT / "adapters" / kind / "sample").iterdir()):
        text = path.read_text(encoding="utf-8")
        for pattern, value in _IDENTITY[kind]:
            text = re.sub(pattern, value, text)
        (folder / path.name).write_text(text, encoding="utf-8")
        if path.suffix in (".xml", ".ndjson"):
            broken = re.sub(r"2025(-?)0[1-9]", rf"{NAME}\g<1>13", text).replace("L-200", BODY).replace("S-05", BODY)
            (folder / f"b-{path.name}").write_text(broken, encoding="utf-8")


_IDENTITY = {
    "tddui_fhir": (
        (r'("family": )"[A-Z -]+"', rf'\1"{NAME}"'),
        (r'("given": )\[[^]]*\]', rf'\1["{FIRST}"]'),
        (r'("birthDate": )"[^"]*"', rf'\1"{BORN}"'),
        (r'("system": "urn:oid:1.2.250.1.213.1.4.10", "value": )"[^"]*"', rf'\1"{MATRICULE}"'),
    ),
    "tddui_cda": (
        (r'(<family qualifier="BR">)[^<]*', rf"\g<1>{NAME}"),
        (r'(<given qualifier="BR">)[^<]*', rf"\g<1>{FIRST}"),
        (r'(<birthTime value=)"[^"]*"', r'\1"19371123"'),
        (r'(<id root="1.2.250.1.213.1.4.10" extension=)"[^"]*"', rf'\1"{MATRICULE}"'),
    ),
}


def lot(folder: Path) -> Path:
    """Write a lot read as it is: every key of it is a matricule, and much of it is wrong."""
    traits = {
        "statut_identite": "QUAL", "matricule_ins": MATRICULE, "oid_ins": OID, "nom_naissance": NAME, "sexe": "F",
        "prenoms_naissance": f"ANNE {FIRST}", "premier_prenom": FIRST, "date_naissance": BORN, "nom_utilise": NAME,
        "prenom_utilise": FIRST, "lieu_naissance_cog": PLACE, "attributs_identite": "FICT DOUT",
        "date_deces": "2025-02-01",
    }  # fmt: skip
    who = {"usager_id": KEYS[0]}
    here, sent = {**who, "finess_et": EHPAD}, {"resultat": "SUCCES", "ins_qualifiee": True, "rpps": BODY[:11]}
    late = "2031-09-11T10:00:00"
    return write_lot(
        folder,
        {"editeur": "Essai", "non_fourni": []},
        organisme=[{"finess_ej": EJ, "raison_sociale": "Essai"}],
        etablissement=[{"finess_et": EHPAD, "finess_ej": EJ, "denomination": "Les Tilleuls"}],
        usager=[{**who, **traits}, {"usager_id": KEYS[1], **traits}],
        historique_identite=[{**who, "horodatage": late, "statut_identite": "PROV", "matricule_present": True, "empreinte_traits": "x"}],
        sejour=[{**here, "sejour_id": f"{KEYS[0]}-{n}", "date_entree": "2024-01-01"} for n in range(3)],
        dossier=[{**here, "dossier_id": f"{KEYS[0]}-{n}", "date_creation": "2031-01-01"} for n in range(3)],
        mise_a_jour=[{"dossier_id": f"{KEYS[0]}-1", "date_maj": "2031-09-10", "origine": "UTILISATEUR"}],
        projet_personnalise=[{"projet_id": KEYS[1], "dossier_id": f"{KEYS[0]}-1"}],
        evenement=[{"evenement_id": KEYS[1], "dossier_id": f"{KEYS[0]}-1", "date_debut": "1831-09-10", "statut": "TERMINE"}],
        document=[{**here, "document_id": KEYS[1], "type_code": "18842-5", "date_creation": "2031-01-01", "date_validation": "2024-01-01", "confidentialite": "Z"}],
        envoi=[
            {**here, **sent, "envoi_id": KEYS[1], "canal": "DMP", "document_id": KEYS[1], "horodatage": late, "operation": "REMPLACEMENT"},
            {**here, **sent, "envoi_id": f"{KEYS[1]}-2", "canal": "MSS_CITOYENNE", "message_id": KEYS[0], "horodatage": late},
        ],
        appel_insi=[{**here, "appel_id": KEYS[1], "horodatage": late, "operation": "RECHERCHE", "resultat": "SUCCES"}],
        reception=[{**here, "reception_id": KEYS[1], "canal": "DMP", "horodatage": late, "integre": False}],
        opposition=[{**who, "canal": "DMP", "date_debut": "2024-01-01"}, {**who, "canal": "MSS_CITOYENNE", "date_debut": "2024-01-01"}],
    )  # fmt: skip


def patient(path: Path) -> Path:
    """Write a FHIR Patient that breaks many a rule."""
    line = (ROOT / "adapters/tddui_fhir/sample/sessad.ndjson").read_text(encoding="utf-8").splitlines()[0]
    for pattern, value in _IDENTITY["tddui_fhir"]:
        line = re.sub(pattern, value, line)
    record = json.loads(line)
    record["id"] = KEYS[0]
    record["gender"] = LABEL
    record["name"].append({"use": "usual", "text": LABEL})
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def cda(path: Path) -> Path:
    """Write a CDA whose every personal part is a canary, with some of its codes and dates wrong."""
    text = (ROOT / "tests/documents/entete.xml").read_text(encoding="utf-8")
    for pattern, value in (
        ("238027500100188", MATRICULE), ("IPP-1", KEYS[0]), ("DESSAI", NAME), ("JEANNE", FIRST), ("EXEMPLE", NAME),
        ("19380214", BORN.replace("-", "")), ("Document inventé", LABEL), ("75101", PLACE),
        (r'(<id root="1.2.250.1.999.1.1")', rf'\1 extension="{MATRICULE}"'), ('languageCode code="fr-FR"', f'languageCode code="{LABEL}"'),
    ):  # fmt: skip
        text = re.sub(pattern, value, text)
    path.write_text(text, encoding="utf-8")
    return path


def spoiled(archive: Path) -> None:
    """Change what the metadata of an IHE_XDM say, and add a file with a name that tells of a person."""
    with zipfile.ZipFile(archive) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    name = "IHE_XDM/SUBSET01/METADATA.XML"
    text = files[name].decode("utf-8").replace(MATRICULE, KEYS[1], 2).replace(f'value="{LABEL}"', f'value="{NAME}"')
    text = re.sub(r'nodeRepresentation="[^"]+"', f'nodeRepresentation="{LABEL}"', text)
    text = re.sub(r"<rim:Value>\d{8,14}</rim:Value>", f"<rim:Value>{BORN}</rim:Value>", text)
    files[name] = text.encode("utf-8")
    files[f"IHE_XDM/SUBSET01/{NAME}.TXT"] = LABEL.encode("utf-8")
    with zipfile.ZipFile(archive, "w") as made:
        for one, data in files.items():
            made.writestr(one, data)


def publication(folder: Path) -> Path:
    """Write an indicator file whose cells hold what they should not."""
    lines = ("FINESS;Indicateur;Num;Den;Taux", f"{EHPAD};taux_dossiers_actifs;{MATRICULE};{BORN};{LABEL}", f"{NAME};{LABEL};1;2;50", f"{MATRICULE};taux_dmp;1;2;50 %")  # fmt: skip
    (folder / "publie.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = folder / "publication.toml"
    path.write_text(
        '[publication]\ntype = "indicateurs"\nfichier = "publie.csv"\nmesure_le = 2025-09-30\n\n[colonnes]\n'
        'finess_et = "FINESS"\nindicateur = "Indicateur"\nnumerateur = "Num"\ndenominateur = "Den"\ntaux = "Taux"\n',
        encoding="utf-8",
    )
    return path


# -- searching ---------------------------------------------------------------------------------------------------------


def told(text: str) -> list[str]:
    """Return the canaries that a text holds, whatever its case, accents, and spaces between digits."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.upper()) if not unicodedata.combining(c))
    digits = _BETWEEN.sub("", plain)
    return [word for word in WORDS if word in plain] + [digit for digit in DIGITS if digit in digits]


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield a file as texts, each member of an archive for itself."""
    yield name, name
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from texts(f"{name}!{member}", archive.read(member))
    elif content.startswith(b"\x1f\x8b"):
        yield from texts(f"{name}!", gzip.decompress(content))
    elif content.startswith(b"\x00") or b"\x00" in content[:100]:
        yield name, content.decode("utf-16", "replace")
        yield name, content.decode("latin-1")
    else:
        yield name, content.decode("utf-8", "replace")


def table(path: Path) -> Iterator[tuple[str, str]]:
    """Yield a Parquet file, or a database of the engine, as text: both are compressed."""
    with duckdb.connect() as con:
        yield path.name, str(con.execute("select * from read_parquet(?)", [str(path)]).fetchall())


def found_in(path: Path) -> list[str]:
    """Return where a file holds a canary, its own name included."""
    several = table(path) if path.suffix == ".parquet" else texts(path.name, path.read_bytes())
    return [f"{name}: {canary}" for name, text in several for canary in told(text)]

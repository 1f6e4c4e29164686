"""No message of a refused lot repeats a value of a record."""

from __future__ import annotations

from esms_sdk.lot import load

MATRICULE = "255077300444799"
NAME = "Zébulon-Canari"
PLANTED = (MATRICULE, NAME, MATRICULE[:8], "Canari", "canari")


def _silent(small) -> None:
    refused = small.refusal()
    said = str(refused) + repr(refused) + "".join(map(repr, refused.faults))
    for planted in PLANTED:
        assert planted not in said


def test_no_value_of_a_cell_is_repeated(small):
    for table in load().tables.values():
        columns = list(table.columns)
        rows = [";".join(value for _ in columns) for value in (MATRICULE, NAME, f'"{NAME}\n{MATRICULE}"')]
        rows += [f"{MATRICULE};{NAME}", f'"{NAME};{MATRICULE}', ";".join([NAME] * (len(columns) + 3))]
        small.csv[table.name] = "\n".join([";".join(columns), *rows, *rows]) + "\n"
    _silent(small)


def test_no_value_that_stands_for_a_column_is_repeated(small):
    small.csv["usager"] = f"{MATRICULE};{NAME};2025-01-01\n"
    small.csv["sejour"] = f"sejour_id;{MATRICULE};{NAME};{NAME}\nS1;U1;;\n"
    small.csv["organisme"] = f'"{NAME}\n{MATRICULE};finess_ej'
    small.parquet(
        "evenement.parquet", f"select 1 as \"{NAME}\", 2 as \"{MATRICULE}\", '{NAME}'::enum('{NAME}') as date_debut"
    )
    small.parquet("dossier.parquet", f"select {{'{NAME}': 1}} as date_creation, '{NAME}' as dossier_id")
    _silent(small)


def test_no_value_in_a_parquet_file_is_repeated(small):
    for table in load().tables.values():
        typed = [f"'{NAME}'::varchar as {c.name}" for c in table.columns.values()]
        small.parquet(f"{table.name}.parquet", "select " + ", ".join(typed) + " from range(2)")
    _silent(small)


def test_no_value_in_the_manifest_is_repeated(small):
    for name in load().manifest:
        small.manifest[name] = {NAME: MATRICULE}
    small.manifest |= {
        NAME: 1,
        MATRICULE: 2,
        "perimetre": [MATRICULE, NAME, NAME],
        "non_fourni": [NAME, f"usager.{MATRICULE}"],
        "couverture": {NAME: 1, "sejour": {NAME: MATRICULE}},
        "import": {"sources": NAME},
    }
    _silent(small)
    small.manifest |= {"perimetre": [MATRICULE, NAME]}
    _silent(small)


def test_no_value_that_stands_in_bytes_that_are_not_utf8_is_repeated(small):
    small.csv["usager"] = f"usager_id;nom_naissance\nU1;{NAME}\n".encode("cp1252")
    small.write()
    (small.folder / "manifeste.json").write_bytes(f'{{"editeur": {NAME}}}'.encode())
    small.csv["organisme"] = f"finess_ej;raison_sociale\n{NAME};{MATRICULE}\x00\x01\n"
    _silent(small)


def test_a_file_named_after_a_matricule_is_masked(small):
    small.csv[MATRICULE] = "a\n"
    small.folder.mkdir()
    (small.folder / f"dossier {MATRICULE}").mkdir()
    _silent(small)

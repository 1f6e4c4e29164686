"""What a cell becomes that holds a date or a time: formats, zones, dates of birth."""

from __future__ import annotations

from datetime import datetime


def calls(export, cells: list[str], rule: str, *, more: str = "") -> list[tuple[str, object]]:
    """Import one ``appel_insi`` a cell, its ``horodatage`` by ``rule``; return the accepted ranks and times."""
    rows = "N;QUAND;FUSEAU\n" + "".join(f"{i};{cell}\n" for i, cell in enumerate(cells))
    export.feed(
        "appel_insi", rows=rows, appel_id='"N"', finess_et='{ valeur = "000000117" }', horodatage=rule,
        operation='{ valeur = "RECHERCHE" }', resultat='{ valeur = "SUCCES" }',
    )  # fmt: skip
    export.head += more
    export.run()
    return sorted(export.rows("appel_insi", "appel_id, horodatage"))


def test_a_date_and_a_time_are_iso_unless_a_format_is_declared(export):
    cells = [
        "2025-03-01T10:20:30;",
        "2025-03-01 10:20:30;",
        "2025-3-1 9:5:0;",
        "01/03/2025 10:20;",
        "2025-03-01;",
        "10:20;",
        ";",
    ]
    assert calls(export, cells, '"QUAND"') == [
        ("0", datetime(2025, 3, 1, 10, 20, 30)),
        ("1", datetime(2025, 3, 1, 10, 20, 30)),
        ("2", datetime(2025, 3, 1, 9, 5)),
    ]
    assert export.rejects("ligne", "code", "colonne", "valeur_masquee") == [
        ("5", "TYPE_INVALIDE", "horodatage", "99/99/9999 99:99"),
        ("6", "TYPE_INVALIDE", "horodatage", "9999-99-99"),
        ("7", "TYPE_INVALIDE", "horodatage", "99:99"),
        ("8", "COLONNE_REQUISE", "horodatage", ""),
    ]


FORMATS = [
    ("%d/%m/%Y %H:%M", "31/12/2025 23:30", datetime(2025, 12, 31, 23, 30)),
    ("%d/%m/%Y %H:%M", "1/2/2025 3:04", datetime(2025, 2, 1, 3, 4)),
    ("%d/%m/%Y %H:%M:%S", "01/02/2025 03:04:05", datetime(2025, 2, 1, 3, 4, 5)),
    ("%d/%m/%y", "01/02/25", datetime(2025, 2, 1)),
    ("%Y%m%d%H%M%S", "20250201030405", datetime(2025, 2, 1, 3, 4, 5)),
    ("%Y%m%d", "20250201", datetime(2025, 2, 1)),
    ("%d %b %Y", "01 feb 2025", datetime(2025, 2, 1)),
    ("%m/%d/%Y %I:%M %p", "02/01/2025 11:30 PM", datetime(2025, 2, 1, 23, 30)),
    ("%Y-%m-%d %H:%M:%S.%f", "2025-02-01 03:04:05.678", datetime(2025, 2, 1, 3, 4, 5)),
    ("%Y-%j", "2025-032", datetime(2025, 2, 1)),
    ("le %d.%m.%Y", "le 01.02.2025", datetime(2025, 2, 1)),
    ("%d/%m/%Y", "31/02/2025", None),
    ("%d/%m/%Y", "01/02/2025 10:00", None),
    ("%d/%m/%Y", "01/02/25", None),
    ("%d/%m/%Y", "01/02/0025", None),
    ("%d/%m/%Y", "1/2/20255", None),
    ("%d/%m/%Y", "02/13/2025", None),
    ("%d/%m/%Y", "00/00/0000", None),
    ("%Y-%m-%d %H:%M:%S", "2025-02-01 24:00:00", None),
    ("%Y-%m-%d", "infinity", None),
    ("%Y-%m-%d", "-infinity", None),
    ("%Y-%m-%d %H:%M:%S", "epoch", None),
    ("%Y-%m-%d", "today", None),
]


def test_each_format_reads_what_it_says_and_nothing_else(export):
    formats = sorted({one for one, _, _ in FORMATS})
    export.files["formats.csv"] = "N;QUAND\n" + "".join(f"{i};{text}\n" for i, (_, text, _) in enumerate(FORMATS))
    export.sources["formats"] = 'fichiers = ["formats.csv"]'
    blocks = []
    for one in formats:
        ranks = ", ".join(f"'{i}'" for i, case in enumerate(FORMATS) if case[0] == one)
        blocks.append(
            f'[[table.appel_insi]]\nsource = "formats"\necarter.autre = "N not in ({ranks})"\n'
            '[table.appel_insi.colonnes]\nappel_id = "N"\nfiness_et = { valeur = "000000117" }\n'
            f'horodatage = {{ colonne = "QUAND", formats = ["{one}"] }}\n'
            'operation = { valeur = "RECHERCHE" }\nresultat = { valeur = "SUCCES" }\n'
        )
    export.tables["appel_insi"] = "\n".join(blocks)
    export.run()
    found = dict(export.rows("appel_insi", "appel_id, horodatage"))
    assert {i: found.get(str(i)) for i in range(len(FORMATS))} == {i: case[2] for i, case in enumerate(FORMATS)}
    assert {code for (code,) in export.rejects("code")} == {"TYPE_INVALIDE"}


def test_the_first_format_that_fits_is_the_one(export):
    rule = '{ colonne = "QUAND", formats = ["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"] }'
    assert [when for _, when in calls(export, ["02/03/2025;", "02/13/2025;", "2025-02-03;"], rule)] == [
        datetime(2025, 3, 2), datetime(2025, 2, 13), datetime(2025, 2, 3),
    ]  # fmt: skip


def test_a_time_with_an_offset_becomes_the_civil_time_of_the_adapter(export):
    rule = '{ colonne = "QUAND", formats = ["%Y-%m-%dT%H:%M:%S%z"] }'
    cells = ["2025-01-15T23:30:00Z;", "2025-07-15T22:30:00+00:00;", "2025-07-15T22:30:00+0200;",
    "2025-07-15T22:30:00-04;",
             "2025-03-30T00:59:59Z;", "2025-03-30T01:00:00Z;", "2025-10-26T00:30:00Z;", "2025-10-26T01:30:00Z;",
             "2025-07-15T22:30:00;"]  # fmt: skip
    assert [when for _, when in calls(export, cells, rule)] == [
        datetime(2025, 1, 16, 0, 30), datetime(2025, 7, 16, 0, 30), datetime(2025, 7, 15, 22, 30),
        datetime(2025, 7, 16, 4, 30),
        datetime(2025, 3, 30, 1, 59, 59), datetime(2025, 3, 30, 3, 0), datetime(2025, 10, 26, 2, 30),
        datetime(2025, 10, 26, 2, 30),
    ]  # fmt: skip
    assert export.rejects("ligne", "code") == [("10", "TYPE_INVALIDE")]


def test_the_zone_may_be_another_for_a_column_or_for_each_row(export):
    cells = ["2025-01-15T23:30:00Z;America/Martinique", "2025-01-15T23:30:00Z; Indian/Reunion ",
    "2025-01-15T23:30:00Z;Terre",
             "2025-01-15T23:30:00Z;"]  # fmt: skip
    rule = '{ colonne = "QUAND", formats = ["%Y-%m-%dT%H:%M:%S%z"], fuseau = { sql = "FUSEAU" } }'
    assert calls(export, cells, rule) == [("0", datetime(2025, 1, 15, 19, 30)), ("1", datetime(2025, 1, 16, 3, 30))]
    assert export.rejects("ligne", "code") == [("4", "TYPE_INVALIDE"), ("5", "TYPE_INVALIDE")]
    rule = rule.replace('{ sql = "FUSEAU" }', '"Pacific/Noumea"')
    assert {when for _, when in calls(export, cells, rule)} == {datetime(2025, 1, 16, 10, 30)}


def test_a_naive_time_of_another_zone_is_converted(export):
    rule = '{ colonne = "QUAND", formats = ["%Y-%m-%d %H:%M:%S"], fuseau_source = "UTC" }'
    cells = ["2025-01-15 23:30:00;", "2025-07-15 22:30:00;"]
    assert [when for _, when in calls(export, cells, rule)] == [
        datetime(2025, 1, 16, 0, 30),
        datetime(2025, 7, 16, 0, 30),
    ]


def test_a_zone_that_does_not_exist_is_told_with_the_nearest(export):
    export.head = export.head.replace("Europe/Paris", "Europe/Pari")
    error = export.refusal()
    assert error.code == "ESMS-E214" and "adapter.fuseau : fuseau horaire inconnu «Europe/Pari»" in str(error)
    assert "Europe/Paris" in error.hint
    export.head = export.head.replace("Europe/Pari", "Europe/Paris")
    export.column("sejour", "sortie_definitive", '"DEF"')
    export.tables["sejour"] = export.tables["sejour"].replace(
        'date_sortie = "SORTIE"',
        'date_sortie = { colonne = "SORTIE", formats = ["%Y-%m-%d"], fuseau_source = "GMT+25" }',
    )
    export.files["sej.csv"] = "NUM;RES;ET;ENTREE;SORTIE;DEF\n"
    assert "table.sejour.colonnes.date_sortie.fuseau_source : fuseau horaire inconnu" in str(export.refusal())


def test_the_establishments_have_the_zone_of_the_adapter_unless_the_source_tells_it(export):
    export.head = export.head.replace("Europe/Paris", "Indian/Reunion")
    export.run()
    assert set(export.values("etablissement", "fuseau")) == {"Indian/Reunion"}
    export.files["etab.csv"] = "ET;EJ;NOM;Z\n000000117;000000109;EHPAD;America/Martinique\n000000125;000000109;SSIAD;\n"
    export.column("etablissement", "fuseau", '"Z"')
    export.run()
    assert export.values("etablissement", "fuseau") == ["America/Martinique", "Indian/Reunion"]


# -- identity ----------------------------------------------------------------------------------------------------


def test_a_date_of_birth_is_written_iso_with_its_zeros_and_else_kept_as_it_is(export):
    cells = [
        "12/04/1938",
        "1/4/1938",
        "00/00/1938",
        "00/04/1938",
        "31/02/1938",
        "1938-04-12",
        "vers 1938",
        "12041938",
        "",
    ]
    export.files["res.csv"] = "ID;NE\n" + "".join(f"U{i + 1};{cell}\n" for i, cell in enumerate(cells))
    export.column("usager", "date_naissance", '{ colonne = "NE", formats = ["%d/%m/%Y", "%d%m%Y"] }')
    export.run()
    assert export.values("usager", "date_naissance") == [
        "1938-04-12", "1938-04-01", "1938-00-00", "1938-04-00", "1938-02-31", "1938-04-12", "vers 1938", "1938-04-12",
        None,
    ]  # fmt: skip
    assert export.rejects() == []


def test_a_fault_of_identity_never_rejects(export):
    export.files["res.csv"] = "ID;INS;OID;NOM;SEXE;EST;COG\nU1;1 23;x.y;=2+2;Mme;peut-être;??\nU2;;;;I;O;\n"
    for name, cell in {"matricule_ins": "INS", "oid_ins": "OID", "nom_naissance": "NOM", "sexe": "SEXE",
                       "date_naissance_estimee": "EST", "lieu_naissance_cog": "COG"}.items():  # fmt: skip
        export.column("usager", name, f'"{cell}"')
    export.run()
    assert export.rejects() == []
    assert export.rows("usager",
    "matricule_ins, oid_ins, nom_naissance, sexe, date_naissance_estimee, lieu_naissance_cog") == [
        ("1 23", "x.y", "=2+2", None, None, "??"), (None, None, None, "I", True, None),
    ]  # fmt: skip
    assert export.labels() == [("res.csv", "EST", "peut-être", "1"), ("res.csv", "SEXE", "Mme", "1")]

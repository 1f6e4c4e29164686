"""How a database is named in adapter.toml: no secret in it, nor in anything that is said of it."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from esms_sdk.adapter import parsing
from esms_sdk.adapter.sources import credentials, refusals
from esms_sdk.errors import AdapterError, EsmsError, SourceError
from tests.adapter.sources import reading
from tests.adapter.sources.reading import chain

HERE = Path(__file__).parent
SECRET = "hunter2-ne-pas-montrer"


def faults(declaration: str) -> list[str]:
    """Return what is said of a source; the rest of the adapter is missing, and not listed here."""
    with pytest.raises(AdapterError) as raised:
        parsing.parse(f'[source.journal]\nformat = "sql"\n{declaration}', Path("mon_adaptateur"))
    return [str(fault).partition(" : ")[2] for fault in raised.value.faults if "source.journal" in str(fault)]


def refusal(factory: str, **options: str) -> EsmsError:
    with pytest.raises(EsmsError) as raised:
        reading.rows("sql", {"fabrique": f"fake_server:{factory}", **({"table": "t"} | options)}, folder=HERE)
    return raised.value


def test_a_whole_declaration_has_no_fault():
    good = 'url = "postgresql+psycopg://esms:${MDP}@serveur:5432/dui"\ntable = "journal"'
    assert faults(good) == []
    assert faults('fabrique = "connexion:ouvrir"\nrequete_fichier = "journal.sql"') == []
    assert faults('fichiers = ["*.sqlite"]\nrequete = "select 1"') == []


def test_the_way_to_the_database_is_said_once():
    (message,) = faults('table = "journal"')
    assert message == "source.journal.url : exactement un de «url», «fabrique», «fichiers» (bases SQLite) attendu"
    assert len(faults('url = "mysql://h/b"\nfabrique = "m:f"\ntable = "t"')) == 1


def test_a_query_or_a_table_is_said_once():
    (message,) = faults('fabrique = "m:f"\ntable = "t"\nrequete = "select 1"')
    assert message == "source.journal.requete : exactement un de «requete», «requete_fichier», «table» attendu"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://esms:{SECRET}@serveur/dui",
        f"postgresql+psycopg://esms:{SECRET}/x@serveur/dui",
        f"mysql+pymysql://serveur/dui?user=esms&password={SECRET}",
        f"mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BUID%3Desms%3BPWD%3D{SECRET}",
        f"mssql+pyodbc:///?odbc_connect=DRIVER=x;PWD={{{SECRET}}}",
        f"postgresql://${{COMPTE}}:{SECRET}${{SUFFIXE}}@serveur/dui",
    ],
)
def test_a_password_written_in_the_adapter_is_refused_and_not_repeated(url):
    (message,) = faults(f'url = "{url}"\ntable = "t"')
    assert "mot de passe en clair" in message
    assert SECRET not in message


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://esms@serveur:5432/dui",
        "oracle+oracledb://${COMPTE}:${trousseau:esms/prod}@serveur:1521/?service_name=DUI",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BUID%3Desms%3BPWD%3D${MDP}",
        "${URL_DE_LA_BASE}",
        "postgresql://serveur:5432/dui?application_name=esms@agence",
    ],
)
def test_a_url_without_secret_is_taken(url):
    assert faults(f'url = "{url}"\ntable = "t"') == []


def test_a_sqlite_base_is_a_file():
    (message,) = faults('url = "sqlite:///dui.db"\ntable = "t"')
    assert "la nommer dans «fichiers»" in message


def test_several_bases_need_their_place_in_the_url():
    assert faults('url = "mysql://${C}:${M}@h/{base}"\nbases = ["nord", "sud"]\ntable = "t"') == []
    (message,) = faults('url = "mysql://${C}:${base}@h/dui"\nbases = ["nord", "sud"]\ntable = "t"')
    assert message == "source.journal.bases : l'url doit contenir {base}"


def test_a_reference_may_hold_any_character(monkeypatch):
    import sqlalchemy

    password = "p@ss:w/rd?#&%${x}{base}"
    monkeypatch.setenv("MDP", password)
    monkeypatch.setenv("SERVEUR", "base.invalid")
    url, secrets = credentials.resolved("postgresql://esms:${MDP}@${SERVEUR}:5432/dui_{base}", "ici", "nord")
    parsed = sqlalchemy.make_url(url)
    assert (parsed.password, parsed.host, parsed.database) == (password, "base.invalid", "dui_nord")
    said = secrets.hide(f"{password} {url}", "")
    assert said == "*** postgresql://esms:***@***:9999/dui_nord"


def test_a_whole_url_may_be_a_reference(monkeypatch):
    monkeypatch.setenv("BASE", "postgresql://esms:a%40b@serveur/dui")
    assert credentials.resolved("${BASE}", "ici")[0] == "postgresql://esms:a%40b@serveur/dui"


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_named(value, monkeypatch):
    monkeypatch.delenv("MDP", raising=False)
    if value is not None:
        monkeypatch.setenv("MDP", value)
    with pytest.raises(AdapterError, match=r"ESMS-E222.*source «journal».*MDP n'est pas définie"):
        reading.rows("sql", {"url": "postgresql://e:${MDP}@h/b", "table": "t"})


def keyring(monkeypatch: pytest.MonkeyPatch, entries: dict[tuple[str, str], str]) -> None:
    found = types.ModuleType("keyring")
    found.get_password = lambda service, account: entries.get((service, account))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", found)


def test_the_keyring_of_the_system_gives_a_secret(monkeypatch):
    keyring(monkeypatch, {("esms/dui", "lecture"): SECRET})
    url, secrets = credentials.resolved("postgresql://e:${trousseau:esms/dui/lecture}@h/b", "ici")
    assert url == f"postgresql://e:{SECRET}@h/b"
    assert SECRET not in secrets.hide(f"refused: {SECRET}", "")


def test_an_entry_that_the_keyring_has_not_is_named_with_the_way_to_add_it(monkeypatch):
    keyring(monkeypatch, {})
    with pytest.raises(AdapterError, match=r"ESMS-E222.*service «esms», compte «lecture»") as raised:
        credentials.resolved("postgresql://e:${trousseau:esms/lecture}@h/b", "ici")
    assert raised.value.hint == "keyring set esms lecture"


def test_without_the_keyring_package_its_name_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(AdapterError, match="pip install keyring"):
        credentials.resolved("postgresql://e:${trousseau:esms/lecture}@h/b", "ici")


@pytest.mark.parametrize(
    ("url", "package"),
    [
        ("mysql+pymysql://e:${MDP}@h/b", "PyMySQL"),
        ("mssql+pyodbc://e:${MDP}@h/b?driver=x", "pyodbc"),
        ("oracle+oracledb://e:${MDP}@h/b", "oracledb"),
        ("postgresql+psycopg2://e:${MDP}@h/b", "psycopg2-binary"),
    ],
)
def test_a_missing_driver_is_named_with_its_package(url, package, monkeypatch):
    monkeypatch.setenv("MDP", SECRET)
    for module in ("pymysql", "pyodbc", "oracledb", "psycopg2"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SourceError, match="ESMS-E320") as raised:
        reading.rows("sql", {"url": url, "table": "t"})
    assert raised.value.hint == f"pip install {package}"
    assert SECRET not in chain(raised.value)


def test_an_unknown_dialect_is_named_with_its_package(monkeypatch):
    monkeypatch.setenv("MDP", SECRET)
    with pytest.raises(SourceError, match=r"ESMS-E320.*«firebird»") as raised:
        reading.rows("sql", {"url": "firebird://e:${MDP}@h/b", "table": "t"})
    assert raised.value.hint == "pip install sqlalchemy-firebird"
    assert SECRET not in chain(raised.value)


def test_a_url_that_cannot_be_read_is_not_repeated(monkeypatch):
    monkeypatch.setenv("BASE", f"pas une url {SECRET}")
    with pytest.raises(AdapterError, match=r"ESMS-E220.*url illisible") as raised:
        reading.rows("sql", {"url": "${BASE}", "table": "t"})
    assert SECRET not in chain(raised.value)


@pytest.mark.parametrize("module", ["sqlalchemy", "pyarrow"])
def test_without_the_extra_its_name_is_given(module, monkeypatch):
    monkeypatch.setenv("MDP", SECRET)
    monkeypatch.setitem(sys.modules, module, None)
    options = {"url": "postgresql://e:${MDP}@h/b"} if module == "sqlalchemy" else {"fabrique": "fake_server:many"}
    with pytest.raises(SourceError, match=r'ESMS-E320.*\n.*pip install "esms-sdk\[sql\]"'):
        reading.rows("sql", options | {"table": "t"}, folder=HERE)


def test_a_refused_login_is_told_apart_and_the_driver_is_not_quoted():
    error = refusal("refused")
    assert error.code == "ESMS-E321"
    place = "source «journal», fabrique «fake_server:refused»"
    assert error.message == f"{place} : compte ou mot de passe refusé (fake_server.OperationalError)"
    assert SECRET not in chain(error)


def test_a_query_that_the_database_refuses_shows_why_but_no_value():
    error = refusal("many", requete="select faux from t", table="")
    assert error.code == "ESMS-E223"
    assert "Invalid column name 'faux' near 'XXXXXX'" in error.message
    for hidden in ("DURAND", "1938", SECRET):
        assert hidden not in chain(error)


def test_a_connection_lost_half_way_says_that_nothing_was_written():
    error = refusal("lost")
    assert error.code == "ESMS-E322"
    assert "fake_server.OperationalError 08S01" in error.message
    assert error.hint == "Relancer ; rien n'a été écrit."
    for hidden in ("DURAND", SECRET):
        assert hidden not in chain(error)


def test_a_statement_that_gives_no_row_is_refused():
    assert "ne rend pas de lignes" in refusal("many", requete="update t set a = 1", table="").message


@pytest.mark.parametrize("name", ["absent", "no_connection"])
def test_a_factory_that_gives_no_connection_is_named(name):
    assert f"«fake_server:{name}»" in refusal(name).message


@pytest.mark.parametrize("name", ["absente:ouvrir", "sans_fonction", ":ouvrir", "fake_server.absent:ouvrir"])
def test_a_factory_that_is_not_there_is_named(name):
    with pytest.raises(AdapterError, match=f"ESMS-E224.*«{name}» : introuvable"):
        reading.rows("sql", {"fabrique": name, "table": "t"}, folder=HERE)


def test_the_driver_that_a_factory_lacks_is_named():
    error = refusal("driver_missing")
    assert (error.code, error.hint) == ("ESMS-E320", "pip install psycopg_absent")


def test_the_text_of_a_query_may_stand_in_a_file(tmp_path):
    (tmp_path / "q.sql").write_text("select *\nfrom t ; \n", encoding="utf-8-sig")
    (tmp_path / "fabrique_ici.py").write_text((HERE / "fake_server.py").read_text(encoding="utf-8"), encoding="utf-8")
    reading.said.clear()
    reading.rows("sql", {"fabrique": "fabrique_ici:many", "requete_fichier": "q.sql"}, folder=tmp_path)
    assert reading.said[0] == "select *\nfrom t"


def test_a_query_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(AdapterError, match=r"ESMS-E220.*q\.sql illisible \(FileNotFoundError\)"):
        reading.rows("sql", {"fabrique": "fake_server:many", "requete_fichier": "q.sql"}, folder=tmp_path)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ('connection to server at "10.0.0.1", port 5432 failed: Connection refused', "connexion refusée"),
        ('FATAL:  password authentication failed for user "esms"', "compte ou mot de passe refusé"),
        (
            "FATAL:  authentification par mot de passe échouée pour l'utilisateur « esms »",
            "compte ou mot de passe refusé",
        ),
        ("ORA-01017: invalid username/password; logon denied", "compte ou mot de passe refusé"),
        ("(1045, \"Access denied for user 'esms'@'localhost'\")", "compte ou mot de passe refusé"),
        ("[28000] [Microsoft][ODBC Driver 18 for SQL Server]Login failed for user", "compte ou mot de passe refusé"),
        ("could not translate host name to address: Name or service not known", "serveur inconnu"),
        ('FATAL:  database "dui" does not exist', "base inconnue du serveur"),
        ("[08001] SSL Provider: certificate verify failed", "échec du chiffrement (TLS)"),
        ("[IM002] Data source name not found and no default driver specified", "pilote ODBC introuvable sur ce poste"),
        ("timeout expired", "aucune réponse"),
        ("quelque chose d'autre", "connexion impossible"),
    ],
)
def test_the_reason_of_a_failed_connection_is_told_in_french(said, reason):
    error = refusals.connection(RuntimeError(said), "base postgresql «h/b»", "")
    assert error.message == f"base postgresql «h/b» : {reason} (builtins.RuntimeError)"
    assert error.hint

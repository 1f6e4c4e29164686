"""What a database or its driver refuses, said in French without the secrets and values of a driver's message."""

from __future__ import annotations

import re
from typing import Any

from esms_sdk.adapter.sources.credentials import Secrets
from esms_sdk.errors import AdapterError, EsmsError, SourceError

_PACKAGES = {
    "psycopg": '"psycopg[binary]"',
    "psycopg2": "psycopg2-binary",
    "pg8000": "pg8000",
    "pyodbc": "pyodbc",
    "pymssql": "pymssql",
    "oracledb": "oracledb",
    "cx_Oracle": "cx_Oracle",
    "pymysql": "PyMySQL",
    "MySQLdb": "mysqlclient",
    "mysql": "mysql-connector-python",
    "mariadb": "mariadb",
    "ibm_db_dbi": "ibm_db_sa",
    "fdb": "fdb",
    "hdbcli": "hdbcli",
}
_DIALECTS = {
    "firebird": "sqlalchemy-firebird",
    "ibm_db_sa": "ibm_db_sa",
    "db2": "ibm_db_sa",
    "hana": "sqlalchemy-hana",
    "informix": "IfxAlchemy",
    "access": "sqlalchemy-access",
    "sybase": "sqlalchemy-sybase",
    "iris": "sqlalchemy-iris",
}
_EXAMPLES = "postgresql+psycopg, mssql+pyodbc, oracle+oracledb, mysql+pymysql"
_PLAIN_NAME = re.compile(r"[\w.\-]+")

# Why a connection failed, by what the driver says of it: the message itself is not shown.
_REASONS: tuple[tuple[str, str, str], ...] = (
    (
        "authenti|access denied|login failed|ora-01017|password|mot de passe|18456|\\b1045\\b|\\b28000\\b|28p01",
        "compte ou mot de passe refusé",
        "Vérifier la variable d'environnement ou l'entrée du trousseau que l'url désigne.",
    ),
    (
        "certificat|\\bssl\\b|\\btls\\b",
        "échec du chiffrement (TLS)",
        "Vérifier le certificat du serveur et les options TLS de l'url (sslmode, Encrypt…).",
    ),
    (
        "data source name not found|im002|file not found.*libodbc|can't open lib",
        "pilote ODBC introuvable sur ce poste",
        "Installer le pilote ODBC du serveur, et donner son nom exact dans l'url (driver=…).",
    ),
    (
        "translate host|name or service|getaddrinfo|nodename|no address|unknown host|ora-12545",
        "serveur inconnu",
        "Vérifier le nom du serveur dans l'url.",
    ),
    ("timeout|timed out|expired|délai", "aucune réponse", "Vérifier le réseau, le pare-feu et le port."),
    (
        "refused|refusée|no listener|ora-12541|\\b2003\\b|08001",
        "connexion refusée",
        "Vérifier que le serveur écoute sur ce port.",
    ),
    (
        "database .*(does not exist|n.existe pas)|unknown database|cannot open database|ora-12514|3d000",
        "base inconnue du serveur",
        "Vérifier le nom de la base dans l'url.",
    ),
    ("remaining connection|too many", "trop de connexions ouvertes", "Attendre, ou augmenter la limite du serveur."),
)
_WRITES = re.compile("(?i)25006|read.?only|lecture seule|ora-01456|ora-16000|^1792\\b")
_FORBIDDEN = re.compile("(?i)42501|permission denied|droit refusé|ora-01031|ora-41900|^1142\\b|\\(229\\)")
_SQL = re.compile(
    "(?i)no such (table|column|function)|syntax error|ambiguous column|incomplete input|unrecognized token"
    "|misuse of aggregate|one statement at a time|invalid (column|object) name"
    "|ora-009\\d\\d|^10(46|49|52|54|55|60|64)\\b|^114[67]\\b"
)


def place(backend: str, host: str | None, database: str | None) -> str:
    """Return how a database is named in messages; a part that a badly written URL may have put there is left out."""
    parts = [p for p in (host, database) if p and _PLAIN_NAME.fullmatch(p)]
    return f"base {backend} «{'/'.join(parts)}»" if parts else f"base {backend}"


def connection(error: Exception, where: str, url: str) -> EsmsError:
    """Return the error of a connection that could not be opened."""
    if isinstance(error, EsmsError):
        return error
    if isinstance(error, ImportError):
        return _driver_missing(error, where)
    kind = type(error).__name__
    if kind == "NoSuchModuleError":
        scheme = re.match(r"[\w+.]*", url)
        name = scheme[0] if scheme else ""
        package = _DIALECTS.get(name.partition("+")[0])
        hint = f"pip install {package}" if package else f"Par exemple : {_EXAMPLES}."
        return SourceError("ESMS-E320", f"{where} : SQLAlchemy ne connaît pas «{name}»", hint=hint)
    if kind == "ArgumentError":
        return AdapterError(
            "ESMS-E220",
            f"{where} : url illisible",
            hint="Forme : dialecte+pilote://compte:${VARIABLE}@serveur:port/base.",
        )
    said = f"{_code(error)} {_message(error)}".lower()
    for pattern, reason, hint in _REASONS:
        if re.search(pattern, said):
            return SourceError("ESMS-E321", f"{where} : {reason} ({_signed(error)})", hint=hint)
    return SourceError(
        "ESMS-E321",
        f"{where} : connexion impossible ({_signed(error)})",
        hint="Essayer avec l'outil de la base : le message du pilote, qui peut contenir l'url, n'est pas montré.",
    )


def _driver_missing(error: ImportError, where: str) -> SourceError:
    module = (error.name or "").partition(".")[0]
    package = _PACKAGES.get(module)
    if isinstance(error, ModuleNotFoundError) and module:
        message = f"{where} : le pilote «{module}» n'est pas installé"
        return SourceError("ESMS-E320", message, hint=f"pip install {package or module}")
    name = module or next((p for p in _PACKAGES if p in str(error)), "de la base")
    return SourceError(
        "ESMS-E320",
        f"{where} : le pilote «{name}» est installé, mais ne se charge pas",
        hint="Il lui manque une bibliothèque du système : libpq, unixODBC, client Oracle…",
    )


def statement(error: Exception, where: str, query: str, secrets: Secrets) -> EsmsError:
    """Return the error of a query that the database did not run."""
    said = f"{_code(error)} {_message(error)}"
    return _of_the_query(error, said, where, query, secrets) or _of_the_reading(error, where)


def reading(error: Exception, where: str, query: str, secrets: Secrets) -> EsmsError:
    """Return the error of a reading that broke off: its code alone is trusted, a value may stand in its message."""
    return _of_the_query(error, _code(error), where, query, secrets) or _of_the_reading(error, where)


def _of_the_query(error: Exception, said: str, where: str, query: str, secrets: Secrets) -> AdapterError | None:
    shown = secrets.hide(_message(error), query)
    if _WRITES.search(said):
        message = f"{where} : la requête écrit dans la base ; la lecture seule l'a refusée"
        return AdapterError("ESMS-E223", message, hint="N'employer que des SELECT.")
    if _FORBIDDEN.search(said):
        message = f"{where} : le compte n'a pas le droit de lire : {shown}"
        return AdapterError("ESMS-E223", message, hint="GRANT SELECT sur les tables de la requête, à ce compte.")
    if _code(error).startswith(("42", "3F")) or _SQL.search(said):
        message = f"{where} : requête refusée par la base : {shown}"
        return AdapterError("ESMS-E223", message, hint="Essayer la requête dans l'outil de la base.")
    return None


def unreadable(where: str, why: str) -> SourceError:
    """Return the error of a value that cannot become text."""
    return SourceError(
        "ESMS-E322",
        f"{where} : une valeur n'a pas pu être rendue ({why})",
        hint="Convertir la colonne en texte dans la requête (CAST) : date infinie, année hors limites, encodage.",
    )


def _of_the_reading(error: Exception, where: str) -> SourceError:
    code, said = _code(error), _message(error).lower()
    value = "too (large|small)|out of range|decod|encod|convert"
    if isinstance(error, (OverflowError, ValueError)) or code.startswith("22") or re.search(value, said):
        return unreadable(where, _signed(error))
    if code.startswith("40") or "deadlock" in said or "snapshot too old" in said or "ora-01555" in said:
        return SourceError(
            "ESMS-E322",
            f"{where} : lecture interrompue par le serveur ({_signed(error)})",
            hint="Relancer, de préférence quand la base est peu occupée.",
        )
    return SourceError(
        "ESMS-E322",
        f"{where} : lecture interrompue : connexion perdue ou requête arrêtée ({_signed(error)})",
        hint="Relancer ; rien n'a été écrit.",
    )


def _original(error: Exception) -> Exception:
    """Return the driver's own error, inside that of SQLAlchemy."""
    found = getattr(error, "orig", None)
    return found if isinstance(found, Exception) else error


def _message(error: Exception) -> str:
    original = _original(error)
    return " ".join(str(part) for part in original.args) or str(original)


def _code(error: Exception) -> str:
    """Return the SQLSTATE or the vendor's number of an error, empty where there is none."""
    original = _original(error)
    first: Any = original.args[0] if original.args else None
    for found in (
        getattr(original, "sqlstate", None),
        getattr(original, "pgcode", None),
        getattr(first, "full_code", None),
        first if isinstance(first, int) else None,
        first if isinstance(first, str) and re.fullmatch("[0-9A-Z]{5}", first) else None,
    ):
        if found:
            return str(found)
    return ""


def _signed(error: Exception) -> str:
    """Return the name of a driver's error and its code: enough to look it up, and nothing of its message."""
    original = _original(error)
    code = _code(error)
    kind = f"{type(original).__module__.partition('.')[0]}.{type(original).__name__}"
    return f"{kind} {code}" if code else kind

"""References to secrets in the URL of a database: ``${VARIABLE}``, ``${trousseau:service/compte}``.

A password is never written in ``adapter.toml``, and what a reference stands for is never shown: :class:`Secrets` hides
it in whatever a driver says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from esms_sdk import masking
from esms_sdk.errors import AdapterError

_REFERENCE = re.compile(r"\$\{([^{}]+)\}")
_REPLACED = re.compile(r"\$\{([^{}]+)\}|\{base\}")
_KEYRING = "trousseau:"
# «user:secret@», unless what follows the colon is a port.
_PASSWORD = re.compile(r"://[^:/?#@]*:(?!\d*(?:[/?#]|$))([^@]+)@")
_NAMED_PASSWORD = re.compile(r"(?i)[?&;=](?:password|passwd|pwd|passphrase|secret|token)=\s*\{?([^&;}\s]+)")
_QUOTED = re.compile("\"[^\"]*\"|(?<!\\w)'[^']*'(?!\\w)|`[^`]*`|\\[[^]]*\\]|«[^»]*»")
_LONGEST_MESSAGE = 240


def literal_password(url: str) -> bool:
    """Say whether a URL holds a password as it is, not by reference.

    >>> literal_password("postgresql://esms:s3cret@base/dui"), literal_password("postgresql://esms:${MDP}@base/dui")
    (True, False)
    """
    bare = without_references(url)
    return bool(_PASSWORD.search(bare) or _NAMED_PASSWORD.search(unquote_plus(bare)))


def without_references(url: str) -> str:
    """Return the URL as it stands in ``adapter.toml``, less its references.

    >>> without_references("postgresql://${COMPTE}:${MDP}@serveur/{base}")
    'postgresql://:@serveur/{base}'
    """
    return _REFERENCE.sub("", url)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be seen: every text that a reference stands for, in each way a URL may write it."""

    values: tuple[str, ...] = ()

    def also(self, values: Iterable[str | None]) -> Secrets:
        """Return these secrets and others; an empty one is none."""
        found = {form for v in values if v for form in (v, quote(v, safe=""), quote_plus(v), unquote(v))}
        return Secrets(tuple(sorted({*self.values, *found}, key=lambda v: (-len(v), v))))

    def hide(self, message: str, known: str) -> str:
        """Return the first line of a driver's message without secret nor value; words of ``known`` (the query) stay.

        >>> Secrets(("hunter2",)).hide('column "quandd" of 31/02/1938 is not hunter2', "select quandd")
        'column "quandd" of 99/99/9999 is not ***'
        >>> Secrets().hide("conversion of 'DUPONT' failed", "select nom from t")
        "conversion of 'XXXXXX' failed"
        """
        text = next(iter(message.strip().splitlines()), "")[:_LONGEST_MESSAGE]
        for value in self.values:
            text = text.replace(value, "***")
        own = known.casefold()
        text = _QUOTED.sub(lambda m: m[0] if m[0][1:-1].strip().casefold() in own else masking.shape(m[0]), text)
        return re.sub(r"\w*\d\w*", lambda m: m[0] if m[0].casefold() in own else masking.shape(m[0]), text)


def resolved(url: str, place: str, base: str | None = None) -> tuple[str, Secrets]:
    """Return the URL with its references, and ``{base}``, replaced, and the secrets that it now holds.

    A reference that is only a part of the URL may hold any character: it is encoded where the URL asks for it.  Raises
    :class:`AdapterError` naming ``place`` and the variable that is not set, or the entry that the keyring has not.
    """
    at = _REFERENCE.sub(lambda m: "x" * len(m[0]), url).rfind("@")
    mark = url.find("?")
    secrets: list[str] = []

    def value(match: re.Match[str]) -> str:
        if match[1] is None:
            return base or ""
        found = _value(match[1].strip(), place)
        secrets.append(found)
        whole = match[0] == url.strip()
        encoded = match.start() < at or -1 < mark < match.start()
        return quote(found, safe="") if encoded and not whole else found

    return _REPLACED.sub(value, url).strip(), Secrets().also(secrets)


def _value(reference: str, place: str) -> str:
    if reference.startswith(_KEYRING):
        return _from_keyring(reference.removeprefix(_KEYRING), place)
    found = os.environ.get(reference)
    if not found:
        raise AdapterError(
            "ESMS-E222",
            f"{place} : la variable d'environnement {reference} n'est pas définie",
            hint=f"La définir avant «esms import», ou écrire ${{{_KEYRING}service/compte}} dans l'url.",
        )
    return found


def _from_keyring(entry: str, place: str) -> str:
    service, _, account = entry.rpartition("/")
    try:
        import keyring
    except ImportError:
        raise AdapterError(
            "ESMS-E222",
            f"{place} : le trousseau du système n'est pas lisible sans le paquet «keyring»",
            hint="pip install keyring ; ou passer par une variable d'environnement : ${VARIABLE}.",
        ) from None
    try:
        found: str | None = keyring.get_password(service, account)
    except Exception as error:  # every backend has its own
        kind = type(error).__name__
        found = None
    else:
        kind = "entrée absente"
    if not found:
        raise AdapterError(
            "ESMS-E222",
            f"{place} : rien dans le trousseau pour le service «{service}», compte «{account}» ({kind})",
            hint=f"keyring set {service or 'SERVICE'} {account or 'COMPTE'}",
        )
    return found

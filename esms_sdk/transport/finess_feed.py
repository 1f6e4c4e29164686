"""The FINESS feed over HTTP: found in its catalogue, downloaded whole or not at all.

The address may be that of the file, or that of the data set in the catalogue data.gouv.fr (the address of the file
changes each day; the catalogue gives it with its size and its SHA-1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from esms_sdk.errors import SourceError, UsageError
from esms_sdk.transport.integrity import Checksum, Sink, promised

if TYPE_CHECKING:
    import requests

CATALOGUE = "https://www.data.gouv.fr/api/1/datasets/finess-structures-1/"
_IN_CATALOGUE = re.compile(r"/api/\d+/datasets/")
_DAILY = re.compile(r"finess-structures-journalier-(\d{8})\.json(?:\.gz)?")
_LARGEST_CATALOGUE = 16 << 20
_RETRIED = (429, 500, 502, 503, 504)
_REDIRECTS = 5
_AGAIN = "Recommencer plus tard, ou télécharger le fichier autrement et donner --file. L'ancien référentiel est gardé."


@dataclass(frozen=True, slots=True)
class Network:
    """How to go out.  ``timeout`` in seconds, for each wait; ``pause`` is the first back-off, doubled each time.

    Proxies and the CA bundle of the environment hold (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE) unless given here.
    """

    proxy: str | None = None
    ca: Path | None = None
    timeout: float = 30
    retries: int = 4
    pause: float = 1
    longest_pause: float = 120
    max_size: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Known:
    """What the server said of the file that is there, and from which address it came."""

    url: str = ""
    etag: str = ""
    modifie: str = ""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What was written: its name, the digest of its bytes, and what the server said of it."""

    name: str
    sha256: str
    validators: Known


def download(
    url: str, into: Path, network: Network | None = None, *, known: Known | None = None, sha256: str | None = None
) -> Downloaded | None:
    """Write the feed at ``url`` to ``into``; None, with nothing written, if it is the ``known`` one.

    Raises :class:`SourceError` if it cannot be had whole and sound, :class:`UsageError` for a wrong option.
    """
    way = network or Network()
    expected = [Checksum("sha256", _digest(sha256))] if sha256 else []
    _http(url)
    with closing(_session(way)) as session:
        size = None
        if _IN_CATALOGUE.search(urlsplit(url).path):
            url, size, checksum = _listed(_get_catalogue(session, url, way), url)
            expected += [checksum] if checksum else []
        headers = _conditions(known, url)
        return _whole(session, url, headers, into, way, expected, size)


def shown(url: str) -> str:
    """Return an address without what may be secret in it.

    >>> shown("https://moi:mdp@exemple.fr/f.json?jeton=1")
    'https://exemple.fr/f.json'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


# -- the session -------------------------------------------------------------------------------------------------


def _session(way: Network) -> requests.Session:
    try:
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util import Retry
    except ImportError:
        hint = 'python -m pip install "esms-sdk[online]", ou télécharger le fichier et donner --file.'
        raise UsageError("ESMS-E142", "la mise à jour en ligne a besoin du paquet requests", hint=hint) from None

    class Patient(Retry):
        """Waits as the server asks, but not for ever."""

        def get_retry_after(self, response: Any) -> float | None:
            asked = super().get_retry_after(response)
            return None if asked is None else min(asked, way.longest_pause)

    if way.ca is not None and not way.ca.exists():
        raise UsageError("ESMS-E143", f"certificats absents : {way.ca}", hint="--ca attend un fichier PEM.")
    retry = Patient(
        total=way.retries, status_forcelist=_RETRIED, allowed_methods={"GET"}, backoff_factor=way.pause,
        backoff_max=way.longest_pause, raise_on_status=False, redirect=_REDIRECTS,
    )  # fmt: skip
    session = requests.Session()
    session.max_redirects = _REDIRECTS
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    session.headers["Accept-Encoding"] = "identity"  # sizes and digests are those of the file
    session.headers["User-Agent"] = "esms-sdk"
    return session


def _answer(session: requests.Session, url: str, way: Network, headers: Mapping[str, str]) -> requests.Response:
    """Return the answer to a GET, its body unread: 200 or 304."""
    import requests

    proxies = {"http": way.proxy, "https": way.proxy} if way.proxy else None
    more: dict[str, Any] = {"verify": str(way.ca)} if way.ca else {}
    try:
        answer = session.get(url, headers=headers, stream=True, timeout=way.timeout, proxies=proxies, **more)
    except requests.exceptions.SSLError as fault:
        hint = "Derrière un proxy qui déchiffre, donner son certificat : --ca FICHIER (ou REQUESTS_CA_BUNDLE)."
        raise SourceError("ESMS-E380", f"{shown(url)} : certificat refusé", hint=hint) from fault
    except requests.exceptions.ProxyError as fault:
        hint = "Vérifier --proxy, HTTPS_PROXY et NO_PROXY."
        raise SourceError("ESMS-E380", f"{shown(url)} : le proxy ne répond pas ou refuse", hint=hint) from fault
    except requests.exceptions.RequestException as fault:
        raise SourceError("ESMS-E380", f"{shown(url)} : {_reason(fault)}", hint=_AGAIN) from fault
    except OSError as fault:  # the bundle that the environment names is not there
        hint = "Vérifier REQUESTS_CA_BUNDLE et CURL_CA_BUNDLE, ou donner --ca FICHIER."
        raise SourceError("ESMS-E380", f"{shown(url)} : certificats illisibles", hint=hint) from fault
    steps = [one.url for one in (*answer.history, answer)]
    if any(here.startswith("https:") and there.startswith("http:") for here, there in pairwise(steps)):
        answer.close()
        raise SourceError("ESMS-E381", f"{shown(url)} renvoie vers une adresse sans https", hint="Corriger --url.")
    if answer.status_code not in (200, 304):
        answer.close()
        raise SourceError("ESMS-E381", f"{shown(url)} répond {answer.status_code}", hint=_AGAIN)
    return answer


def _reason(fault: Exception) -> str:
    import requests

    reasons = {
        requests.exceptions.Timeout: "pas de réponse dans le délai (--timeout)",
        requests.exceptions.TooManyRedirects: "trop de redirections",
        requests.exceptions.InvalidSchema: "redirection vers autre chose que http ou https",
        requests.exceptions.ConnectionError: "connexion impossible",
    }
    return next((said for kind, said in reasons.items() if isinstance(fault, kind)), "échange interrompu")


# -- the catalogue -----------------------------------------------------------------------------------------------


def _get_catalogue(session: requests.Session, url: str, way: Network) -> Any:
    with closing(_answer(session, url, way, {})) as answer:
        sink = Sink(answer, _LARGEST_CATALOGUE, shown(url))
        text = b"".join(sink.pieces())
    try:
        return json.loads(text)
    except ValueError as fault:
        raise SourceError("ESMS-E384", f"{shown(url)} n'est pas un catalogue lisible", hint=_AGAIN) from fault


def _listed(document: Any, url: str) -> tuple[str, int | None, Checksum | None]:
    """Return address, size and checksum of the latest daily file of a data set."""
    resources = document.get("resources") if isinstance(document, dict) else None
    daily = [
        (found[1], resource)
        for resource in (resources if isinstance(resources, list) else [])
        if isinstance(resource, dict) and resource.get("url")
        and (found := _DAILY.fullmatch(str(resource.get("title", ""))))
    ]  # fmt: skip
    if not daily:
        hint = "L'adresse du fichier lui-même peut être donnée par --url ; un fichier téléchargé, par --file."
        raise SourceError("ESMS-E384", f"{shown(url)} n'annonce aucun fichier finess-structures-journalier", hint=hint)
    _, resource = max(daily, key=lambda one: one[0])
    given = resource.get("checksum") or {}
    kind, value = str(given.get("type", "")).lower(), str(given.get("value", "")).lower()
    checksum = Checksum(kind, value) if kind in ("sha1", "sha256") and value else None
    size = resource.get("filesize")
    _http(str(resource["url"]))
    return str(resource["url"]), size if isinstance(size, int) else None, checksum


# -- the file ----------------------------------------------------------------------------------------------------


def _whole(
    session: requests.Session,
    url: str,
    headers: Mapping[str, str],
    into: Path,
    way: Network,
    expected: list[Checksum],
    size: int | None,
) -> Downloaded | None:
    """Download, again from the start if the connection is lost half-way."""
    import time

    from urllib3.exceptions import HTTPError

    for attempt in range(way.retries + 1):
        if attempt:
            time.sleep(min(way.pause * 2 ** (attempt - 1), way.longest_pause))
        with closing(_answer(session, url, way, headers)) as answer:
            if answer.status_code == 304:
                return None
            sink = Sink(answer, way.max_size, shown(url))
            try:
                with into.open("wb") as stream:
                    stream.writelines(sink.pieces())
            except HTTPError:
                continue
            sink.verify([*expected, *promised(answer.headers)], size)
            name = urlsplit(url).path.rpartition("/")[2] or shown(url)
            said = Known(shown(url), answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))
            return Downloaded(name, sink.sha256, said)
    raise SourceError("ESMS-E385", f"{shown(url)} : le téléchargement s'arrête avant sa fin", hint=_AGAIN)


def _conditions(known: Known | None, url: str) -> dict[str, str]:
    if known is None or known.url != shown(url):
        return {}
    given = {"If-None-Match": known.etag, "If-Modified-Since": known.modifie}
    return {header: value for header, value in given.items() if value}


def _http(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = "Pour un fichier déjà là : --file."
        raise UsageError("ESMS-E144", f"adresse illisible : {shown(url)} (http ou https attendu)", hint=hint)


def _digest(text: str) -> str:
    if not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise UsageError("ESMS-E145", "--sha256 attend 64 chiffres hexadécimaux")
    return text.lower()

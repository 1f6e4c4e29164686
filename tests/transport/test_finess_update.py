"""The reference is made anew whole, or the old one stays to the byte; a server on the loopback plays the feed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json

import pytest

from esms_sdk.errors import EsmsError, OutputError
from esms_sdk.finess import open_reference
from esms_sdk.transport.finess_feed import Network, shown
from esms_sdk.transport.finess_update import update
from tests.finess.feeds import EHPAD, EJ, ej, et, feed, usual, write
from tests.transport.loopback import Answer, site

QUICK = Network(timeout=2, retries=2, pause=0.01, longest_pause=0.05)
FEED = gzip.compress(json.dumps(usual()).encode(), mtime=0)
LATER = gzip.compress(json.dumps(feed(ej(EJ, et(EHPAD)), generated="2025-09-01T02:00:00Z")).encode(), mtime=0)
FILE, CATALOGUE = "/finess-structures-journalier-20250813.json.gz", "/api/1/datasets/finess-structures-1/"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server():
    with site() as made:
        yield made


@pytest.fixture
def place(tmp_path):
    """A reference that is there already."""
    update(tmp_path / "finess.sqlite", file=write(tmp_path / "f.json", usual()))
    return tmp_path / "finess.sqlite"


def _refused(place, url, code, network=QUICK, **more):
    before = place.read_bytes()
    with pytest.raises(EsmsError) as fault:
        update(place, url=url, network=network, **more)
    assert fault.value.code == code, fault.value
    assert place.read_bytes() == before
    assert sorted(path.name for path in place.parent.iterdir()) == ["f.json", "finess.sqlite"]
    return str(fault.value)


def test_a_feed_is_downloaded_and_bears_where_it_comes_from(server, tmp_path):
    url = server.says(FILE, Answer(body=FEED, headers={"ETag": '"1"'}))
    done = update(tmp_path / "new" / "r.sqlite", url=url, network=QUICK)
    assert done.summary.etablissements == 4
    with open_reference(done.place) as known:
        assert known.etablissement(EHPAD).finess_ej == EJ
        assert known.origin.url == url and known.origin.sha256 == hashlib.sha256(FEED).hexdigest()


def test_what_has_not_changed_is_not_downloaded_again(server, tmp_path):
    place = tmp_path / "r.sqlite"
    said = {"ETag": '"1"', "Last-Modified": "Wed, 13 Aug 2025 02:10:00 GMT"}
    url = server.says(FILE, Answer(body=FEED, headers=said), Answer(304))
    update(place, url=url, network=QUICK)
    before = place.read_bytes()
    again = update(place, url=url, network=QUICK)
    assert again.summary is None and again.origin.genere_le.startswith("2025-08-13")
    assert place.read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ["r.sqlite"]
    headers = server.asked[-1][1]
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"1"', said["Last-Modified"])


def test_an_etag_is_not_sent_to_another_address(server, tmp_path):
    place = tmp_path / "r.sqlite"
    update(place, url=server.says(FILE, Answer(body=FEED, headers={"ETag": '"1"'})), network=QUICK)
    update(place, url=server.says("/other.json.gz", Answer(body=LATER)), network=QUICK)
    assert "if-none-match" not in server.asked[-1][1]
    with open_reference(place) as known:
        assert known.genere_le.isoformat() == "2025-09-01" and known.origin.etag == ""


def test_the_catalogue_gives_the_latest_daily_file_with_its_checksum(server, tmp_path):
    latest = server.says("/static/latest", Answer(body=LATER))
    sha1 = {"type": "sha1", "value": hashlib.sha1(LATER, usedforsecurity=False).hexdigest()}
    resources = [
        {
            "title": "finess-structures-journalier-20250901.json.gz",
            "url": latest,
            "checksum": sha1,
            "filesize": len(LATER),
        },
        {"title": "finess-structures-journalier-20250813.json.gz", "url": server.url + "/old"},
        {"title": "finess-structures-mensuel-202510.json.gz", "url": server.url + "/monthly"},
        {"title": None},
    ]
    url = server.says(CATALOGUE, Answer(body=json.dumps({"resources": resources}).encode()))
    assert update(tmp_path / "r", url=url, network=QUICK).summary.etablissements == 1
    assert [path for path, _ in server.asked] == [CATALOGUE, "/static/latest"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"checksum": {"type": "sha1", "value": "0" * 40}}, "ESMS-E383"),
        ({"filesize": 3}, "ESMS-E383"),
        ({"title": "finess-activites-journalier-20250901.json.gz"}, "ESMS-E384"),
        ({"url": "ftp://exemple.fr/f"}, "ESMS-E144"),
    ],
)
def test_a_catalogue_that_does_not_match_its_file_is_refused(server, place, change, code):
    resource = {"title": "finess-structures-journalier-20250901.json.gz", "url": server.says("/f", Answer(body=LATER))}
    url = server.says(CATALOGUE, Answer(body=json.dumps({"resources": [resource | change]}).encode()))
    _refused(place, url, code)


def test_a_catalogue_that_is_none_is_refused(server, place):
    _refused(place, server.says(CATALOGUE, Answer(body=b"<html>")), "ESMS-E384")


def test_a_busy_server_is_asked_again(server, tmp_path):
    url = server.says(FILE, Answer(503, headers={"Retry-After": "3600"}), Answer(429), Answer(body=FEED))
    assert update(tmp_path / "r", url=url, network=QUICK).summary.etablissements == 4
    assert server.count(FILE) == 3


def test_a_server_that_stays_down_is_given_up(server, place):
    assert "503" in _refused(place, server.says(FILE, Answer(503)), "ESMS-E381")
    assert server.count(FILE) == 3


def test_what_is_not_there_is_not_asked_twice(server, place):
    assert "404" in _refused(place, server.url + FILE, "ESMS-E381")
    assert server.count(FILE) == 1


def test_a_redirection_is_followed_and_a_circle_is_not(server, place):
    server.says("/a", Answer(302, headers={"Location": FILE}))
    server.says(FILE, Answer(body=LATER))
    assert update(place, url=server.url + "/a", network=QUICK).summary.etablissements == 1
    server.says("/circle", Answer(302, headers={"Location": "/circle"}))
    assert "redirections" in _refused(place, server.url + "/circle", "ESMS-E380")
    server.says("/away", Answer(302, headers={"Location": "file:///etc/hosts"}))
    _refused(place, server.url + "/away", "ESMS-E380")


def test_a_body_cut_half_way_is_asked_for_again_from_the_start(server, tmp_path):
    cut = Answer(body=FEED[:100], announced=len(FEED))
    assert (
        update(tmp_path / "r", url=server.says(FILE, cut, Answer(body=FEED)), network=QUICK).summary.etablissements == 4
    )


def test_a_body_that_is_always_cut_leaves_the_old_file(server, place):
    url = server.says(FILE, Answer(body=FEED[:100], announced=len(FEED)))
    assert "avant sa fin" in _refused(place, url, "ESMS-E385")
    assert server.count(FILE) == 3


def test_a_body_cut_without_a_length_is_seen_by_its_archive(server, place):
    _refused(place, server.says(FILE, Answer(body=FEED[:-20], announced=-1)), "ESMS-E371")


@pytest.mark.parametrize("announced", [None, -1])
def test_what_is_too_large_is_stopped(server, place, announced):
    url = server.says(FILE, Answer(body=bytes(5000), announced=announced))
    assert "--max-size" in _refused(place, url, "ESMS-E382", Network(retries=0, max_size=4000))


def test_a_checksum_of_the_caller_or_of_the_server_must_hold(server, tmp_path, place):
    right, wrong = hashlib.sha256(FEED).hexdigest(), "0" * 64
    url = server.says(FILE, Answer(body=FEED))
    assert update(tmp_path / "r", url=url, network=QUICK, sha256=right.upper()).summary
    (tmp_path / "r").unlink()
    _refused(place, url, "ESMS-E383", sha256=wrong)
    _refused(place, url, "ESMS-E145", sha256="12")
    digest = base64.b64encode(bytes(32)).decode()
    _refused(place, server.says(FILE, Answer(body=FEED, headers={"Repr-Digest": f"sha-256=:{digest}:"})), "ESMS-E383")


def test_another_shape_or_a_nonsense_leaves_the_old_file(server, place):
    old = gzip.compress(json.dumps(feed({"informationsGeneralesPmej": {}})).encode())
    assert "décembre 2025" in _refused(place, server.says(FILE, Answer(body=old)), "ESMS-E370")
    _refused(place, server.says(FILE, Answer(body=b"<html>proxy</html>")), "ESMS-E371")


def test_wrong_ways_out_are_told(server, place, tmp_path, monkeypatch):
    url = server.says(FILE, Answer(body=FEED))
    _refused(place, url, "ESMS-E143", Network(ca=tmp_path / "absent.pem"))
    assert "proxy" in _refused(place, url, "ESMS-E380", Network(proxy="http://127.0.0.1:9", retries=0))
    assert "connexion" in _refused(place, "http://127.0.0.1:9/f", "ESMS-E380", Network(retries=0))
    _refused(place, "ftp://exemple.fr/f", "ESMS-E144")
    _refused(place, "finess.json", "ESMS-E144")
    monkeypatch.setitem(__import__("sys").modules, "requests", None)
    assert "esms-sdk[online]" in _refused(place, url, "ESMS-E142")


def test_a_bundle_of_the_environment_that_is_absent_is_told(place, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "absent.pem"))
    assert "REQUESTS_CA_BUNDLE" in _refused(place, "https://127.0.0.1:9/f", "ESMS-E380", Network(retries=0))


def test_a_proxy_is_asked_for_the_whole_address(server, tmp_path):
    server.says("http://finess.exemple.fr/f.json.gz", Answer(body=FEED))
    way = Network(proxy=server.url, retries=0)
    assert update(tmp_path / "r", url="http://finess.exemple.fr/f.json.gz", network=way).summary.etablissements == 4


def test_a_file_of_others_is_replaced_only_with_force(tmp_path):
    place, source = tmp_path / "r.sqlite", write(tmp_path / "f.json", usual())
    place.write_text("autre chose", encoding="ascii")
    with pytest.raises(OutputError, match="ESMS-E501"):
        update(place, file=source)
    assert place.read_text(encoding="ascii") == "autre chose"
    assert update(place, file=source, force=True).summary.etablissements == 4


def test_a_file_already_there_is_checked_against_its_checksum(tmp_path):
    source = write(tmp_path / "f.json", usual())
    with pytest.raises(EsmsError, match="ESMS-E383"):
        update(tmp_path / "r", file=source, sha256="0" * 64)
    assert update(tmp_path / "r", file=source, sha256=hashlib.sha256(source.read_bytes()).hexdigest()).summary


def test_a_reference_that_can_no_longer_be_read_is_made_anew(place):
    place.write_bytes(place.read_bytes()[:100])
    assert update(place, file=place.parent / "f.json").summary.etablissements == 4


def test_what_may_be_secret_in_an_address_is_not_shown():
    assert shown("https://moi:mdp@exemple.fr:8443/a/f.json?jeton=1#x") == "https://exemple.fr:8443/a/f.json"

"""Addresses: what is read, what is refused and why, and how a host is asked."""

import gzip
import tracemalloc
import zlib

import httpx
import pytest

from rag.errors import ArticleError
from rag.sources.addresses import FETCH_SECONDS, HOST_SECONDS, MAX_DELAY, Fetcher
from rag.sources.guarded import GuardedTransport, is_local_address, is_local_name

TURKISH = "Konferansta İl Parti Komitesi üyeleri, yoldaşların başarılı çalışmalarını değerlendirdi ve ödüllendirdi.\n"
LIMIT = 100_000_000


class Clock:
    """A clock that only sleeping moves, and that remembers the sleeps."""

    def __init__(self):
        self.now, self.slept = 1000.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def fetcher(handler, robots=None, clock=None):
    """A fetcher whose network is `handler`; `robots` is what every host has as robots.txt."""
    clock = clock or Clock()

    def answer(request):
        if request.url.path == "/robots.txt":
            return robots(request) if callable(robots) else httpx.Response(404) if robots is None else said(robots)
        return handler(request)

    def said(text):
        return httpx.Response(200, text=text)

    return Fetcher(httpx.Client(transport=httpx.MockTransport(answer)), clock=clock, sleep=clock.sleep)


def text(request):
    return httpx.Response(200, text=TURKISH)


# --- what is read ---


def test_reads_plain_text_from_an_address():
    draft = fetcher(text).read("https://a.example/r.txt", max_bytes=LIMIT)
    assert (draft.text, draft.location) == (TURKISH, "https://a.example/r.txt")


def test_reads_the_report_of_a_page_with_what_the_page_says_of_it():
    page = (
        "<html lang=tr><head><title>Konferans | Haber</title><link rel=canonical href=/haber/1></head>"
        f"<body><nav>Ana sayfa</nav><h1>Konferans</h1><p>{TURKISH * 2}</p></body></html>"
    )
    draft = fetcher(lambda request: httpx.Response(200, html=page)).read("https://a.example/r?x=1", max_bytes=LIMIT)
    assert TURKISH.strip() in draft.text and "Ana sayfa" not in draft.text
    assert (draft.metadata.title, draft.metadata.source_url) == ("Konferans", "https://a.example/haber/1")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("Số 5: ăâđê".encode("cp1258", "ignore"), "text/plain; charset=cp1258"),
        ("<html><meta charset=windows-1258><p>Số 5: ăâđê</p>".encode("cp1258", "ignore"), "text/html"),
        ("<html><meta charset=windows-1251><p>ăâđê</p>".encode("cp1258"), 'text/html; charset="windows-1258"'),
        ("<p>ăâđê</p>".encode(), "text/html; charset=iso-8859-1"),
    ],
)
def test_an_encoding_is_named_by_the_server_or_the_page(content, kind):
    answer = httpx.Response(200, content=content, headers={"content-type": kind})
    assert fetcher(lambda request: answer).read("https://a.example/r", max_bytes=LIMIT).text.endswith("ăâđê")


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/markdown", "text/csv; header=present", None])
def test_texts_under_other_types_are_read(kind):
    answer = httpx.Response(200, content=TURKISH.encode(), headers={"content-type": kind} if kind else {})
    assert fetcher(lambda request: answer).read("https://a.example/r", max_bytes=LIMIT).text == TURKISH


# --- what is refused ---


def refused(request):
    raise httpx.ConnectError("connection refused")


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (lambda request: httpx.Response(404), "the server answered 404 Not Found"),
        (
            lambda request: httpx.Response(200, content=b"%PDF-1.7", headers={"content-type": "application/pdf"}),
            r"application/pdf, which is not supported yet; save its text as a \.txt",
        ),
        (lambda request: httpx.Response(200, text=TURKISH * 100), "MB, more than the 0.001 MB allowed"),
        (lambda request: httpx.Response(200, content=iter([b"x" * 800] * 3)), "MB, more than the 0.001 MB allowed"),
        (lambda request: httpx.Response(200, text=" "), "is empty"),
        (lambda request: httpx.Response(200, html="<div id=root></div>"), "page without visible text"),
        (lambda request: httpx.Response(302, headers={"location": "/r"}), "more than 10 redirects"),
        (lambda request: httpx.Response(302, headers={"location": "file:///etc/passwd"}), "is not an http.s. address"),
        (refused, "cannot be fetched: connection refused"),
    ],
)
def test_an_address_without_a_report_is_refused_by_name(handler, reason):
    with pytest.raises(ArticleError, match=reason) as caught:
        fetcher(handler).read("https://a.example/r", max_bytes=1000)
    assert caught.value.location == "https://a.example/r"


@pytest.mark.parametrize("url", ["ftp://a.example/r.txt", "https://", "http://[bad", "http://a.example:port/"])
def test_a_bad_address_is_refused_by_name(url):
    with pytest.raises(ArticleError, match="cannot be fetched"):
        guarded(NAMES, []).read(url, max_bytes=1000)


def test_what_never_ends_is_given_up():
    clock = Clock()

    def drip():
        while True:
            clock.now += FETCH_SECONDS / 3
            yield b"word "

    with pytest.raises(ArticleError, match="was still loading after 120 s"):
        fetcher(lambda request: httpx.Response(200, content=drip()), clock=clock).read(
            "https://a.example/r", max_bytes=LIMIT
        )


# --- a good guest ---


def test_a_server_hears_who_asks():
    seen = []
    web = fetcher(lambda request: seen.append(request.headers["user-agent"]) or text(request))
    web.read("https://a.example/r", max_bytes=LIMIT)
    assert seen[0].split("/")[0] == "askreports"


def test_robots_txt_is_obeyed_and_asked_for_once_a_host():
    asked = []

    def robots(request):
        asked.append(request.url.host)
        rules = "User-agent: *\nDisallow: /\n\nUser-agent: askreports\nDisallow: /private*/\nAllow: /private-news/"
        return httpx.Response(200, text=rules)

    web = fetcher(text, robots)
    assert web.read("https://a.example/news/1", max_bytes=LIMIT).text == TURKISH
    assert web.read("https://a.example/private-news/1", max_bytes=LIMIT).text == TURKISH
    with pytest.raises(ArticleError, match=r"https://a\.example/robots\.txt disallows automatic access; save the page"):
        web.read("https://a.example/private-7/x", max_bytes=LIMIT)
    web.read("https://b.example/1", max_bytes=LIMIT)
    assert asked == ["a.example", "b.example"]


def test_robots_txt_counts_at_each_hop():
    def handler(request):
        if request.url.host == "a.example":
            return httpx.Response(301, headers={"location": "https://b.example/x"})
        return text(request)

    def robots(request):
        closed = request.url.host == "b.example"
        return httpx.Response(200, text="User-agent: *\nDisallow: /" if closed else "")

    with pytest.raises(ArticleError, match=r"b\.example/robots\.txt disallows"):
        fetcher(handler, robots).read("https://a.example/x", max_bytes=LIMIT)


def test_a_host_that_cannot_say_what_it_allows_is_left_alone():
    with pytest.raises(ArticleError, match=r"robots\.txt answered 503; try again later"):
        fetcher(text, lambda request: httpx.Response(503)).read("https://a.example/x", max_bytes=LIMIT)


def test_a_host_is_asked_slowly_and_others_meanwhile():
    clock = Clock()
    web = fetcher(text, clock=clock)
    for url in ("https://a.example/1", "https://b.example/1", "https://a.example/2", "https://a.example/3"):
        web.read(url, max_bytes=LIMIT)
    assert clock.slept == [HOST_SECONDS, HOST_SECONDS]


@pytest.mark.parametrize(("asked", "waited"), [("7", 7.0), ("0.1", HOST_SECONDS), ("9999", MAX_DELAY)])
def test_a_delay_that_robots_txt_asks_for_is_kept_up_to_a_limit(asked, waited):
    clock = Clock()
    web = fetcher(text, f"User-agent: *\nCrawl-delay: {asked}", clock)
    for _ in range(2):
        web.read("https://a.example/1", max_bytes=LIMIT)
    assert clock.slept == [waited]


# --- the own network ---


@pytest.mark.parametrize(
    "host",
    "localhost LOCALHOST. a.localhost 127.0.0.1 127.1 2130706433 0x7f000001 10.1.2.3 192.168.0.1 172.16.5.5 "
    "169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1 fe80::1%eth0 fd00::1 ::ffff:127.0.0.1 64:ff9b::a9fe:a9fe "
    "2002:7f00:1:: ::127.0.0.1 ::a00:1".split(),
)
def test_addresses_of_the_own_machine_and_network_are_known(host):
    assert is_local_name(host)


@pytest.mark.parametrize(
    "host", ["a.example", "93.184.216.34", "2606:2800:220:1::1", "localhost.example", "10.example"]
)
def test_other_addresses_are_not(host):
    assert not is_local_name(host) and not is_local_address(host)


def guarded(names, seen, others=None):
    """A fetcher behind a guard that resolves by `names`; `seen` takes what would go out to the network.

    `others` are the addresses of every other name; without them it is unknown.
    """

    def network(request):
        seen.append((request.url.host, request.headers["host"], request.extensions.get("sni_hostname")))
        if request.headers["host"] == "moved.example":
            return httpx.Response(302, headers={"location": "http://inside.example/x"})
        return httpx.Response(404) if request.url.path == "/robots.txt" else text(request)

    def lookup(host, port):
        if host in names:
            return names[host]
        if others is None:
            raise OSError(-2, "Name or service not known")
        return others

    clock = Clock()
    transport = GuardedTransport(httpx.MockTransport(network), lookup=lookup)
    return Fetcher(httpx.Client(transport=transport), clock=clock, sleep=clock.sleep)


NAMES = {
    "a.example": ["93.184.216.34"],
    "moved.example": ["93.184.216.35"],
    "inside.example": ["169.254.169.254"],
    "both.example": ["93.184.216.36", "10.0.0.7"],
    "xn--gda-qbb.example": ["2606:2800:220:1::1"],
}


def test_the_address_that_was_checked_is_the_one_that_is_asked():
    seen = []
    assert guarded(NAMES, seen).read("https://a.example/x", max_bytes=LIMIT).text == TURKISH
    assert set(seen) == {("93.184.216.34", "a.example", "a.example")}


def test_a_name_in_another_script_and_an_address_of_the_newer_kind():
    seen = []
    name = "ągda".encode("idna").decode()
    assert guarded({name + ".example": ["2606:2800:220:1::1"]}, seen).read("https://ągda.example/", max_bytes=LIMIT)
    assert {host for host, _, _ in seen} == {"2606:2800:220:1::1"}


@pytest.mark.parametrize(
    "url",
    [
        "http://inside.example/x",
        "http://both.example/",
        "http://127.0.0.1:8000/x",
        "http://[::1]/",
        "http://localhost/",
    ],
)
def test_the_own_network_is_not_asked_and_the_way_out_is_told(url):
    seen = []
    with pytest.raises(ArticleError, match=r"on this machine or its local network.*ASKREPORTS_LOCAL_ADDRESSES=true"):
        guarded(NAMES, seen).read(url, max_bytes=LIMIT)
    assert seen == []


def test_a_redirect_into_the_own_network_is_not_followed():
    seen = []
    with pytest.raises(
        ArticleError, match=r"^http://moved\.example/r: .*inside\.example is on this machine or its local network"
    ):
        guarded(NAMES, seen).read("http://moved.example/r", max_bytes=LIMIT)
    assert {host for host, _, _ in seen} == {"93.184.216.35"}


def test_a_name_that_nobody_knows_is_told():
    with pytest.raises(ArticleError, match=r"cannot be fetched: the host name no\.example cannot be resolved"):
        guarded(NAMES, []).read("http://no.example/", max_bytes=LIMIT)


def test_a_fetcher_of_its_own_is_guarded_unless_the_setting_allows(http_site):
    with Fetcher() as web, pytest.raises(ArticleError, match="ASKREPORTS_LOCAL_ADDRESSES"):
        web.read(f"{http_site}/a.txt", max_bytes=LIMIT)
    with Fetcher(local=True) as web:
        assert web.read(f"{http_site}/a.txt", max_bytes=LIMIT).text == TURKISH
    assert web.read(f"{http_site}/b.txt", max_bytes=LIMIT).text == TURKISH
    web.close()


@pytest.fixture
def http_site():
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = not self.path.endswith("/robots.txt")
            self.send_response(200 if found else 404)
            self.send_header("content-type", "text/plain; charset=utf-8")
            self.end_headers()
            self.wfile.write(TURKISH.encode() if found else b"")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_proxy_of_the_environment_resolves_the_names_and_is_asked_for_no_local_one(http_site, monkeypatch):
    seen = []

    def network(request):
        seen.append(request.url.host)
        return httpx.Response(404) if request.url.path == "/robots.txt" else httpx.Response(200, text="Ferry.")

    guard = GuardedTransport(httpx.MockTransport(network), lookup=lambda host, port: ["93.184.216.34"])
    monkeypatch.setenv("http_proxy", http_site)
    monkeypatch.setenv("no_proxy", "b.example")
    with httpx.Client(transport=guard) as client:
        web = Fetcher(client, sleep=lambda seconds: None)
        assert web.read("http://a.example/x", max_bytes=LIMIT).text == TURKISH and seen == []
        with pytest.raises(ArticleError, match="on this machine or its local network"):
            web.read("http://127.1/x", max_bytes=LIMIT)
        assert web.read("http://b.example/x", max_bytes=LIMIT).text == "Ferry." and set(seen) == {"93.184.216.34"}


# --- attacks ---


class Packed(httpx.SyncByteStream):
    """A packed body that counts how much of it is taken."""

    def __init__(self, data):
        self.data, self.taken = data, 0

    def __iter__(self):
        for at in range(0, len(self.data), 4096):
            self.taken += len(self.data[at : at + 4096])
            yield self.data[at : at + 4096]


def packed(data, packing="gzip"):
    stream = Packed(data)
    headers = {"content-type": "text/plain", "content-encoding": packing}
    return stream, lambda request: httpx.Response(200, stream=stream, headers=headers)


def test_a_packed_answer_is_read():
    _, answer = packed(gzip.compress(TURKISH.encode()))
    assert fetcher(answer).read("https://a.example/r", max_bytes=LIMIT).text == TURKISH
    _, answer = packed(zlib.compress(TURKISH.encode()), "deflate")
    assert fetcher(answer).read("https://a.example/r", max_bytes=LIMIT).text == TURKISH


def test_a_bomb_is_left_when_it_has_unpacked_as_much_as_is_allowed():
    _, answer = packed(gzip.compress(bytes(50_000_000), 9))
    tracemalloc.start()
    with pytest.raises(ArticleError, match="more than the 1 MB allowed"):
        fetcher(answer).read("https://a.example/r", max_bytes=1_000_000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10_000_000


def test_a_bomb_in_robots_txt_is_left_too():
    _, answer = packed(gzip.compress(b"#" * 50_000_000, 9))
    tracemalloc.start()
    assert fetcher(text, robots=answer).read("https://a.example/r", max_bytes=LIMIT).text == TURKISH
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10_000_000


@pytest.mark.parametrize("packing", ["gzip, gzip", "gzip,deflate", "br", "zstd", "x" * 500])
def test_what_is_packed_otherwise_or_twice_is_refused(packing):
    stream, answer = packed(gzip.compress(gzip.compress(TURKISH.encode())), packing)
    with pytest.raises(ArticleError, match="which was not asked for; save the page"):
        fetcher(answer).read("https://a.example/r", max_bytes=LIMIT)
    assert stream.taken == 0


def test_what_is_not_packed_as_it_says_is_refused():
    _, answer = packed(b"plain text")
    with pytest.raises(ArticleError, match="is not packed as gzip, as its server says"):
        fetcher(answer).read("https://a.example/r", max_bytes=LIMIT)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/x", "http://0x7f.1/x", "http://0177.0.0.1/x", "http://2130706433/x", "http://0/x", "http://0x0/x",
        "http://[::]/x", "http://[::ffff:10.0.0.1]/x", "http://[::ffff:a00:1]/x", "http://[64:ff9b::7f00:1]/x",
        "http://[fe80::1]/x", "http://[fd12::1]/x", "http://user:pass@127.0.0.1/x", "http://a.example@127.0.0.1/x",
        "http://127.0.0.1:80#@a.example/x", "http://LOCALHOST./x", "http://x.localhost/x", "http://169.254.169.254/latest",
        "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/x", "http://\uff11\uff12\uff17.0.0.1/x", "http://127\u30020\u30020\u30021/x",
        "http://metadata.example/x", "http://100.100.100.200/x", "http://192.0.0.1/x", "http://198.18.0.1/x", "http://255.255.255.255/x",
        "http://[2002:a00:1::]/x", "http://[2001:0:4136:e378:8000:63bf:f5ff:fffe]/x", "http://[::127.0.0.1]/x", "http://[ff02::1]/x",
    ],
)  # fmt: skip
def test_no_spelling_of_an_address_reaches_the_own_network(url):
    seen = []
    # Whatever is not refused by its spelling would be reached.
    network = guarded({"metadata.example": ["169.254.169.254"]}, seen, others=["93.184.216.34"])
    with pytest.raises(ArticleError):
        network.read(url, max_bytes=LIMIT)
    assert seen == []


def test_a_name_that_changes_its_address_between_two_looks_is_asked_where_it_was_checked():
    seen, turns = [], iter([["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34"], ["127.0.0.1"]])

    class Changing(dict):
        def __contains__(self, host):
            return True

        def __getitem__(self, host):
            return next(turns)

    with pytest.raises(ArticleError, match="on this machine or its local network"):
        guarded(Changing(), seen).read("http://a.example/x", max_bytes=LIMIT)
    assert {host for host, _, _ in seen} == {"93.184.216.34"}


@pytest.mark.parametrize(
    "place",
    ["//127.0.0.1/x", "http://127.1/", "/\\127.0.0.1", "file:///etc/passwd", "gopher://127.0.0.1/", "http://[::1]/"],
)
def test_no_redirect_reaches_the_own_network_or_a_file(place):
    seen = []

    def network(request):
        seen.append(request.url.host)
        if request.url.path == "/robots.txt":
            return httpx.Response(404)
        return httpx.Response(302, headers={"location": place}) if len(seen) < 20 else text(request)

    clock = Clock()
    transport = GuardedTransport(httpx.MockTransport(network), lookup=lambda host, port: ["93.184.216.34"])
    web = Fetcher(httpx.Client(transport=transport), clock=clock, sleep=clock.sleep)
    with pytest.raises(ArticleError):
        web.read("http://a.example/r", max_bytes=LIMIT)
    assert set(seen) == {"93.184.216.34"}

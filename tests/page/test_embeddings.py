"""`/v1/embeddings` over a real socket, with the bundled embedder, as OpenAI's clients ask it."""

from __future__ import annotations

import base64
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
import uvicorn
from fake_reports import FakeReports
from fakes import FakeEmbedder

from rag.encoder import BundledEmbedder
from rag.encoder.endpoint import EndpointEmbedder
from rag.errors import ModelError
from rag.settings import Settings
from ui.auth import make_line

# Gradio 6.31 imports names that Starlette 1 and websockets are about to drop; nothing of ours calls them.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:(gradio|starlette|fastapi|websockets)")

TEXTS = [
    "Kim Bảng báo cáo 109 mô hình.",
    "İstanbul'da 29 köprü onarıldı.",
    "Заповедник закрыт до весны.",
    "橋は二〇二一年三月に閉鎖された。",
    "बाँध में बारह दरारें मिलीं।",
    "أغلق الجسر القديم في آذار.",
    "Rada miasta liczyła głosy do północy, a potem jeszcze raz, bo brakowało dwunastu.",
]
PLAIN, QUERY, PASSAGE = (f"multilingual-e5-small{way}" for way in ("", "-query", "-passage"))
NAME, SECRET = "Đỗ Việt Anh", "niño: año lớn"


def serving(embedder, accounts=None):
    from ui.server import Limits, make_app

    app = make_app(FakeReports(), Limits(accounts=accounts), embedder=embedder)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            threading.Event().wait(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def address(embedder):
    yield from serving(embedder)


@pytest.fixture(scope="module")
def locked(embedder, tmp_path_factory):
    accounts = tmp_path_factory.mktemp("door") / "accounts"
    accounts.write_text(make_line(NAME, SECRET), encoding="utf-8")
    yield from serving(embedder, accounts)


@pytest.fixture
def client(address):
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


def vectors(reply):
    assert reply.status_code == 200, reply.text
    rows = reply.json()["data"]
    assert [row["index"] for row in rows] == list(range(len(rows)))
    return np.array([row["embedding"] for row in rows], np.float32)


def refused(reply, status, *words):
    error = reply.json()["error"]
    assert reply.status_code == status and set(error) == {"message", "type", "param", "code"}
    for word in words:
        assert word in error["message"]
    return error


def test_the_model_s_name_says_what_the_texts_are(client, embedder):
    for model, expected in ((QUERY, embedder.queries(TEXTS)), (PASSAGE, embedder.passages(TEXTS))):
        assert np.allclose(
            vectors(client.post("embeddings", json={"input": TEXTS, "model": model})), expected, atol=1e-5
        )
    plain = vectors(client.post("embeddings", json={"input": [f"query: {text}" for text in TEXTS], "model": PLAIN}))
    assert np.allclose(plain, embedder.queries(TEXTS), atol=1e-5)
    bare = vectors(client.post("embeddings", json={"input": TEXTS, "model": PLAIN}))
    assert not np.allclose(bare, plain, atol=1e-2)
    assert [held["id"] for held in client.get("models").json()["data"]] == [PLAIN, QUERY, PASSAGE]


def test_one_string_is_one_text_and_usage_counts_its_tokens(client, embedder):
    reply = client.post("embeddings", json={"input": TEXTS[0], "model": PASSAGE, "user": "somebody"})
    assert vectors(reply).shape == (1, 384)
    said = reply.json()
    assert said["object"] == "list" and said["model"] == PASSAGE and said["data"][0]["object"] == "embedding"
    count = embedder.lengths(TEXTS[:1])[0]
    assert said["usage"] == {"prompt_tokens": count, "total_tokens": count} and count > 5


def test_base64_holds_the_same_floats(client):
    body = {"input": TEXTS[:3], "model": PASSAGE}
    floats = vectors(client.post("embeddings", json=body))
    packed = client.post("embeddings", json={**body, "encoding_format": "base64"}).json()["data"]
    held = [np.frombuffer(base64.b64decode(row["embedding"]), "<f4") for row in packed]
    assert np.array_equal(np.stack(held), floats)


def test_more_texts_than_one_batch_keep_their_order(client, embedder):
    texts = [f"{number}. {TEXTS[number % 7]}" for number in range(150)]
    found = vectors(client.post("embeddings", json={"input": texts, "model": PASSAGE}))
    assert np.allclose(found, embedder.passages(texts), atol=1e-5)


@pytest.mark.parametrize(
    ("body", "status", "words", "param"),
    [
        ({"input": "a"}, 404, ("no model None", QUERY), "model"),
        ({"input": "a", "model": []}, 404, ("no model []", QUERY), "model"),
        ({"input": "a", "model": "text-embedding-3-small"}, 404, ("text-embedding-3-small", PASSAGE), "model"),
        ({"model": PLAIN}, 400, ("input",), "input"),
        ({"input": [], "model": PLAIN}, 400, ("0 texts",), "input"),
        ({"input": ["a", " "], "model": PLAIN}, 400, ("input[1] is empty",), "input"),
        ({"input": [[101, 7]], "model": PLAIN}, 400, ("token ids",), "input"),
        ({"input": ["a"] * 2049, "model": PLAIN}, 400, ("2049 texts",), "input"),
        ({"input": ["a", "chữ " * 9000], "model": PLAIN}, 400, ("input[1] has", "8192"), "input"),
        ({"input": "a", "model": PLAIN, "encoding_format": "int8"}, 400, ("int8",), "encoding_format"),
        ({"input": "a", "model": PLAIN, "dimensions": 64}, 400, ("dimensions",), "dimensions"),
        ({"input": "a", "model": PLAIN, "input_type": "query"}, 400, ("input_type",), "input_type"),
        ([1], 400, ("object",), None),
    ],
)
def test_what_cannot_be_served_is_refused_as_openai_does(client, body, status, words, param):
    assert refused(client.post("embeddings", json=body), status, *words)["param"] == param


def test_a_request_of_too_many_tokens_or_bytes_is_refused(client):
    many = ["chữ " * 4000] * 80
    refused(client.post("embeddings", json={"input": many, "model": PLAIN}), 400, "300000")
    refused(client.post("embeddings", json={"input": "x" * 9_000_000, "model": PLAIN}), 413, "bytes")


def test_only_json_is_read(client):
    refused(client.post("embeddings", content="{}", headers={"content-type": "text/plain"}), 415, "application/json")
    broken = {"content-type": "application/json; charset=utf-8"}
    refused(client.post("embeddings", content="{", headers=broken), 400, "not JSON")
    refused(client.post("embeddings", content="[" * 200_000, headers=broken), 400, "not JSON")


def test_half_a_surrogate_pair_is_no_error(client):
    body = {"input": "a \ud800 b", "model": PLAIN}
    sent = client.post("embeddings", content=json.dumps(body), headers={"content-type": "application/json"})
    assert vectors(sent).shape == (1, 384)


def test_many_at_once_all_get_their_own_vectors_or_are_told_to_come_again(address, embedder):
    expected = embedder.passages(TEXTS)

    def ask(number):
        with httpx.Client(base_url=address, timeout=60) as client:
            return number % 7, client.post("embeddings", json={"input": [TEXTS[number % 7]] * 3, "model": PASSAGE})

    with ThreadPoolExecutor(40) as pool:
        replies = list(pool.map(ask, range(40)))
    assert {reply.status_code for _, reply in replies} <= {200, 429}
    served = [(text, reply) for text, reply in replies if reply.status_code == 200]
    assert len(served) >= 16
    for text, reply in served:
        assert np.allclose(vectors(reply), expected[text], atol=1e-5)
    for _, reply in replies:
        if reply.status_code == 429:
            assert reply.headers["retry-after"] == "1" and refused(reply, 429)["code"] == "rate_limit_exceeded"


def test_our_own_endpoint_embedder_gets_the_bundled_vectors(address, embedder, clean_environment):
    settings = Settings(
        embedder=address,
        embedder_model=PLAIN,
        embedder_query_prefix="query: ",
        embedder_passage_prefix="passage: ",
    )
    with httpx.Client(timeout=60) as client:
        remote = EndpointEmbedder(settings, client)
        for ours, theirs in ((remote.queries, embedder.queries), (remote.passages, embedder.passages)):
            assert np.allclose(ours(TEXTS), theirs(TEXTS), atol=1e-5)
        with pytest.raises(ModelError, match="404"):
            EndpointEmbedder(Settings(embedder=address, embedder_model="other"), client).queries(["a"])


def test_the_page_s_accounts_hold_here_too(locked, embedder):
    body = {"input": TEXTS[:1], "model": QUERY}
    basic = base64.b64encode(f"{NAME}:{SECRET}".encode()).decode()
    with httpx.Client(base_url=locked, timeout=60) as client:
        for header in (f"Basic {basic}", f"Bearer {NAME}:{SECRET}"):
            for _ in range(5):  # a program asks often, with the same key
                reply = client.post("embeddings", json=body, headers={"authorization": header.encode()})
                assert np.allclose(vectors(reply), embedder.queries(TEXTS[:1]), atol=1e-5)
        assert client.get("models").status_code == 401
        for wrong in ("", "Basic %%%", f"Bearer {NAME}:niño", "Bearer a", "Digest a:b"):
            reply = client.post("embeddings", json=body, headers={"authorization": wrong.encode()})
            assert refused(reply, 401)["code"] == "invalid_api_key"


def test_who_guesses_is_made_to_wait(locked):
    with httpx.Client(base_url=locked, timeout=60) as client:
        said = [client.get("models", headers={"authorization": f"Bearer Eve:{n}"}).status_code for n in range(6)]
    assert said[0] == 401 and said[-1] == 429


@pytest.mark.parametrize("embedder", [None, FakeEmbedder()])
def test_another_embedder_is_not_served_under_this_one_s_name(embedder):
    for address in serving(embedder):
        with httpx.Client(base_url=address) as client:
            refused(client.post("embeddings", json={"input": "a", "model": PLAIN}), 404, "ASKREPORTS_EMBEDDER=bundled")
            assert client.get("models").status_code == 404


def test_the_bundled_embedder_s_lengths_are_the_model_s_tokens(embedder):
    assert isinstance(embedder, BundledEmbedder)
    assert embedder.lengths(["a", "a a a a"]) == [1, 4]

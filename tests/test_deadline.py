"""Servers that are dead or slow, on real sockets: each costs a bounded time, and threads end."""

from __future__ import annotations

import time

import httpx
import pytest
from slow_server import closing, dripping, dripping_body, dripping_events, serving, silent

from rag.deadline import bounded, within
from rag.encoder.endpoint import EndpointEmbedder
from rag.errors import ModelError
from rag.llm.endpoint import Endpoint
from rag.llm.model import Message, Prompt
from rag.settings import Settings

ASKED = Prompt((Message("user", "Kaç model?"),), max_tokens=5)
TIMEOUT = 1.5  # seconds; far below the minute after which a test would be stopped


@pytest.mark.parametrize("behave", [silent, dripping, dripping_body, dripping_events])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_model_that_never_ends_its_answer_costs_its_time_once(behave, streamed):
    with serving(behave) as (address, came):
        model = Endpoint(address, model="m", timeout=TIMEOUT)
        for expected in ("took longer than 1.5 s", "asked again in"):
            with pytest.raises(ModelError, match=expected):
                model.complete(ASKED, on_text=(lambda text: None) if streamed else None)
        assert len(came) == 1, "the second question does not wait for it"
        model.close()


def test_a_server_that_hangs_up_is_asked_again_by_the_next_question():
    with serving(closing) as (address, came):
        model = Endpoint(address, model="m", timeout=TIMEOUT)
        for _ in range(2):
            with pytest.raises(ModelError, match="broke off"):
                model.complete(ASKED)
        assert len(came) == 2
        model.close()


def test_after_a_while_a_dead_model_is_asked_again(monkeypatch):
    with serving(silent) as (address, came):
        model = Endpoint(address, model="m", timeout=0.2)
        for _ in range(2):
            with pytest.raises(ModelError, match="took longer"):
                model.complete(ASKED)
            monkeypatch.setattr("rag.llm.wire.time.monotonic", lambda now=time.monotonic: now() + 31)
        assert len(came) == 2
        model.close()


@pytest.mark.parametrize("behave", [silent, dripping, dripping_body])
def test_an_embedder_that_never_ends_its_answer_is_an_error(behave, clean_environment):
    with serving(behave) as (address, _), httpx.Client(timeout=60) as client:
        with pytest.raises(ModelError, match="check ASKREPORTS_EMBEDDER"):
            EndpointEmbedder(Settings(embedder=address, llm_timeout=TIMEOUT), client).queries(["a"])


def test_a_deadline_ends_with_its_block_and_the_nearer_one_holds():
    with serving(dripping) as (address, _), bounded(httpx.Client(timeout=30)) as client:
        with within(60), pytest.raises(httpx.ReadTimeout), within(0.5):
            client.get(address)
        with within(0.5), pytest.raises(httpx.ReadTimeout), within(60):
            client.get(address)
        with within(-1), pytest.raises(httpx.ConnectTimeout):
            client.get(address)

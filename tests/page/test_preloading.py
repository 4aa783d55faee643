"""The models are made ready beside the open page."""

from __future__ import annotations

import threading

from rag.errors import ModelError
from ui.preloading import Warming


def test_start_returns_at_once_and_the_end_is_told():
    gate = threading.Event()
    warming = Warming(lambda: None if gate.wait(30) else None)
    warming.start()
    assert not warming.ready
    gate.set()
    assert warming.wait(30) and warming.ready and not warming.problem


def test_what_went_wrong_is_kept_as_the_reason():
    def fail() -> None:
        raise ModelError("no model; set ASKREPORTS_LLM")

    warming = Warming(fail)
    warming.start()
    assert warming.wait(30) and warming.problem == "no model; set ASKREPORTS_LLM"

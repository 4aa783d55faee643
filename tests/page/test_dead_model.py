"""Many people ask while the language model's server is dead or slow: a bounded time, and no place is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_reader import FakeReader, pin
from slow_server import closing, dripping, serving, silent

from rag import Reports, Settings
from ui.answer_stream import ANSWERED, Lines, follow
from ui.exchanges import Exchange

PEOPLE = 12
QUESTION = "How many votes were counted for the old bridge in Lund?"


@pytest.mark.parametrize("behave", [silent, dripping, closing])
def test_everybody_gets_evidence_and_an_end_and_all_places_come_back(
    behave, folder, tmp_path, embedder, monkeypatch, clean_environment
):
    pin(monkeypatch.setattr)
    lines = Lines()
    with serving(behave) as (address, came):
        settings = Settings(llm=address, llm_model="m", llm_timeout=1.0)
        more = {"settings": settings, "embedder": embedder, "reader": FakeReader({QUESTION: "12 votes"})}
        with Reports.open(folder, home=tmp_path / "home", **more) as reports:
            reports.retrieve(QUESTION)

            def ask(number):
                steps = follow(reports, (), Exchange(QUESTION), session=str(number), lines=lines)
                return [step.exchange for step in steps]

            with ThreadPoolExecutor(PEOPLE) as pool:
                ends = [steps[-1] for steps in pool.map(ask, range(PEOPLE))]
    for end in ends:
        assert end.hits and end.short == "12 votes", "what needs no model is there"
        assert address in end.problem
    if behave is not closing:
        # Whoever was at work waited for it; nobody after them.
        assert len(came) <= ANSWERED
    for line in (lines.evidence, lines.answers, lines.reading):
        assert line.place(line.join()) == 0

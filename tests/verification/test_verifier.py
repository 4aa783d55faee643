"""The verifier around its network: what it is shown of a claim and its passage, and what its scores are read as."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from fake_reports import article

from rag.encoder import TEXT_TOKENS, columns, open_tokenizer
from rag.encoder.claims import CLAIM_TOKENS, HEADS
from rag.encoder.reader_input import HEADER_TOKENS
from rag.errors import NeedError
from rag.models import Passage
from rag.settings import Settings
from rag.verification import Statement, open_verifier
from rag.verification.verifier import ClaimVerifier

pytestmark = pytest.mark.usefixtures("clean_environment")


class Scorer:
    """Gives the same scores for every input, and keeps the inputs."""

    def __init__(self, scores: Sequence[float]) -> None:
        self.inputs: list[list[int]] = []
        self._scores = scores

    def score(self, inputs: Sequence[Sequence[int]]) -> np.ndarray:
        self.inputs += map(list, inputs)
        return np.array([self._scores] * len(inputs), np.float32).reshape(len(inputs), len(self._scores))


@pytest.fixture
def made(monkeypatch):
    """A verifier with a scorer that gives 1, 2, 3 ... for its labels."""
    verifier = open_verifier(Settings())
    scorer = Scorer(range(1, 1 + sum(map(len, HEADS.values()))))
    monkeypatch.setitem(verifier.__dict__, "_scorer", scorer)
    return verifier, scorer


def claim(text: str, passage: str, words: str, **more: str) -> Statement:
    report = article(f"Before. {passage} After.", **more)
    start = report.text.index(passage)
    at = report.text.index(words)
    return Statement(text, report, Passage("report", start, start + len(passage), passage), at, at + len(words))


def parts(ids: Sequence[int]) -> list[str]:
    """Statement, header and passage as they were shown."""
    tokenizer = open_tokenizer()
    held: list[list[int]] = [[]]
    for id in ids[1:]:
        if id == tokenizer.end:
            held.append([])
        else:
            held[-1].append(id)
    from rag.encoder.shared import open_pack

    pieces = [piece for piece, _ in open_pack().pieces]
    return ["".join(pieces[id] for id in part).replace("\u2581", " ").strip() for part in held[:-1]]


@pytest.mark.parametrize(
    ("said", "passage", "words"),
    [
        ("How many votes? 12", "The council counted 12 votes.", "12"),
        ("Сколько голосов? 12", "Совет насчитал 12 голосов.", "12"),
        ("有多少票? 12", "理事会数出12票。", "12"),
        ("كم صوتا؟ 12", "عدّ المجلس 12 صوتا.", "12"),
    ],
)
def test_claim_header_and_passage_are_shown_together(made, said, passage, words):
    verifier, scorer = made
    verifier.carries([claim(said, passage, words, title="The bridge")])
    shown = parts(scorer.inputs[0])
    # The tokenizer writes full-width marks and Arabic ones as plain ones, so letters and digits are compared.
    kept = [["".join(filter(str.isalnum, text)) for text in one] for one in (shown, (said, "The bridge", passage))]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("at", [0, 150, 299])
def test_of_a_long_passage_the_text_around_the_words_is_shown(made, at):
    verifier, scorer = made
    words = [f"word{number}" for number in range(300)]
    verifier.carries([claim("It is so. " * 80, " ".join(words), words[at], title="title " * 60)])
    shown = scorer.inputs[0]
    assert len(shown) == CLAIM_TOKENS + HEADER_TOKENS + TEXT_TOKENS + 4
    assert words[at] in parts(shown)[2].split()


def test_scores_are_read_by_head(made):
    verifier, scorer = made
    one = claim("It has 12.", "It has 12.", "12")
    judged, again = verifier.carries([one, one])
    assert judged == again
    assert judged.yes + judged.no + judged.unknown == pytest.approx(1)
    assert judged.yes < judged.no < judged.unknown
    assert [columns(head) for head in HEADS] == [slice(0, 3), slice(3, 6), slice(6, 8)]
    assert verifier.carries([]) == []


def test_a_folder_without_weights_says_how_to_get_some(tmp_path):
    with pytest.raises(NeedError, match=r"holds no verifier\.onnx; set ASKREPORTS_VERIFIER"):
        open_verifier(Settings(verifier=str(tmp_path)))
    assert open_verifier(Settings()).name == "bundled"


def test_the_bundled_verifier_tells_right_claims_from_wrong_ones():
    verifier = open_verifier(Settings())
    assert isinstance(verifier, ClaimVerifier)
    text = "The council of Lund bought 12 buses in 2019, and sold 30 trams."
    carries, denies = verifier.carries(
        [claim(said, text, "12") for said in ("Lund bought 12 buses.", "Lund bought 40 buses.")]
    )
    assert carries.yes > carries.no and denies.no > denies.yes

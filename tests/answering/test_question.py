"""What is read of a question before it is answered: its text, its language, and of which kind it is."""

from __future__ import annotations

import numpy as np
import pytest

import rag.answering.classes as classes
from rag.answering import ALONE, FOLLOWS
from rag.answering.question import KINDS, TALK, Question, kind_of, understand
from rag.errors import QuestionError

HELD = ["pl", "de"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("\0\0", "empty"),
        ("?!", "contains no word"),
        ("🎉🎉", "contains no word"),
        ("a" * 101, "has 101 characters, but the limit is 100.*ASKREPORTS_MAX_QUESTION_CHARS"),
    ],
)
def test_what_is_no_question_is_refused_with_the_way_out(text, why):
    with pytest.raises(QuestionError, match=why):
        understand(text, limit=100, languages=HELD)


def test_white_space_and_nul_are_made_plain_and_the_rest_stays():
    assert understand("  Ile\0 modeli\n zgłosił   Kim Bảng? ", limit=100, languages=HELD) == Question(
        "Ile modeli zgłosił Kim Bảng?", "pl"
    )
    assert understand("7", limit=100, languages=HELD).text == "7"
    assert understand("谁?", limit=2, languages=HELD).text == "谁?"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How many models did Ninh Son register?", "en"),
        ("Wie viele Modelle meldete Ninh Son an?", "de"),
        ("Combien de modèles Kim Bang a-t-il signalés ?", "fr"),
        ("Berapakah bilangan model yang dilaporkan oleh Kim Bang?", "ms"),
        ("Сколько моделей зарегистрировал Ниньшон?", "ru"),
        ("كم عدد النماذج التي أبلغ عنها كيم بانغ؟", "ar"),
        ("金榜报告了多少个模型?", "zh"),
        ("किम बांग ने कितने मॉडल बताए?", "hi"),
        ("Κιμ Μπανγκ: πόσα μοντέλα ανέφερε;", "el"),
    ],
)
def test_the_language_is_the_questions_whatever_the_reports_are_in(text, language):
    assert understand(text, limit=100, languages=HELD).language == language


@pytest.fixture
def table(monkeypatch, tmp_path):
    """A table where the n-th direction says the n-th kind, the kinds stored in another order than KINDS."""
    kinds = list(reversed(KINDS))
    weights = np.zeros((len(KINDS), len(KINDS)), np.float32)
    for row, kind in enumerate(kinds):
        weights[row, KINDS.index(kind)] = 10
    monkeypatch.setattr(classes, "read_table", lambda name: (tuple(kinds), weights, np.zeros(len(KINDS), np.float32)))


def vector(*kinds: str) -> np.ndarray:
    return np.array([float(kind in kinds) for kind in KINDS], np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_is_the_one_whose_direction_the_vector_has(table, kind):
    assert kind_of(vector(kind)) == kind


def test_where_no_kind_is_sure_one_fact_is_asked_for(table):
    assert kind_of(vector()) == "fact"
    assert kind_of(0.1 * vector("total")) == "fact"


def test_where_it_is_talk_of_one_sort_or_another_it_is_talk(table):
    assert kind_of(vector("thanks", "greeting", "help")) in TALK
    assert kind_of(0.2 * vector("thanks")) == "fact"


def test_a_vector_of_another_embedder_asks_for_one_fact(table):
    assert kind_of(np.ones(512, np.float32)) == "fact"


@pytest.mark.parametrize(("name", "labels"), [("kinds.npz", set(KINDS)), ("follows.npz", {ALONE, FOLLOWS})])
def test_the_shipped_tables_are_for_the_bundled_embedder(name, labels):
    found, weights, bias = classes.read_table(name)
    assert set(found) == labels and weights.shape == (len(labels), 384) and bias.shape == (len(labels),)

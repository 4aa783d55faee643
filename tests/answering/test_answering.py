"""Readings into answers: what is told, in whose language, with which proof, and when nothing is told.

The reader is told what to find, the collection holds whole reports, and the language model says what it was given: so
each test sees one step of the chain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from math import log

import numpy as np
import pytest
from babel.numbers import format_decimal
from fake_model import FakeModel
from fake_reader import DOUBTED, PROBABLE, SURE, FakeReader, odds, pin
from fake_reports import article
from fake_verifier import FakeVerifier

from rag.answering import Chain
from rag.answering.chain import declined
from rag.answering.lists import told_items
from rag.answering.question import TALK
from rag.answering.rewriting import translate
from rag.errors import ModelError, QuestionError
from rag.language import entries, language_of, told_in
from rag.models import (
    Answer,
    AnswerReady,
    Article,
    EvidenceFound,
    Hit,
    Passage,
    ShortFound,
    TextDelta,
    Turn,
    rounded_down,
)
from rag.sources.passages import sentences
from rag.verification import Entailment

PL = article(
    "Rada miasta Oslo zebrała się 5 lipca 2023 r. Za parkiem oddano 109 głosów. Burmistrz Jan Kot podziękował.",
    id="pl",
    language="pl",
    published=date(2023, 7, 5),
    places=("Oslo",),
)
DE = article(
    "Der Rat von Lyon tagte am 4. Mai 2022. Er zählte 29 Stimmen für die neue Schule.",
    id="de",
    language="de",
    published=date(2022, 5, 4),
    places=("Lyon",),
)
EN = article(
    "The council met in Lund on 3 March 2021. It counted 12 votes for the old bridge. The mayor was ill.",
    id="en",
    published=date(2021, 3, 3),
    places=("Lund",),
)
VOTES = "How many votes were there?"


class Collection:
    """Whole reports as passages, in this order for every question unless `nearest` says otherwise.

    `alike` is the likeness of any two texts.
    """

    languages = ("pl", "de", "en")

    def __init__(self, *articles: Article, nearest: Callable[[str], Sequence[Article]] | None = None) -> None:
        self.alike = 1.0
        self.compared: list[tuple[str, str, str, str]] = []
        self.limits: list[int] = []
        self._nearest = nearest or (lambda question: articles)

    def retrieve(self, question: str, language: str, limit: int) -> list[Hit]:
        self.limits.append(limit)
        return [
            Hit(Passage(one.id, 0, len(one.text), one.text), one, 2 - rank / 10, rank + 1, None, sentences(one)[0])
            for rank, one in enumerate(self._nearest(question)[:limit])
        ]

    def heads(self) -> list[Article]:
        return list(self._nearest(""))

    def laid_out(self, article: Article) -> tuple[list[Passage], np.ndarray]:
        found = self.sentences(article, 0, len(article.text))
        return found, np.eye(len(found), dtype=np.float32)

    def sentences(self, article: Article, start: int, end: int) -> list[Passage]:
        return [one for one in sentences(article) if one.start < end and start < one.end]

    def vector(self, question: str, language: str) -> np.ndarray:
        return np.zeros(1, np.float32)

    def likeness(self, *texts: str) -> float:
        self.compared.append(texts)
        return self.alike


@pytest.fixture(autouse=True)
def pinned(monkeypatch):
    """Questions ask for one fact, margins are log-odds; called, it sets another kind."""

    def set_kind(kind: str) -> None:
        pin(monkeypatch.setattr, kind)

    set_kind("fact")
    return set_kind


def chain(
    collection: Collection, reader: FakeReader, model: FakeModel | None = None, verifier: FakeVerifier | None = None
) -> Chain:
    return Chain(collection, reader, verifier or FakeVerifier(), model, 8, 300, {"reader": "fake"}, "hash")


def ask(
    question: str, *articles: Article, finds, model: FakeModel | None = None, history=(), verifier=None, **options
) -> Answer:
    """The answer over the reports; whatever it is, its citations and markers hold."""
    return checked(chain(Collection(*articles), FakeReader(finds), model, verifier), question, history, **options)


def checked(made: Chain, question: str, history=(), **options) -> Answer:
    *events, last = made.events(question, history, **options)
    assert isinstance(last, AnswerReady)
    answer = last.answer
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == answer.text
    texts = {hit.article.id: hit.article.text for hit in answer.hits}
    assert all(texts[c.article_id][c.start : c.end] == c.quote for c in answer.citations)
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    used = [n for claim in answer.claims for n in claim.citations] + [other.citation for other in answer.others]
    assert set(used) == {c.number for c in answer.citations}
    assert all(claim.support != "unsupported" and claim.citations for claim in answer.claims)
    assert answer.answered == bool(answer.claims or answer.kind == "talk")
    if answer.claims:
        assert answer.text == " ".join(
            claim.text + "".join(f" [{n}]" for n in claim.citations) for claim in answer.claims
        )
    if answer.span:
        assert texts[answer.span[0]][answer.span[1] : answer.span[2]]
    return answer


# One fact


def test_evidence_then_the_short_answer_then_words_then_the_answer():
    events = list(chain(Collection(PL, EN), FakeReader({"": "109 głosów"})).events(VOTES, ()))
    kinds = [type(event) for event in events]
    assert kinds[:2] == [EvidenceFound, ShortFound] and kinds[-1] is AnswerReady
    assert set(kinds[2:-1]) == {TextDelta}
    assert [hit.article.id for hit in events[0].hits] == ["pl", "en"]
    assert events[1] == ShortFound("109", rounded_down(odds(SURE), 4))
    assert set(events[-1].answer.timings) == {"evidence", "short", "total"}


def test_evidence_comes_before_anything_is_read():
    reader = FakeReader({"": "109 głosów"})
    events = chain(Collection(PL), reader).events(VOTES, ())
    assert isinstance(next(events), EvidenceFound) and reader.asked == []


def test_the_answer_says_what_was_read_where_and_by_whom():
    answer = ask(VOTES, PL, finds={"": "109 głosów"})
    assert (answer.text, answer.short, answer.language) == ("109 [1]", "109", "en")
    (citation,) = answer.citations
    assert (citation.quote, citation.language) == ("Za parkiem oddano 109 głosów.", "pl")
    start = PL.text.index("109")
    assert answer.span == ("pl", start, start + len("109 głosów"))
    (claim,) = answer.claims
    assert (claim.support, claim.probability, answer.confidence) == ("supported", *2 * [rounded_down(odds(SURE), 4)])
    assert (answer.models, answer.settings_hash) == ({"reader": "fake"}, "hash")
    assert ask(VOTES, PL, finds={"": ("109 głosów", PROBABLE)}).claims[0].support == "weak"


@pytest.mark.parametrize(
    ("question", "finds", "short"),
    [
        ("Wann tagte der Rat?", "5 lipca 2023 r.", "5. Juli 2023"),
        ("Quand le conseil s'est-il réuni ?", "5 lipca 2023 r.", "5 juillet 2023"),
        ("Когда собрался совет?", "5 lipca 2023 r.", "5 июля 2023 г."),
        ("Сколько голосов было отдано?", "109 głosów", "109"),
        ("¿Quién es el alcalde?", "Jan Kot", "Jan Kot"),
        ("Kto podziękował?", "Burmistrz Jan Kot", "Burmistrz Jan Kot"),
        ("Who is thanking?", "Burmistrz", "“Burmistrz” (Polish)"),
        ("Kim teşekkür etti?", "Burmistrz", "“Burmistrz” (Lehçe)"),
    ],
)
def test_the_short_answer_is_in_the_askers_language_or_quoted(question, finds, short):
    assert " ".join(ask(question, PL, finds={"": finds}).short.split()) == short


@pytest.mark.parametrize("language", ["en", "de", "pl", "vi", "ru", "ar", "zh", "tr", "th", "hi"])
def test_what_is_not_likely_enough_is_declined_in_the_askers_language(language):
    question = {
        "en": "How many people live there?", "de": "Wie viele Menschen leben dort?", "pl": "Ilu tam mieszka ludzi?",
        "vi": "Có bao nhiêu người sống ở đó?", "ru": "Сколько там живёт людей?", "ar": "كم عدد السكان هناك؟",
        "zh": "那里住着多少人?", "tr": "Orada kaç kişi yaşıyor?", "th": "มีคนอยู่ที่นั่นกี่คน", "hi": "वहाँ कितने लोग रहते हैं?",
    }[language]  # fmt: skip
    answer = ask(question, PL, EN, finds={"": ("109 głosów", DOUBTED)})
    assert (answer.answered, answer.text, answer.language) == (False, declined(language), language)
    assert (answer.citations, answer.claims, answer.others, answer.short) == ((), (), (), "")
    assert [hit.article.id for hit in answer.hits] == ["pl", "en"]
    assert answer.confidence == rounded_down(odds(DOUBTED), 4), "how near it came"
    assert PL.text[answer.span[1] : answer.span[2]] == "109 głosów", "and where"


def test_a_language_without_a_sentence_of_its_own_is_told_in_english():
    assert declined("tlh") == declined("en") == "Nothing was found in the reports that answers this question."
    assert declined("pt-BR") == declined("pt")


def test_nothing_found_and_nothing_held_is_declined():
    for reports in ((PL,), ()):
        answer = ask(VOTES, *reports, finds={})
        assert (answer.answered, answer.confidence, answer.span) == (False, 0.0, None)


def test_other_readings_are_told_with_their_probability_and_proof():
    finds = {"": [("109 głosów", 0.0), ("29 Stimmen", -0.6), ("12 votes", -1.5), ("4. Mai", -5.0)]}
    answer = ask(VOTES, PL, replace(DE, published=None), EN, finds=finds)
    assert answer.text == "109 [1]"
    quotes = {c.number: c.quote for c in answer.citations}
    told = [(other.short, other.probability, quotes[other.citation]) for other in answer.others]
    assert told == [
        ("29", rounded_down(odds(-0.6), 4), "Er zählte 29 Stimmen für die neue Schule."),
        ("12 votes", rounded_down(1 - odds(0.0) - odds(-0.6), 4), "It counted 12 votes for the old bridge."),
    ], "together no likelier than that the answer is wrong"


def test_beside_a_sure_answer_nothing_else_is_told():
    finds = {"": [("109 głosów", 3.0), ("29 Stimmen", 0.0)]}
    answer = ask(VOTES, PL, replace(DE, published=None), finds=finds)
    assert (answer.text, answer.others, len(answer.citations)) == ("109 [1]", (), 1)


def test_the_same_answer_from_another_report_is_no_other_reading():
    again = article("W Oslo było 109 głosów.", id="again", language="pl")
    answer = ask(VOTES, PL, again, finds={"": ["109 głosów"]})
    assert (answer.others, len(answer.citations)) == ((), 1)


# What is found is checked


def test_a_figure_that_was_cut_off_is_not_told():
    report = article("Droga ma 12,5 km i 8 mostów.", language="pl")
    answer = ask("How long is the road?", report, finds={"": ["12", ("8", PROBABLE)]})
    assert answer.short == "8", "the next reading is told"
    assert not ask("How long is the road?", report, finds={"": "12"}).answered
    assert ask("How long is the road?", report, finds={"": "12,5 km"}).short == "12.5 kilometres"


def test_words_that_cannot_be_told_truly_are_quoted():
    report = article("Проект стоит 1,2 млрд рублей, по другим сведениям вдвое больше.", language="ru")
    assert ask("How much does it cost?", report, finds={"": "1,2 млрд рублей"}).short == "1.2 billion Russian roubles"
    answer = ask("How much does it cost?", report, finds={"": "по другим сведениям вдвое больше"})
    assert answer.short == "“по другим сведениям вдвое больше” (Russian)"


def test_a_report_that_went_meanwhile_is_cited_as_it_was_read():
    collection = Collection(EN)
    collection.sentences = lambda article, start, end: []
    answer = checked(chain(collection, FakeReader({"": "12 votes"})), VOTES)
    assert answer.answered and answer.citations[0].quote == EN.text


# Reports that contradict each other


@pytest.mark.parametrize("order", [(EN, DE), (DE, EN)])
def test_two_reports_that_contradict_each_other_are_both_told_the_later_first(order):
    finds = {"": ["12 votes", ("29 Stimmen", SURE - 1)]}
    answer = ask(VOTES, *order, finds=finds)
    assert answer.text == "29 (4 May 2022) [1] 12 votes (3 March 2021) [2]"
    assert answer.short == "29" and [other.short for other in answer.others] == ["12 votes"]
    assert [c.article_id for c in answer.citations] == ["de", "en"]
    assert answer.others[0].citation == 2


@pytest.mark.parametrize(
    ("other", "margin", "told"),
    [
        (DE, PROBABLE - 1, []),
        (replace(DE, published=None), SURE, ["29"]),
        (replace(DE, published=EN.published), SURE, ["29"]),
    ],
)
def test_a_doubtful_reading_or_one_of_the_same_day_contradicts_nothing(other, margin, told):
    answer = ask(VOTES, EN, other, finds={"": [("12 votes", SURE + 1), ("29 Stimmen", margin)]})
    assert (answer.short, len(answer.claims), [one.short for one in answer.others]) == ("12 votes", 1, told)


# Follow-ups


LYON, AND_LUND = "How many votes were there in Lyon?", "And in Lund?"
HISTORY = [Turn("Was it cold?", "Yes."), Turn(LYON, "29 [1]")]
SURELY, MAYBE, NEVER = 0.9, 0.4, 0.01


@pytest.fixture
def following(monkeypatch):
    """Sets how likely each question is a follow-up; earlier questions are new."""

    def set_chance(chance: float | None) -> None:
        monkeypatch.setattr("rag.answering.chain.chance_to_follow", lambda vector: chance if vector[0] > 0 else 0.0)

    return set_chance


def follow_up(finds, model=None, history=HISTORY, **options) -> tuple[Answer, FakeReader, Collection]:
    reader = FakeReader(finds)
    collection = Collection(nearest=lambda question: (DE, EN) if "votes" in question else (PL,))
    collection.vector = lambda question, language: np.array([question == AND_LUND], np.float32)
    return checked(chain(collection, reader, model), AND_LUND, history, **options), reader, collection


@pytest.mark.parametrize("model", [None, FakeModel(small=True)])
def test_a_follow_up_is_read_as_it_is_in_passages_found_with_the_question_before(following, model):
    following(SURELY)
    answer, reader, _ = follow_up({AND_LUND: "12 votes"}, model)
    assert reader.asked == [AND_LUND], "of two questions at once a reader answers the first"
    assert (answer.question, answer.standalone_question) == (AND_LUND, f"{LYON} {AND_LUND}")
    assert (answer.follows, answer.short) == (LYON, "12 votes")
    assert [hit.article.id for hit in answer.hits] == ["de", "en"]


def test_a_new_question_is_asked_alone_whatever_was_asked_before(following):
    following(NEVER)
    answer, reader, _ = follow_up({"": ["12 votes", "109 głosów"]})
    assert (answer.follows, answer.standalone_question, answer.short) == ("", AND_LUND, "109")
    assert reader.asked == [AND_LUND]


def test_a_follow_up_is_asked_as_typed_where_that_is_wanted(following):
    following(SURELY)
    answer, _, _ = follow_up({"": ["12 votes", "109 głosów"]}, alone=True)
    assert (answer.follows, answer.standalone_question, answer.short) == ("", AND_LUND, "109")


def test_a_follow_up_of_a_follow_up_looks_back_to_the_last_new_question(following):
    following(SURELY)
    history = [Turn("How many votes had Rome?", "3"), Turn(AND_LUND, "12 [1]")]
    answer, _, _ = follow_up({AND_LUND: "12 votes"}, history=history)
    assert answer.standalone_question == f"How many votes had Rome? {AND_LUND} {AND_LUND}"
    assert answer.follows == AND_LUND


def test_a_follow_up_looks_past_talk(following, monkeypatch):
    following(SURELY)
    monkeypatch.setattr("rag.answering.chain.kind_of", lambda vector: "thanks" if vector[0] < 0 else "fact")
    said = {AND_LUND: 1.0, "Thanks!": -1.0}
    collection = Collection(DE, EN)
    collection.vector = lambda question, language: np.array([said.get(question, 0.0)], np.float32)
    made = chain(collection, FakeReader({AND_LUND: "12 votes"}))
    answer = checked(made, AND_LUND, [Turn(LYON, "29 [1]"), Turn("Thanks!", "You are welcome.")])
    assert (answer.follows, answer.standalone_question) == (LYON, f"{LYON} {AND_LUND}")
    answer = checked(made, AND_LUND, [Turn("Thanks!", "You are welcome.")])
    assert (answer.follows, answer.standalone_question) == ("", AND_LUND)


@pytest.mark.parametrize(
    ("chance", "alone", "leaning", "followed"),
    [
        (MAYBE, 0.0, 0.2, True),
        (MAYBE, 0.0, -0.2, True),  # it looks like one
        (MAYBE, 1.5, 0.0, False),
        (0.2, 0.0, 0.2, False),  # it looks new
        (0.2, 0.0, 1.5, True),
        (None, 0.0, 1.5, True),  # an embedder that the table is not for
        (None, 0.0, 0.2, False),
    ],
)
def test_where_it_is_unsure_the_likelier_answer_decides(following, chance, alone, leaning, followed):
    following(chance)
    finds = {"": [("12 votes", leaning), ("109 głosów", alone)]}
    answer, reader, _ = follow_up(finds)
    assert reader.asked == [AND_LUND, AND_LUND]
    assert (answer.follows, answer.short) == ((LYON, "12 votes") if followed else ("", "109"))


def test_a_strong_model_makes_a_follow_up_stand_alone(following):
    following(SURELY)
    rewritten = "How many votes were there in Lund?"
    model = FakeModel(rewritten=rewritten, small=False)
    answer, reader, _ = follow_up({"Lund": "12 votes"}, model)
    assert (answer.standalone_question, answer.follows, reader.asked) == (rewritten, LYON, [rewritten])
    (prompt,) = model.asked("standalone")
    assert f"Q: {LYON}\nA: 29 [1]" in prompt.user and AND_LUND in prompt.user and "English" in prompt.user
    answer, _, _ = follow_up({"": "12 votes"}, FakeModel(rewritten="", small=False))
    assert answer.standalone_question == AND_LUND, "a model that says nothing changes nothing"


def test_only_the_last_turns_are_shown():
    model = FakeModel(rewritten="?", small=False)
    history = [Turn(f"Question {number}?", "-") for number in range(9)]
    checked(chain(Collection(EN), FakeReader({}), model), "And?", history)
    shown = model.asked("standalone")[0].user
    assert "Question 8?" in shown and "Question 6?" in shown and "Question 5?" not in shown


# Talk


@pytest.mark.parametrize("kind", TALK)
@pytest.mark.parametrize("language", entries())
def test_talk_is_answered_in_every_language_that_declines(pinned, kind, language):
    pinned(kind)
    reader = FakeReader({"": "109 głosów"})
    answer = checked(chain(Collection(PL, DE), reader), "hi", answer_language=language)
    assert (answer.kind, answer.answered, answer.confidence, answer.hits) == ("talk", True, 0.0, ())
    assert answer.language == language and reader.asked == []
    assert answer.text and "{" not in answer.text
    english = checked(chain(Collection(PL, DE), reader), "hi", answer_language="en").text
    assert (answer.text == english) == (language == "en")


def test_talk_of_a_language_without_words_is_english(pinned):
    pinned("thanks")
    assert (
        checked(chain(Collection(), FakeReader({})), "hi", answer_language="tlh").text == "You are welcome. "
        "Ask on whenever you like."
    )


def test_what_the_collection_holds_is_told(pinned):
    pinned("contents")
    answer = checked(chain(Collection(PL, DE, replace(EN, published=None)), FakeReader({})), "hi", answer_language="en")
    assert answer.text == (
        "Reports: 3, without a date: 1. Languages: Polish, German and English. Dates: 4 May 2022 – 5 July 2023. "
        f"Among them: “{PL.title}”; “{DE.title}”; “{EN.title}”."
    )
    answer = checked(chain(Collection(), FakeReader({})), "hi", answer_language="de")
    assert answer.text == "Berichte: 0."


def test_a_confidence_is_not_rounded_up_to_what_would_be_proven():
    near = log(0.94996 / 0.05004)  # .9500 in four digits
    answer = ask(VOTES, EN, finds={"": [("12 votes", near)]})
    assert [claim.support for claim in answer.claims] == ["weak"]
    assert answer.confidence == answer.claims[0].probability == 0.9499


@pytest.mark.parametrize("language", entries())
def test_days_that_are_not_known_are_left_out_of_what_the_collection_holds(pinned, language):
    pinned("contents")
    undated = checked(chain(Collection(replace(EN, published=None)), FakeReader({})), "hi", answer_language=language)
    dated = checked(chain(Collection(EN), FakeReader({})), "hi", answer_language=language)
    assert EN.title in undated.text and "–" not in undated.text and str(EN.published.year) in dated.text
    opening = language_of(language).talk.contents.partition("{languages}")[0]
    one = format_decimal(1, locale=told_in(language))
    assert undated.text.startswith(told := opening.format(count=one, undated=one)) and not dated.text.startswith(told)


def test_as_many_passages_are_retrieved_as_are_to_be_read():
    reports = [replace(EN, id=f"en{n}") for n in range(30)]
    collection = Collection(*reports)
    checked(replace(chain(collection, FakeReader({"": "12 votes"})), passages=20), VOTES)
    assert collection.limits == [20]


# The answer's language


def test_a_language_chosen_by_hand_wins():
    answer = ask("Wann tagte der Rat?", PL, finds={"": "5 lipca 2023 r."}, answer_language="fr")
    assert (answer.language, answer.short) == ("fr", "5 juillet 2023")
    assert ask("Wann tagte der Rat?", PL, finds={}, answer_language="ja").text == declined("ja")


@pytest.mark.parametrize(
    ("question", "history", "default", "language"),
    [
        ("Kim Bang?", ["Wie viele Stimmen gab es in Lyon?"], "tr", "de"),
        ("Kim Bang?", ["Wie viele Stimmen gab es?", "Lyon?"], "tr", "de"),
        ("Kim Bang?", ["Lyon?"], "tr", "tr"),
        ("Kim Bang?", [], "vi", "vi"),
        ("Kim Bang?", [], "ja", "en"),  # not a text of that script
        ("2023?", ["Wie viele Stimmen gab es in Lyon?"], "tr", "de"),
        ("2023?", [], "ja", "ja"),
        ("谁?", ["Wie viele Stimmen gab es in Lyon?"], "", "zh"),
        ("Pourquoi ?", ["Wie viele Stimmen gab es in Lyon?"], "", "fr"),
        ("How many votes were there?", ["Wie viele Stimmen gab es in Lyon?"], "tr", "en"),
    ],
)
def test_a_word_or_two_are_in_the_conversations_language(question, history, default, language):
    turns = [Turn(one, "29 [1]") for one in history]
    made = chain(Collection(PL), FakeReader({}))
    assert checked(made, question, turns, default_language=default).language == language


# What a language model adds: a sentence


SAYS, DENIES = Entailment(0.9, 0.05, 0.05), Entailment(0.1, 0.7, 0.2)
SAID = "The council of Oslo counted 109 votes for the park."


def test_the_models_sentence_is_told_where_the_quotes_carry_it():
    model = FakeModel(SAID)
    answer = ask("How many votes did the park of Oslo get?", PL, finds={"": "109 głosów"}, model=model)
    assert (answer.text, answer.short) == (f"{SAID} [1]", "109")
    (prompt,) = model.prompts
    assert all(part in prompt.user for part in ("109", "English", "park of Oslo"))
    assert "oddano" not in prompt.user, "the report's words tempt a small model to tell more of them"
    assert answer.tokens["prompt"] > 9 and answer.tokens["completion"] == len(SAID.split())


@pytest.mark.parametrize(
    "said",
    [
        "",
        "There were 109 votes, 40 more than before.",  # a figure
        "There were 109 votes in Hai Phong.",  # a name
        "There were 109 votes on Friday 7 July 2023.",  # a day
        "There were 1,090 votes.",  # not the short answer
        "There were many votes.",
        f"{VOTES} 109.",  # the question again
        "Za parkiem oddano 109 głosów w radzie miasta.",  # another language
        "Es wurden 109 Stimmen für den Park abgegeben.",
    ],
)
def test_a_sentence_that_adds_loses_or_leaves_the_language_is_dropped(said):
    assert ask(VOTES, PL, finds={"": "109 głosów"}, model=FakeModel(said)).text == "109 [1]"


def test_a_sentence_that_its_quote_contradicts_is_dropped():
    for verdict, text in ((DENIES, "109 [1]"), (SAYS, f"{SAID} [1]")):
        verifier = FakeVerifier({"109": verdict})
        asked = "How many votes did the park of Oslo get?"
        answer = ask(asked, PL, finds={"": "109 głosów"}, model=FakeModel(SAID), verifier=verifier)
        assert answer.text == text
        assert [claim.text for claim in verifier.asked] == [SAID]


def test_no_sentence_is_asked_for_where_there_is_nothing_to_say():
    model = FakeModel(SAID)
    assert not ask(VOTES, PL, finds={}, model=model).answered and model.prompts == []


def test_a_model_that_fails_ends_the_stream_after_the_short_answer():
    events = chain(Collection(PL), FakeReader({"": "109 głosów"}), FakeModel(ModelError("gone"))).events(VOTES, ())
    assert [type(next(events)) for _ in range(2)] == [EvidenceFound, ShortFound]
    with pytest.raises(ModelError, match="gone"):
        next(events)


# What a language model adds: a translation


@pytest.mark.parametrize(
    ("said", "alike", "short"),
    [
        ("The mayor", 0.9, "The mayor"),
        ("The weather", 0.1, "“Burmistrz” (Polish)"),  # says something else
        ("Burmistrz", 0.9, "“Burmistrz” (Polish)"),  # was not translated
        ("The mayor of 5,000 people", 0.9, "“Burmistrz” (Polish)"),  # adds
        ("", 0.9, "“Burmistrz” (Polish)"),
    ],
)
def test_a_translation_is_told_where_it_says_the_same(said, alike, short):
    collection, model = Collection(PL), FakeModel(translated=said)
    collection.alike = alike
    answer = checked(chain(collection, FakeReader({"": "Burmistrz"}), model), "Who gave thanks?")
    assert answer.short == short
    (prompt,) = model.asked("translate")
    assert "Polish" in prompt.user and "English" in prompt.user and "Burmistrz" in prompt.user
    assert collection.compared in ([], [("Burmistrz", "pl", said, "en")])


CHINESE = "国务院总理李强15日在北京人民大会堂同来华进行正式访问的澳大利亚总理阿尔巴尼斯举行会谈。"
ENGLISH = (
    "Premier Li Qiang of the State Council held talks at the Great Hall of the People in Beijing on the 15th with the "
    "Australian prime minister Anthony Albanese, who is on an official visit to China."
)


def test_a_translation_may_be_as_long_as_languages_differ_and_is_not_cut_off():
    assert translate(FakeModel(translated=ENGLISH), CHINESE, "zh", "en") == ENGLISH
    assert translate(FakeModel(translated=ENGLISH * 4), CHINESE, "zh", "en") == ""
    # The fake counts a word as a token: as many as it may write are a sentence without its end.
    assert translate(FakeModel(translated="a " * 33), "Rat", "de", "en") == ""
    assert translate(FakeModel(translated="a " * 5), "Rat", "de", "en") == "a a a a a"


@pytest.mark.parametrize("finds", ["109 głosów", "Jan Kot", "5 lipca 2023 r."])
def test_what_can_be_told_without_a_model_is_not_translated(finds):
    model = FakeModel(translated="nonsense")
    ask("What was it?", PL, finds={"": finds}, model=model)
    assert model.asked("translate") == []


# Other kinds of questions


def test_which_reports_are_listed_as_far_as_they_are_near(pinned):
    pinned("reports")
    many = [replace(EN, id=f"r{n}", title=f"Title {n}") for n in range(6)]
    collection = Collection(*many)
    answer = checked(chain(collection, FakeReader({})), "Which reports tell of a bridge?")
    # Scores are 2.0, 1.9, 1.8, 1.7, 1.6: the last is too far from the first.
    assert [claim.text for claim in answer.claims] == ["Title 0", "Title 1", "Title 2", "Title 3"]
    assert answer.short == "Title 0, Title 1, Title 2 and Title 3"
    assert {c.quote for c in answer.citations} == {"The council met in Lund on 3 March 2021."}
    assert max(collection.limits) > 12, "it looks further than for a fact"
    assert all(claim.support == "weak" for claim in answer.claims)
    assert not checked(chain(Collection(), FakeReader({})), "Which reports?").answered


def test_several_readings_of_the_likeliest_report_in_its_order(pinned):
    pinned("several")
    finds = {
        "": ["the old bridge", ("Lund", PROBABLE), ("council", DOUBTED), ("old", PROBABLE), ("29 Stimmen", PROBABLE)]
    }
    answer = ask("What and where?", EN, DE, finds=finds)
    assert answer.text == "Lund [1] the old bridge [2]" and answer.short == "Lund and the old bridge"
    assert answer.confidence == rounded_down(odds(PROBABLE), 4)
    assert ask("Was und wo?", DE, finds={"": ["Lyon", "Schule"]}).short == "Lyon und Schule"
    assert not ask("What and where?", EN, finds={"": ("Lund", DOUBTED)}).answered


@pytest.mark.parametrize(
    ("question", "text", "short"),
    [
        ("How many votes in all?", "29 + 12 = 41", "41"),
        ("Wie viele Stimmen insgesamt?", "29 + 12 = 41", "41"),
    ],
)
def test_figures_of_several_reports_are_added_up_with_every_proof(pinned, question, text, short):
    pinned("total")
    answer = ask(question, DE, EN, finds={"": [("29 Stimmen", SURE + 1), "12 votes", ("4. Mai", 0.0)]})
    assert (answer.text, answer.short) == (f"{text} [1] [2]", short)
    assert [c.article_id for c in answer.citations] == ["de", "en"]
    assert answer.claims[0].support == "weak" and answer.confidence == 0.5


def test_a_total_takes_no_figure_of_another_measure(pinned):
    pinned("total")
    russian = article("Мост стоит 1,2 млрд рублей.", id="ru", language="ru")
    for question in ("How much in all?", "Сколько стоит всё вместе?"):
        answer = ask(question, EN, russian, finds={"": [("12", SURE + 1), "1,2 млрд рублей"]})
        assert "+" not in answer.text and answer.short == "12"


def test_what_two_reports_say_is_set_side_by_side(pinned):
    pinned("compare")
    answer = ask("Where were there more votes?", EN, DE, PL, finds={"": ["12 votes", "29 Stimmen", ("109", 0.0)]})
    assert answer.text == "Lund: 12 votes [1] Lyon: 29 [2] 29 − 12 = 17 [1] [2]"
    assert answer.confidence == 0.5
    assert not ask("Where were there more?", EN, finds={"": "12 votes"}).answered, "one report is no comparison"


@pytest.mark.parametrize(
    ("question", "verdict", "text"),
    [
        ("Did the council count votes?", "Yes", "Yes [1]"),
        ("Did the council count votes?", "No", "No [1]"),
        ("Did the council count votes?", "Unknown", "It counted 12 votes for the old bridge. [1]"),
        ("Zählte der Rat Stimmen?", "Yes", "Ja [1]"),
        ("Rada policzyła głosy?", "No", "Nie [1]"),
        # Yes is not known in Thai.
        ("สภานับคะแนนหรือไม่", "Yes", "ใช่ [1]"),
    ],
)
def test_yes_or_no_is_the_models_word_and_else_the_sentence(pinned, question, verdict, text):
    pinned("yes_no")
    model = FakeModel(verdict=verdict)
    answer = ask(question, EN, finds={"": ("12 votes", PROBABLE)}, model=model)
    assert answer.text == text and answer.citations[0].quote == "It counted 12 votes for the old bridge."
    assert answer.claims[0].probability <= rounded_down(odds(PROBABLE), 4)
    for prompt in model.prompts:
        assert EN.title in prompt.user and "12 votes" in prompt.user and question in prompt.user


def test_yes_or_no_without_a_model_is_the_nearest_sentence(pinned):
    pinned("yes_no")
    answer = ask("Zählte der Rat Stimmen?", EN, finds={"": "12 votes"})
    assert answer.text == "“It counted 12 votes for the old bridge.” (Englisch) [1]" and answer.short == ""
    assert not ask("Zählte der Rat Stimmen?", EN, finds={"": ("12 votes", DOUBTED)}).answered


def test_yes_or_no_of_a_report_that_went_meanwhile_is_cited_as_it_was_read(pinned):
    pinned("yes_no")
    collection = Collection(DE, EN)
    collection.sentences = lambda article, start, end: []
    answer = checked(chain(collection, FakeReader({"": "12 votes"})), "Did the council count votes?")
    assert [(c.article_id, c.quote) for c in answer.citations] == [("en", EN.text)]


def test_how_likely_the_model_finds_its_word_counts(pinned):
    pinned("yes_no")
    unsure = FakeModel(verdict="Yes", logprob=-1.2)
    answer = ask("Did the council count votes?", EN, finds={"": "12 votes"}, model=unsure)
    assert answer.claims[0].probability == pytest.approx(0.3012, abs=1e-3)


def test_an_overview_is_the_first_sentence_and_those_that_say_most_of_the_whole(pinned):
    pinned("overview")
    answer = ask("What happened?", EN, DE, finds={})
    first, second = "The council met in Lund on 3 March 2021. [1]", "It counted 12 votes for the old bridge. [2]"
    assert answer.text == f"{first} {second}", "the third is short, as a dateline is"
    assert (answer.short, answer.confidence) == ("", 0.5)
    answer = ask("Was geschah?", EN, DE, finds={})
    assert answer.text.startswith("“The council met in Lund on 3 March 2021.” (Englisch) [1]")
    assert not ask("What happened?", finds={}).answered


def test_an_overview_is_of_the_report_that_holds_the_names(pinned):
    pinned("overview")
    assert ask("Sum up the report on Lyon.", EN, PL, DE, finds={}).citations[0].article_id == "de"


TASKS = article(
    "The office set tasks for 2026: dredge the basin; renew 14 cranes; train 60 pilots. Ada Holm reports. Who pays?",
    id="tasks",
)


def test_items_of_one_sentence_are_told_whole(pinned):
    pinned("several")
    answer = ask(
        "What are the tasks?", TASKS, finds={"": ["dredge the basin", "train 60 pilots", ("Ada Holm", PROBABLE)]}
    )
    assert answer.short.startswith("dredge the basin; renew 14 cranes; train 60 pilots")
    assert answer.claims[0].text == "The office set tasks for 2026: dredge the basin; renew 14 cranes; train 60 pilots."
    assert [claim.text for claim in answer.claims[1:]] == ["Ada Holm"]
    answer = ask("Welche Aufgaben sind es?", TASKS, finds={"": ["renew 14 cranes"]})
    assert answer.text.startswith("“The office set tasks") and answer.text.endswith("(Englisch) [1]")
    assert answer.short == "“dredge the basin; renew 14 cranes; train 60 pilots” (Englisch)"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("At 18:30 officers held Ivanov, Petrov, Sidorov, and Kuznetsov.", ""),
        ("At 18:30 four were held: Ivanov, Petrov, Sidorov, and Kuznetsov.", "Ivanov, Petrov, Sidorov, and Kuznetsov"),
        ("被扣留者有：伊万诺夫、彼得罗夫、西多罗夫、库兹涅佐夫。", "伊万诺夫、彼得罗夫、西多罗夫、库兹涅佐夫"),
    ],
)
def test_the_items_are_what_follows_a_colon_but_not_that_of_a_time(text, items):
    assert told_items(text) == (items or text.rstrip("."))


@pytest.mark.parametrize("mark", ["- {}", "• {}", "{n}. {}", "{n}) {}"])
def test_a_list_is_told_with_all_its_items(pinned, mark):
    pinned("several")
    items = ["Dredge the whole basin.", "Renew fourteen cranes.", "Train sixty pilots."]
    lines = [mark.format(item, n=n) for n, item in enumerate(items, start=1)]
    report = article("The office set tasks.\n\n" + "\n".join(lines) + "\n\nAda Holm reports.\n", id="list")
    answer = ask("What are the tasks?", report, finds={"": "fourteen cranes"})
    assert len(answer.claims) == 3 and all(item in answer.text for item in items)
    assert "Holm" not in answer.text


def test_a_sentence_that_proves_twice_has_one_number(pinned):
    pinned("several")
    answer = ask("What was counted?", EN, finds={"": ["12 votes", "the old bridge"]})
    assert answer.text == "12 votes [1] the old bridge [1]" and len(answer.citations) == 1


def test_an_answer_across_two_sentences_cites_both():
    answer = ask("What happened?", EN, finds={"": "old bridge. The mayor"})
    assert answer.text == "old bridge. The mayor [1] [2]"


@pytest.mark.parametrize("question", ["", "?!", "x" * 301])
def test_what_is_no_question_is_refused(question):
    with pytest.raises(QuestionError):
        list(chain(Collection(EN), FakeReader({})).events(question, ()))


def test_only_so_many_passages_are_read():
    many = [replace(EN, id=f"r{n}") for n in range(12)]
    seen = []

    class Counting(FakeReader):
        def read(self, question, hits):
            seen.append(len(hits))
            return super().read(question, hits)

    answer = checked(chain(Collection(*many), Counting({})), VOTES)
    assert seen == [8] and len(answer.hits) == 12

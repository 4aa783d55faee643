import json
from dataclasses import FrozenInstanceError, fields
from datetime import date

import pytest

from rag.models import Alternative, Answer, Article, Citation, Claim, Filters, Hit, Passage

TEXT = "W całym dystrykcie wdrożono 109 modeli.\nKim Bảng."
REPORT = Article(
    id="004:ą-1",
    text=TEXT,
    title="Kim Bang",
    language="pl",
    published=date(2023, 12, 31),
    places=("Kim Bang",),
    authors=("Łukasz",),
    source_url="http://host/ż",
    sha256="0" * 64,
    body_end=len(TEXT),
)
WINDOW = Passage(REPORT.id, 0, 39, TEXT[:39])
SENTENCE = Passage(REPORT.id, 40, 49, TEXT[40:49], "sentence")


def report(language="pl", day=None, id="a"):
    return Article(id, "x", "x", language, day, (), (), None, "0", 1)


def answer(**more):
    quote = Citation(
        1, REPORT.id, "Kim Bang", "pl", date(2023, 12, 31), None, 0, 39, TEXT[:39], "109 mô hình", "0", ("Đỗ", "Ada")
    )
    undated = Citation(2, "b", "ü", "tr", None, "http://host", 0, 1, "x")
    fields = {
        "question": "Bao nhiêu?",
        "standalone_question": "Bao nhiêu mô hình?",
        "language": "vi",
        "answered": True,
        "text": "109. [1]",
        "claims": (Claim("109.", (1, 2), "supported", 0.97), Claim("Może.", (2,), "weak", 0.5)),
        "citations": (quote, undated),
        "hits": (Hit(WINDOW, REPORT, 1.5, 1, None, SENTENCE), Hit(SENTENCE, REPORT, 0.25, None, 3)),
        "timings": {"evidence": 0.1, "short": 0.2, "total": 0.3},
        "models": {"embedder": "e", "reader": "bundled", "llm": "none"},
        "settings_hash": "abc",
        "confidence": 0.97,
        "tokens": {"prompt": 512, "completion": 20},
        "short": "109",
        "others": (Alternative("112", 0.2, 2),),
        "span": (REPORT.id, 28, 38),
    }
    return Answer(**{**fields, **more})


def test_an_answer_comes_back_from_json_as_it_was():
    made = answer()
    held = made.to_dict()
    back = Answer.from_dict(json.loads(json.dumps(held)))
    assert back.to_dict() == held
    for name in (field.name for field in fields(Answer) if field.name != "hits"):
        assert getattr(back, name) == getattr(made, name), name
    assert [(h.passage, h.score, h.dense_rank, h.lexical_rank, h.sentence) for h in back.hits] == [
        (h.passage, h.score, h.dense_rank, h.lexical_rank, h.sentence) for h in made.hits
    ]


def test_a_hit_is_saved_with_what_is_said_of_its_report_but_not_with_its_text():
    held = answer().to_dict()
    assert TEXT not in json.dumps(held, ensure_ascii=False)
    (first, _) = Answer.from_dict(held).hits
    assert (first.article.id, first.article.title, first.article.language) == (REPORT.id, "Kim Bang", "pl")
    assert first.article.authors == REPORT.authors
    assert (first.article.published, first.article.source_url) == (date(2023, 12, 31), "http://host/ż")


def test_an_answer_of_an_earlier_version_comes_back_without_authors():
    held = answer().to_dict()
    for one in held["citations"]:
        del one["authors"]
    for one in held["hits"]:
        del one["article"]["authors"]
    back = Answer.from_dict(held)
    assert [one.authors for one in back.citations] == [(), ()] and back.hits[0].article.authors == ()


def test_an_answer_that_declines_comes_back():
    made = answer(answered=False, text="Các bài không nói.", claims=(), citations=(), hits=())
    back = Answer.from_dict(json.loads(json.dumps(made.to_dict())))
    assert back == made


def test_values_are_frozen():
    with pytest.raises(FrozenInstanceError):
        WINDOW.start = 1


def test_a_window_and_a_sentence_at_the_same_place_have_two_ids():
    other = Passage(REPORT.id, 0, 39, TEXT[:39], "sentence")
    assert WINDOW.id == "004:ą-1:0-39:w"
    assert other.id == "004:ą-1:0-39:s"


def test_no_filter_admits_everything():
    assert Filters().admit(report(day=None))


@pytest.mark.parametrize(
    ("asked", "held", "admitted"),
    [
        ("pl", "pl", True),
        ("pl", "de", False),
        ("zh-TW", "zh-CN", True),
        ("zh", "zh-Hant", True),
        ("es-MX", "es", True),
        ("p", "pl", False),
        ("DE", "de", True),
        ("pt_br", "pt-PT", True),
    ],
)
def test_languages_are_matched_without_their_region(asked, held, admitted):
    assert Filters(languages=(asked,)).admit(report(held)) is admitted
    assert Filters(languages=("vi", asked)).admit(report(held)) is admitted


@pytest.mark.parametrize(
    ("since", "until", "admitted"),
    [
        ((2024, 7, 5), (2024, 7, 5), True),
        ((2024, 7, 5), None, True),
        (None, (2024, 7, 5), True),
        ((2024, 7, 6), None, False),
        (None, (2024, 7, 4), False),
        ((2024, 7, 6), (2024, 7, 4), False),
    ],
)
def test_both_ends_of_a_range_of_dates_belong_to_it(since, until, admitted):
    filters = Filters(since=date(*since) if since else None, until=date(*until) if until else None)
    assert filters.admit(report(day=date(2024, 7, 5))) is admitted


def test_a_report_without_a_date_is_outside_every_range():
    assert not Filters(since=date.min).admit(report())
    assert not Filters(until=date.max).admit(report())


def test_all_filters_must_admit():
    filters = Filters(("pl",), date(2024, 1, 1), date(2024, 12, 31), ("a", "b"))
    day = date(2024, 5, 1)
    assert filters.admit(report("pl", day, "b"))
    assert not filters.admit(report("pl", day, "c"))
    assert not filters.admit(report("de", day, "b"))
    assert not filters.admit(report("pl", date(2025, 1, 1), "b"))


def test_answers_that_were_saved_before_some_fields_were_known_still_load():
    told = answer()
    held = json.loads(json.dumps(told.to_dict()))
    for name in ("short", "others", "span", "confidence", "tokens", "kind", "follows"):
        del held[name]
    for claim in held["claims"]:
        del claim["probability"]
    old = Answer.from_dict(held)
    assert (old.short, old.others, old.span, old.confidence, old.tokens) == ("", (), None, 0.0, {})
    assert [claim.probability for claim in old.claims] == [0.0, 0.0]
    assert (old.text, old.citations) == (told.text, told.citations)


def test_a_saved_answer_says_what_it_is_in_plain_json():
    held = json.loads(json.dumps(answer().to_dict()))
    assert held["short"] == "109" and held["span"] == [REPORT.id, 28, 38]
    assert held["others"] == [{"short": "112", "probability": 0.2, "citation": 2}]
    assert held["claims"][0] == {"text": "109.", "citations": [1, 2], "support": "supported", "probability": 0.97}

"""Charts: drawn for what there is, readable as text, without scripts, images or addresses."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from fake_runs import answer, case, row, run, unanswerable

from rag.evaluation.charts import charts

ROWS = (
    row(case("a"), answer(confidence=0.9)),
    row(case("b", language="de"), answer(confidence=0.4), ("ns", "kb")),
    row(unanswerable("u"), answer("", confidence=0.1)),
    row(unanswerable("v"), answer(confidence=0.6)),
)


def texts(chart):
    return [element.text for element in ET.fromstring(chart.svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.fixture(scope="module")
def one():
    return {chart.title: chart for chart in charts([run("first", *ROWS)])}


def test_a_run_has_its_charts(one):
    assert list(one) == [
        "Refusals over the threshold",
        "What declining costs",
        "Reliability of the confidence",
        "Recall@1 by language pair",
        "Right answers by language of the question",
        "Seconds",
    ]
    told = "Declined: .50 of the unanswerable, .00 of the others. Below 0.40 it would be .50 and .00, the best trade."
    assert one["Refusals over the threshold"].says == told
    # .9 was right, .4 was too; .1 and .6 were unanswerable
    assert one["Reliability of the confidence"].says.startswith("Calibration error .35, over 4 best readings")
    assert "half within 2 s" in one["Seconds"].says
    slow = run("slow", row(case(), answer(timings={"total": 482.2})))
    assert "half within 482 s, 95 of 100 within 482 s" in charts([slow])[-1].says


def test_what_a_chart_shows_stands_in_it_as_text(one):
    pairs = texts(one["Recall@1 by language pair"])
    assert {"English", "German", "Polish", "1", ".00", "n 1"} <= set(pairs)
    assert {"English", "German", "1.0"} <= set(texts(one["Right answers by language of the question"])) | {"1.0"}
    assert {"n 1", "as sure as right", "share right, 95 %"} <= set(texts(one["Reliability of the confidence"]))
    assert {"false refusals", "refusal F1"} <= set(texts(one["Refusals over the threshold"]))


def test_several_runs_are_drawn_together_where_they_can_be():
    other = run("second", *(replace(held, answer=replace(held.answer, confidence=0.5)) for held in ROWS))
    drawn = charts([run("first", *ROWS), other])
    titles = [chart.title for chart in drawn]
    assert "What declining costs" in titles
    assert {"Recall@1 by language pair of first", "Recall@1 by language pair of second"} <= set(titles)
    (cost,) = (chart for chart in drawn if chart.title == "What declining costs")
    assert {"first", "second"} <= set(texts(cost))


def test_without_confidence_or_answers_there_is_no_such_chart():
    unsure = [replace(held, answer=replace(held.answer, confidence=0.0)) for held in ROWS]
    assert "Refusals over the threshold" not in [chart.title for chart in charts([run("first", *unsure)])]
    alone = charts([run("first", row(case(), None))])
    assert [chart.title for chart in alone] == ["Recall@1 by language pair"]
    assert charts([run("first", row(unanswerable(), None))]) == []


def test_a_chart_is_the_same_each_time_and_asks_for_nothing(one):
    again = {chart.title: chart for chart in charts([run("first", *ROWS)])}
    assert again == one
    for chart in one.values():
        plain = re.sub(r'xmlns(:\w+)?="[^"]*"', "", chart.svg)
        assert not re.search(r"https?:|<script|<image|url\((?!#)", plain)


def test_a_name_is_never_markup_nor_mathematics():
    name = "<b>$x_1$ & co"
    drawn = charts([run(name, *ROWS), run("other", *ROWS)])
    (cost,) = (chart for chart in drawn if chart.title == "What declining costs")
    assert "<b>" not in cost.svg and name in texts(cost)

"""The page: everything in it, nothing of it live; and once in a real browser at the width of a phone."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from browsing import chromium, in_browser
from fake_runs import answer, case, row, run, unanswerable

from rag.evaluation.comparison import compare
from rag.evaluation.llm_judge import Judgement
from rag.evaluation.webpage import MOST_SHOWN, render

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>&'
ROWS = (
    row(case("a"), answer(confidence=0.9)),
    row(case("b", language="de", turns=("Und davor?",)), answer("Nein. [1]", "ns", confidence=0.4), ("ns", "kb")),
    row(unanswerable("u"), answer("", confidence=0.1)),
)


class Seen(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags, self.links, self.words = set(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("src", "href", "action", "data")]

    def handle_data(self, data):
        self.words.append(" ".join(data.split()))


def test_figures_charts_and_answers_are_there():
    page = render([run("first", *ROWS)])
    words = Seen(page).words
    assert {"Evaluation: cases", "By language and kind", "Recall@1 by language pair"} <= set(words)
    assert words.index("Not right (1)") < words.index("How many models, b?") < words.index("Right or not judged (2)")
    assert "asked before: Und davor?" in words
    assert "[1] 29 Modelle wurden gemeldet." in words and "does not prove it" in words
    assert "expected: 109" in words and "expected: declined. another district" in words
    assert page.count("<details>") == 3 and page.count("<svg") == 6


def test_a_citation_of_the_report_that_the_cases_file_is_a_copy_of_proves_it():
    copied = replace(ROWS[0], case=case("a", articles=("copy",)))
    wrong = "does not prove it"
    assert wrong in Seen(render([run("first", copied)])).words
    assert wrong not in Seen(render([run("first", replace(copied, proving=("kb",)))])).words


def test_changed_questions_come_first_and_side_by_side():
    other = run("second", ROWS[0], row(ROWS[1].case, answer("109 [1]", "kb")), ROWS[2])
    base = run("first", *ROWS)
    page = render([base, other], compare(base, other))
    words = Seen(page).words
    assert words.index("Came out otherwise (1)") < words.index("Came out the same (2)")
    part = page[page.index("Came out otherwise") : page.index("Came out the same")]
    assert part.index("Nein. [1]") < part.index("109 [1]") and ">gained</span>" in part


def test_a_long_run_shows_a_part_and_says_so():
    many = run("first", *(row(case(str(at)), answer()) for at in range(MOST_SHOWN + 5)))
    page = render([many])
    assert page.count("<details>") == MOST_SHOWN and "The other 5 stand in answers.jsonl." in Seen(page).words
    assert f"Right or not judged ({MOST_SHOWN + 5})" in Seen(page).words


def test_three_runs_say_in_which_one_a_question_was_lost():
    base = run("first", *ROWS)
    worse = run("third", row(ROWS[0].case, answer("")), *ROWS[1:])
    page = render([], compare(base, base, worse))
    assert "lost in third" in Seen(page).words


def test_a_judge_and_retrieval_alone_are_shown():
    judged = replace(ROWS[0], judgement=Judgement("j", True, False))
    assert "judge: faithful, judge: not correct" in " ".join(Seen(render([run("first", judged)])).words)
    alone = render([run("first", row(case(), None, ("ns", "kb")), only_retrieval=True)])
    assert "1. ns, 2. kb" in Seen(alone).words and "<blockquote" not in alone


def test_everything_is_escaped_and_nothing_is_fetched():
    given = answer(f"It says {EVIL}. [1]")
    held = replace(given.citations[0], quote=EVIL, title=EVIL, article_id=EVIL, language=EVIL, gloss=EVIL,
                   source_url="javascript:alert(1)")  # fmt: skip
    asked = case(question=EVIL, answers=(EVIL,), turns=(EVIL,), kind=EVIL)
    made = run(EVIL, replace(row(asked, given), answer=replace(given, citations=(held,))), models={EVIL: EVIL})
    for page in (render([made]), render([], compare(made, made))):
        seen = Seen(page)
        assert "script" not in seen.tags and "img" not in seen.tags
        assert all(link.startswith("#") for link in seen.links), seen.links
        assert f"It says {EVIL}. [1]" in seen.words
        assert "default-src 'none'" in page
        assert not re.search(r"url\((?!#)|@import", page)


def test_an_address_of_a_report_can_be_followed_without_telling_from_where():
    given = answer()
    held = replace(given.citations[0], source_url="https://example.org/a?b=1&c=2")
    page = render([run("first", replace(ROWS[0], answer=replace(given, citations=(held,))))])
    assert '<a href="https://example.org/a?b=1&amp;c=2" rel="noreferrer noopener">' in page


@in_browser
def test_a_phone_reads_it_without_network_or_errors(tmp_path):
    base = run("first", *ROWS)
    other = run("second", *(row(one.case, answer("")) for one in ROWS))
    path = tmp_path / "report.html"
    path.write_text(render([base, other], compare(base, other)), encoding="utf-8")
    asked, errors = [], []
    with chromium(tmp_path / "profile") as browser:
        page = browser.new_page()
        page.set_viewport_size({"width": 390, "height": 844})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(path.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth")
        chart = page.locator("figure svg").first.bounding_box()
        page.locator("details summary").first.click()
        shown = page.locator("details[open] .answer").first
        assert shown.is_visible() and "109" in shown.inner_text()
    assert asked == [path.as_uri()] and errors == []
    assert wide <= 390 and chart["width"] > 280

"""The page in real Chromium, against a real server on a loopback port."""

from __future__ import annotations

import shutil
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from fake_reports import KIM_BANG, POPULATION, FakeReports, article, sentence_with

from ui.server import make_app
from ui.strings import ENGLISH

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
expect.set_options(timeout=20_000)  # a busy machine paints late
CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    # Gradio sums up its own queue with two things that pandas 3 is about to drop
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

HOSTILE = (
    '<script>window.hacked=1</script>109<img src="http://evil.example/x.png" onerror="window.hacked=1">'
    '<form action="http://evil.example/"><input name="password"></form>'
    '<div style="position:fixed;inset:0">cover</div>![x](http://evil.example/y.png)'
)


@dataclass
class Site:
    """A running page: where it is, and the reports behind it."""

    address: str
    reports: FakeReports


@dataclass
class Watched:
    """A tab and what it did that it should not: console errors, page errors, requests elsewhere."""

    tab: playwright.Page
    faults: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        # Until the box is given back, a question that is entered is not taken.
        expect(self.tab.locator("#question .stop-button")).to_have_count(0)
        self.tab.get_by_label(ENGLISH.question).fill(question)
        self.tab.keyboard.press("Enter")

    def __getattr__(self, name: str):
        return getattr(self.tab, name)


def _serve(reports: FakeReports) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        app = make_app(reports, suggestions=[KIM_BANG])
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield Site(f"http://127.0.0.1:{port}/", reports)
        reports.gate.set()
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site():
    yield from _serve(FakeReports())


@pytest.fixture(scope="module")
def hostile_site():
    yield from _serve(FakeReports([article(HOSTILE, title=HOSTILE)]))


def _open(chromium, address: str, **options) -> Watched:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, **options)
    context.set_default_timeout(20_000)
    watched = Watched(context.new_page())
    tab = watched.tab
    tab.on("console", lambda said: watched.faults.append(said.text) if said.type in {"error", "warning"} else None)
    tab.on("pageerror", lambda error: watched.faults.append(str(error)))
    own = (address, address.replace("http", "ws", 1), "data:", "blob:")
    tab.on("request", lambda sent: None if sent.url.startswith(own) else watched.faults.append(sent.url))
    tab.goto(address)
    expect(tab.locator("#sources h2")).to_be_visible(timeout=20_000)
    return watched


@pytest.fixture
def page(chromium, site):
    site.reports.gate.set()
    watched = _open(chromium, site.address)
    yield watched
    watched.context.close()
    assert watched.faults == []


def test_the_proof_stands_in_its_report_beside_the_answer(page, site):
    proof = sentence_with(site.reports.collection[-1], "109")
    site.reports.gate.clear()
    page.ask(KIM_BANG)
    found = page.locator("#sources .found blockquote").first
    expect(found).to_have_text(proof)
    assert page.locator("#log .answer").count() == 0, "the evidence comes before any word of the answer"
    site.reports.gate.set()

    answer = page.locator("#log .answer")
    expect(answer).to_contain_text("109")
    mark = page.locator("#sources .report mark")
    expect(mark).to_be_visible()
    expect(page.locator("#sources .found")).to_have_count(0)
    assert mark.evaluate("mark => mark.textContent") == proof
    report = page.locator("#sources .report")
    assert report.evaluate("box => box.textContent.replace(/^\\s+|\\s+$/g, '')").replace("1Do tej", "Do tej") == (
        site.reports.collection[-1].text.strip()
    )
    expect(report).to_have_attribute("lang", "pl")
    expect(page.locator("#sources .card")).to_contain_text("Polish")
    expect(mark).to_be_in_viewport()
    assert _inside(page, "#sources .report", "#sources .report .number"), "the report opens at the cited sentence"


def test_a_marker_brings_back_its_sentence_even_of_an_earlier_answer(page):
    page.ask(KIM_BANG)
    expect(page.locator("#sources .report mark")).to_be_visible()
    page.ask(POPULATION)
    expect(page.locator("#sources .nearest")).to_be_visible()
    expect(page.locator("#sources .report mark")).to_be_hidden()
    marker = page.locator("#log a.marker")
    assert "109 modeli" in (marker.get_attribute("title") or "")
    marker.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sources .report mark.chosen")).to_be_visible()
    expect(page.locator("#sources .nearest")).to_be_hidden()
    assert _inside(page, "#sources .report", "#sources .report .number")
    assert page.evaluate("document.activeElement.id") == "citation-1-1"
    assert page.url.endswith("/")


def test_a_declined_question_looks_different_without_colour(page):
    page.ask(POPULATION)
    declined = page.locator("#log .declined")
    expect(declined).to_contain_text(ENGLISH.declined)
    assert declined.evaluate("box => getComputedStyle(box).fontStyle") == "italic"
    assert declined.evaluate("box => getComputedStyle(box).borderLeftStyle") == "double"
    expect(page.locator("#sources .nearest h2")).to_have_text(ENGLISH.nearest_title)
    expect(page.locator("#sources .nearest blockquote").first).to_contain_text("109 modeli")
    assert page.locator("#log a.marker, #sources mark").count() == 0


def test_errors_are_told_in_the_chat_the_evidence_stays_and_the_question_comes_back(page):
    page.ask("gone?")
    expect(page.locator("#log .problem")).to_contain_text("went away")
    expect(page.locator("#log .answer")).to_contain_text("Kim Bang melaporkan")
    expect(page.locator("#sources .found blockquote").first).to_be_visible()
    expect(page.get_by_label(ENGLISH.question)).to_have_value("gone?")
    page.ask("   ")
    expect(page.locator("#log .problem").nth(1)).to_contain_text("the question is empty")


def test_an_answer_can_be_stopped_and_the_next_question_asked(page, site):
    site.reports.gate.clear()
    page.ask(KIM_BANG)
    expect(page.locator("#sources .found")).to_be_visible()
    page.get_by_role("button", name=ENGLISH.stop).click()
    expect(page.locator("#log .halted")).to_contain_text(ENGLISH.stopped)
    expect(page.get_by_role("button", name=ENGLISH.send)).to_be_visible()
    site.reports.gate.set()
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    expect(page.locator("#log .halted")).to_have_count(1)


def test_a_suggested_question_is_asked_by_a_click(page):
    page.get_by_text(KIM_BANG).click()
    expect(page.locator("#sources .report mark")).to_be_visible()


def test_the_whole_report_opens_and_closes(page):
    page.ask(KIM_BANG)
    report = page.locator("#sources .report")
    expect(report).to_be_visible()
    folded = report.bounding_box()["height"]
    page.get_by_role("button", name=ENGLISH.expand).click()
    assert report.bounding_box()["height"] > folded * 1.5
    page.get_by_role("button", name=ENGLISH.collapse).click()
    assert report.bounding_box()["height"] == folded


def test_two_people_have_two_conversations(page, chromium, site):
    other = _open(chromium, site.address)
    page.ask(KIM_BANG)
    other.ask(POPULATION)
    expect(page.locator("#sources .report mark")).to_be_visible()
    expect(other.locator("#log .declined")).to_be_visible()
    assert page.locator("#log .declined").count() == 0
    assert other.locator("#sources mark").count() == 0
    other.context.close()


def test_on_a_phone_the_columns_stack_and_nothing_is_wider_than_the_screen(chromium, site):
    watched = _open(chromium, site.address)
    watched.set_viewport_size({"width": 390, "height": 844})
    watched.ask(KIM_BANG)
    expect(watched.locator("#sources .report mark")).to_be_visible()
    talk, proof = (watched.locator(name).bounding_box() for name in ("#talk", "#proof"))
    assert proof["y"] >= talk["y"] + talk["height"]
    assert watched.evaluate("document.documentElement.scrollWidth") <= 390
    watched.context.close()


def test_hostile_report_text_is_inert_and_stays_readable(chromium, hostile_site):
    watched = _open(chromium, hostile_site.address)
    watched.ask(f"109 {HOSTILE}")
    mark = watched.locator("#sources .report mark")
    expect(mark).to_be_visible()
    assert mark.evaluate("mark => mark.textContent") == HOSTILE
    expect(watched.locator("#log .question")).to_contain_text("<img src=")
    inside = (
        "#sources .sources :is(script, img, form, input, [style]), #log .prose :is(script, img, form, input, [style])"
    )
    assert watched.locator(inside).count() == 0
    assert watched.evaluate("window.hacked") is None
    assert watched.faults == []
    watched.context.close()


def test_even_unescaped_the_policy_stops_scripts_and_foreign_images(chromium, hostile_site):
    watched = _open(chromium, hostile_site.address)
    refused = """Promise.race([
      new Promise(done => document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective))),
      new Promise(done => setTimeout(done, 5000, 'nothing refused')),
    ])"""
    for markup, directive in (
        ("<img src=http://evil.example/x.png>", "img-src"),
        ("<img src=data:, onerror='window.hacked=1'>", "script-src-attr"),
    ):
        put = f"(document.body.insertAdjacentHTML('beforeend', {markup!r}), {refused})"
        assert watched.evaluate(put) == directive
    assert watched.evaluate("window.hacked") is None
    watched.context.close()


def test_no_colour_scheme_hides_the_words(chromium, site):
    for scheme in ("light", "dark"):
        watched = _open(chromium, site.address, color_scheme=scheme)
        watched.ask(KIM_BANG)
        expect(watched.locator("#sources .report mark")).to_be_visible()
        for name in (
            "#log .answer",
            "#log .question",
            "#log .note",
            "#log .marker",
            "#sources .report mark",
            "#sources .chip",
        ):
            assert _contrast(watched, name) >= 4.5, f"{name} in {scheme}"
        watched.context.close()


def test_the_server_answers_other_programs_with_the_same_headers(site):
    with urllib.request.urlopen(site.address) as response:
        assert "script-src 'self'" in response.headers["content-security-policy"]


def _inside(page, box: str, thing: str) -> bool:
    outer, inner = page.locator(box).first.bounding_box(), page.locator(thing).first.bounding_box()
    return outer["y"] <= inner["y"] and inner["y"] + inner["height"] <= outer["y"] + outer["height"]


def _contrast(page, selector: str) -> float:
    """WCAG 2 contrast of the element's text with the nearest painted background, from 1 to 21."""
    return page.locator(selector).first.evaluate("""element => {
      const parse = text => text.match(/[\\d.]+/g).map(Number);
      const light = ([r, g, b]) => [r, g, b].map(x => (x /= 255) <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
        .reduce((sum, x, i) => sum + x * [.2126, .7152, .0722][i], 0);
      let under = element;
      const painted = () => parse(getComputedStyle(under).backgroundColor);
      const seen = ([r, g, b, alpha = 1]) => alpha > .9;
      while (under.parentElement && !seen(painted())) under = under.parentElement;
      const [a, b] = [light(parse(getComputedStyle(element).color)), light(painted())];
      return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    }""")

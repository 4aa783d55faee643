"""A hundred attacks at once on every place that text can stand on the page: none runs, none asks another host."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from browsing import expect, until
from fake_reports import FakeReports, answer, article, citation, hit
from places import TESTS

from rag.models import Alternative, AnswerReady, Claim, EvidenceFound, Passage, ShortFound, TextDelta
from ui.server import Limits
from ui.strings import ENGLISH

ATTACKS = (TESTS / "cases" / "xss.txt").read_text("utf-8").splitlines()
MOST = 1_900  # characters of a question
# Of any page that was attacked, and where its answers and reports stand.
MARK = "window.__xss"


def batches() -> list[list[str]]:
    """The attacks in as few questions as hold them."""
    made: list[list[str]] = [[]]
    for attack in ATTACKS:
        if sum(map(len, made[-1])) + len(made[-1]) + len(attack) > MOST:
            made.append([])
        made[-1].append(attack)
    return made


def attacked(number: int, attack: str):
    """A report that is the attack: text, title, id, file, place, author and address."""
    text = f"{attack}\nReport {number} of 2024: {attack}\n{attack} in the middle.\n{attack}"
    return article(
        text,
        id=f"{number}{attack}",
        title=attack,
        places=(attack,),
        authors=(attack,),
        source_url=f"https://{attack}" if number % 2 else attack,
        location=f"/reports/{attack}.txt",
    )


class Attacked(FakeReports):
    """Every report is an attack, and so are its answers: the question names the batch."""

    def __init__(self) -> None:
        super().__init__([attacked(number, attack) for number, attack in enumerate(ATTACKS)])

    def gloss(self, article_id, start, end, language):
        return "".join(ATTACKS[:3])

    def reading(self, question):
        for report in self.collection:
            if report.places[0] in question:
                at = report.text.index("2024")
                return Passage(report.id, at, at + 4, "2024"), self.likely
        return None

    def stream(self, question, **options):
        held = [report for report in self.collection if report.title in question]
        hits = tuple(hit(report, report.text.splitlines()[1]) for report in held)
        yield EvidenceFound(hits)
        cited = [
            citation(report, report.text.splitlines()[1], number, gloss=report.title if number % 2 else None)
            for number, report in enumerate(held, 1)
        ]
        said = " ".join(f"{one.title} [{one.number}]" for one in cited)
        claims = tuple(Claim(one.title, (one.number,), "weak", 0.6) for one in cited)
        others = tuple(Alternative(one.title, 0.1, one.number) for one in cited[:5])
        made = replace(
            answer(question, said, cited, hits), claims=claims, others=others, short=held[0].title, confidence=0.6,
            follows=options["history"][-1].question if options.get("history") else "",
        )  # fmt: skip
        yield ShortFound(made.short, 0.6)
        yield TextDelta(made.text)
        yield AnswerReady(made)


def unhurt(page) -> None:
    """Nothing ran, in the page or in a frame of it, and nothing of another host stands in it."""
    assert page.evaluate(f"{MARK} === undefined") and len(page.frames) == 1
    foreign = (
        "[src*='evil.example'], [href*='evil.example']:not(a), [srcset], iframe, object, embed, form[action*=evil]"
    )
    assert page.locator(foreign).count() == 0
    assert page.evaluate("document.baseURI.split('?')[0] === location.href.split('?')[0].split('#')[0]")
    handlers = (
        "[...document.querySelectorAll('*')].some(one => one.getAttributeNames().some(name => /^on/i.test(name)))"
    )
    assert not page.evaluate(handlers)
    schemes = "[...document.links].filter(one => one.getAttribute('href')[0] !== '#').map(link => link.protocol)"
    # ":" is an address that no browser can read, "https://<script>": it leads nowhere.
    assert set(page.evaluate(schemes)) <= {"http:", "https:", ":"}


@pytest.fixture
def own_site(serve):
    return serve(Attacked(), Limits(upload_mb=0.05, upload_files=200))


@pytest.fixture
def page(own_site, new_tab):
    tab = new_tab(own_site.address)
    heard: list[str] = []
    tab.listen("dialog", lambda dialog: heard.append(dialog.message))
    tab.listen("popup", lambda other: heard.append(other.url))
    yield tab
    unhurt(tab)
    assert heard == []


def test_questions_answers_and_evidence_are_text(page, own_site, new_tab, tmp_path):
    expect(page.locator("#welcome .suggest").first).to_be_visible()
    asked = batches()
    for number, batch in enumerate(asked, 1):
        page.ask(" ".join(batch))
        expect(page.locator("#log .answer")).to_have_count(number)
        # Before that its short form alone is shown.
        expect(page.tab.locator("#question .stop-button")).to_have_count(0)
        last = page.locator("#log .answer").last
        told = re.sub(r"\s+", " ", last.evaluate("node => node.textContent"))
        assert all(" ".join(attack.split()) in told for attack in batch)
        cards = page.locator(f"#sources-{number} .card")
        # Some attacks are parts of others, whose reports are cited as well.
        expect(cards).to_have_count(sum(attack in " ".join(batch) for attack in ATTACKS))
        texts = "\n".join(cards.evaluate_all("cards => cards.map(card => card.textContent)"))
        assert all(f"{attack} in the middle." in texts for attack in batch)
    unhurt(page)
    page.locator("#sources .do-context").first.click()
    expect(page.locator("#sources blockquote.context").first).to_be_visible()
    page.locator("#log a.marker").last.hover()
    expect(page.locator("#tipcard .tip-quote")).not_to_be_empty()
    page.locator("#sources .do-translate").first.click()
    expect(page.locator("#sources .gloss").filter(has_text=ATTACKS[1]).first).to_be_visible()
    unhurt(page)
    page.locator("#shelf .menu summary").first.click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=ENGLISH.export_html).first.click()
    file = tmp_path / "export.html"
    file.write_bytes(waiting.value.path().read_bytes())
    page.reload()
    expect(page.locator("#log .answer")).to_have_count(len(asked))
    unhurt(page)
    # The export as a file, in a tab without the page's policy.
    faults: list[str] = []
    other = page.context.new_page()
    other.on("console", lambda said: faults.append(said.text))
    other.on("dialog", lambda dialog: faults.append(dialog.message))
    other.on("request", lambda sent: faults.append(sent.url) if sent.url != file.as_uri() else None)
    other.goto(file.as_uri())
    said = re.sub(r"\s+", " ", other.locator("main").evaluate("node => node.textContent"))
    assert all(" ".join(attack.split()) in said for attack in ATTACKS)
    unhurt(other)
    other.close()
    assert faults == []


def test_the_collection_its_filters_and_its_reader_are_text(page, own_site, tmp_path):
    page.to(ENGLISH.tab_collection)
    expect(page.locator("#rows tbody tr")).to_have_count(len(ATTACKS))
    told = page.locator("#rows").evaluate("node => node.textContent")
    assert all(attack in told for attack in ATTACKS)
    unhurt(page)
    for attack in (ATTACKS[0], ATTACKS[16], ATTACKS[58]):
        page.locator("#rows .do-read").filter(has_text=attack).first.click()
        expect(page.locator("#reader .report")).to_contain_text("in the middle")
        page.get_by_label(ENGLISH.search_reports).fill(attack)
        page.get_by_label(ENGLISH.phrase).fill(attack)
        page.get_by_label(ENGLISH.phrase).press("Enter")
        expect(page.locator("#phrases .do-quote").first).to_be_visible()
        page.get_by_label(ENGLISH.search_reports).fill("")
        expect(page.locator("#rows tbody tr")).to_have_count(len(ATTACKS))
    page.locator("#rows-places input").click()
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    unhurt(page)
    names = [
        f"{number}{attack.replace('/', '_')[:80]}.{'txt' if number % 2 else 'exe'}"
        for number, attack in enumerate(ATTACKS[::5])
    ]
    for name in names:
        (tmp_path / name).write_text(f"2024 and 109 {name}", encoding="utf-8")
    page.set_input_files("#files", [str(tmp_path / name) for name in names])
    expect(page.locator("#taken")).to_contain_text(ENGLISH.count(ENGLISH.added, len(names) // 2))
    folder = own_site.reports.home / "uploads"
    assert {path.parent for path in folder.rglob("*")} == {folder}
    unhurt(page)


def test_conversations_and_addresses_are_text(page, own_site):
    for attack in (ATTACKS[0], ATTACKS[16], ATTACKS[29]):
        page.ask(f"{attack} {ATTACKS[1]}")
        expect(page.locator("#log .answer").last).to_be_visible()
    page.locator("#shelf .menu summary").first.click()
    page.locator("#shelf .menu[open]").get_by_role("button", name=ENGLISH.rename, exact=True).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(" ".join(ATTACKS)[:200])
    page.keyboard.press("Enter")
    until(page, lambda: ATTACKS[0] in page.locator("#shelf").evaluate("node => node.textContent"))
    unhurt(page)
    for attack in (ATTACKS[0], ATTACKS[16], ATTACKS[30], ATTACKS[78]):
        told = quote(attack, safe="")
        page.to_address(f"{own_site.address}?report={told}&at=1-9&quote={told}&talk={told}&{told}={told}")
        expect(page.locator("#reader .linked, #reader .hint").first).to_be_attached()
        page.to_address(f"{own_site.address}?talk={told}#{told}")
        expect(page.locator("#sources h2").first).to_be_visible()
        unhurt(page)

"""For everyone and closed: keyboard, screen readers, contrast, zoom, phone, languages, login; hostile text is inert."""

from __future__ import annotations

import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import expect
from fake_reports import KIM_BANG, POPULATION, FakeReports, article

from ui.auth import make_line
from ui.server import Limits
from ui.strings import ENGLISH, LANGUAGES, TAGS

HOSTILE = (
    '<script>window.hacked=1</script>109<img src="http://evil.example/x.png" onerror="window.hacked=1">'
    '<form action="http://evil.example/"><input name="password"></form>'
    '<div style="position:fixed;inset:0">cover</div>![x](http://evil.example/y.png)'
)
# Buttons fade from one colour into the other.
FADED = """new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() =>
  document.getAnimations().filter(one => one instanceof CSSTransition).forEach(one => one.finish()))"""


@pytest.fixture
def hostile_site(serve):
    return serve(FakeReports([article(HOSTILE, title=HOSTILE, places=(HOSTILE,))]))


def schemes(page):
    """The page in light and in dark colours, one after the other."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(FADED)
        yield scheme


def grave(page) -> list[str]:
    """The serious and critical faults that axe-core finds in either scheme."""
    return [
        f"{fault['id']} in {scheme}: {node['html'][:120]}"
        for scheme in schemes(page)
        for fault in Axe().run(page.tab).response["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def faint(page, names: tuple[str, ...]) -> list[str]:
    """What has too little contrast to be read, in either scheme."""
    return [f"{name} in {scheme}" for scheme in schemes(page) for name in names if contrast(page, name) < 4.5]


def wide(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_axe_finds_no_serious_fault_in_any_room(page):
    expect(page.locator("#welcome .suggest").first).to_be_visible()
    assert grave(page) == []
    page.ask(KIM_BANG)
    expect(page.locator("#sources .report mark")).to_be_visible()
    page.locator("#log a.marker").focus()
    expect(page.locator("#tipcard")).to_be_visible()
    assert grave(page) == []
    page.press(ENGLISH.thumbs_up)
    expect(page.locator(".commenting")).to_be_visible()
    page.get_by_role("button", name=ENGLISH.filters).click()
    page.ask(POPULATION)
    expect(page.locator("#log .declined")).to_be_visible()
    page.locator("#shelf .menu summary").first.click()
    assert grave(page) == []
    page.to(ENGLISH.tab_collection)
    page.locator("#rows .do-read").first.click()
    expect(page.locator("#reader .report")).to_be_visible()
    assert grave(page) == []


def test_the_mark_and_the_words_have_contrast_in_both_schemes(page):
    page.ask(KIM_BANG)
    expect(page.locator("#sources .report mark")).to_be_visible()
    names = ("#log .answer", "#log .question", "#log .note", "#log .marker", "#sources .report mark", "#sources .chip")
    assert faint(page, names) == []


def test_words_of_doubt_can_be_read_by_everyone(new_tab, serve):
    reports = FakeReports()
    reports.support, reports.llm = "weak", "none"
    page = new_tab(serve(reports).address, viewport={"width": 390, "height": 844})
    page.ask(KIM_BANG)
    expect(page.locator("#log .others a.marker")).to_be_visible()
    names = ("#log .note.weak", "#log .others", "#log .own", "#log .own code", "#sources .odds")
    assert faint(page, names) == []
    assert wide(page) <= 0
    assert grave(page) == []


def test_from_question_to_source_by_keyboard_alone(page):
    expect(page.get_by_label(ENGLISH.question, exact=True)).to_be_focused()
    page.keyboard.type(KIM_BANG)
    page.keyboard.press("Enter")
    expect(page.locator("#log .verdict")).to_be_visible()
    reach(page, "a.marker", backwards=True)
    expect(page.locator("#tipcard")).to_be_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "citation-1-1"
    page.keyboard.press("Escape")
    expect(page.locator("#log a.marker")).to_be_focused()
    reach(page, "button.do-expand")
    page.keyboard.press("Enter")
    expect(page.locator("#sources .do-expand")).to_have_attribute("aria-expanded", "true")
    reach(page, "#shelf .menu summary", backwards=True)
    page.keyboard.press("Enter")
    reach(page, "#shelf .do-rename")
    page.keyboard.press("Enter")
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")
    expect(page.locator("#shelf .talk")).to_have_text("By keys")
    reach(page, "#collection-button", backwards=True)
    page.keyboard.press("Enter")
    expect(page.locator("#dropzone .upload")).to_be_visible()
    reach(page, "#dropzone .upload")


def test_at_200_percent_and_on_a_phone_nothing_is_wider_than_the_screen(new_tab, site):
    phone = {"width": 390, "height": 844}
    page = new_tab(site.address, viewport=phone)
    page.ask(KIM_BANG)
    expect(page.locator("#sources .report mark")).to_be_visible()
    for screen in (phone, {"width": 640, "height": 400}, {"width": 320, "height": 700}):
        page.to(ENGLISH.tab_chat)
        page.set_viewport_size(screen)
        talk, proof = (page.locator(name).bounding_box() for name in ("#talk", "#proof"))
        assert proof["y"] >= talk["y"] + talk["height"]
        assert wide(page) <= 0
        page.to(ENGLISH.tab_collection)
        expect(page.locator("#rows tbody tr").first).to_be_visible()
        assert wide(page) <= 0


def test_text_from_right_to_left_stands_from_the_right(new_tab, serve):
    hebrew = "המועצה התכנסה ביום שישי. נספרו 109 קולות בעד הגשר החדש. 2024."
    site = serve(FakeReports([article(hebrew, language="he")]))
    page = new_tab(site.address)
    page.ask(KIM_BANG)
    report = page.locator("#sources .report")
    expect(report.locator("mark")).to_be_visible()
    assert report.evaluate("box => getComputedStyle(box).direction") == "rtl"
    assert page.locator("#sources h3").evaluate("box => getComputedStyle(box).direction") == "rtl"
    assert page.locator("#log .question").evaluate("box => getComputedStyle(box).direction") == "ltr"


@pytest.mark.parametrize("tag", [tag for tag in TAGS if tag != "en"])
def test_the_page_speaks_the_language_of_the_browser(new_tab, site, tag):
    words = LANGUAGES[tag]
    page = new_tab(site.address, words=words, locale=tag)
    expect(page.locator("#head h1")).to_have_text(words.title)
    expect(page.locator("html")).to_have_attribute("lang", tag)
    expect(page.get_by_role("tab", name=words.tab_collection)).to_be_visible()
    expect(page.get_by_placeholder(words.question_hint)).to_be_visible()
    expect(page.locator("#welcome .hint")).to_have_text(words.suggestions)
    page.ask(KIM_BANG)
    expect(page.locator("#log .verdict")).to_contain_text(words.count(words.proven, 1))
    expect(page.locator("#sources .cited h2")).to_have_text(words.cited_title)
    expect(page.get_by_role("button", name=words.filters)).to_be_visible()
    expect(page.get_by_role("button", name=words.send)).to_be_visible()
    page.to(words.tab_collection)
    expect(page.get_by_label(words.search_reports)).to_be_visible()
    expect(page.get_by_role("button", name=words.reindex)).to_be_visible()
    expect(page.locator("#dropzone")).to_contain_text(words.upload)


def test_the_page_is_usable_while_the_model_is_prepared(new_tab, serve):
    reports = FakeReports()
    reports.may_warm.clear()
    site = serve(reports)
    page = new_tab(site.address)
    notice = page.locator("#notice")
    expect(notice).to_contain_text(ENGLISH.preparing_title)
    page.ask(KIM_BANG)
    expect(page.locator("#sources .report mark")).to_be_visible()
    expect(notice).to_contain_text(ENGLISH.preparing_title)
    reports.may_warm.set()
    expect(notice).not_to_contain_text(ENGLISH.preparing_title)


def test_who_is_known_signs_in_and_finds_the_conversation_again_in_another_browser(chromium, tmp_path, serve):
    accounts = tmp_path / "accounts"
    accounts.write_text(f"{make_line('Ada', 'correct horse')}\n", encoding="utf-8")
    site = serve(FakeReports(), Limits(accounts=accounts))
    for seen in ("", KIM_BANG):
        chromium.clear_cookies()
        tab = chromium.new_page()
        tab.goto(site.address)
        expect(tab.locator("input[type=password]")).to_be_visible()
        assert tab.locator("#question").count() == 0
        tab.locator("input:not([type=password])").first.fill("Ada")
        tab.locator("input[type=password]").fill("correct horse")
        tab.keyboard.press("Enter")
        expect(tab.locator("#head .chips")).to_contain_text(ENGLISH.signed_in.format(name="Ada"))
        if seen:
            expect(tab.locator("#shelf .talk")).to_contain_text(seen[:40])
        else:
            tab.get_by_label(ENGLISH.question, exact=True).fill(KIM_BANG)
            tab.keyboard.press("Enter")
            expect(tab.locator("#log .verdict")).to_be_visible()
            tab.get_by_role("button", name=ENGLISH.logout).click()
            expect(tab.locator("input[type=password]")).to_be_visible()
        tab.close()


def test_hostile_report_text_is_inert_and_stays_readable(new_tab, hostile_site):
    page = new_tab(hostile_site.address)
    page.ask(f"109 {HOSTILE}")
    mark = page.locator("#sources .report mark")
    expect(mark).to_be_visible()
    assert mark.evaluate("mark => mark.textContent") == HOSTILE
    expect(page.locator("#log .question")).to_contain_text("<img src=")
    page.locator("#log a.marker").hover()
    expect(page.locator("#tipcard .tip-quote")).to_have_text(HOSTILE)
    page.to(ENGLISH.tab_collection)
    page.locator("#rows .do-read").click()
    expect(page.locator("#reader .report")).to_have_text(HOSTILE)
    held = ":is(script, img, form, [style])"
    places = (
        "#sources .sources",
        "#log .prose",
        "#tipcard .tip-quote",
        "#shelf .md",
        "#reader .md",
        "#rows .md",
        "#head .md",
    )
    assert page.locator(", ".join(f"{place} {held}" for place in places)).count() == 0
    assert page.evaluate("window.hacked") is None


def test_even_unescaped_the_policy_stops_scripts_and_foreign_images(new_tab, hostile_site):
    page = new_tab(hostile_site.address)
    refused = """Promise.race([
      new Promise(done => document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective))),
      new Promise(done => setTimeout(done, 5000, 'nothing refused')),
    ])"""
    for markup, directive in (
        ("<img src=http://evil.example/x.png>", "img-src"),
        ("<img src=data:, onerror='window.hacked=1'>", "script-src-attr"),
    ):
        put = f"(document.body.insertAdjacentHTML('beforeend', {markup!r}), {refused})"
        assert page.evaluate(put) == directive
    assert page.evaluate("window.hacked") is None
    page.faults.clear()  # the refusals, which were asked for


def test_the_server_answers_other_programs_with_the_same_headers(site):
    with urllib.request.urlopen(site.address) as response:
        assert "script-src 'self'" in response.headers["content-security-policy"]


def reach(page, selector: str, *, backwards: bool = False) -> None:
    """Tab until the focus is on such a thing."""
    for _ in range(80):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by the keyboard")


def contrast(page, selector: str) -> float:
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

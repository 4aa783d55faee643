"""What a page's own styles hide is no evidence, and what they show is."""

import pytest

from rag.errors import ArticleError
from rag.sources import page_styles
from rag.sources.formats import WebPage
from rag.sources.web_pages import TOO_INTRICATE, read_page

LONG = "The council met on Monday evening and decided to keep the ferry, which carries 1,350 commuters a day."
MORE = "It opened a new school in the north of the town, and thanked all who had helped to build it in a year."


# Made to be slow, and quick all the same.
READ = {"has", "variables", "inline"}


def read(body, head=""):
    article = f"<article><p>{LONG}</p>{body}<p>{MORE}</p></article>"
    text = read_page(f"<!DOCTYPE html><html><head>{head}</head><body>{article}</body></html>").text
    assert LONG in text and MORE in text
    return text


HIDING = [
    "display:none", "DISPLAY : None !important", "visibility:hidden", "visibility:collapse", "opacity:0",
    "opacity:0.01",    "opacity:0%", "font-size:0", "font-size:0px", "font-size:1px", "font-size:.05em",
    "font:0/0 a", "color:#fff",
    "color:white", "color:rgb(255,255,255)", "color:#fefefe", "color:rgba(0,0,0,0)", "color:transparent",
    "color:#123456;background:#123456", "background-color:black;color:#010101", "position:absolute;left:-9999px",
    "position:fixed;top:-100em", "position:absolute;right:-5000px", "text-indent:-9999px", "margin-left:-9999px",
    "transform:translateX(-9999px)", "transform:translate(0,-5000px)", "transform:scale(0)",
    "position:absolute;clip:rect(0,0,0,0)", "position:absolute;clip:rect(1px, 1px, 1px, 1px)", "clip-path:inset(100%)",
    "clip-path:inset(50%)", "clip-path:circle(0)", "width:1px;height:1px;overflow:hidden", "height:0;overflow:hidden",
    "max-height:0;overflow:hidden", "content-visibility:hidden", "filter:opacity(0)",
    "-webkit-text-fill-color:transparent",
]  # fmt: skip
SHOWING = [
    "display:block", "visibility:visible", "opacity:1", "opacity:.5", "font-size:10px", "font-size:90%",
    "font:bold 12px/1 a",
    "color:#000", "color:#ccc", "color:white;background:#333", "background:url(dark.jpg);color:#fff", "color:inherit",
    "background:linear-gradient(#000,#333);color:#fff", "position:absolute;left:20px", "position:relative;left:-10px",
    "margin-left:-20px", "margin-left:-50%", "text-indent:2em", "transform:translateX(10px)", "transform:scale(1.2)",
    "overflow:hidden", "height:0", "overflow:hidden;height:200px", "clip:auto", "max-width:0", "color:nonsense",
    "zoom:0",    "position:absolute;clip:rect(0,100px,100px,0)", "line-height:0",
    f"max-width:{'9' * 5_000}px", f"color:rgb({'9' * 5_000},0,0)",
]  # fmt: skip


@pytest.mark.parametrize("style", HIDING)
def test_what_a_style_hides_is_not_read_wherever_it_is_written(style):
    assert "SECRET" not in read(f'<p style="{style}">SECRET 500.</p>')
    assert "SECRET" not in read(f'<div style="{style}"><span>The answer is SECRET 500.</span></div>')
    rule = "p.x i{" + style.replace("!important", "") + "}"
    kept = read('<p class="x">The <i>SECRET</i>ferry sank.</p>', f"<style>{rule}</style>")
    assert "SECRET" not in kept and "ferry sank." in kept


@pytest.mark.parametrize("style", SHOWING)
def test_what_a_style_shows_is_read(style):
    assert "The harbour is open." in read(f'<p style="{style}">The harbour is open.</p>')
    assert "The harbour is open." in read('<p class="x">The harbour is open.</p>', f"<style>.x{{{style}}}</style>")


@pytest.mark.parametrize(
    "sheet",
    [
        ".x{display:none}", "#y{display:none}", "p.x{display:none}", "article > p.x{display:none}",
        "[data-k='1']{opacity:0}",
        "p:nth-of-type(2){display:none}", "p:not(.z):not(:first-child):not(:last-child){display:none}",
        "@media screen{.x{display:none}}", "@media (min-width:600px){.x{display:none}}",
        "@supports (display:grid){.x{opacity:0}}",
        "@layer a{.x{display:none}}", ":root{--h:none} .x{display:var(--h)}", ".x{display:var(--no, none)}",
        "/* a */ .x /* b */ {/* c */ display:/* d */none}", ".x{display:block} #y{display:none}",
        ".q,.x{visibility:hidden}",
        ".x{display:none!important} #y{display:block}", "body .x{color:#fff} body{background:#fff}",
        "\\.x{} .x{font-size:0}",
        ".x{display:none", "<!-- .x{display:none} -->", "@charset 'utf-8'; .x{display:none}",
        ".a{color:red;} @font-face{src:url(x)} .x{display:none}", ":is(.x, .q){display:none}", ".\\78 {display:none}",
    ],
)  # fmt: skip
def test_a_style_sheet_of_the_page_hides(sheet):
    assert "SECRET" not in read('<p class="x" id="y" data-k="1">SECRET 500.</p>', f"<style>{sheet}</style>")


@pytest.mark.parametrize(
    "head",
    [
        "<style>.x:hover{display:none}</style>", "<style>.x::before{display:none}</style>",
        "<style>.z{display:none}</style>",
        "<style media=print>.x{display:none}</style>", "<style>@media print{.x{display:none}}</style>",
        "<style>@media (max-width:600px){.x{display:none}}</style>",
        "<style>.x{display:none} #y{display:block}</style>",
        "<style>@media (prefers-color-scheme:dark){.x{color:#fff}}</style>",
        "<style>.x{display:none} .x{display:flex}</style>",
        "<style>.x{color:#fff} article{background:#222}</style>",
        "<style type='text/x-template'>.x{display:none}</style>",
        "<noscript><style>.x{display:none}</style></noscript>",
        "<link rel=stylesheet href=a.css><style>.x{color:#fff}</style>",
        "<style>div.x{display:none}</style>", "<style>.x{}}{</style>",
        "<style>@import url(a.css); .q{display:none}</style>",
        "<style>body{visibility:hidden;opacity:0}</style>", "<style>.x{color:#fff} p{background:url(a.png)}</style>",
        "<style media='(max-width:1.2.3px)'>.x{display:none}</style>",
        f"<style>@media (min-width:{'9' * 5_000}px){{.x{{display:none}}}}</style>",
        f"<style>p:nth-child(n+{'9' * 5_000}){{display:none}}</style>",
        "<style>:root{--a:1.2} .x{position:absolute;clip:rect(var(--a).3px,0,0,0)}</style>",
        "<style>} .x{display:none}</style>", "<style>.x .x{display:none}</style>", "<style>[[]{display:none}</style>",
    ],
)  # fmt: skip
def test_rules_that_do_not_hold_hide_nothing(head):
    assert "The harbour is open." in read('<p class="x" id="y">The harbour is open.</p>', head)


def test_inner_elements_show_what_the_outer_hides_where_css_says_so():
    inner = '<span style="visibility:visible;font-size:12px;color:#000">The harbour is open.</span>'
    for style in ("visibility:hidden", "font-size:0", "color:#fff"):
        text = read(f'<p style="{style}">SECRET {inner} SECRET</p>')
        assert "The harbour is open." in text and "SECRET" not in text
    assert "harbour" not in read(f'<p style="display:none">{inner}</p>')
    assert "harbour" not in read(f'<p style="opacity:0">{inner}</p>')


def test_old_attributes_of_colour_count():
    table = '<table bgcolor="000080"><tr><td><font color="#ffffff">The harbour is open.</font></td></tr></table>'
    assert "The harbour is open." in read(table)
    assert "SECRET" not in read('<p><font color="ffffff">SECRET</font></p>')
    assert "harbour" in read(f'<p><font color="{"9" * 5_000}">The harbour is open.</font></p>')


def test_a_style_in_a_mail_hides_as_in_a_page():
    from rag.sources.formats import Mail

    page = f"<style>.x{{display:none}}</style><p>{LONG}</p><p class=x>SECRET</p><p style='font-size:0'>SECRET</p>"
    mail = f"Subject: Ferry\nContent-Type: text/html; charset=utf-8\n\n{page}"
    text = Mail().read(mail.encode(), "x").text
    assert LONG in text and "SECRET" not in text


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("selectors", "<style>" + "q * * * * * * * x,.x{opacity:0}" * 50 + "</style>" + "<div>" * 200 + "<x>a" * 200),
        ("rules", "<style>" + ".a .b .c .d{display:none}" * 5_000 + "</style>" + "<p class=d>a" * 5_000),
        ("brackets", "<style>" + "{(" * 20_000 + "</style><p>x"),
        ("siblings", "<style>" + "i ~ p ~ p ~ p ~ p{display:none}" * 10 + "</style>" + "<p>x" * 3_000),
        ("last", "<style>" + "p:nth-last-child(7){display:none}" * 100 + "</style>" + "<p>x" * 5_000),
        ("has", "<style>" + ":has(:has(p)) *{display:none}" * 100 + "</style>" + "<p>x" * 5_000),
        ("attributes", "<style>" + "[a=b]{display:none}" * 3_000 + "</style>" + "<p>x" * 10_000),
        ("variables", "<style>:root{--a:var(--b);--b:var(--a)var(--a)} p{display:var(--a)}</style>" + "<p>x" * 1_000),
        ("inline", "<p style='" + "a:b;" * 20_000 + "'>x"),
    ],
)  # fmt: skip
def test_a_style_sheet_made_to_take_for_ever_is_read_or_refused_in_time(name, source, monkeypatch):
    # Without a budget of steps most of these take minutes, or have no end.
    monkeypatch.setattr(page_styles, "STEPS", 1_000_000)
    read = read_page(f"<!DOCTYPE html><html><body>{source}<p>{LONG}</p></body></html>")
    assert LONG in read.text or read.warnings == (TOO_INTRICATE,)
    assert read.warnings == (TOO_INTRICATE,) or name in READ


def test_a_page_that_is_too_intricate_is_refused_with_the_way_out():
    page = "<!DOCTYPE html><style>" + "{(" * 20_000 + f"</style><p>{LONG}</p>"
    with pytest.raises(ArticleError, match="too intricate to tell what they hide; save its text"):
        WebPage().read(page.encode(), "x")

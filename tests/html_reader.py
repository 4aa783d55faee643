"""What a browser would see in a piece of HTML, and a text that tries everything."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = (
    '<script>alert(1)</script> <img src=x onerror="alert(2)"> ![x](http://evil.example/x.png)\n\n'
    '<form action="http://evil.example"><input name=p></form> [click](javascript:alert(3))'
    " https://evil.example www.evil.example\n"
    "<div style='position:fixed;inset:0'> # head\n    code\n| a | b |\n| - | - |\n"
    "$$x$$ `c` **b** _i_ ~~s~~ &lt;b&gt; {{value}} ${1}\n"
)


class Reader(HTMLParser):
    """Collects what a browser would see: tags, attributes, the text of each `<mark>`, all text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.marks: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"br", "img", "input"}:
            self._open.append(tag)
        if tag == "mark":
            self.marks.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if "mark" in self._open:
            self.marks[-1] += data

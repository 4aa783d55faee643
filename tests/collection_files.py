"""The collections of `cases/collections`, and what a person sees of a report's file, whatever its format.

Read here without `rag`, so that a mistake of the readers under test cannot hide a mistake in the cases.
"""

import email
import email.policy
import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases" / "collections"
COLLECTIONS = sorted(file.parent for file in FOLDER.glob("*/*/questions.jsonl"))

_HIDDEN = {"head", "script", "style", "noscript", "template"}
_BLOCKS = {"p", "div", "h1", "h2", "h3", "li", "tr", "td", "br", "header", "footer", "section", "article", "aside"}
_UNSPACED = r"\u3000-\u9fff\uff00-\uffef"
_CUE = re.compile(r"\A\d+\s*\n\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}[^\n]*\n")


def lines(file: Path) -> list[dict[str, Any]]:
    """The objects of a JSON lines file."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def visible(file: Path, encoding: str = "utf-8") -> str:
    """The words that a reader of the file sees, in NFC: no markup, cue times or transfer encoding."""
    data = file.read_bytes()
    if file.suffix == ".eml":
        message = email.message_from_bytes(data, policy=email.policy.default)
        part = message.get_body(("plain",))
        assert part is not None
        text = f"{message['subject']}\n\n{part.get_content()}"
    elif file.suffix == ".html":
        page = _Page()
        page.feed(data.decode(encoding))
        text = "".join(page.held)
    elif file.suffix == ".srt":
        cues = data.decode(encoding).split("\n\n")
        text = "\n".join(re.sub(r"</?i>", "", _CUE.sub("", cue.strip("\n"))) for cue in cues)
    else:
        text = data.decode(encoding)
    return unicodedata.normalize("NFC", text)


def flat(text: str) -> str:
    """The text without line ends: quote signs and hyphens of the line end go with them."""
    text = re.sub(r"(?<=\w)-\n(?=\w)", "", text)
    text = re.sub(r"\s*\n(?:> ?)?\s*", "\n", text)
    # Beside a sign of a script without blanks, a line end stands for nothing.
    text = re.sub(rf"(?<=[{_UNSPACED}])\n|\n(?=[{_UNSPACED}])", "", text)
    return text.replace("\n", " ")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.held: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in _HIDDEN
        if tag in _BLOCKS:
            self.held.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in _HIDDEN
        if tag in _BLOCKS:
            self.held.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.held.append(data)

"""Lists of things -> their escaped HTML: the conversations of a person. Knows nothing of Gradio."""

from __future__ import annotations

from collections.abc import Sequence

from ui.conversations import Heading
from ui.markup import button, escape
from ui.strings import Strings


def shelf_html(headings: Sequence[Heading], here: str, strings: Strings) -> str:
    """The person's conversations, newest first, each with its menu; `here` is the id of the one that is open."""
    rows = "".join(_row(heading, heading.id == here, strings) for heading in headings)
    rows = f'<ul class="talks">{rows}</ul>' if rows else f'<p class="hint">{escape(strings.no_conversations)}</p>'
    fresh = button("act wide do-fresh", "fresh", strings.new_conversation)
    title = f"<summary><h2>{escape(strings.conversations)}</h2></summary>"
    return f'<details class="shelf" open>{title}{fresh}{rows}</details>'


def _row(heading: Heading, current: bool, strings: Strings) -> str:
    kind = "talk do-talk current" if current else "talk do-talk"
    acts = [button("do-rename", f"rename-{heading.id}", strings.rename)]
    for form, text in (
        ("md", strings.export_markdown),
        ("html", strings.export_html),
        ("json", strings.export_json),
    ):
        acts.append(button("do-export", f"export-{form}-{heading.id}", text))
    acts.append(button("do-delete", f"delete-{heading.id}", strings.delete))
    return (
        f'<li><button type="button" class="{kind}" id="talk-{escape(heading.id)}" dir="auto">{escape(heading.title)}'
        f'</button><details class="menu"><summary><span class="sign">⋯</span><span class="sr">{escape(strings.menu)} '
        f'{escape(heading.title)}</span></summary><div class="acts">{"".join(acts)}</div></details></li>'
    )

"""Every word of the interface, by language. Knows nothing of Gradio or HTML; texts are plain, never markup.

Another language is another `Strings` in `LANGUAGES`; the type checker names what it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.dates import format_date

Plural = Mapping[str, str]  # CLDR plural form ("one", "few", "many", "other") -> text with {n}


@dataclass(frozen=True, slots=True)
class Strings:
    """The interface in one language; `{name}` fields are filled by the caller."""

    locale: str
    title: str
    tagline: str
    reports: Plural
    empty_collection: str
    chat: str
    welcome: str
    question: str
    question_hint: str
    send: str
    stop: str
    searching: str
    found: Plural
    nothing_found: str
    proven: Plural
    weak: str
    declined: str
    problem: str
    stopped: str
    sources: str
    sources_intro: str
    collection: str
    more_reports: Plural
    sources_for: str
    found_title: str
    found_note: str
    nearest_title: str
    nearest_note: str
    cited_title: str
    no_evidence: str
    show_source: str
    report_text: str
    expand: str
    collapse: str
    open_source: str
    left_out: Plural
    changed: str
    gloss: str
    untitled: str
    undated: str

    def count(self, forms: Plural, n: int) -> str:
        """The plural form of this language for `n`, filled in."""
        form = Locale.parse(self.locale).plural_form(n)
        return forms.get(form, forms["other"]).format(n=n)

    def language(self, tag: str) -> str:
        """The name of a BCP 47 language in this language; the tag itself where it has no name."""
        names = Locale.parse(self.locale).languages
        return str(names.get(tag.replace("-", "_")) or names.get(tag.split("-")[0]) or tag)

    def day(self, day: date | None) -> str:
        """A date as this language writes it."""
        return format_date(day, "d MMMM y", locale=self.locale) if day else self.undated


ENGLISH = Strings(
    locale="en",
    title="Ask the reports",
    tagline="Ask in any language. Every sentence of the answer shows the sentence that proves it.",
    reports={"one": "{n} report", "other": "{n} reports"},
    empty_collection="There is no report here yet. Start askreports with a folder of reports to ask about them.",
    chat="Conversation",
    welcome="What would you like to know?",
    question="Your question",
    question_hint="Ask a question in any language",
    send="Send",
    stop="Stop",
    searching="Looking for sentences…",
    found={"one": "{n} sentence found, reading it…", "other": "{n} sentences found, reading them…"},
    nothing_found="No sentence found, thinking…",
    proven={"one": "Proven by {n} sentence", "other": "Proven by {n} sentences"},
    weak="Weak proof: check the marked sentences",
    declined="Not in the reports",
    problem="This did not work",
    stopped="Stopped",
    sources="Sources",
    sources_intro="The sentences that prove an answer appear here, marked in their report.",
    collection="In this collection",
    more_reports={"one": "and {n} more", "other": "and {n} more"},
    sources_for="for “{question}”",
    found_title="Sentences found",
    found_note="The answer is being written from these.",
    nearest_title="Nearest sentences",
    nearest_note="None of them answers the question.",
    cited_title="Cited sentences",
    no_evidence="No sentence of the reports comes near.",
    show_source="Show source",
    report_text="Text of the report",
    expand="Show the whole report",
    collapse="Show less",
    open_source="Source",
    left_out={"one": "{n} character left out", "other": "{n} characters left out"},
    changed="The report has changed since; the sentence is shown as it was.",
    gloss="Machine translation",
    untitled="Untitled report",
    undated="No date",
)

LANGUAGES: Mapping[str, Strings] = {"en": ENGLISH}

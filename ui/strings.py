"""Every text of the interface, by language. Independent of Gradio and HTML; texts are plain, never markup.

The texts are in `strings.json`, key by key, so that the translations of one text are side by side. A key there is a
field of `Strings` here: the type checker knows it, and loading fails for a key or a language that is missing. To add a
language, add a line at each key, and its tag in `TAGS`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_percent
from langcodes import closest_match
from langcodes.tag_parser import LanguageTagError

from rag.models import rounded_down

Plural = Mapping[str, str]  # CLDR plural form ("one", "few", "many", "other") -> text with {n}

TAGS = ("en", "ms", "tr", "es", "de", "pl", "vi")
MAX_HEADER = 1000  # characters of an Accept-Language header that are read
# Distances of langcodes: within NEAR it is the same language, within FAR its readers usually read the other one too.
NEAR, FAR = 10, 25


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
    probably: str
    possibly: str
    may_be: str
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
    tab_chat: str
    tab_collection: str
    tab_evaluation: str
    retry: str
    edit: str
    cancel: str
    save: str
    copy: str
    copied: str
    copy_failed: str
    export: str
    export_markdown: str
    export_html: str
    export_json: str
    exported: str
    conversations: str
    no_conversations: str
    new_conversation: str
    rename: str
    conversation_name: str
    delete: str
    delete_sure: str
    broken_off: str
    merged: str
    report_removed: str
    thumbs_up: str
    thumbs_down: str
    comment_hint: str
    thanks: str
    export_feedback: str
    own_words: str
    translator: str
    declined_note: str
    translate: str
    translating: str
    gloss_note: str
    no_gloss: str
    opens_new_tab: str
    filters: str
    filter_languages: str
    filter_reports: str
    filter_places: str
    filter_since: str
    filter_until: str
    filtered: Plural
    no_match: str
    left: str
    left_undated: Plural
    left_none: str
    bad_range: str
    filter_all: str
    samples: str
    no_model: str
    bad_date: str
    search_reports: str
    search_hint: str
    column_title: str
    column_language: str
    column_date: str
    column_place: str
    column_file: str
    upload: str
    upload_hint: str
    upload_limits: str
    upload_progress: str
    added: Plural
    updated: Plural
    removed: Plural
    skipped: Plural
    skip_large: str
    skip_many: str
    skip_format: str
    skip_empty: str
    skip_known: str
    skip_unread: str
    remove: str
    remove_sure: Plural
    reindex: str
    refresh: str
    working: str
    unchanged: str
    select_all: str
    ask_about: str
    suggestions: str
    suggest_when: str
    suggest_who: str
    suggest_share: str
    suggest_amount: str
    preparing_title: str
    preparing_note: str
    preparing_failed: str
    queue_place: str
    queue_full: str
    question_long: str
    connection_lost: str
    logout: str
    signed_in: str
    evaluation_intro: str
    no_runs: str
    open_run: str
    compare_with: str
    run_before: str
    run_after: str
    expected: str
    answer: str
    changed_answers: Plural
    better: str
    worse: str
    same: str
    menu: str
    context: str
    copy_link: str
    link_copied: str
    link_changed: str
    link_gone: str
    computed_day: str
    phrase: str
    phrase_hint: str
    phrase_found: Plural
    phrase_most: str
    phrase_none: str
    answer_in: str
    as_asked: str
    follows: str
    as_typed: str
    stale_changed: str
    stale_edited: str
    stale_gone: str
    erased: str
    by: str
    note_report: str
    note_file: str
    note_read: str
    note_hash: str

    def count(self, forms: Plural, n: int) -> str:
        """The plural form of this language for `n`, filled in."""
        form = Locale.parse(self.locale).plural_form(n)
        return forms.get(form, forms["other"]).format(n=n)

    def language(self, tag: str) -> str:
        """The name of a BCP 47 language in this language; the tag itself if it has no name."""
        names = Locale.parse(self.locale).languages
        return str(names.get(tag.replace("-", "_")) or names.get(tag.split("-")[0]) or tag)

    def list_languages(self, tags: Sequence[str]) -> str:
        """The names of languages as a list, joined as in this language."""
        return format_list([self.language(tag) for tag in tags], locale=self.locale)

    def authors(self, names: Sequence[str]) -> str:
        """Who wrote a report; empty if nobody is known."""
        return self.by.format(names=format_list(names, locale=self.locale)) if names else ""

    def percent(self, probability: float) -> str:
        """A probability in whole per cent as this language writes them.

        Rounded down, and never 0 or 100, which would be certain.
        """
        # In English as everywhere else in this project; CLDR has it without the space.
        pattern = "0\N{NO-BREAK SPACE}%" if self.locale == "en" else None
        return format_percent(min(max(rounded_down(probability, 2), 0.01), 0.99), pattern, locale=self.locale)

    def direction(self, tag: str) -> str:
        """The direction of text in a BCP 47 language as HTML's `dir`: rtl, else auto, by the text's first letter."""
        try:
            locale = Locale.parse(tag.split("-")[0])
        except (UnknownLocaleError, ValueError):
            return "auto"
        return "rtl" if locale.text_direction == "rtl" else "auto"

    def day(self, day: date | None) -> str:
        """A date as this language writes it."""
        # British and American readers share it: the day comes first, as nearly everywhere.
        style = "d MMMM y" if self.locale == "en" else "long"
        return format_date(day, style, locale=self.locale) if day else self.undated


def choose(accept_language: str | None) -> Strings:
    """The interface for a browser's Accept-Language header: its first available language, else a near one.

    An unavailable language gives way to a later available one ("ca, de;q=0.5" gives German); only then a neighbour is
    taken (Catalan alone gives Spanish), and English if there is none.
    """
    wanted = _wanted(accept_language or "")
    for most in (NEAR, FAR):
        for tag in wanted:
            near, _ = closest_match(tag, TAGS, max_distance=most)
            if near in LANGUAGES:
                return LANGUAGES[near]
    return ENGLISH


def _wanted(header: str) -> list[str]:
    """The valid tags of the header, by falling weight (RFC 9110, 12.5.4)."""
    found: list[tuple[float, str]] = []
    for part in header[:MAX_HEADER].split(","):
        tag, _, rest = part.partition(";")
        key, _, value = rest.partition("=")
        try:
            weight = float(value) if key.strip().lower() == "q" else 1.0
            closest_match(tag.strip(), TAGS)
        except (ValueError, LanguageTagError):
            continue
        if 0 < weight <= 1:
            found.append((weight, tag.strip()))
    return [tag for _, tag in sorted(found, key=lambda pair: -pair[0])]


def _load() -> dict[str, Strings]:
    texts = json.loads((resources.files("ui") / "strings.json").read_text("utf-8"))
    return {tag: Strings(locale=tag, **{key: by_tag[tag] for key, by_tag in texts.items()}) for tag in TAGS}


LANGUAGES: Mapping[str, Strings] = _load()
ENGLISH = LANGUAGES["en"]

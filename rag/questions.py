"""What a question asks for: its language, the kind of answer, and the names and years that pin it down.

No model: words for the kind (`rag.asking`), capital letters and the collection's own names for the rest. This module
knows nothing of passages or of how answers are made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from rag.asking import kind_of, word_list
from rag.dates import find_dates
from rag.errors import QuestionError
from rag.languages import detect, fold, likelihood
from rag.lexical import starts_sentence
from rag.numbers import find_numbers

# Below this the language model of `rag.languages` does not take a run of words for words of the language: a name.
# "Steering Committee" has .63 in English, "Hai Phong" .10, "Nguyen Van Hung" .37.
NAME_LIKELIHOOD = 0.4
# The same for what is no Vietnamese name: "Barisan Tanah Air" has .28 in Malay, and is translated elsewhere.
TITLE_LIKELIHOOD = 0.25
# "Hai Phong" has .00 in German, "Anfang März" .99. In 300 German news sentences 85 of 198 runs of capitals fall below,
# all names but "Joint Venture" and "Brille DNA".
GERMAN_NAME_LIKELIHOOD = 0.05
# The unknown half of a look-alike name has at most so many letters, as a Vietnamese syllable has, and the pair reads
# less likely than this as words of the question's language.
SYLLABLE = 6
LOOK_ALIKE_LIKELIHOOD = 0.25
_WORD = re.compile(r"[^\W\d_]+")
# A Vietnamese syllable without its marks: onset, vowels, coda.
_SYLLABLE = re.compile(
    r"(?:ngh?|[ckgt]h|gi|[np]h|qu|tr|[bcdghklmnprstvx])?"
    r"(?:oai|oay|uay|uoi|uou|uya|uye|uyu|ieu|yeu|[aeo]o|a[iuy]|eu|i[aeu]|o[aei]|u[aeiouy]|ye|[aeiouy])"
    r"(?:ch|n[gh]|[cmnpt])?"
)
# A Turkish or English ending of a name, and words at most between "than" and it ("than the district of Ninh Son").
_ENDING = re.compile(r"['’]\w+")
MOST_BETWEEN = 3
_ROMAN = re.compile(r"[ivxlc]+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    `kind` is number, code, date, person, place, yesno, gather (several reports together) or other. `names` are folded
    runs ("kim bang") that the collection holds as names; `strangers` are runs that read as names and stand in no
    report. `person` is the one that is named beside a place. `years`, `days` (month and day) and `codes` are those
    asked about. `context` holds words of earlier questions that retrieval should know of and a reader should not.
    """

    text: str
    language: str
    kind: str
    names: tuple[str, ...]
    strangers: tuple[str, ...]
    years: tuple[int, ...]
    codes: tuple[str, ...]
    context: str = ""
    days: tuple[tuple[int, int], ...] = ()
    person: str = ""

    @property
    def sought(self) -> str:
        """What retrieval looks for."""
        return f"{self.context} {self.text}".strip()


def understand(
    text: str,
    *,
    limit: int,
    languages: Collection[str],
    known: Callable[[str], bool],
    places: Collection[str] = (),
) -> Question:
    """Read a question. `languages` and `places` are the collection's, `known` tells whether a word is a name in it.

    Raises QuestionError for a question that is empty, longer than `limit` code points, or without a word.
    """
    text = " ".join(text.replace("\0", " ").split())
    if not text:
        raise QuestionError("the question is empty; write what you want to know")
    if len(text) > limit:
        raise QuestionError(
            f"the question has {len(text)} characters, at most {limit} are read; ask for one thing at a time, "
            "or raise ASKREPORTS_MAX_QUESTION_CHARS"
        )
    if not any(map(str.isalnum, text)):
        raise QuestionError(f"the question {text[:20]!r} holds no word; write it in words of any language")
    language = detect(text, expected=languages)
    names, strangers = _names(text, language, known)
    named = f" {' '.join(_WORD.findall(fold(text)))} "
    if here := tuple(place for place in dict.fromkeys(map(fold, places)) if f" {place} " in named):
        # A place pins a question down better than the run of capitals that it stands in.
        names = here
    persons = {fold(text[start:end]) for start, end in person_runs(text)} if len(here) == 1 else set()
    persons = {person for person in persons if here[0] not in person and all(map(known, person.split()))}
    dates = find_dates(text, language)
    return Question(
        text=text,
        language=language,
        kind=_kind(_without_names(text, names), language),
        names=names,
        strangers=strangers,
        years=tuple(dict.fromkeys(found.year for found in dates if found.year)),
        codes=tuple(found.value for found in find_numbers(text, language) if found.kind in ("code", "ratio")),
        person=persons.pop() if len(persons) == 1 else "",
        days=tuple(dict.fromkeys((found.month, found.day) for found in dates if found.month and found.day)),
    )


def asks_for(what: str, question: Question) -> bool:
    """Whether the question's words ask for it: `more`, `sum`, `earlier`, `codes`, or another of the word lists."""
    pattern = word_list(what, question.language)
    return bool(pattern and pattern.search(question.text))


def topic(question: Question) -> Question:
    """What a list is sought of: the question without the words that ask for one, pinned down by Vietnamese names only.

    "Which places' reports mention site clearance?" is about site clearance. Other names are translated in other
    reports, such as the Fatherland Front's.
    """
    text = question.text
    for pattern in (word_list("gather", question.language), word_list("frame", question.language)):
        text = _without(pattern, text) if pattern else text
    words = " ".join(re.findall(r"[\w'’-]*\w[\w'’-]*", text))
    written = " ".join(fold(word) for run in name_runs(question.text) for _, word in run)
    names = tuple(n for n in question.names if n in written and all(map(_SYLLABLE.fullmatch, n.split())))
    return replace(question, text=words, names=names, kind="other", context="")


def asked_of(name: str, question: Question) -> Question:
    """What a question that compares or adds up asks of one of its names, in its words.

    "How many more models has Kim Bang than Ninh Son?" asks of Ninh Son "How many models has Ninh Son?"; a small model
    that reads of one place at a time is misled by the other.
    """
    text = question.text
    found = sorted((span, other) for other in question.names for span in _occurrences(other, text)[:1])
    written = next((text[slice(*span)] for span, other in found if other == name), "")
    joined = word_list("joined", question.language)
    for (start, end), _ in reversed(found[1:] if written else ()):
        ending = _ENDING.match(text, end)
        before = list(joined.finditer(text, 0, start)) if joined else []
        if before and len(text[before[-1].end() : start].split()) <= MOST_BETWEEN:
            start = before[-1].start()
        text = text[:start].rstrip(" ,") + text[ending.end() if ending else end :]
    if written:
        (start, end), _ = found[0]
        text = text[:start] + written + text[end:]
    for pattern in (word_list("more", question.language), word_list("sum", question.language)):
        text = _without(pattern, text) if pattern else text
    return replace(question, text=" ".join(text.split()), names=(name,))


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text without what the pattern matches, but for syllables of a name ("Do Viet Anh" is no "do")."""
    names = [(start, end) for start, end, count in _syllables(text) if count > 1]
    return pattern.sub(
        lambda found: found[0] if any(a < found.end() and found.start() < b for a, b in names) else " ", text
    )


def asking_words(what: str, question: Question) -> tuple[int, int] | None:
    """Where the words stand that make it a question of the kind, such as "how many"; None where none do."""
    pattern = word_list(what, question.language)
    match = pattern.search(question.text) if pattern else None
    return match.span() if match else None


def yes_or_no(language: str) -> tuple[str, ...]:
    """How an answer to a yes-or-no question begins in the language: yes, then no; empty where it is not known."""
    return _yes_no().get(language.split("-")[0], ())


def name_runs(text: str) -> list[list[tuple[int, str]]]:
    """Runs of neighbouring capitalised words, as (offset, word); the first word of a sentence may be one of them."""
    runs: list[list[tuple[int, str]]] = []
    end = -1
    for match in _WORD.finditer(text):
        if not match.group()[0].isupper():
            continue
        if runs and end >= 0 and text[end : match.start()].strip() in ("", "-") and match.start() - end <= 3:
            runs[-1].append((match.start(), match.group()))
        else:
            runs.append([(match.start(), match.group())])
        end = match.end()
    return runs


def person_runs(text: str) -> list[tuple[int, int]]:
    """Where Vietnamese persons' names stand, with or without their marks: three or more capitalised syllables.

    Two are more often a place's name; a name of another language has no form of its own. A form of address in front
    ("Comrade Nguyen Van Giang") is no part of it, and a hyphen parts two names.
    """
    return [(first, end) for first, end, count in _syllables(text) if count > 2]


def place_runs(text: str) -> list[tuple[int, int]]:
    """Where Vietnamese places' names may stand: two capitalised syllables, which persons seldom have."""
    return [(first, end) for first, end, count in _syllables(text) if count == 2]


def _syllables(text: str) -> list[tuple[int, int, int]]:
    """Runs of neighbouring capitalised words that may be Vietnamese syllables: start, end, how many."""
    runs: list[tuple[int, int, int]] = []
    for run in name_runs(text):
        end = -1
        for at, word in run:
            if not _SYLLABLE.fullmatch(fold(word)):
                end = -1
                continue
            if end < 0 or text[end:at].strip():
                runs.append((at, at + len(word), 1))
            else:
                first, _, count = runs[-1]
                runs[-1] = (first, at + len(word), count + 1)
            end = at + len(word)
    return runs


def _kind(text: str, language: str) -> str:
    # Without the names: "Kim" asks "who" in Turkish.
    plain = text
    for run in name_runs(text):
        # A question word may stand before a name: "Adakah Kim Bang".
        held = run[1:] if len(run) > 2 and starts_sentence(text, run[0][0]) else run
        if len(held) > 1 and _reads_as_name([word for _, word in held], language):
            plain = plain.replace(text[held[0][0] : held[-1][0] + len(held[-1][1])], " ")
    return kind_of(plain, language)


def _without_names(text: str, names: tuple[str, ...]) -> str:
    """The text without names of several words, however they are written: "kim" of "kim bang" asks who in Polish."""
    for name in names:
        for start, end in _occurrences(name, text) if " " in name else ():
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def _occurrences(name: str, text: str) -> list[tuple[int, int]]:
    """Where a folded name stands in the text, however it is written."""
    parts = name.split()
    words = [(match.start(), match.end(), fold(match.group())) for match in _WORD.finditer(text)]
    return [
        (words[at][0], words[at + len(parts) - 1][1])
        for at in range(len(words) - len(parts) + 1)
        if [word for _, _, word in words[at : at + len(parts)]] == parts
    ]


def _names(text: str, language: str, known: Callable[[str], bool]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names: list[str] = []
    strangers: list[str] = []
    for run in name_runs(text):
        held: list[str] = []
        before = len(names)
        for _, word in [*run, (0, "")]:
            if word and known(fold(word)):
                held.append(word)
                continue
            # A single known word may be a cognate ("Front" in "Fatherland Front") or a German noun.
            if len(held) > 1 and _is_name(held, language):
                names.append(fold(" ".join(held)))
            held = []
        inner = [word for at, word in run if not starts_sentence(text, at) and not _ROMAN.fullmatch(word.lower())]
        if len(inner) > 1 and not any(known(fold(word)) for word in inner) and _reads_as_name(inner, language):
            strangers.append(fold(" ".join(inner)))
        elif len(names) == before and (
            pair := _look_alike([word for _, word in run] if language == "tr" else inner, language, known)
        ):
            strangers.append(pair)
    if not names:
        names += _lower_case_names(text, language, known)
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(strangers))


def _is_name(held: list[str], language: str) -> bool:
    """Whether words that are names in the collection are one here; "Barisan Tanah Air" is translated elsewhere."""
    syllables = all(_SYLLABLE.fullmatch(fold(word)) for word in held)
    read = fold(" ".join(held)) if syllables else " ".join(held).lower()
    return likelihood(read, language) < (NAME_LIKELIHOOD if syllables else TITLE_LIKELIHOOD)


def _look_alike(run: list[str], language: str, known: Callable[[str], bool]) -> str:
    """A name of two short words that the collection does not know both: "Lam Dong" beside "Kim Dong"; else empty."""
    pair = run[-2:]
    # An ending may hang on a known word ("Kim Bangu").
    unknown = [w for w in pair if not any(known(fold(w)[: len(w) - cut]) for cut in range(max(1, min(3, len(w) - 3))))]
    if len(pair) < 2 or not unknown or max(map(len, unknown)) > SYLLABLE or not _SYLLABLE.fullmatch(fold(pair[0])):
        return ""  # "Tetap Parti" is the end of a body's name
    return fold(" ".join(pair)) if likelihood(" ".join(pair).lower(), language) < LOOK_ALIKE_LIKELIHOOD else ""


def _reads_as_name(run: list[str], language: str) -> bool:
    """Whether capitalised neighbours are no words of the language; in German, which capitalises nouns, clearly so."""
    if language.split("-")[0] != "de":
        return likelihood(" ".join(run).lower(), language) < NAME_LIKELIHOOD
    # "Bezirk Hai Phong": a noun may stand before the name.
    return any(likelihood(" ".join(part).lower(), language) < GERMAN_NAME_LIKELIHOOD for part in (run, run[-2:]))


def _lower_case_names(text: str, language: str, known: Callable[[str], bool]) -> list[str]:
    """Names typed without capitals: two or more neighbouring words that are names in the collection."""
    found: list[list[str]] = [[]]
    for match in _WORD.finditer(text):
        if known(fold(match.group())):
            found[-1].append(match.group())
        elif found[-1]:
            found.append([])
    return [fold(" ".join(run)) for run in found if len(run) > 1 and _is_name(run, language)]


@cache
def _yes_no() -> dict[str, tuple[str, ...]]:
    words = json.loads((resources.files("rag") / "data" / "yes_no.json").read_text(encoding="utf-8"))
    return {language: tuple(pair) for language, pair in words.items()}

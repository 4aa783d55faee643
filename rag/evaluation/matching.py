"""Metrics of an answer's words against accepted ones, in any language. Independent of reports or citations.

None where a metric does not apply: no accepted answer, no number asked for, too few words to detect a language.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from rag.language import UNSPACED, FoundDate, detect, find_dates, find_numbers, fold, number_values, primary_tag

# Articles that the MLQA script removes before comparing; other languages write none apart from their nouns.
_ARTICLES = {
    "en": "a an the",
    "es": "un una unos unas el la los las",
    "de": "ein eine einen eines einem einer der die das den dem des",
    "fr": "un une des le la les",
    "it": "un uno una il lo la i gli le",
    "pt": "um uma uns umas o a os as",
    "vi": "cua la cai chiec nhung",
}
_MARKER = re.compile(r"\s*\[\d+\]")
# Each character of a script without spaces counts as a word, as in the MLQA script for Chinese.
_UNSPACED = re.compile(f"([{UNSPACED}])")
TELLING_WORDS = 4


def plain(text: str) -> str:
    """An answer without its citation markers."""
    return _MARKER.sub("", text).strip()


def normalised(text: str, language: str) -> list[str]:
    """Words without case, diacritics, punctuation and articles.

    SQuAD's normalisation (Rajpurkar et al. 2016) as MLQA extends it to other languages (Lewis et al. 2020), and without
    diacritics: names in news come with and without them.
    """
    bare = "".join(" " if unicodedata.category(char)[0] in "PSZ" else char for char in fold(plain(text)))
    articles = _ARTICLES.get(primary_tag(language), "").split()
    return [word for word in _UNSPACED.sub(r" \1 ", bare).split() if word not in articles]


def exact_match(text: str, answers: Sequence[str], language: str) -> float | None:
    """1 if the answer is one of the accepted ones, word for word once normalised, or the same date. SQuAD's EM."""
    if not answers:
        return None
    said = normalised(text, language)
    return float(
        any(said == normalised(answer, language) or _same_date(plain(text), answer, language) for answer in answers)
    )


def token_f1(text: str, answers: Sequence[str], language: str) -> float | None:
    """Harmonic mean of the precision and recall of words, for the accepted answer that fits best. SQuAD's F1."""
    if not answers:
        return None
    if exact_match(text, answers, language):
        return 1.0
    said = normalised(text, language)
    return max(_f1(said, normalised(answer, language)) for answer in answers)


def number_match(text: str, number: float | None, language: str) -> float | None:
    """1 if the answer contains the number, in digits of any convention or in words (`rag.language.numbers`)."""
    if number is None:
        return None
    wanted = str(int(number)) if number == int(number) else str(number)
    return float(wanted in number_values(plain(text), language))


def contains(
    text: str, answers: Sequence[str], language: str, *, gold_language: str = "", first: bool = False
) -> float | None:
    """1 if an accepted answer occurs in the text (with `first`, begins it), ignoring case and diacritics.

    A figure does not match inside a longer one. An answer that is only a date or a number also counts if the text (in
    `language`) gives the same one in another form; `gold_language` is the answers' if it differs. "Contains gold" of
    open-domain question answering: Mallen et al., When Not to Trust Language Models (2023).
    """
    if not answers:
        return None
    bare = plain(text)
    folded = " ".join(fold(bare).split())
    golds = [" ".join(fold(answer).split()) for answer in answers]
    if first:
        return float(any(_begins(gold, folded) for gold in golds))
    if any(_stands(gold, folded) for gold in golds):
        return 1.0
    return float(any(_same_value(bare, answer, language, gold_language or language) for answer in answers))


def in_language(text: str, language: str, others: Sequence[str] = ()) -> float | None:
    """1 if the text is in the language; `others` are those it could have slipped into, such as its reports'."""
    words = plain(text)
    if len(re.findall(r"[^\W\d_]+", words)) < TELLING_WORDS:
        return None
    wanted = primary_tag(language)
    return float(primary_tag(detect(words, expected=[wanted, *others])) == wanted)


def _f1(said: Sequence[str], gold: Sequence[str]) -> float:
    shared = sum((Counter(said) & Counter(gold)).values())
    if not said or not gold:
        return float(said == gold)
    return 2 * shared / (len(said) + len(gold))


def _begins(gold: str, text: str) -> bool:
    """Whether the text begins with it as a whole word; without blanks in the script, whether it begins so."""
    return re.match(rf"{re.escape(gold)}(?:(?<=[{UNSPACED}])|(?!\w))", text) is not None


def _stands(gold: str, text: str) -> bool:
    before = r"(?<!\d)(?<!\d[.,])" if gold[:1].isdigit() else ""
    after = r"(?!\d)(?![.,]\d)" if gold[-1:].isdigit() else ""
    return re.search(f"{before}{re.escape(gold)}{after}", text) is not None


def _same_value(text: str, answer: str, language: str, gold_language: str) -> bool:
    """Whether the answer is only a date or a number, and the text contains the same one."""
    if wanted := _only_date(answer, [gold_language, language]):
        return any(_tells(found, wanted) for found in find_dates(text, language))
    numbers = find_numbers(answer, gold_language)
    if len(numbers) != 1 or numbers[0].kind == "ambiguous" or not _is_all(answer, numbers[0].start, numbers[0].end):
        return False
    return numbers[0].value in number_values(text, language)


def _same_date(text: str, answer: str, language: str) -> bool:
    """Whether both are a date and nothing else, and the same one: "July 5, 2023" and "5 July 2023"."""
    told, wanted = _only_date(text, [language]), _only_date(answer, [language])
    return bool(told and wanted and (told.year, told.month, told.day) == (wanted.year, wanted.month, wanted.day))


def _only_date(text: str, languages: Sequence[str]) -> FoundDate | None:
    """The date that the text is; case files are also written with English dates, whatever is asked in."""
    for language in dict.fromkeys([*languages, "en"]):
        dates = find_dates(text, language)
        if len(dates) == 1 and dates[0].month and _is_all(text, dates[0].start, dates[0].end):
            return dates[0]
    return None


def _is_all(text: str, start: int, end: int) -> bool:
    return not any(map(str.isalnum, text[:start] + text[end:]))


def _tells(found: FoundDate, wanted: FoundDate) -> bool:
    """Whether a date has at least the parts of the wanted one."""
    pairs = ((found.year, wanted.year), (found.month, wanted.month), (found.day, wanted.day))
    return all(asked is None or told == asked for told, asked in pairs)

"""Language data and tools: detection, names, folding, numbers, dates, measures, search terms.

Independent of reports and questions.
"""

from rag.language.dates import FoundDate, days_between, find_dates, published, url_date
from rag.language.days_of_week import reads_weekdays, weekdays
from rag.language.detection import detect, likelihood, name, shows_none
from rag.language.folding import fold, lower
from rag.language.measures import Measure, measured, tell_figure, tell_number, told_in, with_sign
from rag.language.number_words import cardinal_alone
from rag.language.numbers import FoundNumber, find_numbers, multiplies_elsewhere, number_values, reads_words
from rag.language.registry import (
    Language,
    entries,
    is_tag,
    joining_words,
    language_of,
    locale_of,
    primary_tag,
    standard_tag,
)
from rag.language.relative_days import RelativeDay, relative_days
from rag.language.scripts import UNSPACED, UNSPACED_MARKS, UNSPACED_SCRIPTS
from rag.language.terms import Terms, starts_sentence, tokens

__all__ = [
    "FoundDate",
    "FoundNumber",
    "Language",
    "Measure",
    "RelativeDay",
    "Terms",
    "UNSPACED",
    "UNSPACED_MARKS",
    "UNSPACED_SCRIPTS",
    "cardinal_alone",
    "days_between",
    "detect",
    "entries",
    "find_dates",
    "find_numbers",
    "fold",
    "is_tag",
    "joining_words",
    "language_of",
    "likelihood",
    "locale_of",
    "lower",
    "measured",
    "multiplies_elsewhere",
    "name",
    "number_values",
    "primary_tag",
    "published",
    "reads_weekdays",
    "reads_words",
    "relative_days",
    "shows_none",
    "standard_tag",
    "starts_sentence",
    "tell_figure",
    "tell_number",
    "tokens",
    "told_in",
    "url_date",
    "weekdays",
    "with_sign",
]

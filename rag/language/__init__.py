"""What is known of a language: detection and names, folding, numbers, dates, measures, terms to search by.

It knows nothing of reports and questions.
"""

from rag.language.dates import FoundDate, find_dates, published, weekdays
from rag.language.measures import measured, tell_figure, tell_number
from rag.language.numbers import FoundNumber, find_numbers, number_values, reads_words
from rag.language.tags import detect, fold, likelihood, name
from rag.language.terms import Tokens, starts_sentence, tokens

__all__ = [
    "FoundDate",
    "FoundNumber",
    "Tokens",
    "detect",
    "find_dates",
    "find_numbers",
    "fold",
    "likelihood",
    "measured",
    "name",
    "number_values",
    "published",
    "reads_words",
    "starts_sentence",
    "tell_figure",
    "tell_number",
    "tokens",
    "weekdays",
]

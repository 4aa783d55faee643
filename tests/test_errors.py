import re

import pytest

import rag.errors
from rag.errors import (
    ArticleError,
    AskReportsError,
    InputError,
    ModelError,
    NeedError,
    QuestionError,
    SettingsError,
    StoreError,
)


@pytest.mark.parametrize("kind", [ArticleError, QuestionError, SettingsError])
def test_what_was_handed_in_ends_with_code_two(kind):
    assert issubclass(kind, InputError)
    assert kind.exit_code == 2


@pytest.mark.parametrize("kind", [ModelError, StoreError])
def test_what_is_needed_ends_with_code_three(kind):
    assert issubclass(kind, NeedError)
    assert kind.exit_code == 3


def test_an_article_error_carries_its_location_and_reason():
    error = ArticleError("/tmp/ż.txt", "is empty")
    assert (error.location, error.reason, str(error)) == ("/tmp/ż.txt", "is empty", "/tmp/ż.txt: is empty")


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = re.findall(r"[├└]── (\w+)", rag.errors.__doc__)
    defined = {
        name
        for name, value in vars(rag.errors).items()
        if isinstance(value, type) and issubclass(value, AskReportsError) and value is not AskReportsError
    }
    assert set(drawn) == defined

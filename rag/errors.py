"""Every error that askreports raises on purpose; each message names the thing and the way out.

    AskReportsError
    ├── InputError              what was handed in cannot be used (exit code 2)
    │   ├── ArticleError        one file or address; carries `location`, the others go on
    │   ├── QuestionError       an empty question, one too long, one without a word
    │   └── SettingsError       an unknown key or a value out of range
    └── NeedError               something needed is missing or broken (exit code 3)
        ├── ModelError          a language model or embedder that cannot be had or fails
        └── StoreError          the catalogue cannot be opened, or is held by another process

This module knows nothing of the rest of the package.
"""

from __future__ import annotations


class AskReportsError(Exception):
    """Root of the tree; `exit_code` is what the command returns for it."""

    exit_code = 3


class InputError(AskReportsError):
    """What the person handed in cannot be used; the message says what to change."""

    exit_code = 2


class ArticleError(InputError):
    """One report cannot be read. `location` is its path or address, `reason` the sentence after it."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location}: {reason}")
        self.location = location
        self.reason = reason


class QuestionError(InputError):
    """The question cannot be answered as it stands."""


class SettingsError(InputError):
    """A settings key is unknown or its value is out of range."""


class NeedError(AskReportsError):
    """Something that the work needs is missing or broken; the message holds the fix."""


class ModelError(NeedError):
    """A language model or an embedder is missing, broken or does not answer."""


class StoreError(NeedError):
    """The catalogue or its folder cannot be used."""

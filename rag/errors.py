"""Every error that askreports raises on purpose; each message says what failed and how to fix it.

    AskReportsError
    ├── InputError              unusable input (exit code 2)
    │   ├── ArticleError        one unreadable file or address; carries `location`, the others are still read
    │   │   └── OpenError       a file or folder that is there and cannot be opened now
    │   ├── QuestionError       a question that is empty, too long or without words
    │   └── SettingsError       an unknown key or a value out of range
    └── NeedError               something required is missing or broken (exit code 3)
        ├── ModelError          a language model or embedder that is unavailable or fails
        └── StoreError          the catalogue cannot be opened, or another process holds it

Does not depend on the rest of the package.
"""

from __future__ import annotations


class AskReportsError(Exception):
    """Root of the tree; `exit_code` is the command's exit status for it."""

    exit_code = 3

    def __str__(self) -> str:
        # What a message quotes may hold halves of characters, which no terminal and no page takes.
        return super().__str__().encode("utf-8", "replace").decode()


class InputError(AskReportsError):
    """The user's input cannot be used; the message says what to change."""

    exit_code = 2


class ArticleError(InputError):
    """One report cannot be read. `location` is its path or address, `reason` the rest of the message."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location}: {reason}")
        self.location = location
        self.reason = reason


class OpenError(ArticleError):
    """What is there cannot be opened now, as on a disk with errors or without permission; its text may be as before."""


class QuestionError(InputError):
    """The question cannot be answered as it stands."""


class SettingsError(InputError):
    """A settings key is unknown or its value is out of range."""


class NeedError(AskReportsError):
    """Something required is missing or broken; the message says how to fix it."""


class ModelError(NeedError):
    """A language model or an embedder is missing or broken, or does not answer."""


class StoreError(NeedError):
    """The catalogue or its folder cannot be used."""

"""Persistent conversations: one SQLite file; each conversation belongs to one user.

Every change is one transaction and names the version of the conversation that the browser window had; what another
window has added since is kept and returned. Exchanges are stored with their complete answers and quotes, so that they
can be shown without the report. Independent of pages and reports.
"""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import InputError
from ui.database import Database, set_aside
from ui.exchanges import Exchange, Feedback

if TYPE_CHECKING:
    import sqlite3

FILE = "conversations.sqlite3"
SCHEMA_VERSION = 1
TITLE_CHARS = 60
NAME_CHARS = 200
COMMENT_CHARS = 4000
SCHEMA = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, title TEXT NOT NULL, named INTEGER NOT NULL, version INTEGER NOT NULL,
    changed TEXT NOT NULL, touched INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversations_of_user ON conversations (user, touched);
CREATE TABLE exchanges (
    id TEXT PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    place INTEGER NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (conversation, place)
);
CREATE TABLE feedback (
    exchange TEXT PRIMARY KEY REFERENCES exchanges(id) ON DELETE CASCADE, good INTEGER NOT NULL,
    comment TEXT NOT NULL, given TEXT NOT NULL
) WITHOUT ROWID
"""

_KEY = re.compile(r"[A-Za-z0-9_-]{22,128}")
# Marks that reverse the direction of the text after them; in a list of titles, that of the rest of the page.
_STEERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A conversation in the list; `changed` is in UTC."""

    id: str
    title: str
    changed: datetime
    exchanges: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """The current state of a conversation. `version` increases with each question added or replaced.

    `merged`: it has exchanges of another window that the caller did not know.
    """

    id: str
    title: str
    version: int
    exchanges: tuple[Exchange, ...]
    merged: bool = False


def new_key() -> str:
    """A key for a browser without login; whoever has it has its conversations."""
    return secrets.token_urlsafe(24)


def is_key(key: str | None) -> bool:
    """Whether `new_key` can have made it."""
    return bool(key and _KEY.fullmatch(key))


def user_of(login: str | None = None, key: str | None = None) -> str:
    """The owner of conversations: the login's name, else the browser's key, else the local user.

    The two cannot collide, so that no browser can claim a login's conversations. Raises InputError for a key that
    `new_key` cannot have made.
    """
    if login:
        return f"login:{login}"
    if not key:
        return ""
    if not is_key(key):
        raise InputError("the browser's key was not issued by this page; clear the page's data and reload it")
    return f"key:{key}"


class Conversations:
    """The store at `path`, opened or created; thread-safe. `now` gives the time in UTC.

    A damaged file is moved aside and a new one begun; `notice` then says so. Raises StoreError for a file of another
    version of askreports, and for a folder that is not writable.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._file = Database(path, SCHEMA, SCHEMA_VERSION, now)
        with self._file.writing() as db:
            db.execute("UPDATE exchanges SET state = 'broken off' WHERE state = 'answering'")

    @property
    def notice(self) -> str:
        """What happened to a damaged file, as a sentence; normally empty."""
        return self._file.notice

    def close(self) -> None:
        """Close the file; the object cannot be used afterwards."""
        self._file.close()

    def create(self, user: str) -> Conversation:
        """A new, empty conversation; it is listed from its first question on."""
        made = uuid.uuid4().hex
        with self._file.writing() as db:
            db.execute("INSERT INTO conversations VALUES (?, ?, '', 0, 0, ?, 0)", (made, user, self._time()))
        return Conversation(made, "", 0, ())

    def headings(self, user: str) -> list[Heading]:
        """The user's conversations, the most recently changed first."""
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT c.id, c.title, c.changed, COUNT(*) FROM conversations c JOIN exchanges e "
                "ON e.conversation = c.id WHERE c.user = ? GROUP BY c.id ORDER BY c.touched DESC",
                (user,),
            ).fetchall()
        return [Heading(id, title, datetime.fromisoformat(changed), count) for id, title, changed, count in rows]

    def open(self, user: str, conversation: str) -> Conversation:
        """One conversation. Raises InputError if the user has none with this id."""
        with self._file.reading() as db:
            return _whole(db, user, conversation)

    def append(
        self, user: str, conversation: str, exchange: Exchange, *, version: int, instead_of: str = ""
    ) -> Conversation:
        """Append a question; returns the updated conversation.

        `version` is the one the caller knew. `instead_of` is an exchange asked again: it and those after it are
        deleted, except what another window added after `version`. Raises InputError for a deleted conversation.
        """
        with self._file.writing() as db:
            before = _whole(db, user, conversation)
            if instead_of:
                db.execute(
                    "DELETE FROM exchanges WHERE conversation = ? AND version <= ? AND place >= "
                    "(SELECT place FROM exchanges WHERE id = ? AND conversation = ?)",
                    (conversation, version, instead_of, conversation),
                )
            if any(known.id == exchange.id for known in _whole(db, user, conversation).exchanges):
                return before  # sent twice
            db.execute(
                "INSERT INTO exchanges SELECT ?, ?, COALESCE(MAX(place), 0) + 1, ?, ?, ? FROM exchanges "
                "WHERE conversation = ?",
                (exchange.id, conversation, before.version + 1, exchange.state, _body(exchange), conversation),
            )
            db.execute("UPDATE conversations SET version = version + 1 WHERE id = ?", (conversation,))
            self._touch(db, conversation)
            after = _whole(db, user, conversation)
        return replace(after, merged=before.version != version)

    def keep(self, user: str, conversation: str, exchange: Exchange) -> None:
        """Store an exchange's progress, by its `id`.

        A late update does not reopen one that has ended. An exchange or a conversation that is gone by now stays gone,
        without an error: the user deleted it while it was being answered.
        """
        with self._file.writing() as db:
            db.execute(
                "UPDATE exchanges SET state = ?1, body = ?2 WHERE id = ?3 AND conversation = "
                "(SELECT id FROM conversations WHERE id = ?4 AND user = ?5) "
                "AND (?1 <> 'answering' OR state IN ('answering', 'broken off'))",
                (exchange.state, _body(exchange), exchange.id, conversation, user),
            )

    def rename(self, user: str, conversation: str, name: str) -> str:
        """Rename it; returns the name as stored. Raises InputError for a name without a visible character."""
        if not (kept := _plain(name)[:NAME_CHARS].rstrip()):
            raise InputError("the name of a conversation cannot be empty; type one")
        with self._file.writing() as db:
            _whole(db, user, conversation)
            db.execute("UPDATE conversations SET title = ?, named = 1 WHERE id = ?", (kept, conversation))
        return kept

    def delete(self, user: str, conversation: str) -> None:
        """Delete it for good, with its feedback. Raises InputError if the user has none with this id."""
        with self._file.writing() as db:
            _whole(db, user, conversation)
            db.execute("DELETE FROM conversations WHERE id = ?", (conversation,))

    def rate(self, user: str, conversation: str, exchange: str, feedback: Feedback | None) -> None:
        """Store the user's rating of an answer; None deletes it.

        Raises InputError for an exchange without an answer, and for a comment past `COMMENT_CHARS` characters.
        """
        if feedback and len(feedback.comment) > COMMENT_CHARS:
            raise InputError(f"the comment has {len(feedback.comment)} characters; at most {COMMENT_CHARS} are kept")
        with self._file.writing() as db:
            held = {known.id: known for known in _whole(db, user, conversation).exchanges}
            if exchange not in held or held[exchange].answer is None:
                raise InputError("there is no answer to rate; ask again first")
            db.execute("DELETE FROM feedback WHERE exchange = ?", (exchange,))
            if feedback:
                values = (exchange, feedback.good, _storable(feedback.comment.strip()), self._time())
                db.execute("INSERT INTO feedback VALUES (?, ?, ?, ?)", values)

    def rated(self, user: str | None = None) -> tuple[Exchange, ...]:
        """The rated exchanges, of this user or of all, in order of rating."""
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT e.body, e.state, f.good, f.comment FROM feedback f JOIN exchanges e ON e.id = f.exchange "
                "JOIN conversations c ON c.id = e.conversation WHERE ?1 IS NULL OR c.user = ?1 ORDER BY f.given, e.id",
                (user,),
            ).fetchall()
        return tuple(_exchange(row) for row in rows)

    # Internals

    def _time(self) -> str:
        return self._now().astimezone(UTC).isoformat()

    def _touch(self, db: sqlite3.Connection, conversation: str) -> None:
        """Move it to the top of the list; a title that nobody chose is the first question."""
        (body,) = db.execute(
            "SELECT body FROM exchanges WHERE conversation = ? ORDER BY place LIMIT 1", (conversation,)
        ).fetchone()
        db.execute(
            "UPDATE conversations SET title = IIF(named, title, ?), changed = ?, "
            "touched = (SELECT MAX(touched) + 1 FROM conversations) WHERE id = ?",
            (title_of(json.loads(body)["question"]), self._time(), conversation),
        )


def erase_quotes(
    home: Path, articles: Collection[str], *, texts: Collection[str] = (), held: Collection[str] = ()
) -> list[Path]:
    """Erase from the conversations stored in `home` every quote of these reports, and the answers that rest on them.

    The reports are given as for `Exchange.without`. Questions and names of conversations stay: they are the user's own
    words. Comments on an erased answer go with it. Returns damaged files that were moved aside, here or before, and may
    have such quotes too. Raises StoreError.
    """
    path = home / FILE
    if path.exists():
        _erase_quotes(path, articles, texts, held)
    return set_aside(path)


def _erase_quotes(path: Path, articles: Collection[str], texts: Collection[str], held: Collection[str]) -> None:
    file = Database(path, SCHEMA, SCHEMA_VERSION, lambda: datetime.now(UTC))
    try:
        with file.writing() as db:
            rows = db.execute("SELECT id, conversation, body FROM exchanges ORDER BY conversation, place").fetchall()
            touched: set[str] = set()
            for id, conversation, body in rows:
                before = Exchange.from_dict(json.loads(body))
                after = before.without(articles, texts=texts, held=held)
                if conversation in touched:
                    after = after.alone()
                if after == before:
                    continue
                db.execute("UPDATE exchanges SET body = ? WHERE id = ?", (_body(after), id))
                if after.erased:
                    touched.add(conversation)
                    db.execute("UPDATE feedback SET comment = '' WHERE exchange = ?", (id,))
        file.erase()
    finally:
        file.close()


def title_of(question: str) -> str:
    """A title from a question: its first line, cut at a word to `TITLE_CHARS` code points."""
    plain = _plain(next((line for line in question.splitlines() if _plain(line)), ""))
    if len(plain) <= TITLE_CHARS:
        return plain
    cut = plain[: TITLE_CHARS - 1]
    border = cut.rfind(" ")
    return cut[: border if border > TITLE_CHARS // 2 else None].rstrip(" ,;:-–—") + "…"


def _plain(text: str) -> str:
    """One line without invisible characters or marks of direction."""
    spaced = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") else char for char in text)
    return " ".join(_STEERING.sub("", unicodedata.normalize("NFC", spaced)).split())


def _whole(db: sqlite3.Connection, user: str, conversation: str) -> Conversation:
    held = db.execute(
        "SELECT title, version FROM conversations WHERE id = ? AND user = ?", (conversation, user)
    ).fetchone()
    if held is None:
        raise InputError("this conversation no longer exists; start a new one")
    rows = db.execute(
        "SELECT e.body, e.state, f.good, f.comment FROM exchanges e LEFT JOIN feedback f ON f.exchange = e.id "
        "WHERE e.conversation = ? ORDER BY e.place",
        (conversation,),
    ).fetchall()
    return Conversation(conversation, held[0], held[1], tuple(_exchange(row) for row in rows))


def _body(exchange: Exchange) -> str:
    return _storable(json.dumps(exchange.to_dict(), ensure_ascii=False))


def _storable(text: str) -> str:
    # SQLite does not accept a lone surrogate, which a browser can send.
    return text.encode("utf-8", "replace").decode()


def _exchange(row: tuple[Any, ...]) -> Exchange:
    body, state, good, comment = row
    exchange = Exchange.from_dict(json.loads(body))
    feedback = None if good is None else Feedback(bool(good), comment)
    return replace(exchange, broken_off=state == "broken off", feedback=feedback)

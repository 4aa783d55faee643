"""The store of conversations: per user, two windows at once, a server that ends in mid-answer, a damaged file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_reports import KIM_BANG, POPULATION, FakeReports
from places import ROOT

from rag.errors import InputError, StoreError
from ui.conversations import COMMENT_CHARS, Conversations, new_key, title_of, user_of
from ui.exchanges import Exchange, Feedback

ANH, ZOFIA = user_of("Đỗ Việt Anh"), user_of("Zofia Żółć")


def ticking() -> Callable[[], datetime]:
    """A second later at each look."""
    times = (datetime(2024, 7, 5, 9, tzinfo=UTC) + timedelta(seconds=n) for n in range(100_000))
    return lambda: next(times)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "conversations.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Conversations]:
    opened = Conversations(path, now=ticking())
    yield opened
    opened.close()


def asked(question: str = KIM_BANG) -> Exchange:
    exchange = Exchange(question)
    for event in FakeReports().stream(question):
        exchange = exchange.after(event)
    return exchange


def questions(store: Conversations, user: str, conversation: str) -> list[str]:
    return [exchange.question for exchange in store.open(user, conversation).exchanges]


def talk(store: Conversations, user: str, *exchanges: Exchange) -> str:
    made = store.create(user)
    for exchange in exchanges:
        made = store.append(user, made.id, exchange, version=made.version)
    return made.id


def test_a_conversation_comes_back_after_the_store_was_closed(path):
    first = Conversations(path)
    whole = asked()
    held = talk(first, ANH, whole, Exchange("Ile?", problem="zniknął"), Exchange("Bao nhiêu?", stopped=True))
    first.close()
    again = Conversations(path)
    back = again.open(ANH, held)
    assert [exchange.state for exchange in back.exchanges] == ["answered", "failed", "stopped"]
    assert back.exchanges[0].answer and whole.answer
    assert back.exchanges[0].answer.to_dict() == whole.answer.to_dict()
    assert back.version == 3 and not back.merged
    again.close()


def test_quotes_stay_when_the_report_is_gone(store):
    held = talk(store, ANH, asked())
    (exchange,) = store.open(ANH, held).exchanges
    assert exchange.answer
    assert "109 modeli" in exchange.answer.citations[0].quote
    assert exchange.answer.citations[0].title and exchange.answer.citations[0].language == "pl"
    assert exchange.hits and "109 modeli" in exchange.hits[0].passage.text


def test_the_list_has_the_newest_first_and_titles_from_first_questions(store):
    a = talk(store, ANH, Exchange("Kapan jambatan dibuka?"))
    b = talk(store, ANH, Exchange("Köprü ne zaman açıldı?"), Exchange("Und dann?"))
    store.create(ANH)
    assert [(h.id, h.title, h.exchanges) for h in store.headings(ANH)] == [
        (b, "Köprü ne zaman açıldı?", 2),
        (a, "Kapan jambatan dibuka?", 1),
    ]
    store.append(ANH, a, Exchange("Berapa?"), version=1)
    newest, older = store.headings(ANH)
    assert (newest.id, newest.title) == (a, "Kapan jambatan dibuka?")
    assert newest.changed > older.changed and newest.changed.tzinfo is UTC


def test_the_order_does_not_hang_on_the_clock(path):
    still = Conversations(path, now=lambda: datetime(2024, 1, 1, tzinfo=UTC))
    made = [talk(still, ANH, Exchange(str(number))) for number in range(5)]
    assert [heading.id for heading in still.headings(ANH)] == made[::-1]
    still.close()


def test_each_user_has_conversations_of_their_own(store):
    held = talk(store, ANH, asked())
    assert store.headings(ZOFIA) == [] and store.headings("") == []
    exchange = store.open(ANH, held).exchanges[0]
    for other in (ZOFIA, ""):
        for attempt in (
            lambda other=other: store.open(other, held),
            lambda other=other: store.append(other, held, Exchange("?"), version=1),
            lambda other=other: store.rename(other, held, "mine"),
            lambda other=other: store.delete(other, held),
            lambda other=other: store.rate(other, held, exchange.id, Feedback(False)),
        ):
            with pytest.raises(InputError, match="no longer exists"):
                attempt()
        store.keep(other, held, replace(exchange, question="stolen"))
    assert questions(store, ANH, held) == [KIM_BANG]
    assert store.open(ANH, held).exchanges[0].feedback is None


def test_a_browser_cannot_name_itself_into_a_login():
    key = new_key()
    assert user_of(None, key) == f"key:{key}" and user_of("Zofia", key) == "login:Zofia"
    assert user_of() == user_of("", "") == ""
    assert new_key() != key
    for bad in ("login:Zofia", "x", "a" * 200, "../" * 10, "' OR 1=1 --" * 3):
        with pytest.raises(InputError, match="the browser's key"):
            user_of(None, bad)


def test_a_name_given_by_hand_stays(store):
    held = talk(store, ANH, Exchange("Wie viele?"))
    assert store.rename(ANH, held, "  Höfe in\nNinh Sơn  ") == "Höfe in Ninh Sơn"
    store.append(ANH, held, Exchange("Und?"), version=1)
    assert store.headings(ANH)[0].title == store.open(ANH, held).title == "Höfe in Ninh Sơn"
    assert len(store.rename(ANH, held, "ż" * 500)) == 200


@pytest.mark.parametrize("name", ["", "  ", "\n\t\x00", "\u202e"])
def test_a_name_must_show(store, name):
    held = talk(store, ANH, Exchange("Wie viele?"))
    with pytest.raises(InputError, match="cannot be empty"):
        store.rename(ANH, held, name)
    assert store.open(ANH, held).title == "Wie viele?"


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Ilu?", "Ilu?"),
        ("\n\n  Zeile eins \nZeile zwei", "Zeile eins"),
        ("tab\tand\x00nul", "tab and nul"),
        ("\u202edlrow olleh", "dlrow olleh"),
        ("", ""),
        ("x" * 200, "x" * 59 + "…"),
        (
            "Berapakah bilangan model mobilisasi massa mahir yang dilaporkan oleh Kim Bang?",
            "Berapakah bilangan model mobilisasi massa mahir yang…",
        ),
        ("Kim Ba\u0309ng", "Kim Bảng"),
    ],
)
def test_a_title_is_one_short_line(question, title):
    assert title_of(question) == title


def test_deleting_takes_everything(store, path):
    held, kept = talk(store, ANH, asked()), talk(store, ANH, asked(POPULATION))
    store.rate(ANH, held, store.open(ANH, held).exchanges[0].id, Feedback(True))
    store.delete(ANH, held)
    assert [heading.id for heading in store.headings(ANH)] == [kept]
    with pytest.raises(InputError, match="no longer exists"):
        store.open(ANH, held)
    assert store.rated() == ()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT COUNT(*) FROM exchanges").fetchone() == (1,)
    db.close()


# While an answer is being made


def test_an_exchange_is_kept_as_it_grows(store):
    growing = Exchange(KIM_BANG)
    held = talk(store, ANH, growing)
    for event in FakeReports().stream(KIM_BANG):
        growing = growing.after(event)
        store.keep(ANH, held, growing)
        assert store.open(ANH, held).exchanges[0].written == growing.written
    (end,) = store.open(ANH, held).exchanges
    assert end.state == "answered" and end.id == growing.id
    assert store.open(ANH, held).version == 1


def test_a_late_word_does_not_turn_an_ended_answer_back(store):
    whole = asked()
    held = talk(store, ANH, whole)
    store.keep(ANH, held, replace(whole, answer=None, written="Kim"))
    assert store.open(ANH, held).exchanges[0].state == "answered"


def test_an_answer_to_a_conversation_deleted_meanwhile_brings_it_not_back(store):
    growing = asked()
    held = talk(store, ANH, growing)
    store.delete(ANH, held)
    store.keep(ANH, held, growing)
    assert store.headings(ANH) == []


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, "tests")
from fake_reports import KIM_BANG, FakeReports
from ui.conversations import Conversations
from ui.exchanges import Exchange
store = Conversations(Path(sys.argv[1]))
made = store.create("")
now = Exchange(KIM_BANG)
store.append("", made.id, now, version=0)
for event in FakeReports().stream(KIM_BANG):
    now = now.after(event)
    store.keep("", made.id, now)
    if now.written:
        print(made.id, flush=True)
        os.kill(os.getpid(), 9)
"""


def test_a_server_killed_in_mid_answer_keeps_question_and_evidence(path):
    done = subprocess.run([sys.executable, "-c", KILLED, path], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == -9, done.stderr
    again = Conversations(path)
    (exchange,) = again.open("", done.stdout.strip()).exchanges
    assert exchange.question == KIM_BANG and exchange.state == "broken off" and exchange.broken_off
    assert exchange.hits and "109 modeli" in exchange.hits[0].passage.text
    assert exchange.written == "Kim " and not again.notice
    again.close()


def test_an_answer_that_ends_after_all_is_not_broken_off(store, path):
    growing = Exchange(KIM_BANG)
    held = talk(store, ANH, growing)
    other = Conversations(path)  # a second server, started while the first one answers
    assert other.open(ANH, held).exchanges[0].broken_off
    store.keep(ANH, held, replace(asked(), id=growing.id))
    (end,) = other.open(ANH, held).exchanges
    assert end.state == "answered" and not end.broken_off
    other.close()


# Two windows


def test_two_windows_lose_nothing(store):
    held = talk(store, ANH, Exchange("1"))
    left = store.append(ANH, held, Exchange("left"), version=1)
    right = store.append(ANH, held, Exchange("right"), version=1)
    assert not left.merged and right.merged
    assert [exchange.question for exchange in right.exchanges] == ["1", "left", "right"]
    assert right.version == 3 and questions(store, ANH, held) == ["1", "left", "right"]


def test_asking_anew_takes_the_exchange_and_those_after_it(store):
    one, two, three = Exchange("1"), Exchange("2"), Exchange("3")
    held = talk(store, ANH, one, two, three)
    after = store.append(ANH, held, Exchange("2b"), version=3, instead_of=two.id)
    assert [exchange.question for exchange in after.exchanges] == ["1", "2b"] and not after.merged
    assert [exchange.question for exchange in store.open(ANH, held).exchanges] == ["1", "2b"]


def test_asking_anew_spares_what_another_window_has_added(store):
    one, two = Exchange("1"), Exchange("2")
    held = talk(store, ANH, one, two)
    store.append(ANH, held, Exchange("from the other window"), version=2)
    after = store.append(ANH, held, Exchange("2b"), version=2, instead_of=two.id)
    assert [exchange.question for exchange in after.exchanges] == ["1", "from the other window", "2b"] and after.merged


def test_asking_the_first_question_anew_gives_the_title_anew(store):
    first = Exchange("Wei viele?")
    held = talk(store, ANH, first)
    store.append(ANH, held, Exchange("Wie viele?"), version=1, instead_of=first.id)
    assert store.headings(ANH)[0].title == "Wie viele?"


def test_trying_again_may_keep_the_id(store):
    first = Exchange("Kaç?", problem="gitti")
    held = talk(store, ANH, first)
    after = store.append(ANH, held, replace(first, problem=""), version=1, instead_of=first.id)
    assert [exchange.state for exchange in after.exchanges] == ["answering"]


def test_a_question_sent_twice_stands_once(store):
    one = Exchange("1")
    held = talk(store, ANH, one)
    store.append(ANH, held, one, version=1)
    assert questions(store, ANH, held) == ["1"]


def test_asking_anew_what_the_other_window_took_away_only_adds(store):
    one, two = Exchange("1"), Exchange("2")
    held = talk(store, ANH, one, two)
    store.append(ANH, held, Exchange("2b"), version=2, instead_of=two.id)
    store.append(ANH, held, Exchange("2c"), version=2, instead_of=two.id)
    assert questions(store, ANH, held) == ["1", "2b", "2c"]


def test_an_exchange_of_another_conversation_is_not_taken_away(store):
    other = Exchange("other")
    kept = talk(store, ANH, other)
    held = talk(store, ANH, Exchange("1"))
    store.append(ANH, held, Exchange("2"), version=1, instead_of=other.id)
    assert questions(store, ANH, kept) == ["other"] and questions(store, ANH, held) == ["1", "2"]


def test_many_threads_lose_no_exchange(store):
    held = [store.create(user).id for user in (ANH, ZOFIA)]

    def work(number: int) -> None:
        user, conversation = ((ANH, held[0]), (ZOFIA, held[1]))[number % 2]
        exchange = Exchange(f"Câu hỏi {number}")
        store.append(user, conversation, exchange, version=0)
        store.keep(user, conversation, replace(exchange, problem="không"))
        store.headings(user)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(80)))
    for user, conversation, odd in ((ANH, held[0], 0), (ZOFIA, held[1], 1)):
        assert sorted(questions(store, user, conversation)) == sorted(f"Câu hỏi {n}" for n in range(odd, 80, 2))
        assert {exchange.state for exchange in store.open(user, conversation).exchanges} == {"failed"}
        assert store.open(user, conversation).version == 40


def test_two_processes_may_write(store, path):
    held = talk(store, ANH, Exchange("1"))
    other = Conversations(path)
    other.append(ANH, held, Exchange("2"), version=1)
    store.append(ANH, held, Exchange("3"), version=1)
    assert questions(other, ANH, held) == ["1", "2", "3"]
    other.close()


def test_two_servers_that_write_at_once_wait_for_each_other(store, path):
    held = talk(store, ANH, Exchange("1"))
    other = Conversations(path)
    with ThreadPoolExecutor(8) as pool:
        stores = [(store, other)[number % 2] for number in range(60)]
        list(pool.map(lambda one: one.append(ANH, held, Exchange("Kaç?"), version=1), stores))
    assert questions(store, ANH, held) == ["1"] + ["Kaç?"] * 60
    other.close()


# Feedback


def test_feedback_is_kept_changed_and_taken_back(store):
    held = talk(store, ANH, asked(), asked(POPULATION))
    first, second = (exchange.id for exchange in store.open(ANH, held).exchanges)
    store.rate(ANH, held, second, Feedback(True))
    store.rate(ANH, held, first, Feedback(False, "  nie ten okręg \ud800 "))
    assert [exchange.id for exchange in store.rated()] == [second, first]
    assert store.open(ANH, held).exchanges[0].feedback == Feedback(False, "nie ten okręg ?")
    store.rate(ANH, held, second, Feedback(False))
    assert [exchange.feedback and exchange.feedback.good for exchange in store.rated(ANH)] == [False, False]
    store.rate(ANH, held, first, None)
    assert [exchange.id for exchange in store.rated()] == [second]
    assert store.rated(ZOFIA) == ()


def test_only_an_answer_can_be_judged(store):
    unanswered = Exchange("?", problem="gone")
    held = talk(store, ANH, unanswered)
    for id in (unanswered.id, "nowhere"):
        with pytest.raises(InputError, match="no answer to rate"):
            store.rate(ANH, held, id, Feedback(True))


def test_a_comment_has_a_limit(store):
    held = talk(store, ANH, asked())
    exchange = store.open(ANH, held).exchanges[0]
    with pytest.raises(InputError, match=f"at most {COMMENT_CHARS}"):
        store.rate(ANH, held, exchange.id, Feedback(True, "ğ" * (COMMENT_CHARS + 1)))
    assert store.rated() == ()


def test_a_lone_surrogate_from_a_browser_does_no_harm(store):
    held = talk(store, ANH, Exchange("Kaç \ud83d?"))
    assert store.open(ANH, held).exchanges[0].question == "Kaç ??"
    assert store.headings(ANH)[0].title == "Kaç ??"


# A file that cannot be used


@pytest.mark.parametrize("damage", ["not a database", "cut", "overwritten"])
def test_a_damaged_file_is_moved_aside_and_told(path, damage):
    first = Conversations(path, now=ticking())
    for number in range(30):
        talk(first, ANH, replace(asked(), question=str(number)))
    first.close()
    whole = path.read_bytes()
    assert len(whole) > 100_000
    garbage = bytes(range(256)) * 200
    broken = {
        "not a database": b"Das ist keine Datenbank. " * 200,
        "cut": whole[: len(whole) // 2],
        "overwritten": whole[:8192] + garbage + whole[8192 + len(garbage) :],
    }[damage]
    path.write_bytes(broken)
    (path.parent / "catalog.sqlite3").write_bytes(b"untouched")
    again = Conversations(path, now=lambda: datetime(2024, 7, 5, tzinfo=UTC))
    aside = path.with_name("conversations.sqlite3.damaged-20240705T000000")
    assert aside.name in again.notice and "damaged" in again.notice
    assert aside.read_bytes() == broken
    assert (path.parent / "catalog.sqlite3").read_bytes() == b"untouched"
    assert again.headings(ANH) == []
    talk(again, ANH, Exchange("weiter"))
    again.close()
    path.write_bytes(broken)
    Conversations(path, now=lambda: datetime(2024, 7, 5, tzinfo=UTC)).close()
    assert aside.read_bytes() == path.with_name(f"{aside.name}-2").read_bytes() == broken


def test_a_file_of_a_later_version_is_left_alone(path):
    Conversations(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="schema 99"):
        Conversations(path)
    assert path.exists() and not list(path.parent.glob("*.damaged*"))


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="ASKREPORTS_HOME"):
        Conversations(tmp_path / "file" / "conversations.sqlite3")
    (tmp_path / "conversations.sqlite3").mkdir()
    with pytest.raises(StoreError, match="cannot be read or written"):
        Conversations(tmp_path / "conversations.sqlite3")


def test_a_store_that_was_closed_says_so(path):
    store = Conversations(path)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.headings(ANH)

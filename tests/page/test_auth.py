"""The door: the accounts file, what a wrong password costs, and Gradio's own login in front of it. No real clock."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from rag.errors import InputError, SettingsError
from ui.auth import MAX_NAME, Admission, Door, Throttle, Visitors, _address, make_line, read_accounts

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PEOPLE = {
    "Đỗ Việt Anh": "trận lụt lớn",
    "Zofia Żółć": "gęślą jaźń",
    "İbrahim": "ışıklı sokak",
    "Siti": "jambatan baharu",
    "Jürgen": "Höfe & Dörfer",
    "Íñigo": "niño: año",
    "mary": "harbour letters",
}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counting(PasswordHasher):
    """Remembers what it was asked to verify."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified: list[str] = []

    def verify(self, hash, password):
        self.verified.append(hash)
        return super().verify(hash, password)


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    path = tmp_path / "accounts"
    path.write_text("# who may ask\n\n" + "".join(f"{n}:{QUICK.hash(p)}\n" for n, p in PEOPLE.items()), "utf-8")
    return path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(accounts: Path, clock: Clock) -> Iterator[Door]:
    made = Door(accounts, clock=clock, hasher=Counting())
    yield made
    made.close()


@pytest.mark.parametrize("name", PEOPLE)
def test_who_stands_in_the_file_comes_in_with_the_own_password_only(door, name):
    assert door.check(name, PEOPLE[name]) == Admission(name)
    assert door.check(f" {name} ", PEOPLE[name]).name == name
    assert not door.check(name, PEOPLE[name].upper()).name
    assert not door.check(name, "").name


def test_letters_that_are_typed_in_two_ways_are_the_same(door):
    assert door.check("Đỗ Việt Anh".encode().decode(), "trận lụt lớn").name
    decomposed = "\u0110ô\u0303 Viê\u0323t Anh"
    assert decomposed != "Đỗ Việt Anh"
    assert door.check(decomposed, "trâ\u0323n lu\u0323t lơ\u0301n").name == "Đỗ Việt Anh"


@pytest.mark.parametrize("name", ["nobody", "", ":", "mary\x00", "MARY", "x" * 10_000, "# who may ask", "\ud800"])
def test_a_name_that_is_unknown_is_checked_all_the_same(door, name):
    assert not door.check(name, "harbour letters").name
    (hashed,) = door._hasher.verified
    assert hashed == door._nobody and not door.check(name, "nobody").name


def test_the_hash_for_nobody_costs_what_the_others_cost(door, accounts):
    assert door._nobody.split("$")[3] == next(iter(read_accounts(accounts).values())).split("$")[3]


def test_an_endless_password_is_cut_before_it_is_hashed(door):
    assert not door.check("mary", "x" * 10_000_000).name
    assert not door.check("mary", "\ud800").name


def test_waits_grow_with_each_wrong_password_and_end_with_a_right_one(door, clock):
    waits = []
    for _ in range(10):
        verdict = door.check("mary", "wrong", "192.0.2.1")
        waits.append(verdict.wait)
        clock.now += verdict.wait
    assert waits == [0, 0, 1, 2, 4, 8, 16, 30, 30, 30]
    assert door.check("mary", PEOPLE["mary"], "192.0.2.2").name == "mary"
    assert door.check("mary", "wrong", "192.0.2.2").wait == 0


def test_within_the_wait_even_the_right_password_is_not_looked_at(door, clock):
    for _ in range(3):
        door.check("mary", "wrong")
    looked = len(door._hasher.verified)
    assert door.check("mary", PEOPLE["mary"]) == Admission(wait=1)
    assert len(door._hasher.verified) == looked
    clock.now += 1
    assert door.check("mary", PEOPLE["mary"]).name == "mary"


def test_one_persons_wait_is_not_anothers(door):
    for _ in range(5):
        door.check("mary", "wrong", "192.0.2.1")
    assert door.check("Siti", PEOPLE["Siti"], "192.0.2.2").name == "Siti"


def test_an_address_that_tries_many_names_waits_as_well(door, clock):
    for number in range(10):
        door.check(f"name {number}", "wrong", "192.0.2.1")
    assert door.check("Siti", PEOPLE["Siti"], "192.0.2.1") == Admission(wait=1)
    assert door.check("Siti", PEOPLE["Siti"], "192.0.2.9").name == "Siti"
    for number in range(12):
        clock.now += 1000
        door.check(f"other {number}", "wrong", "192.0.2.1")
    assert door.check("Siti", PEOPLE["Siti"], "192.0.2.1").wait == 900


def test_a_right_password_of_ones_own_does_not_clear_the_address(door, clock):
    for number in range(10):
        door.check(f"name {number}", "wrong", "192.0.2.1")
        clock.now += 1
        door.check("Siti", PEOPLE["Siti"], "192.0.2.1")
    assert door.check("mary", "wrong", "192.0.2.1").wait >= 1


def test_a_neighbourhood_of_ipv6_counts_as_one_address(door):
    for number in range(10):
        door.check(f"name {number}", "wrong", f"2001:db8:1:2::{number:x}")
    assert door.check("Siti", PEOPLE["Siti"], "2001:db8:1:2:ffff::1").wait
    assert door.check("Siti", PEOPLE["Siti"], "2001:db8:1:3::1").name
    for number in range(10):
        door.check(f"more {number}", "wrong", f"::ffff:192.0.2.{5}")
    assert door.check("İbrahim", PEOPLE["İbrahim"], "192.0.2.5").wait


def test_many_at_once_are_no_way_around_the_wait(door):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: door.check("mary", f"wrong {number}"), range(100)))
    assert len(door._hasher.verified) == 3


def test_an_hour_of_quiet_is_forgiven(door, clock):
    for _ in range(3):
        door.check("mary", "wrong")
    clock.now += 3601
    assert door.check("mary", "wrong").wait == 0


def test_the_memory_of_attempts_is_bounded(clock):
    throttle = Throttle(free=1, most=60, clock=clock, kept=100)
    for number in range(1000):
        throttle.add(str(number))
        throttle.add("kept")
    assert len(throttle) == 100
    assert throttle.wait("kept") == 60 and throttle.wait("0") == 0
    throttle.forget("kept")
    throttle.forget("never seen")
    assert throttle.wait("kept") == 0


def test_a_long_name_takes_no_memory(door):
    door.check("x" * 1_000_000, "wrong")
    assert all(len(key) <= MAX_NAME + 1 for key in door._names._held)


def test_a_new_line_counts_at_once_and_a_broken_file_shuts_nobody_out(door, accounts, caplog):
    with accounts.open("a", encoding="utf-8") as file:
        file.write(f"new:{QUICK.hash('brand new')}\n")
    assert door.check("new", "brand new").name
    accounts.write_text("broken")
    with caplog.at_level(logging.ERROR):
        assert door.check("new", "brand new").name
    assert "still hold" in caplog.text
    accounts.write_text(f"new:{QUICK.hash('another')}\n")
    assert not door.check("new", "brand new").name and not door.check("mary", PEOPLE["mary"]).name


# The file and its lines


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names nobody"),
        ("# only a remark\n", "names nobody"),
        ("mary:secret123\n", "line 1: no name:hash"),
        ("\nmary\n", "line 2: no name:hash"),
        ("mary:$2b$12$abcdefghijklmnopqrstuv\n", "line 1: no name:hash"),
        (f":{QUICK.hash('x')}\n", "line 1: '' cannot be a name"),
        (f"{'x' * 101}:{QUICK.hash('x')}\n", "cannot be a name"),
        (f"mary:{QUICK.hash('x')}\nmary:{QUICK.hash('y')}\n", "line 2: mary is listed twice"),
    ],
    ids=["empty", "remark", "open", "second line", "bcrypt", "no name", "long name", "twice"],
)
def test_a_file_that_is_none_of_accounts_is_refused_with_its_line(tmp_path, text, message):
    path = tmp_path / "accounts"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message) as caught:
        Door(path)
    assert "ASKREPORTS_AUTH" in str(caught.value) and "secret123" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match="ASKREPORTS_AUTH: .*nowhere cannot be read"):
        Door(tmp_path / "nowhere")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        Door(tmp_path / "bytes")


def test_a_file_from_a_windows_editor_is_read(tmp_path):
    path = tmp_path / "accounts"
    path.write_bytes(f"\ufeffmary : {QUICK.hash('harbour letters')} \r\n".encode())
    assert list(read_accounts(path)) == ["mary"]


def test_a_line_is_made_that_opens_the_door(tmp_path, clock):
    line = make_line("  Vie\u0323\u0302t  ", "mật khẩu dài")
    assert line.startswith("Việt:$argon2id$") and "mật" not in line
    (tmp_path / "accounts").write_text(line, encoding="utf-8")
    door = Door(tmp_path / "accounts", clock=clock)
    assert door.check("Việt", "mật khẩu dài").name == "Việt"
    door.close()


@pytest.mark.parametrize("name", ["", " ", "a:b", "#x", "a\nb", "\x00", "x" * 101])
def test_a_name_that_the_file_cannot_hold_is_refused(name):
    with pytest.raises(InputError, match="cannot be a name"):
        make_line(name, "long enough")


@pytest.mark.parametrize("password", ["", "short 7", "x" * 1001])
def test_a_password_has_a_least_and_a_largest_length(password):
    with pytest.raises(InputError, match=f"has {len(password)} characters") as caught:
        make_line("mary", password)
    assert not password or password not in str(caught.value)


# In front of a page


def test_admitting_knows_the_address_and_leaves_the_loop_free(door):
    async def attempt(address: str) -> bool:
        async def inner(scope, receive, send):
            send(await door.admit("mary", "wrong" if address == "192.0.2.1" else PEOPLE["mary"]))

        found: list[bool] = []
        await Visitors(inner)({"type": "http", "client": (address, 1)}, None, found.append)
        assert _address.get() == ""
        return found[0]

    async def attempts() -> list[bool]:
        return await asyncio.gather(*(attempt("192.0.2.1") for _ in range(4)), attempt("192.0.2.2"))

    assert not any(asyncio.run(attempts())[:4])
    assert door._addresses.wait("192.0.2.1") == 0 and len(door._addresses) >= 1
    assert door._addresses._held["192.0.2.1"][0] == 3


def test_a_flood_of_attempts_is_turned_away_instead_of_queued(door, monkeypatch):
    monkeypatch.setattr("ui.auth.IN_LINE", 5)

    async def attempts() -> list[bool]:
        return await asyncio.gather(*(door.admit(name, PEOPLE[name]) for name in PEOPLE))

    assert sum(asyncio.run(attempts())) == 5
    assert asyncio.run(door.admit("mary", PEOPLE["mary"]))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:(gradio|starlette|fastapi|websockets)")
def test_gradio_lets_in_whom_the_door_lets_in(door):
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr
    import httpx
    from fastapi import FastAPI

    async def visit() -> tuple[list[int], object]:
        with gr.Blocks(analytics_enabled=False) as page:
            gr.Markdown("secret words")
        app = FastAPI()
        app.add_middleware(Visitors)
        gr.mount_gradio_app(app, page, path="/", auth=door.admit, ssr_mode=False, run_history=False)
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as browser:
            found = [(await browser.get("/config")).status_code]
            for name, password in (("mary", "wrong"), ("Đỗ Việt Anh", PEOPLE["Đỗ Việt Anh"])):
                sent = await browser.post("/login", data={"username": name, "password": password})
                found.append(sent.status_code)
            opened = await browser.get("/config")
            user = await browser.get("/gradio_api/user")
        return [*found, opened.status_code], user.json()

    codes, user = asyncio.run(visit())
    assert codes == [401, 400, 200, 200]
    assert user == "Đỗ Việt Anh"
    assert door._addresses._held["192.0.2.7"][0] == 1

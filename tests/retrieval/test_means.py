import io
import zipfile
from importlib import resources

import numpy as np
import pytest
from fakes import CONCEPTS, LANGUAGES, FakeEmbedder, write_parallel

from rag.encoder.embedding import BundledEmbedder, unit
from rag.errors import ArticleError, InputError, StoreError
from rag.retrieval.means import ASKED_SHARE, LanguageMeans, compute_means, means_for

ASKED = (resources.files("rag.retrieval") / "asked.txt").read_text("utf-8").splitlines()


@pytest.fixture
def folder(tmp_path):
    return write_parallel(tmp_path / "parallel")


@pytest.fixture
def embedder():
    return FakeEmbedder()


def word(concept, language):
    return CONCEPTS[concept].split()[LANGUAGES.index(language)]


def table(*, asked=0.0, likeness=None, **rows):
    """A table whose question means are `rows`, its passage means ten times that; questions share `asked` everywhere."""
    held = np.array(list(rows.values()), dtype=np.float32)
    alike = np.ones((len(held), len(held))) if likeness is None else np.array(likeness)
    tags = [tag.replace("_", "-") for tag in rows]
    return LanguageMeans("fake", tags, held, 10 * held, np.full((2, held.shape[1]), asked), alike)


def test_means_are_taken_apart_for_questions_and_passages(folder, embedder):
    made = compute_means(embedder, folder)
    assert made.embedder == "fake"
    assert sorted(made.languages) == sorted(LANGUAGES)
    lines = [word(concept, "pl") for concept in CONCEPTS]
    query, passage = (embed(lines).mean(axis=0) for embed in (embedder.queries, embedder.passages))
    assert not np.allclose(query, passage, atol=1e-3)
    ones = np.ones((1, len(query)), dtype=np.float32)
    np.testing.assert_allclose(made.passages(ones, ["pl"]), unit_row(ones - passage), atol=1e-5)
    # A question is both, each freed of its own mean and of half of what questions share.
    means = {role: embed([word(c, "en") for c in CONCEPTS]).mean(axis=0) for role, embed in roles(embedder)}
    shared = {role: unit(embed(ASKED) - means[role]).mean(axis=0) for role, embed in roles(embedder)}
    asked = unit_row(unit_row(ones - query) - ASKED_SHARE * shared["query"])
    told = unit_row(unit_row(ones - passage) - ASKED_SHARE * shared["passage"])
    np.testing.assert_allclose(made.questions(ones, ones, ["pl"]), unit_row(asked + told), atol=1e-5)


def roles(embedder):
    return (("query", embedder.queries), ("passage", embedder.passages))


def test_likeness_is_the_cosine_of_translations(folder, embedder):
    made = compute_means(embedder, folder)
    shifted = LanguageMeans("fake", ["de", "pl"], *[np.zeros((2, 2))] * 3, np.array([[1, 0.25], [0.5, 1]]))
    # Words that mean the same lie together in the fake embedder, so a translation is as near as the word itself.
    np.testing.assert_allclose(made.nearness("de", ["pl", "de", "vi"]), [1, 1, 1], atol=0.05)
    np.testing.assert_allclose(shifted.nearness("de", ["de", "pl", "de-AT"]), [1, 2, 1])
    np.testing.assert_allclose(shifted.nearness("pl", ["de", "pl"]), [np.sqrt(2), 1], rtol=1e-6)


def test_a_language_outside_the_table_is_as_near_as_languages_are_to_each_other():
    made = table(de=[1, 0], pl=[0, 1], likeness=[[1, 0.3], [0.2, 1]])
    np.testing.assert_allclose(made.nearness("und", ["de", "xx", "und"]), [2, 2, 1], rtol=1e-6)
    np.testing.assert_allclose(made.nearness("de", ["und"]), [2], rtol=1e-6)
    # Nothing is raised without bounds.
    assert table(de=[1], pl=[1], likeness=[[0.9, -1], [0, 0.9]]).nearness("de", ["pl"]) == pytest.approx(3)
    assert table(de=[1]).nearness("de", ["pl"]) == 1


def test_what_questions_share_is_taken_from_questions_only():
    made, bare = table(de=[0, 0], asked=1.0), table(de=[0, 0])
    vector = np.array([[1, 0]], dtype=np.float32)
    np.testing.assert_allclose(made.questions(vector, vector, ["de"]), unit_row(vector - ASKED_SHARE), rtol=1e-6)
    np.testing.assert_allclose(bare.questions(vector, vector, ["de"]), vector)
    np.testing.assert_allclose(made.passages(vector, ["de"]), vector)


def unit_row(row):
    return row / np.linalg.norm(row)


def test_centring_brings_the_same_meaning_first_whatever_its_language(folder, embedder):
    """In a mixed collection: each thing in one language, asked for in each of the others."""
    made = compute_means(embedder, folder)
    held = [(concept, LANGUAGES[row % len(LANGUAGES)]) for row, concept in enumerate(CONCEPTS)]
    passages = embedder.passages([word(c, tag) for c, tag in held])
    tags = [tag for _, tag in held]
    plain = centred = asked = 0
    for row, (concept, own) in enumerate(held):
        for language in set(LANGUAGES) - {own}:
            text = word(concept, language)
            vector = embedder.queries([text])
            asked += 1
            plain += int(np.argmax(passages @ vector[0])) == row
            free = made.passages(passages, tags) @ made.questions(vector, embedder.passages([text]), [language])[0]
            centred += int(np.argmax(free)) == row
    assert centred > 0.9 * asked
    assert plain < 0.1 * asked


def test_a_table_is_read_as_it_was_written(folder, embedder, tmp_path):
    made = compute_means(embedder, folder)
    path = tmp_path / "new" / "table.npz"
    made.save(path)
    read = LanguageMeans.load(path)
    assert (read.embedder, read.languages) == (made.embedder, made.languages)
    vectors = embedder.passages(["most", "puente"])
    np.testing.assert_allclose(read.passages(vectors, ["pl", "es"]), made.passages(vectors, ["pl", "es"]), atol=2e-3)
    asked = (vectors, vectors, ["pl", "es"])
    np.testing.assert_allclose(read.questions(*asked), made.questions(*asked), atol=2e-3)
    np.testing.assert_allclose(read.nearness("pl", ["es", "de"]), made.nearness("pl", ["es", "de"]), atol=2e-3)
    assert [file.name for file in path.parent.iterdir()] == ["table.npz"]


def test_the_stamp_changes_with_the_table():
    assert table(de=[1, 0]).stamp == table(de=[1, 0]).stamp
    stamps = {table(de=[1, 0], asked=asked, likeness=[[like]]).stamp for asked in (0, 1) for like in (0.5, 1)}
    assert len({*stamps, table(de=[0, 1]).stamp}) == 5


def test_a_regional_tag_takes_its_own_row_else_the_languages():
    made = table(zh_CN=[1, 0], zh_TW=[0, 1], es=[1, 1])
    zero = np.zeros((1, 2), dtype=np.float32)
    np.testing.assert_allclose(made.passages(zero, ["zh-TW"]), [[0, -1]])
    np.testing.assert_allclose(made.passages(zero, ["zh-CN"]), [[-1, 0]])
    np.testing.assert_allclose(made.passages(zero, ["zh"]), [[-1, 0]])
    np.testing.assert_allclose(made.passages(zero, ["es-MX"]), unit_row(np.array([[-1, -1]])), rtol=1e-6)


def test_a_language_outside_the_table_gets_the_mean_of_all():
    made = table(de=[4, 0], pl=[0, 2])
    zero = np.zeros((1, 2), dtype=np.float32)
    np.testing.assert_allclose(made.passages(zero, ["und"]), unit_row(np.array([[-2, -1]])), rtol=1e-6)


def test_each_row_is_freed_of_its_own_language():
    made = table(de=[1, 0], pl=[0, 1])
    ones = np.ones((2, 2), dtype=np.float32)
    np.testing.assert_allclose(made.passages(10 * ones, ["de", "pl"]), [[0, 1], [1, 0]])
    assert made.passages(ones[:0], []).shape == (0, 2)


def test_a_number_of_sentences_is_taken_evenly(folder, embedder):
    compute_means(embedder, folder, sentences=3)
    step = len(CONCEPTS) // 3
    held = [concept for concept in list(CONCEPTS)[::step]][:3]
    assert embedder.texts[:3] == [word(concept, sorted(LANGUAGES)[0]) for concept in held]
    assert len(set(embedder.texts) - set(ASKED)) <= 3 * len(LANGUAGES) == len(embedder.texts) - len(ASKED)


def test_progress_ends_at_its_total(folder, embedder):
    seen = []
    compute_means(embedder, folder, progress=lambda label, done, total: seen.append((done, total)))
    assert seen[0] == (0, len(LANGUAGES))
    assert seen[-1] == (len(LANGUAGES), len(LANGUAGES))


def test_codes_become_bcp_47_tags(tmp_path, embedder):
    for name in ("pol", "zho-TW", "zsm"):
        (tmp_path / f"{name}.txt").write_text("most\n")
    assert set(compute_means(embedder, tmp_path).languages) == {"pl", "zh-TW", "ms"}


def test_a_folder_without_files_is_an_input_error(tmp_path, embedder):
    (tmp_path / "pol.csv").write_text("most")
    with pytest.raises(InputError, match="no CODE.txt"):
        compute_means(embedder, tmp_path)


def test_a_file_with_another_number_of_lines_is_named(folder, embedder):
    (folder / "vi.txt").write_text("cầu\n")
    with pytest.raises(ArticleError, match=r"vi\.txt: 1 lines"):
        compute_means(embedder, folder)


@pytest.mark.parametrize("name", ["README", "notes", "12"])
def test_a_name_that_is_no_language_is_named(folder, embedder, name):
    (folder / f"{name}.txt").write_text("x\n" * len(CONCEPTS))
    with pytest.raises(ArticleError, match=rf"{name}\.txt: its name is not a language"):
        compute_means(embedder, folder)


def test_a_file_that_is_no_text_is_named(folder, embedder):
    (folder / "vi.txt").write_bytes(b"\xff\xfe\x00" * 9)
    with pytest.raises(ArticleError, match=r"vi\.txt.*UTF-8"):
        compute_means(embedder, folder)


def test_files_without_a_line_are_named(tmp_path, embedder):
    (tmp_path / "pl.txt").write_text("")
    with pytest.raises(ArticleError, match=r"pl\.txt"):
        compute_means(embedder, tmp_path)


def test_two_files_of_one_language_are_named(tmp_path, embedder):
    for name in ("msa", "zsm"):
        (tmp_path / f"{name}.txt").write_text("jambatan\n")
    with pytest.raises(ArticleError, match=r"zsm\.txt.*ms"):
        compute_means(embedder, tmp_path)


def damaged():
    whole = io.BytesIO()
    np.savez_compressed(whole, embedder=np.array("x"), languages=np.array(["pl"]), query=np.ones((1, 99)))
    return whole.getvalue()


def a_zip():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("query.npy", "x")
    return held.getvalue()


def one_array():
    held = io.BytesIO()
    np.save(held, np.ones(3))
    return held.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"garbage", b"PK\x03\x04garbage", damaged(), damaged()[:-30], a_zip(), one_array()],
    ids=["empty", "garbage", "zip head", "table missing", "cut", "a zip", "one array"],
)
def test_a_file_that_is_no_table_is_a_store_error_with_the_way_out(tmp_path, data):
    path = tmp_path / "table.npz"
    path.write_bytes(data)
    with pytest.raises(StoreError, match="not a table of language means(.|\n)*askreports means FOLDER --out"):
        LanguageMeans.load(path)


def test_a_table_that_is_not_there_is_a_store_error(tmp_path):
    with pytest.raises(StoreError, match="askreports means FOLDER"):
        LanguageMeans.load(tmp_path / "none.npz")


def test_a_table_made_with_another_embedder_is_refused(folder, tmp_path):
    compute_means(FakeEmbedder("one"), folder).save(tmp_path / "table.npz")
    assert means_for(FakeEmbedder("one"), tmp_path / "table.npz").embedder == "one"
    with pytest.raises(StoreError, match=r"made for one, but the embedder is two.*askreports means FOLDER"):
        means_for(FakeEmbedder("two"), tmp_path / "table.npz")


def test_the_shipped_table_is_for_the_bundled_embedder_and_no_other():
    made = means_for(BundledEmbedder(), None)
    assert set(LANGUAGES) <= set(made.languages)
    assert means_for(FakeEmbedder(), None) is None

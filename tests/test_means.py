import io
import zipfile

import numpy as np
import pytest
from fakes import CONCEPTS, LANGUAGES, FakeEmbedder, write_parallel

from rag.embedding import BundledEmbedder
from rag.errors import ArticleError, InputError, StoreError
from rag.means import LanguageMeans, compute_means, means_for


@pytest.fixture
def folder(tmp_path):
    return write_parallel(tmp_path / "parallel")


@pytest.fixture
def embedder():
    return FakeEmbedder()


def word(concept, language):
    return CONCEPTS[concept].split()[LANGUAGES.index(language)]


def table(**rows):
    """A table whose question means are `rows` and whose passage means are ten times that."""
    held = np.array(list(rows.values()), dtype=np.float32)
    return LanguageMeans("fake", [tag.replace("_", "-") for tag in rows], held, 10 * held)


def test_means_are_taken_apart_for_questions_and_passages(folder, embedder):
    made = compute_means(embedder, folder)
    assert made.embedder == "fake"
    assert sorted(made.languages) == sorted(LANGUAGES)
    lines = [word(concept, "pl") for concept in CONCEPTS]
    mean = embedder.queries(lines).mean(axis=0)
    other = embedder.passages(lines).mean(axis=0)
    ones = np.ones((1, len(mean)), dtype=np.float32)
    np.testing.assert_allclose(made.queries(ones, ["pl"]), unit_row(ones - mean), atol=1e-5)
    np.testing.assert_allclose(made.passages(ones, ["pl"]), unit_row(ones - other), atol=1e-5)
    assert not np.allclose(mean, other, atol=1e-3)


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
            free = made.passages(passages, tags) @ made.queries(vector, [language])[0]
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
    assert [file.name for file in path.parent.iterdir()] == ["table.npz"]


def test_the_stamp_changes_with_the_table():
    assert table(de=[1, 0]).stamp == table(de=[1, 0]).stamp
    assert table(de=[1, 0]).stamp != table(de=[0, 1]).stamp


def test_a_regional_tag_takes_its_own_row_else_the_languages():
    made = table(zh_CN=[1, 0], zh_TW=[0, 1], es=[1, 1])
    zero = np.zeros((1, 2), dtype=np.float32)
    np.testing.assert_allclose(made.queries(zero, ["zh-TW"]), [[0, -1]])
    np.testing.assert_allclose(made.queries(zero, ["zh-CN"]), [[-1, 0]])
    np.testing.assert_allclose(made.queries(zero, ["zh"]), [[-1, 0]])
    np.testing.assert_allclose(made.queries(zero, ["es-MX"]), unit_row(np.array([[-1, -1]])), rtol=1e-6)


def test_a_language_outside_the_table_gets_the_mean_of_all():
    made = table(de=[4, 0], pl=[0, 2])
    zero = np.zeros((1, 2), dtype=np.float32)
    np.testing.assert_allclose(made.queries(zero, ["und"]), unit_row(np.array([[-2, -1]])), rtol=1e-6)


def test_each_row_is_freed_of_its_own_language():
    made = table(de=[1, 0], pl=[0, 1])
    ones = np.ones((2, 2), dtype=np.float32)
    np.testing.assert_allclose(made.queries(ones, ["de", "pl"]), [[0, 1], [1, 0]])
    assert made.queries(ones[:0], []).shape == (0, 2)


def test_a_number_of_sentences_is_taken_evenly(folder, embedder):
    compute_means(embedder, folder, sentences=3)
    step = len(CONCEPTS) // 3
    held = [concept for concept in list(CONCEPTS)[::step]][:3]
    assert embedder.texts[:3] == [word(concept, sorted(LANGUAGES)[0]) for concept in held]
    assert len(embedder.texts) == 3 * len(LANGUAGES)


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
    with pytest.raises(ArticleError, match=rf"{name}\.txt: its name is no language"):
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

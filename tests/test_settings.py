from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.errors import SettingsError
from rag.settings import Settings


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    for name in ("ASKREPORTS_HOME", "ASKREPORTS_LLM"):
        monkeypatch.delenv(name, raising=False)


def test_an_unknown_key_in_code_is_named_with_the_nearest_known():
    with pytest.raises(SettingsError, match=r"unknown setting windows_chars; did you mean window_chars\?"):
        Settings(windows_chars=500)


def test_an_unknown_variable_is_named_with_the_nearest_known(monkeypatch):
    monkeypatch.setenv("ASKREPORTS_EMBEDER", "bundled")
    with pytest.raises(SettingsError, match=r"unknown setting ASKREPORTS_EMBEDER; did you mean ASKREPORTS_EMBEDDER\?"):
        Settings()


def test_a_key_that_is_near_to_nothing_brings_the_list():
    with pytest.raises(SettingsError, match=r"known: .*chroma.*window_chars"):
        Settings(xyzzy=1)


def test_variables_of_other_programs_are_left_alone(monkeypatch):
    monkeypatch.setenv("ASK_REPORTS_X", "1")
    assert Settings().embedder == "bundled"


def test_the_environment_is_read_and_code_wins(monkeypatch):
    monkeypatch.setenv("ASKREPORTS_WINDOW_CHARS", "700")
    monkeypatch.setenv("ASKREPORTS_HOME", "/tmp/żółw")
    assert Settings().window_chars == 700
    assert Settings().home == Path("/tmp/żółw")
    assert Settings(window_chars=800).window_chars == 800


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window_chars", 5),
        ("window_chars", "dużo"),
        ("llm_timeout", 0),
        ("threads", -1),
        ("max_file_mb", 0),
        ("max_upload_files", 0),
        ("max_upload_mb", 0),
    ],
)
def test_a_bad_value_is_named_with_its_variable(name, value):
    with pytest.raises(SettingsError) as caught:
        Settings(**{name: value})
    assert name in str(caught.value)
    assert f"ASKREPORTS_{name.upper()}" in str(caught.value)
    assert repr(value) in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_bad_value_in_the_environment_is_named(monkeypatch):
    monkeypatch.setenv("ASKREPORTS_READING_WINDOWS", "vier")
    with pytest.raises(SettingsError, match=r"ASKREPORTS_READING_WINDOWS.*'vier'"):
        Settings()


def test_an_empty_variable_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("ASKREPORTS_MEANS", "")
    monkeypatch.setenv("ASKREPORTS_THREADS", "")
    assert Settings().means is None
    assert Settings().threads == 0


def test_settings_are_frozen():
    with pytest.raises(ValidationError):
        Settings().llm = "none"


@pytest.mark.parametrize("name", ["llm_key", "embedder_key"])
def test_a_key_is_in_no_text_of_the_settings(name):
    settings = Settings(**{name: "s3cret"})
    assert "s3cret" not in repr(settings) + str(settings)
    with pytest.raises(SettingsError) as caught:
        Settings(**{name: ["s3cret"]})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("llm", "none"),
        ("llm_model", "x"),
        ("embedder", "http://host/v1"),
        ("embedder_model", "x"),
        ("embedder_query_prefix", "query: "),
        ("embedder_passage_prefix", "passage: "),
        ("means", "table.npz"),
        ("window_chars", 500),
        ("reading_windows", 2),
    ],
)
def test_the_hash_changes_with_what_changes_answers(name, value):
    assert Settings(**{name: value}).hash != Settings().hash


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("home", "/x"),
        ("cache", "/x"),
        ("llm_key", "x"),
        ("embedder_key", "x"),
        ("threads", 3),
        ("device", "cpu"),
        ("auth", "/x"),
        ("max_upload_mb", 3),
        ("max_upload_files", 3),
    ],
)
def test_the_hash_does_not_change_with_keys_folders_threads_and_the_door(name, value):
    assert Settings(**{name: value}).hash == Settings().hash


def test_the_hash_is_twelve_hex_digits():
    assert len(Settings().hash) == 12
    int(Settings().hash, 16)

"""Bytes -> text: legacy encodings, damaged UTF-8, wide encodings without a mark, and what is no text."""

import json
import random

import pytest
from places import ROOT

from rag.errors import ArticleError
from rag.sources.encodings import as_utf8, decode

TEXTS = json.loads((ROOT / "tests" / "data" / "one_story.json").read_text("utf-8"))
LEGACY = {
    "ru": "cp1251 koi8-r iso8859-5 mac_cyrillic cp866", "uk": "cp1251 koi8-u", "el": "cp1253 iso8859-7",
    "he": "cp1255 iso8859-8", "ar": "cp1256 iso8859-6", "tr": "cp1254 iso8859-9", "pl": "cp1250 iso8859-2",
    "cs": "cp1250 iso8859-2", "hu": "cp1250 iso8859-2 cp852", "ro": "cp1250 iso8859-2", "lt": "cp1257 iso8859-13",
    "th": "cp874", "zh": "gb18030", "zh-TW": "big5", "ja": "shift_jis euc_jp", "ko": "euc_kr", "fr": "cp1252 mac_roman",
    "de": "cp1252 cp850", "es": "cp1252 mac_roman",
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "encoding"), [(tag, name) for tag, all_ in LEGACY.items() for name in all_.split()]
)
def test_a_legacy_encoding_is_told_by_what_its_text_reads_like(language, encoding):
    found = decode((TEXTS[language] * 2).encode(encoding), "x")
    assert found.text == TEXTS[language] * 2
    (warning,) = found.warnings
    assert warning.startswith("not UTF-8; read as ")


def test_the_guess_names_encoding_and_language():
    (warning,) = decode(TEXTS["ru"].encode("koi8-r"), "x").warnings
    assert warning == "not UTF-8; read as koi8-r, Russian, as its text suggests"


@pytest.mark.parametrize(
    ("language", "encoding"), [("ja", "iso2022_jp"), ("ko", "iso2022_kr"), ("zh", "hz"), ("ja", "iso2022_jp_2004")]
)
def test_seven_bit_encodings_say_themselves_what_they_are(language, encoding):
    found = decode(TEXTS[language].encode(encoding), "x")
    assert (found.text, found.warnings) == (TEXTS[language], ())


def test_a_text_with_an_escape_sequence_is_not_taken_for_japanese():
    found = decode(b"The log shows \x1b[31mred\x1b[0m and ~{ braces ~} in a line of plain text.", "x")
    assert found.text == "The log shows [31mred[0m and ~{ braces ~} in a line of plain text."
    assert found.warnings == ("2 control characters left out",)


@pytest.mark.parametrize("mark", ["~~~{.note}", "~{ name ~}", "\x1b$B", "\x1b(J"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_text_beyond_ascii_is_in_no_seven_bit_encoding(mark, encoding):
    text = f"The council said that “the ferry will sail”.\n{mark}\n" + "A plain line of English.\n" * 40
    shown = text.replace("\x1b", "")
    assert decode(text.encode(encoding), "x").text == shown
    assert as_utf8(text.encode("utf-8"), "iso-8859-1") == text.encode("utf-8")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("language", TEXTS)
def test_wide_encodings_without_a_mark_are_told_with_their_byte_order(language, encoding):
    found = decode(TEXTS[language].encode(encoding), "x")
    order = "low" if encoding.endswith("le") else "high"
    assert found.text == TEXTS[language]
    assert found.warnings == (f"read as {encoding[:6].upper()} without a byte order mark ({order} byte first)",)


def test_wide_text_cut_in_mid_character_is_read_and_told():
    assert (
        decode(TEXTS["ko"].encode("utf-16-le")[:-1], "x").warnings[-1] == "cut off in the middle of its last character"
    )
    found = decode(TEXTS["pl"].encode("utf-16")[:-1], "x")
    assert found.text == TEXTS["pl"][:-1] + "\ufffd"
    assert "UTF-16 with 1 damaged place" in found.warnings[0]


# --- damaged UTF-8 ---


@pytest.mark.parametrize("language", TEXTS)
def test_one_damaged_byte_does_not_change_the_encoding(language):
    data = bytearray(TEXTS[language].encode())
    at = next(at for at in range(len(data) // 3, len(data)) if data[at] >= 0xC0)
    del data[at + 1]
    found = decode(bytes(data), "x")
    assert found.text == bytes(data).decode("utf-8", "replace")
    (warning,) = found.warnings
    assert warning.startswith("UTF-8 with ") and f"(byte {at + 1})" in warning


@pytest.mark.parametrize("language", TEXTS)
def test_utf8_cut_in_mid_character_keeps_all_before(language):
    data = TEXTS[language].encode()
    at = next(at for at in range(len(data) - 1, 0, -1) if data[at] >= 0xC0)
    found = decode(data[: at + 1], "x")
    assert found.text == data[:at].decode() + "\ufffd"
    assert f"line 1 (byte {at + 1}) at its end, cut off in the middle of a character" in found.warnings[0]


def test_a_plain_text_cut_in_its_only_special_character_is_utf8():
    found = decode(b"They met at the caf\xc3", "x")
    assert found.text == "They met at the caf\ufffd" and "cut off in the middle" in found.warnings[0]


def test_a_warning_counts_all_damage_and_shows_the_first_places():
    text = "Łódź ma źródło.\n" * 30
    data = text.encode().replace("ź ma".encode(), b"\xff ma")
    (warning,) = decode(data, "x").warnings
    assert warning.startswith("UTF-8 with 30 damaged places, shown as \ufffd: line 1 (byte 6), line 2 (byte ")
    assert warning.endswith(" and 27 more")


def test_what_was_written_as_a_replacement_character_is_no_damage():
    assert decode("caf\ufffd – Łódź".encode(), "x").warnings == ()
    (warning,) = decode("caf\ufffd – Łódź źle".encode() + b"\xff", "x").warnings
    assert "1 damaged place," in warning


@pytest.mark.parametrize("language", ["fr", "ru", "zh"])
def test_much_damage_is_read_in_seconds(language):
    random.seed(4)
    data = bytearray(TEXTS[language].encode() * 5000)
    for at in random.sample(range(len(data)), len(data) // 100):
        data[at] = 0xFF
    assert "damaged places" in decode(bytes(data), "x").warnings[0]


# --- declared encodings ---


def test_a_declared_encoding_counts_where_the_bytes_are_not_utf8():
    data = "Số 5: ăâđê".encode("cp1258", "ignore")
    assert decode(data, "x", declared="windows-1258").text.endswith("ăâđê")
    assert decode("Łódź".encode(), "x", declared="iso-8859-1").text == "Łódź"
    assert decode(TEXTS["pl"].encode("cp1250"), "x", declared="no-such-name").text == TEXTS["pl"]


def test_latin1_as_pages_mean_it_has_typographic_quotes():
    assert decode("“déjà”".encode("cp1252"), "x", declared="iso-8859-1").text == "“déjà”"


def test_declared_bytes_become_utf8_unless_they_are():
    assert as_utf8("źle".encode("cp1250"), "windows-1250").decode() == "źle"
    damaged = "źródło, Łódź ".encode() + b"\xff"
    assert as_utf8(damaged, "iso-8859-2") == damaged
    assert as_utf8(TEXTS["ja"].encode("iso2022_jp"), "iso-2022-jp").decode() == TEXTS["ja"]


# --- what is text, and what is not ---


def test_stray_control_characters_are_left_out_and_told():
    found = decode(b"The council\0 met\x1b on Monday.\x1a", "x")
    assert (found.text, found.warnings) == ("The council met on Monday.", ("3 control characters left out",))


@pytest.mark.parametrize("language", ["ru", "hi", "ja", "fr"])
def test_a_stray_nul_does_not_make_utf8_wide(language):
    text = TEXTS[language]
    assert decode(f"{text[:30]}\0{text[30:]}".encode(), "x").text == text


@pytest.mark.parametrize("start", ["MZ ČR oznámilo", "BM", "ID3", "PAR1", "GIF89a byl"])
def test_words_that_are_signatures_elsewhere_begin_texts(start):
    text = f"{start} a dále: {TEXTS['cs']}"
    assert decode(text.encode(), "x").text == text
    assert decode(text.encode("cp1250"), "x").text == text


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"SQLite format 3\0\x10\0\x01\x01\0" + bytes(80), "an SQLite database"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(24), "an old office document"),
        (b"{\\rtf1\\ansi Hello}", "an RTF document"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "a gzip archive"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7-Zip archive"),
        (b"OggS\0\x02\0\0", "a file of the type audio/ogg"),
    ],
)
def test_a_signature_names_the_kind_of_file(data, kind):
    with pytest.raises(ArticleError, match=f"is {kind}, not text"):
        decode(data, "x")


def test_few_special_characters_are_those_of_usual_encodings():
    text = "The council said that “the ferry will sail” – at £4.50 a ride – from Monday. The café stays open.\n"
    assert decode(text.encode("cp1252"), "x").text == text
    assert decode(("A plain line of English.\n" * 500 + text).encode("cp1252"), "x").text.endswith(text)


@pytest.mark.parametrize(("language", "encoding"), [("zh", "gb18030"), ("ja", "euc_jp"), ("ko", "euc_kr")])
def test_one_damaged_line_does_not_hide_the_encoding_of_the_others(language, encoding):
    data = (TEXTS[language] * 4).encode(encoding)
    found = decode(data[:60] + b"\xff" + data[60:], "x")
    assert found.text.endswith(TEXTS[language] * 3)
    assert "1 damaged place" in found.warnings[1] and "line 1 (byte 6" in found.warnings[1]


def test_a_short_text_in_a_legacy_encoding_is_read():
    assert decode("Café Müller est fermé.".encode("cp1252"), "x").text == "Café Müller est fermé."


def test_many_nuls_in_other_bytes_are_no_text():
    with pytest.raises(ArticleError, match="binary data"):
        decode("Compiled Łódź\0\0\0\0\0\0".encode("cp1250") * 40 + b"\xff", "x")


def test_seven_bit_text_that_is_cut_is_read_and_told():
    found = decode(TEXTS["ja"].encode("iso2022_jp")[:-5], "x")
    assert found.text.startswith(TEXTS["ja"][:40]) and "\x1b" not in found.text and "damaged" in found.warnings[0]


def test_random_bytes_are_never_text():
    random.seed(7)
    for size in (100, 400, 3000):
        for _ in range(20):
            with pytest.raises(ArticleError, match="binary data|cannot be told|is a file of|is an? |damaged"):
                decode(random.randbytes(size), "x")


@pytest.mark.parametrize(
    "declared", ["unicode_escape", "raw-unicode-escape", "punycode", "idna", "undefined", "zlib", "a\0"]
)
def test_what_no_text_is_written_in_is_no_encoding(declared):
    data = "Zürich \\ud800 \\x41".encode("latin-1")
    assert as_utf8(data, declared) == data
    assert "\\ud800" in decode(data, "x", declared=declared).text


def test_an_encoding_that_gives_halves_of_characters_does_not_fit():
    assert as_utf8(b"\xff+2AA-", "utf-7") == b"\xff+2AA-"

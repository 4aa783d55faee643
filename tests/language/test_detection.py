import socket

import pytest

from rag.language import detection as languages
from rag.language.detection import detect, name, shows_none
from rag.language.folding import fold

COLLECTION = ("ms", "tr", "es", "de", "pl")

SENTENCES = {
    "ms": "Mesyuarat itu diadakan kerana kerajaan mahu membincangkan perkhidmatan di kawasan luar bandar.",
    "id": "Rapat itu diadakan karena pemerintah ingin membahas pelayanan bagi masyarakat di kabupaten.",
    "tr": "Konferansta delegeler kitle seferberliği çalışmalarının sonuçlarını tartıştı.",
    "es": "Los delegados acordaron el programa de trabajo del sector para el año.",
    "de": "Die Delegation arbeitete mit dem Ausschuss des Bezirks zusammen.",
    "pl": "W dystrykcie wdrożono nowe modele, co wywarło pozytywny wpływ na społeczność.",
    "vi": "Hội nghị đã thảo luận về công tác dân vận trong sáu tháng đầu năm.",
    "en": "The conference discussed how the district had carried out its plan.",
    "fr": "La conférence a examiné les résultats obtenus par le district cette année.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_tells_the_language_of_a_sentence(language):
    assert detect(SENTENCES[language]) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Beliau berkata bahawa polis sedang menjalankan siasatan selepas kemalangan itu.", "ms"),
        ("Dia mengatakan bahwa polisi sedang melakukan penyelidikan setelah kecelakaan itu.", "id"),
        ("Kualiti dan kapasiti komuniti setempat", "ms"),
        ("Kualitas dan kapasitas komunitas setempat", "id"),
    ],
)
def test_tells_malay_from_indonesian_by_their_words(text, language):
    assert detect(text) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Kim Bang kaç model bildirdi?", "tr"),
        ("Ile modeli zgłosił Kim Bang?", "pl"),
        ("Wie viele Modelle meldete Kim Bang?", "de"),
        ("¿Cuántos modelos comunicó Kim Bang?", "es"),
        ("Berapa model Kim Bang?", "ms"),
        ("Siapa Nguyen Van Giang?", "ms"),
        ("Kim Bang báo cáo bao nhiêu mô hình?", "vi"),
        ("How many models did Kim Bang report?", "en"),
        ("Who is Nguyen Van Giang?", "en"),
        ("Combien de modèles Kim Bang a-t-il signalés ?", "fr"),
        ("Où est Kim Bang ?", "fr"),
    ],
)
def test_short_questions_lean_on_the_collection_without_being_forced_into_it(question, language):
    assert detect(question, expected=COLLECTION) == language


def test_the_collection_decides_between_malay_and_indonesian_where_words_do_not():
    question = "Siapa ketua di Kim Bang?"
    assert detect(question, expected=("ms", "tr")) == "ms"
    assert detect(question, expected=("id", "tr")) == "id"


def test_clear_indonesian_stays_so_in_a_malay_collection():
    assert detect("Mengapa polisi mengatakan bahwa pemerintah tidak bisa membantu?", expected=("ms",)) == "id"


@pytest.mark.parametrize("text", ["", "  \n", "2024 - 7/8", "😀🎉"])
def test_no_letters_no_language(text):
    assert detect(text, expected=COLLECTION) == "und"


def test_reads_past_the_first_lines_of_a_long_text():
    text = "Press release, for immediate use by all news media.\n" + (SENTENCES["pl"] + " ") * 100
    assert detect(text) == "pl"


def test_needs_no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    languages._model.cache_clear()
    assert detect(SENTENCES["de"]) == "de"


@pytest.mark.parametrize(
    ("text", "likely", "language"),
    [
        ("hola", "", "es"), ("ciao", "", "it"), ("selam", "", "tr"), ("Dlaczego?", "", "pl"), ("asante sana", "", "sw"),
        ("Γιατί;", "", "el"), ("Чому?", "", "uk"), ("谢谢", "", "zh"), ("こんにちは", "", "ja"), ("ขอบคุณ", "", "th"),
        ("Danke!", "en", "de"),  # typed alone in German, whatever was spoken
        ("Norlinje?", "de", "de"), ("Kim Bảng 2023?", "pl", "pl"), ("Oslo", "tr", "tr"), ("Осло?", "bg", "bg"),
        ("Wie hoch ist die Quote?", "pl", "de"),  # long enough to tell
        ("现在失业率是多少", "ja", "zh"),
    ],
)  # fmt: skip
def test_a_word_or_two_are_of_the_likely_language_unless_they_are_typed_alone_in_another(text, likely, language):
    assert detect(text, likely=likely) == language


def test_a_likely_language_of_another_script_is_not_taken():
    assert detect("Осло?", likely="de") != "de" and detect("Oslo?", likely="ja") != "ja"


@pytest.mark.parametrize(
    ("text", "short"),
    [("Kim Bang?", True), ("Осло", True), ("东京", True), ("Kto?", False), ("merci beaucoup", False),
     ("Wer ist das?", False), ("现在失业率是多少", False), ("2023", True)],
)  # fmt: skip
def test_which_texts_are_too_short_to_show_a_language(text, short):
    assert shows_none(text) == short


def test_names_of_languages():
    assert [name(tag) for tag in ("pl", "ms", "vi", "pt-BR")] == ["Polish", "Malay", "Vietnamese", "Portuguese"]
    assert name("qqq") == "qqq"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kim Bảng", "kim bang"),
        ("Đỗ Việt Anh", "do viet anh"),
        ("İSTANBUL ılık", "istanbul ilik"),
        ("Łódź wrześniu", "lodz wrzesniu"),
        ("Straße", "strase"),
        ("ÑANDÚ", "nandu"),
        ("한국 が й", "한국 が и"),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


def test_fold_keeps_every_offset():
    every = "".join(chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000)
    assert len(fold(every)) == len(every)

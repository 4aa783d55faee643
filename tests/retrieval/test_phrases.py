"""Exact search: what counts as the same phrase, where it stands, and in which order."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from fakes import FakeEmbedder

from rag.errors import QuestionError
from rag.language import fold
from rag.models import Filters
from rag.retrieval.phrases import PhraseSearch, offsets, squeezed
from rag.settings import Settings
from rag.store.catalog import Catalog
from rag.store.indexing import Indexer

TEXTS = {
    "pl": "W Łodzi otwarto nowy most.\nRada Miasta\nŁodzi podziękowała wszystkim.\n",
    "tr": "IĞDIR'da İl Meclisi toplandı. Toplantı 5 Temmuz 2023 günü yapıldı.\n",
    "vi": "Ông Đỗ Việt Anh cho biết người dân đã được sơ tán an toàn.\n",
    "zh": "北京市政府昨天宣布了新的计\n划。该计划将于明年开始实施。\n",
    "ja": "市議会は新しい橋の建設を決\n  定した。\n工事は来年始まる。\n",
    "th": "สภาเมืองอนุมัติสะพานใหม่เมื่อวานนี้\nงานจะเริ่มในปีหน้า\n",
    "ar": "أعلنت الحكومة عن خطة\nجديدة لبناء الجسر. وقال الوزير إن العمل يبدأ غداً.\n",
    "ko": "서울시는 새로운 다리를 짓기로 했다. 공사는 내년에 시작된다.\n",
    "hi": "नगर परिषद ने नए पुल को\nमंज़ूरी दी। काम अगले साल शुरू होगा।\n",
    "ru": "Городской совет утвердил строительство моста — работы начнутся в мае.\n",
    "uk": "За́мок у Луцьку відкри́ли знову.\n",
    "yo": "Ọlọ́run ló mọ̀ ẹ́.\n",
    "de": "Der Rat sagte: „Wir bauen die Brücke“.   Es kostet 43 Mio. Die Brücke wird schön.\n",
}


@pytest.fixture
def search(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    for code, text in TEXTS.items():
        (folder / f"{code}.txt").write_text(text, encoding="utf-8")
    catalog = Catalog(tmp_path / "catalog.sqlite3")
    Indexer(catalog, FakeEmbedder(), Settings()).update({str(folder): "declared"})
    yield PhraseSearch(catalog)
    catalog.close()


@pytest.mark.parametrize(
    ("phrase", "report", "stands"),
    [
        ("rada miasta łodzi", "pl", "Rada Miasta\nŁodzi"),
        ("RADA  MIASTA LODZI", "pl", "Rada Miasta\nŁodzi"),
        ("iğdır'da il meclisi", "tr", "IĞDIR'da İl Meclisi"),
        ("do viet anh", "vi", "Đỗ Việt Anh"),
        ("新的计划", "zh", "新的计\n划"),
        ("建設を決定した。工事", "ja", "建設を決\n  定した。\n工事"),
        ("สะพานใหม่เมื่อวานนี้งาน", "th", "สะพานใหม่เมื่อวานนี้\nงาน"),
        ("خطة جديدة", "ar", "خطة\nجديدة"),
        ("서울", "ko", "서울"),
        ("पुल को मंज़ूरी", "hi", "पुल को\nमंज़ूरी"),
        ("замок у луцьку відкрили", "uk", "За́мок у Луцьку відкри́ли"),
        ("відкр", "uk", "відкр"),
        ("замо", "uk", "За́мо"),
        ("lo mo e", "yo", "ló mọ̀ ẹ́"),
        ("моста - работы", "ru", "моста — работы"),
        ('"wir bauen die brücke". es kostet 43', "de", "„Wir bauen die Brücke“.   Es kostet 43"),
    ],
)
def test_a_phrase_is_found_where_it_stands(search, phrase, report, stands):
    (found,) = search.find(phrase, limit=20)
    stands = unicodedata.normalize("NFC", stands)
    assert found.article.id == report
    assert found.article.text[found.start : found.end] == stands
    held = found.passage
    assert held.start <= found.start and found.end <= held.end
    assert found.article.text[held.start : held.end] == held.text


def test_decomposed_letters_are_the_same(search):
    phrase = unicodedata.normalize("NFD", "Đỗ Việt Anh")
    assert [one.article.id for one in search.find(phrase, limit=5)] == ["vi"]


def test_words_in_another_order_or_apart_are_no_phrase(search):
    assert search.find("miasta rada", limit=20) == []
    assert search.find("rada łodzi", limit=20) == []
    assert search.find("计 划 书", limit=20) == []


def test_every_place_comes_in_order_up_to_the_limit(search):
    found = search.find("die brücke", limit=20)
    assert [one.article.id for one in found] == ["de", "de"]
    assert found[0].end <= found[1].start
    assert [found[0]] == search.find("die brücke", limit=1)


def test_filters_hold(search):
    assert search.find("most", limit=9, filters=Filters(languages=("pl",))) != []
    assert search.find("most", limit=9, filters=Filters(languages=("de",))) == []
    assert search.find("most", limit=9, filters=Filters(since=date(2000, 1, 1))) == []


@pytest.mark.parametrize("phrase", ["", "  \n", "?!", "—"])
def test_a_phrase_of_nothing_is_refused(search, phrase):
    with pytest.raises(QuestionError, match="no letter or digit"):
        search.find(phrase, limit=5)


@pytest.mark.parametrize("text", [*TEXTS.values(), " \n a\u00a0\n b ", "", "计 划\n\n書 x"])
def test_offsets_belong_to_the_folded_text(text):
    text = unicodedata.normalize("NFC", text)
    folded, at = squeezed(text), offsets(text)
    assert len(folded) == len(at)
    assert all(squeezed(text[place]) in (char, " ") for char, place in zip(folded, at, strict=True))
    assert at == sorted(set(at))


@pytest.mark.parametrize("text", TEXTS.values())
def test_what_is_compared_is_folded(text):
    """However it is done."""
    assert squeezed(text).translate({ord("—"): "-"}) == squeezed(fold(text))
    assert squeezed(squeezed(text)) == squeezed(text)

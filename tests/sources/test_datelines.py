from datetime import date

import pytest

from rag.sources.datelines import dateline_of


@pytest.mark.parametrize(
    ("language", "text", "place", "day"),
    [
        ("en", "HALVIK, 12 November 2025 - |The island council", "Halvik", date(2025, 11, 12)),
        ("en", "PARIS (Reuters) - |The French", "Paris", None),
        ("en", "SÃO PAULO/RIO DE JANEIRO, 3 March 2024 (AP) — |Brazil", "São Paulo", date(2024, 3, 3)),
        ("de", "LINDAU, 4. März 2025. |Der Stadtrat hat", "Lindau", date(2025, 3, 4)),
        ("de", "Berlin (dpa) - |Der Senat", "Berlin", None),
        ("fr", "ARVILLES, le 15 octobre 2025. |Mme Odile Marchery", "Arvilles", date(2025, 10, 15)),
        ("ru", "МОСКВА, 8 мая 2025 г. |Церковь св. Николая на ул. Ленина", "Москва", date(2025, 5, 8)),
        ("el", "ΑΘΗΝΑ, 3 Μαΐου 2024 - |Η κυβέρνηση", "Αθηνα", date(2024, 5, 3)),
        ("pl", "WARSZAWA, 3 maja 2024 r. - |Rząd", "Warszawa", date(2024, 5, 3)),
        ("pt", "São Paulo, 5 de março de 2024 – |O governo", "São Paulo", date(2024, 3, 5)),
        ("tr", "İZMİR (AA) - |Hükümet", "İzmir", None),
        ("vi", "Hà Nội (TTXVN) - |Chính phủ", "Hà Nội", None),
        ("ar", "القاهرة في 5 مايو 2024 - |قالت الحكومة", "القاهرة", date(2024, 5, 5)),
        ("he", "7 בינואר 2025 - |ראש העיר", "", date(2025, 1, 7)),
        ("hi", "नई दिल्ली, 12 मार्च 2025। |डॉ. रेखा वर्मा ने", "नई दिल्ली", date(2025, 3, 12)),
        ("th", "กรุงเทพฯ 3 มีนาคม 2568 - |รัฐบาล", "กรุงเทพฯ", date(2025, 3, 3)),
        ("ko", "(서울=연합뉴스) 김철수 기자 = |정부는", "서울", None),
        ("ja", "【東京2024年10月3日】|政府は", "東京", date(2024, 10, 3)),
        ("zh", "新华社北京2024年3月5日电 |国务院", "", date(2024, 3, 5)),
    ],
)
def test_a_dateline_tells_place_and_day_and_ends_where_the_report_begins(language, text, place, day):
    found = dateline_of(text.replace("|", ""), language)
    assert (found.place, found.day.full if found.day else None) == (place, day)
    assert text.replace("|", "")[found.end :] == text.partition("|")[2]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Merkel - the chancellor - said"),
        ("en", "On 5 May 2024 - a Tuesday - the council met"),
        ("en", "The plan - a good one - was kept"),
        ("en", "The council met on 5 May 2024. It kept the library."),
        ("de", "Am 5. März 2024 - einem Dienstag - kam der Rat"),
        ("de", "Der Rat (CDU) - seit Jahren einig - tagte"),
        ("ja", "2024年10月3日、青葉市は市立図書館を駅前に移すと発表した。"),
        ("zh", "市议会（全体）决定保留图书馆。"),
        ("en", "HALVIK, 12 November 2025 -"),
        ("en", ""),
    ],
)
def test_a_sentence_has_none(language, text):
    assert dateline_of(text, language) is None


def test_capitals_before_a_dash_are_cut_off_but_tell_no_place():
    assert (dateline_of("BREAKING - The house fell", "en").place, dateline_of("ORRE - The ferry", "en").end) == ("", 7)

from datetime import date

import pytest
from places import SEEDS

from rag.language.dates import find_dates, published, url_date


def parts(text, language):
    return [(text[d.start : d.end], d.year, d.month, d.day) for d in find_dates(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ms", "Pada 5 Julai 2024, wilayah", [("5 Julai 2024", 2024, 7, 5)]),
        ("ms", "bertarikh 2 Mei 2018 terus", [("2 Mei 2018", 2018, 5, 2)]),
        ("ms", "sejak Disember 2023", [("Disember 2023", 2023, 12, None)]),
        ("ms", "5hb Ogos 2024", [("5hb Ogos 2024", 2024, 8, 5)]),
        ("id", "17 Agustus 2024", [("17 Agustus 2024", 2024, 8, 17)]),
        ("tr", "5 Temmuz 2023 tarihli", [("5 Temmuz 2023", 2023, 7, 5)]),
        ("tr", "21 Aralık'ta toplandı", [("21 Aralık'ta", None, 12, 21)]),
        ("tr", "21 ARALIK 2023", [("21 ARALIK 2023", 2023, 12, 21)]),
        ("tr", "5.7.2024 günü", [("5.7.2024", 2024, 7, 5)]),
        ("tr", "2023'teki performans", [("2023", 2023, None, None)]),
        ("es", "El 19 de enero por la mañana", [("19 de enero", None, 1, 19)]),
        ("es", "5 de julio del 2024", [("5 de julio del 2024", 2024, 7, 5)]),
        ("es", "el 1.º de mayo", [("1.º de mayo", None, 5, 1)]),
        ("es", "del 5 al 7 de julio de 2024", [("5", 2024, 7, 5), ("7 de julio de 2024", 2024, 7, 7)]),
        ("de", "am 3. März traf", [("3. März", None, 3, 3)]),
        ("de", "am 3.7. und 5. 7. 2024", [("3.7.", None, 7, 3), ("5. 7. 2024", 2024, 7, 5)]),
        ("de", "im März 2024", [("März 2024", 2024, 3, None)]),
        ("pl", "3 stycznia 2024 r.", [("3 stycznia 2024", 2024, 1, 3)]),
        ("pl", "w styczniu 2024", [("styczniu 2024", 2024, 1, None)]),
        ("pl", "w listopadzie 2023 roku", [("listopadzie 2023", 2023, 11, None)]),
        ("pl", "1 wrzesnia", [("1 wrzesnia", None, 9, 1)]),
        ("en", "on July 5, 2024 and", [("July 5, 2024", 2024, 7, 5)]),
        ("en", "the 5th of July", [("5th of July", None, 7, 5)]),
        ("en", "05/07/2024", [("05/07/2024", 2024, None, None)]),  # July in London, May in New York
        ("en", "05.07.2024", [("05.07.2024", 2024, 7, 5)]),
        ("en", "25/12/2023", [("25/12/2023", 2023, 12, 25)]),
        ("en", "2024-07-05T10:00", [("2024-07-05", 2024, 7, 5)]),
        ("vi", "ngày 5 tháng 7 năm 2024", [("ngày 5 tháng 7 năm 2024", 2024, 7, 5)]),
        ("vi", "Sáng 21/12, hội nghị", [("21/12", None, 12, 21)]),
        ("vi", "trong tháng 7/2024", [("tháng 7/2024", 2024, 7, None)]),
        ("vi", "05/07/2024", [("05/07/2024", 2024, 7, 5)]),
        ("fr", "le 5 juillet 2024", [("5 juillet 2024", 2024, 7, 5)]),
        ("ar", "دمشق، 15 تشرين الأول 2024", [("15 تشرين الأول 2024", 2024, 10, 15)]),
        ("ar", "الرباط 3 غشت 2021", [("3 غشت 2021", 2021, 8, 3)]),
        ("ar", "الجزائر 1 جانفي 2022", [("1 جانفي 2022", 2022, 1, 1)]),
        ("fa", "کابل، ۱۲ جنوری ۲۰۲۴", [("۱۲ جنوری ۲۰۲۴", 2024, 1, 12)]),
        ("sr", "Beograd, 5. januar 2023.", [("5. januar 2023.", 2023, 1, 5)]),
        ("es", "el 12 sep 2023", [("12 sep 2023", 2023, 9, 12)]),
        ("ja", "令和6年3月5日、東京", [("令和6年3月5日", 2024, 3, 5)]),
        ("ja", "平成31年4月から令和元年まで", [("平成31年4月", 2019, 4, None), ("令和元年", 2019, None, None)]),
        ("ja", "昭和64年2月30日、明治12年、令和999年、昭和50年代、令和3年間", []),
        ("zh", "民國113年3月5日", [("民國113年3月5日", 2024, 3, 5)]),
        ("fa", "تهران، ۱۵ فروردین ۱۴۰۳", [("۱۵ فروردین ۱۴۰۳", 2024, 4, 3)]),
        ("fa", "کابل، ۵ میزان ۱۴۰۰", [("۵ میزان ۱۴۰۰", 2021, 9, 27)]),
        ("fa", "سه‌شنبه ۱۴۰۳/۰۱/۱۵", [("۱۴۰۳/۰۱/۱۵", 2024, 4, 3)]),
        ("fa", "۳۰ اسفند ۱۴۰۳", [("۳۰ اسفند ۱۴۰۳", 2025, 3, 20)]),
        ("fa", "۱۵ فروردین‌ماه ۱۴۰۳", [("۱۵ فروردین‌ماه ۱۴۰۳", 2024, 4, 3)]),
        ("fa", "۱۵ فروردين ۱۴۰۳", [("۱۵ فروردين ۱۴۰۳", 2024, 4, 3)]),
        ("fa", "۳۰ اسفند ۱۴۰۲، ۱۴۰۳ نفر، ۳ سرطان", []),  # 1402 was no leap year
        ("fa", "شمار مدارس به ۲۰ می‌رسد، ۲۰ می رسند، ۱۴۴۵/۰۹/۲۳", []),  # a verb, a day of the lunar calendar
        ("fa", "کابل، ۱۲ می ۲۰۲۴", [("۱۲ می ۲۰۲۴", 2024, 5, 12)]),
        ("es", "gana el 2 set", []),
        ("en", "The COP28 December 2023 summit", [("December 2023", 2023, 12, None)]),
        ("en", "the G7 May 2024 talks", [("May 2024", 2024, 5, None)]),
        ("tr", "G20 Haziran 2019", [("Haziran 2019", 2019, 6, None)]),
        ("ru", "саммит G20 июнь 2019", [("июнь 2019", 2019, 6, None)]),
        ("ru", "форум ВЭФ9 сентября 2023", [("сентября 2023", 2023, 9, None)]),
        ("ja", "東京2021年3月5日", [("2021年3月5日", 2021, 3, 5)]),
        ("ko", "서울2023년 12월 5일", [("2023년 12월 5일", 2023, 12, 5)]),
        ("he", "ב5 ביולי 2024", [("5 ביולי 2024", 2024, 7, 5)]),
        ("xx", "5/7/2024 or 2024", [("5/7/2024", 2024, 7, 5), ("2024", 2024, None, None)]),
    ],
)
def test_finds_dates_with_their_offsets(language, text, expected):
    assert parts(text, language) == expected


@pytest.mark.parametrize("gap", ["-", " - ", "–"])
def test_a_range_of_years_gives_both(gap):
    assert [d.year for d in find_dates(f"tempoh 2021{gap}2025;", "ms")] == [2021, 2025]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ms", "7/8 tugas biasa, 8/33 tugas, No. 01-KL/TW 18"),
        ("es", "Resolución No. 43-NQ/TW"),
        ("tr", "08-DA/TU sayılı, 5 ekim ile 12 ocak"),
        ("vi", "7/8 nhiệm vụ, Nghị quyết 12/2024/QH15"),
        ("en", "you may 5 times, 2,024 people, $2000, the 1990s, 31 February 2024"),
        ("de", "30. Februar, Nr. 05-CT/TW, drei Modelle"),
        ("pl", "43-NQ/TW, 109 modeli"),
    ],
)
def test_fractions_codes_and_counts_are_no_dates(language, text):
    assert find_dates(text, language) == []


def test_offsets_are_code_points_of_the_text_as_it_is():
    text = "İİ ığ 𝔘 21 Aralık 2023"
    (found,) = find_dates(text, "tr")
    assert text[found.start : found.end] == "21 Aralık 2023"


@pytest.mark.parametrize(
    ("stem", "language", "day"),
    [
        ("000", "ms", date(2024, 7, 5)),
        ("001", "tr", date(2023, 12, 21)),
        ("002", "es", date(2024, 1, 19)),
        ("003", "de", None),
        ("004", "pl", None),
    ],
)
def test_day_of_the_five_reports_by_their_text_alone(stem, language, day):
    (path,) = SEEDS.glob(f"{stem}_*.txt")
    assert published(path.read_text(encoding="utf-8"), language) == day


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "The council met in 2024.", None),
        ("en", "The council met in the library that Ada Holm founded on 3 June 1902.", None),
        ("en", "3 June 1902. The council met.", date(1902, 6, 3)),
        ("en", "On 5 July the council met.", None),
        ("tr", "5 Temmuz 2023 tarihli 08-DA/TU uygulandı. 6 Mart 2024 günü toplandı.", date(2024, 3, 6)),
        ("vi", "Sáng 19/1, hội nghị triển khai chương trình năm 2024.", date(2024, 1, 19)),
        ("de", "Am 3. März tagte der Ausschuss über den Plan 2021-2025 und das Jahr 2024.", date(2024, 3, 3)),
        ("te", "జమ్మిదుర్తి, ఏప్రిల్ 30, 2024. దిగుబడి తగ్గింది.", date(2024, 4, 30)),
        ("ru", "Паром встанет на линию 1 июня. Старый построен в 1979 году.", None),
        ("zh", "10月27日公布结果。规划到2075年。", None),
        ("pl", "Zebranie odbyło się 30 grudnia. Podsumowano 2023 rok i plan na 2024 rok.", date(2023, 12, 30)),
        ("zh", "会议召开了。雨下了。“风停了。”桥于2024年7月5日开放。", None),
        ("ja", "雨が降った！風が吹いた？橋は閉じた。2024年7月5日に開く。", None),
        ("hi", "बारिश हुई। हवा चली। पुल बंद है। 5 जुलाई 2024 को खुला।", None),
        ("zh", "会议召开了。桥于2024年7月5日开放。", date(2024, 7, 5)),
        ("es", "Uno. Dos y tres.\nTres es así.\nCuatro es así.\nEl 5 de julio de 2024 llovió.", None),
    ],
)
def test_year_comes_from_the_sentence_or_the_text(language, text, day):
    assert published(text, language) == day


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/x/d20240705153551198.htm", date(2024, 7, 5)),
        ("https://a.example/2024/07/05/x", date(2024, 7, 5)),
        ("https://a.example/x-2024-07-05.html", date(2024, 7, 5)),
        ("https://a.example/20240705", date(2024, 7, 5)),
        ("https://a.example/120240705", None),
        ("https://a.example/20241345", None),
        (None, None),
    ],
)
def test_day_in_an_address(url, day):
    assert url_date(url) == day

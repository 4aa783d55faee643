"""Text as people have it, and how it is read; what is quoted is the text as it stands."""

import random

import pytest

from rag.models import Article
from rag.sources import blocks, header_of_row, reading_parts, reading_view, sentences


def article(text, language="en"):
    return Article("r", text, "", language, None, (), (), None, "0" * 64, len(text))


def read(text, language="en"):
    return [block.view.text for block in blocks(article(text, language))]


WRAPPED = """Ferry halved

The council said on Tuesday that the morning ferry, which has
carried 1,350 commuters since 1987, sails every second hour.
"We were told on Friday evening, by e-mail," said the mayor,
who asks for 4.2 million kroner.

A vote is due on
3 December."""


def test_wrapped_lines_are_one_paragraph_and_headings_stay_apart():
    assert read(WRAPPED) == [
        "Ferry halved",
        "The council said on Tuesday that the morning ferry, which has carried 1,350 commuters since 1987, sails every "
        'second hour. "We were told on Friday evening, by e-mail," said the mayor, who asks for 4.2 million kroner.',
        "A vote is due on",
        "3 December.",
    ]


class Searched(str):
    """A text in which nothing is looked for: each look is at all of it."""

    __slots__ = ()

    def __contains__(self, part):
        raise AssertionError(f"looked for {part}")


def test_a_texts_hyphenated_words_are_collected_once():
    text = Searched("An old socio-economic plan, and a new (socio-\neconomic) one, is to be made un-\ntil May.\n" * 3)
    assert "(socio-economic) one, is to be made until May" in read(text)[0]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        (
            "en",
            "Its socio-economics are old. A new socio-\neconomic plan is to be made in May.",
            "new socio-economic plan",
        ),
        (
            "de",
            "Der Rat hat am Dienstag die Ab-\nfallgebühren um 11,5 Prozent er-\nhöht.",
            "Abfallgebühren um 11,5 Prozent erhöht",
        ),
        (
            "de",
            "Das Geld für die Kinder-\nund Jugendhilfe reicht nicht für das\nganze Jahr aus.",
            "Kinder- und Jugendhilfe",
        ),
        ("de", "Die Minister von Baden-\nWürttemberg und Bayern kamen nach\nBerlin.", "Baden-Württemberg"),
        (
            "en",
            "The socio-economic plan is old. A new socio-\neconomic plan is to be made by the end of\nthe year.",
            "new socio-economic plan",
        ),
        ("pl", "Rada gminy podniosła w tym roku opła-\nty za wywóz śmieci o jedną piątą.", "opłaty za wywóz"),
        ("fr", "Le conseil municipal a voté une aug-\nmentation de la taxe.", "augmentation de la taxe"),
        (
            "es",
            "El ayunta\u00admiento aprobó el presu\u00ad\npuesto de este año por una gran mayoría.",
            "ayuntamiento aprobó el presupuesto de",
        ),
    ],
)
def test_a_hyphen_at_a_lines_end_goes_unless_it_is_the_words_own(language, text, wanted):
    (only,) = read(text, language)
    assert wanted in only


def test_paragraphs_that_begin_with_ideographic_blanks_are_wrapped_too():
    text = """\u3000\u3000第一医院的十二台送药机器人上岗一个
月，每天往返药房470趟，机器人由本地企业
“蜗行科技”制造。
\u3000\u3000护理部主任说，最初几天机器人总在电
梯口堵成一团。
\u3000\u3000市第二医院也想引进，但楼道太窄，正
在测量。"""
    assert read(text, "zh") == [
        "第一医院的十二台送药机器人上岗一个月，每天往返药房470趟，机器人由本地企业“蜗行科技”制造。",
        "护理部主任说，最初几天机器人总在电梯口堵成一团。",
        "市第二医院也想引进，但楼道太窄，正在测量。",
    ]


def test_quoted_mail_is_read_without_its_marks_and_apart_from_the_answer():
    text = (
        "From: desk@example.org\nSubject: the bridge\n\n"
        "> The bridge at Kolno will be closed for nine months, not six.\n"
        "> The contractor is Budmost, and the price is 61 million zlotys, as\n> the mayor said.\n"
        ">> Is it closed?\n\nConfirmed."
    )
    assert read(text) == [
        "From: desk@example.org",
        "Subject: the bridge",
        "The bridge at Kolno will be closed for nine months, not six. The contractor is Budmost, and the price is 61 "
        "million zlotys, as the mayor said.",
        "Is it closed?",
        "Confirmed.",
    ]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        (
            "ja",
            "市議会は火曜日、市立図書館を駅前に移すことを決め、費\n用は十八億円になると発表した。二〇二六年四月に開館す\nる予定だ。",
            1,
        ),
        (
            "zh",
            "市议会星期二决定把市图书馆迁到车站前，并宣布费用为\n十八亿元。图书馆将于明年四月开馆，藏书将达三十二万册\n。",
            1,
        ),
        (
            "ar",
            "قال المجلس يوم الثلاثاء إن العبارة الصباحية التي\n"
            "تنقل الركاب منذ عام 1987 ستبحر كل ساعتين فقط ابتداء\nمن يوم الاثنين.",
            1,
        ),
        (
            "ru",
            "Совет острова сообщил во вторник, что утренний паром,\n"
            "который перевозит пассажиров с 1987 года, будет ходить\nтолько раз в два часа.",
            1,
        ),
        (
            "hi",
            "परिषद ने मंगलवार को कहा कि सुबह की नौका जो 1987 से\nयात्रियों को ले जाती है अब हर दूसरे घंटे ही चलेगी\nसोमवार से।",
            1,
        ),
        ("en", "The council met.\nIt kept the library open on Saturdays and on Sundays too.\nNobody voted against.", 3),
        ("en", "- dredge the basin\n- renew 14 cranes\n- train 60 pilots for the new\n  harbour", 3),
        ("en", "1. Opening\n2. The report of the treasurer\n3. Votes", 3),
    ],
)
def test_what_is_one_block_in_each_script(language, text, wanted):
    found = read(text, language)
    assert len(found) == wanted and not any("\n" in one for one in found)
    if language in ("ja", "zh"):
        assert found == [text.replace("\n", "")]


def test_a_sentence_runs_over_the_cues_of_subtitles():
    text = (
        "1\n00:00:01,000 --> 00:00:03,000\nThe bridge at Kolno\n\n2\n00:00:03,500 --> 00:00:05,000\nwill be closed "
        "for\nnine months.\n\n3\n00:00:06,000 --> 00:00:07,000\nThe mayor agreed.\n"
    )
    assert read(text) == ["The bridge at Kolno will be closed for nine months. The mayor agreed."]
    first, second = sentences(article(text))
    assert text[first.start : first.end] == first.text and first.text.endswith("nine months.")
    assert second.text == "The mayor agreed."


TABLES = {
    "markdown": "| crop | 2022 | 2023 |\n| --- | ---: | ---: |\n| Wheat | 1 250 | 1 410 |\n| Rye | 88 | 102 |",
    "markdown without edges": "crop | 2022 | 2023\n--- | --- | ---\nWheat | 1 250 | 1 410\nRye | 88 | 102",
    "tabs": "crop\t2022\t2023\nWheat\t1 250\t1 410\nRye\t88\t102",
    "semicolons": "crop;2022;2023\nWheat;1 250;1 410\nRye;88;102",
    "commas": "crop,2022,2023\nWheat,1250,1410\nRye,88,102",
    "quoted": 'crop,2022,2023\n"Wheat",1250,1410\n"Rye",88,102',
    "blanks": "crop      2022    2023\nWheat    1 250   1 410\nRye         88     102",
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_row_is_read_with_its_headings_and_quoted_as_it_stands(kind):
    report = article(f"Harvest of the valley\n\n{TABLES[kind]}\n\nThe figures are of the chamber.")
    texts = read(report.text)
    assert texts[0] == "Harvest of the valley" and texts[-1] == "The figures are of the chamber."
    assert (
        texts[2].replace("1 250", "1250").replace("1 410", "1410")
        == "crop: Wheat, 2022: 1250; crop: Wheat, 2023: 1410."
    )
    row = next(passage for passage in sentences(report) if "Rye" in passage.text)
    view = reading_view(report, row.start, row.end)
    assert report.text[slice(*view.place(0, view.text.index("88") + 2))].endswith("88")
    at = view.text.index("102")
    start, end = view.place(at, at + 3)
    assert report.text[start:end] == "102" and row.start <= start < end <= row.end
    header = header_of_row(report, start, end)
    assert report.text[slice(*header)].startswith(("crop", "| crop"))
    assert header_of_row(report, 0, 7) is None


def test_rows_without_a_heading_borrow_none():
    assert read("Wheat\t1250\nRye\t88") == ["Wheat; 1250", "Rye; 88"]
    assert read("name\ttown\nIda\tOrre") == ["name; town", "Ida; Orre"]


@pytest.mark.parametrize(
    "text",
    [
        "The mayor said, as he had before, that nothing would change, and left, at last, for home.\n"
        "Nobody asked, and nobody answered, that day, in the hall, of course, or later, at night.\n"
        "It was late, and dark, and cold, and the ferry, the last one, had left, without them.",
        "A | B is one of two ways to write it.",
    ],
)
def test_prose_is_no_table(text):
    assert not any(block.row for block in blocks(article(text)))


WORDS = [
    "Rat",
    "ferry",
    "1,350",
    "мост",
    "橋",
    "ا",
    "co-op",
    "Ab-",
    ">",
    "|",
    "\t",
    "--",
    "2024.",
    "\n",
    "\n\n",
    "\u00ad",
    "\0",
    ";",
]


@pytest.mark.parametrize("seed", range(60))
def test_every_character_that_is_read_stands_in_the_report(seed):
    rng = random.Random(seed)
    text = "".join(rng.choice(WORDS) + rng.choice(["", " ", " ", "\n"]) for _ in range(rng.randrange(1, 120)))
    report = article(text, rng.choice(["en", "de", "ja", "und"]))
    found = blocks(report)
    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False))
    for block in found:
        for piece in block.view.pieces:
            assert block.view.text[piece.at : piece.at + piece.length] == text[piece.start : piece.start + piece.length]
    said = "".join(char for block in found for char in text[block.start : block.end] if char.isalnum())
    assert said == "".join(filter(str.isalnum, text))
    start = rng.randrange(len(text))
    end = rng.randrange(start, len(text)) + 1
    view = reading_view(report, start, end)
    for piece in view.pieces:
        assert view.text[piece.at : piece.at + piece.length] == text[piece.start : piece.start + piece.length]
        assert piece.borrowed or start <= piece.start < piece.start + piece.length <= end
    for passage in sentences(report):
        assert text[passage.start : passage.end] == passage.text


def test_figures_of_full_width_are_read_in_ascii_and_quoted_as_they_are():
    report = article("船には１，３７６人が乗り、ＰＴＡの８．５％が反対した。", "ja")
    (found,) = blocks(report)
    assert found.view.text == "船には1,376人が乗り、PTAの8.5%が反対した。"
    at = found.view.text.index("1,376")
    assert report.text[slice(*found.view.place(at, at + 5))] == "１，３７６"


def test_each_row_is_read_by_itself_and_the_headings_only_with_their_rows():
    report = article(f"Harvest\n\n{TABLES['tabs']}\n\nThe figures are old.\n\nNobody asked.")
    parts = [view.text for view in reading_parts(report, 0, len(report.text))]
    assert parts[0] == "Harvest" and parts[-1] == "The figures are old.\nNobody asked."
    assert parts[1:-1] == [
        "crop: Wheat, 2022: 1 250; crop: Wheat, 2023: 1 410.",
        "crop: Rye, 2022: 88; crop: Rye, 2023: 102.",
    ]


@pytest.mark.parametrize(
    ("text", "read", "place"),
    [
        ("It carried 5\u200b0\u20600 people.", "It carried 500 people.", "5\u200b0\u20600"),
        ("It carried 500\U000e0049\U000e0020\U000e0039 people.", "It carried 500 people.", "500"),
        ("It carried \ufeff500 people.", "It carried 500 people.", "500"),
    ],
)
def test_marks_that_nobody_sees_are_not_read_and_the_quote_has_them(text, read, place):
    report = article(text)
    (found,) = blocks(report)
    assert found.view.text == read
    at = read.index("500")
    assert report.text[slice(*found.view.place(at, at + 3))] == place

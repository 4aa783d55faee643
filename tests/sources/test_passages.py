from __future__ import annotations

import random
import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from places import SEEDS

from rag.models import Article, Passage
from rag.sources.passages import HARD, HEADER, SHORT, STRETCH, embedding_text, sentences, windows

LANGUAGES = {"000": "ms", "001": "tr", "002": "es", "003": "de", "004": "pl"}

# "|" stands where a sentence must end, and the only places where one may.
GOLDEN = {
    "ms": [
        'Laksanakan Kesimpulan No. 01-KL/TW 18 bertarikh 2 Mei 2018.|Arahan No. 05-CT/TW "Tentang" siap.|Dr. Ali tiba.',
        "Massa...|Pada masa yang sama, mereka pulang.|Buku, pena dsb.|Ini baru.",
        "Encik Ali b. Abu hadir pada jam 9.30 pagi.|Dato. Seri Hamzah dan Hj. Salleh hadir.|Jumlahnya 1.234 orang.",
    ],
    "de": [
        "Die Gebr. Weiss bauen sie.|Der Rat zahlt.",
        "Nr. 5 ist gut.|Er kam am 3. März.|Dr. Müller sagt bzw. meint S. 12 des Buchs.|„Das ist gut.“|Danach ging er.",
        "Im 19. Jahrhundert war es so.|Das war im Jahr 2023.|Danach kam er z. B. nach Bonn.",
        "Foto: L.Thi",
        "J. K. Rowling kam.|Es waren 1.234 Leute usw.|Danach war Schluss.",
        "„Das ist gut.“, sagte er.|„Ist das gut?“ fragte er.|Dann kam der 13. Parteitag und der XIII. Parteitag.",
        "Das Ergebnis stieg auf 12.|Danach fiel es.",
    ],
    "pl": [
        "Podsumowano rok w 2023 r. oraz plan.|Art. 3 mówi to.|Było to w 2023 r.|Potem przyszedł.",
        "Byli tam dr hab. Nowak, prof. Kowalski m.in. z ul. Długiej 3.|Koniec.",
        "Kultury, obrony itp.|Koordynować działania.|Np. Jan i tj. nowe.|Źle.|Łódź.",
        "W. Szymborska i R. Kowalski.|Oni „idą. Tak.”|Potem nic.",
        "Podczas 13. Zjazdu był na 3. miejscu.|Żółw też.",
    ],
    "tr": [
        "5. madde açık.|Dr. Ahmet geldi.|İl Komitesi geldi.|Şimdi T.C. Anayasası m. 5 var.|Prof. Dr. Ali ve Av. Su.",
        "No. 5 vb. şeyler.|İşte.|Çok iyi.|Ürün yok.",
        "Partinin 13. Olağan Toplantısı bitti.|Kitap, kalem vb.|Bunlar yeni.",
        "2023'teki iş bitti.|2024'teki 5 Temmuz 2023 tarihli 08-DA/TU sayılı Proje başladı.",
    ],
    "es": [
        "Resolución No. 43-NQ/TW del XIII Comité.|El Sr. García vino a nivel de base....|Los delegados.",
        "EE. UU. firmó el Art. 3.|¿Qué?|¡Sí!|Vea la pág. 12.|Ud. sabe.|La Dra. Ruiz compró el núm. 5.",
        "«Es bueno.»|Luego vino.|Íñigo salió el 19 de enero.",
    ],
    "en": [
        'Dr. Smith met J. K. Rowling in the U.S. Senate.|"It is good."|Then he left.|No. 5 came.|See p. 12 e.g. this.',
        "It cost $1.5 million.|He left at 5 p.m. on Monday.|Fig. 3 shows it.|Mr. X said so...|And then.",
        "He said no.|Then he left for St. Louis, etc.|There he stayed.",
        'She wrote: "I came. I saw." and left.',
    ],
    "vi": [
        "TP. Hồ Chí Minh là lớn.|Họ đến ngày 3.|Tháng sau họ về.|PGS.TS. Nguyễn Đức và Ths. Lê.",
        "Nghị quyết số 43-NQ/TW.|Tp. Hà Nội có Q. 1 và P. 2.|Sách, bút v.v.|Rồi họ đi…|Và rồi.|Có 1.234 người.",
        "Đỗ Việt Anh nói.|Ông đến lúc 15.30.|Ở đó.",
    ],
    "da": ["Firmaet Brdr. Toftegaard vandt.|Chr. Hansen kom.|Sct. Mortens Kirke."],
    "nb": ["Den kom fra Brdr. Dahl i Oslo.|Så kom Chr. Berg."],
    "it": ["La ditta Flli. Rovagnati vince.|Il Comune paga."],
    "fr": ["Les Éts. Durand la bâtissent.|La mairie paie."],
    "ru": ["Её строит фирма Бр. Орловы.|Платит город."],
}


def article(text: str, language: str = "en", **facts: object) -> Article:
    held: dict[str, object] = {"title": "", "published": None, "places": (), "body_end": len(text), **facts}
    return Article(id="r", text=text, language=language, authors=(), source_url=None, sha256="", **held)  # type: ignore[arg-type]


def seed(number: str) -> Article:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    return article(unicodedata.normalize("NFC", path.read_text("utf-8")), LANGUAGES[number])


def texts(passages: list[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def check(report: Article, passages: list[Passage]) -> None:
    for passage in passages:
        assert report.text[passage.start : passage.end] == passage.text
        assert passage.text and passage.text == passage.text.strip()
        assert passage.end <= report.body_end


@pytest.mark.parametrize(("language", "marked"), [(code, line) for code, lines in GOLDEN.items() for line in lines])
def test_sentence_ends(language: str, marked: str) -> None:
    assert texts(sentences(article(marked.replace("|", " "), language))) == marked.split("|")


@pytest.mark.parametrize("tag", ["de-AT", "DE", "de_DE"])
def test_a_region_does_not_change_the_language(tag: str) -> None:
    assert texts(sentences(article("Er kam am 3. März. Sie kam bzw. ging.", tag))) == [
        "Er kam am 3. März.",
        "Sie kam bzw. ging.",
    ]


def test_an_unknown_language_knows_the_titles_of_all() -> None:
    got = texts(sentences(article("TP. Hồ Chí Minh. Sr. García, no. 5. Ślad.", "und")))
    assert got == ["TP. Hồ Chí Minh.", "Sr. García, no. 5.", "Ślad."]


@pytest.mark.parametrize("number", LANGUAGES)
def test_the_reports_are_covered_exactly(number: str) -> None:
    report = seed(number)
    found = sentences(report)
    check(report, found)
    assert_covered(report, found)
    assert max(len(passage.text) for passage in found) < 700


def assert_covered(report: Article, found: list[Passage]) -> None:
    at = 0
    for passage in found:
        assert passage.start >= at, "sentences overlap or are out of order"
        assert not any(c.isalnum() for c in report.text[at : passage.start])
        at = passage.end
    assert not any(c.isalnum() for c in report.text[at : report.body_end])


def test_what_a_long_row_only_repeats_is_no_passage() -> None:
    notes = [f"{word} " * 90 + "." for word in ("kwota", "сумма", "金額", "sum", "مبلغ")]
    text = "| Powiat: dane | " + " | ".join(f"Rok {number}" for number in range(5)) + " |\n|" + " --- |" * 6
    text += "\n| Żary: wieś; miasto | " + " | ".join(notes) + " |\n"
    report = article(text, "pl")
    found = sentences(report)
    check(report, found)
    assert_covered(report, found)
    assert all(passage.start >= text.index("Żary") for passage in found[1:])


def test_a_fact_of_the_reports_is_one_sentence() -> None:
    (models,) = [text for text in texts(sentences(seed("004"))) if "109 modeli" in text]
    assert models.startswith("Do tej pory") and models.endswith("politycznego.")
    assert "społeczno-gospodarczego , utrzymania" in models
    (types,) = [text for text in texts(sentences(seed("003"))) if "29 Modellen" in text]
    assert types.startswith("Bis 2024") and types.endswith(
        "drei Modelle für die nationale Verteidigung und Sicherheit."
    )
    (sum_up,) = [text for text in texts(sentences(seed("004"))) if "w 2023 r. oraz" in text]
    assert sum_up.endswith("na 2024 r.")


def test_a_long_list_is_cut_into_clauses() -> None:
    found = texts(sentences(seed("002")))
    assert any(text.startswith("En la conferencia") and text.endswith("9 tareas clave:") for text in found)
    (resolution,) = [text for text in found if "No. 43-NQ/TW del XIII Comité" in text]
    assert resolution.startswith("Asesorar sobre la emisión") and resolution.endswith("próspero y feliz;")
    malay = texts(sentences(seed("000")))
    assert any(text.startswith("isu berkaitan penggabungan") for text in malay)
    (book,) = [text for text in malay if "100 model mobilisasi" in text]
    assert '"100 model mobilisasi massa mahir tipikal wilayah Ninh Binh , tempoh 2021 - 2025"' in book


def test_a_short_list_stays_whole() -> None:
    chairs = [text for text in texts(sentences(seed("001"))) if text.startswith("Yoldaşlar: Nguyen Tien Thanh")]
    assert len(chairs) == 2
    assert all(text.endswith("konferansa başkanlık etti.") for text in chairs)


def test_clauses_are_never_cut_inside_quotes_or_brackets_nor_too_short() -> None:
    inner = "uno; dos; tres y muchas cosas más que se dijeron; y otras"
    text = f'Se habló así: {"palabras " * 30}(entre paréntesis: {inner}); "{inner}"; ya; {"fin " * 40}; «{inner}».'
    found = texts(sentences(article(text, "es")))
    assert len(found) > 2
    assert sum(inner in text for text in found) >= 2
    assert min(map(len, found)) >= SHORT
    assert f"(entre paréntesis: {inner});" in found[0] or f"(entre paréntesis: {inner});" in found[1]


@pytest.mark.parametrize(
    "marked",
    [
        "HALVIK, 3 March 2021 - The ferry sails.|It is full.",
        "PARIS (Reuters) — The ferry sails.|It is full.",
        "CASTELBRANDO. Il ponte chiude.|Resta chiuso.",
        "ВЕРХНИЙ ЯР. Мост закрыт.|Он стар.",
    ],
)
def test_a_dateline_belongs_to_the_sentence_behind_it(marked: str) -> None:
    said = marked.replace("|", " ")
    assert texts(sentences(article(said))) == marked.split("|")


def test_a_dateline_stays_alone_without_a_sentence_and_before_one_too_long() -> None:
    assert texts(sentences(article("HALVIK, 3 March 2021 - ***\n\nThe ferry sails."))) == [
        "HALVIK, 3 March 2021 -",
        "The ferry sails.",
    ]
    assert max(map(len, texts(sentences(article("HALVIK, 3 March 2021 - " + "Word " * 400))))) <= HARD


def test_paragraphs_end_sentences_and_furniture_is_no_evidence() -> None:
    text = "Foto: L.Thi\r\nDas ist\u2028gut.\n\n***\n🎉🎉\nQuelle: https://example.org/1.htm"
    report = article(text, "de", body_end=text.index("Quelle"))
    assert texts(sentences(report)) == ["Foto: L.Thi", "Das ist\u2028gut."]
    assert "Quelle" not in windows(report, aim=900)[-1].text


@pytest.mark.parametrize("text", ["", "   \n\t\n", "...", "🎉"])
def test_nothing_to_say(text: str) -> None:
    assert sentences(article(text)) == []
    assert windows(article(text), aim=900) == []


@pytest.mark.parametrize(
    "unit", ["kelime ve başka söz ", "x", "字", "e\u0301\u0300", '("', "„a ", "a; ", "A. ", "Tak itp. ", "« "]
)
def test_text_without_an_end_is_cut_and_stays_exact(unit: str) -> None:
    report = article(unit * (60_000 // len(unit)), "tr")
    found = sentences(report)
    check(report, found)
    assert_covered(report, found)
    assert len(found) >= (60 if any(c.isalnum() for c in unit) else 0)
    assert all(len(passage.text) <= HARD for passage in found)
    assert not any(unicodedata.combining(passage.text[0]) for passage in found)
    if unit.startswith("kelime"):
        assert {passage.text.split()[0] for passage in found} <= {"kelime", "ve", "başka", "söz"}
        assert min(len(passage.text) for passage in found) >= SHORT


def test_long_text_takes_the_same_cuts_as_short_text() -> None:
    unit = "Er kam am 3. März. „Das ist gut.“ Danach ging er bzw. lief mit Dr. Müller. "
    found = texts(sentences(article(unit * 1000, "de")))
    assert len(found) == 3000
    assert set(found) == {"Er kam am 3. März.", "„Das ist gut.“", "Danach ging er bzw. lief mit Dr. Müller."}


@pytest.mark.parametrize("blank", [char for char in map(chr, range(128, 0x3001)) if char.isspace()])
def test_a_wide_blank_before_a_full_stop_stops_nothing(blank: str) -> None:
    """sentencex panics there."""
    for text in (
        f"T{blank}. Later it was Tuesday.",
        f"Dr.{blank}T{blank}{blank}.-b It was Tuesday.",
        f"Non{blank}! Oui{blank}?",
    ):
        for language in ("en", "fr", "ru", "zh"):
            report = article(text, language)
            found = sentences(report)
            check(report, found)
            assert found


@pytest.mark.parametrize("chance", range(12))
def test_random_texts(chance: int) -> None:
    draw = random.Random(chance)
    pieces = [piece for lines in GOLDEN.values() for line in lines for piece in line.split("|")]
    odd = [
        "😀",
        "e\u0301",
        "\n",
        "\n\n",
        "  ",
        "(",
        "„",
        '"',
        "”",
        "\0",
        "a; b: c",
        "\u202f",
        "İ",
        "…",
        "...",
        "。",
        "1.234",
    ]
    text = "".join(draw.choice(pieces) + draw.choice([" ", " ", " ", *odd]) for _ in range(120))
    report = article(text, draw.choice([*GOLDEN, "und", "zh", "xx-unknown"]), body_end=draw.randrange(len(text)))
    found = sentences(report)
    check(report, found)
    assert_covered(report, found)
    for aim in (100, 900):
        seen = windows(report, aim=aim)
        check(report, seen)
        assert all(any(w.start <= s.start and s.end <= w.end for w in seen) for s in found)
        assert {w.start for w in seen} <= {s.start for s in found} and {w.end for w in seen} <= {s.end for s in found}
        assert seen == sorted(seen, key=lambda w: w.start) and len({w.end for w in seen}) == len(seen)
        longest = max((len(s.text) for s in found), default=0)
        assert all(len(w.text) <= max(STRETCH * aim, aim + 2 * longest) for w in seen)


def sentence(n: int, length: int = 100) -> str:
    return f"Satz {n} " + "a" * (length - len(f"Satz {n} ") - 1) + "."


def test_a_paragraph_of_usual_size_is_one_window() -> None:
    paragraphs = [" ".join(sentence(10 * p + s) for s in range(n)) for p, n in enumerate([7, 9, 11, 8])]
    assert texts(windows(article("\n".join(paragraphs), "de"), aim=900)) == paragraphs


def test_short_paragraphs_are_joined() -> None:
    text = "\n".join(sentence(n, 200) for n in range(8))
    found = windows(article(text, "de"), aim=900)
    assert [passage.text.count("\n") for passage in found] == [3, 3]
    assert found[0].end < found[1].start


def test_a_heading_or_a_last_line_does_not_stand_alone() -> None:
    body = " ".join(sentence(n) for n in range(9))
    assert texts(windows(article(f"Titel\n{body}\nFoto: L.Thi", "de"), aim=900)) == [f"Titel\n{body}\nFoto: L.Thi"]


def test_a_long_paragraph_is_cut_evenly_with_one_sentence_twice() -> None:
    report = article(" ".join(sentence(n) for n in range(20)), "de")
    found = windows(report, aim=900)
    assert len(found) == 3
    parts = sentences(report)
    shared = [
        [s for s in parts if s.start >= b.start and s.end <= a.end] for a, b in zip(found, found[1:], strict=False)
    ]
    assert [len(both) for both in shared] == [1, 1]
    sizes = [len(passage.text) for passage in found]
    assert min(sizes) > 500 and max(sizes) < 900
    assert all(passage.kind == "window" for passage in found)


def test_ids_tell_kinds_apart() -> None:
    report = article("Ein Satz.", "de")
    assert sentences(report)[0].id == "r:0-9:s"
    assert windows(report, aim=900)[0].id == "r:0-9:w"


def test_the_header_carries_place_date_and_title() -> None:
    report = article(
        "Erster Satz. Zweiter\0 Satz.",
        "de",
        title="Eine Konferenz\nin der Provinz",
        places=("Ninh Binh", "Hanoi"),
        published=date(2024, 7, 5),
    )
    second = sentences(report)[1]
    window = Passage("r", second.start, second.end, second.text, "window")
    assert embedding_text(report, window) == "Ninh Binh, 2024-07-05. Eine Konferenz in der Provinz. Zweiter Satz."
    # A sentence goes without the title.
    assert embedding_text(report, second) == "Ninh Binh, 2024-07-05. Zweiter Satz."


def test_the_header_is_short_and_does_not_repeat_the_passage() -> None:
    first = "Pada petang 5 Julai " + "mengadakan persidangan " * 10 + "hari ini."
    report = article(f"{first} Lain.", "ms", title=first[:150].rsplit(" ", 1)[0] + "…", places=("Bandar " * 30,))
    lead, other = (replace(sentence, kind="window") for sentence in sentences(report))
    assert embedding_text(report, lead).count("petang") == 1
    header = embedding_text(report, other).removesuffix(other.text)
    assert "Pada petang 5 Julai" in header and len(header) <= HEADER + 2
    assert embedding_text(article("Lain."), sentences(article("Lain."))[0]) == "Lain."

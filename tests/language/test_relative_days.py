"""Relative days in 24 languages: resolved where they are certain, left alone where they are not."""

from __future__ import annotations

from datetime import date

import pytest

from rag.language import relative_days

THURSDAY = date(2024, 7, 4)
YESTERDAY, TOMORROW, TUESDAY = date(2024, 7, 3), date(2024, 7, 5), date(2024, 7, 2)
FRIDAY, SATURDAY = date(2024, 6, 28), date(2024, 6, 29)

# Language, sentence, the words that are a day, and which.
RESOLVED = [
    ("en", "The council met yesterday in Łódź.", "yesterday", YESTERDAY),
    ("en", "The council met on Tuesday.", "Tuesday", TUESDAY),
    ("en", "The harbour was closed the day before yesterday.", "day before yesterday", TUESDAY),
    ("de", "Das Museum wurde gestern eröffnet.", "gestern", YESTERDAY),
    ("de", "Vorgestern brannte die Mühle.", "Vorgestern", TUESDAY),
    ("de", "Am Dienstag wurden 29 Höfe gezählt.", "Dienstag", TUESDAY),
    ("es", "Ayer llovió en Ávila.", "Ayer", YESTERDAY),
    ("es", "El martes se firmó el acuerdo en León.", "martes", TUESDAY),
    ("fr", "Le pont a été fermé mardi.", "mardi", TUESDAY),
    ("fr", "Hier, la mairie a rouvert.", "Hier", YESTERDAY),
    ("it", "Il ponte è stato chiuso martedì.", "martedì", TUESDAY),
    ("pt", "A ponte foi fechada na terça-feira.", "terça-feira", TUESDAY),
    ("pt", "Ontem choveu.", "Ontem", YESTERDAY),
    ("nl", "De brug werd dinsdag gesloten.", "dinsdag", TUESDAY),
    ("sv", "Bron stängdes i går.", "i går", YESTERDAY),
    ("pl", "We wtorek zamknięto i otworzyli most.", "wtorek", TUESDAY),
    ("pl", "Wczoraj zamknięto most.", "Wczoraj", YESTERDAY),
    ("cs", "Včera zavřeli most.", "Včera", YESTERDAY),
    ("ru", "Во вторник мост закрыли.", "вторник", TUESDAY),
    ("ru", "В пятницу мост закрыли.", "пятницу", FRIDAY),
    ("ru", "Вчера мост закрыли.", "Вчера", YESTERDAY),
    ("uk", "У вівторок міст закрили.", "вівторок", TUESDAY),
    ("uk", "У суботу міст закрили.", "суботу", SATURDAY),
    ("tr", "Köprü dün kapandı.", "dün", YESTERDAY),
    ("tr", "Köprü salı günü kapandı.", "salı", TUESDAY),
    ("vi", "Hôm qua, cầu đã đóng.", "Hôm qua", YESTERDAY),
    ("vi", "Cầu sẽ mở vào ngày mai.", "ngày mai", TOMORROW),
    ("ms", "Jambatan itu telah ditutup pada Selasa.", "Selasa", TUESDAY),
    ("id", "Jembatan itu akan dibuka besok.", "besok", TOMORROW),
    ("id", "Jembatan itu telah ditutup pada Selasa.", "Selasa", TUESDAY),
    ("zh", "昨天大桥关闭了。", "昨天", YESTERDAY),
    ("zh", "大桥星期二关闭了。", "星期二", TUESDAY),
    ("ja", "橋は昨日閉鎖された。", "昨日", YESTERDAY),
    ("ja", "一昨日、橋が閉鎖された。", "一昨日", TUESDAY),
    ("ko", "다리는 어제 폐쇄됐다.", "어제", YESTERDAY),
    ("ko", "다리는 화요일에 폐쇄됐다.", "화요일", TUESDAY),
    ("ar", "أغلق الجسر أمس.", "أمس", YESTERDAY),
    ("fa", "پل دیروز بسته شد.", "دیروز", YESTERDAY),
    ("he", "הגשר נסגר אתמול.", "אתמול", YESTERDAY),
    ("hi", "पुल मंगलवार को बंद किया गया।", "मंगलवार", TUESDAY),
    ("th", "สะพานปิดเมื่อวาน", "เมื่อวาน", YESTERDAY),
    ("el", "Η γέφυρα έκλεισε χθες.", "χθες", YESTERDAY),
    ("ro", "Podul a fost închis ieri.", "ieri", YESTERDAY),
]
# Nothing is certain here.
LEFT_ALONE = [
    ("en", "The council will meet on Tuesday."),
    ("en", "The council meets on Tuesday."),
    ("en", "The council met next Tuesday's deadline."),
    ("en", "The shop was open on Tuesdays."),
    ("en", "The talks held from Monday to Tuesday failed."),
    ("en", "The talks were held on Tuesday, 5 March."),
    ("en", "The meeting, scheduled for Tuesday, was called off."),
    ("en", "Man Friday said nothing was wrong until Friday."),
    ("de", "Am Dienstag tagt der Rat."),
    ("de", "Am nächsten Dienstag war nichts mehr übrig."),
    ("de", "Am Morgen brannte die Mühle, guten Morgen."),
    ("es", "El martes se reúne el consejo."),
    ("es", "Llovió por la mañana."),
    ("es", "La cumbre se celebró en Santo Domingo."),
    ("ru", "Завод загрязнял окружающую среду."),
    ("id", "Jembatan itu telah ditutup selama tiga minggu."),
    ("fr", "La réunion est prévue mardi."),
    ("it", "Martedì si vota."),
    ("pl", "We wtorek zbierze się rada."),
    ("ru", "Заседание пройдёт во вторник."),
    ("tr", "Meclis salı günü toplanacak."),
    ("tr", "Geçen gün pazarda gördüm."),
    ("vi", "Đây là lần thứ ba trong năm."),
    ("ms", "Mesyuarat akan diadakan pada Selasa."),
    ("ja", "会議は火曜日に開かれる予定だった。"),
    ("ar", "عقد المجلس اجتماعا في اليوم الثاني."),
    ("he", "ביום השלישי נסגר הגשר והיום הוא פתוח."),
    ("hi", "पुल कल बंद है।"),
    ("hi", "परसों पुल बंद था।"),
    ("th", "สะพานปิดเมื่อวานซืน"),
    ("fa", "پل سه شنبه بسته شد."),
    ("en", "USA Today polled them; the bridge is still in use today."),
    ("de", "Das heutige Mumbai heißt heute so."),
    ("hi", "आज़ादी और कलयुग।"),
    ("id", "Acara berakhir pada hari Senin kemarin."),
    ("en", "It was closed yesterday, 3 July 2024."),
    ("sw", "Daraja lilifungwa Jumanne."),
    ("zxx", "12 34"),
]


@pytest.mark.parametrize(("language", "text", "words", "day"), RESOLVED, ids=[f"{a}-{c}" for a, _, c, _ in RESOLVED])
def test_a_relative_day_is_found_where_it_stands(language, text, words, day):
    found = relative_days(text, language, THURSDAY)
    assert [(text[one.start : one.end], one.day) for one in found] == [(words, day)]


@pytest.mark.parametrize(("language", "text"), LEFT_ALONE, ids=[f"{a}-{b[:24]}" for a, b in LEFT_ALONE])
def test_what_is_not_certain_is_left_alone(language, text):
    assert relative_days(text, language, THURSDAY) == []


def test_fifteen_languages_and_more_are_tested():
    assert len({language for language, *_ in RESOLVED}) >= 15


def test_the_weekday_of_the_report_is_its_own_day():
    ((_, _, day),) = relative_days("The council met on Thursday.", "en", THURSDAY)
    assert day == THURSDAY


def test_without_the_date_of_the_report_nothing_is_computed():
    assert relative_days("The council met yesterday.", "en", None) == []


def test_several_days_of_a_text_come_in_order_with_their_offsets():
    text = "İlçe dün toplandı. Köprü yarın açılacak."
    found = relative_days(text, "tr", THURSDAY)
    assert [(text[start:end], day) for start, end, day in found] == [("dün", YESTERDAY), ("yarın", TOMORROW)]

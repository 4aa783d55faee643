"""What a quote proves, across languages: what was invented is caught, what is only written otherwise goes through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fake_reports import article, passage, seeds

from rag.lexical import tokens
from rag.models import Article, Passage
from rag.passages import sentences
from rag.questions import Question, understand
from rag.verification import Verdict, check, meets, missing_pins

REPORTS = {report.language: report for report in seeds()}
NAMES = {name for report in REPORTS.values() for name in tokens(report.text, report.language).proper}

# The proving sentences, by words in them.
PL, DE = "109 modeli", "29 Modellen"
ES_CHAIR = "presidió la conferencia"
ES, ES_CODE, ES_TASKS, ES_BOOK = "El 19 de enero", "43-NQ/TW", "9 tareas clave", "período 2021-2025, el Jefe"
TR, TR_CHAIR, TR_DAY, TR_MEDAL = "08-DA/TU", "Kitle Seferberlik Komisyonu Başkanı konferansa", "21 Aralık", "40 yoldaş"
MS, MS_CODE = "8/33 tugas", "01-KL/TW"


def ask(text: str) -> Question:
    return understand(text, limit=2000, languages=list(REPORTS), known=NAMES.__contains__)


def quote(language: str, words: str) -> Passage:
    return next(sentence for sentence in sentences(REPORTS[language]) if words in sentence.text)


def verdict(question: str, claim: str, language: str, words: str) -> Verdict:
    return check(claim, ask(question), REPORTS[language], quote(language, words))


def told(question: str, claim: str, text: str, language: str = "en", **fields: object) -> Verdict:
    """The verdict on a report that is one sentence."""
    report = article(text, language=language, **fields)
    return check(claim, ask(question), report, passage(report, text))


MUST_CATCH = {
    "words of one name in another order": [
        ("Who chaired the conference in Ninh Binh?", "Do Anh Viet chaired the conference.", "es", ES),
        ("Who chaired the conference in Thai Binh?", "Nguyen Thanh Tien chaired the conference.", "tr", TR_CHAIR),
    ],
    "words of two people's names": [
        ("Who chaired the conference in Thai Binh?", "Nguyen Tien Giang chaired the conference.", "tr", TR_CHAIR),
        ("Who chaired the conference in Thai Binh?", "Nguyen Van Thanh chaired the conference.", "tr", TR_CHAIR),
        ("Who chaired the conference in Ninh Binh?", "Do Viet Giang chaired the conference.", "es", ES),
    ],
    "a year for a number": [
        ("How many models did Kim Bang report?", "Kim Bang reported 2024 models.", "pl", "na 2024 r."),
    ],
    "invented figure": [
        ("How many models did Kim Bang report?", "Kim Bang reported 5,000 models.", "pl", PL),
        ("Wie viele Modelle meldete Kim Bang?", "Kim Bang meldete 5.000 Modelle.", "pl", PL),
        ("¿Cuántos modelos comunicó Kim Bang?", "Kim Bang comunicó cien mil modelos.", "pl", PL),
        ("Kim Bang kaç model bildirdi?", "Kim Bang yüz doksan model bildirdi.", "pl", PL),
        ("Ile modeli zgłosił Kim Bang?", "Kim Bang zgłosił dziewięćdziesiąt modeli.", "pl", PL),
        ("Berapakah model yang dilaporkan oleh Kim Bang?", "Kim Bang melaporkan 190 model.", "pl", PL),
        ("Huyện Kim Bảng đã báo cáo bao nhiêu mô hình?", "Huyện Kim Bảng đã báo cáo 190 mô hình.", "pl", PL),
        ("How many models did Kim Bang report?", "Kim Bang reported 109 million models.", "pl", PL),
        ("How many models did Kim Bang report?", "Kim Bang reported 10.9 models.", "pl", PL),
    ],
    "29 read as 39": [
        ("How many models did Ninh Son register?", "Ninh Son registered 39 models.", "de", DE),
        ("Ninh Son kaç model kaydetti?", "Ninh Son otuz dokuz model kaydetti.", "de", DE),
        ("¿Cuántos modelos registró Ninh Son?", "Ninh Son registró treinta y nueve modelos.", "de", DE),
        ("Ile modeli zgłosił Ninh Son?", "Ninh Son zgłosił trzydzieści dziewięć modeli.", "de", DE),
    ],
    "figure of another place": [
        ("How many models did Ninh Son register?", "Ninh Son registered 109 models.", "pl", PL),
        ("Wie viele Modelle meldete Ninh Son?", "Ninh Son meldete 109 Modelle.", "pl", PL),
        ("Berapakah model yang didaftarkan oleh Ninh Son?", "Ninh Son mendaftarkan 109 model.", "pl", PL),
        ("How many models did Ninh Son register?", "Ninh Son registered 109 models.", "de", DE),
    ],
    "place of world knowledge": [
        ("Where was the conference of Ninh Binh held?", "The conference was held in Paris.", "es", ES),
        ("¿Dónde fue la conferencia de Ninh Binh?", "La conferencia fue en París.", "es", ES),
        ("Di manakah persidangan Ninh Binh?", "Di Kuala Lumpur.", "es", ES),
    ],
    "ratio that is not there": [
        ("How many registered tasks were completed in Ninh Binh?", "10/33 tasks were completed.", "ms", MS),
        ("How many registered tasks were completed in Ninh Binh?", "8/34 tasks were completed.", "ms", MS),
        ("Wie viele Aufgaben wurden in Ninh Binh erledigt?", "7 von 33 Aufgaben wurden erledigt.", "ms", MS),
        ("How many registered tasks were completed in Ninh Binh?", "9/33 tasks were completed.", "es", ES_TASKS),
    ],
    "wrong year": [
        ("When was project 08-DA/TU issued?", "The project was issued on 5 July 2024.", "tr", TR),
        ("Wann wurde das Projekt 08-DA/TU erlassen?", "Das Projekt wurde am 5. Juli 2022 erlassen.", "tr", TR),
        ("When was the conference in Ninh Binh?", "The conference was held on 19 January 2023.", "es", ES),
        ("How many models did Kim Bang have in 2019?", "Kim Bang had 109 models.", "pl", PL),
        ("How many models did Kim Bang have in 2019?", "In 2019 Kim Bang had 109 models.", "pl", PL),
    ],
    "wrong day or month": [
        ("When was project 08-DA/TU issued?", "The project was issued on 6 July 2023.", "tr", TR),
        ("When was project 08-DA/TU issued?", "The project was issued on 2023-05-07.", "tr", TR),
        ("¿Cuándo se emitió el proyecto 08-DA/TU?", "Se emitió el 7 de mayo de 2023.", "tr", TR),
        ("When was the conference in Ninh Binh?", "The conference was held on 18 January 2024.", "es", ES),
        ("When was the conference in Ninh Binh?", "The conference was held on 19 February.", "es", ES),
        ("Wann fand die Konferenz in Ninh Binh statt?", "Sie fand am 19. Februar 2024 statt.", "es", ES),
        ("Kiedy odbyła się konferencja w Ninh Binh?", "Konferencja odbyła się 19 lutego.", "es", ES),
        ("Ninh Binh'deki konferans ne zaman yapıldı?", "Konferans 19 Şubat'ta yapıldı.", "es", ES),
        ("Bilakah persidangan di Ninh Binh?", "Persidangan diadakan pada 19 Februari 2024.", "es", ES),
        ("Hội nghị ở Ninh Bình diễn ra khi nào?", "Hội nghị diễn ra ngày 19 tháng 2 năm 2024.", "es", ES),
    ],
    "another document": [
        ("Which project was piloted in Thai Binh?", "Project 43-NQ/TW was piloted.", "tr", TR),
        ("Which project was piloted in Thai Binh?", "Project 08-DA/TW was piloted.", "tr", TR),
        ("Which resolution is carried out in Ninh Binh?", "Resolution 08-DA/TU is carried out.", "es", ES_CODE),
        ("What is 43-NQ/TW about?", "08-DA/TU is about great national unity.", "es", ES_CODE),
        ("What is 08-DA/TU about?", "08-DA/TU is about great national unity.", "es", ES_CODE),
    ],
    "person of no report, or of another": [
        ("Who chaired the conference in Thai Binh?", "Angela Merkel chaired the conference.", "tr", TR_CHAIR),
        ("Wer leitete die Konferenz in Thai Binh?", "Angela Merkel leitete die Konferenz.", "tr", TR_CHAIR),
        ("Who chaired the conference in Thai Binh?", "Do Viet Anh chaired the conference.", "tr", TR_CHAIR),
        ("¿Quién presidió la conferencia de Ninh Binh?", "La presidió Nguyen Van Giang.", "es", ES),
        ("Kto przewodniczył konferencji w Ninh Binh?", "Przewodniczył Tran Quoc Hung.", "es", ES),
    ],
    "place of no report": [
        ("Where was the conference of Ninh Binh held?", "The conference was held in Hai Phong.", "es", ES),
        ("¿Dónde fue la conferencia de Ninh Binh?", "La conferencia fue en Hải Phòng.", "es", ES),
    ],
    "question left open": [
        ("How many models did Kim Bang report?", "Kim Bang reported many models.", "pl", PL),
        ("How many models did Kim Bang report?", "Kim Bang reported models in Paris.", "pl", PL),
        ("Wie viele Modelle meldete Kim Bang?", "Kim Bang meldete zahlreiche Modelle.", "pl", PL),
        ("¿Cuántos modelos comunicó Kim Bang?", "Kim Bang comunicó varios modelos.", "pl", PL),
        ("Kim Bang kaç model bildirdi?", "Kim Bang birçok model bildirdi.", "pl", PL),
        ("Ile modeli zgłosił Kim Bang?", "Kim Bang zgłosił liczne modele.", "pl", PL),
        ("Berapakah model yang dilaporkan oleh Kim Bang?", "Kim Bang melaporkan banyak model.", "pl", PL),
        ("Huyện Kim Bảng đã báo cáo bao nhiêu mô hình?", "Huyện Kim Bảng báo cáo nhiều mô hình.", "pl", PL),
        ("How many of the 33 tasks were completed in Ninh Binh?", "Tasks of the 33 were completed.", "ms", MS),
        ("How many models did Kim Bang report?", "", "pl", PL),
        ("When was the conference in Ninh Binh?", "The conference was held in the morning.", "es", ES),
        ("Who chaired the conference in Ninh Binh?", "The head of the commission chaired it.", "es", ES),
        ("08-DA/TU sayılı Projeyi kim imzaladı?", "Projesi uygulandı, 5 Temmuz 2023.", "tr", TR),
        ("08-DA/TU sayılı Projeyi kim imzaladı?", "Uygulandı.", "tr", TR),
        (
            "Wer war der Vorsitzende der Konferenz vom 5. Juli in Ninh Binh?",
            "Der Vorsitzende der Konferenz vom 5. Juli in Ninh Binh war.",
            "ms",
            MS,
        ),
    ],
}


@pytest.mark.parametrize(
    ("question", "claim", "language", "words"),
    [pytest.param(*case, id=f"{what}: {case[1]}") for what, cases in MUST_CATCH.items() for case in cases],
)
def test_catches(question, claim, language, words):
    found = verdict(question, claim, language, words)
    assert found.support == "unsupported"
    assert found.reason


LETS_THROUGH = {
    "a title before a name": [
        ("Who chaired the conference in Ninh Binh?", "Comrade Đỗ Việt Anh chaired it.", "es", ES),
    ],
    "figure": [
        ("How many models did Kim Bang report?", "Kim Bang reported 109 models.", "pl", PL),
        ("Kim Bang kaç model bildirdi?", "Kim Bang'da 109 model uygulandı.", "pl", PL),
        ("Huyện Kim Bảng đã báo cáo bao nhiêu mô hình?", "Huyện Kim Bảng đã báo cáo 109 mô hình.", "pl", PL),
        ("Combien de modèles Kim Bang a-t-il signalés ?", "Kim Bang a signalé 109 modèles.", "pl", PL),
    ],
    "number word for a figure": [
        ("Wie viele Modelle meldete Kim Bang?", "Kim Bang meldete hundertneun Modelle.", "pl", PL),
        ("¿Cuántos modelos comunicó Kim Bang?", "Kim Bang comunicó ciento nueve modelos.", "pl", PL),
        ("Kim Bang kaç model bildirdi?", "Kim Bang yüz dokuz model bildirdi.", "pl", PL),
        ("Ile modeli zgłosił Kim Bang?", "Kim Bang zgłosił sto dziewięć modeli.", "pl", PL),
        ("Berapakah model yang dilaporkan oleh Kim Bang?", "Kim Bang melaporkan seratus sembilan model.", "pl", PL),
        ("Wie viele Aufgaben nennt das Programm von Ninh Binh?", "Es nennt neun Aufgaben.", "es", ES_TASKS),
        ("Ninh Binh programında kaç görev var?", "Programda dokuz görev var.", "es", ES_TASKS),
        ("Berapakah tugas dalam program Ninh Binh?", "Program itu ada sembilan tugas.", "es", ES_TASKS),
        ("How many comrades got the medal in Thai Binh?", "Forty comrades got the medal.", "tr", TR_MEDAL),
    ],
    "number word for a number word": [
        ("How many defence models did Ninh Son register?", "Ninh Son registered three defence models.", "de", DE),
        ("How many defence models did Ninh Son register?", "3", "de", DE),
        ("Ile modeli obronnych zgłosił Ninh Son?", "Ninh Son zgłosił trzy modele obronne.", "de", DE),
        ("¿Cuántos modelos de defensa registró Ninh Son?", "Ninh Son registró tres modelos.", "de", DE),
        ("Ninh Son kaç savunma modeli kaydetti?", "Ninh Son üç savunma modeli kaydetti.", "de", DE),
    ],
    "ratio": [
        ("How many registered tasks were completed in Ninh Binh?", "8/33 tasks were completed.", "ms", MS),
        ("How many registered tasks were completed in Ninh Binh?", "8 of 33 tasks were completed.", "ms", MS),
        ("Wie viele Aufgaben wurden in Ninh Binh erledigt?", "8 von 33 Aufgaben wurden erledigt.", "ms", MS),
        ("¿Cuántas tareas se completaron en Ninh Binh?", "Se completaron 8 de 33 tareas.", "ms", MS),
        ("Ile zadań ukończono w Ninh Binh?", "Ukończono 8 z 33 zadań.", "ms", MS),
        ("Ninh Binh'de kaç görev tamamlandı?", "33 görevden 8'i tamamlandı.", "ms", MS),
    ],
    "date in another language's words": [
        ("When was the conference in Ninh Binh?", "The conference was held on 19 January 2024.", "es", ES),
        ("When was the conference in Ninh Binh?", "On January 19.", "es", ES),
        ("When was the conference in Ninh Binh?", "It was held on 2024-01-19.", "es", ES),
        ("Wann fand die Konferenz in Ninh Binh statt?", "Sie fand am 19. Januar statt.", "es", ES),
        ("Kiedy odbyła się konferencja w Ninh Binh?", "Konferencja odbyła się 19 stycznia 2024 r.", "es", ES),
        ("Ninh Binh'deki konferans ne zaman yapıldı?", "Konferans 19 Ocak 2024'te yapıldı.", "es", ES),
        ("Bilakah persidangan di Ninh Binh diadakan?", "Persidangan diadakan pada 19 Januari 2024.", "es", ES),
        ("Hội nghị ở Ninh Bình diễn ra khi nào?", "Hội nghị diễn ra ngày 19 tháng 1 năm 2024.", "es", ES),
        ("When was project 08-DA/TU issued?", "It was issued on 5 July 2023.", "tr", TR),
        ("¿Cuándo se emitió el proyecto 08-DA/TU?", "Se emitió el 5 de julio de 2023.", "tr", TR),
        ("When was the conference in Thai Binh?", "It was held on 21 December 2023.", "tr", TR_DAY),
    ],
    "document": [
        ("Which resolution is carried out in Ninh Binh?", "Resolution No. 43-NQ/TW is carried out.", "es", ES_CODE),
        ("Welches Projekt lief in Thai Binh?", "In Thai Binh lief das Projekt 08-DA/TU.", "tr", TR),
        ("What is 43-NQ/TW about?", "Resolution 43-NQ/TW is about national unity.", "es", ES_CODE),
    ],
    "name with and without marks": [
        ("Who chaired the conference in Ninh Binh?", "Do Viet Anh chaired the conference.", "es", ES),
        ("Who chaired the conference in Ninh Bình?", "Đỗ Việt Anh chaired the conference.", "es", ES),
        ("Ai chủ trì hội nghị ở Ninh Bình?", "Ông Đỗ Việt Anh chủ trì hội nghị.", "es", ES),
        (
            "Thai Binh'deki konferansa kim başkanlık etti?",
            "Konferansa Nguyen Tien Thanh başkanlık etti.",
            "tr",
            TR_CHAIR,
        ),
    ],
    "title translated": [
        (
            "Who chaired the conference in Thai Binh?",
            "Nguyen Tien Thanh, Standing Deputy Secretary of the Provincial Party Committee, chaired it.",
            "tr",
            TR_CHAIR,
        ),
        (
            "Wer leitete die Konferenz in Ninh Binh?",
            "Genosse Do Viet Anh, Leiter der Kommission für Massenmobilisierung, leitete sie.",
            "es",
            ES,
        ),
        (
            "Kto przewodniczył konferencji w Thai Binh?",
            "Przewodniczył jej Nguyen Tien Thanh, Zastępca Sekretarza Komitetu Partii.",
            "tr",
            TR_CHAIR,
        ),
        (
            "¿Quién presidió la conferencia de Thai Binh?",
            "La presidió Nguyen Tien Thanh, Presidente del Consejo Popular Provincial.",
            "tr",
            TR_CHAIR,
        ),
        (
            "Siapakah yang mempengerusikan persidangan di Thai Binh?",
            "Nguyen Tien Thanh, Timbalan Setiausaha Tetap Jawatankuasa Parti Wilayah, mempengerusikannya.",
            "tr",
            TR_CHAIR,
        ),
    ],
}


@pytest.mark.parametrize(
    ("question", "claim", "language", "words"),
    [pytest.param(*case, id=f"{what}: {case[1]}") for what, cases in LETS_THROUGH.items() for case in cases],
)
def test_lets_through(question, claim, language, words):
    assert verdict(question, claim, language, words) == Verdict("supported")


# Known gaps. One that is closed fails here: move it up.
SLIPS_THROUGH = {
    "place or person of no report, asked about": [
        ("How many models did Hanoi report?", "Hanoi reported 109 models.", "pl", PL),
        ("Wie viele Modelle meldete Hanoi?", "Hanoi meldete 109 Modelle.", "pl", PL),
        ("How many medals did Nguyen Van Hung get in 2023?", "Nguyen Van Hung got 40 medals.", "tr", TR_MEDAL),
    ],
    "one word of world knowledge": [
        ("What is the capital of France?", "The capital of France is Paris.", "pl", PL),
        ("Wo fand die Konferenz in Ninh Binh statt?", "Sie fand in Paris statt.", "es", ES),
    ],
    "place of no report, in German": [
        ("Wo fand die Konferenz in Ninh Binh statt?", "Sie fand in Hai Phong statt.", "es", ES),
    ],
    "figure of another thing in the quote": [
        ("How many people live in Kim Bang?", "109 people live in Kim Bang.", "pl", PL),
        ("By what percentage did it rise in Kim Bang?", "It rose by 109%.", "pl", PL),
        ("How many registered tasks were completed in Ninh Binh?", "9/33 tasks were completed.", "ms", MS),
    ],
}


@pytest.mark.xfail(strict=True, reason="rules over words and figures do not see it")
@pytest.mark.parametrize(
    ("question", "claim", "language", "words"),
    [pytest.param(*case, id=f"{what}: {case[1]}") for what, cases in SLIPS_THROUGH.items() for case in cases],
)
def test_does_not_catch_yet(question, claim, language, words):
    assert verdict(question, claim, language, words).support == "unsupported"


IS_BLOCKED = [
    (
        "Ai chủ trì hội nghị ở Thái Bình?",
        "Ông Nguyễn Tiến Thành, Phó Bí thư Thường trực Tỉnh ủy, chủ trì hội nghị.",
        "tr",
        TR_CHAIR,
    ),
    ("When did Kim Bang count 109 models?", "By the end of 2023.", "pl", PL),
]


@pytest.mark.xfail(strict=True, reason="true, and refused")
@pytest.mark.parametrize(("question", "claim", "language", "words"), [pytest.param(*c, id=c[1]) for c in IS_BLOCKED])
def test_does_not_let_through_yet(question, claim, language, words):
    assert verdict(question, claim, language, words).support != "unsupported"


# The model copied the report's words, or the question's, instead of answering: the draft may be put right.
BADLY_SAID = {
    "left in the report's language": [
        (
            "What improved in Kim Bang?",
            "Życie materialne i duchowe mieszkańców uległo poprawie.",
            "pl",
            "Życie materialne",
        ),
        (
            "Kim Bang'da ne iyileşti?",
            "Życie materialne i duchowe mieszkańców uległo poprawie.",
            "pl",
            "Życie materialne",
        ),
        (
            "What did the delegates listen to?",
            "Los delegados escucharon el plan de puntuación.",
            "es",
            "plan de puntuación",
        ),
        ("Was taten die Delegierten?", "Los delegados escucharon el plan de puntuación.", "es", "plan de puntuación"),
        (
            "What is the situation in Ninh Son like?",
            "Die ethnische und religiöse Situation ist stabil.",
            "de",
            "ethnische",
        ),
        ("¿Cómo es la situación en Ninh Son?", "Die ethnische und religiöse Situation ist stabil.", "de", "ethnische"),
        ("Who attended?", "Konferansa liderler ve yoldaşlar katıldı.", "tr", "liderleri katıldı"),
    ],
    "no more than the question": [
        ("What did Kim Bang do?", "Kim Bang did.", "pl", PL),
        ("What improved in Kim Bang?", "What improved in Kim Bang.", "pl", "Życie materialne"),
        ("Was geschah im Bezirk Ninh Son?", "Im Bezirk Ninh Son geschah was.", "de", DE),
        ("Kim Bang neyi iyileştirdi?", "Kim Bang iyileştirdi.", "pl", "Życie materialne"),
        ("What did Kim Bang do?", "", "pl", PL),
    ],
}


@pytest.mark.parametrize(
    ("question", "claim", "language", "words"),
    [pytest.param(*case, id=f"{what}: {case[1]}") for what, cases in BADLY_SAID.items() for case in cases],
)
def test_what_was_only_badly_said_is_told_apart(question, claim, language, words):
    found = verdict(question, claim, language, words)
    assert (found.support, found.badly_said) == ("unsupported", True) and found.reason


WELL_SAID = [
    ("What improved in Kim Bang?", "The life of its people improved.", "pl", "Życie materialne"),
    ("Was verbesserte sich in Kim Bang?", "Das Leben der Menschen verbesserte sich.", "pl", "Życie materialne"),
    (
        "Co się poprawiło w Kim Bang?",
        "Życie materialne i duchowe mieszkańców uległo poprawie.",
        "pl",
        "Życie materialne",
    ),
    ("¿Qué escucharon en Ninh Binh?", "Escucharon el plan de puntuación de emulación.", "es", "plan de puntuación"),
    ("Wie ist die Situation in Ninh Son?", "Die ethnische und religiöse Situation ist stabil.", "de", "ethnische"),
    ("How many models did Kim Bang report?", "109", "pl", PL),
    ("Who chaired the conference in Ninh Binh?", "Do Viet Anh", "es", ES_CHAIR),
    ("Did Kim Bang report models?", "Yes, Kim Bang did report models.", "pl", PL),
    ("Kim Bang kolektif çalıştı mı?", "Evet, Kim Bang kolektif çalıştı.", "pl", PL),
]


@pytest.mark.parametrize(("question", "claim", "language", "words"), WELL_SAID, ids=[case[1] for case in WELL_SAID])
def test_what_is_said_in_the_questions_language_is_well_said(question, claim, language, words):
    found = verdict(question, claim, language, words)
    assert found.support != "unsupported" and not found.badly_said


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        ("What is the situation like in Ninh Son?", "The ethnic and religious situation is stable."),
        ("Comment est la situation à Ninh Son ?", "La situation ethnique et religieuse est stable."),
        ("Jaka jest sytuacja w Ninh Son?", "Sytuacja etniczna i religijna jest stabilna."),
    ],
)
def test_words_that_languages_share_are_no_copies(question, claim):
    assert not verdict(question, claim, "de", "ethnische").badly_said


def test_malay_and_indonesian_answer_each_other():
    text = "Kerajaan daerah mengadakan mesyuarat bersama penduduk kampung."
    for question in ("Apakah yang diadakan oleh kerajaan daerah?", "Apa yang diadakan oleh pemerintah daerah?"):
        assert not told(question, "Mesyuarat diadakan bersama penduduk kampung.", text, "ms").badly_said


NUMBERS = {
    "de": "Die Stadt zählte 1.234 Einwohner.",
    "en": "The city had 1,234 inhabitants.",
    "es": "La ciudad tenía 1.234 habitantes.",
    "ms": "Bandar itu mempunyai 1,234 penduduk.",
    "pl": "Miasto liczyło 1 234 mieszkańców.",
    "tr": "Şehirde 1.234 kişi yaşıyordu.",
    "vi": "Thành phố có 1.234 cư dân.",
}
ASKED = {
    "de": "Wie viele Einwohner hatte die Stadt?",
    "en": "How many inhabitants had the city?",
    "es": "¿Cuántos habitantes tenía la ciudad?",
    "ms": "Berapakah penduduk bandar itu?",
    "pl": "Ilu mieszkańców liczyło miasto?",
    "tr": "Şehirde kaç kişi yaşıyordu?",
    "vi": "Thành phố có bao nhiêu cư dân?",
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("written", NUMBERS)
def test_grouping_of_thousands_is_no_difference(asked, written):
    claim = NUMBERS[asked]
    assert told(ASKED[asked], claim, NUMBERS[written], written).support == "supported"
    assert told(ASKED[asked], claim.replace("4", "5"), NUMBERS[written], written).support == "unsupported"


@pytest.mark.parametrize("claim", ["The city had 1234 inhabitants.", "The city had 1 234 inhabitants."])
@pytest.mark.parametrize("written", NUMBERS)
def test_grouping_by_blanks_or_none(claim, written):
    assert told(ASKED["en"], claim, NUMBERS[written], written).support == "supported"


def test_a_claim_without_figure_or_name_is_weak():
    found = told("What did the council decide?", "It closed the old bridge.", "Rada zamknęła stary most.", "pl")
    assert found.support == "weak"
    assert found.reason


def test_a_quote_that_does_not_name_the_document_asked_about_proves_it_weakly():
    question = "Who chaired the conference on Project 08-DA/TU in Thai Binh?"
    found = verdict(question, "Nguyen Tien Thanh chaired it.", "tr", TR_CHAIR)
    assert (found.support, found.reason) == ("weak", "the quote does not speak of 08-DA/TU")
    assert verdict("What is the date of Project 08-DA/TU?", "5 July 2023", "tr", TR).support == "supported"


def test_year_may_stand_elsewhere_in_the_report_and_day_may_be_its_date():
    text = "Am 3. März tagte der Rat."
    question, claim = "When did the council meet?", "The council met on 3 March 2021."
    assert told(question, claim, text, "de").support == "unsupported"
    assert told(question, claim, text, "de", published=date(2021, 3, 3)).support == "supported"
    report = article(text + "\nDer Haushalt 2021 wurde beschlossen.", language="de")
    assert check(claim, ask(question), report, passage(report, text)).support == "supported"
    assert told(question, claim, "Der Rat tagte.", "de", published=date(2021, 3, 3)).support == "supported"
    assert told(question, claim, "Der Rat tagte.", "de", published=date(2021, 3, 4)).support == "unsupported"


def test_figures_count_only_within_the_quote_and_names_in_the_whole_report():
    report = article("Rada Kim Bang tagte.\nEs gab 12 Stimmen. Tran Van Long sprach.", language="de")
    first = passage(report, "Rada Kim Bang tagte.")
    assert check("There were 12 votes.", ask("How many votes were there?"), report, first).support == "unsupported"
    assert check("Tran Van Long spoke.", ask("Who spoke?"), report, first).support == "supported"


def test_a_day_of_the_week_must_stand_in_the_quote():
    report = article("Am Freitag, dem 19. Januar 2024, tagte der Rat. Er tagte am 20. Januar 2024.", language="de")
    first, second = sentences(report)
    asked = ask("When did the council meet?")
    assert check("It met on Friday 19 January 2024.", asked, report, first).support == "supported"
    assert check("It met on Monday 19 January 2024.", asked, report, first).support == "unsupported"
    assert check("It met on Saturday 20 January 2024.", asked, report, second).support == "unsupported"
    assert check("It met on 20 January 2024.", asked, report, second).support == "supported"
    asked = ask("When did the council meet on Saturday?")
    assert check("It met on Saturday 20 January 2024.", asked, report, second).support == "supported"


def test_pins_of_a_question():
    polish, turkish, spanish = REPORTS["pl"], REPORTS["tr"], REPORTS["es"]
    assert meets(ask("What did Kim Bang do?"), polish)
    assert missing_pins(ask("What did Kim Bang do?"), turkish) == "kim bang"
    assert missing_pins(ask("What did Kim Bang do in 2019?"), polish) == "2019"
    assert missing_pins(ask("What is 43-NQ/TW about?"), turkish) == "43-NQ/TW"
    assert meets(ask("What is 43-NQ/TW about?"), spanish)
    assert meets(ask("What did Kim Bang and Ninh Son do?"), polish)  # several places: a report of either
    assert meets(ask("What was done?"), turkish)
    assert not meets(ask("What is 3-NQ/TW about?"), spanish)  # the end of another code is no code
    spaced = replace(spanish, text=spanish.text.replace("43-NQ/TW", "43 - NQ / TW"), sha256="spaced")
    assert meets(ask("What is 43-NQ/TW about?"), spaced)


@pytest.mark.parametrize(
    "question",
    [
        "What did the council do on 3 March?",
        "Was tat der Rat am 3. März 2021?",
        "¿Qué hizo el consejo el 3 de marzo?",
        "Co zrobiła rada 3 marca 2021 r.?",
        "Apakah yang dibuat oleh majlis pada 3 Mac?",
    ],
)
def test_a_day_pins_a_question_down_to_reports_of_it_or_that_tell_of_it(question):
    of_it = article("Rat tagte.", language="de", published=date(2021, 3, 3))
    telling = article("Am 3. März 2021 tagte der Rat.", language="de")
    other = article("Am 4. März 2021 tagte der Rat.", language="de", published=date(2021, 5, 3))
    asked = ask(question)
    assert asked.days == ((3, 3),)
    assert meets(asked, of_it) and meets(asked, telling) and not meets(asked, other)
    assert missing_pins(replace(asked, years=()), other) == "3.3."


def test_a_person_pins_a_question_down_beside_its_place():
    asked = ask("What did Kim Bang do?")
    assert missing_pins(replace(asked, person="do viet anh"), REPORTS["pl"]) == "do viet anh"
    spanish = replace(asked, names=("ninh binh",))
    assert meets(replace(spanish, person="do viet anh"), REPORTS["es"])
    assert meets(replace(spanish, person="do viet anhin"), REPORTS["es"])  # an ending hangs on it
    assert not meets(replace(spanish, person="nguyen van giang"), REPORTS["es"])
    assert meets(replace(spanish, person="nguyen van giang", kind="yesno"), REPORTS["es"])


def test_of_several_days_one_is_enough():
    report = article("Am 3. März tagte der Rat.", language="de")
    assert meets(ask("What was done on 2 March and on 3 March?"), report)


def test_year_pin_may_be_the_reports_date():
    report: Article = article("Rat tagte.", language="de", published=date(2021, 3, 3))
    assert meets(ask("What did the council do in 2021?"), report)
    assert not meets(ask("What did the council do in 2022?"), report)

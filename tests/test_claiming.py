"""Which drafts become claims: the likeliest one of a small model, all proven ones of a strong one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_model import UNSURE, FakeLikeness, FakeModel, claims, excerpts, tokens
from fake_reports import article, seeds

import rag.claiming
from rag.claiming import Found, Outcome, best, verified
from rag.claiming import claims as claimed
from rag.errors import ModelError
from rag.lexical import tokens as index_tokens
from rag.models import Evidence
from rag.passages import sentences
from rag.questions import Question, understand
from rag.reading import read

REPORTS = {report.language: report for report in seeds()}
NAMES = {name for report in REPORTS.values() for name in index_tokens(report.text, report.language).proper}
KIM_BANG = "How many skilled mass-mobilization models did Kim Bang report?"
UNLIKELY = {"logprob": UNSURE, "decline": -0.001}


def ask(text: str) -> Question:
    return understand(text, limit=2000, languages=list(REPORTS), known=NAMES.__contains__)


def piece(language: str, words: str, *, around: int = 0, score: float = 0.9) -> Evidence:
    """The sentence with these words, and as many as `around` before and after it."""
    held = sentences(REPORTS[language])
    at = next(row for row, sentence in enumerate(held) if words in sentence.text)
    first = max(at - around, 0)
    return Evidence(REPORTS[language], tuple(held[first : at + around + 1]), at - first, score)


PL, DE = piece("pl", "109 modeli"), piece("de", "29 Modellen")
ES, TR, TR_CHAIR = piece("es", "presidió la conferencia"), piece("tr", "08-DA/TU"), piece("tr", "konferansa başkanlık")


def one(reply: str, question: str, shown: Evidence, **more: object) -> Found | None:
    """What becomes of a small model's one draft."""
    model, asked = FakeModel([reply], **more), ask(question)
    (draft,) = read(model, asked, [shown], 1, FakeLikeness())
    return verified(model, asked, draft, FakeLikeness())


def quotes(found: Found) -> list[str]:
    return [passage.text for _, passage in found.proofs]


# A small model's draft


@pytest.mark.parametrize(
    ("question", "reply", "shown", "text"),
    [
        (KIM_BANG, '"109 modeli" => Kim Bang reported 109 models.', PL, "Kim Bang reported 109 models."),
        ("Kim Bang kaç model bildirdi?", '"109 modeli" => 109 model bildirdi.', PL, "109 model bildirdi."),
        ("Ile modeli zgłosił Ninh Son?", '"29 Modellen" => Zgłosił 29 modeli.', DE, "Zgłosił 29 modeli."),
        (
            "Wer leitete die Konferenz in Ninh Binh?",
            '"Do Viet Anh" => Do Viet Anh leitete die Konferenz.',
            ES,
            "Do Viet Anh leitete die Konferenz.",
        ),
        (
            "¿Cuándo se emitió el proyecto 08-DA/TU?",
            '"5 Temmuz 2023" => El proyecto se emitió el 5 de julio de 2023.',
            TR,
            "El proyecto se emitió el 5 de julio de 2023.",
        ),
    ],
)
def test_a_draft_that_its_sentence_proves_is_a_claim(question, reply, shown, text):
    found = one(reply, question, shown)
    assert found is not None
    assert (found.text, found.support) == (text, "supported")
    assert found.words == reply.partition('" => ')[0].strip('"')
    assert quotes(found) == [shown.sentences[shown.best].text] and found.proofs[0][0] == shown.article
    assert 0.5 < found.likelihood <= 1.0


@pytest.mark.parametrize(
    ("question", "reply", "shown", "told"),
    [
        (KIM_BANG, '"109 modeli" => Kim Bang reported 5,000 models.', PL, "109"),
        (KIM_BANG, '"109 modeli" => Kim Bang reported 109 models in Hai Phong Harbour.', PL, "109"),
        ("Kim Bang kaç model bildirdi?", '"109 modeli" => Kim Bang birçok model bildirdi.', PL, "109"),
        ("When was 08-DA/TU issued?", '"5 Temmuz 2023" => It was issued in the morning.', TR, "5 July 2023"),
        ("Wann wurde 08-DA/TU erlassen?", '"5 Temmuz 2023" => Am Morgen.', TR, "5. Juli 2023"),
    ],
)
def test_a_figure_or_date_that_was_copied_is_told_alone_where_the_sentence_fails(question, reply, shown, told):
    found = one(reply, question, shown)
    assert found is not None and (found.text, found.support) == (told, "supported")


def test_what_was_left_in_the_reports_language_is_translated_from_what_was_copied():
    shown = piece("pl", "Życie materialne")
    copied = "Życie materialne i duchowe mieszkańców uległo poprawie"
    found = one(f'"{copied}" => {copied}.', "What improved?", shown, translated=' "the life of the people improved"')
    assert found is not None
    assert found.text == "The life of the people improved."
    assert (found.words, found.support, quotes(found)) == (copied, "weak", [shown.sentences[0].text])


def test_an_empty_translation_or_one_that_fails_too_is_no_claim():
    shown, copied = piece("pl", "Życie materialne"), "Życie materialne i duchowe mieszkańców uległo poprawie"
    for translated in ("", f"{copied}.", "the life of 5,000 people improved", "what improved"):
        assert one(f'"{copied}" => {copied}.', "What improved?", shown, translated=translated) is None, translated


@pytest.mark.parametrize(
    ("question", "reply", "shown"),
    [
        (
            "Who chaired the conference in Ninh Binh?",
            '"celebró una conferencia" => Angela Merkel chaired the conference.',
            piece("es", "El 19 de enero"),
        ),
        ("What did Hai Phong do?", '"109 modeli" => Hai Phong had 109 models.', PL),
        ("What did Kim Bang do?", '"109 modeli" => Kim Bang had 5,000 models.', PL),
    ],
)
def test_what_no_sentence_proves_is_no_claim_and_nothing_is_translated(question, reply, shown):
    model, asked = FakeModel([reply], translated="never"), ask(question)
    (draft,) = read(model, asked, [shown], 1, FakeLikeness())
    assert verified(model, asked, draft, FakeLikeness()) is None
    assert model.translations == []


def test_of_several_sentences_the_one_that_proves_is_cited():
    shown = piece("pl", "109 modeli", around=1)
    found = one('"Koordynacja między" => Kim Bang carried out 109 models.', "What did Kim Bang do?", shown)
    assert found is not None and found.support == "supported" and "109 modeli" in quotes(found)[0]


def test_a_name_that_was_copied_is_told_in_place_of_another():
    said = '"Nguyen Van Giang" => Angela Merkel chaired the conference.'
    found = one(said, "Who chaired the conference in Thai Binh?", TR_CHAIR)
    assert found is not None and (found.text, found.support) == ("Nguyen Van Giang", "supported")


# A report in the question's language speaks for itself


CLAUSES = (
    "The council met in the old town hall on the market square in the morning",
    "the mayor praised the volunteers who had cleaned the river bank in spring",
    "and the choir of the village school sang three songs at the very end",
)
ENGLISH = article(", ".join(CLAUSES) + ".", id="english", language="en")


def own_words(copied: str, near: FakeLikeness, report=ENGLISH, question: str = "What did the mayor praise?") -> str:
    """What a small model's draft of these copied words and a sentence of its own becomes."""
    model, asked = FakeModel([f'"{copied}" => The mayor said a thing.'], constrains=False), ask(question)
    shown = Evidence(report, tuple(sentences(report)), 0, 0.9)
    (draft,) = read(model, asked, [shown], 1, FakeLikeness())
    found = verified(model, asked, draft, near)
    assert found is not None and found.words == copied
    return found.text


@pytest.mark.parametrize(
    ("copied", "nearest", "first", "last"),
    [
        ("praised the volunteers", "mayor", 1, 1),
        ("praised the volunteers", "choir", 1, 2),
        ("the choir", "mayor", 1, 2),
        ("the choir", "council", 0, 2),
        ("volunteers who had cleaned the river bank in spring, and the choir", "mayor", 1, 2),
        ("words that stand nowhere", "choir", 2, 2),
    ],
)
def test_it_is_told_from_the_nearest_clause_to_the_one_that_was_copied_from(copied, nearest, first, last):
    told = own_words(copied, FakeLikeness((nearest, 0.9)))
    assert told.lower() == ", ".join(CLAUSES[first : last + 1]).lower() + "."


def test_the_models_agreement_with_the_copied_words_counts_for_what_is_pointed_at():
    made = []
    for agrees in (0.5, 2.3, 4.0):
        model, asked = FakeModel([SAID], agrees=agrees), ask(KIM_BANG)
        found = best(model, asked, [PL], 1, FakeLikeness())
        assert found is not None
        made.append(found.likelihood)
        (weighed,) = [prompt for prompt in model.prompts if prompt.weighs]
        assert "109 modeli" in weighed.user and KIM_BANG in weighed.user
        assert weighed.user.startswith("Report (Kim Bang")  # "in the whole district" seems to be another one without
    assert made == sorted(made) and made[0] < made[-1]
    model = FakeModel(['"Nguyen Tien Thanh" => Nguyen Tien Thanh chaired it.'])
    best(model, ask("Who chaired the conference in Thai Binh?"), [TR_CHAIR], 1, FakeLikeness())
    assert [prompt.user[:8] for prompt in model.prompts if prompt.weighs] == ["Report: "]
    model = FakeModel(['"modeli" => Models.'])
    best(model, ask("What did Kim Bang report?"), [PL], 1, FakeLikeness())
    assert not any(prompt.weighs for prompt in model.prompts)


def test_a_translation_that_speaks_of_translating_is_no_claim():
    sorry = "I am sorry, I cannot help with the translation of this text; please ask something else."
    reply = '"modeli" => modeli i typowych przykładów wdrożono'
    for translated, kept in ((sorry, False), ("Models.", True)):
        model = FakeModel([reply], translated=translated)
        found = best(model, ask("What did Kim Bang carry out?"), [PL], 1, FakeLikeness())
        assert (found is not None) == kept and model.translations


def test_what_would_be_too_long_is_told_by_the_copied_clause_alone(monkeypatch):
    monkeypatch.setattr(rag.claiming, "MOST_TOLD", 100)
    told = own_words("the choir", FakeLikeness(("council", 0.9)))
    assert told.lower() == f"{CLAUSES[2]}."


def test_what_is_cut_out_before_the_sentences_end_is_made_a_sentence():
    told = own_words("praised the volunteers", FakeLikeness(("mayor", 0.9)))
    assert told.startswith("The mayor") and told.endswith(" in spring.")


def test_the_last_clauses_of_a_sentence_begin_with_a_capital():
    assert own_words("the choir", FakeLikeness(("choir", 0.9))) == f"A{CLAUSES[2][1:]}."


@pytest.mark.parametrize(
    ("question", "own"),
    [("What did the choir do?", True), ("How many songs did the choir sing?", False), ("Did the choir sing?", False)],
)
def test_only_an_open_question_is_answered_in_the_reports_own_words(question, own):
    said = "Yes, the choir sang three songs." if question.startswith("Did") else "The choir sang three songs."
    model, asked = FakeModel([f'"three songs" => {said}'], constrains=False), ask(question)
    report = replace(ENGLISH, language="en-GB")
    (draft,) = read(model, asked, [Evidence(report, tuple(sentences(report)), 0, 0.9)], 1, FakeLikeness())
    found = verified(model, asked, draft, FakeLikeness(("choir", 0.9)))
    assert found is not None
    assert (found.text.lower() == f"{CLAUSES[2]}.") == own
    assert own or found.text == said


def test_malay_and_indonesian_are_one_language_here():
    text = "Majlis daerah membaiki jambatan lama di kampung itu."
    report = article(text, id="malay", language="id")
    told = own_words("jambatan lama", FakeLikeness(), report, "Apakah yang dibuat oleh majlis daerah itu?")
    assert told == text


# The best of several, and when to stop


SAID = '"109 modeli" => Kim Bang reported 109 models.'
CARRIED_OUT = "What did Kim Bang carry out?"


def test_reading_stops_at_the_first_claim_that_may_be_told(monkeypatch):
    for enough, read_in_all in ((0.0, 1), (1.1, 3)):
        monkeypatch.setattr(rag.claiming, "DECLINE", enough)
        model = FakeModel(['"109 modeli" => Kim Bang carried out 109 models.'])
        assert best(model, ask(CARRIED_OUT), [PL] * 3, 9, FakeLikeness()) is not None
        assert len(model.read) == read_in_all


def test_of_figures_and_dates_the_first_decides_and_one_that_cannot_be_read_is_passed_over(monkeypatch):
    monkeypatch.setattr(rag.claiming, "DECLINE", 1.1)
    model = FakeModel(["NONE", SAID, '"109 modeli" => It was 109.'])
    found = best(model, ask(KIM_BANG), [PL] * 3, 9, FakeLikeness())
    assert found is not None and found.text == "Kim Bang reported 109 models."
    assert len(model.read) == 2
    dated = FakeModel(['"5 Temmuz 2023" => On 5 July 2023.', '"5 Temmuz 2023" => It was in July 2023.'])
    found = best(dated, ask("When was project 08-DA/TU issued?"), [TR] * 3, 9, FakeLikeness())
    assert found is not None and "5 July 2023" in found.text and len(dated.read) == 1


@pytest.mark.parametrize("first", [True, False])
def test_the_likeliest_of_those_not_told_wins_wherever_it_stands(monkeypatch, first):
    monkeypatch.setattr(rag.claiming, "DECLINE", 1.1)
    sure = tokens('"109 modeli" => Kim Bang carried out 109 models.')
    torn = tokens('"109 modeli" => It was 109.', **UNLIKELY)
    found = best(FakeModel([sure, torn] if first else [torn, sure]), ask(CARRIED_OUT), [PL, PL], 9, FakeLikeness())
    assert found is not None and found.text == "Kim Bang carried out 109 models."


def test_a_claim_below_the_threshold_is_not_told_but_its_likelihood_is(monkeypatch):
    for threshold, told in ((0.0, 1), (1.1, 0)):
        monkeypatch.setattr(rag.claiming, "DECLINE", threshold)
        outcome = claimed(FakeModel([SAID]), ask(KIM_BANG), [PL], 9, FakeLikeness())
        assert len(outcome.found) == told and 0.0 < outcome.confidence <= 1.0


@pytest.mark.parametrize("reply", ["NONE", '"109 modeli" => 109.'])
def test_without_a_claim_nothing_is_told(reply):
    question = KIM_BANG.replace("Kim Bang", "Hai Phong") if reply != "NONE" else KIM_BANG
    assert claimed(FakeModel([reply]), ask(question), [PL], 9, FakeLikeness()) == Outcome((), 0.0)
    assert claimed(FakeModel([reply]), ask(question), [], 9, FakeLikeness()) == Outcome((), 0.0)


def test_at_most_so_many_stretches_are_read():
    model = FakeModel(["NONE"])
    claimed(model, ask(KIM_BANG), [PL] * 5, 2, FakeLikeness())
    assert len(model.read) == 2


def test_what_a_model_raises_goes_through():
    with pytest.raises(ModelError, match="gone"):
        claimed(FakeModel([ModelError("gone; start it")]), ask(KIM_BANG), [PL], 9, FakeLikeness())


def test_a_figure_of_another_thing_is_less_likely_than_one_of_what_is_asked_about():
    model, asked = FakeModel([SAID]), ask(KIM_BANG)
    (draft,) = read(model, asked, [PL], 1, FakeLikeness())
    same, another = FakeLikeness(alike=1.0), FakeLikeness(alike=0.0)
    near, far = (verified(model, asked, draft, likeness) for likeness in (same, another))
    assert near is not None and far is not None and near.likelihood > far.likelihood
    written, told, language, words = same.compared[0]
    assert "models" in words and "modeli" in told and (language, written) == ("en", "pl")
    # A question that counts nothing compares nothing.
    same, another = FakeLikeness(alike=1.0), FakeLikeness(alike=0.0)
    other = ask("What did Kim Bang report?")
    assert verified(model, other, draft, another) == verified(model, other, draft, same)
    assert same.compared == another.compared == []


def test_a_place_that_the_excerpt_does_not_repeat_may_be_the_reports_own():
    asked = "Where was the conference to spread the programme held?"
    found = one('"celebró una conferencia" => It was held in the morning.', asked, piece("es", "El 19 de enero"))
    assert found is not None and found.text == "Ninh Binh"


def rivals(first: str, second: str, *, near: float = 1.0, question: str = "How many models had Kim Bang?") -> Outcome:
    """Two reports of one place, each with its figure; the second is `near` times as near."""
    pieces = []
    for id, text, score in (("one", first, 0.9), ("two", second, 0.9 * near)):
        report = article(f"Kim Bang. {text}", id=id, language="en", places=("Kim Bang",))
        held = sentences(report)
        pieces.append(Evidence(report, (held[-1],), 0, score))
    rule = excerpts(*((f"{n} models", f"Kim Bang had {n} models.") for n in ("40", "41")))
    return claimed(FakeModel(rule), ask(question), pieces, 4, FakeLikeness())


def test_another_report_with_another_figure_is_told_too(monkeypatch):
    monkeypatch.setattr(rag.claiming, "SURE", 0.5)
    made = rivals("It had 40 models.", "It had 41 models.")
    assert [found.text for found in made.found] == ["Kim Bang had 40 models.", "Kim Bang had 41 models."]
    assert [found.proofs[0][0].id for found in made.found] == ["one", "two"]


def test_another_report_that_agrees_or_is_far_is_not(monkeypatch):
    monkeypatch.setattr(rag.claiming, "SURE", 0.5)
    assert len(rivals("It had 40 models.", "There are 40 models.").found) == 1
    assert len(rivals("It had 40 models.", "It had 41 models.", near=0.1).found) == 1
    assert len(rivals("It had 40 models.", "Nobody counted.").found) == 1


def test_another_report_without_the_figure_that_the_question_names_is_no_rival(monkeypatch):
    monkeypatch.setattr(rag.claiming, "SURE", 0.5)
    asked = "Of the 90 plans, how many models had Kim Bang?"
    assert len(rivals("Of 90 plans it had 40 models.", "It had 41 models.", question=asked).found) == 1
    assert len(rivals("Of 90 plans it had 40 models.", "Of 90 it had 41 models.", question=asked).found) == 2
    assert len(rivals("It had 40 models.", "It had 41 models.", question=asked).found) == 2


# A strong model


def test_all_proven_claims_of_a_strong_model_are_kept_and_no_other():
    rules = (
        ("109 modeli", "Kim Bang reported 109 models."),
        ("109 modeli", "It reported 5,000."),
        ("29", "29 models."),
    )
    outcome = claimed(
        FakeModel(claims(*rules), small=False), ask("How many models did each report?"), [PL, DE], 9, FakeLikeness()
    )
    assert [found.text for found in outcome.found] == ["Kim Bang reported 109 models.", "29 models."]
    assert [found.likelihood for found in outcome.found] == [1.0, 1.0] and outcome.confidence == 1.0
    assert [found.proofs[0][0].language for found in outcome.found] == ["pl", "de"]


def test_a_strong_model_whose_claims_all_fail_is_declined():
    model = FakeModel(claims(("109 modeli", "It reported 5,000.")), small=False, translated="never")
    assert claimed(model, ask(KIM_BANG), [PL], 9, FakeLikeness()) == Outcome((), 0.0)
    assert model.translations == []


def test_a_rule_that_reads_well_answers_in_every_report():
    facts = excerpts(("109 modeli", "There were 109."), ("29 Modellen", "There were 29."))
    for question, shown, told in ((KIM_BANG, PL, "109"), ("How many models did Ninh Son register?", DE, "29")):
        outcome = claimed(FakeModel(facts), ask(question), [shown], 9, FakeLikeness())
        assert [told in found.text for found in outcome.found] == [True]


def test_who_is_told_by_one_sentence_and_what_by_another_and_both_are_cited():
    shown = piece("es", "los delegados escucharon")
    day = sentences(REPORTS["es"])[0]
    shown = Evidence(shown.article, shown.sentences, shown.best, shown.score, elsewhere=day)
    found = one('"19 de enero" => On 19 January.', "When did the delegates hear the programme?", shown)
    assert found and quotes(found) == [day.text, shown.sentences[shown.best].text]

"""Which drafts become claims: the likeliest one of a small model, all proven ones of a strong one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_model import UNSURE, FakeModel, alike, claims, excerpts, tokens
from fake_reports import article, seeds

import rag.claiming
from rag.claiming import Found, Outcome, best, of_each, verified
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
    (draft,) = read(model, asked, [shown], 1)
    return verified(model, asked, draft, alike)


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
            "Who chaired the conference in Thai Binh?",
            '"konferansa başkanlık etti" => Angela Merkel chaired the conference.',
            TR_CHAIR,
        ),
        ("What did Hai Phong do?", '"109 modeli" => Hai Phong had 109 models.', PL),
        ("What did Kim Bang do?", '"109 modeli" => Kim Bang had 5,000 models.', PL),
    ],
)
def test_what_no_sentence_proves_is_no_claim_and_nothing_is_translated(question, reply, shown):
    model, asked = FakeModel([reply], translated="never"), ask(question)
    (draft,) = read(model, asked, [shown], 1)
    assert verified(model, asked, draft, alike) is None
    assert model.translations == []


def test_of_several_sentences_the_one_that_proves_is_cited():
    shown = piece("pl", "109 modeli", around=1)
    found = one('"Koordynacja między" => Kim Bang carried out 109 models.', "What did Kim Bang do?", shown)
    assert found is not None and found.support == "supported" and "109 modeli" in quotes(found)[0]


# The best of several, and when to stop


SAID = '"109 modeli" => Kim Bang reported 109 models.'


def test_reading_stops_at_the_first_claim_that_is_sure(monkeypatch):
    for sure, read_in_all in ((0.0, 1), (1.1, 3)):
        monkeypatch.setattr(rag.claiming, "SURE", sure)
        model = FakeModel([SAID])
        assert best(model, ask(KIM_BANG), [PL] * 3, 9, alike) is not None
        assert len(model.prompts) == read_in_all


@pytest.mark.parametrize("first", [True, False])
def test_the_likeliest_claim_wins_wherever_it_stands(monkeypatch, first):
    monkeypatch.setattr(rag.claiming, "SURE", 1.1)
    sure, torn = tokens(SAID), tokens('"109 modeli" => It was 109.', **UNLIKELY)
    found = best(FakeModel([sure, torn] if first else [torn, sure]), ask(KIM_BANG), [PL, PL], 9, alike)
    assert found is not None and found.text == "Kim Bang reported 109 models."


def test_a_claim_below_the_threshold_is_not_told_but_its_likelihood_is(monkeypatch):
    for threshold, told in ((0.0, 1), (1.1, 0)):
        monkeypatch.setattr(rag.claiming, "DECLINE", threshold)
        outcome = claimed(FakeModel([SAID]), ask(KIM_BANG), [PL], 9, alike)
        assert len(outcome.found) == told and 0.0 < outcome.confidence <= 1.0


@pytest.mark.parametrize("reply", ["NONE", '"109 modeli" => 109.'])
def test_without_a_claim_nothing_is_told(reply):
    question = KIM_BANG.replace("Kim Bang", "Hai Phong") if reply != "NONE" else KIM_BANG
    assert claimed(FakeModel([reply]), ask(question), [PL], 9, alike) == Outcome((), 0.0)
    assert claimed(FakeModel([reply]), ask(question), [], 9, alike) == Outcome((), 0.0)


def test_at_most_so_many_stretches_are_read():
    model = FakeModel(["NONE"])
    claimed(model, ask(KIM_BANG), [PL] * 5, 2, alike)
    assert len(model.prompts) == 2


def test_what_a_model_raises_goes_through():
    with pytest.raises(ModelError, match="gone"):
        claimed(FakeModel([ModelError("gone; start it")]), ask(KIM_BANG), [PL], 9, alike)


def test_a_figure_of_another_thing_is_less_likely_than_one_of_what_is_asked_about():
    compared: list[tuple[str, ...]] = []

    def likeness(value):
        def alike(words, language, others, other_language):
            compared.append((*words, language, *others, other_language))
            return value

        return alike

    model, asked = FakeModel([SAID]), ask(KIM_BANG)
    (draft,) = read(model, asked, [PL], 1)
    near, far = (verified(model, asked, draft, likeness(value)) for value in (1.0, 0.0))
    assert near is not None and far is not None and near.likelihood > far.likelihood
    assert "models" in compared[0] and "modeli" in compared[0] and {"en", "pl"} <= set(compared[0])
    # A question that counts nothing compares nothing.
    compared.clear()
    other = ask("What did Kim Bang report?")
    assert verified(model, other, draft, likeness(0.0)) == verified(model, other, draft, likeness(1.0))
    assert compared == []


def test_a_place_that_the_excerpt_does_not_repeat_may_be_the_reports_own():
    asked = "Where was the conference to spread the programme held?"
    found = one('"celebró una conferencia" => It was held in the morning.', asked, piece("es", "El 19 de enero"))
    assert found is not None and found.text == "Ninh Binh"


def rivals(first: str, second: str, *, near: float = 1.0) -> Outcome:
    """Two reports of one place, each with its figure; the second is `near` times as near."""
    pieces = []
    for id, text, score in (("one", first, 0.9), ("two", second, 0.9 * near)):
        report = article(f"Kim Bang. {text}", id=id, language="en", places=("Kim Bang",))
        held = sentences(report)
        pieces.append(Evidence(report, (held[-1],), 0, score))
    rule = excerpts(*((f"{n} models", f"Kim Bang had {n} models.") for n in ("40", "41")))
    return claimed(FakeModel(rule), ask("How many models had Kim Bang?"), pieces, 4, alike)


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


# A strong model


def test_all_proven_claims_of_a_strong_model_are_kept_and_no_other():
    rules = (
        ("109 modeli", "Kim Bang reported 109 models."),
        ("109 modeli", "It reported 5,000."),
        ("29", "29 models."),
    )
    outcome = claimed(
        FakeModel(claims(*rules), small=False), ask("How many models did each report?"), [PL, DE], 9, alike
    )
    assert [found.text for found in outcome.found] == ["Kim Bang reported 109 models.", "29 models."]
    assert [found.likelihood for found in outcome.found] == [1.0, 1.0] and outcome.confidence == 1.0
    assert [found.proofs[0][0].language for found in outcome.found] == ["pl", "de"]


def test_a_strong_model_whose_claims_all_fail_is_declined():
    model = FakeModel(claims(("109 modeli", "It reported 5,000.")), small=False, translated="never")
    assert claimed(model, ask(KIM_BANG), [PL], 9, alike) == Outcome((), 0.0)
    assert model.translations == []


def test_stretches_report_by_report_in_the_order_of_the_best():
    second = piece("pl", "Życie materialne")
    assert of_each([PL, DE, second]) == [[PL, second], [DE]]
    assert of_each([DE, PL, replace(DE, score=0.1)])[0][0] is DE
    assert of_each([]) == []


def test_a_rule_that_reads_well_answers_in_every_report():
    facts = excerpts(("109 modeli", "There were 109."), ("29 Modellen", "There were 29."))
    for question, shown, told in ((KIM_BANG, PL, "109"), ("How many models did Ninh Son register?", DE, "29")):
        outcome = claimed(FakeModel(facts), ask(question), [shown], 9, alike)
        assert [told in found.text for found in outcome.found] == [True]

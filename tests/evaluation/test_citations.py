"""Citations: where they stand, whose they are, what they cover."""

from dataclasses import replace

from rag import Citation, Claim
from rag.evaluation.citations import (
    citation_exactness,
    citation_precision,
    citation_recall,
    proof_recall,
    sentences_cited,
    supported_share,
)

TEXTS = {"kb": "Wdrożono 109 modeli. Koniec.", "ns": "29 Modelle wurden gemeldet."}


def cite(id, quote, number=1):
    start = TEXTS[id].index(quote)
    return Citation(number, id, "", "pl", None, None, start, start + len(quote), quote)


FIRST, LAST, OTHER = cite("kb", "Wdrożono 109 modeli."), cite("kb", "Koniec.", 2), cite("ns", "29 Modelle", 3)


def test_precision_is_the_share_of_the_right_reports():
    assert citation_precision([FIRST, LAST, OTHER], ["kb"]) == 2 / 3
    assert citation_precision([FIRST], []) == 0.0  # no report proves what none says
    assert citation_precision([], ["kb"]) is None


def test_recall_is_the_share_of_the_reports_needed():
    assert citation_recall([FIRST, LAST], ["kb", "ns"]) == 0.5
    assert citation_recall([FIRST], ["kb", "ns"], any_of=True) == 1.0
    assert citation_recall([], ["kb"]) == 0.0
    assert citation_recall([FIRST], []) is None


def test_exactness_sees_a_shift_by_one_and_a_report_that_is_not_there():
    assert citation_exactness([FIRST, OTHER], TEXTS) == 1.0
    shifted = replace(FIRST, start=FIRST.start + 1, end=FIRST.end + 1)
    assert citation_exactness([shifted, OTHER], TEXTS) == 0.5
    assert citation_exactness([replace(FIRST, article_id="gone")], TEXTS) == 0.0
    assert citation_exactness([replace(FIRST, start=3, end=3, quote="")], TEXTS) == 0.0
    assert citation_exactness([], TEXTS) is None


def test_the_proving_sentence_has_to_be_shown_not_only_its_report():
    quotes = ["109 modeli", "29 Modelle wurden"]
    assert proof_recall([FIRST, OTHER], quotes, TEXTS) == 1.0
    assert proof_recall([LAST, OTHER], quotes, TEXTS) == 0.5
    assert proof_recall([], quotes, TEXTS) == 0.0
    assert proof_recall([FIRST], [], TEXTS) is None


def test_a_quote_that_stands_twice_is_found_at_either_place():
    text = "In 1990 it began. It ended in 1990."
    second = Citation(1, "a", "", "en", None, None, 18, len(text), text[18:])
    assert proof_recall([second], ["1990"], {"a": text}) == 1.0
    assert proof_recall([second], ["began"], {"a": text}) == 0.0


def test_every_number_of_a_claim_has_to_lead_somewhere():
    claims = [Claim("a", (1,), "supported"), Claim("b", (1, 4), "supported"), Claim("c", (), "weak")]
    assert sentences_cited(claims, [FIRST]) == 1 / 3
    assert sentences_cited([], []) is None


def test_supported_is_not_weak():
    assert supported_share([Claim("a", (1,), "supported"), Claim("b", (1,), "weak")]) == 0.5
    assert supported_share([]) is None

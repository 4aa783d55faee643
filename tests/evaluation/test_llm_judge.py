"""The judge: what it is shown, what its words come to, and how its agreement is counted."""

import pytest
from fake_runs import answer, case, unanswerable

from rag.evaluation.llm_judge import Judgement, agreements, judge
from rag.evaluation.scoring import Scores
from rag.llm.model import Completion


class Judge:
    name = "judge"
    small = True
    constrains = True

    def __init__(self, *replies):
        self.replies = list(replies)
        self.asked = []

    def complete(self, prompt, *, on_text=None):
        self.asked.append((prompt.messages[0].content, prompt.messages[-1].content, prompt.grammar))
        return Completion(self.replies.pop(0), ())

    def close(self):
        pass


def test_it_is_shown_quotes_for_faithfulness_and_accepted_answers_for_correctness():
    model = Judge("YES", "no.")
    assert judge(model, case(answers=("109", "one hundred and nine")), answer()) == Judgement("judge", True, False)
    (rules, faithful, grammar), (_, correct, _) = model.asked
    assert "YES or NO" in rules and grammar == 'root ::= "YES" | "NO"\n'
    assert "Wdrożono 109 modeli." in faithful and "Answer: It reported 109 models." in faithful
    assert "one hundred and nine" in correct and "Wdrożono" not in correct
    assert "[1]" not in faithful


def test_a_declined_answer_is_not_judged():
    model = Judge()
    assert judge(model, case(), answer("")) == Judgement("judge", None, None)
    assert model.asked == []


def test_without_accepted_answers_only_faithfulness_is_judged():
    assert judge(Judge("YES"), unanswerable(), answer()) == Judgement("judge", True, None)
    parts = case(answers=(), parts=(("Oslo",), ("Lund", "Lunds")))
    model = Judge("YES", "YES")
    assert judge(model, parts, answer()).correct
    assert "- Oslo, Lund\n" in model.asked[1][1]


@pytest.mark.parametrize(
    ("reply", "said"), [("YES", True), (" yes, it does", True), ("No", False), ("Yesterday", None), ("perhaps", None)]
)
def test_a_reply_of_neither_word_is_no_verdict(reply, said):
    assert judge(Judge(reply, "YES"), case(), answer()).faithful is said


def test_agreement_is_counted_where_both_have_a_verdict():
    right, wrong = Scores(contains=1.0, supported=1.0, sentences_cited=1.0), Scores(contains=0.0)
    judged = [
        (Judgement("j", True, True), right),
        (Judgement("j", False, False), wrong),
        (Judgement("j", None, True), wrong),
        (Judgement("j", None, None), right),
    ]
    faithful, correct = agreements(judged)
    assert (faithful.n, faithful.equal, faithful.kappa) == (1, 1.0, None)
    assert (correct.verdict, correct.measure, correct.n) == ("correct", "contains gold", 3)
    assert correct.said_yes == correct.equal == pytest.approx(2 / 3)
    assert correct.kappa == pytest.approx(0.4)
    assert agreements([]) == []


def test_a_judgement_survives_json():
    given = Judgement("j", True, None)
    assert Judgement.from_dict(given.to_dict()) == given

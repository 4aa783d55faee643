"""Declining: precision, recall, false refusals, and the curve over the threshold."""

from rag.evaluation.refusals import Decision, best_threshold, refusal_curve, refusals


def decided(answerable, declined, confidence=0.0, right=None):
    return Decision(answerable, declined, confidence, right)


def test_the_four_shares():
    made = [
        decided(True, False),
        decided(True, False),
        decided(True, True),
        decided(False, True),
        decided(False, True),
        decided(False, False),
    ]
    told = refusals(made)
    assert (told.precision, told.recall, told.false_refusals) == (2 / 3, 2 / 3, 1 / 3)
    assert told.f1 == 2 * 2 / (3 + 3)


def test_what_does_not_apply_is_no_score():
    none_declined = refusals([decided(True, False), decided(False, False)])
    assert (none_declined.precision, none_declined.recall, none_declined.f1) == (None, 0.0, 0.0)
    all_answerable = refusals([decided(True, True)])
    assert (all_answerable.precision, all_answerable.recall, all_answerable.f1) == (None, None, None)
    assert all_answerable.false_refusals == 1.0
    assert refusals([decided(False, True)]).false_refusals is None


def test_the_curve_goes_from_declining_nothing_to_declining_all():
    made = [
        decided(True, False, 0.9, True),
        decided(True, False, 0.4, False),
        decided(False, False, 0.5),
        decided(False, True, 0.1),
    ]
    curve = refusal_curve(made)
    assert [round(point.threshold, 3) for point in curve] == [0.0, 0.1, 0.4, 0.5, 0.9, 0.9]
    assert [point.refusals.recall for point in curve] == [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    assert [point.refusals.false_refusals for point in curve] == [0.0, 0.0, 0.0, 0.5, 0.5, 1.0]
    assert [point.right for point in curve] == [0.5, 0.5, 0.5, 0.5, 0.5, 0.0]


def test_what_was_decided_does_not_move_the_curve():
    first = refusal_curve([decided(False, True, 0.3), decided(True, False, 0.6)])
    other = refusal_curve([decided(False, False, 0.3), decided(True, True, 0.6)])
    assert first == other


def test_a_curve_of_nothing_has_no_shares():
    assert all(point.refusals.recall is None and point.right is None for point in refusal_curve([]))


def test_the_best_threshold_keeps_the_bounds_where_it_can():
    sure = [decided(True, False, 0.5 + at / 100) for at in range(20)]
    unsure = [decided(False, False, 0.2 + at / 1000) for at in range(9)] + [decided(False, False, 0.99)]
    best = best_threshold(refusal_curve(sure + unsure))
    assert (best.threshold, best.refusals.recall, best.refusals.false_refusals) == (0.5, 0.9, 0.0)
    low = [decided(True, False, 0.1), decided(True, False, 0.1), decided(True, False, 0.25)]
    best = best_threshold(refusal_curve([*low, *sure[:17], *unsure[:9], decided(False, False, 0.3)]))
    assert (best.refusals.recall, best.refusals.false_refusals) == (0.9, 0.1), "all ten would cost .15"


def test_the_best_threshold_is_the_best_trade_otherwise():
    made = [
        decided(True, False, 0.1),
        decided(True, False, 0.6),
        decided(False, False, 0.3),
        decided(False, False, 0.7),
    ]
    best = best_threshold(refusal_curve([*made, decided(True, False, 0.8)]))
    assert (best.refusals.recall, round(best.refusals.false_refusals, 2)) == (1.0, 0.67)
    assert best_threshold(refusal_curve(made[:2])) is None  # nothing unanswerable to decline

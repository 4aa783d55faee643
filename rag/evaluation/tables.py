"""Runs -> tables of text, shared by the terminal and the page. Independent of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.comparison import Against, Comparison, Measured
from rag.evaluation.llm_judge import agreements
from rag.evaluation.pairs import AVERAGED, Pair, averaged, judged, pair, pairs, text_language, worst
from rag.evaluation.reliability import PROVEN, Told, calibration_error, discrimination, sure_from
from rag.evaluation.runs import Row, Run
from rag.evaluation.scoring import METRICS, Metric
from rag.evaluation.summary import Summary, groups, summarise
from rag.evaluation.uncertainty import CONFIDENCE, Share


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text: its heading, the columns' names, rows of cells, and a remark below.

    The first `labels` columns hold words, the others figures.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    remark: str = ""
    labels: int = 1


def sheets(runs: Sequence[Run], comparison: Comparison | None) -> list[Sheet]:
    """All tables for these runs, without empty ones."""
    named = len(runs) > 1
    made = [sheet for run in runs for sheet in (_by_group(run, named), pair_sheet(run, named), trust_sheet(run, named))]
    made.append(_measures(runs))
    made += [_agreement(run, named) for run in runs]
    if comparison:
        for against in comparison.others:
            made.append(_differences(comparison, against))
    return [sheet for sheet in made if sheet.rows]


def _by_group(run: Run, named: bool) -> Sheet:
    title = "By language and kind" + _of(run, named)
    told = [summarise(label, rows) for label, rows in groups(run.rows)]
    if run.stamp.only_retrieval:
        names = ("recall_1", "recall_5", "recall_10", "reciprocal_rank", "ndcg_10")
        columns = ("", "n", *(metric.label for metric in METRICS if metric.name in names))
        return Sheet(title, columns, tuple((s.label, str(s.n), *(share(s.means[n]) for n in names)) for s in told))
    columns = ("", "n", "right", "words", "declined", "wrong cit.", "recall@1", "median s")
    misquoted = sum(row.misquoted for row in told[:1])
    return Sheet(
        title,
        columns,
        tuple(_answers(summary) for summary in told),
        "right: of answerable ones, the words and all the reports needed cited, no other. words: the words alone. "
        "declined: of unanswerable ones. wrong cit.: citations of a report that does not prove it. "
        f"Answers with a quote that does not stand in its report: {misquoted}.",
    )


def _answers(summary: Summary) -> tuple[str, ...]:
    wrong = f"{summary.wrong_citations} of {summary.citations}" if summary.answerable else "-"
    return (
        summary.label,
        str(summary.n),
        share(summary.means["right"]),
        share(summary.means["contains"]),
        share(summary.means["declined_rightly"]),
        wrong,
        share(summary.means["recall_1"]),
        "-" if summary.median_seconds is None else f"{summary.median_seconds:.2f}",
    )


def pair_sheet(run: Run, named: bool = False) -> Sheet:
    """Figures by language of question and text, for a run whose cases mark spans."""
    made = pairs(run.rows) if any(row.case.spans for row in run.rows) else []
    rows = [_pair(one) for one in made]
    for told, group in (("same language", [p for p in made if p.same]), ("across", [p for p in made if not p.same])):
        if found := worst(group):
            means = [share(averaged(group, name)) for name in AVERAGED]
            rows.append((told, f"mean of {len(group)}", str(sum(p.n for p in group)), means[0], "", *means[1:], "", ""))
            rows.append((f"{told}: worst", f"{found.asked} on {found.text}", *_pair(found)[2:]))
    if made:
        rows.append(("all", "", *_pair(pair("", "", run.rows))[2:]))
    columns = (
        "asked in", "text in", "n", "right", f"{CONFIDENCE:.0%}", "gold inside", "report first", "declined",
        "unanswerable declined", "proven right", "wrong report", "median s", "calibration error",
    )  # fmt: skip
    remark = (
        "right: of answerable ones, the words that were read overlap the marked ones (F1 of .5 or more) in a report "
        "that holds them; interval by Wilson. declined: of answerable ones. proven right: of answers called proven. "
        "wrong report: of answered answerable ones, those that cite a report that does not answer."
    )
    return Sheet("By language of question and text" + _of(run, named), columns, tuple(rows), remark, labels=2)


def trust_sheet(run: Run, named: bool = False) -> Sheet:
    """Calibration by language of the text, or of the question if no text's is known."""
    told = judged(run.rows)
    if not any(confidence for confidence, _ in told):
        return Sheet("", (), ())
    groups: dict[str, list[Row]] = {}
    for row in run.rows:
        groups.setdefault(text_language(row) if row.case.text_language else row.case.language, []).append(row)
    rows = [_trust("all", told), *(_trust(tag, judged(held)) for tag, held in sorted(groups.items()) if judged(held))]
    unknown = sum(bool(row.answer) and row.scores.reading_right is None for row in run.rows)
    remark = (
        "calibration error: mean distance of confidence and share right, over ten bins of equal width. apart: how "
        "often a right answer is held surer than a wrong one. sure from: the lowest confidence from which on "
        f"{PROVEN:.0%} are right. Not known of {unknown} answers."
    )
    columns = ("", "n", "right", "mean confidence", "calibration error", "apart", "sure from", "n")
    return Sheet("How far confidence can be trusted" + _of(run, named), columns, tuple(rows), remark)


def _pair(one: Pair) -> tuple[str, ...]:
    return (
        one.asked,
        one.text,
        str(one.n),
        share(one.right.value),
        interval(one.right),
        share(one.gold.value),
        share(one.first.value),
        share(one.declined.value),
        _counted(one.refused),
        _counted(one.proven),
        _counted(one.wrong),
        _seconds(one.seconds),
        share(one.error),
    )


def _counted(held: Share) -> str:
    """A share and its n, if n is not all questions."""
    return f"{share(held.value)} of {held.n}" if held.n else "-"


def _trust(label: str, told: Sequence[Told]) -> tuple[str, ...]:
    sure = sure_from(told)
    right = Share.of([was for _, was in told])
    middle = sum(confidence for confidence, _ in told) / len(told)
    return (
        label,
        str(right.n),
        share(right.value),
        share(middle),
        share(calibration_error(told)),
        share(discrimination(told)),
        share(sure[0]) if sure else "-",
        str(sure[1].n) if sure else "0",
    )


def _of(run: Run, named: bool) -> str:
    return f": {run.name}" if named else ""


def _measures(runs: Sequence[Run]) -> Sheet:
    told = [summarise("all", run.rows) for run in runs]
    rows = [
        (metric.label, *(value(metric, summary.means[metric.name]) for summary in told))
        for metric in METRICS
        if any(summary.means[metric.name] is not None for summary in told)
    ]
    of_all = (
        ("refusal precision", [share(summary.refusals.precision) for summary in told]),
        ("refusal recall", [share(summary.refusals.recall) for summary in told]),
        ("refusal F1", [share(summary.refusals.f1) for summary in told]),
        ("seconds, median", [_seconds(summary.median_seconds) for summary in told]),
        ("seconds, 95th percentile", [_seconds(summary.p95_seconds) for summary in told]),
    )
    rows += [(label, *cells) for label, cells in of_all if any(cell != "-" for cell in cells)]
    remark = "Means over the questions that a measure applies to."
    return Sheet("All measures", ("", *(run.name for run in runs)), tuple(rows), remark)


def _agreement(run: Run, named: bool) -> Sheet:
    judged = [(row.judgement, row.scores) for row in run.rows if row.judgement]
    rows = [
        (
            one.verdict,
            one.measure,
            str(one.n),
            share(one.said_yes),
            share(one.equal),
            "-" if one.kappa is None else signed(METRICS[0], one.kappa),
        )
        for one in agreements(judged)
    ]
    judge = judged[0][0].judge if judged else ""
    title = f"Judged by {judge}" + _of(run, named)
    columns = ("verdict", "measure", "n", "judge says yes", "equal", "Cohen's kappa")
    return Sheet(title, columns, tuple(rows), "kappa 1: always agree; 0: no more than by chance.", labels=2)


def _differences(comparison: Comparison, against: Against) -> Sheet:
    rows = tuple(_difference(measured) for measured in against.measured if _telling(measured))
    left_out = "".join(f" {count} other cases of {name} are left out." for name, count in comparison.left_out.items())
    return Sheet(
        f"{against.run.name} against {comparison.base.name}",
        (
            "group",
            "measure",
            "n",
            comparison.base.name,
            against.run.name,
            "difference",
            f"{CONFIDENCE:.0%} interval",
            "",
        ),
        rows,
        f"Paired bootstrap over {len(comparison.base.rows)} shared cases; rows without any difference are left out "
        f"but for all questions. better, worse: the interval leaves out zero.{left_out}",
        labels=2,
    )


def _telling(measured: Measured) -> bool:
    return measured.group == "all" or measured.difference.mean != 0.0


def _difference(measured: Measured) -> tuple[str, ...]:
    metric, held = measured.metric, measured.difference
    interval, verdict = "-", ""
    if held.low is not None and held.high is not None:
        interval = f"{signed(metric, held.low)} to {signed(metric, held.high)}"
    if held.clear:
        verdict = "better" if (held.mean > 0) == (metric.better == "more") else "worse"
    return (
        measured.group,
        metric.label,
        str(held.n),
        value(metric, held.base),
        value(metric, held.other),
        signed(metric, held.mean),
        interval,
        verdict,
    )


def share(held: float | None) -> str:
    """A share to two decimals, without a leading zero: .79."""
    return "-" if held is None else f"{held:.2f}".removeprefix("0") if held < 1 else f"{held:.2f}"


def interval(held: Share) -> str:
    """The 95 % interval of a share: .47 to .67."""
    ends = held.interval
    return f"{share(ends[0])} to {share(ends[1])}" if ends else "-"


def value(metric: Metric, held: float | None) -> str:
    """A metric in its unit."""
    if held is None:
        return "-"
    return share(held) if metric.unit == "share" else f"{held:.2f}" if metric.unit == "seconds" else f"{held:.0f}"


def signed(metric: Metric, held: float) -> str:
    """A difference in the metric's unit, always with its sign."""
    digits = 0 if metric.unit == "count" else 3 if metric.unit == "share" else 2
    return f"{round(held, digits) + 0.0:+.{digits}f}".replace("+0.", "+.").replace("-0.", "-.")


def _seconds(held: float | None) -> str:
    return "-" if held is None else f"{held:.2f}"

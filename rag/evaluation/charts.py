"""Runs -> charts as SVG text: no script, no file, no network; as wide as a phone, so that labels stay readable.

matplotlib is imported only when a chart is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from rag.evaluation.pairs import judged
from rag.evaluation.refusals import best_threshold, refusal_curve, refusals
from rag.evaluation.reliability import bins, calibration_error
from rag.evaluation.runs import Run
from rag.evaluation.summary import decisions, language_pairs, summarise
from rag.language import name as language_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours that colour-blind people can tell apart: Okabe and Ito (2008).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
WIDTH = 4.6  # inches at 72 points each: 331 points of a page
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "askreports",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "axes.axisbelow": True,
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its heading, what to read from it, and the SVG element."""

    title: str
    says: str
    svg: str


def charts(runs: Sequence[Run]) -> list[Chart]:
    """The charts for which the runs have data."""
    of = [f" of {run.name}" if len(runs) > 1 else "" for run in runs]
    made = [_thresholds(*one) for one in zip(runs, of, strict=True)]
    made.append(_tradeoff(runs))
    made += [_reliability(*one) for one in zip(runs, of, strict=True)]
    made += [_pairs(*one) for one in zip(runs, of, strict=True)]
    made += [_by_language(runs), _latency(runs)]
    return [chart for chart in made if chart]


def _thresholds(run: Run, of: str) -> Chart | None:
    made = decisions(run.rows)
    if not any(one.answerable for one in made) or all(one.answerable for one in made):
        return None
    if not any(one.confidence for one in made):
        return None
    curve = refusal_curve(made)
    thresholds = [point.threshold for point in curve]
    lines = {
        "unanswerable declined": [point.refusals.recall for point in curve],
        "false refusals": [point.refusals.false_refusals for point in curve],
        "refusal F1": [point.refusals.f1 for point in curve],
        "right answers left": [point.right for point in curve],
    }

    def draw(axes: Axes) -> None:
        for (label, values), colour in zip(lines.items(), COLOURS, strict=False):
            style = "--" if label == "false refusals" else "-"
            axes.step(thresholds, _floats(values), style, where="pre", color=colour, label=label)
        axes.set(xlabel="decline below this confidence", ylabel="share of questions", xlim=(0, 1), ylim=(-0.02, 1.02))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, frameon=False)

    told = refusals(made)
    says = f"Declined: {_share(told.recall)} of the unanswerable, {_share(told.false_refusals)} of the others."
    if best := best_threshold(curve):
        shares = f"{_share(best.refusals.recall)} and {_share(best.refusals.false_refusals)}"
        says += f" Below {best.threshold:.2f} it would be {shares}, the best trade."
    return Chart(f"Refusals over the threshold{of}", says, _drawn(draw, 3.6))


def _tradeoff(runs: Sequence[Run]) -> Chart | None:
    held = [(run, decisions(run.rows)) for run in runs]
    held = [(run, made) for run, made in held if len({one.answerable for one in made}) == 2]
    if not held:
        return None

    def draw(axes: Axes) -> None:
        for (run, made), colour in zip(held, _colours(len(held)), strict=True):
            if any(one.confidence for one in made):
                curve = [point.refusals for point in refusal_curve(made)]
                axes.plot(
                    _floats([point.false_refusals for point in curve]),
                    _floats([point.recall for point in curve]),
                    color=colour,
                )
            told = refusals(made)
            axes.plot(_floats([told.false_refusals]), _floats([told.recall]), "o", color=colour, label=run.name)
        axes.set(xlabel="answerable declined", ylabel="unanswerable declined", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False)

    return Chart("What declining costs", "Up and left is better; the dot is what was decided.", _drawn(draw, 3.6))


def _reliability(run: Run, of: str) -> Chart | None:
    told = judged(run.rows)
    if not any(confidence for confidence, _ in told):
        return None
    found = bins(told)

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], "--", color="#767676", label="as sure as right")
        shares = [one.right.count / one.right.n for one in found]
        ends = [one.right.interval or (0.0, 0.0) for one in found]
        apart = [
            [max(0.0, share - low) for share, (low, _) in zip(shares, ends, strict=True)],
            [max(0.0, high - share) for share, (_, high) in zip(shares, ends, strict=True)],
        ]
        sure = [one.confidence for one in found]
        axes.errorbar(sure, shares, yerr=apart, fmt="o-", color=COLOURS[0], capsize=2, label="share right, 95 %")
        for one, share in zip(found, shares, strict=True):
            axes.annotate(f"n {one.right.n}", (one.confidence, share), xytext=(4, -9), textcoords="offset points")
        axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(-0.02, 1.02))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, frameon=False)

    says = f"Calibration error {_share(calibration_error(told))}, over {len(told)} best readings that can be judged."
    return Chart(f"Reliability of the confidence{of}", says, _drawn(draw, 3.6))


def _pairs(run: Run, of: str) -> Chart | None:
    pairs = language_pairs(run.rows)
    if not pairs:
        return None
    asked = sorted({pair.asked for pair in pairs})
    reported = sorted({pair.reported for pair in pairs})

    def draw(axes: Axes) -> None:
        grid = [[float("nan")] * len(reported) for _ in asked]
        for pair in pairs:
            row, column = asked.index(pair.asked), reported.index(pair.reported)
            grid[row][column] = pair.recall
            colour = "white" if pair.recall > 0.6 else "black"
            told = f"{_share(pair.recall)}\nn {pair.n}"
            axes.text(
                column + 0.5, row + 0.5, told, ha="center", va="center", color=colour, fontsize=8, linespacing=1.3
            )
        # Cells as shapes: an image would be a second kind of content in the page.
        axes.pcolormesh(grid, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=1)
        axes.invert_yaxis()
        axes.set_xticks(
            [at + 0.5 for at in range(len(reported))], [_named(tag) for tag in reported], rotation=35, ha="right"
        )
        axes.set_yticks([at + 0.5 for at in range(len(asked))], [_named(tag) for tag in asked])
        axes.set(xlabel="language of the report", ylabel="language of the question")
        axes.grid(visible=False)

    says = "Share of questions whose proving report is found first; with several reports, the share of them."
    return Chart(f"Recall@1 by language pair{of}", says, _drawn(draw, 1.6 + 0.45 * len(asked)))


def _by_language(runs: Sequence[Run]) -> Chart | None:
    languages = sorted({row.case.language for run in runs for row in run.rows})
    shares = [
        [summarise("", [row for row in run.rows if row.case.language == tag]).means["right"] for tag in languages]
        for run in runs
    ]
    if not any(value is not None for values in shares for value in values):
        return None

    def draw(axes: Axes) -> None:
        thick = 0.8 / len(runs)
        for at, (run, values, colour) in enumerate(zip(runs, shares, _colours(len(runs)), strict=True)):
            places = [row + at * thick for row in range(len(languages))]
            bars = axes.barh(places, [value or 0.0 for value in values], thick * 0.9, color=colour, label=run.name)
            axes.bar_label(bars, [_share(value) for value in values], padding=2, fontsize=8)
        middle = [row + 0.4 - thick / 2 for row in range(len(languages))]
        axes.set_yticks(middle, [_named(tag) for tag in languages])
        axes.invert_yaxis()
        axes.set(xlabel="share of answerable questions", xlim=(0, 1.08))
        axes.grid(visible=False, axis="y")
        if len(runs) > 1:
            axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False)

    height = 1.3 + len(languages) * (0.22 + 0.16 * len(runs)) + 0.2 * len(runs)
    return Chart("Right answers by language of the question", "With the reports they need cited.", _drawn(draw, height))


def _latency(runs: Sequence[Run]) -> Chart | None:
    lines = [
        (f"{run.name}, {what}" if len(runs) > 1 else what, colour, style, seconds)
        for run, colour in zip(runs, _colours(len(runs)), strict=True)
        for what, name, style in (("answer", "seconds", "-"), ("evidence", "evidence_seconds", "--"))
        if (seconds := [value for row in run.rows if (value := row.scores.get(name)) is not None])
    ]
    if not lines:
        return None

    def draw(axes: Axes) -> None:
        for label, colour, style, seconds in lines:
            axes.ecdf([max(value, 0.001) for value in seconds], color=colour, linestyle=style, label=label)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set(xlabel="seconds from the question", ylabel="share of questions", ylim=(0, 1.02))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2 if len(runs) == 1 else 1, frameon=False)

    told = [summarise("", run.rows) for run in runs]
    says = "; ".join(
        f"{run.name}: half within {_seconds(one.median_seconds)} s, 95 of 100 within {_seconds(one.p95_seconds)} s"
        for run, one in zip(runs, told, strict=True)
        if one.median_seconds is not None and one.p95_seconds is not None
    )
    return Chart("Seconds", says, _drawn(draw, 3.2 + 0.3 * len(runs)))


def _drawn(draw: Callable[[Axes], None], height: float) -> str:
    from matplotlib.figure import Figure

    with _style():
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure.subplots())
        held = io.StringIO()
        figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = held.getvalue()
    return text[text.index("<svg") :]


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib as mpl

    with mpl.rc_context(cast("Any", _STYLE)):
        yield


def _colours(count: int) -> list[str]:
    return [COLOURS[at % len(COLOURS)] for at in range(count)]


def _floats(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _seconds(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def _named(tag: str) -> str:
    return language_name(tag) if len(tag) <= 3 or "-" in tag else tag


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".removeprefix("0") if value < 1 else "1"

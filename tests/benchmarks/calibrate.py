"""Fit the confidence: `python tests/benchmarks/calibrate.py FEATURES [...] [--check FEATURES ...] [--out FILE]`.

FEATURES are files of JSON lines, folders with `features.jsonl` in them, or run folders of `askreports evaluate` (their
confidence is then the only feature). A line is a reading:

    {"features": {NAME: number}, "right": bool, "language": TAG, "answerable": bool, "question": any name}

Lines of one question are rivals: weights that order them are fitted on all of them (logistic regression, L2, each
language as heavy as the others; then scale and bias on the likeliest of each question, Platt 1999), and the confidence
of the likeliest, which is shown or declined, is fitted on the likeliest alone. Without `question` each line stands
alone. What is printed of a language comes from a fit without it; what is printed of `--check` from the fit that is
written: `bias`, `weights` (of the features as they are), `means` (of the features), `best` (bias and weights for the
likeliest), `told` and `proven` (the confidence from which on to answer, and to call an answer proven: never below .95).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from rag.evaluation.refusals import Decision, best_threshold, refusal_curve
from rag.evaluation.reliability import PROVEN, calibration_error, discrimination, sure_from
from rag.evaluation.runs import load_runs

FILE = "features.jsonl"
# Strength of the prior that a feature says nothing, in questions.
PRIOR = 3.0
SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Line:
    """A reading. `question` tells which are rivals."""

    features: dict[str, float]
    right: bool
    language: str
    answerable: bool
    question: str


@dataclass(frozen=True)
class Fit:
    """Odds are `bias` plus the weighted features; a feature that a line lacks counts with its mean.

    `best` is for the likeliest of several lines.
    """

    bias: float
    weights: dict[str, float]
    means: dict[str, float]
    best: Fit | None = None

    def odds(self, line: Line) -> float:
        held = (weight * line.features.get(name, self.means[name]) for name, weight in self.weights.items())
        return self.bias + sum(held)

    def scaled(self, scale: float, bias: float) -> Fit:
        weights = {name: scale * weight for name, weight in self.weights.items()}
        return replace(self, bias=scale * self.bias + bias, weights=weights)


def read(place: Path) -> list[Line]:
    """The lines of a file, of the file in a folder, or of the runs in a folder."""
    path = place / FILE if place.is_dir() else place
    if path.is_file():
        held = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        return [_line(one, f"{place}:{at}") for at, one in enumerate(held)]
    lines = []
    for part, run in load_runs(place).items():
        for row in run.rows:
            if row.answer and row.scores.reading_right is not None:
                language = row.languages[0] if len(row.languages) == 1 else row.case.language
                features = {"confidence": logit(row.answer.confidence)}
                right = row.scores.reading_right == 1.0
                lines.append(Line(features, right, language, row.case.answerable, f"{place}:{part}:{row.case.id}"))
    return lines


def shipped(path: Path) -> Fit:
    """The fit that a table was written from."""
    held = json.loads(path.read_text("utf-8"))
    best = Fit(held["best"]["bias"], held["best"]["weights"], held["means"])
    return Fit(held["bias"], held["weights"], held["means"], best)


def fit(lines: Sequence[Line]) -> Fit:
    """The weights of all lines, their scale by the likeliest of each question, and weights of these alone."""
    first = _regression(lines)
    best = likeliest(lines, first)
    if len(best) == len(lines):
        return first
    odds = [replace(line, features={"odds": first.odds(line)}) for line in best]
    scale = _regression(odds)
    return replace(first.scaled(scale.weights["odds"], scale.bias), best=_regression(best))


def likeliest(lines: Sequence[Line], fitted: Fit) -> list[Line]:
    """Of each question the reading with the highest odds."""
    best: dict[str, Line] = {}
    for line in lines:
        if line.question not in best or fitted.odds(line) > fitted.odds(best[line.question]):
            best[line.question] = line
    return list(best.values())


def told(lines: Sequence[Line], fitted: Fit) -> list[tuple[float, Line]]:
    """The likeliest reading of each question with its probability."""
    return [(expit((fitted.best or fitted).odds(line)), line) for line in likeliest(lines, fitted)]


def without_each(lines: Sequence[Line]) -> list[tuple[float, Line]]:
    """The same, the readings of each language by a fit on the others."""
    found = []
    for language in sorted({line.language for line in lines}):
        others = [line for line in lines if line.language != language]
        found += told([line for line in lines if line.language == language], fit(others))
    return found


def thresholds(found: Sequence[tuple[float, Line]]) -> tuple[float, float]:
    """From which confidence on to answer, and to call an answer proven; 1 where no answers are that often right."""
    best = best_threshold(refusal_curve(decisions(found)))
    sure = sure_from([(one, line.right) for one, line in found])
    return best.threshold if best else 0.5, sure[0] if sure else 1.0


def decisions(found: Sequence[tuple[float, Line]]) -> list[Decision]:
    return [Decision(line.answerable, False, confidence, line.right) for confidence, line in found]


def show(title: str, found: Sequence[tuple[float, Line]]) -> None:
    """Figures by language, the curve of declining, and both thresholds."""
    print(f"\n{title}\n{'':10} {'n':>5} {'right':>6} {'mean':>6} {'ECE':>6} {'AUC':>6} {'AUC of declining':>17}")
    for language in ["all", *sorted({line.language for _, line in found})]:
        held = [one for one in found if language in ("all", one[1].language)]
        pairs = [(confidence, line.right) for confidence, line in held]
        answerable = discrimination([(confidence, line.answerable) for confidence, line in held])
        figures = (
            sum(right for _, right in pairs) / len(pairs),
            sum(confidence for confidence, _ in pairs) / len(pairs),
            calibration_error(pairs),
            discrimination(pairs),
        )
        print(f"{language:10} {len(held):5} {' '.join(f'{_told(one):>6}' for one in figures)} {_told(answerable):>17}")
    curve = refusal_curve(decisions(found))
    print(f"\n{'below':>10} {'answerable declined':>20} {'unanswerable declined':>22} {'right left':>11}")
    best = best_threshold(curve)
    for threshold in [*SHOWN, *([best.threshold] if best else [])]:
        # Between two points as many are declined as at the higher one.
        point = next((one for one in curve if one.threshold >= threshold), curve[-1])
        shares = (point.refusals.false_refusals, point.refusals.recall, point.right)
        wide = zip(map(_told, shares), (20, 22, 11), strict=True)
        mark = "  <- best trade" if best and threshold == best.threshold else ""
        print(f"{threshold:10.3f} {' '.join(f'{one:>{width}}' for one, width in wide)}{mark}")
    sure = sure_from([(confidence, line.right) for confidence, line in found])
    if sure:
        print(f"\nfrom {sure[0]:.3f} on {sure[1].count} of {sure[1].n} are right")
    else:
        print(f"\nfrom no confidence on {PROVEN:.0%} are right")


def logit(probability: float) -> float:
    held = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(held / (1 - held))


def expit(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, odds))))


def _line(held: dict[str, Any], name: str) -> Line:
    features = {name: float(value) for name, value in held["features"].items()}
    # Of one file: another may number its questions alike.
    question = f"{name.rpartition(':')[0]}:{held['question']}" if "question" in held else name
    return Line(features, bool(held["right"]), held["language"], bool(held["answerable"]), question)


def _regression(lines: Sequence[Line]) -> Fit:
    names = sorted({name for line in lines for name in line.features})
    held = np.array([[line.features.get(name, np.nan) for name in names] for line in lines])
    means = np.nanmean(held, axis=0)
    held = np.where(np.isnan(held), means, held) - means
    spread = np.where(held.std(axis=0) > 0, held.std(axis=0), 1.0)
    x = np.column_stack([np.ones(len(lines)), held / spread])
    y = np.array([line.right for line in lines], float)
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.language] = counts.get(line.language, 0) + 1
    heavy = np.array([len(lines) / len(counts) / counts[line.language] for line in lines])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = x @ weights
        cost = np.sum(heavy * (np.logaddexp(0, odds) - y * odds)) + PRIOR / 2 * np.sum(weights[1:] ** 2)
        slope = x.T @ (heavy * (1 / (1 + np.exp(-np.clip(odds, -40, 40))) - y))
        slope[1:] += PRIOR * weights[1:]
        return float(cost), slope

    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    weights = found[1:] / spread
    bias = float(found[0] - weights @ means)
    return Fit(bias, *(dict(zip(names, map(float, one), strict=True)) for one in (weights, means)))


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features", type=Path, nargs="+")
    parser.add_argument("--check", type=Path, nargs="+", default=[], help="what the fit is looked at with besides")
    parser.add_argument("--table", type=Path, help="a table as --out writes it: only print what it says of FEATURES")
    parser.add_argument("--out", type=Path, help="where the weights go")
    options = parser.parse_args()
    lines = [line for place in options.features for line in read(place)]
    if not lines:
        sys.exit("no reading in these files; name others")
    if options.table:
        show(f"by {options.table}", told(lines, shipped(options.table)))
        return
    if len({line.language for line in lines}) == 1:
        sys.exit("readings in one language only; name files of others too, since each is judged by a fit on the others")
    unseen = without_each(lines)
    show("each language by a fit on the others", unseen)
    fitted = fit(lines)
    if checked := [line for place in options.check for line in read(place)]:
        show("checked", told(checked, fitted))
    answer, proven = thresholds(unseen)
    best = fitted.best or fitted
    made = {
        "bias": round(fitted.bias, 4),
        "weights": {name: round(weight, 4) for name, weight in fitted.weights.items()},
        "means": {name: round(mean, 4) for name, mean in fitted.means.items()},
        "best": {
            "bias": round(best.bias, 4),
            "weights": {name: round(weight, 4) for name, weight in best.weights.items()},
        },
        "told": round(answer, 4),
        "proven": round(max(proven, PROVEN), 4),
    }
    print("\n" + json.dumps(made, indent=1))
    if options.out:
        options.out.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

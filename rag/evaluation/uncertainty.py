"""Statistics over scores: paired differences with bootstrap intervals, shares, percentiles, agreement of two judges.

Knows numbers only, not what they measure. scipy takes a second to load and is imported at the first interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
SEED = 20240705
CONFIDENCE = 0.95
_Z = 1.959964  # the normal quantile of that interval


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of `other - base` over n pairs, and its 95 % interval; the interval is None under two pairs."""

    n: int
    base: float
    other: float
    mean: float
    low: float | None
    high: float | None

    @property
    def clear(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Share:
    """A count out of n."""

    count: int
    n: int

    @classmethod
    def of(cls, held: Sequence[bool]) -> Share:
        """The share of those that are true."""
        return cls(sum(held), len(held))

    @property
    def value(self) -> float | None:
        """From 0 to 1; None if n is 0."""
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval: Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927)."""
        if not self.n:
            return None
        share, of = self.count / self.n, 1 + _Z**2 / self.n
        middle = (share + _Z**2 / (2 * self.n)) / of
        half = _Z * math.sqrt(share * (1 - share) / self.n + _Z**2 / (4 * self.n**2)) / of
        return max(0.0, middle - half), min(1.0, middle + half)


def sign_test(lost: int, gained: int) -> float:
    """One-sided p-value: at least this many of the differing pairs lost, if losing and gaining were equally likely.

    The exact form of McNemar's test (1947): pairs that do not differ carry no information.
    """
    n = lost + gained
    return sum(math.comb(n, k) for k in range(lost, n + 1)) / (1 << n)


def paired_difference(base: Sequence[float | None], other: Sequence[float | None]) -> Difference | None:
    """Paired percentile bootstrap over the pairs where both have a score; None if there are none.

    Efron and Tibshirani, An Introduction to the Bootstrap (1993); for test sets of language systems Koehn (2004).
    """
    pairs = [(one, two) for one, two in zip(base, other, strict=True) if one is not None and two is not None]
    if not pairs:
        return None
    ones, twos = np.array(pairs, dtype=float).T
    moved = twos - ones
    mean = float(moved.mean())
    low: float | None = None
    high: float | None = None
    if len(pairs) > 1 and float(np.ptp(moved)) == 0.0:
        low = high = mean  # resampling equal values returns them
    elif len(pairs) > 1:
        from scipy.stats import bootstrap

        interval = bootstrap(
            (moved,),
            np.mean,
            n_resamples=RESAMPLES,
            batch=1000,
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(SEED),
        ).confidence_interval
        low, high = float(interval.low), float(interval.high)
    return Difference(len(pairs), float(ones.mean()), float(twos.mean()), mean, low, high)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that `share` (0 to 1) of the values do not exceed, interpolated linearly; None for no values."""
    return float(np.quantile(np.array(values, dtype=float), share)) if values else None


def mean(values: Sequence[float | None]) -> float | None:
    """Mean of those that are not None; None where all are."""
    held = [value for value in values if value is not None]
    return sum(held) / len(held) if held else None


def kappa(one: Sequence[bool], other: Sequence[bool]) -> float | None:
    """Agreement of two judges beyond chance: Cohen, A Coefficient of Agreement for Nominal Scales (1960).

    None for no verdicts, and if both always give the same single verdict: chance alone would agree as well.
    """
    if not one:
        return None
    n = len(one)
    agreed = sum(a == b for a, b in zip(one, other, strict=True)) / n
    chance = (sum(one) * sum(other) + (n - sum(one)) * (n - sum(other))) / n**2
    return None if chance == 1.0 else (agreed - chance) / (1 - chance)

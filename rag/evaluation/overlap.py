"""F1 of a span against the accepted answers, as in MLQA: by words, or by characters in scripts without spaces.

Diacritics are kept, as in MLQA's own evaluation (Lewis et al. 2020); articles are not removed, since they are known for
few languages. Knows text only.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from rag.language import UNSPACED

_UNSPACED = re.compile(f"([{UNSPACED}])")


def words(text: str) -> list[str]:
    """What is compared: letters and digits in lower case, single characters in scripts without spaces."""
    kept = (char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in text.casefold())
    return _UNSPACED.sub(r" \1 ", "".join(kept)).split()


def f1(given: str, accepted: Iterable[str]) -> float:
    """The best F1 of `given` against one of the accepted answers; 0 if there are none."""
    return max((_one(words(given), words(answer)) for answer in accepted), default=0.0)


def _one(given: list[str], gold: list[str]) -> float:
    shared = sum((Counter(given) & Counter(gold)).values())
    return 2 * shared / (len(given) + len(gold)) if shared else 0.0

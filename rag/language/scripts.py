"""Scripts that write words without spaces between them: by ISO 15924 code, and by code point."""

from __future__ import annotations

# As CLDR names the script of a language; Japanese mixes kana with ideographs.
UNSPACED_SCRIPTS = frozenset("Hans Hant Hani Jpan Thai Laoo Tibt Khmr Mymr".split())
# The letters of these scripts, as the inside of a character class: Thai, Lao and Tibetan, Burmese, Khmer, kana,
# ideographs with their compatibility forms and extensions.
UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Punctuation that is set among them, likewise without spaces: 、。「」 and full-width marks.
UNSPACED_MARKS = "\u3000-\u303f\uff00-\uff60"

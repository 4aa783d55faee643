"""Text -> file names that every system accepts. Independent of what the files contain."""

from __future__ import annotations

import re
import unicodedata

MAX_BYTES = 120  # of the stem, in UTF-8: file systems allow 255 for the whole name

_FORBIDDEN = re.compile(r'[<>:"/\\|?*%]')
# Device names of Windows, whatever their suffix.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def safe_stem(text: str, otherwise: str) -> str:
    """A file name without suffix: one line, all visible, no path, no device, not hidden; else `otherwise`.

    Letters of all scripts are kept, in NFC.
    """
    seen = (
        " " if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"} else char
        for char in unicodedata.normalize("NFC", text)
    )
    plain = " ".join(_FORBIDDEN.sub(" ", "".join(seen)).split())
    cut = plain.lstrip(". -").encode()[:MAX_BYTES].decode(errors="ignore").rstrip(". ")
    return f"_{cut}" if _DEVICES.match(cut) else cut or otherwise

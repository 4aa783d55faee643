"""Memory that was freed, back to the system: glibc keeps it for the process otherwise."""

from __future__ import annotations

import ctypes
import sys


def give_memory_back() -> None:
    """For after a large step: opening a model takes and frees 100 MB. Does nothing where there is no glibc."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)

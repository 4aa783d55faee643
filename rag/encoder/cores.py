"""numpy's products on one core: its idle threads spin, for longer than a retrieval takes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def on_one_core() -> AbstractContextManager[object]:
    """For small products, of a millisecond; threads that overlap in it may leave the number of cores at one."""
    return cast("AbstractContextManager[object]", _libraries().limit(limits=1))


@lru_cache(maxsize=1)
def _libraries() -> ThreadpoolController:
    # Late: it finds only libraries that are loaded, and these are by now.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")

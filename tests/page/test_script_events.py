"""Orders of the page's script come from a browser: whatever is written there, it is read or it is None."""

from __future__ import annotations

import pytest

from ui.script_events import MAX_ORDER, Order, pulled


def test_an_order_is_read_and_what_it_leaves_out_is_empty():
    assert pulled('{"id": "a", "turn": 2, "text": "b", "ids": ["c"], "pull": 7}') == Order("a", 2, "b", ("c",))
    assert pulled('{"turn": 1}') == Order("", 1, "", ())


@pytest.mark.parametrize(
    "written",
    [None, "", "x", "[]", "7", '{"id": 1}', '{"turn": "2"}', '{"ids": [1]}', '{"ids": {}}', '{"text": null}']
    + [f'{{"text": "{"x" * MAX_ORDER}"}}'],
    ids=range(11),
)
def test_what_is_no_order_is_none(written):
    assert pulled(written) is None

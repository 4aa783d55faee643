"""First come, first served."""

from __future__ import annotations

from ui.waiting import Line


def test_as_many_as_are_served_at_once_do_not_wait_and_the_rest_know_their_place():
    line = Line(2)
    tickets = [line.join() for _ in range(5)]
    assert [line.place(ticket) for ticket in tickets] == [0, 0, 1, 2, 3]
    line.leave(tickets[1])
    assert [line.place(ticket) for ticket in (tickets[0], *tickets[2:])] == [0, 0, 1, 2]


def test_who_leaves_while_waiting_moves_only_those_behind():
    line = Line(1)
    first, second, third = line.join(), line.join(), line.join()
    line.leave(second)
    assert [line.place(first), line.place(third)] == [0, 1]


def test_a_queue_is_full_when_as_many_wait_as_may():
    line = Line(2, most=2)
    tickets = []
    while not line.full:
        tickets.append(line.join())
    assert len(tickets) == 4
    line.leave(tickets[0])
    assert not line.full and not Line(1).full

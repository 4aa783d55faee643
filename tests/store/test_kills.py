"""The short version of the kill script: a few kills, of each kind of change one."""

from __future__ import annotations

from kills import OPERATIONS, main


def test_changes_killed_at_random_moments_lose_nothing(tmp_path, embedder, monkeypatch):
    monkeypatch.setenv("ASKREPORTS_LLM", "none")
    assert main(len(OPERATIONS) + 2, 5, tmp_path, embedder, tell=False) == []

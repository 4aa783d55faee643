"""Where the project, its tests and the five reports are."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SEEDS = ROOT / "seeds"

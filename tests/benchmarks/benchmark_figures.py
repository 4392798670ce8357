"""What the benchmarks of this run measured, by the names under which figures are asked for."""

from pathlib import Path

FIGURES: dict[str, float] = {}
ROOT = Path(__file__).parents[2]

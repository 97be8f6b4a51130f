"""The dimension tree of the built-in benchmark: six capabilities of three axes each."""

from __future__ import annotations

from typing import Final

CAPABILITIES: Final[dict[str, tuple[str, str, str]]] = {
    "coarse-perception": ("background", "layout", "colour"),
    "fine-grained-perception": ("shape", "counting", "position"),
    "instance-reasoning": ("size", "relations", "matching"),
    "logical-reasoning": ("odd-one-out", "sequences", "symmetry"),
    "science-and-technology": ("bar-charts", "dials", "gauges"),
    "math": ("digits", "addition", "comparison"),
}
"""Capability to its three axes, in the order in which reports show them."""
CAPABILITY_OF: Final[dict[str, str]] = {
    axis: capability for capability, axes in CAPABILITIES.items() for axis in axes
}
"""Axis to the capability that it belongs to."""
DEFAULT_SEED: Final = 20260419
"""Published seed of the default set."""
DEFAULT_PER_AXIS: Final = 40
"""Samples per axis in the default set: 18 x 40 = 720 in all."""

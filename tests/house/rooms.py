"""What the tests of the house know about it: its rooms on their floors, and where a module lies."""

from __future__ import annotations

from pathlib import Path

HOUSE = Path(__file__).parents[2]

FLOORS = (
    ("errors", "options", "records"),
    ("files", "protocols"),
    ("config", "images", "registry", "scorers"),
    ("conditions", "models", "results"),
    ("benchmarks", "gates", "lint", "testing"),
    ("evaluation", "report"),
    ("cli", "plugin"),
)
"""The entries of the package, the lowest floor first. An entry may import what lies below it, and
what stands to its left on its own floor."""


def entry(module: str) -> str:
    """`pytest_mmbench.models.local` lies in the entry `models`."""
    return module.split(".")[1] if "." in module else ""


def floor(module: str) -> int:
    """On which floor a module lies.

    Raises:
        AssertionError: its entry is on none.
    """
    for height, entries in enumerate(FLOORS):
        if entry(module) in entries:
            return height
    raise AssertionError(f"{module} is on no floor: give it a place in tests/house/rooms.py")

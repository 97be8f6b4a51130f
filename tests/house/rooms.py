"""What the tests of the house know about it: its rooms in their order, and how to walk them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PACKAGE = HOUSE / "pytest_mmbench"

LAYERS = {
    "ground": ("errors", "options", "version"),
    "nouns": ("records", "protocols"),
    "pure": (
        "acceptance",
        "batching",
        "calibration",
        "chance",
        "circular",
        "compare",
        "digests",
        "gates",
        "habit",
        "noise",
        "prompts",
        "regression",
        "rounding",
        "scoring",
        "sheets",
        "shortcuts",
        "standing",
        "stats",
        "tally",
        "unread",
        "vision",
    ),
    "edge": (
        "ablations",
        "benchmarks",
        "config",
        "exclusions",
        "inventory",
        "models",
        "paths",
        "pins",
        "registry",
        "runs",
        "snapshots",
        "store",
        "writing",
    ),
    "runner": ("runner",),
    "report": ("report",),
    "session": (
        "collection",
        "comparing",
        "examinee",
        "filling",
        "flipping",
        "judging",
        "looking",
        "selected",
        "session",
        "suite",
    ),
    "door": ("cli", "plugin", "testing", "without_model"),
}
"""A room may import rooms of its own layer and of those above it in this table."""


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """`pytest_mmbench.models.local` lies in the room `models`."""
    return module.split(".")[1] if "." in module else ""


def layer(module: str) -> int:
    for height, rooms in enumerate(LAYERS.values()):
        if room(module) in rooms:
            return height
    raise AssertionError(f"{module} is in no layer: give it a place in tests/house/rooms.py")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, also inside functions."""
    known = {name(each) for each in files()}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (each if each in known else node.module for each in inside)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function with its length in lines, its docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, _length(node)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    first = node.body[0]
    told = ast.get_docstring(node, clean=False)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if told is not None else 0
    return node.end_lineno - node.lineno + 1 - docstring

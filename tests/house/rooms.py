"""What the tests of the house know about it: its rooms on their floors, and how to walk them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PACKAGE = HOUSE / "pytest_mmbench"

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


def files(package: Path = PACKAGE) -> list[Path]:
    """Every Python file of a package."""
    return sorted(package.rglob("*.py"))


def name(path: Path) -> str:
    """`pytest_mmbench.models.local`, of a file of this package."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


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


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, also inside functions."""
    known = {name(each) for each in files()}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (each if each in known else node.module for each in inside)


def arrows() -> set[tuple[str, str]]:
    """Which entry imports which other one."""
    return {
        (entry(name(path)), entry(each))
        for path in files()
        for each in imports(path)
        if each.startswith("pytest_mmbench.") and entry(each) != entry(name(path)) != ""
    }


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function with its length in lines, its docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, _length(node)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    first = node.body[0]
    docstring = 0
    if ast.get_docstring(node, clean=False) is not None:
        docstring = (first.end_lineno or 0) - first.lineno + 1
    return node.end_lineno - node.lineno + 1 - docstring

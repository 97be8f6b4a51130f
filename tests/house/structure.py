"""How a package is built, in numbers: `python tests/house/structure.py [PACKAGE ...]`.

Prints one column for each package folder, this project's own where none is given.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "pytest_mmbench"

SMALL = 6
"""Lines from which a private function may have a single caller."""

IRREGULAR = re.compile(
    "asked|chosen|drawn|found|given|held|kept|known|left|lost|made|said|seen|sent|shown|taken|told"
    "|unread|written"
)
"""Participles that do not end in -ed."""

NOUNS = re.compile("drawing|embed|feed|need|reasoning|red|seed|speed|string|thing")
"""Words that look like participles or gerunds and are none."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file of a package."""

    name: str
    """Dotted, from the package on: `pytest_mmbench.models.local`; a folder for its `__init__`."""
    path: Path
    tree: ast.Module
    lines: Sequence[str]

    @property
    def base(self) -> str:
        """The last part of its name; that of the folder for an `__init__`."""
        return self.name.rpartition(".")[2]

    @property
    def entry(self) -> str:
        """The entry of the package that it lies in; empty for the package's own `__init__`."""
        return self.name.split(".")[1] if "." in self.name else ""


def modules(package: Path = PACKAGE) -> tuple[Module, ...]:
    """Every Python file of a package."""
    return _parsed(package)


@cache
def _parsed(package: Path) -> tuple[Module, ...]:
    found = []
    for path in sorted(package.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        module = Module(name=name, path=path, tree=ast.parse(text), lines=text.splitlines())
        found.append(module)
    return tuple(found)


def functions(module: Module) -> Iterator[tuple[Function, int]]:
    """Every function of a file with its length in lines: signature in, docstring out."""
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node, clean=False) is not None:
                length -= (first.end_lineno or 0) - first.lineno + 1
            yield node, length


def classes(module: Module) -> Iterator[ast.ClassDef]:
    """Every class of a file."""
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))


def small_single_use(module: Module) -> Iterator[tuple[str, int]]:
    """Private functions of fewer than `SMALL` lines that a single place of their file names."""
    every = [(node, length) for node, length in functions(module) if is_private(node.name)]
    defined = Counter(node.name for node, _ in every)
    used = Counter(_names(module.tree))
    for node, _ in every:
        used.subtract(_names(node) & Counter({node.name: len(module.lines)}))
    for node, length in every:
        if length < SMALL and used[node.name] <= defined[node.name]:
            yield node.name, length


def is_private(name: str) -> bool:
    """Whether a name is for its own file: `_name`, not `__name__`, nor `_missing_` of an enum."""
    return name.startswith("_") and not name.startswith("__") and not name.endswith("_")


def _names(node: ast.AST) -> Counter[str]:
    """How often each name is read below a node, `name` and `each.name` alike."""
    found: Counter[str] = Counter()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            found[each.id] += 1
        elif isinstance(each, ast.Attribute):
            found[each.attr] += 1
    return found


def is_participle(base: str) -> bool:
    """Whether a module's name ends in a participle or a gerund: `asked`, `sampling`."""
    word = base.rpartition("_")[2]
    if NOUNS.fullmatch(word):
        return False
    return bool(IRREGULAR.fullmatch(word) or re.fullmatch(r"\w+(ing|ed)", word))


def definitions(module: Module) -> Iterator[tuple[str, int]]:
    """Every name that a file defines, with its line, without leading underscores.

    That is its own, and those of its classes, functions, fields and parameters.
    """
    yield module.base, 1
    for node in ast.walk(module.tree):
        if isinstance(node, Function | ast.ClassDef):
            yield node.name.lstrip("_"), node.lineno
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id.lstrip("_"), node.lineno
        if isinstance(node, ast.arg):
            yield node.arg.lstrip("_"), node.lineno


def texts(module: Module) -> Iterator[tuple[str, int]]:
    """Every text of a file that is no docstring, with its line."""
    statements = (node for node in ast.walk(module.tree) if isinstance(node, ast.Expr))
    docstrings = {id(statement.value) for statement in statements}
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        if isinstance(node.value, str):
            yield node.value, node.lineno


def imports(package: Path = PACKAGE) -> Mapping[str, Sequence[str]]:
    """What each file of a package imports, also inside functions, by its dotted name."""
    return _imports(package)


@cache
def _imports(package: Path) -> Mapping[str, Sequence[str]]:
    known = {module.name for module in modules(package)}
    found: dict[str, list[str]] = {name: [] for name in known}
    for module in modules(package):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                found[module.name] += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                inside = [f"{node.module}.{alias.name}" for alias in node.names]
                found[module.name] += [each if each in known else node.module for each in inside]
    return found


def arrows(package: Path = PACKAGE) -> set[tuple[str, str]]:
    """Which entry of a package imports which other one."""
    return {
        (module.entry, name.split(".")[1])
        for module in modules(package)
        for name in imports(package)[module.name]
        if name.startswith(f"{package.name}.") and name.split(".")[1] != module.entry != ""
    }


def floors(package: Path = PACKAGE) -> int:
    """How many entries the longest chain of imports has.

    Raises:
        ValueError: some entries import each other.
    """
    below: dict[str, set[str]] = {}
    for upper, lower in arrows(package):
        below.setdefault(upper, set()).add(lower)

    def height(entry: str, above: frozenset[str]) -> int:
        if entry in above:
            raise ValueError(f"{entry} imports itself through {', '.join(sorted(above))}")
        if entry not in heights:
            lower = below.get(entry, set())
            heights[entry] = 1 + max((height(each, above | {entry}) for each in lower), default=0)
        return heights[entry]

    heights: dict[str, int] = {}
    return max(height(module.entry, frozenset()) for module in modules(package) if module.entry)


def line_kinds(module: Module) -> Counter[str]:
    """How many lines of a file are code, docstrings, blank, imports and comments."""
    kinds = dict.fromkeys(range(1, len(module.lines) + 1), "code")
    for number, line in enumerate(module.lines, start=1):
        if not line.strip():
            kinds[number] = "blank"
        elif line.lstrip().startswith("#"):
            kinds[number] = "comments"
    for node in ast.walk(module.tree):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, ast.Import | ast.ImportFrom):
            assert isinstance(node, ast.stmt)
            for number in range(node.lineno, (node.end_lineno or 0) + 1):
                kinds[number] = "docstrings" if is_text else "imports"
    return Counter(kinds.values())


def repeated(names: Iterable[str]) -> dict[str, int]:
    """The names that occur more than once, the most frequent first."""
    return {name: count for name, count in Counter(names).most_common() if count > 1}


def table(package: Path = PACKAGE) -> Mapping[str, str]:
    """The numbers of one package, by what they are."""
    every = modules(package)
    entries = {module.entry for module in every} - {""}
    folders = {entry for entry in entries if (package / entry).is_dir()}
    kinds = sum((line_kinds(module) for module in every), Counter[str]())
    lengths = sorted(length for module in every for _, length in functions(module))
    inner = [module for module in every if module.entry]
    participles = sorted(module.base for module in inner if is_participle(module.base))
    readme = package.parent / "README.md"
    return {
        "top entries": f"{len(entries)} ({len(entries - folders)} files, {len(folders)} folders)",
        "arrows between entries": str(len(arrows(package))),
        "floors": str(floors(package)),
        "files": str(len(every)),
        "lines": f"{kinds.total():,}",
        **{
            f"  {kind}": f"{kinds[kind]:,}"
            for kind in ("code", "docstrings", "blank", "imports", "comments")
        },
        "functions": f"{len(lengths):,}",
        "  median": f"{statistics.median(lengths):g}",
        "  p90": str(lengths[int(len(lengths) * 0.9)]),
        "  p99": str(lengths[int(len(lengths) * 0.99)]),
        "  longest": str(lengths[-1]),
        f"private, below {SMALL} lines, one caller": str(
            sum(1 for module in every for _ in small_single_use(module))
        ),
        "module names used twice": _listed(repeated(module.base for module in inner)),
        "class names used twice": _listed(
            repeated(node.name for module in every for node in classes(module))
        ),
        "participles and gerunds": _listed(dict.fromkeys(participles, 1)),
        "README characters": f"{len(readme.read_text('utf-8')):,}" if readme.is_file() else "-",
    }


def _listed(names: Mapping[str, int]) -> str:
    few = [f"{name} {count}" if count > 1 else name for name, count in names.items()][:3]
    return f"{len(names)} ({', '.join(few)}{', ...' if len(names) > len(few) else ''})"


def main(arguments: Sequence[str]) -> None:
    """Prints the table of each package side by side."""
    packages = [Path(each).resolve() for each in arguments] or [PACKAGE]
    columns = [table(package) for package in packages]
    heads = [f"{package.parent.name}/{package.name}" for package in packages]
    rows = [("", *heads), *((name, *(each[name] for each in columns)) for name in columns[0])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

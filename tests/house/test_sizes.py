import ast
import re
import statistics
from pathlib import Path

from rooms import HOUSE
from structure import classes, functions, modules

BANNED = re.compile(r"(^|_)(utils?|helpers?|managers?|common|base(?!_llm)|misc)(_|$)")
"""Words that fit everything; a base LLM is what a vision-language model was built on."""


def test_functions_are_small() -> None:
    """The median function has at most 8 lines, nine in ten at most 25, and none more than 60."""
    lengths = {
        (module.name, node.name, node.lineno): size
        for module in modules()
        for node, size in functions(module)
    }
    ordered = sorted(lengths.values())

    assert statistics.median(ordered) <= 8
    assert ordered[int(len(ordered) * 0.9)] <= 25
    assert {where: size for where, size in lengths.items() if size > 60} == {}


def test_files_are_small() -> None:
    """A file is a feature: it may have 500 lines."""
    lengths = {module.name: len(module.lines) for module in modules()}

    assert {where: size for where, size in lengths.items() if size > 500} == {}


def test_no_drawer_has_a_name_that_fits_everything() -> None:
    """No module, class or function is called utils, helper, manager, common or base."""
    names = [
        (module.name, name)
        for module in modules()
        for name in (
            module.base,
            *(node.name for node, _ in functions(module)),
            *(node.name for node in classes(module)),
        )
    ]

    assert [each for each in names if BANNED.search(each[1].lower())] == []


def written() -> list[Path]:
    return sorted((HOUSE / "tests").rglob("test_*.py"))


def test_every_test_says_what_it_shows() -> None:
    """Each test has a docstring: one sentence that states the behaviour."""
    silent = [
        f"{path.name}::{node.name}"
        for path in written()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not any(isinstance(each, ast.Return) and each.value for each in ast.walk(node))
        and not ast.get_docstring(node)
    ]

    assert silent == []

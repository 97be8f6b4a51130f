import ast
import re
import statistics
from pathlib import Path

from rooms import HOUSE, files, functions, name

BANNED = re.compile(r"(^|_)(utils?|helpers?|managers?|common|base(?!_llm)|misc)(_|$)")
"""Words that fit everything; a base LLM is what a vision-language model was built on."""


def test_functions_are_small() -> None:
    """The median function has at most 8 lines, nine in ten at most 25, and none more than 60."""
    lengths = {(name(path), each): size for path in files() for each, size in functions(path)}
    ordered = sorted(lengths.values())

    assert statistics.median(ordered) <= 8
    assert ordered[int(len(ordered) * 0.9)] <= 25
    assert {where: size for where, size in lengths.items() if size > 60} == {}


def test_files_are_small() -> None:
    """A file is a feature: it may have 500 lines."""
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}

    assert {where: size for where, size in lengths.items() if size > 500} == {}


def test_no_drawer_has_a_name_that_fits_everything() -> None:
    """No module, class or function is called utils, helper, manager, common or base."""
    found = [
        (name(path), node.name)
        for path in files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and BANNED.search(node.name.lower())
    ]

    assert found == []
    assert [name(path) for path in files() if BANNED.search(path.stem)] == []


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

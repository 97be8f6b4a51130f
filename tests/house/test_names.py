import sys
from collections.abc import Mapping

import pytest
from retired_words import NAMES, TEXTS
from structure import (
    classes,
    definitions,
    is_participle,
    modules,
    repeated,
    small_single_use,
    texts,
)

PARTICIPLES = frozenset(["mismatched", "paired", "published", "scripted", "testing"])
"""Modules that are named by what the field or the public interface calls them."""

CLASSES = frozenset(["Question"])
"""Each benchmark has its own question."""

STANDARD = frozenset(["pytest_mmbench.report.html"])
"""The HTML report: its name is that of the format."""


@pytest.fixture(scope="module")
def defined() -> Mapping[str, list[str]]:
    """Where each name is defined."""
    places: dict[str, list[str]] = {}
    for module in modules():
        for name, line in definitions(module):
            places.setdefault(name, []).append(f"{module.name}:{line}")
    return places


@pytest.fixture(scope="module")
def written() -> list[tuple[str, str]]:
    """Every text with its place."""
    return [(text, f"{module.name}:{line}") for module in modules() for text, line in texts(module)]


@pytest.mark.parametrize("word", NAMES)
def test_retired_names_stay_away(word: str, defined: Mapping[str, list[str]]) -> None:
    """No class, function, module, field or parameter has a name that was given up."""
    assert defined.get(word, []) == [], f"say {NAMES[word]} instead of {word}"


@pytest.mark.parametrize("text", TEXTS)
def test_retired_texts_stay_away(text: str, written: list[tuple[str, str]]) -> None:
    """No message says what was given up."""
    places = [place for each, place in written if text in each]

    assert places == [], f"say {TEXTS[text]} instead of {text}"


def test_no_module_is_named_by_a_participle() -> None:
    """Modules are nouns, but for at most five."""
    assert len(PARTICIPLES) <= 5
    assert {each.base for each in modules() if is_participle(each.base)} <= PARTICIPLES


def test_no_module_is_named_as_one_of_the_standard_library() -> None:
    """A reader of an import knows whose module it is."""
    found = {each.name for each in modules() if each.base in sys.stdlib_module_names}

    assert found <= STANDARD


def test_no_class_name_is_used_twice() -> None:
    """One word for one thing."""
    names = repeated(node.name for module in modules() for node in classes(module))

    assert {*names} <= CLASSES


def test_small_functions_have_more_than_one_caller() -> None:
    """A private function of a few lines that one place calls is taken back into it."""
    found = [
        f"{module.name}.{name}" for module in modules() for name, _ in small_single_use(module)
    ]

    assert found == []

import warnings

import pytest

from pytest_mmbench.benchmarks.tree import check_counts, dimensions, kebab, leaf
from pytest_mmbench.errors import MMBenchWarning


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Science & Technology", "science-and-technology"),
        ("electronics & energy & mechanical eng.", "electronics-and-energy-and-mechanical-eng"),
        ("finegrained_perception (instance-level)", "finegrained-perception-instance-level"),
        ("OCR", "ocr"),
    ],
)
def test_published_names_become_parts_of_paths(name: str, path: str) -> None:
    """Whatever authors write can be typed on a command line without quotes."""
    assert kebab(name) == path


def test_the_tree_holds_each_node_before_those_below_it() -> None:
    """Sizes add up, and a leaf without samples is there nevertheless."""
    sizes = {leaf("b", "One", "x"): 3, leaf("b", "Two", "z"): 4}

    nodes = dimensions("b", {"One": ("x", "y"), "Two": ("z",)}, sizes)

    assert [(node.path, node.size) for node in nodes] == [
        ("b", 7),
        ("b.one", 3),
        ("b.one.x", 3),
        ("b.one.y", 0),
        ("b.two", 4),
        ("b.two.z", 4),
    ]


def test_counts_that_differ_are_warned_of() -> None:
    """The warning shows what was expected and what was found, and nothing that agrees."""
    with pytest.warns(MMBenchWarning) as caught:
        check_counts("m.tsv", {"b.x": 10, "b.y": 5, "b.z": 1}, {"b.x": 10, "b.y": 4})

    assert str(caught[0].message).splitlines() == [
        (
            "m.tsv is not the published data: 16 samples were expected, 14 found. "
            "Its scores compare with no published ones."
        ),
        "  b.y   expected     5   found     4",
        "  b.z   expected     1   found     0",
    ]


def test_counts_that_agree_are_silent() -> None:
    """The published file needs no word."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_counts("m.tsv", {"b.x": 10}, {"b.x": 10})

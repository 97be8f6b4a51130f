import warnings

import pytest

from pytest_mmbench.benchmarks.dimensions import check_counts, dimensions, kebab, leaf_path, views
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
    sizes = {leaf_path("b", "One", "x"): 3, leaf_path("b", "Two", "z"): 4}

    nodes = dimensions("b", {"One": ("x", "y"), "Two": ("z",)}, sizes)

    assert [(node.path, node.size) for node in nodes] == [
        ("b", 7),
        ("b.one", 3),
        ("b.one.x", 3),
        ("b.one.y", 0),
        ("b.two", 4),
        ("b.two.z", 4),
    ]


def test_a_benchmark_without_capabilities_is_a_leaf() -> None:
    """Some files do not say of what kind a question is: there is the whole alone."""
    (node,) = dimensions("b", {}, {"b": 3})

    assert (node.path, node.leaves, node.size) == ("b", ("b",), 3)


def test_a_capability_without_axes_is_a_leaf() -> None:
    """Some benchmarks have one level below the whole."""
    nodes = dimensions("b", {"One": (), "Two": ()}, {"b.one": 3})

    assert [(node.path, node.leaves, node.size) for node in nodes] == [
        ("b", ("b.one", "b.two"), 3),
        ("b.one", ("b.one",), 3),
        ("b.two", ("b.two",), 0),
    ]


def test_views_are_leaves_of_themselves() -> None:
    """There is no node for a kind of label, whose samples might have several."""
    nodes = views("b", {"answer_type": ("text", "list")}, {"b.answer-type.text": 2})

    assert [(node.path, node.leaves, node.size) for node in nodes] == [
        ("b.answer-type.text", ("b.answer-type.text",), 2),
        ("b.answer-type.list", ("b.answer-type.list",), 0),
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


def test_counts_of_views_are_compared_and_not_added() -> None:
    """Their samples are in a leaf already, so that the whole is as large as it was."""
    with pytest.warns(MMBenchWarning) as caught:
        check_counts("m.tsv", {"b.x": 10, "b.v.y": 4}, {"b.x": 10, "b.v.y": 3}, views={"b.v.y"})

    problem, *lines = str(caught[0].message).splitlines()
    assert "it holds as many samples, 10, and they are spread otherwise over its views" in problem
    assert lines == ["  b.v.y   expected     4   found     3"]


def test_counts_that_agree_are_silent() -> None:
    """The published file needs no word."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_counts("m.tsv", {"b.x": 10}, {"b.x": 10})


def test_another_distribution_is_said_as_such() -> None:
    """Where the sums agree, "as many expected as found" would explain nothing."""
    with pytest.warns(MMBenchWarning) as caught:
        check_counts("m.tsv", {"b.x": 10, "b.y": 5}, {"b.x": 9, "b.y": 6})

    problem, *lines = str(caught[0].message).splitlines()
    assert problem == (
        "m.tsv is not the published data: it holds as many samples, 15, and they are spread "
        "otherwise over its dimensions. Its scores compare with no published ones."
    )
    assert len(lines) == 2

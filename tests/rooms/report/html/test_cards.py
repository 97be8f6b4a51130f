import math

import numpy as np
import pytest
from reports import small_report, changed_answer, model_answer, shortcut
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from pytest_mmbench.records import Dimension
from pytest_mmbench.report.document import FlipKind
from pytest_mmbench.report.html.cards import card, choices, in_order, numbered, probabilities

ADDITION = "shapes.math.addition"
LEAVES = {ADDITION: 0}


@given(st.lists(st.floats(-1e4, 0), min_size=1, max_size=8))
def test_probabilities_of_options(logs: list[float]) -> None:
    """The softmax of the logarithms, as scipy computes it, however unlikely an option is."""
    assert np.allclose(probabilities(logs), softmax(logs), rtol=1e-12, atol=0)


def test_no_probabilities() -> None:
    """Of generated text there are none, and a card does not have the field."""
    assert probabilities([]) == []
    assert "p" not in card(changed_answer(), LEAVES)["old"]


def test_the_gravest_come_first() -> None:
    """Regressed before fixed before near ties; within a kind what moved most."""
    sure, unsure = (math.log(0.99), math.log(0.01)), (math.log(0.6), math.log(0.4))
    much = changed_answer("much", baseline=model_answer("A", logprobs=sure), candidate=model_answer("B", logprobs=sure[::-1]))
    little = changed_answer("little", baseline=model_answer("A", logprobs=unsure), candidate=model_answer("B", logprobs=unsure[::-1]))
    others = [
        changed_answer(kind, kind) for kind in reversed(FlipKind) if kind is not FlipKind.REGRESSED
    ]

    found = [each.sample for each in in_order([*others, little, much])]

    rest = ["unreadable", "both wrong", "fixed", "both right", "near tie"]
    assert found == ["much", "little", *rest]


@pytest.mark.parametrize("chosen", ["", "C", "Z", "AB", "two"])
def test_an_answer_that_names_no_option(chosen: str) -> None:
    """It has moved nothing that could be measured, and is listed all the same."""
    odd = changed_answer(baseline=model_answer(chosen, logprobs=(-1.0, -1.0)), candidate=model_answer("A", logprobs=(-1.0, -1.0)))

    assert in_order([odd]) == [odd]


def test_a_card() -> None:
    """What the script draws: legible, cut, and without what is not there."""
    made = card(
        changed_answer(
            "c-1",
            question="\x1b[1mWhat?\n" + "x" * 5_000,
            options=("two\nlines", "three"),
            candidate=model_answer("", text="I \u202ecannot"),
        ),
        LEAVES,
    )

    assert made["question"].startswith("␛[1mWhat?\nxxx")
    assert made["question"].endswith("more characters)")
    assert made["options"][0] == "two ⏎ lines"
    assert made["old"] == {"chose": "A", "mark": "right"}
    assert made["new"] == {"chose": "", "mark": "unreadable", "text": "I ⟨U+202E⟩cannot"}
    assert (made["id"], made["leaf"], made["kind"], made["right"]) == ("c-1", 0, 0, "A")


def test_a_shortcut_card() -> None:
    """It has no answers, but the rules that found it."""
    made = card(shortcut(), LEAVES)

    assert made["rules"] == ["right under every ablation"]
    assert not {"old", "new", "kind"} & set(made)


def test_choices_of_a_tree_that_is_known() -> None:
    """Its nodes in their order, with groupings, and without those that have no card."""
    nodes = [
        ("shapes", ()),
        ("shapes.hard", (ADDITION,)),
        ("shapes.colour", ()),
        ("shapes.math", ()),
    ]
    tree = tuple(Dimension(path=path, leaves=leaves, size=1) for path, leaves in nodes)
    shown = small_report(dimensions=tree, changed_answers=(changed_answer(),))

    found = choices(shown, numbered(shown.changed_answers))

    assert [(each["path"], each["depth"], each["leaves"]) for each in found] == [
        ("shapes", 0, [0]),
        ("shapes.hard", 1, [0]),
        ("shapes.math", 1, [0]),
        (ADDITION, 2, [0]),
    ]


def test_choices_without_a_tree() -> None:
    """Dotted paths tell what lies above the dimensions of the cards."""
    shown = small_report(changed_answers=(changed_answer(), changed_answer("two", dimension="shapes.colour")))

    found = choices(shown, numbered(shown.changed_answers))

    assert [(each["name"], each["depth"], each["leaves"]) for each in found] == [
        ("shapes", 0, [0, 1]),
        ("colour", 1, [0]),
        ("math", 1, [1]),
        ("addition", 2, [1]),
    ]

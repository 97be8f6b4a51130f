import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import changed_answer, model_answer, shortcut, small_report
from scipy.special import softmax

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.records import Dimension
from pytest_mmbench.report.html.cards import (
    BLOCK,
    CATEGORIES,
    MISSING,
    SampleKey,
    card,
    category,
    choices,
    embed_pictures,
    in_order,
    numbered,
    probabilities,
)

ADDITION = "shapes.math.addition"
LEAVES = {ADDITION: 0}


@given(st.lists(st.floats(-1e4, 0), min_size=1, max_size=8))
def test_probabilities_of_options(logprobs: list[float]) -> None:
    """The softmax of the logarithms, as scipy computes it, however unlikely an option is."""
    assert np.allclose(probabilities(logprobs), softmax(logprobs), rtol=1e-12, atol=0)


def test_no_probabilities() -> None:
    """Of generated text there are none, and a card does not have the field."""
    assert probabilities([]) == []
    assert "p" not in card(changed_answer(), LEAVES)["baseline"]


def test_the_gravest_come_first() -> None:
    """Regressed before fixed before near ties; within a category what moved most."""
    sure, unsure = (math.log(0.99), math.log(0.01)), (math.log(0.6), math.log(0.4))
    much, little = (
        changed_answer(
            name,
            baseline=model_answer("A", logprobs=logprobs),
            candidate=model_answer("B", logprobs=logprobs[::-1]),
        )
        for name, logprobs in (("much", sure), ("little", unsure))
    )
    others = [
        changed_answer(kind.name, kind) for kind in FlipKind if kind is not FlipKind.REGRESSED
    ]
    tie = changed_answer("tie", near_tie=True)

    ordered = in_order([tie, *reversed(others), little, much])

    assert [each.sample for each in ordered[:2]] == ["much", "little"]
    assert [*dict.fromkeys(map(category, ordered))] == [
        *("regressed", "unparseable", "both incorrect", "fixed", "both correct", "near tie")
    ]
    assert ordered[-1] is tie


def test_every_change_has_a_category() -> None:
    """None is left out for want of a word; a near tie is one whatever it would be."""
    kinds = [changed_answer("one", kind) for kind in FlipKind]

    assert {*map(category, kinds), "near tie"} == {*CATEGORIES}
    assert {category(changed_answer("one", kind, near_tie=True)) for kind in FlipKind} == {
        "near tie"
    }


@pytest.mark.parametrize("answer", ["", "C", "Z", "AB", "two"])
def test_an_answer_that_names_no_option(answer: str) -> None:
    """It has moved nothing that could be measured, and is listed all the same."""
    odd = changed_answer(
        baseline=model_answer(answer, logprobs=(-1.0, -1.0)),
        candidate=model_answer("A", logprobs=(-1.0, -1.0)),
    )

    assert in_order([odd]) == [odd]


def test_a_card() -> None:
    """What the script draws: legible, cut, and without what is not there."""
    data = card(
        changed_answer(
            "c-1",
            question="\x1b[1mWhat?\n" + "x" * 5_000,
            options=("two\nlines", "three"),
            candidate=model_answer("", text="I \u202ecannot"),
        ),
        LEAVES,
    )

    assert data["question"].startswith("␛[1mWhat?\nxxx")
    assert data["question"].endswith("more characters)")
    assert data["options"][0] == "two ⏎ lines"
    assert data["baseline"] == {"answer": "A", "correctness": "correct"}
    assert data["candidate"] == {
        "answer": "",
        "correctness": "unparseable",
        "text": "I ⟨U+202E⟩cannot",
    }
    assert (data["id"], data["leaf"], data["kind"], data["correct"]) == ("c-1", 0, 0, "A")


def test_a_shortcut_card() -> None:
    """It has no answers, but the rules that list it."""
    data = card(shortcut(), LEAVES)

    assert data["rules"] == ["correct under every condition"]
    assert not {"baseline", "candidate", "kind"} & set(data)


def test_choices_of_a_tree_that_is_known() -> None:
    """Its nodes in their order, with groupings, and without those that have no card."""
    nodes = [
        ("shapes", ()),
        ("shapes.hard", (ADDITION,)),
        ("shapes.colour", ()),
        ("shapes.math", ()),
    ]
    tree = tuple(Dimension(path=path, leaves=leaves, size=1) for path, leaves in nodes)
    report = small_report(dimensions=tree, changed_answers=(changed_answer(),))

    offered = choices(report, numbered(report.changed_answers))

    assert [(each["path"], each["depth"], each["leaves"]) for each in offered] == [
        ("shapes", 0, [0]),
        ("shapes.hard", 1, [0]),
        ("shapes.math", 1, [0]),
        (ADDITION, 2, [0]),
    ]


def test_choices_without_a_tree() -> None:
    """Dotted paths tell what lies above the dimensions of the cards."""
    report = small_report(
        changed_answers=(changed_answer(), changed_answer("two", dimension="shapes.colour"))
    )

    offered = choices(report, numbered(report.changed_answers))

    assert [(each["name"], each["depth"], each["leaves"]) for each in offered] == [
        ("shapes", 0, [0, 1]),
        ("colour", 1, [0]),
        ("math", 1, [1]),
        ("addition", 2, [1]),
    ]


class Drawer:
    """Pictures of equal size, which remembers which samples it was asked for."""

    def __init__(self, size: int = 3) -> None:
        self.samples: list[str] = []
        self._size = size

    def __call__(self, benchmark: str, sample: str) -> bytes:
        self.samples.append(sample)
        if sample == "damaged":
            raise DataError("picture 'x' cannot be read.")
        return b"" if sample == "none" else b"x" * self._size


def names(*samples: str) -> list[SampleKey]:
    return [SampleKey(benchmark="shapes", sample=each) for each in samples]


def test_pictures_are_numbered_through_all_blocks() -> None:
    """The number of a picture says its block and its place there."""
    samples = names(*(f"s{at}" for at in range(BLOCK + 2)))

    gallery = embed_pictures(samples, Drawer())

    assert [len(block) for block in gallery.blocks] == [BLOCK, 2]
    assert list(gallery.numbers.values()) == list(range(BLOCK + 2))
    assert gallery.blocks[0][0] == "data:image/webp;base64,eHh4"
    assert gallery.left_out == 0


def test_the_budget() -> None:
    """Pictures are embedded in their order until it is spent, and no more are made than that."""
    drawer = Drawer(size=300)
    one = len("data:image/webp;base64,") + 400

    gallery = embed_pictures(names("a", "b", "c", "d"), drawer, budget=2 * one)

    assert list(gallery.numbers) == names("a", "b")
    assert gallery.left_out == 2
    assert drawer.samples == ["a", "b", "c"]


def test_no_room_at_all() -> None:
    """A budget of nothing leaves every picture out."""
    gallery = embed_pictures(names("a", "b"), Drawer(), budget=0)

    assert (gallery.blocks, gallery.numbers, gallery.left_out) == ((), {}, 2)


def test_a_sample_that_is_shown_twice() -> None:
    """Its picture is made once; samples of two benchmarks are two, whatever they are called."""
    drawer = Drawer()

    gallery = embed_pictures([*names("a", "a"), SampleKey(benchmark="other", sample="a")], drawer)

    assert drawer.samples == ["a", "a"]
    assert list(gallery.numbers.values()) == [0, 1]


def test_what_has_no_picture() -> None:
    """None, or a damaged one: the report goes on without it, and says so."""
    gallery = embed_pictures(names("none", "damaged", "a"), Drawer())

    assert list(gallery.numbers.values()) == [MISSING, MISSING, 0]
    assert [len(block) for block in gallery.blocks] == [1]


@pytest.mark.parametrize(
    ("start", "kind"), [(b"\x89PNG\r\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF89a", "gif")]
)
def test_other_formats(start: bytes, kind: str) -> None:
    """A caller's own pictures may come in the formats that every browser shows."""
    gallery = embed_pictures(names("a"), lambda benchmark, sample: start)

    assert gallery.blocks[0][0].startswith(f"data:image/{kind};base64,")

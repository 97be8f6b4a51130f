"""Names of conditions, what they are made of, and what stands in for them."""

import os
import subprocess
import sys

import pytest

from pytest_mmbench.conditions import condition, shows_pictures, substitute_for
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.records import Picture, Sample

NAMES = (
    "black, blur, grey, image, mismatched, no-image, no-question, noise, options-only, "
    "patch-shuffle, patch-shuffle-N, rotated-N, white"
)
LEAF = [
    Sample(
        id=f"q{number}",
        dimension="art.colour",
        question="Which colour?",
        options=("red", "green", "blue"),
        target="C",
        pictures=(Picture(name=f"{number}.png", read=f"encoded {number}".encode),),
    )
    for number in range(3)
]


def lines(name: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        condition(name)
    return str(caught.value).splitlines()


def test_a_condition_has_the_name_that_was_typed() -> None:
    """Reports print it, and it can be typed again."""
    assert condition("no-image+rotated-2").name == "no-image+rotated-2"


def test_the_condition_called_image_changes_nothing() -> None:
    """It is the benchmark as it was published."""
    assert condition("image")(LEAF, seed=0) == LEAF


def test_joined_conditions_are_applied_from_left_to_right() -> None:
    """What was altered first and mismatched then bears the names of both, in that order."""
    grey_first = condition("grey+mismatched")(LEAF, seed=0)
    grey_last = condition("mismatched+grey")(LEAF, seed=0)

    assert grey_first[0].pictures[0].name == "mismatched/grey/0.png"
    assert grey_last[0].pictures[0].name == "grey/mismatched/0.png"


def test_joined_conditions_do_what_each_does() -> None:
    """The picture goes, the options move, and the target goes with its text."""
    for before, after in zip(LEAF, condition("no-image+rotated-2")(LEAF, seed=0), strict=True):
        assert (after.pictures, after.question) == ((), before.question)
        assert after.options == ("blue", "red", "green")
        assert after.target == "A"


def test_an_unknown_condition() -> None:
    """The nearest name and all names are given, for the part that is wrong."""
    assert lines("no-imge+rotated-1") == [
        "mmbench: there is no condition 'no-imge'.",
        "  asked for by   condition no-imge+rotated-1",
        "  did you mean   'no-image'?",
        f"  conditions     {NAMES}",
        "  N              a whole number from 1 to 999",
        "  joined         with +, such as no-image+rotated-1",
    ]


@pytest.mark.parametrize(
    "name", ["rotated-0", "rotated-01", "rotated--1", "rotated-1.5", "rotated"]
)
def test_a_rotation_without_a_proper_number(name: str) -> None:
    """Only whole numbers from 1 are names: `image` is the rotation by nothing."""
    assert lines(name)[0] == f"mmbench: there is no condition {name!r}."
    assert "  did you mean   'rotated-N'?" in lines(name)


def test_the_letter_in_the_place_of_a_number() -> None:
    """Whoever copies the name from the list is told what N stands for."""
    assert lines("rotated-N") == [
        "mmbench: condition 'rotated-N' wants a number in the place of N.",
        "  asked for by   condition rotated-N",
        "  N              a whole number from 1 to 999",
    ]


@pytest.mark.parametrize("name", ["", "grey+", "+grey", "grey++noise", "grey + noise", "Grey"])
def test_an_empty_part_is_no_condition(name: str) -> None:
    """Nothing is guessed: not blanks, not case, not a missing part."""
    assert lines(name)[0].startswith("mmbench: there is no condition ")


def test_a_grid_of_one_patch() -> None:
    """It would change nothing, and is refused before anything is asked."""
    assert lines("patch-shuffle-1") == [
        "mmbench: patch-shuffle-1 leaves every picture as it is.",
        "  what to do   write patch-shuffle-2 or more",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("image", True),
        ("no-image", False),
        ("options-only", False),
        ("grey", True),
        ("mismatched+rotated-1", True),
        ("mismatched+no-image", False),
        ("no-image+grey", False),
    ],
)
def test_whether_prompts_show_pictures(name: str, shown: bool) -> None:  # noqa: FBT001
    """One part without pictures takes them from the whole."""
    assert shows_pictures(name) is shown


@pytest.mark.parametrize(
    ("name", "stand_in"),
    [
        ("no-image", "grey"),
        ("no-image+rotated-2", "grey+rotated-2"),
        ("options-only", "no-question+grey"),
        ("mismatched", "mismatched"),
        ("image", "image"),
    ],
)
def test_what_stands_in_for_a_missing_picture(name: str, stand_in: str) -> None:
    """Grey for nothing; whatever shows pictures stands for itself."""
    assert substitute_for(name).name == stand_in


def test_the_words_of_a_stand_in_are_those_of_the_condition() -> None:
    """Only pictures differ between the condition and what stands in for it."""
    for name in ("no-image", "options-only", "no-image+rotated-1"):
        asked, instead = condition(name)(LEAF, seed=0), substitute_for(name)(LEAF, seed=0)
        assert [(each.question, each.options, each.target) for each in asked] == [
            (each.question, each.options, each.target) for each in instead
        ]


def test_planning_loads_no_library_of_pictures() -> None:
    """All conditions are made and applied without PIL or numpy."""
    code = (
        "import sys\n"
        "from pytest_mmbench import registry\n"
        "from pytest_mmbench.conditions import condition, shows_pictures\n"
        "for name in registry.condition_names(): shows_pictures(name.replace('-N', '-2'))\n"
        "print(*sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "pytest_mmbench.conditions.pixels" in shown.stdout.split()
    assert not {"PIL", "numpy", "torch", "transformers"} & set(shown.stdout.split())


DIGESTS = """
import hashlib
from pytest_mmbench import registry
from pytest_mmbench.conditions import condition
from pytest_mmbench.benchmarks.shapes import Shapes

shapes = Shapes(per_axis=5)
leaf = [shapes.sample(id) for id in shapes.ids("shapes.math.digits")]
for name in [*registry.condition_names(), "mismatched+patch-shuffle+rotated-1"]:
    for sample in condition(name.replace("-N", "-3"))(leaf, seed=11):
        pictures = [hashlib.sha256(each.read()).hexdigest() for each in sample.pictures]
        print(name, sample, pictures)
"""


def test_another_process_makes_the_same_samples_and_bytes() -> None:
    """Nothing depends on the hash seed of the interpreter: workers agree, and so do reruns."""
    one, other = (
        subprocess.run(
            [sys.executable, "-c", DIGESTS],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    )

    assert len(one.splitlines()) == 5 * 14
    assert one == other

"""The contract check of conditions finds what it is there to find."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import pytest

from pytest_mmbench.conditions import condition
from pytest_mmbench.conditions.text import no_image
from pytest_mmbench.protocols import ConditionFunction
from pytest_mmbench.records import Picture, Sample
from pytest_mmbench.testing import check_condition

LEAF = [
    Sample(
        id=f"q{number}",
        dimension="art.colour",
        question="Which colour?",
        options=("red", "green"),
        target="B",
        pictures=(
            Picture(
                name=f"{number}.png",
                read=f"encoded {number}".encode,
                identity=partial(str, f"picture {number}"),
            ),
        ),
    )
    for number in range(4)
]
CALLS = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A condition that breaks one promise."""

    change: ConditionFunction
    name: str = "broken"

    def __call__(self, samples: Sequence[Sample], *, seed: int) -> list[Sample]:
        return self.change(samples, seed=seed)


def lossy(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    return no_image(samples[1:], seed=seed)


def backwards(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    return no_image(samples[::-1], seed=seed)


def restless(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    return [replace(each, question=f"{next(CALLS)} {seed}") for each in samples]


def eager(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    return [replace(each, question=f"{each.pictures[0].read()!r} {seed}") for each in samples]


def telltale(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    return [replace(each, question=f"{each.target} {seed}") for each in samples]


def astray(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    return [replace(each, dimension=f"art.{seed}") for each in samples]


def targetless(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    return [replace(each, options=("red",), target=each.target[seed:]) for each in samples]


def flickering(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    picture = Picture(name=f"{seed}", read=lambda: str(next(CALLS)).encode())
    return [replace(each, pictures=(picture,)) for each in samples]


def whispering(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    return [
        replace(each, pictures=(Picture(name=f"{seed}", read=each.target.encode),))
        for each in samples
    ]


def impostor(samples: Sequence[Sample], *, seed: int) -> list[Sample]:
    def painted(picture: Picture) -> Picture:
        return replace(picture, read=lambda: b"painted" + picture.read() + bytes(seed))

    return [replace(each, pictures=tuple(map(painted, each.pictures))) for each in samples]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lossy, "other ids or another order"),
        (backwards, "other ids or another order"),
        (restless, "the samples differ at the second call"),
        (eager, "0.png was read before anybody asked for it"),
        (telltale, "what is shown depends on the target"),
        (astray, "lies in another leaf"),
        (targetless, "target is no option"),
        (flickering, "differs at the second reading"),
        (whispering, "depends on the target"),
        (impostor, "0.png has the identity of a picture of other bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_broken_promise_is_found(change: ConditionFunction, complaint: str) -> None:
    """Every clause of the contract has a condition that fails it."""
    with pytest.raises(AssertionError, match=complaint):
        check_condition(Broken(change=change), LEAF)


def test_a_sound_condition_passes() -> None:
    """And so does one that is joined from several."""
    check_condition(condition("mismatched+rotated-1"), LEAF)

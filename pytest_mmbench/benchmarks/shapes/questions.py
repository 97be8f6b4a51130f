"""Records of the built-in benchmark, each drawn from its seed, axis and number alone."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from itertools import permutations
from random import Random
from typing import TYPE_CHECKING, Any, Final

from pytest_mmbench.benchmarks.prompts import inline_options
from pytest_mmbench.benchmarks.shapes import measurement, perception, reasoning
from pytest_mmbench.benchmarks.shapes.axis import Axis
from pytest_mmbench.benchmarks.shapes.dimensions import BENCHMARK, CAPABILITY_OF
from pytest_mmbench.benchmarks.shapes.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mmbench.benchmarks.shapes.axis import Axis
    from pytest_mmbench.benchmarks.shapes.scene import Scene


LETTERS: Final = ("A", "B", "C", "D")


ORDERS: Final = tuple(permutations(range(len(LETTERS))))


AXES: Final[dict[str, Axis]] = {**perception.AXES, **reasoning.AXES, **measurement.AXES}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapesRecord:
    """One question with its options, its right letter and the scene that makes it right."""

    question: str
    """The stem, without the options."""

    options: tuple[str, ...]
    answer: str
    """A, B, C or D."""

    category: str
    l2_category: str
    scene: Scene
    seed: int
    number: int
    """Place within the axis, from 0."""

    @property
    def text(self) -> str:
        """The question as MMStar words it, with the options inside."""
        return f"{self.question}\n{inline_options(self.options)}"

    @property
    def answer_text(self) -> str:
        """The word of the right option."""
        return self.options[LETTERS.index(self.answer)]

    @property
    def dimension(self) -> str:
        """Path of the record's axis in the dimension tree."""
        return f"{BENCHMARK}.{self.category}.{self.l2_category}"

    def row(self, index: int, image: bytes) -> dict[str, Any]:
        """Give the record in the layout of an MMStar row.

        Args:
            index: place of the row in its data set.
            image: the scene's picture, encoded.
        """
        return {
            "index": index,
            "question": self.text,
            "image": {"bytes": image, "path": None},
            "answer": self.answer,
            "category": self.category,
            "l2_category": self.l2_category,
            "meta_info": {
                "source": BENCHMARK,
                "split": str(self.seed),
                "image_path": f"images/{self.l2_category}-{self.number}.png",
            },
        }


def make_record(seed: int, axis: str, number: int) -> ShapesRecord:
    """Draw one record; equal arguments give equal records, whatever was drawn before.

    The question and its options are drawn first, the right letter is chosen without
    looking at them, and the scene is built last: so the text says nothing about the answer.

    Args:
        seed: names the set that the record belongs to.
        axis: one of the eighteen leaves of the tree, as in `counting`.
        number: place within the axis, from 0.
    """
    random = Random(_digest(f"{seed}/{axis}/{number}"))
    question = AXES[axis].ask(random)
    place = target_place(seed, axis, number)
    scene = AXES[axis].show(random, question, question.options[place])
    return ShapesRecord(
        question=question.stem,
        options=question.options,
        answer=LETTERS[place],
        category=CAPABILITY_OF[axis],
        l2_category=axis,
        scene=scene,
        seed=seed,
        number=number,
    )


def target_place(seed: int, axis: str, number: int) -> int:
    """Choose which option is right, 0 to 3.

    Every four consecutive numbers of an axis use each place once, in a seeded order.
    """
    block, place = divmod(number, len(LETTERS))
    return ORDERS[_digest(f"{seed}/{axis}/{block}/letters") % len(ORDERS)][place]


def make_records(seed: int, per_axis: int) -> Iterator[ShapesRecord]:
    """Draw the whole set of a seed, axis by axis in the order of the tree."""
    for axis in CAPABILITY_OF:
        for number in range(per_axis):
            yield make_record(seed, axis, number)


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big")

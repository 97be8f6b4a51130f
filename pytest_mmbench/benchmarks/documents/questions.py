"""Axes of the drawn documents, and their records, each drawn from seed, axis and number alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

from pytest_mmbench.benchmarks.documents import charts, forms, receipts, signs
from pytest_mmbench.benchmarks.documents.page import Page
from pytest_mmbench.benchmarks.draws import LETTERS, Axis, digest, target_place

_BY_CAPABILITY: Final = {
    "signs": signs.AXES,
    "receipts": receipts.AXES,
    "charts": charts.AXES,
    "forms": forms.AXES,
}
CAPABILITIES: Final[dict[str, tuple[str, ...]]] = {
    capability: tuple(axes) for capability, axes in _BY_CAPABILITY.items()
}
"""Capability to its three axes, in the order in which reports show them."""
CAPABILITY_OF: Final[dict[str, str]] = {
    axis: capability for capability, axes in CAPABILITIES.items() for axis in axes
}
"""Axis to the capability that it belongs to."""
AXES: Final[dict[str, Axis[Page]]] = {
    name: axis for axes in _BY_CAPABILITY.values() for name, axis in axes.items()
}
DEFAULT_SEED: Final = 20261129
"""Published seed of the default set."""
CACHE_SIZE: Final = 4_096
"""A run asks some six times for each."""
DEFAULT_PER_AXIS: Final = 40
"""Samples per axis in the default set: 12 x 40 = 480 in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """One question with its options, its answer and the page that makes the answer correct."""

    question: str
    options: tuple[str, ...]
    answer: str
    """A, B, C or D."""
    capability: str
    axis: str
    page: Page

    @property
    def answer_text(self) -> str:
        """The text of the correct option."""
        return self.options[LETTERS.index(self.answer)]


@lru_cache(maxsize=CACHE_SIZE)
def make_record(seed: int, axis: str, number: int) -> DocumentRecord:
    """Draw one record; equal arguments give equal records, whatever was drawn before."""
    return place_answer(seed, axis, number, target_place(seed, axis, number))


def place_answer(seed: int, axis: str, number: int, place: int) -> DocumentRecord:
    """Draw the record in which the option of that place is the correct one.

    The question and its options are drawn first and the page last: so the text says nothing about
    which option that is.
    """
    random = Random(digest(f"documents/{seed}/{axis}/{number}"))
    question = AXES[axis].ask(random)
    return DocumentRecord(
        question=question.stem,
        options=question.options,
        answer=LETTERS[place],
        capability=CAPABILITY_OF[axis],
        axis=axis,
        page=AXES[axis].show(random, question, question.options[place]),
    )

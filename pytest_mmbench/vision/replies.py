"""What became of one sample in each view, and counting samples that fared alike.

A dimension of 24,000 samples has some hundred different fates, so that everything beyond this file
is arithmetic on a few counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pytest_mmbench.records import Dimension, Mark


class View(StrEnum):
    """What could be seen, and by whom.

    Names are spelled out because the papers' symbols clash: MMStar's S_wv is the score without the
    picture in arXiv 2403.20330v2, and the score with it in the text of NeurIPS 2024.
    """

    WITH_IMAGE = "with_image"
    WITHOUT_IMAGE = "without_image"
    MISMATCHED = "mismatched"
    """With the picture of another sample."""
    LLM_TEXT = "llm_text"
    """Without a picture, and of the text model that the model was built on."""


class State(StrEnum):
    """What became of a sample in one view. Not asked is not wrong."""

    NOT_ASKED = "not asked"
    RIGHT = "right"
    WRONG = "wrong"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a sample got in one view."""

    state: State
    chosen: str = ""
    """The letter, or the open answer in the form in which answers are compared; may be empty."""


NOT_ASKED = Reply(state=State.NOT_ASKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What a sample got in every view: samples that fared alike have equal fates."""

    options: int
    """How many there were to choose from; 0 if the question was open."""
    target: str
    """The letter of the right option; empty if the question was open."""
    with_image: Reply = NOT_ASKED
    without_image: Reply = NOT_ASKED
    mismatched: Reply = NOT_ASKED
    llm_text: Reply = NOT_ASKED

    def seen(self, view: View) -> Reply:
        """What it got in one of them."""
        found: Reply = getattr(self, view)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One sample in all views."""

    sample: str
    """Its id."""
    fate: Fate
    cluster: str = ""
    """The same for samples that share a picture; empty if it shares none."""


Fates = Mapping[Fate, int]
"""How many samples had each fate."""


def reply(mark: Mark, chosen: str) -> Reply:
    """What a sample got in a view in which it was asked."""
    return Reply(state=State(mark.value), chosen=chosen)


def count(looks: Iterable[Look]) -> Counter[Fate]:
    """The samples of one leaf, counted by their fates."""
    return Counter(look.fate for look in looks)


def shared(looks: Iterable[Look]) -> list[Fates]:
    """For each picture that several of the samples show, the fates of these."""
    pictures: dict[str, Counter[Fate]] = {}
    for look in looks:
        if look.cluster:
            pictures.setdefault(look.cluster, Counter())[look.fate] += 1
    return [fates for fates in pictures.values() if fates.total() > 1]


def micro(dimension: Dimension, leaves: Mapping[str, Fates]) -> Counter[Fate]:
    """The fates of a node: every sample below it counts the same."""
    below: Counter[Fate] = Counter()
    for leaf in dimension.leaves:
        below.update(leaves[leaf])
    return below

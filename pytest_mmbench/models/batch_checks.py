"""Which ways of computing a batch give what its prompts give alone: compared once, then relied on.

The measure is the network's own unaided forward: a batch of one, without padding, without position
ids from outside, on what the processor made. A way earns trust on a batch that shows what could go
wrong: padding, pictures of unequal size, options of several tokens. It then holds for every batch
with as much of that or less.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import TypeAlias

from pytest_mmbench.models.loglikelihood import (
    BatchLogprobs,
    Inputs,
    Network,
    Options,
    score_plain,
)
from pytest_mmbench.models.memory import is_out_of_memory
from pytest_mmbench.models.processor import EncodedBatch
from pytest_mmbench.records import OptionLogprob

Option: TypeAlias = tuple[int, ...]
"""Its tokens."""

_LEAST_TOLERANCE = {"float32": 1e-4, "float16": 0.02, "bfloat16": 0.125}
"""Nats per token. In half precision it is the distance of two neighbours among numbers between 16
and 32, as the largest logits are."""
_MOST_TOLERANCE = {"float32": 1e-3}
_TIMES_NOISE = 4.0
"""How far beyond the measured noise two ways may lie apart."""
_MASKED_TOKENS = 8
"""Are put behind a prompt to measure the noise: they change the kernels' work and no result."""


class CheckState(Enum):
    """What came of comparing a way of computing with the unaided one."""

    PASSED = "passed"
    FAILED = "failed"


class BatchMode(Enum):
    """A way of computing a batch: of those that rank, each is cheaper than those after it."""

    PICTURES = "pictures"
    """Pictures are read once for all prompts that show them, and each prompt for its options."""
    PROMPTS = "prompts"
    """Each prompt is read once for all its options."""
    PLAIN = "plain"
    """Each option is read behind its own copy of the prompt, all prompts together."""
    GENERATE = "generate"
    """Texts are generated for all prompts together."""


class Trait(Enum):
    """What a batch may have that a network may not bear."""

    SEVERAL = "several prompts"
    PADDING = "unequal lengths"
    PICTURE_SIZES = "unequal pictures"
    SEVERAL_PICTURES = "several pictures in a prompt"
    LONG_OPTIONS = "options of several tokens"


Traits: TypeAlias = frozenset[Trait]


def batch_traits(encoded: EncodedBatch, options: Options) -> Traits:
    """What a batch has."""
    mask, sizes = encoded.inputs["attention_mask"], encoded.picture_sizes
    traits = {
        Trait.SEVERAL: len(mask) > 1,
        Trait.PADDING: bool((mask == 0).any()),
        Trait.PICTURE_SIZES: len({size for of_prompt in sizes for size in of_prompt}) > 1,
        Trait.SEVERAL_PICTURES: len(sizes[0]) > 1,
        Trait.LONG_OPTIONS: has_several_tokens(options),
    }
    return frozenset(trait for trait, is_there in traits.items() if is_there)


def has_several_tokens(options: Options) -> bool:
    """Whether an option has more tokens than its first, which is read without a cache."""
    return any(len(tokens) > 1 for of_prompt in options for tokens in of_prompt)


def choose_witnesses(encoded: EncodedBatch, options: Options) -> set[int]:
    """The prompts that would show a difference: the most and the least padded, the least picture.

    Those whose options go on beyond a token come first.
    """
    lengths = encoded.inputs["attention_mask"].sum(-1).tolist()
    rows = range(len(lengths))
    # Of equals the last: some networks are right about the first prompt of every batch.
    longest = max(reversed(rows), key=lambda row: (_goes_on(options, row), lengths[row]))
    sizes = encoded.picture_sizes
    pixels = [sum(width * height for width, height in of_prompt) for of_prompt in sizes]
    smallest = {pixels.index(min(pixels))} if len(set(pixels)) > 1 else set()
    return {most_padded(encoded, options, rows), longest, *smallest}


def most_padded(encoded: EncodedBatch, options: Options, rows: Iterable[int]) -> int:
    """Of some prompts the shortest, if possible with an option that goes on beyond a token."""
    lengths = encoded.inputs["attention_mask"].sum(-1).tolist()
    return min(rows, key=lambda row: (not _goes_on(options, row), lengths[row]))


def _goes_on(options: Options, row: int) -> bool:
    """Whether an option of a prompt has several tokens; where none are ranked, there is none."""
    return bool(options) and has_several_tokens([options[row]])


def score_alone(
    network: Network, inputs: Inputs, options: Options, *, masked_tokens: int = 0
) -> BatchLogprobs:
    """Log-likelihoods for one prompt by the network's own unaided forward.

    A network that cannot do without position ids gets them.
    """
    score = partial(score_plain, network, inputs, options, masked_tokens=masked_tokens)
    try:
        return score(gives_positions=False)
    except Exception as error:
        if is_out_of_memory(error):
            raise
        return score()


def measured_tolerance(network: Network, dtype: str, inputs: Inputs, option: Option) -> float:
    """How far (nats per token) two right ways of computing may lie apart with this network.

    A prompt is computed twice, alone, once with masked tokens behind it: by definition they change
    nothing, so that what changes is rounding.
    """
    bare, padded = (
        score_alone(network, inputs, [[option]], masked_tokens=count)[0]
        for count in (0, _MASKED_TOKENS)
    )
    noise = _TIMES_NOISE * largest_difference(bare, padded)
    least = _LEAST_TOLERANCE.get(dtype, _LEAST_TOLERANCE["bfloat16"])
    return min(max(least, noise), _MOST_TOLERANCE.get(dtype, math.inf))


def largest_difference(one: Sequence[OptionLogprob], other: Sequence[OptionLogprob]) -> float:
    """Nats per token by which two likelihoods of the same options differ most; infinite if NaN."""
    pairs = zip(one, other, strict=True)
    differences = [abs(first.logprob - second.logprob) / first.tokens for first, second in pairs]
    return max((math.inf if math.isnan(each) else each for each in differences), default=0.0)


_SHARING = (BatchMode.PICTURES, BatchMode.PROMPTS)
_CONSEQUENCES = {
    BatchMode.PICTURES: "pictures are read again for every prompt",
    BatchMode.PROMPTS: "prompts are read again for every option",
    BatchMode.PLAIN: "prompts are asked one by one",
    BatchMode.GENERATE: "prompts are asked one by one",
}


@dataclass(kw_only=True, eq=False)
class BatchChecks:
    """What was compared so far, by way and by whether prompts show pictures."""

    states: dict[tuple[BatchMode, bool], dict[Traits, CheckState]] = field(default_factory=dict)
    _notes: dict[tuple[BatchMode, bool], str] = field(default_factory=dict)

    def state(self, mode: BatchMode, traits: Traits, *, pictures: bool) -> CheckState | None:
        """Whether a way holds for batches with these traits; None if that is not known yet.

        What failed with fewer traits fails, and what passed with more passes.
        """
        checks = self.states.get((mode, pictures), {})
        if any(state is CheckState.FAILED and known <= traits for known, state in checks.items()):
            return CheckState.FAILED
        if any(state is CheckState.PASSED and known >= traits for known, state in checks.items()):
            return CheckState.PASSED
        return None

    def record(
        self,
        mode: BatchMode,
        traits: Traits,
        *,
        pictures: bool,
        difference: float | None,
        tolerance: float,
    ) -> CheckState:
        """Keeps what came of a comparison; a difference of None is a way that was refused."""
        passed = difference is not None and difference <= tolerance
        state = CheckState.PASSED if passed else CheckState.FAILED
        self.states.setdefault((mode, pictures), {})[traits] = state
        # Where sharing is refused, the network is slower, and right.
        if not passed and (difference is not None or mode not in _SHARING):
            batches = "prompts with pictures" if pictures else "prompts without pictures"
            found = ", ".join(trait.value for trait in Trait if trait in traits) or "one prompt"
            fact = "cannot be compared with the network's own forward"
            if difference is not None:
                size = "NaN" if math.isinf(difference) else f"{difference:.2g} nats a token"
                fact = f"differ from the network's own forward by {size}, {tolerance:.1g} allowed"
            self._notes[mode, pictures] = (
                f"self-check: {batches} ({found}) {fact}: {_CONSEQUENCES[mode]} there"
            )
        return state

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know; where prompts are asked one by one, nothing else counts."""
        alone = {pictures for mode, pictures in self._notes if mode is BatchMode.PLAIN}
        return tuple(
            note
            for (mode, pictures), note in self._notes.items()
            if not (mode in _SHARING and pictures in alone)
        )

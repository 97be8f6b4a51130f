"""Log-likelihoods by the cheapest way that gives those of the definition with this network."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import Enum
from typing import Any

from pytest_mmbench.models import loglikelihood, prefix_cache
from pytest_mmbench.models.encoder import EncodedBatch, Encoder
from pytest_mmbench.models.loglikelihood import BatchLogprobs, Inputs, Options
from pytest_mmbench.models.memory import is_out_of_memory
from pytest_mmbench.records import OptionLogprob, Request

_TOLERANCE = {"float32": 1e-3}
_HALF_PRECISION_TOLERANCE = 0.25
"""Nats per token within which two ways of computing agree in half precision."""


class CheckState(Enum):
    """What came of comparing a way of sharing with the plain way."""

    PASSED = "passed"
    FAILED = "failed"


class SharingMode(Enum):
    """What is read once for several: each mode is cheaper than those after it."""

    PICTURES = "pictures"
    """Pictures, for all prompts that show them; and each prompt, for all its options."""
    PICTURES_ONLY = "pictures only"
    """The same where every option is one token: no option goes on from a cache."""
    PROMPTS = "prompts"
    """Each prompt, for all its options."""


class CacheSharing:
    """Shares what may be shared, and everything else goes the plain way.

    The first answers of each mode are compared with plain ones, for prompts with and without
    pictures. Where the two disagree, or the network refuses, that mode is not used again.
    """

    def __init__(self, *, network: Any, encoder: Encoder, dtype: str) -> None:  # noqa: ANN401
        self._network = network
        self._encoder = encoder
        self._tolerance = _TOLERANCE.get(dtype, _HALF_PRECISION_TOLERANCE)
        self.checks: dict[tuple[SharingMode, bool], CheckState] = {}
        """By mode, and by whether there are pictures in the prompt; without those not yet used."""

    def option_logprobs(self, batch: Sequence[Request]) -> BatchLogprobs:
        """The log-likelihood of each option of requests that show equally many pictures."""
        encoded = self._encoder.encode(batch)
        options = self._encoder.option_tokens(batch, encoded.inputs)
        logprobs = None
        if loglikelihood.can_share_cache(self._network, encoded.inputs):
            logprobs = self._share_pictures(batch, encoded, options)
            logprobs = logprobs or self._share_prompts(batch, encoded.inputs, options)
        return logprobs or loglikelihood.score_plain(self._network, encoded.inputs, options)

    def _share_pictures(
        self, batch: Sequence[Request], encoded: EncodedBatch, options: Options
    ) -> BatchLogprobs | None:
        several_tokens = _has_several_tokens(options)
        mode = SharingMode.PICTURES if several_tokens else SharingMode.PICTURES_ONLY
        if self._has_failed(mode, batch):
            return None
        inputs = encoded.inputs
        split = prefix_cache.split_prefixes(self._network, inputs, encoded.picture_numbers)
        if split is None:
            return None

        def score() -> BatchLogprobs | None:
            suffixes = prefix_cache.run_prefixes(self._network, split, options)
            if suffixes is None:
                return None
            return loglikelihood.score_with_cache(self._network, suffixes, options)

        witnesses = {
            _choose_witness(inputs, options, prompts)
            for prompts in (split.sharing_prompts, range(len(batch)))
        }
        return self._score_if_trusted(mode, score, batch, options, witnesses)

    def _share_prompts(
        self, batch: Sequence[Request], inputs: Inputs, options: Options
    ) -> BatchLogprobs | None:
        def score() -> BatchLogprobs | None:
            return loglikelihood.score_with_cache(self._network, inputs, options)

        if self._has_failed(SharingMode.PROMPTS, batch):
            return None
        if not _has_several_tokens(options):
            return score()  # nothing was shared, and nothing is to be learned from it
        witnesses = {_choose_witness(inputs, options, range(len(batch)))}
        return self._score_if_trusted(SharingMode.PROMPTS, score, batch, options, witnesses)

    def _has_failed(self, mode: SharingMode, batch: Sequence[Request]) -> bool:
        return self.checks.get((mode, _shows_pictures(batch))) is CheckState.FAILED

    def _score_if_trusted(
        self,
        mode: SharingMode,
        score: Callable[[], BatchLogprobs | None],
        batch: Sequence[Request],
        options: Options,
        witnesses: Collection[int],
    ) -> BatchLogprobs | None:
        """The scores of a mode that has passed its check, or passes it now."""
        check = (mode, _shows_pictures(batch))
        if check in self.checks:
            return score()
        try:
            logprobs = score()
        except Exception as error:
            if is_out_of_memory(error):
                raise
            logprobs = None  # the network cannot be asked in this way
        passed = logprobs is not None and all(
            self._agrees_with_plain(batch[index], options[index], logprobs[index])
            for index in witnesses
        )
        self.checks[check] = CheckState.PASSED if passed else CheckState.FAILED
        return logprobs if passed else None

    def _agrees_with_plain(
        self,
        request: Request,
        options: Sequence[tuple[int, ...]],
        logprobs: Sequence[OptionLogprob],
    ) -> bool:
        """Compute one request of the batch on its own and without a cache, and compare."""
        inputs = self._encoder.encode([request]).inputs
        plain = loglikelihood.score_plain(self._network, inputs, [options])[0]
        return all(
            abs(shared.logprob - expected.logprob) <= self._tolerance * shared.tokens
            for shared, expected in zip(logprobs, plain, strict=True)
        )


def _shows_pictures(batch: Sequence[Request]) -> bool:
    return bool(batch[0].prompt.pictures)


def _has_several_tokens(options: Options) -> bool:
    """Whether an option has more tokens than its first, which is read without a cache."""
    return any(len(tokens) > 1 for of_prompt in options for tokens in of_prompt)


def _choose_witness(inputs: Inputs, options: Options, prompts: Iterable[int]) -> int:
    """The prompt that would show a difference: with an option that goes on, and most padded."""
    lengths = inputs["attention_mask"].sum(-1).tolist()
    return min(prompts, key=lambda at: (not _has_several_tokens([options[at]]), lengths[at]))

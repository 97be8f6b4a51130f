"""Likelihoods by the cheapest way that gives those of the definition with this network."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import Enum
from typing import Any

from pytest_mmbench.models import loglikelihood, prefix_cache
from pytest_mmbench.models.encoder import Encoded, Encoder
from pytest_mmbench.models.loglikelihood import Inputs, Options
from pytest_mmbench.models.memory import AdaptiveBatcher
from pytest_mmbench.records import OptionLogprob, Request

_TOLERANCE = {"float32": 1e-3}


_ROUNDING = 0.25
"""Nats per token within which two ways of computing agree in half precision."""


AskPlain = list[list[OptionLogprob]]


class CheckState(Enum):
    """Whether something may be shared: found out once, by doing it both ways."""

    UNTRIED = "untried"
    PASSED = "earned"
    FAILED = "lost"


class SharingMode(Enum):
    """What is read once for several: each way is cheaper than those after it."""

    PICTURES = "pictures"
    """Pictures, for all prompts that show them; and each prompt, for all its options."""
    BEGINNINGS = "beginnings"
    """The same where every option is one token: no option goes on from a cache."""
    PROMPTS = "prompts"
    """Each prompt, for all its options."""


class CacheSharing:
    """Shares what may be shared, and everything else goes the plain way.

    The first answers of each way are compared with plain ones, for prompts with and without
    pictures. Where the two disagree, or the network refuses, that way is not gone again.
    """

    def __init__(self, *, network: Any, encoder: Encoder, dtype: str) -> None:  # noqa: ANN401
        self._network = network
        self._encoder = encoder
        self._allowed = _TOLERANCE.get(dtype, _ROUNDING)
        self.trust: dict[tuple[SharingMode, bool], CheckState] = {}
        """By way, and by whether there are pictures in the prompt."""

    def likelihoods(self, batch: Sequence[Request]) -> AskPlain:
        """How likely each option of each request is; all requests show equally many pictures."""
        encoded = self._encoder.look(batch)
        options = self._encoder.options(batch, encoded.inputs)
        found = None
        if loglikelihood.can_share(self._network, encoded.inputs):
            found = self._by_pictures(batch, encoded, options) or self._by_prompts(
                batch, encoded.inputs, options
            )
        return found or loglikelihood.plain(self._network, encoded.inputs, options)

    def _by_pictures(
        self, batch: Sequence[Request], encoded: Encoded, options: Options
    ) -> AskPlain | None:
        way = SharingMode.PICTURES if _go_on(options) else SharingMode.BEGINNINGS
        if self._has_lost(way, batch):
            return None
        parts = prefix_cache.cut(self._network, encoded.inputs, encoded.shown)
        if parts is None:
            return None

        def ask() -> AskPlain | None:
            begun = prefix_cache.begin(self._network, parts, options)
            return None if begun is None else loglikelihood.shared(self._network, begun, options)

        witnesses = {
            _witness(encoded.inputs, options, among)
            for among in (parts.followers, range(len(batch)))
        }
        return self._tried(way, ask, batch, options, witnesses)

    def _by_prompts(
        self, batch: Sequence[Request], inputs: Inputs, options: Options
    ) -> AskPlain | None:
        def ask() -> AskPlain | None:
            return loglikelihood.shared(self._network, inputs, options)

        if self._has_lost(SharingMode.PROMPTS, batch):
            return None
        if not _go_on(options):
            return ask()  # nothing was shared, and nothing is to be learned from it
        witnesses = {_witness(inputs, options, range(len(batch)))}
        return self._tried(SharingMode.PROMPTS, ask, batch, options, witnesses)

    def _has_lost(self, way: SharingMode, batch: Sequence[Request]) -> bool:
        return self.trust.get(_key(way, batch)) is CheckState.FAILED

    def _tried(
        self,
        way: SharingMode,
        ask: Callable[[], AskPlain | None],
        batch: Sequence[Request],
        options: Options,
        witnesses: Collection[int],
    ) -> AskPlain | None:
        """What a way finds, if it is trusted, or has earned that now."""
        key = _key(way, batch)
        if key in self.trust:
            return ask()
        found = _unless_refused(ask)
        same = found is not None and all(
            self._agrees(batch[at], options[at], found[at]) for at in witnesses
        )
        self.trust[key] = CheckState.PASSED if same else CheckState.FAILED
        return found if same else None

    def _agrees(
        self, request: Request, options: Sequence[tuple[int, ...]], found: Sequence[OptionLogprob]
    ) -> bool:
        """Compute one request of the batch on its own and without a cache, and compare."""
        alone = self._encoder.look([request]).inputs
        plain = loglikelihood.plain(self._network, alone, [options])[0]
        return all(
            abs(one.logprob - other.logprob) <= self._allowed * one.tokens
            for one, other in zip(found, plain, strict=True)
        )


def _go_on(options: Options) -> bool:
    """Whether an option has more tokens than its first, which is read without a cache."""
    return any(len(tokens) > 1 for of in options for tokens in of)


def _witness(inputs: Inputs, options: Options, among: Iterable[int]) -> int:
    """The prompt that would show a difference: with an option that goes on, and most padded."""
    real = inputs["attention_mask"].sum(-1).tolist()
    return min(among, key=lambda at: (not _go_on([options[at]]), real[at]))


def _key(way: SharingMode, batch: Sequence[Request]) -> tuple[SharingMode, bool]:
    return way, bool(batch[0].prompt.pictures)


def _unless_refused(ask: Callable[[], AskPlain | None]) -> AskPlain | None:
    """What was asked, or None if the network cannot be asked in this way."""
    try:
        return ask()
    except Exception as error:
        if AdaptiveBatcher.is_too_large(error):
            raise
        return None

"""Likelihoods by the cheapest way that gives those of the definition with this network."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import Enum
from typing import Any

from pytest_mmbench.models import likelihood, prefix
from pytest_mmbench.models.encoding import Encoded, Encoder
from pytest_mmbench.models.fitting import Fitting
from pytest_mmbench.models.likelihood import Inputs, Options
from pytest_mmbench.records import Likelihood, Request

_TOLERANCE = {"float32": 1e-3}
_ROUNDING = 0.25
"""Nats per token within which two ways of computing agree in half precision."""

Asked = list[list[Likelihood]]


class Trust(Enum):
    """Whether something may be shared: found out once, by doing it both ways."""

    UNTRIED = "untried"
    EARNED = "earned"
    LOST = "lost"


class Way(Enum):
    """What is read once for several: each way is cheaper than those after it."""

    PICTURES = "pictures"
    """Pictures, for all prompts that show them; and each prompt, for all its options."""
    BEGINNINGS = "beginnings"
    """The same where every option is one token: no option goes on from a cache."""
    PROMPTS = "prompts"
    """Each prompt, for all its options."""


class Sharing:
    """Shares what may be shared, and everything else goes the plain way.

    The first answers of each way are compared with plain ones, for prompts with and without
    pictures. Where the two disagree, or the network refuses, that way is not gone again.
    """

    def __init__(self, *, network: Any, encoder: Encoder, dtype: str) -> None:  # noqa: ANN401
        self._network = network
        self._encoder = encoder
        self._allowed = _TOLERANCE.get(dtype, _ROUNDING)
        self.trust: dict[tuple[Way, bool], Trust] = {}
        """By way, and by whether there are pictures in the prompt."""

    def likelihoods(self, batch: Sequence[Request]) -> Asked:
        """How likely each option of each request is; all requests show equally many pictures."""
        encoded = self._encoder.look(batch)
        options = self._encoder.options(batch, encoded.inputs)
        found = None
        if likelihood.can_share(self._network, encoded.inputs):
            found = self._by_pictures(batch, encoded, options) or self._by_prompts(
                batch, encoded.inputs, options
            )
        return found or likelihood.plain(self._network, encoded.inputs, options)

    def _by_pictures(
        self, batch: Sequence[Request], encoded: Encoded, options: Options
    ) -> Asked | None:
        way = Way.PICTURES if _go_on(options) else Way.BEGINNINGS
        if self._has_lost(way, batch):
            return None
        parts = prefix.cut(self._network, encoded.inputs, encoded.shown)
        if parts is None:
            return None

        def ask() -> Asked | None:
            begun = prefix.begin(self._network, parts, options)
            return None if begun is None else likelihood.shared(self._network, begun, options)

        witnesses = {
            _witness(encoded.inputs, options, among)
            for among in (parts.followers, range(len(batch)))
        }
        return self._tried(way, ask, batch, options, witnesses)

    def _by_prompts(
        self, batch: Sequence[Request], inputs: Inputs, options: Options
    ) -> Asked | None:
        def ask() -> Asked | None:
            return likelihood.shared(self._network, inputs, options)

        if self._has_lost(Way.PROMPTS, batch):
            return None
        if not _go_on(options):
            return ask()  # nothing was shared, and nothing is to be learned from it
        witnesses = {_witness(inputs, options, range(len(batch)))}
        return self._tried(Way.PROMPTS, ask, batch, options, witnesses)

    def _has_lost(self, way: Way, batch: Sequence[Request]) -> bool:
        return self.trust.get(_key(way, batch)) is Trust.LOST

    def _tried(
        self,
        way: Way,
        ask: Callable[[], Asked | None],
        batch: Sequence[Request],
        options: Options,
        witnesses: Collection[int],
    ) -> Asked | None:
        """What a way finds, if it is trusted, or has earned that now."""
        key = _key(way, batch)
        if key in self.trust:
            return ask()
        found = _unless_refused(ask)
        same = found is not None and all(
            self._agrees(batch[at], options[at], found[at]) for at in witnesses
        )
        self.trust[key] = Trust.EARNED if same else Trust.LOST
        return found if same else None

    def _agrees(
        self, request: Request, options: Sequence[tuple[int, ...]], found: Sequence[Likelihood]
    ) -> bool:
        """Compute one request of the batch on its own and without a cache, and compare."""
        alone = self._encoder.look([request]).inputs
        plain = likelihood.plain(self._network, alone, [options])[0]
        return all(
            abs(one.log - other.log) <= self._allowed * one.tokens
            for one, other in zip(found, plain, strict=True)
        )


def _go_on(options: Options) -> bool:
    """Whether an option has more tokens than its first, which is read without a cache."""
    return any(len(tokens) > 1 for of in options for tokens in of)


def _witness(inputs: Inputs, options: Options, among: Iterable[int]) -> int:
    """The prompt that would show a difference: with an option that goes on, and most padded."""
    real = inputs["attention_mask"].sum(-1).tolist()
    return min(among, key=lambda at: (not _go_on([options[at]]), real[at]))


def _key(way: Way, batch: Sequence[Request]) -> tuple[Way, bool]:
    return way, bool(batch[0].prompt.pictures)


def _unless_refused(ask: Callable[[], Asked | None]) -> Asked | None:
    """What was asked, or None if the network cannot be asked in this way."""
    try:
        return ask()
    except Exception as error:
        if Fitting.is_too_large(error):
            raise
        return None

"""How a network's tokens are drawn where a temperature is set, each row of a batch by itself.

The generators of a batch are one a row, seeded from the row's own request: what is drawn for a
prompt depends neither on its neighbours nor on its place. Greedy generation takes the token that
is left, so that nothing of a checkpoint's own sampling settings has a part in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from pytest_mmbench.models.continuation import Tokenizer
from pytest_mmbench.records import Request


def call_settings(
    batch: Sequence[Request], *, tokenizer: Tokenizer, device: torch.device
) -> dict[str, Any]:
    """What `generate` is told beside its config: where texts end, and how tokens are drawn.

    The requests of a batch have the same stop texts, and draw by the same law.
    """
    settings: dict[str, Any] = {}
    if stop := batch[0].stop:
        settings |= {"stop_strings": list(stop), "tokenizer": tokenizer}
    if batch[0].sampling is not None:
        settings["logits_processor"] = LogitsProcessorList([TokenDraw(batch, device)])
    return settings


class TokenDraw(LogitsProcessor):
    """Leaves one token a row, drawn as likely as the row's law makes it."""

    def __init__(self, batch: Sequence[Request], device: torch.device) -> None:
        sampled = [(each.sampling, each.sample) for each in batch if each.sampling is not None]
        law = sampled[0][0]
        self._warpers = LogitsProcessorList([TemperatureLogitsWarper(law.temperature)])
        if law.top_k:
            self._warpers.append(TopKLogitsWarper(law.top_k))
        if law.top_p < 1:
            self._warpers.append(TopPLogitsWarper(law.top_p))
        self._generators = [
            torch.Generator(device).manual_seed(sampling.random_seed(sample))
            for sampling, sample in sampled
        ]

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The logits (batch, vocabulary) of one step, of which one a row stays finite."""
        warped = self._warpers(input_ids, scores.float())  # type: ignore[arg-type]
        logprobs = warped.log_softmax(-1)
        chosen = torch.full_like(logprobs, -torch.inf)
        for row, generator in enumerate(self._generators):
            # The Gumbel-max trick: rounding that moves probabilities by little turns few draws.
            waits = torch.empty_like(logprobs[row]).exponential_(generator=generator)
            token = (logprobs[row] - waits.clamp_min(torch.finfo(waits.dtype).tiny).log()).argmax()
            chosen[row, token] = 0
        return chosen

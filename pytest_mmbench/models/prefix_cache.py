"""One pass over the pictures that several prompts of a batch show.

A picture is hundreds of tokens long and a question some tens. Where prompts begin alike, up to the
end of their last picture, what a causal network makes of that beginning is the same for all of
them: it is read once, and every prompt goes on from a copy of its keys and values. Servers share
prefixes across requests in that way (Zheng et al. 2024, RadixAttention); here nothing is kept from
one batch to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicSlidingWindowLayer

from pytest_mmbench.models.loglikelihood import Inputs, Options, read, shareable

_ATTENDS_BOTH_WAYS = frozenset({"paligemma"})
"""There a picture sees the question too: its keys and values differ between questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A batch of prompts, cut behind the last picture of each."""

    beginnings: Inputs
    """Every different beginning once, padded on the left, with the pictures that it shows."""
    rows: tuple[int, ...]
    """For each prompt the row of its beginning."""
    ends: Inputs
    """`input_ids` of what is left, (batch, end), padded on the left, and the `attention_mask` of
    both parts, (batch, beginning + end), which has a gap where an end is padded."""

    @property
    def followers(self) -> tuple[int, ...]:
        """The prompts that go on from a beginning which another prompt had first."""
        return tuple(at for at, row in enumerate(self.rows) if row in self.rows[:at])


def cut(network: Any, inputs: Inputs, shown: Sequence[tuple[int, ...]]) -> Cut | None:  # noqa: ANN401
    """The batch cut behind its pictures, or None if no two of its prompts begin alike.

    None also if the tensors do not tell which picture is whose: Qwen2-VL's and InternVL's hold the
    patches or tiles of all pictures one behind the other.

    Args:
        network: Its config says which token stands for a picture.
        inputs: Of prompts padded on the left.
        shown: For each prompt the numbers of its pictures; a number is one picture.
    """
    spans = _spans(network, inputs)
    begun = [
        (pictures, *row[span].tolist())
        for pictures, row, span in zip(shown, inputs["input_ids"], spans, strict=False)
    ]
    firsts = [begun.index(each) for each in dict.fromkeys(begun)]
    if len(firsts) == len(begun):
        return None
    beginnings = _beginnings(inputs, spans, firsts, pictures=len(shown[0]))
    if beginnings is None:
        return None
    rows = tuple(firsts.index(begun.index(each)) for each in begun)
    return Cut(beginnings=beginnings, rows=rows, ends=_ends(inputs, spans, beginnings, rows))


def _spans(network: Any, inputs: Inputs) -> list[slice]:  # noqa: ANN401
    """Of each prompt, from its first real token to its last picture; empty if one shows none."""
    token = getattr(network.config, "image_token_id", None)
    rows = inputs["input_ids"].tolist()
    both_ways = network.config.model_type in _ATTENDS_BOTH_WAYS
    if both_ways or not all(token in row for row in rows):
        return []
    starts = inputs["attention_mask"].long().argmax(-1).tolist()
    stops = [len(row) - row[::-1].index(token) for row in rows]
    return [slice(start, stop) for start, stop in zip(starts, stops, strict=True)]


def _beginnings(
    inputs: Inputs, spans: Sequence[slice], firsts: Sequence[int], *, pictures: int
) -> Inputs | None:
    """The beginnings of some prompts, each with as many pictures; None if whose is not told.

    Every picture makes a row at least, so that a tensor with as many rows as there are pictures has
    one for each.
    """
    ids = inputs["input_ids"]
    each_one = [at * pictures + place for at in firsts for place in range(pictures)]
    choices = {len(ids) * pictures: each_one, len(ids): list(firsts)}
    found: Inputs = {}
    for name, value in inputs.items():
        if value.shape == ids.shape:
            found[name] = _left([value[at, spans[at]] for at in firsts])
        elif len(value) in choices:
            found[name] = value[choices[len(value)]]
        else:
            return None
    return found


def _ends(
    inputs: Inputs, spans: Sequence[slice], beginnings: Inputs, rows: Sequence[int]
) -> Inputs:
    ids, masks = (
        _left([row[span.stop :] for row, span in zip(inputs[name], spans, strict=True)])
        for name in ("input_ids", "attention_mask")
    )
    before = beginnings["attention_mask"][list(rows)]
    return {"input_ids": ids, "attention_mask": torch.cat([before, masks], dim=1)}


def _left(rows: Sequence[Tensor]) -> Tensor:
    """Rows of different lengths, padded with zeros on the left."""
    width = max(map(len, rows))
    return torch.stack([torch.nn.functional.pad(row, (width - len(row), 0)) for row in rows])


def begin(network: Any, parts: Cut, options: Options) -> Inputs | None:  # noqa: ANN401
    """What is left to be asked, with the cache of the beginnings; None if that cannot be shared."""
    cache = read(network, parts.beginnings).past_key_values
    longest = max(len(tokens) for of in options for tokens in of)
    if not shareable(cache) or not _bears_gaps(
        cache, parts.ends["attention_mask"].shape[1] + longest
    ):
        return None
    cache.batch_select_indices(torch.tensor(parts.rows, device=parts.ends["input_ids"].device))
    return parts.ends | {"past_key_values": cache}


def _bears_gaps(cache: Cache, length: int) -> bool:
    """A sliding window counts padding between two tokens as if it were tokens."""
    return all(
        layer.sliding_window >= length
        for layer in cache.layers
        if isinstance(layer, DynamicSlidingWindowLayer)
    )

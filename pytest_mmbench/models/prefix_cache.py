"""One pass over the pictures that several prompts of a batch show.

A picture is hundreds of tokens long and a question some tens. Where prompts begin alike, up to the
end of their last picture, what a causal network makes of that prefix is the same for all of them:
it is read once, and every prompt goes on from a copy of its keys and values. Servers share prefixes
across requests in that way (Zheng et al. 2024, RadixAttention); here nothing is kept from one batch
to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicSlidingWindowLayer

from pytest_mmbench.models.loglikelihood import Inputs, Options, is_shareable, run_prompts

_ATTENDS_BOTH_WAYS = frozenset({"paligemma"})
"""There a picture sees the question too: its keys and values differ between questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixSplit:
    """A batch of prompts, each split behind its last picture into a prefix and a suffix."""

    prefixes: Inputs
    """Every different prefix once, padded on the left, with the pictures that it shows."""
    prefix_rows: tuple[int, ...]
    """For each prompt the row of its prefix."""
    suffixes: Inputs
    """`input_ids` of what is left, (batch, suffix), padded on the left, and the `attention_mask` of
    both parts, (batch, prefix + suffix), which has a gap where a suffix is padded."""

    @property
    def sharing_prompts(self) -> tuple[int, ...]:
        """The prompts whose prefix another prompt had first."""
        rows = self.prefix_rows
        return tuple(index for index, row in enumerate(rows) if row in rows[:index])


def split_prefixes(
    network: Any,  # noqa: ANN401
    inputs: Inputs,
    picture_numbers: Sequence[tuple[int, ...]],
) -> PrefixSplit | None:
    """The batch split behind its pictures, or None if no two of its prompts begin alike.

    None also if the tensors do not tell which picture is whose: Qwen2-VL's and InternVL's hold the
    patches or tiles of all pictures one behind the other.

    Args:
        network: Its config says which token stands for a picture.
        inputs: Of prompts padded on the left.
        picture_numbers: For each prompt those of its pictures; a number is one picture.
    """
    spans = _prefix_spans(network, inputs)
    ids = inputs["input_ids"]  # (batch, tokens)
    prefixes = [
        (numbers, *row[span].tolist())
        for numbers, row, span in zip(picture_numbers, ids, spans, strict=False)
    ]
    firsts = [prefixes.index(prefix) for prefix in dict.fromkeys(prefixes)]
    if len(firsts) == len(prefixes):
        return None
    prefix_inputs = _select_prefixes(inputs, spans, firsts, pictures=len(picture_numbers[0]))
    if prefix_inputs is None:
        return None
    rows = tuple(firsts.index(prefixes.index(prefix)) for prefix in prefixes)
    suffix_ids, suffix_mask = (
        _pad_left([row[span.stop :] for row, span in zip(inputs[name], spans, strict=True)])
        for name in ("input_ids", "attention_mask")
    )  # (batch, suffix)
    prefix_mask = prefix_inputs["attention_mask"][list(rows)]  # (batch, prefix)
    mask = torch.cat([prefix_mask, suffix_mask], dim=1)
    suffixes = {"input_ids": suffix_ids, "attention_mask": mask}
    return PrefixSplit(prefixes=prefix_inputs, prefix_rows=rows, suffixes=suffixes)


def _prefix_spans(network: Any, inputs: Inputs) -> list[slice]:  # noqa: ANN401
    """Of each prompt, from its first real token to its last picture; empty if one shows none."""
    token = getattr(network.config, "image_token_id", None)
    rows = inputs["input_ids"].tolist()
    both_ways = network.config.model_type in _ATTENDS_BOTH_WAYS
    if both_ways or not all(token in row for row in rows):
        return []
    starts = inputs["attention_mask"].long().argmax(-1).tolist()
    stops = [len(row) - row[::-1].index(token) for row in rows]
    return [slice(start, stop) for start, stop in zip(starts, stops, strict=True)]


def _select_prefixes(
    inputs: Inputs, spans: Sequence[slice], prompts: Sequence[int], *, pictures: int
) -> Inputs | None:
    """The prefixes of some prompts with their pictures; None if it is not told whose they are.

    Every picture makes a row at least, so that a tensor with as many rows as there are pictures has
    one for each. All prompts show the same number of `pictures`.
    """
    ids = inputs["input_ids"]  # (batch, tokens)
    picture_rows = [index * pictures + place for index in prompts for place in range(pictures)]
    rows_by_length = {len(ids) * pictures: picture_rows, len(ids): list(prompts)}
    selected: Inputs = {}
    for name, value in inputs.items():
        if value.shape == ids.shape:
            selected[name] = _pad_left([value[index, spans[index]] for index in prompts])
        elif len(value) in rows_by_length:
            selected[name] = value[rows_by_length[len(value)]]
        else:
            return None
    return selected


def _pad_left(rows: Sequence[Tensor]) -> Tensor:
    """Rows (tokens,) of different lengths as (rows, tokens), padded with zeros."""
    width = max(map(len, rows))
    return torch.stack([torch.nn.functional.pad(row, (width - len(row), 0)) for row in rows])


def run_prefixes(network: Any, split: PrefixSplit, options: Options) -> Inputs | None:  # noqa: ANN401
    """The suffixes with the cache of their prefixes; None if that cache cannot be shared."""
    cache = run_prompts(network, split.prefixes).past_key_values
    if not is_shareable(cache):
        return None
    longest_option = max(len(tokens) for of_prompt in options for tokens in of_prompt)
    length = split.suffixes["attention_mask"].shape[1] + longest_option
    # A sliding window counts padding between two tokens as if it were tokens.
    if any(
        layer.sliding_window < length
        for layer in cache.layers
        if isinstance(layer, DynamicSlidingWindowLayer)
    ):
        return None
    rows = torch.tensor(split.prefix_rows, device=split.suffixes["input_ids"].device)
    cache.batch_select_indices(rows)
    return split.suffixes | {"past_key_values": cache}

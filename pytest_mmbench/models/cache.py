"""Log-likelihoods by the cheapest way that gives those of the definition with this network.

Where prompts begin alike, up to the end of their last picture, a causal network reads that prefix
once, and every prompt goes on from a copy of its keys and values. Servers share prefixes across
requests in that way (Zheng et al. 2024, RadixAttention); here nothing is kept between batches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor
from transformers.cache_utils import DynamicSlidingWindowLayer

from pytest_mmbench.models.loglikelihood import (
    BatchLogprobs,
    Inputs,
    Network,
    Options,
    can_share_cache,
    is_shareable,
    run_prompts,
    score_plain,
    score_with_cache,
)
from pytest_mmbench.models.memory import is_out_of_memory
from pytest_mmbench.models.processor import EncodedBatch, Encoder
from pytest_mmbench.records import OptionLogprob, Request

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
    """`input_ids` (batch, suffix), padded on the left, and the `attention_mask` of both parts,
    (batch, prefix + suffix), which has a gap where a suffix is padded."""


def split_prefixes(
    network: Network, inputs: Inputs, picture_numbers: Sequence[tuple[int, ...]]
) -> PrefixSplit | None:
    """The batch split behind its pictures; None if no two of its prompts begin alike.

    None also if it is not known whose pictures are whose: Qwen2-VL's and InternVL's tensors hold
    the patches or tiles of all pictures one behind the other.
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


def _prefix_spans(network: Network, inputs: Inputs) -> list[slice]:
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
    """The prefixes of some prompts with their pictures; None if it is not known whose they are."""
    ids = inputs["input_ids"]  # (batch, tokens)
    # Every picture makes a row at least: a tensor with a row per picture has one for each.
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


def run_prefixes(network: Network, split: PrefixSplit, options: Options) -> Inputs | None:
    """The suffixes with the cache of their prefixes; None if that cache cannot be shared."""
    cache = run_prompts(network, split.prefixes).past_key_values
    if not is_shareable(cache):
        return None
    longest_option = max(len(tokens) for of_prompt in options for tokens in of_prompt)
    length = split.suffixes["attention_mask"].shape[1] + longest_option
    # A sliding window counts padding between two tokens as if it were tokens.
    sliding = [layer for layer in cache.layers if isinstance(layer, DynamicSlidingWindowLayer)]
    if any(layer.sliding_window < length for layer in sliding):
        return None
    rows = torch.tensor(split.prefix_rows, device=split.suffixes["input_ids"].device)
    cache.batch_select_indices(rows)
    return split.suffixes | {"past_key_values": cache}


_TOLERANCE = {"float32": 1e-3}
_HALF_PRECISION_TOLERANCE = 0.25
"""Nats per token within which two ways of computing agree in half precision."""


class CheckState(Enum):
    """What came of comparing a mode of sharing with the plain way."""

    PASSED = "passed"
    FAILED = "failed"


class SharingMode(Enum):
    """What is read once for several: each mode is cheaper than those after it."""

    PICTURES = "pictures"
    """Pictures, for all prompts that show them; and each prompt, for all its options."""
    PICTURES_ONLY = "pictures only"
    """The same where every option is one token: no option goes on from a cache."""
    PROMPTS = "prompts"


class CacheSharing:
    """Shares what may be shared, and everything else goes the plain way.

    The first answers of each mode are compared with plain ones, with and without pictures. Where
    the two disagree, or the network refuses, that mode is not used again.
    """

    def __init__(self, *, network: Network, encoder: Encoder, dtype: str) -> None:
        self._network = network
        self.encoder = encoder
        self._tolerance = _TOLERANCE.get(dtype, _HALF_PRECISION_TOLERANCE)
        self.checks: dict[tuple[SharingMode, bool], CheckState] = {}
        """By mode, and by whether there are pictures in the prompt; without those not yet used."""

    def option_logprobs(self, batch: Sequence[Request]) -> BatchLogprobs:
        """The log-likelihood of each option of requests that show equally many pictures."""
        encoded = self.encoder.encode(batch)
        options = self.encoder.option_tokens(batch, encoded.inputs)
        logprobs = None
        if can_share_cache(self._network, encoded.inputs):
            logprobs = self._share_pictures(batch, encoded, options)
            logprobs = logprobs or self._share_prompts(batch, encoded.inputs, options)
        return logprobs or score_plain(self._network, encoded.inputs, options)

    def _share_pictures(
        self, batch: Sequence[Request], encoded: EncodedBatch, options: Options
    ) -> BatchLogprobs | None:
        several_tokens = _has_several_tokens(options)
        mode = SharingMode.PICTURES if several_tokens else SharingMode.PICTURES_ONLY
        if self._has_failed(mode, batch):
            return None
        inputs = encoded.inputs
        split = split_prefixes(self._network, inputs, encoded.picture_numbers)
        if split is None:
            return None

        def score() -> BatchLogprobs | None:
            suffixes = run_prefixes(self._network, split, options)
            return None if suffixes is None else score_with_cache(self._network, suffixes, options)

        rows = split.prefix_rows
        sharing = [index for index, row in enumerate(rows) if row in rows[:index]]
        every = range(len(batch))
        witnesses = {_choose_witness(inputs, options, prompts) for prompts in (sharing, every)}
        return self._score_if_trusted(mode, score, batch, options, witnesses)

    def _share_prompts(
        self, batch: Sequence[Request], inputs: Inputs, options: Options
    ) -> BatchLogprobs | None:
        def score() -> BatchLogprobs | None:
            return score_with_cache(self._network, inputs, options)

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
        inputs = self.encoder.encode([request]).inputs
        plain = score_plain(self._network, inputs, [options])[0]
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

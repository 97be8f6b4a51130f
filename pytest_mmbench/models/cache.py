"""Log-likelihoods by the cheapest way that gives those of the definition with this network.

Where prompts begin alike, up to the end of their last picture, a causal network reads that prefix
once, and every prompt goes on from a copy of its keys and values. Servers share prefixes across
requests in that way (Zheng et al. 2024, RadixAttention); here nothing is kept between batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor
from transformers import GenerationConfig
from transformers.cache_utils import DynamicSlidingWindowLayer

from pytest_mmbench.models.batch_checks import (
    BatchChecks,
    BatchMode,
    CheckState,
    batch_traits,
    choose_witnesses,
    largest_difference,
    measured_tolerance,
    most_padded,
    score_alone,
)
from pytest_mmbench.models.loglikelihood import (
    BatchLogprobs,
    Inputs,
    Network,
    Options,
    can_share_cache,
    counts_positions,
    generate_with_logprobs,
    is_shareable,
    run_prompts,
    score_plain,
    score_with_cache,
)
from pytest_mmbench.models.memory import is_out_of_memory
from pytest_mmbench.models.processor import EncodedBatch, Encoder
from pytest_mmbench.records import Request

_Result = TypeVar("_Result")
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
    # Where positions follow from the pictures' shapes, what comes behind them cannot be told alone.
    counts_itself = counts_positions(network, inputs)
    if both_ways or counts_itself or not all(token in row for row in rows):
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


class CacheSharing:
    """Shares what may be shared, and everything else goes the plain way.

    The first answers of each way are compared with those of the network's own forward, one prompt
    at a time. Where the two disagree, or the network refuses, that way is not used again; what no
    way gives for a batch is asked one by one.
    """

    def __init__(self, *, network: Network, encoder: Encoder, dtype: str) -> None:
        self._network = network
        self.encoder = encoder
        self._dtype = dtype
        self._tolerance: float | None = None
        self.checks = BatchChecks()

    def option_logprobs(self, batch: Sequence[Request]) -> BatchLogprobs:
        """The log-likelihood of each option of requests that show equally many pictures."""
        encoded = self.encoder.encode(batch)
        options = self.encoder.option_tokens(batch, encoded.inputs)
        traits, pictures = batch_traits(encoded, options), bool(batch[0].prompt.pictures)
        expected: dict[int, BatchLogprobs] = {}
        for mode, score, witnesses in self._modes(encoded, options):
            state = self.checks.state(mode, traits, pictures=pictures)
            if state is CheckState.FAILED:
                continue
            logprobs = score() if state is CheckState.PASSED else _none_if_refused(score)
            if state is None:
                tolerance = self._measure_tolerance(batch, options[0])
                difference = None
                if logprobs is not None:
                    difference = self._compare(batch, options, logprobs, witnesses, expected)
                state = self.checks.record(
                    mode, traits, pictures=pictures, difference=difference, tolerance=tolerance
                )
            if logprobs is not None and state is CheckState.PASSED:
                return logprobs
        if len(batch) > 1:
            return [self.option_logprobs([request])[0] for request in batch]
        return score_alone(self._network, encoded.inputs, options)

    def _modes(
        self, encoded: EncodedBatch, options: Options
    ) -> Iterator[tuple[BatchMode, Callable[[], BatchLogprobs | None], set[int]]]:
        """The ways that may give these likelihoods, cheapest first, and the prompts to compare."""
        network, inputs = self._network, encoded.inputs
        witnesses = choose_witnesses(encoded, options)
        if can_share_cache(network, inputs):
            split = split_prefixes(network, inputs, encoded.picture_numbers)
            if split is not None:

                def score_after_prefixes() -> BatchLogprobs | None:
                    suffixes = run_prefixes(network, split, options)
                    if suffixes is None:
                        return None
                    return score_with_cache(network, suffixes, options)

                # One of them goes on from the beginning of another prompt.
                rows = split.prefix_rows
                sharing = [index for index, row in enumerate(rows) if row in rows[:index]]
                shortest = {
                    most_padded(encoded, options, among) for among in (sharing, range(len(rows)))
                }
                yield BatchMode.PICTURES, score_after_prefixes, shortest
            yield BatchMode.PROMPTS, partial(score_with_cache, network, inputs, options), witnesses
        if len(options) > 1:
            yield BatchMode.PLAIN, partial(score_plain, network, inputs, options), witnesses

    def _compare(
        self,
        batch: Sequence[Request],
        options: Options,
        logprobs: BatchLogprobs,
        witnesses: Iterable[int],
        expected: dict[int, BatchLogprobs],
    ) -> float:
        """By how many nats per token the likelihoods of some prompts differ from theirs alone.

        `expected` keeps what was computed alone, for the next way that is compared.
        """
        differences = [0.0]
        for row in witnesses:
            # The longest option, and the shortest if it is another one.
            by_length = sorted(range(len(options[row])), key=lambda at: len(options[row][at]))
            columns = sorted({by_length[0], by_length[-1]})
            if row not in expected:
                inputs = self.encoder.encode([batch[row]]).inputs
                compared = [[options[row][column] for column in columns]]
                expected[row] = score_alone(self._network, inputs, compared)
            found = [logprobs[row][column] for column in columns]
            differences.append(largest_difference(found, expected[row][0]))
        return max(differences)

    def _measure_tolerance(
        self, batch: Sequence[Request], options: Sequence[tuple[int, ...]]
    ) -> float:
        """Of the first prompt that is compared, and of all after it."""
        if self._tolerance is None:
            inputs = self.encoder.encode(batch[:1]).inputs
            option = max(options, key=len)
            self._tolerance = measured_tolerance(self._network, self._dtype, inputs, option)
        return self._tolerance

    def can_generate_together(
        self, batch: Sequence[Request], encoded: EncodedBatch, config: GenerationConfig
    ) -> bool:
        """Whether texts of these prompts are those that each would get alone.

        Of a batch unlike those before, the first tokens for a few prompts are compared.
        """
        traits, pictures = batch_traits(encoded, []), bool(batch[0].prompt.pictures)
        state = self.checks.state(BatchMode.GENERATE, traits, pictures=pictures)
        if state is None:
            requests = [batch[row] for row in sorted(choose_witnesses(encoded, []))]
            difference = _none_if_refused(partial(self._compare_generation, requests, config))
            state = self.checks.record(
                BatchMode.GENERATE,
                traits,
                pictures=pictures,
                difference=difference,
                tolerance=self._tolerance or 0.0,
            )
        return state is CheckState.PASSED

    def _compare_generation(self, requests: Sequence[Request], config: GenerationConfig) -> float:
        """By how many nats per token the first tokens differ from the network's own forward."""
        inputs = self.encoder.encode(requests).inputs
        tokens, logprobs = generate_with_logprobs(self._network, inputs, config)
        self._measure_tolerance(requests, tokens[:1])
        alone = (self.encoder.encode([request]).inputs for request in requests)
        return max(
            largest_difference(found, score_alone(self._network, own, [[row]])[0])
            for own, row, found in zip(alone, tokens, logprobs, strict=True)
        )


def _none_if_refused(compute: Callable[[], _Result | None]) -> _Result | None:
    """What a way gives that was not used before; None if the network cannot be asked in it."""
    try:
        return compute()
    except Exception as error:
        if is_out_of_memory(error):
            raise
        return None

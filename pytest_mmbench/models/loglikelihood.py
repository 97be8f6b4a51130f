"""How likely a network finds each option of each prompt of a batch as the prompt's continuation.

For an option of tokens t1 .. tn the answer is the sum of log p(ti | prompt, t1 .. ti-1), from a
log-softmax in float32, in nats: the measure of SEED-Bench (Li et al., 2023, section 4) before any
normalisation by length.

`score_with_cache` runs the prompts once, takes first tokens from that pass's own logits, and lets
the options of a prompt continue from its key-value cache in one short second pass. `score_plain`
runs prompt and option together, once per option; it needs nothing but the network's logits.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor
from transformers import GenerationConfig
from transformers.cache_utils import Cache, DynamicLayer, DynamicSlidingWindowLayer

from pytest_mmbench.records import OptionLogprob

Network: TypeAlias = Any
"""Any network of transformers."""
Inputs: TypeAlias = dict[str, Any]
"""What a processor makes of a batch: `input_ids`, `attention_mask` (batch, tokens), pictures."""
Options: TypeAlias = Sequence[Sequence[tuple[int, ...]]]
"""For each prompt its options, each as its tokens; at least one token each."""
BatchLogprobs: TypeAlias = list[list[OptionLogprob]]
"""For each prompt its options' log-likelihoods."""
_PER_TOKEN_REPEAT = ("cross_attention_mask", "image_attention_mask")
_PLAIN_ONLY = (*_PER_TOKEN_REPEAT, "qformer_input_ids")
_CAUSAL_TYPE = {"paligemma": 1}
"""PaliGemma attends both ways wherever the type is 0: what continues a prompt has to be 1."""
CHECKED_TOKENS = 3
"""Of each generated text, where batches are compared with single prompts."""
_NO_PICTURE = ("attention_mask", "past_key_values")
"""Inputs beside those of each token that say nothing of pictures."""
_POSITION_METHODS = ("get_rope_index", "compute_3d_position_ids")
"""By which networks of transformers derive positions on several axes from the pictures' shapes."""


class _Option(NamedTuple):
    row: int
    """Which prompt of the batch it continues."""
    tokens: tuple[int, ...]


def can_share_cache(network: Network, inputs: Inputs) -> bool:
    """Whether options may continue from the prompts' cache, as far as can be known beforehand."""
    takes_cache = {"past_key_values", "position_ids", "attention_mask"} <= _parameters(network)
    # Encoder-decoders, Q-Formers and cross-attention to pictures go the plain way.
    plain_only = is_encoder_decoder(network) or any(key in inputs for key in _PLAIN_ONLY)
    return takes_cache and not plain_only


def is_encoder_decoder(network: Network) -> bool:
    """Whether the network reads the prompt in an encoder, and answers in a decoder."""
    inner = getattr(network, "language_model", network)
    configs = (network.config, getattr(inner, "config", None))
    return any(getattr(config, "is_encoder_decoder", False) for config in configs)


def score_with_cache(network: Network, inputs: Inputs, options: Options) -> BatchLogprobs | None:
    """Log-likelihoods by one pass over the prompts and one short pass over the options.

    `inputs` are prompts, or what follows their prefixes as `cache.run_prefixes` gives it. Gives
    None if the network's cache turns out to be one that cannot be shared.
    """
    flat = [_Option(row, tokens) for row, of in enumerate(options) for tokens in of]
    output = run_prompts(network, inputs)
    device = output.logits.device
    rows = torch.tensor([option.row for option in flat], device=device)  # (options,)
    first_tokens = torch.tensor([option.tokens[0] for option in flat], device=device)  # (options,)
    logprobs = output.logits[:, -1].float().log_softmax(-1)  # (batch, vocabulary)
    logprobs = logprobs[rows, first_tokens]  # (options,)
    longer = [index for index, option in enumerate(flat) if len(option.tokens) > 1]
    if longer:
        cache = output.past_key_values
        if not is_shareable(cache):
            return None
        rest = _score_later_tokens(network, inputs, cache, [flat[index] for index in longer])
        logprobs[torch.tensor(longer, device=device)] += rest
    return _by_prompt(options, logprobs.tolist())


def run_prompts(network: Network, inputs: Inputs) -> Any:  # noqa: ANN401  its output
    """One pass over prompts, or over what is left of them: the last logits, and the cache."""
    positions = _position_ids(network, inputs)
    return network(**inputs, **positions, **_logits_to_keep(network, 1), use_cache=True)


def _score_later_tokens(
    network: Network, inputs: Inputs, cache: Cache, options: Sequence[_Option]
) -> Tensor:
    """Log-likelihoods (options,) of what follows each option's first token."""
    device = inputs["input_ids"].device
    rows = torch.tensor([option.row for option in options], device=device)  # (options,)
    input_ids, mask = _pad_right([option.tokens[:-1] for option in options], device)
    targets, _ = _pad_right([option.tokens[1:] for option in options], device)  # (options, tokens)
    cache.batch_select_indices(rows)
    prompt_mask = inputs["attention_mask"][rows]  # (options, prompt tokens)
    starts = prompt_mask.long().sum(-1, keepdim=True) + _position_shift(network, inputs, rows)
    # Text has equal positions on all axes: a network that has several repeats these itself.
    positions = starts + torch.arange(input_ids.shape[1], device=device)  # (options, tokens)
    output = network(
        input_ids=input_ids,
        attention_mask=torch.cat([prompt_mask, mask], dim=1),
        position_ids=positions,
        past_key_values=cache,
        use_cache=True,
    )
    return _sum_logprobs(output.logits, targets, mask)


def score_plain(
    network: Network,
    inputs: Inputs,
    options: Options,
    *,
    gives_positions: bool = True,
    masked_tokens: int = 0,
) -> BatchLogprobs:
    """Log-likelihoods by a pass over prompt and option for every option.

    Prompts with fewer options than others repeat their first one; what comes of it is dropped.
    Without `gives_positions` the network is left to count for itself, as where it is called with
    nothing but what its processor made. `masked_tokens` follow each option, and change nothing but
    rounding.
    """
    columns: list[list[float]] = []
    for column in range(max(map(len, options))):
        column_options = [of[column] if column < len(of) else of[0] for of in options]
        width = max(map(len, column_options)) + masked_tokens
        targets, mask = _pad_right(column_options, inputs["input_ids"].device, width=width)
        if is_encoder_decoder(network):
            logits = _predict_in_decoder(network, inputs, targets, mask)
        else:
            logits = _predict_after_prompt(
                network, inputs, targets, mask, gives_positions=gives_positions
            )
        columns.append(_sum_logprobs(logits, targets, mask).tolist())
    flat = [columns[column][row] for row, of in enumerate(options) for column in range(len(of))]
    return _by_prompt(options, flat)


def _predict_after_prompt(
    network: Network, inputs: Inputs, targets: Tensor, mask: Tensor, *, gives_positions: bool
) -> Tensor:
    """Logits (batch, tokens, vocabulary) that predict `targets` after the prompt."""
    longer = dict(inputs)
    fill = _CAUSAL_TYPE.get(network.config.model_type, 0)  # text, for any type or mask of tokens
    for key in _per_token(inputs):
        longer[key] = torch.cat([inputs[key], inputs[key].new_full(targets.shape, fill)], dim=1)
    longer["input_ids"] = torch.cat([inputs["input_ids"], targets], dim=1)
    longer["attention_mask"] = torch.cat([inputs["attention_mask"], mask], dim=1)
    width = targets.shape[1]
    for key in _PER_TOKEN_REPEAT:
        if key in inputs:
            last = inputs[key][:, -1:].repeat_interleave(width, dim=1)
            longer[key] = torch.cat([inputs[key], last], dim=1)
    positions = _position_ids(network, longer) if gives_positions else {}
    output = network(**longer, **positions, **_logits_to_keep(network, width + 1))
    logits: Tensor = output.logits[:, -width - 1 : -1]
    return logits


def _per_token(inputs: Inputs) -> list[str]:
    """Inputs with one number for each token, such as its type, whatever they are called."""
    shape = inputs["input_ids"].shape
    return [key for key, value in inputs.items() if getattr(value, "shape", None) == shape]


def _predict_in_decoder(network: Network, inputs: Inputs, targets: Tensor, mask: Tensor) -> Tensor:
    """Logits (batch, tokens, vocabulary) that predict `targets` in the decoder."""
    inner: Network = getattr(network, "language_model", network)
    configs = (network.generation_config, inner.config, network.config)
    starts = (getattr(config, "decoder_start_token_id", None) for config in configs)
    start = next(int(token) for token in starts if token is not None)
    first = torch.full_like(targets[:, :1], start)
    logits: Tensor = network(
        **inputs,
        decoder_input_ids=torch.cat([first, targets[:, :-1]], dim=1),
        decoder_attention_mask=torch.cat([torch.ones_like(mask[:, :1]), mask[:, :-1]], dim=1),
    ).logits
    return logits


def generate_with_logprobs(
    network: Network, inputs: Inputs, config: GenerationConfig
) -> tuple[list[tuple[int, ...]], BatchLogprobs]:
    """The first tokens that are generated for each prompt, and how likely they were together."""
    output = network.generate(
        **inputs,
        generation_config=config,
        max_new_tokens=min(CHECKED_TOKENS, config.max_new_tokens or 1),
        return_dict_in_generate=True,
        output_logits=True,
    )
    steps = torch.stack(output.logits, dim=1).float().log_softmax(-1)  # (batch, steps, vocabulary)
    end = config.eos_token_id
    ends = {config.pad_token_id, *(end if isinstance(end, list) else [end])}
    tokens, logprobs = [], []
    for row, generated in enumerate(output.sequences[:, -steps.shape[1] :].tolist()):
        stop = next((at for at, token in enumerate(generated) if token in ends), len(generated) - 1)
        tokens.append(tuple(generated[: stop + 1]))
        total = sum(float(steps[row, at, token]) for at, token in enumerate(tokens[-1]))
        logprobs.append([OptionLogprob(logprob=total, tokens=stop + 1)])
    return tokens, logprobs


def counts_positions(network: Network, inputs: Inputs) -> bool:
    """Whether the network derives the positions of these prompts from the shapes of pictures.

    It is asked for what it can do: the names of its inputs say nothing, as many networks take the
    shapes of pictures and count on one axis all the same. Text alone is not counted by any.
    """
    can_count = any(
        hasattr(type(module), method)
        for module in network.modules()
        for method in _POSITION_METHODS
    )
    return can_count and not inputs.keys() <= {*_per_token(inputs), *_NO_PICTURE}


def _position_ids(network: Network, inputs: Inputs) -> Inputs:
    """Positions counted from each prompt's first real token, so that left padding changes nothing.

    A mask that is longer than the tokens begins with what a cache holds.
    """
    counts_itself = is_encoder_decoder(network) or counts_positions(network, inputs)
    if "position_ids" not in _parameters(network) or counts_itself:
        return {}
    positions = (inputs["attention_mask"].long().cumsum(-1) - 1).clamp(min=0)
    return {"position_ids": positions[:, -inputs["input_ids"].shape[1] :]}


def _position_shift(network: Network, inputs: Inputs, rows: Tensor) -> Tensor | int:
    """By how much text positions run ahead of the number of tokens, after pictures (Qwen2-VL)."""
    if not counts_positions(network, inputs):
        return 0
    # Kept by whichever part has counted: `network.model` as a rule, a part of a part in others.
    kept = (getattr(module, "rope_deltas", None) for module in network.modules())
    deltas = next((deltas for deltas in kept if deltas is not None), None)
    if deltas is None:
        return 0
    shifts: Tensor = deltas.to(rows.device).view(-1, 1)[rows]  # (rows, 1)
    return shifts


def _logits_to_keep(network: Network, count: int) -> Inputs:
    return {"logits_to_keep": count} if "logits_to_keep" in _parameters(network) else {}


def _parameters(network: Network) -> frozenset[str]:
    return frozenset(inspect.signature(network.forward).parameters)


def is_shareable(cache: object) -> bool:
    """Only caches of plain keys and values are known to bear the selection of rows."""
    layers = getattr(cache, "layers", ())
    return bool(layers) and all(
        type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers
    )


def _sum_logprobs(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """Sum (rows,) of the targets' log-probabilities, padding left out."""
    logprobs = logits[:, -targets.shape[1] :].float().log_softmax(-1)  # (rows, tokens, vocabulary)
    logprobs = logprobs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)  # (rows, tokens)
    return (logprobs * mask).sum(-1)


def _pad_right(
    rows: Sequence[Sequence[int]], device: torch.device, *, width: int = 0
) -> tuple[Tensor, Tensor]:
    """Tokens (rows, tokens), padded by their own last token, and the mask of what is real."""
    width = max(width, *map(len, rows))
    tokens = [[*row, *[row[-1]] * (width - len(row))] for row in rows]
    mask = [[1] * len(row) + [0] * (width - len(row)) for row in rows]
    return torch.tensor(tokens, device=device), torch.tensor(mask, device=device)


def _by_prompt(options: Options, logprobs: Sequence[float]) -> BatchLogprobs:
    values = iter(logprobs)
    return [
        [OptionLogprob(logprob=next(values), tokens=len(tokens)) for tokens in of_prompt]
        for of_prompt in options
    ]

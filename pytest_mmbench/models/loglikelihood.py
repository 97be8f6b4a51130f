"""How likely a network finds each continuation of each prompt of a batch.

For a continuation of tokens t1 .. tn the answer is the sum of log p(ti | prompt, t1 .. ti-1), from
a log-softmax in float32, in nats: the measure of SEED-Bench (Li et al., 2023, section 4) before any
normalisation by length.

Two ways lead there. `shared` runs the prompts once, takes first tokens from that pass's own logits,
and lets the options of a prompt continue from its key-value cache in one short second pass. `plain`
runs prompt and option together, once per option; it needs nothing from the network but its logits.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer, DynamicSlidingWindowLayer

from pytest_mmbench.records import OptionLogprob

Inputs = dict[str, Any]
"""What a processor gives for a batch: `input_ids`, `attention_mask` (batch, tokens), pictures."""


Options = Sequence[Sequence[tuple[int, ...]]]
"""For each prompt its options, each as its tokens; at least one token each."""


_PER_TOKEN_FILL = {"token_type_ids": 0, "mm_token_type_ids": 0}


_PER_TOKEN_REPEAT = ("cross_attention_mask", "image_attention_mask")


_OWN_WAYS = (*_PER_TOKEN_REPEAT, "qformer_input_ids")


_CAUSAL_TYPE = {"paligemma": 1}
"""PaliGemma attends both ways wherever the type is 0: what continues a prompt has to be 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """One option of one prompt."""

    row: int
    """Which prompt of the batch it continues."""
    tokens: tuple[int, ...]


def can_share(network: Any, inputs: Inputs) -> bool:  # noqa: ANN401  any network of transformers
    """Whether options may continue from the prompts' cache, as far as can be told beforehand.

    Encoder-decoders, Q-Formers and cross-attention to pictures go the plain way.
    """
    takes = _parameters(network)
    ordinary = {"past_key_values", "position_ids", "attention_mask"} <= takes
    return ordinary and not encodes(network) and not any(key in inputs for key in _OWN_WAYS)


def encodes(network: Any) -> bool:  # noqa: ANN401
    """Whether the network reads the prompt in an encoder, and answers in a decoder."""
    inner = getattr(network, "language_model", network)
    configs = (network.config, getattr(inner, "config", None))
    return any(getattr(config, "is_encoder_decoder", False) for config in configs)


def shared(network: Any, inputs: Inputs, options: Options) -> list[list[OptionLogprob]] | None:  # noqa: ANN401
    """Likelihoods by one pass over the prompts and one short pass over the options.

    Inputs may be the rest of prompts that were begun, with the cache of that (`prefix.begin`).
    Gives None if the network's cache turns out to be one that cannot be shared.
    """
    choices = _flatten(options)
    asked = read(network, inputs)
    device = asked.logits.device
    rows = torch.tensor([choice.row for choice in choices], device=device)
    firsts = torch.tensor([choice.tokens[0] for choice in choices], device=device)
    logs = asked.logits[:, -1].float().log_softmax(-1)[rows, firsts]  # (choices,)
    longer = [index for index, choice in enumerate(choices) if len(choice.tokens) > 1]
    if longer:
        if not shareable(asked.past_key_values):
            return None
        rest = _continue(network, inputs, asked.past_key_values, [choices[i] for i in longer])
        logs[torch.tensor(longer, device=device)] += rest
    return _unflatten(options, logs.tolist())


def read(network: Any, inputs: Inputs) -> Any:  # noqa: ANN401
    """One pass over prompts, or over what is left of them: the last logits, and the cache."""
    return network(**inputs, **_positions(network, inputs), **_keep(network, 1), use_cache=True)


def _continue(
    network: Any,  # noqa: ANN401
    inputs: Inputs,
    cache: Cache,
    choices: Sequence[_Choice],
) -> Tensor:
    """Log-likelihood of each choice's tokens after its first, from the prompts' cache."""
    device = inputs["input_ids"].device
    rows = torch.tensor([choice.row for choice in choices], device=device)
    fed, mask = _pad([choice.tokens[:-1] for choice in choices], device)  # (choices, tokens)
    wanted, _ = _pad([choice.tokens[1:] for choice in choices], device)
    cache.batch_select_indices(rows)
    prompt_mask = inputs["attention_mask"][rows]
    starts = prompt_mask.long().sum(-1, keepdim=True) + _shift(network, inputs, rows)
    positions = starts + torch.arange(fed.shape[1], device=device)
    said = network(
        input_ids=fed,
        attention_mask=torch.cat([prompt_mask, mask], dim=1),
        position_ids=_shaped(network, positions),
        past_key_values=cache,
        use_cache=True,
    )
    return _gather(said.logits, wanted, mask)


def plain(network: Any, inputs: Inputs, options: Options) -> list[list[OptionLogprob]]:  # noqa: ANN401
    """Likelihoods by a pass over prompt and option for every option.

    Prompts with fewer options than others repeat their first one; what comes of it is dropped.
    """
    ask = _decoded if encodes(network) else _appended
    columns = []
    for column in range(max(map(len, options))):
        chosen = [of[column] if column < len(of) else of[0] for of in options]
        wanted, mask = _pad(chosen, inputs["input_ids"].device)
        columns.append(_gather(ask(network, inputs, wanted, mask), wanted, mask).tolist())
    flat = [columns[column][row] for row, of in enumerate(options) for column in range(len(of))]
    return _unflatten(options, flat)


def _appended(network: Any, inputs: Inputs, wanted: Tensor, mask: Tensor) -> Tensor:  # noqa: ANN401
    """Logits (batch, tokens, vocabulary) that predict `wanted` after the prompt."""
    width = wanted.shape[1]
    longer = _extend(network, inputs, wanted, mask)
    said = network(**longer, **_positions(network, longer), **_keep(network, width + 1))
    logits: Tensor = said.logits[:, -width - 1 : -1]
    return logits


def _extend(network: Any, inputs: Inputs, wanted: Tensor, mask: Tensor) -> Inputs:  # noqa: ANN401
    grown = dict(inputs)
    grown["input_ids"] = torch.cat([inputs["input_ids"], wanted], dim=1)
    grown["attention_mask"] = torch.cat([inputs["attention_mask"], mask], dim=1)
    for key, usual in _PER_TOKEN_FILL.items():
        if key in inputs:
            fill = _CAUSAL_TYPE.get(network.config.model_type, usual)
            grown[key] = torch.cat([inputs[key], torch.full_like(wanted, fill)], dim=1)
    for key in _PER_TOKEN_REPEAT:
        if key in inputs:
            last = inputs[key][:, -1:].repeat_interleave(wanted.shape[1], dim=1)
            grown[key] = torch.cat([inputs[key], last], dim=1)
    return grown


def _decoded(network: Any, inputs: Inputs, wanted: Tensor, mask: Tensor) -> Tensor:  # noqa: ANN401
    """Logits (batch, tokens, vocabulary) that predict `wanted` in the decoder."""
    start = torch.full_like(wanted[:, :1], decoder_start(network))
    fed = torch.cat([start, wanted[:, :-1]], dim=1)
    seen = torch.cat([torch.ones_like(mask[:, :1]), mask[:, :-1]], dim=1)
    logits: Tensor = network(**inputs, decoder_input_ids=fed, decoder_attention_mask=seen).logits
    return logits


def decoder_start(network: Any) -> int:  # noqa: ANN401
    """The token with which a decoder starts."""
    inner = getattr(network, "language_model", network)
    places = (network.generation_config, inner.config, network.config)
    found = (getattr(place, "decoder_start_token_id", None) for place in places)
    return next(int(token) for token in found if token is not None)


def _positions(network: Any, inputs: Inputs) -> Inputs:  # noqa: ANN401
    """Positions counted from each prompt's first real token, so that left padding changes nothing.

    A mask that is longer than the tokens begins with what a cache holds.

    Networks that turn pictures into more than one position axis count for themselves.
    """
    if "position_ids" not in _parameters(network) or encodes(network) or "image_grid_thw" in inputs:
        return {}
    positions = (inputs["attention_mask"].long().cumsum(-1) - 1).clamp(min=0)
    return {"position_ids": positions[:, -inputs["input_ids"].shape[1] :]}


def _shift(network: Any, inputs: Inputs, rows: Tensor) -> Tensor | int:  # noqa: ANN401
    """By how much text positions run ahead of the number of tokens, after pictures (Qwen2-VL)."""
    deltas = getattr(getattr(network, "model", None), "rope_deltas", None)
    if "image_grid_thw" not in inputs or deltas is None:
        return 0
    shifts: Tensor = deltas.to(rows.device).view(-1, 1)[rows]
    return shifts


def _shaped(network: Any, positions: Tensor) -> Tensor:  # noqa: ANN401
    """Text has equal positions on all three axes of a multimodal rotary embedding."""
    if hasattr(getattr(network, "model", None), "rope_deltas"):
        return positions.expand(3, *positions.shape)
    return positions


def _keep(network: Any, last: int) -> Inputs:  # noqa: ANN401
    """Ask for the last logits only, where the network offers it."""
    return {"logits_to_keep": last} if "logits_to_keep" in _parameters(network) else {}


def _parameters(network: Any) -> frozenset[str]:  # noqa: ANN401
    return frozenset(inspect.signature(network.forward).parameters)


def shareable(cache: object) -> bool:
    """Only caches of plain keys and values are known to bear the selection of rows."""
    layers = getattr(cache, "layers", ())
    return bool(layers) and all(
        type(layer) in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers
    )


def _gather(logits: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    """Sum of the wanted tokens' log-probabilities, padding left out: (rows,)."""
    every = logits[:, -wanted.shape[1] :].float().log_softmax(-1)  # (rows, tokens, vocabulary)
    logs = every.gather(-1, wanted.unsqueeze(-1)).squeeze(-1)
    return (logs * mask).sum(-1)


def _pad(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Tokens padded on the right by their own last token, and the mask of what is real."""
    width = max(map(len, rows))
    tokens = [[*row, *[row[-1]] * (width - len(row))] for row in rows]
    mask = [[1] * len(row) + [0] * (width - len(row)) for row in rows]
    return torch.tensor(tokens, device=device), torch.tensor(mask, device=device)


def _flatten(options: Options) -> list[_Choice]:
    return [_Choice(row=row, tokens=tokens) for row, of in enumerate(options) for tokens in of]


def _unflatten(options: Options, logs: Sequence[float]) -> list[list[OptionLogprob]]:
    left = iter(logs)
    return [
        [OptionLogprob(logprob=next(left), tokens=len(tokens)) for tokens in of] for of in options
    ]


def needs_picture(network: Any) -> bool:  # noqa: ANN401
    """Whether the network has no way to run without a picture, as Q-Formers have none."""
    parameter = inspect.signature(network.forward).parameters.get("pixel_values")
    return parameter is not None and parameter.default is inspect.Parameter.empty

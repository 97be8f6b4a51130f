"""How many pictures a checkpoint can be shown, and whether it can do without; reads no weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import PIL.Image
import torch

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models import loglikelihood
from pytest_mmbench.models.load import errors_as_checkpoint_error
from pytest_mmbench.models.processor import PromptProcessor
from pytest_mmbench.protocols import MANY
from pytest_mmbench.records import Picture, Prompt, Turn

_TEXTS = ("one", "two")


_SIDE = 224
"""Pixels of the grey squares that a processor is tried with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInfo:
    """What the network says of itself before it has weights."""

    attention: str
    """The attention implementation that transformers picks."""
    demands_picture: bool
    """Whether it has no way to run without a picture, as Q-Formers have none."""


def inspect_network(loader: Any, config: Any, *, trust_remote_code: bool) -> NetworkInfo:  # noqa: ANN401
    """The network as its config describes it.

    Raises:
        CheckpointError: It cannot be made, such as for want of a library that the config names.
    """
    try:
        with torch.device("meta"):
            network = loader.from_config(config, trust_remote_code=trust_remote_code)
    except Exception as error:  # whatever the network's own code raises, also a checkpoint's
        raise CheckpointError(
            f"a network of architecture {config.model_type!r} cannot be made of its config.",
            reason=errors_as_checkpoint_error(error),
            what_to_do="compare config.json with the original checkpoint's; install what it names",
        ) from error
    return NetworkInfo(
        attention=str(getattr(network.config, "_attn_implementation", "")),
        demands_picture=loglikelihood.needs_picture(network),
    )


def most_pictures(processor: PromptProcessor) -> int:
    """How many pictures one prompt can show: none, one, or any number.

    Two pictures between texts must become twice the tokens of one. That they do not is all that can
    be seen where a template writes one placeholder only, or where a processor prepares one picture
    for each prompt (Q-Formers): nothing complains, and the second picture is never shown.
    """
    if not processor.has_vision:
        return 0
    one, two = (_tokens(processor, pictures=count) for count in (1, 2))
    token = _picture_token(processor)
    if token in one:
        return MANY if two.count(token) >= 2 * one.count(token) else 1
    return MANY if len(two) > len(one) else 1


def refuses_text(processor: PromptProcessor) -> bool:
    """Whether the processor refuses a prompt without a picture, as PaliGemma's does."""
    return processor.has_vision and not _tokens(processor, pictures=0)


def _tokens(speech: PromptProcessor, *, pictures: int) -> list[int]:
    """Tokens of a prompt of two texts with so many pictures before them; none if it is refused."""
    parts: list[str | Picture] = []
    for at, text in enumerate(_TEXTS):
        parts += [*[Picture(name=text, read=bytes)] * (at < pictures), text]
    prompt = Prompt(turns=(Turn(role="user", parts=tuple(parts)),))
    grey = [PIL.Image.new("RGB", (_SIDE, _SIDE), "grey")] * pictures
    try:
        tensors = speech.encode_with_pictures([speech.template.render(prompt)], [grey])
    except Exception:  # noqa: BLE001  a refusal is the answer to the question
        return []
    found: list[int] = tensors["input_ids"][0].tolist()
    return found


def _picture_token(speech: PromptProcessor) -> int:
    """The token that stands for a part of a picture."""
    tokenizer = speech.tokenizer
    own = getattr(speech.processor, "image_token_id", None)
    if own is not None:
        return int(own)
    return int(tokenizer.convert_tokens_to_ids(speech.template.placeholder) or 0)

"""How many tokens a network was made for: prompts that are longer are no question it can answer."""

from __future__ import annotations

from typing import Any

from pytest_mmbench.errors import DataError
from pytest_mmbench.records import Request

_LONGER_ALREADY = frozenset({"longrope", "su", "llama3"})
"""Kinds of rotary embeddings whose `max_position_embeddings` counts the stretched positions."""


def context_length(config: Any) -> int | None:  # noqa: ANN401  any config of transformers
    """Positions of the text network; None where they are relative, or not stated.

    A stretched rotary embedding multiplies them, as serving engines count too.
    """
    try:
        text = config.get_text_config(decoder=True)
    except ValueError:  # several, and none of them is the one that answers
        return None
    length = getattr(text, "max_position_embeddings", None)
    if not isinstance(length, int) or length <= 0:
        return None
    rope = getattr(text, "rope_parameters", None) or getattr(text, "rope_scaling", None) or {}
    kind, factor = rope.get("rope_type", rope.get("type")), rope.get("factor")
    if not isinstance(factor, int | float) or factor <= 1 or kind in _LONGER_ALREADY:
        return length
    start = rope.get("original_max_position_embeddings") if kind == "yarn" else length
    return max(length, int((start or length) * factor))


def check_fits(request: Request, *, prompt: int, answer: int, most: int | None) -> None:
    """Refuse a prompt of so many tokens that, with its answer, it does not fit into the context.

    Raises:
        DataError: the two together have more than `most` tokens.
    """
    if most is not None and prompt + answer > most:
        raise DataError(
            "a prompt is longer than the network's context.",
            sample=request.sample,
            tokens=f"{prompt} and {answer} of the answer",
            context=f"{most} (max_position_embeddings in config.json)",
            what_to_do="use fewer or smaller pictures, or leave such samples out with"
            " --mm-bad-rows=skip",
        )

"""What a checkpoint's tokens mean: which end an answer, and which a user may only quote.

Control tokens, such as `</s>` or a picture's placeholder, are written by the chat template. Where a
question or an option quotes one, it is text: transformers marks it, and its tokenizers then split
it into ordinary tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

from transformers import GenerationConfig

from pytest_mmbench.models.checkpoint import CheckpointFacts

Tokenizer: TypeAlias = Any
"""A tokenizer of transformers."""
_CALL_SETTINGS: Final = (
    *("truncation", "max_length", "stride", "split_special_tokens", "is_split_into_words"),
    *("padding", "pad_to_multiple_of", "return_attention_mask", "return_overflowing_tokens"),
)
"""What callers say at each call, and what `tokenizer_config.json` may say in their place."""
_HARMFUL: Final = ("truncation", "split_special_tokens")
"""Those of them under which prompts were cut or misread, without an error."""
_PICTURE_TOKENS: Final = ("image_token", "video_token", "audio_token", "boi_token", "eoi_token")
"""Attributes of processors, some of them computed."""
_START, _END = "\U000f0000", "\U000f0001"
"""Characters of no meaning between which transformers expects a quoted control token."""


def tokenizers_of(processor: Any) -> list[Tokenizer]:  # noqa: ANN401
    """The tokenizers of a processor, which may itself be one; a Q-Former has a second one."""
    parts = [processor, *vars(processor).values()]
    return [part for part in parts if hasattr(part, "convert_tokens_to_ids")]


def drop_call_settings(tokenizer: Tokenizer) -> bool:
    """Take out what would cut prompts; whether it did so until now.

    Processors pass what `tokenizer_config.json` says on to every call, `truncation` too.
    """
    settings: dict[str, Any] = tokenizer.init_kwargs
    harmful = any(settings.get(name) for name in _HARMFUL)
    for name in _CALL_SETTINGS:
        settings.pop(name, None)
    tokenizer.split_special_tokens = False
    return harmful


class EndTokens(NamedTuple):
    """The tokens that end an answer."""

    ids: tuple[int, ...]
    are_new: bool
    """Whether an older release of this project ended answers at others."""


def find_end_tokens(
    facts: CheckpointFacts,
    config: Any,  # noqa: ANN401
    tokenizer: Tokenizer,
    *,
    turn_end: str,
) -> EndTokens:
    """What ends an answer by the generation config, the tokenizer or the chat template.

    Each of them alone is often incomplete: a base model's end of text beside a chat's end of turn.
    `turn_end` is what the template writes after an answer.
    """
    if (facts.path / "generation_config.json").is_file():
        generation = GenerationConfig.from_pretrained(facts.path, local_files_only=True)
    else:
        generation = GenerationConfig.from_model_config(config)
    own = generation.eos_token_id
    stated = [] if own is None else [own] if isinstance(own, int) else list(own)
    former = {*stated} or {tokenizer.eos_token_id}
    special = (token for token in added_tokens(tokenizer) if turn_end.startswith(token))
    turn = max(special, key=len, default=None)
    ids = [*stated, tokenizer.eos_token_id]
    ids += [] if turn is None else [tokenizer.convert_tokens_to_ids(turn)]
    ids = list(dict.fromkeys(id for id in ids if id is not None))
    changed = former != {*ids} or generation.forced_eos_token_id is not None
    return EndTokens(tuple(ids), are_new=changed)


def added_tokens(tokenizer: Tokenizer, *, in_text: str = "") -> list[str]:
    """Special tokens, and others that a text of the checkpoint's own writes, such as a template."""
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    chosen = [
        token.content
        for token in added
        if token.special or (token.content in in_text and not token.content.isspace())
    ]
    return [
        each for each in dict.fromkeys([*chosen, *tokenizer.all_special_tokens]) if each.strip()
    ]


@dataclass(frozen=True, kw_only=True)
class ControlTokens:
    """The tokens that a user's text may quote, and never use."""

    tokens: tuple[str, ...]
    ids: frozenset[int]
    """Those that the tokenizer has an id of."""

    @classmethod
    def of(cls, processor: Any, tokenizer: Tokenizer) -> ControlTokens:  # noqa: ANN401
        """Those of the tokenizers, of the chat template, and of the processor itself."""
        templates = (getattr(part, "chat_template", None) for part in (processor, tokenizer))
        written = "\0".join(str(template) for template in templates if template)
        own = [
            str(getattr(processor, name, None) or "")
            for name in (*_PICTURE_TOKENS, *vars(processor))
            if name.endswith("_token")
        ]
        of_tokenizers = [
            token
            for each in tokenizers_of(processor)
            for token in added_tokens(each, in_text=written)
        ]
        # One sign alone, such as the `!` that some pad with, is what people write.
        tokens = tuple(dict.fromkeys(each for each in [*of_tokenizers, *own] if len(each) > 1))
        known = tokenizer.get_vocab()
        return cls(tokens=tokens, ids=frozenset(known[token] for token in tokens if token in known))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.tokens, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def first_in(self, texts: Iterable[str]) -> str:
        """The first control token that is quoted in any of the texts; empty if there is none."""
        matches = (self._pattern.search(text) for text in texts)
        return next((match[0] for match in matches if match), "")

    def mark(self, text: str) -> str:
        """The text with its control tokens marked as quoted."""
        plain = text.replace(_START, "").replace(_END, "")
        return self._pattern.sub(f"{_START}\\g<0>{_END}", plain)

    def remove(self, text: str) -> str:
        """The text without its control tokens."""
        return self._pattern.sub("", text)

    def count(self, ids: Sequence[int]) -> int:
        """How many of the ids are of control tokens."""
        return sum(id in self.ids for id in ids)

"""What turns prompts into tokens and tokens into text: processor, tokenizer and chat template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import PIL.Image
from transformers import AutoProcessor, AutoTokenizer

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.chat_template import ChatTemplate, read_template
from pytest_mmbench.models.checkpoint import CheckpointFacts
from pytest_mmbench.models.load import errors_as_checkpoint_error

_OF_PILLOW = (PIL.Image.Resampling.BOX, PIL.Image.Resampling.HAMMING)
"""Filters that torchvision names, and does not have."""


_WITHOUT_TORCHVISION = ("Torchvision", "torchvision", "video processor")


Tensors: TypeAlias = dict[str, Any]
"""By the names of a network's parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptProcessor:
    """What turns prompts into tokens and tokens into text."""

    processor: Any
    """Prepares text and pictures together; the tokenizer itself if the checkpoint sees none."""
    tokenizer: Any
    template: ChatTemplate
    has_vision: bool

    @property
    def backend(self) -> str:
        """The class that prepares pictures: it differs with and without torchvision."""
        return type(self.processor.image_processor).__name__ if self.has_vision else ""

    @property
    def by_torchvision(self) -> bool:
        """Whether torchvision may prepare the pictures: not where Pillow is known to do it."""
        return self.has_vision and getattr(self.processor.image_processor, "backend", "") != "pil"

    def encode_with_pictures(
        self, texts: list[str], pictures: Sequence[Sequence[PIL.Image.Image]]
    ) -> Tensors:
        """Tensors of prompts and of as many pictures as each of them shows."""
        special = {"add_special_tokens": False} if self._starts_itself(texts[0]) else {}
        shown = [list(each) for each in pictures] if pictures[0] else None
        return dict(
            self.processor(text=texts, images=shown, padding=True, return_tensors="pt", **special)
        )

    def _starts_itself(self, text: str) -> bool:
        """Whether the template writes the first token, which must not stand there twice."""
        start = self.tokenizer.bos_token
        return start is not None and text.startswith(start)

    def encode_text(self, texts: list[str]) -> Tensors:
        """Tokens of a text-only checkpoint, whose template writes every special token itself."""
        encoded = self.tokenizer(texts, padding=True, return_tensors="pt", add_special_tokens=False)
        return {name: encoded[name] for name in ("input_ids", "attention_mask")}


def load_processor(
    facts: CheckpointFacts, *, has_vision: bool, trust_remote_code: bool
) -> PromptProcessor:
    """Processor, tokenizer and chat template.

    Raises:
        CheckpointError: A file is missing or broken, a library is not installed, there is no chat
            template, or no token that could pad.
    """
    processor = _processor(facts, has_vision=has_vision, trust_remote_code=trust_remote_code)
    tokenizer = getattr(processor, "tokenizer", processor)
    _set_padding(tokenizer, facts.path)
    placeholder = str(getattr(processor, "image_token", "<image>")) if has_vision else ""
    template = read_template(
        processor=processor, tokenizer=tokenizer, placeholder=placeholder, where=str(facts.path)
    )
    has_vision = hasattr(processor, "image_processor")
    return PromptProcessor(
        processor=processor, tokenizer=tokenizer, template=template, has_vision=has_vision
    )


def _processor(facts: CheckpointFacts, *, has_vision: bool, trust_remote_code: bool) -> Any:  # noqa: ANN401
    loader = AutoProcessor if has_vision else AutoTokenizer
    settings = {"trust_remote_code": trust_remote_code, "local_files_only": True}
    try:
        found = loader.from_pretrained(facts.path, **settings)
        if _resizes_as_pillow(getattr(found, "image_processor", None)):
            return loader.from_pretrained(facts.path, backend="pil", **settings)
    except Exception as error:  # whatever a checkpoint's files can make a parser raise
        raise _no_processor(facts, error) from error
    return found


def _resizes_as_pillow(eyes: object) -> bool:
    """Whether torchvision was taken for a filter that only Pillow has."""
    own = getattr(eyes, "backend", "") == "torchvision"
    return own and getattr(eyes, "resample", None) in _OF_PILLOW


def _no_processor(facts: CheckpointFacts, error: Exception) -> CheckpointError:
    problem = f"the processor of checkpoint {str(facts.path)!r} cannot be loaded."
    if find_spec("torchvision") is None and any(
        word in str(error) for word in _WITHOUT_TORCHVISION
    ):
        return CheckpointError(
            problem,
            reason=f"that of {facts.model_type!r} needs torchvision, which is not installed",
            what_to_do="pip install torchvision",
        )
    remedy = "compare its files with the original checkpoint's"
    if isinstance(error, ImportError):
        remedy = "install what it names"
    return CheckpointError(problem, reason=errors_as_checkpoint_error(error), what_to_do=remedy)


def _set_padding(tokenizer: Any, path: Path) -> None:  # noqa: ANN401
    """Pad with the pad token, or with the end token as generation does."""
    if tokenizer.pad_token_id is not None:
        return
    if tokenizer.eos_token_id is None:
        raise CheckpointError(
            f"the tokenizer of checkpoint {str(path)!r} has neither a pad token nor an end token.",
            what_to_do='set "pad_token" and "eos_token" in tokenizer_config.json',
        )
    tokenizer.pad_token = tokenizer.eos_token

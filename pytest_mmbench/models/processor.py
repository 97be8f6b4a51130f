"""A checkpoint's processor and tokenizer: prompts into tokens, and how many pictures they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import PIL.Image
from transformers import AutoProcessor, AutoTokenizer

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.chat_template import ChatTemplate, read_template
from pytest_mmbench.models.checkpoint import CheckpointFacts, describe_error
from pytest_mmbench.protocols import MANY
from pytest_mmbench.records import Picture, Prompt, Turn

_PILLOW_FILTERS = (PIL.Image.Resampling.BOX, PIL.Image.Resampling.HAMMING)
"""Filters that torchvision names, and does not have."""
_TORCHVISION_WORDS = ("Torchvision", "torchvision", "video processor")
_PROBE_SIDE = 224
"""Pixels of the grey squares that a processor is tried with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptProcessor:
    """A checkpoint's processor, tokenizer and chat template."""

    processor: Any
    """Prepares text and pictures together; the tokenizer itself if the checkpoint sees none."""
    tokenizer: Any
    template: ChatTemplate
    has_vision: bool

    @property
    def image_backend(self) -> str:
        """The class that prepares pictures: it differs with and without torchvision."""
        return type(self.processor.image_processor).__name__ if self.has_vision else ""

    @property
    def uses_torchvision(self) -> bool:
        """Whether torchvision may prepare the pictures: not where Pillow is known to do it."""
        return self.has_vision and getattr(self.processor.image_processor, "backend", "") != "pil"

    def encode_with_pictures(
        self, texts: list[str], pictures: Sequence[Sequence[PIL.Image.Image]]
    ) -> dict[str, Any]:
        """The network's inputs for prompts and as many pictures as each of them shows."""
        start = self.tokenizer.bos_token
        # The first token must not stand there twice where the template writes it.
        has_start = start is not None and texts[0].startswith(start)
        special = {"add_special_tokens": False} if has_start else {}
        images = [list(of_prompt) for of_prompt in pictures] if pictures[0] else None
        return dict(
            self.processor(text=texts, images=images, padding=True, return_tensors="pt", **special)
        )

    def encode_text(self, texts: list[str]) -> dict[str, Any]:
        """Tokens of a text-only checkpoint, whose template writes every special token itself."""
        encoded = self.tokenizer(texts, padding=True, return_tensors="pt", add_special_tokens=False)
        return {name: encoded[name] for name in ("input_ids", "attention_mask")}

    def most_pictures(self) -> int:
        """How many pictures one prompt can show: none, one, or any number.

        Two pictures between texts must become twice the tokens of one. That they do not is all that
        can be seen where a template writes one placeholder only, or where a processor prepares one
        picture for each prompt (Q-Formers): nothing complains, and the second picture is never
        shown.
        """
        if not self.has_vision:
            return 0
        one, two = (self._probe(pictures=count) for count in (1, 2))
        token = getattr(self.processor, "image_token_id", None)
        if token is None:
            token = self.tokenizer.convert_tokens_to_ids(self.template.placeholder) or 0
        if int(token) in one:
            return MANY if two.count(int(token)) >= 2 * one.count(int(token)) else 1
        return MANY if len(two) > len(one) else 1

    def refuses_text(self) -> bool:
        """Whether the processor refuses a prompt without a picture, as PaliGemma's does."""
        return self.has_vision and not self._probe(pictures=0)

    def _probe(self, *, pictures: int) -> list[int]:
        """Tokens of two texts with up to two pictures before them; none if they are refused."""
        parts: list[str | Picture] = []
        for index, text in enumerate(("one", "two")):
            if index < pictures:
                parts.append(Picture(name=text, read=bytes))
            parts.append(text)
        prompt = Prompt(turns=(Turn(role="user", parts=tuple(parts)),))
        grey = [PIL.Image.new("RGB", (_PROBE_SIDE, _PROBE_SIDE), "grey")] * pictures
        try:
            inputs = self.encode_with_pictures([self.template.render(prompt)], [grey])
        except Exception:  # noqa: BLE001  a refusal is the answer to the question
            return []
        tokens: list[int] = inputs["input_ids"][0].tolist()
        return tokens


def load_processor(
    facts: CheckpointFacts, *, has_vision: bool, trust_remote_code: bool
) -> PromptProcessor:
    """Processor, tokenizer and chat template.

    Raises:
        CheckpointError: A file is missing or broken, a library is not installed, there is no chat
            template, or no token that could pad.
    """
    auto_class: Any = AutoProcessor if has_vision else AutoTokenizer
    settings = {"trust_remote_code": trust_remote_code, "local_files_only": True}
    try:
        processor = auto_class.from_pretrained(facts.path, **settings)
        images = getattr(processor, "image_processor", None)
        # Torchvision was taken for a filter that only Pillow has.
        if (
            getattr(images, "backend", "") == "torchvision"
            and getattr(images, "resample", None) in _PILLOW_FILTERS
        ):
            processor = auto_class.from_pretrained(facts.path, backend="pil", **settings)
    except Exception as error:  # whatever a checkpoint's files can make a parser raise
        raise _processor_error(facts, error) from error
    tokenizer = getattr(processor, "tokenizer", processor)
    if tokenizer.pad_token_id is None:
        if tokenizer.eos_token_id is None:
            raise CheckpointError(
                f"the tokenizer of checkpoint {str(facts.path)!r} has neither a pad token nor an"
                " end token.",
                what_to_do='set "pad_token" and "eos_token" in tokenizer_config.json',
            )
        tokenizer.pad_token = tokenizer.eos_token  # as generation does
    template = read_template(
        processor=processor,
        tokenizer=tokenizer,
        placeholder=str(getattr(processor, "image_token", "<image>")) if has_vision else "",
        checkpoint=str(facts.path),
    )
    return PromptProcessor(
        processor=processor,
        tokenizer=tokenizer,
        template=template,
        has_vision=hasattr(processor, "image_processor"),
    )


def _processor_error(facts: CheckpointFacts, error: Exception) -> CheckpointError:
    problem = f"the processor of checkpoint {str(facts.path)!r} cannot be loaded."
    names_torchvision = any(word in str(error) for word in _TORCHVISION_WORDS)
    if names_torchvision and find_spec("torchvision") is None:
        return CheckpointError(
            problem,
            reason=f"that of {facts.model_type!r} needs torchvision, which is not installed",
            what_to_do="pip install torchvision",
        )
    remedy = "compare its files with the original checkpoint's"
    if isinstance(error, ImportError):
        remedy = "install what it names"
    return CheckpointError(problem, reason=describe_error(error), what_to_do=remedy)

"""Requests as the tensors that a network reads."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import PIL.Image
import torch

from pytest_mmbench.errors import CheckpointError, DataError
from pytest_mmbench.images.decode import decode
from pytest_mmbench.models.loglikelihood import Inputs
from pytest_mmbench.models.option_tokens import continuation, spaced
from pytest_mmbench.models.processor import PromptProcessor
from pytest_mmbench.records import Request

_FOR_TRAINING = "labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """Prompts of one batch."""

    inputs: Inputs
    """`input_ids` and `attention_mask` are (batch, tokens), padded on the left for decoders and on
    the right for encoders."""
    shown: tuple[tuple[int, ...], ...]
    """For each prompt its pictures by their numbers; those with the same pixels have the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """A checkpoint's template, processor and tokenizer, applied in that order."""

    processor: PromptProcessor
    where: str
    """The checkpoint, for error messages."""
    encodes: bool
    """An encoder reads the prompt; options then start the decoder's text."""
    needs_picture: bool
    most_pictures: int
    """Of one prompt."""
    device: torch.device
    dtype: torch.dtype

    def encode(self, batch: Sequence[Request]) -> Inputs:
        """The tensors of `look` alone."""
        return self.look(batch).inputs

    def look(self, batch: Sequence[Request]) -> Encoded:
        """Prompts that all have the same number of pictures, as tensors.

        Raises:
            CheckpointError: The checkpoint cannot take these pictures, or cannot do without any.
            DataError: A picture cannot be read.
        """
        for request in batch:
            self._check_pictures(request)
        texts = [self._render(request) for request in batch]
        pictures = [
            [decode(picture, sample=request.sample) for picture in request.prompt.pictures]
            for request in batch
        ]
        self.processor.tokenizer.padding_side = "right" if self.encodes else "left"
        speech = self.processor
        inputs = (
            speech.encode_with_pictures(texts, pictures)
            if speech.has_vision
            else speech.encode_text(texts)
        )
        tensors = {
            name: value.to(self.device, self.dtype if value.is_floating_point() else None)
            for name, value in inputs.items()
            if isinstance(value, torch.Tensor) and name != _FOR_TRAINING
        }
        return Encoded(inputs=tensors, shown=_numbers(pictures))

    def _render(self, request: Request) -> str:
        token = self.processor.template.placeholder
        turns = request.prompt.turns
        texts = (part for turn in turns for part in turn.parts if isinstance(part, str))
        if token and any(token in text for text in texts):
            raise CheckpointError(
                f"a question contains {token!r}, which means a picture to this checkpoint.",
                sample=request.sample,
                checkpoint=self.where,
                what_to_do="write it differently in the benchmark's data",
            )
        return self.processor.template.render(request.prompt)

    def _check_pictures(self, request: Request) -> None:
        count = len(request.prompt.pictures)
        if count and not self.processor.has_vision:
            raise self._cannot(request, "takes no pictures", "name a checkpoint that sees")
        if not count and self.needs_picture:
            raise self._cannot(request, "cannot be asked without a picture", "ask it with pictures")
        if count > self.most_pictures:
            raise self._cannot(request, "takes one picture at a time", "leave such samples out")

    def _cannot(self, request: Request, problem: str, remedy: str) -> CheckpointError:
        return CheckpointError(
            f"checkpoint {self.where!r} {problem}.",
            sample=request.sample,
            pictures=str(len(request.prompt.pictures)),
            what_to_do=remedy,
        )

    def options(self, batch: Sequence[Request], inputs: Inputs) -> list[list[tuple[int, ...]]]:
        """The tokens of each option of each request, as they continue its prompt.

        `continuation` states the rule. Where the processor writes something after the template's
        text, as PaliGemma's does, and for decoders of their own, the option starts a text.

        Raises:
            DataError: An option has no text.
        """
        lasts = inputs["input_ids"][:, -1].tolist()
        return [self._options(request, last) for request, last in zip(batch, lasts, strict=True)]

    def _options(self, request: Request, last: int) -> list[tuple[int, ...]]:
        text = self.processor.template.render(request.prompt)
        tokenize = lru_cache(self._tokens)
        after = text if not self.encodes and tokenize(text)[-1:] == [last] else ""
        between = self.processor.template.between
        options = [
            continuation(tokenize, spaced(option, between), after=after)
            for option in request.options
        ]
        if not all(request.options) or not all(options):
            raise DataError(
                "an option has no text to rank.",
                sample=request.sample,
                options=", ".join(map(repr, request.options)),
            )
        return options

    def _tokens(self, text: str) -> list[int]:
        """Tokens without special ones of the tokenizer's own."""
        ids: list[int] = self.processor.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids


def _numbers(pictures: Sequence[Sequence[PIL.Image.Image]]) -> tuple[tuple[int, ...], ...]:
    """A number for each picture, by its pixels."""
    known: dict[object, int] = {}
    return tuple(
        tuple(known.setdefault(_pixels(picture), len(known)) for picture in row) for row in pictures
    )


def _pixels(picture: PIL.Image.Image) -> tuple[tuple[int, int], bytes]:
    return picture.size, hashlib.sha256(picture.tobytes()).digest()

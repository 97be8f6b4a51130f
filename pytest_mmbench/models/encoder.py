"""Requests and their options as the tensors and tokens that a network reads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import PIL.Image
import torch

from pytest_mmbench.errors import CheckpointError, DataError
from pytest_mmbench.images.decode import decode
from pytest_mmbench.models.loglikelihood import Inputs
from pytest_mmbench.models.processor import PromptProcessor
from pytest_mmbench.records import Request

_TRAINING_INPUT = "labels"
_LINE_BREAK = "\n"
Tokenize: TypeAlias = Callable[[str], Sequence[int]]
"""Tokens of a text, without any special tokens of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedBatch:
    """The prompts of one batch as a network reads them."""

    inputs: Inputs
    """`input_ids` and `attention_mask` are (batch, tokens), padded on the left for decoders and on
    the right for encoders."""
    picture_numbers: tuple[tuple[int, ...], ...]
    """Of each prompt's pictures; pictures with the same pixels have the same number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """A checkpoint's template, processor and tokenizer, applied in that order."""

    processor: PromptProcessor
    checkpoint: str
    """Its folder, for error messages."""
    is_encoder_decoder: bool
    """An encoder reads the prompt; options then start the decoder's text."""
    needs_picture: bool
    most_pictures: int
    """Of one prompt."""
    device: torch.device
    dtype: torch.dtype

    def encode(self, batch: Sequence[Request]) -> EncodedBatch:
        """Prompts that all have the same number of pictures, as tensors."""
        for request in batch:
            self._check_pictures(request)
        texts = [self._render(request) for request in batch]
        pictures = [
            [decode(picture, sample=request.sample) for picture in request.prompt.pictures]
            for request in batch
        ]
        self.processor.tokenizer.padding_side = "right" if self.is_encoder_decoder else "left"
        if self.processor.has_vision:
            inputs = self.processor.encode_with_pictures(texts, pictures)
        else:
            inputs = self.processor.encode_text(texts)
        tensors = {
            name: value.to(self.device, self.dtype if value.is_floating_point() else None)
            for name, value in inputs.items()
            if isinstance(value, torch.Tensor) and name != _TRAINING_INPUT
        }
        return EncodedBatch(inputs=tensors, picture_numbers=_number_pictures(pictures))

    def _check_pictures(self, request: Request) -> None:
        count = len(request.prompt.pictures)
        if count and not self.processor.has_vision:
            problem, remedy = "takes no pictures", "name a checkpoint that sees"
        elif not count and self.needs_picture:
            problem, remedy = "cannot be asked without a picture", "ask it with pictures"
        elif count > self.most_pictures:
            problem, remedy = "takes one picture at a time", "leave such samples out"
        else:
            return
        raise CheckpointError(
            f"checkpoint {self.checkpoint!r} {problem}.",
            sample=request.sample,
            pictures=str(count),
            what_to_do=remedy,
        )

    def _render(self, request: Request) -> str:
        token = self.processor.template.placeholder
        turns = request.prompt.turns
        texts = (part for turn in turns for part in turn.parts if isinstance(part, str))
        if token and any(token in text for text in texts):
            raise CheckpointError(
                f"a question contains {token!r}, which means a picture to this checkpoint.",
                sample=request.sample,
                checkpoint=self.checkpoint,
                what_to_do="write it differently in the benchmark's data",
            )
        return self.processor.template.render(request.prompt)

    def option_tokens(
        self, batch: Sequence[Request], inputs: Inputs
    ) -> list[list[tuple[int, ...]]]:
        """The tokens of each option of each request, as they continue its prompt.

        Where the processor writes something after the template's text, as PaliGemma's does, and for
        decoders of their own, the option starts a text.
        """

        @lru_cache
        def tokenize(text: str) -> list[int]:
            ids: list[int] = self.processor.tokenizer(text, add_special_tokens=False)["input_ids"]
            return ids

        template = self.processor.template
        batch_options: list[list[tuple[int, ...]]] = []
        for request, last in zip(batch, inputs["input_ids"][:, -1].tolist(), strict=True):
            prompt = template.render(request.prompt)
            continues = not self.is_encoder_decoder and tokenize(prompt)[-1:] == [last]
            after = prompt if continues else ""
            options = [
                continuation_tokens(tokenize, with_gap(option, template.answer_gap), after=after)
                for option in request.options
            ]
            if not all(request.options) or not all(options):
                raise DataError(
                    "an option has no text to rank.",
                    sample=request.sample,
                    options=", ".join(map(repr, request.options)),
                )
            batch_options.append(options)
        return batch_options


def continuation_tokens(tokenize: Tokenize, option: str, *, after: str) -> tuple[int, ...]:
    """The tokens that an option adds to the text before it.

    1. Text and option are tokenised together. If the text's own tokens come out unchanged, what
       follows them is the option.
    2. Otherwise a token reaches across the seam. The option is then tokenised after a line break,
       which keeps SentencePiece tokenizers from writing a space of their own before it.
    3. If that too changes the tokens before the seam, the option is tokenised alone.

    The result is empty only if the option adds nothing. An empty `after` begins with step 2.

    >>> letters = lambda text: [ord(letter) for letter in text]
    >>> continuation_tokens(letters, "no", after="Answer:")
    (110, 111)
    """
    for before in filter(None, (after, _LINE_BREAK)):
        prefix, both = tuple(tokenize(before)), tuple(tokenize(before + option))
        if len(prefix) < len(both) and both[: len(prefix)] == prefix:
            return both[len(prefix) :]
    return tuple(tokenize(option))


def with_gap(option: str, gap: str) -> str:
    """The option with the white space that the template writes before an answer."""
    return option if option[:1].isspace() else gap + option


def _number_pictures(pictures: Sequence[Sequence[PIL.Image.Image]]) -> tuple[tuple[int, ...], ...]:
    numbers: dict[object, int] = {}

    def number(picture: PIL.Image.Image) -> int:
        pixels = (picture.size, hashlib.sha256(picture.tobytes()).digest())
        return numbers.setdefault(pixels, len(numbers))

    return tuple(tuple(map(number, of_prompt)) for of_prompt in pictures)

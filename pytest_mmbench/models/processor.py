"""A checkpoint's processor and tokenizer: requests into tensors and tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
from typing import Any, TypeAlias

import PIL.Image
import torch
from transformers import AutoProcessor, AutoTokenizer

from pytest_mmbench.errors import CheckpointError, DataError
from pytest_mmbench.images.decode import TRANSPARENT, decode
from pytest_mmbench.images.transforms import one_colour_png
from pytest_mmbench.models.checkpoint import CheckpointFacts, describe_error
from pytest_mmbench.models.context import check_fits
from pytest_mmbench.models.loglikelihood import Inputs
from pytest_mmbench.models.template import ChatTemplate, read_template
from pytest_mmbench.models.tokens import ControlTokens, drop_call_settings, tokenizers_of
from pytest_mmbench.protocols import MANY
from pytest_mmbench.records import Picture, Prompt, Request, Turn

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
    control: ControlTokens
    """What questions and options may quote only."""
    cut_prompts: bool
    """Whether `tokenizer_config.json` asks to cut prompts, or to split the template's own tokens:
    older releases did."""

    @property
    def image_backend(self) -> str:
        """The class that prepares pictures: it differs with and without torchvision."""
        return type(self.processor.image_processor).__name__ if self.has_vision else ""

    @property
    def uses_torchvision(self) -> bool:
        """Whether torchvision may prepare the pictures: not where Pillow is known to do it."""
        return self.has_vision and getattr(self.processor.image_processor, "backend", "") != "pil"

    def encode(
        self,
        texts: list[str],
        pictures: Sequence[Sequence[PIL.Image.Image]],
        *,
        quotes: bool = False,
    ) -> dict[str, Any]:
        """The network's inputs for prompts and as many pictures as each of them shows.

        With `quotes`, the texts mark control tokens that are quoted in them.
        """
        settings: dict[str, Any] = {"padding": True, "truncation": False, "return_tensors": "pt"}
        if quotes:
            settings["sanitize_control_tokens"] = True
        if not self.has_vision:
            # The template of a text-only checkpoint writes every special token itself.
            encoded = self.tokenizer(texts, add_special_tokens=False, **settings)
            return {name: encoded[name] for name in ("input_ids", "attention_mask")}
        start = self.tokenizer.bos_token
        # The first token must not stand there twice where the template writes it.
        if start is not None and texts[0].startswith(start):
            settings["add_special_tokens"] = False
        images = [list(of_prompt) for of_prompt in pictures] if pictures[0] else None
        return dict(self.processor(text=texts, images=images, **settings))

    def quoted(self, request: Request) -> str:
        """The first control token that its texts or options quote; empty if there is none."""
        return self.control.first_in([*_texts(request), *request.options])

    def most_pictures(self) -> int:
        """How many pictures one prompt can show: none, one, or any number.

        Two pictures must become twice the tokens of one: some templates write one placeholder only,
        and some processors prepare one picture for each prompt (Q-Formers), without an error.
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
        texts = ("one", "two")
        pairs: list[tuple[str | Picture, ...]]
        pairs = [(Picture(name=text, read=bytes), text) for text in texts[:pictures]]
        parts = (*chain.from_iterable(pairs), *texts[pictures:])
        prompt = Prompt(turns=(Turn(role="user", parts=parts),))
        grey = [PIL.Image.new("RGB", (_PROBE_SIDE, _PROBE_SIDE), "grey")] * pictures
        try:
            inputs = self.encode([self.template.render(prompt)], [grey])
        except Exception:  # noqa: BLE001  a refusal is the answer to the question
            return []
        tokens: list[int] = inputs["input_ids"][0].tolist()
        return tokens


def load_processor(
    facts: CheckpointFacts, *, has_vision: bool, trust_remote_code: bool
) -> PromptProcessor:
    """Processor, tokenizer and chat template."""
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
    cut_prompts = [drop_call_settings(each) for each in tokenizers_of(processor)]
    if tokenizer.pad_token_id is None:
        if tokenizer.eos_token_id is None:
            raise CheckpointError(
                f"the tokenizer of checkpoint {str(facts.path)!r} has neither a pad token nor an"
                " end token.",
                what_to_do='set "pad_token" and "eos_token" in tokenizer_config.json',
            )
        tokenizer.pad_token = tokenizer.eos_token  # as generation does
    return PromptProcessor(
        processor=processor,
        tokenizer=tokenizer,
        template=read_template(
            processor=processor,
            tokenizer=tokenizer,
            placeholder=str(getattr(processor, "image_token", "<image>")) if has_vision else "",
            checkpoint=str(facts.path),
        ),
        has_vision=hasattr(processor, "image_processor"),
        control=ControlTokens.of(processor, tokenizer),
        cut_prompts=any(cut_prompts),
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


_TRAINING_INPUT = "labels"
_LINE_BREAK = "\n"
Tokenize: TypeAlias = Callable[[str], Sequence[int]]
"""Tokens of a text, without any special tokens of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedBatch:
    """The prompts of one batch as a network reads them."""

    inputs: Inputs
    """`input_ids`, `attention_mask` (batch, tokens): decoders pad left, encoders right."""
    picture_numbers: tuple[tuple[int, ...], ...]
    """Of each prompt's pictures; those with the same pixels have the same number."""
    picture_sizes: tuple[tuple[tuple[int, int], ...], ...]
    """Width and height of each prompt's pictures, in pixels."""


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
    context: int | None
    """Tokens that prompt and answer may have together; None if there is no limit."""
    device: torch.device
    dtype: torch.dtype
    transparent: dict[str, None] = field(default_factory=dict)
    """Names of the pictures with transparent parts that were shown so far."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was shown otherwise than it was written."""
        names = list(self.transparent)
        if not names:
            return ()
        count = "1 picture has" if len(names) == 1 else f"{len(names)} pictures have"
        return (f"{count} transparent parts, shown on white (first: {names[0]})",)

    def encode(self, batch: Sequence[Request]) -> EncodedBatch:
        """Prompts that all have the same number of pictures, as tensors."""
        for request in batch:
            self._check_pictures(request)
        pictures = [
            [decode(picture, sample=request.sample) for picture in request.prompt.pictures]
            for request in batch
        ]
        for request, images in zip(batch, pictures, strict=True):
            named = zip(request.prompt.pictures, images, strict=True)
            self.transparent.update(
                {each.name: None for each, image in named if TRANSPARENT in image.info}
            )
        self.processor.tokenizer.padding_side = "right" if self.is_encoder_decoder else "left"
        inputs = self._encode_quoting(batch, pictures)
        for request, length in zip(batch, prompt_lengths(inputs), strict=True):
            first = 0 if self.is_encoder_decoder else 1
            check_fits(request, prompt=length, answer=first, most=self.context)
        tensors = {
            name: value.to(self.device, self.dtype if value.is_floating_point() else None)
            for name, value in inputs.items()
            if isinstance(value, torch.Tensor) and name != _TRAINING_INPUT
        }
        return EncodedBatch(
            inputs=tensors,
            picture_numbers=_number_pictures(pictures),
            picture_sizes=tuple(tuple(each.size for each in of_prompt) for of_prompt in pictures),
        )

    def render(self, request: Request, change: Callable[[str], str] = str) -> str:
        """The text of a request's prompt, whose own texts are changed before."""
        prompt = _map_texts(request.prompt, change)
        return self.processor.template.render(prompt, thinking=request.thinking)

    def _check_pictures(self, request: Request) -> None:
        count = len(request.prompt.pictures)
        if count and not self.processor.has_vision:
            problem, remedy = "takes no pictures", "name a checkpoint that sees"
        elif not count and self.needs_picture:
            problem, remedy = "requires a picture", "ask it with pictures"
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

    def _encode_quoting(
        self, batch: Sequence[Request], pictures: Sequence[Sequence[PIL.Image.Image]]
    ) -> dict[str, Any]:
        """The network's inputs, in which control tokens that a prompt quotes are plain text.

        Raises:
            DataError: a processor reads them as what they mean, or refuses them.
        """
        control = self.processor.control
        quoting = {at: each for at, each in enumerate(batch) if control.first_in(_texts(each))}
        if not quoting:
            return self.processor.encode([self.render(each) for each in batch], pictures)
        texts = [self.render(each, control.mark) for each in batch]
        # Nothing but ordinary tokens may come of what is quoted.
        bare = [self.render(each, control.remove) for each in batch]
        try:
            inputs = self.processor.encode(texts, pictures, quotes=True)
            without = self.processor.encode(bare, pictures)
        except Exception as error:
            raise self._cannot_quote(next(iter(quoting.values())), describe_error(error)) from error
        for at, request in quoting.items():
            used, meant = (_count_control(control, each, at) for each in (inputs, without))
            if used != meant or inputs.keys() != without.keys():
                raise self._cannot_quote(request, "its processor reads it as a control token")
        return inputs

    def _cannot_quote(self, request: Request, reason: str) -> DataError:
        token = self.processor.quoted(request)
        return DataError(
            f"a question or an option quotes {token!r}, which cannot be shown to this checkpoint.",
            sample=request.sample,
            checkpoint=self.checkpoint,
            reason=reason,
            what_to_do="write it differently in the benchmark's data, or leave the sample out with"
            " --mm-bad-rows=skip",
        )

    def option_tokens(
        self, batch: Sequence[Request], inputs: Inputs
    ) -> list[list[tuple[int, ...]]]:
        """The tokens of each option of each request, as they continue its prompt."""

        @lru_cache
        def tokenize(text: str) -> list[int]:
            settings = {"add_special_tokens": False, "truncation": False}
            ids: list[int] = self.processor.tokenizer(text, **settings)["input_ids"]
            return ids

        @lru_cache
        def tokenize_quoting(text: str) -> list[int]:
            settings = {"add_special_tokens": False, "sanitize_control_tokens": True}
            ids: list[int] = self.processor.tokenizer(text, **settings)["input_ids"]
            return ids

        template, control = self.processor.template, self.processor.control
        batch_options: list[list[tuple[int, ...]]] = []
        lasts = inputs["input_ids"][:, -1].tolist()
        for request, last, length in zip(batch, lasts, prompt_lengths(inputs), strict=True):
            quotes = bool(self.processor.quoted(request))
            mark = control.mark if quotes else str
            tokens_of = tokenize_quoting if quotes else tokenize
            prompt = self.render(request, mark)
            # Behind what PaliGemma's processor adds, and in a decoder, an option starts a text.
            continues = not self.is_encoder_decoder and tokens_of(prompt)[-1:] == [last]
            after = prompt if continues else ""
            options = [
                continuation_tokens(
                    tokens_of, mark(with_gap(option, template.answer_gap)), after=after
                )
                for option in request.options
            ]
            if not all(map(str.strip, request.options)) or not all(options):
                raise DataError(
                    "an option has no text to rank.",
                    sample=request.sample,
                    options=", ".join(map(repr, request.options)),
                )
            if quotes and any(map(control.count, options)):
                raise self._cannot_quote(request, "its tokenizer reads it as a control token")
            behind = 0 if self.is_encoder_decoder else length
            longest = max(map(len, options), default=0)
            check_fits(request, prompt=behind, answer=longest, most=self.context)
            batch_options.append(options)
        return batch_options


def plain_request(request: Request) -> Request:
    """A request of the same kind with as many pictures, at which nothing can be wrong."""
    side, grey = _PROBE_SIDE, (128, 128, 128)
    picture = Picture(name="grey", read=lambda: one_colour_png((side, side), grey))
    parts: tuple[str | Picture, ...] = (*[picture] * len(request.prompt.pictures), "one")
    prompt = Prompt(turns=(Turn(role="user", parts=parts),))
    options = ("one", "two") if request.options else ()
    return replace(request, prompt=prompt, options=options, new_tokens=min(1, request.new_tokens))


def prompt_lengths(inputs: Inputs) -> list[int]:
    """The tokens of each prompt of a batch, padding left out."""
    lengths: list[int] = inputs["attention_mask"].sum(-1).tolist()
    return lengths


def _texts(request: Request) -> list[str]:
    parts = chain.from_iterable(turn.parts for turn in request.prompt.turns)
    return [part for part in parts if isinstance(part, str)]


def _map_texts(prompt: Prompt, change: Callable[[str], str]) -> Prompt:
    turns = [
        replace(turn, parts=tuple(change(p) if isinstance(p, str) else p for p in turn.parts))
        for turn in prompt.turns
    ]
    return replace(prompt, turns=tuple(turns))


def _count_control(control: ControlTokens, inputs: dict[str, Any], at: int) -> int:
    """Control tokens in one prompt, and in what a Q-Former reads of it."""
    names = [(f"{reader}input_ids", f"{reader}attention_mask") for reader in ("", "qformer_")]
    return sum(
        control.count(inputs[ids][at][inputs[mask][at].bool()].tolist())
        for ids, mask in names
        if ids in inputs
    )


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

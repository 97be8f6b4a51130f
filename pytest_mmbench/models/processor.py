"""A checkpoint's chat template, processor and tokenizer: requests into tensors and tokens.

Some templates want each message as a list of parts, some as one string; some refuse or drop a
system message. Rendering three short conversations shows which, once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
from typing import Any, TypeAlias

import PIL.Image
import torch
from transformers import AutoProcessor, AutoTokenizer

from pytest_mmbench.errors import CheckpointError, DataError
from pytest_mmbench.images.decode import decode
from pytest_mmbench.models.checkpoint import CheckpointFacts, describe_error
from pytest_mmbench.models.loglikelihood import Inputs
from pytest_mmbench.protocols import MANY
from pytest_mmbench.records import Picture, Prompt, Request, Turn

_DATE_CALL = re.compile(r"strftime_now\(\s*(?P<quote>['\"])(?P<format>[^'\"]*)(?P=quote)\s*\)")
"""How a template asks for the date, by what transformers lends it."""
_FIXED_DATE = date(2024, 7, 26)
"""The day that templates of Llama 3 take where they cannot ask."""
_PROBE_TEXT = "mmbench-said-this"
_PROBE_ANSWER = "mmbench-answered-this"
Message: TypeAlias = dict[str, Any]
Renderer: TypeAlias = Any
"""A processor or a tokenizer of transformers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTemplate:
    """A checkpoint's chat template, and what it accepts."""

    renderer: Renderer
    takes_parts: bool
    """Messages are lists of parts, not strings."""
    takes_system: bool
    """A system message is shown, and need not be put before the first user turn."""
    answer_gap: str
    """White space that the template writes between the generation prompt and an answer."""
    placeholder: str
    """Stands for a picture where messages are strings; empty if the checkpoint sees none."""

    def render(self, prompt: Prompt) -> str:
        """The prompt as the checkpoint was trained to read it, up to where its answer starts."""
        turns = prompt.turns if self.takes_system else _fold_system_turns(prompt.turns)
        try:
            return _apply(self.renderer, [self._message(turn) for turn in turns])
        except Exception as error:  # a template is a program that came with the checkpoint
            raise CheckpointError(
                "the checkpoint's chat template refuses the conversation.",
                roles=", ".join(turn.role for turn in turns),
                reason=describe_error(error),
            ) from error

    def _message(self, turn: Turn) -> Message:
        if self.takes_parts:
            content = [
                {"type": "text", "text": part} if isinstance(part, str) else {"type": "image"}
                for part in turn.parts
            ]
            return {"role": turn.role, "content": content}
        texts = (part if isinstance(part, str) else self.placeholder for part in turn.parts)
        return {"role": turn.role, "content": "\n".join(texts)}


def read_template(
    *, processor: Renderer, tokenizer: Renderer, placeholder: str, checkpoint: str
) -> ChatTemplate:
    """Find out what a checkpoint's chat template accepts."""
    # The processor's wins over the tokenizer's, as in transformers' own pipelines.
    renderer = processor if getattr(processor, "chat_template", None) else tokenizer
    if not getattr(renderer, "chat_template", None):
        raise CheckpointError(
            f"checkpoint {checkpoint!r} has no chat template.",
            looked_for="chat_template.jinja, chat_template in tokenizer_config.json",
            what_to_do="add the template that it was trained with as chat_template.jinja;"
            " a base model that was never trained to converse cannot be gated this way",
        )
    user = _text_message("user", _PROBE_TEXT, parts=True)
    takes_parts = _shows_probe(renderer, [user])
    if not takes_parts:
        user = _text_message("user", _PROBE_TEXT, parts=False)
        if not _shows_probe(renderer, [user]):
            raise CheckpointError(
                f"the chat template of checkpoint {checkpoint!r} does not show what the user says.",
                what_to_do="check chat_template.jinja against the one that it was trained with",
            )
    system_and_user = [
        _text_message("system", _PROBE_TEXT, parts=takes_parts),
        _text_message("user", "?", parts=takes_parts),
    ]
    answer = _text_message("assistant", _PROBE_ANSWER, parts=takes_parts)
    return ChatTemplate(
        renderer=renderer,
        takes_parts=takes_parts,
        takes_system=_shows_probe(renderer, system_and_user),
        answer_gap=_find_answer_gap(renderer, user, answer),
        placeholder=placeholder,
    )


def _text_message(role: str, text: str, *, parts: bool) -> Message:
    return {"role": role, "content": [{"type": "text", "text": text}] if parts else text}


def _apply(renderer: Renderer, messages: list[Message], *, generation: bool = True) -> str:
    template = renderer.chat_template
    has_date = isinstance(template, str) and _DATE_CALL.search(template)
    # A template of several names, and one without a date, are left to transformers.
    settings: dict[str, Any] = {"chat_template": fix_date(template)} if has_date else {}
    settings |= {"add_generation_prompt": generation, "tokenize": False}
    return str(renderer.apply_chat_template(messages, **settings))


def fix_date(template: str) -> str:
    """The template with a fixed day where it asks for today's.

    With the true one, a prompt would change tomorrow under the same key of its stored answer.

    >>> fix_date("Today is {{ strftime_now('%d %b %Y') }}.")
    "Today is {{ '26 Jul 2024' }}."
    """
    return _DATE_CALL.sub(lambda call: repr(_FIXED_DATE.strftime(call["format"])), template)


def _shows_probe(renderer: Renderer, messages: list[Message]) -> bool:
    try:
        text = _apply(renderer, messages)
    except Exception:  # noqa: BLE001  a refusal is the answer to the question
        return False
    # It must appear as itself, and not in the Python text of a list.
    return _PROBE_TEXT in text and "'type'" not in text and '"type"' not in text


def _find_answer_gap(renderer: Renderer, user: Message, answer: Message) -> str:
    """What stands before an answer: LLaVA 1.5 asks `ASSISTANT:`, trained on `ASSISTANT: Yes`."""
    try:
        prompt = _apply(renderer, [user])
        conversation = _apply(renderer, [user, answer], generation=False)
    except Exception:  # noqa: BLE001  a template need not render answers
        return ""
    if not conversation.startswith(prompt):
        return ""
    gap = conversation[len(prompt) :].partition(_PROBE_ANSWER)[0]
    return gap if gap.isspace() else ""


def _fold_system_turns(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The same turns, with what the system says put before the first user turn."""
    system = [part for turn in turns if turn.role == "system" for part in (*turn.parts, "\n\n")]
    others = [turn for turn in turns if turn.role != "system"]
    if not system or not others:
        return tuple(others)
    first = Turn(role=others[0].role, parts=(*system, *others[0].parts))
    return (first, *others[1:])


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

    def encode(
        self, texts: list[str], pictures: Sequence[Sequence[PIL.Image.Image]]
    ) -> dict[str, Any]:
        """The network's inputs for prompts and as many pictures as each of them shows."""
        if not self.has_vision:
            # The template of a text-only checkpoint writes every special token itself.
            plain = {"padding": True, "return_tensors": "pt", "add_special_tokens": False}
            encoded = self.tokenizer(texts, **plain)
            return {name: encoded[name] for name in ("input_ids", "attention_mask")}
        start = self.tokenizer.bos_token
        # The first token must not stand there twice where the template writes it.
        has_start = start is not None and texts[0].startswith(start)
        special = {"add_special_tokens": False} if has_start else {}
        images = [list(of_prompt) for of_prompt in pictures] if pictures[0] else None
        return dict(
            self.processor(text=texts, images=images, padding=True, return_tensors="pt", **special)
        )

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
        inputs = self.processor.encode(texts, pictures)
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

    def _render(self, request: Request) -> str:
        token = self.processor.template.placeholder
        parts = chain.from_iterable(turn.parts for turn in request.prompt.turns)
        if token and any(token in part for part in parts if isinstance(part, str)):
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
        """The tokens of each option of each request, as they continue its prompt."""

        @lru_cache
        def tokenize(text: str) -> list[int]:
            ids: list[int] = self.processor.tokenizer(text, add_special_tokens=False)["input_ids"]
            return ids

        template = self.processor.template
        batch_options: list[list[tuple[int, ...]]] = []
        for request, last in zip(batch, inputs["input_ids"][:, -1].tolist(), strict=True):
            prompt = template.render(request.prompt)
            # Behind what PaliGemma's processor adds, and in a decoder, an option starts a text.
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

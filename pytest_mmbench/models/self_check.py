"""What the model is shown, compared with what was meant, before the first question is asked.

A chat template or a processor that drops a part of the prompt leaves a model that still answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from pytest_mmbench.errors import CheckpointError, DataError, shorten
from pytest_mmbench.images.decode import decode
from pytest_mmbench.models.processor import Encoder
from pytest_mmbench.records import Request, RequestType

_CANDIDATES: Final = 12
"""Requests of one kind of which a few are chosen."""
_CHECKED: Final = 3
"""Requests of one kind that are asked for the sake of the check."""
_END_TOKENS: Final = 4
"""At the end of a prompt: they are the generation prompt, or what stands before it."""
_CLOSING_TOKENS: Final = 2
"""That a tokenizer may add behind a prompt, as an encoder's end token."""


class PromptShape(NamedTuple):
    """Prompts of one shape go the same way through template and processor, and into one batch."""

    type: RequestType
    pictures: int


def prompt_shape(request: Request) -> PromptShape:
    """The shape of a request's prompt."""
    return PromptShape(request.type, len(request.prompt.pictures))


class CheckSample(NamedTuple):
    """Requests of one shape that stand for all of their kind."""

    longest: Request
    """The one that is cut if any is; it is not asked, as it would cost most."""
    batch: tuple[Request, ...]
    """A few that are as unequal as there are, in length and in picture size."""


def choose_samples(requests: Iterable[Request]) -> list[CheckSample]:
    """A few requests of each type, with pictures and without: of the commonest number of pictures.

    What has a picture that cannot be read is left out: that is told when it is asked.
    """
    by_shape: dict[PromptShape, list[Request]] = {}
    for request in requests:
        by_shape.setdefault(prompt_shape(request), []).append(request)
    commonest: dict[tuple[RequestType, bool], list[Request]] = {}
    for shape, members in by_shape.items():
        kind = (shape.type, shape.pictures > 0)
        if len(members) > len(commonest.get(kind, ())):
            commonest[kind] = members
    samples = (_choose_unequal(members[:_CANDIDATES]) for members in commonest.values())
    return [sample for sample in samples if sample is not None]


def _choose_unequal(requests: Sequence[Request]) -> CheckSample | None:
    pixels: dict[int, int] = {}
    for index, request in enumerate(requests):
        try:
            sizes = [decode(each, sample=request.sample).size for each in request.prompt.pictures]
        except (DataError, OSError):
            continue
        pixels[index] = sum(width * height for width, height in sizes)
    if not pixels:
        return None
    by_length = sorted(pixels, key=lambda index: requests[index].prompt.length)
    longest = by_length[-1]
    if len(by_length) > _CHECKED:
        del pixels[by_length.pop()]
    smallest, largest = min(pixels, key=pixels.__getitem__), max(pixels, key=pixels.__getitem__)
    order = dict.fromkeys((by_length[-1], by_length[0], smallest, largest))
    batch = tuple(requests[index] for index in list(order)[:_CHECKED])
    return CheckSample(requests[longest], batch)


def check_prompt(encoder: Encoder, request: Request) -> None:
    """Compare what a request means with what the network is given.

    1. Each word of the prompt stands in what the chat template made of it, in order, and so does
       a place for each picture, where the checkpoint has a token for it.
    2. The tokens say the same: each word again, or the tokens of that text, in order, and a token
       for each picture at least.
    3. The last tokens of that text, the generation prompt, are the last of all.
    4. The tokens of each option say the option.

    A word that the tokenizer does not know counts as it writes it: that is no cut.

    Raises:
        CheckpointError: the two differ; the text says in what, and which file to look at.
    """
    tokenizer = encoder.processor.tokenizer
    text = encoder.render(request)
    words = [
        word
        for turn in request.prompt.turns
        for part in turn.parts
        if isinstance(part, str)
        for word in part.split()
    ]
    if missing := _first_missing(words, _squeeze(text)):
        raise _error(encoder, request, "chat template drops a part of the prompt", missing)

    # It stands for a picture, or for a part of one; -1 is none.
    picture_token = getattr(encoder.processor.processor, "image_token_id", None)
    placeholder = encoder.processor.template.placeholder
    if picture_token is None:
        picture_token = tokenizer.convert_tokens_to_ids(placeholder) if placeholder else -1
    meant, pictures = _tokenize(tokenizer, text), len(request.prompt.pictures)
    if 0 < meant.count(picture_token) < pictures:
        missing = f"{pictures} pictures, {meant.count(picture_token)} places for them"
        raise _error(encoder, request, "chat template drops a picture", missing)

    inputs = encoder.encode([request]).inputs
    shown: list[int] = inputs["input_ids"][0].tolist()
    if 0 < shown.count(picture_token) < pictures:
        missing = f"{pictures} pictures, {shown.count(picture_token)} tokens for them"
        raise _error(encoder, request, "processor drops a picture", missing)
    written = (_squeeze(tokenizer.decode(_tokenize(tokenizer, word))) for word in words)
    missing = _first_missing(written, _squeeze(tokenizer.decode(shown)))
    rest = iter(shown)
    if missing and not all(token in rest for token in meant):
        raise _error(encoder, request, "processor drops a part of the prompt", missing)
    end = meant[-_END_TOKENS:]
    if picture_token in end:
        end = end[len(end) - end[::-1].index(picture_token) :]
    if not _ends_alike(tokenizer, end, shown):
        missing = tokenizer.decode(end)
        raise _error(encoder, request, "processor cuts the end of the prompt", missing)

    option_tokens = encoder.option_tokens([request], inputs)[0]
    for option, tokens in zip(request.options, option_tokens, strict=True):
        expected = _squeeze(tokenizer.decode(_tokenize(tokenizer, option)))
        if expected not in _squeeze(tokenizer.decode(tokens)):
            raise _error(encoder, request, "tokenizer drops a part of an option", option)


def _tokenize(tokenizer: Any, text: str) -> list[int]:  # noqa: ANN401  one of transformers
    """All tokens of a text, whatever length the tokenizer's own settings cut it to."""
    plain = {"add_special_tokens": False, "truncation": False}
    tokens: list[int] = tokenizer(text, **plain)["input_ids"]
    return tokens


def _ends_alike(tokenizer: Any, end: list[int], shown: list[int]) -> bool:  # noqa: ANN401
    """Whether tokens end in others, or say the same; a closing special token may follow."""
    special, rest = {*tokenizer.all_special_ids}, list(shown)
    while True:
        if not end or rest[-len(end) :] == end:
            return True
        if len(shown) - len(rest) >= _CLOSING_TOKENS or not rest or rest[-1] not in special:
            break
        rest.pop()
    # A processor may write a line break behind the prompt, as PaliGemma's does.
    return _squeeze(tokenizer.decode(shown)).endswith(_squeeze(tokenizer.decode(end)))


def _error(encoder: Encoder, request: Request, problem: str, missing: str) -> CheckpointError:
    return CheckpointError(
        f"self-check: the {problem}.",
        checkpoint=encoder.checkpoint,
        sample=request.sample,
        first_missing=repr(shorten(missing, most=60)),
        what_to_do="compare chat_template.jinja, tokenizer_config.json and the processor's config"
        " with the original checkpoint's",
    )


def _squeeze(text: str) -> str:
    """Without white space: templates trim, and tokenizers write spaces of their own."""
    return "".join(text.split())


def _first_missing(words: Iterable[str], text: str) -> str:
    """The first word that does not follow the one before it in a text; empty if all do."""
    start = 0
    for word in words:
        place = text.find(word, start)
        if place < 0:
            return word
        start = place + len(word)
    return ""

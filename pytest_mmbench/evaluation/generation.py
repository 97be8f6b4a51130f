"""How a benchmark's requests are put to a model, and where its answers end, if anything is set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Method, Request, RequestType, Turn
from pytest_mmbench.records.generation import Decoding, before_stop

LEFT_OUT: Final = "\n[...]\n"
"""Stands for the middle of a text that is too long to be kept beside its score."""


def decoded(request: Request, decoding: Decoding) -> Request:
    """The request as it is put: a system prompt takes the place of the benchmark's own."""
    prompt = request.prompt
    if decoding.system:
        turns = (turn for turn in prompt.turns if turn.role != "system")
        system = Turn(role="system", parts=(decoding.system,))
        prompt = replace(prompt, turns=(system, *turns))
    generates = request.type is RequestType.GENERATE
    return replace(
        request,
        prompt=prompt,
        thinking=decoding.thinking,
        new_tokens=(decoding.max_new_tokens if generates else 0) or request.new_tokens,
        stop=decoding.stop if generates else (),
        thoughts=decoding.thoughts if generates else (),
        sampling=decoding.sampling if generates else None,
    )


def ended(answer: Answer, decoding: Decoding) -> Answer:
    """The answer up to the first text at which it ends, whether or not the model has seen to it."""
    text = before_stop(answer.text, decoding.stop)
    if text == answer.text:
        return answer
    return replace(answer, text=text.strip(), cut_short=False)


def abridged(text: str, *, most: int) -> str:
    """A text of at most so many characters: of a longer one its beginning and its end.

    The end holds what a model says behind its thoughts.
    """
    half = (most - len(LEFT_OUT)) // 2
    return text if len(text) <= most else f"{text[:half]}{LEFT_OUT}{text[-half:]}"


def without_defaults(
    decoding: Decoding, benchmark: Benchmark, method: Method, ids: Iterable[str]
) -> Decoding:
    """The decoding without a limit of tokens that is the benchmark's own for all of these samples.

    Then answers and baselines of before it was written down hold.
    """
    limit = decoding.max_new_tokens
    if not limit:
        return decoding
    own = (benchmark.request(benchmark.sample(id), method).new_tokens for id in ids)
    is_other = any(tokens != limit for tokens in own)
    return decoding if is_other else replace(decoding, max_new_tokens=0)

"""What a model owes for a batch; `protocols.Model` says it in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_mmbench.errors import AnswerError
from pytest_mmbench.records import Answer, OptionLogprob, Request, RequestType


def check_answers(model: str, requests: Sequence[Request], answers: Sequence[Answer]) -> None:
    """Refuses answers that break the contract.

    Raises:
        AnswerError: if they are no list of answers, if there are too few or too many, if they are
            in another order, if a request has not one likelihood per option, if a likelihood is no
            finite number of nats over at least one token, or if a text is none or cannot be written
            as UTF-8.
    """
    method = f"Model.{requests[0].type}"
    _check_types(model, method, answers)
    _check_samples(model, method, requests, answers)
    for request, answer in zip(requests, answers, strict=True):
        if request.type is RequestType.LOGLIKELIHOOD:
            _check_logprobs(model, method, request, answer)
        else:
            _check_text(model, method, answer)


def _check_types(model: str, method: str, answers: object) -> None:
    """Types are the model's promise, which nothing has held it to so far."""
    for answer in answers if isinstance(answers, list | tuple) else [answers]:
        if not isinstance(answer, Answer):
            raise AnswerError(
                f"model {model!r} gave {type(answer).__name__!r} where an answer was asked for.",
                contract=f"{method} returns a list of pytest_mmbench.records.Answer",
            )


def _check_samples(
    model: str, method: str, requests: Sequence[Request], answers: Sequence[Answer]
) -> None:
    expected = [request.sample for request in requests]
    actual = [answer.sample for answer in answers]
    contract = f"{method} returns one answer per request, in the same order"
    if len(actual) != len(expected):
        answered = set(actual)
        raise AnswerError(
            f"model {model!r} gave {len(actual)} answers to {len(expected)} requests.",
            contract=contract,
            first_missing=next((id for id in expected if id not in answered), ""),
        )
    for expected_id, actual_id in zip(expected, actual, strict=True):
        if expected_id != actual_id:
            raise AnswerError(
                f"model {model!r} answered {actual_id!r} where {expected_id!r} was asked.",
                contract=contract,
                sample=expected_id,
            )


def _check_logprobs(model: str, method: str, request: Request, answer: Answer) -> None:
    count = len(answer.option_logprobs)
    if count != len(request.options):
        raise AnswerError(
            f"model {model!r} gave {count} likelihoods for {len(request.options)} options.",
            contract=f"{method} returns the likelihood of each option, in the same order",
            sample=request.sample,
        )
    for option, likelihood in zip(request.options, answer.option_logprobs, strict=True):
        if not _has_python_numbers(likelihood):
            raise AnswerError(
                f"model {model!r} gave {likelihood!r} where a likelihood was asked for.",
                contract=f"{method} returns likelihoods of a float and an int",
                sample=request.sample,
                what_to_do="give OptionLogprob(logprob=float(logprob), tokens=int(tokens))",
            )
        if not math.isfinite(likelihood.logprob) or likelihood.tokens < 1:
            raise AnswerError(
                f"model {model!r} found option {option!r} as likely as {likelihood.logprob}"
                f" over {likelihood.tokens} tokens.",
                contract=f"{method} returns finite logarithms (nats) over some tokens",
                sample=request.sample,
            )


def _has_python_numbers(likelihood: object) -> bool:
    """Numbers that are not Python's own, such as NumPy's float64, can be kept by no store."""
    return (
        isinstance(likelihood, OptionLogprob)
        and type(likelihood.logprob) in (float, int)
        and type(likelihood.tokens) is int
    )


def _check_text(model: str, method: str, answer: Answer) -> None:
    if type(answer.text) is not str:
        raise AnswerError(
            f"model {model!r} gave {answer.text!r} where a text was asked for.",
            contract=f"{method} returns a text for each request, if only an empty one",
            sample=answer.sample,
        )
    try:
        answer.text.encode()
    except UnicodeEncodeError as error:
        raise AnswerError(
            f"model {model!r} gave a text that is not Unicode.",
            contract=f"{method} returns text without half surrogate pairs",
            sample=answer.sample,
            reason=str(error),
        ) from error

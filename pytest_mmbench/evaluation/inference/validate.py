"""What a model owes for a batch; `protocols.Model` says it in words."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_mmbench.errors import AnswerError
from pytest_mmbench.records import (
    Answer,
    OptionLogprob,
    Request,
    RequestType,
)


def check_answers(model: str, requests: Sequence[Request], answers: Sequence[Answer]) -> None:
    """Refuses a batch that breaks the contract.

    Raises:
        AnswerError: if they are no list of answers, if there are too few or too many, if they are
            in another order, if a request has not one likelihood per option, if a likelihood is no
            finite number of nats over at least one token, if a text is none or cannot be written
            as UTF-8, or if whether it was cut short is neither true nor false.
    """
    method = f"Model.{requests[0].type}"
    # Types are the model's promise, which nothing has checked so far.
    untyped: object = answers
    for answer in untyped if isinstance(untyped, list | tuple) else [untyped]:
        if not isinstance(answer, Answer):
            raise AnswerError(
                f"model {model!r} gave {type(answer).__name__!r} where an answer was asked for.",
                contract=f"{method} returns a list of pytest_mmbench.records.Answer",
            )
    contract = f"{method} returns one answer per request, in the same order"
    answered = [answer.sample for answer in answers]
    if len(answers) != len(requests):
        missing = (request.sample for request in requests if request.sample not in answered)
        raise AnswerError(
            f"model {model!r} gave {len(answers)} answers to {len(requests)} requests.",
            contract=contract,
            first_missing=next(missing, ""),
        )
    for request, sample in zip(requests, answered, strict=True):
        if request.sample != sample:
            raise AnswerError(
                f"model {model!r} answered {sample!r} where {request.sample!r} was asked.",
                contract=contract,
                sample=request.sample,
            )
    for request, answer in zip(requests, answers, strict=True):
        if request.type is RequestType.LOGLIKELIHOOD:
            _check_logprobs(model, method, request, answer)
        else:
            _check_text(model, method, answer)


def _check_logprobs(model: str, method: str, request: Request, answer: Answer) -> None:
    count = len(answer.option_logprobs)
    if count != len(request.options):
        raise AnswerError(
            f"model {model!r} gave {count} likelihoods for {len(request.options)} options.",
            contract=f"{method} returns the likelihood of each option, in the same order",
            sample=request.sample,
        )
    untyped: Sequence[object] = answer.option_logprobs
    for option, likelihood in zip(request.options, untyped, strict=True):
        # Numbers that are not Python's own, such as NumPy's float64, can be kept by no store.
        if (
            not isinstance(likelihood, OptionLogprob)
            or type(likelihood.logprob) not in (float, int)
            or type(likelihood.tokens) is not int
        ):
            raise AnswerError(
                f"model {model!r} gave {likelihood!r} where a likelihood was asked for.",
                contract=f"{method} returns likelihoods of a float and an int",
                sample=request.sample,
                what_to_do="give OptionLogprob(logprob=float(logprob), tokens=int(tokens))",
            )
        if not likelihood.is_possible:
            raise AnswerError(
                f"model {model!r} found option {option!r} as likely as {likelihood.logprob}"
                f" over {likelihood.tokens} tokens.",
                contract=f"{method} returns log-probabilities (nats) over some tokens",
                sample=request.sample,
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
    if type(answer.cut_short) is not bool:
        raise AnswerError(
            f"model {model!r} gave {answer.cut_short!r} for whether a text was cut short.",
            contract=f"{method} marks a text that reached the limit of tokens by True, or False",
            sample=answer.sample,
        )

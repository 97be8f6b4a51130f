import random
from collections.abc import Sequence

import pytest

from pytest_mmbench.evaluation.noise import SAMPLES, calibration_requests, measured_tolerance
from pytest_mmbench.records import Answer, OptionLogprob, Prompt, Request, RequestType, Turn


class Noisy:
    """A model whose log-probabilities have normal noise, other at every call."""

    name, fingerprint, batch_size = "noisy", "noisy-1", 8

    def __init__(self, sigma: float, tokens: int = 1) -> None:
        self._sigma = sigma
        self._tokens = tokens
        self._dice = random.Random(7)
        self.batches: list[int] = []

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        self.batches.append(len(requests))
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Answer:
        logs = (
            -1.0 - at + self._dice.gauss(0, self._sigma) for at, _ in enumerate(request.options)
        )
        found = tuple(OptionLogprob(logprob=log, tokens=self._tokens) for log in logs)
        return Answer(sample=request.sample, option_logprobs=found)

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        raise NotImplementedError


def requests(
    count: int, options: int = 4, ask: RequestType = RequestType.LOGLIKELIHOOD
) -> list[Request]:
    prompt = Prompt(turns=(Turn(role="user", parts=("?",)),))
    letters = tuple("ABCDEFGH"[:options])
    return [
        Request(sample=str(at), type=ask, prompt=prompt, options=letters) for at in range(count)
    ]


def test_some_are_asked_again() -> None:
    """At most 64 ranked requests, the same for a seed; all if there are fewer."""
    many = requests(500)

    assert len(calibration_requests(many, 0)) == SAMPLES
    assert (
        calibration_requests(many, 0)
        == calibration_requests(many, 0)
        != calibration_requests(many, 1)
    )
    assert {each.sample for each in calibration_requests(requests(5), 0)} == set("01234")
    assert calibration_requests(requests(5, options=1), 0) == []
    assert calibration_requests(requests(5, ask=RequestType.GENERATE), 0) == []


@pytest.mark.parametrize("sigma", [1e-5, 0.02])
def test_the_tolerance_is_four_sigma_of_a_margin(sigma: float) -> None:
    """Noise of known size is found again within a tenth: 4 sqrt(2) times sqrt(2) sigma.

    Each answer has the noise once, so that a change has it sqrt(2) times.
    """
    model, asked = Noisy(sigma), requests(SAMPLES)

    found = measured_tolerance(model, asked, model.rank(asked))

    assert found == pytest.approx(8 * sigma, rel=0.1)


def test_noise_is_measured_as_margins_are() -> None:
    """Per token, noise is a tenth of that of ten tokens, and so are the margins beside it."""
    asked = requests(SAMPLES)
    model, same = Noisy(0.1, tokens=10), Noisy(0.1, tokens=10)

    whole = measured_tolerance(model, asked, model.rank(asked))
    shared = measured_tolerance(same, asked, same.rank(asked), mean=True)

    assert shared == pytest.approx(whole / 10)


def test_they_are_asked_in_other_company() -> None:
    """Alone, and in threes."""
    model, asked = Noisy(0.1), requests(7)
    known = model.rank(asked)

    measured_tolerance(model, asked, known)

    assert model.batches == [7, *[1] * 7, 3, 3, 1]

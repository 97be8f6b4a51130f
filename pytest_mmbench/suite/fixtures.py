"""What a test can ask for: the shipped cases do, and so do claims that users write themselves.

`mm_dimension` has no fixture of its own: every test that asks for it, or for something that needs
it, is parametrised over the dimensions of the run.
"""

from __future__ import annotations

import warnings
from typing import Final, NoReturn

import pytest

from pytest_mmbench import registry
from pytest_mmbench.errors import CheckpointError, MMBenchError, MMBenchWarning
from pytest_mmbench.protocols import Model
from pytest_mmbench.records import Dimension, Outcome, Tally, Verdict
from pytest_mmbench.session import RUN, Run
from pytest_mmbench.store import make
from pytest_mmbench.suite.properties import properties

HASHES: Final = "checkpoints.json"
"""File of the store's folder in which a local model keeps the hashes of its weights."""
SHOWN: Final = 60
"""Characters of an unreadable answer that an error shows."""


@pytest.fixture(scope="session")
def mm_model(request: pytest.FixtureRequest) -> Model:
    """The model that is asked. Override it in a conftest file to judge a model of your own."""
    settings = request.config.stash[RUN].settings
    try:
        make(settings.store)
        return registry.model(
            settings.model,
            device=settings.device,
            dtype=settings.dtype,
            batch_size=settings.batch_size,
            trust_remote_code=settings.trust_remote_code,
            remembered=settings.store / HASHES,
        )
    except MMBenchError as error:
        raise CheckpointError(error.problem, **error.facts) from None
    except Exception:
        # Every other case would fail in the same way: one traceback is enough.
        request.session.shouldstop = f"the model {settings.model} could not be loaded"
        raise


@pytest.fixture
def mm_tally(
    request: pytest.FixtureRequest, mm_dimension: Dimension | str, mm_model: Model
) -> Tally:
    """How many samples of the dimension were asked, and how many answers were right."""
    run = request.config.stash[RUN]
    node = _node(request, run, mm_dimension)
    if reason := run.empty(node):
        _leave_out(run, node, reason)
    run.candidate.use(mm_model, given_by="mm_model")
    if reason := run.refused(node):
        _leave_out(run, node, reason)
    return run.tally(node)


def _leave_out(run: Run, node: Dimension, reason: str) -> NoReturn:
    """Skips what cannot be asked; where a threshold waits for it, that must not look like a pass.

    Raises:
        pytest.fail.Exception: the dimension has a threshold.
        pytest.skip.Exception: it has none.
    """
    if node.path in run.settings.thresholds:
        pytest.fail(f"{node.path} has a threshold and cannot be asked: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def mm_verdict(request: pytest.FixtureRequest, mm_tally: Tally, mm_model: Model) -> Verdict:
    """What the gate says of the dimension; an error if it has too many unreadable answers."""
    run = request.config.stash[RUN]
    verdict = run.verdict(_node(request, run, mm_tally.dimension))
    request.node.user_properties.extend(properties(verdict, mm_model.name))
    if verdict.outcome is Outcome.INVALID:
        _refuse(_invalid(run, verdict), gated=bool(verdict.threshold))
    return verdict


def _refuse(reason: str, *, gated: bool) -> None:
    """What cannot be judged is an error; where nothing is gated, a warning."""
    if gated:
        pytest.fail(reason, pytrace=False)
    warnings.warn(MMBenchWarning(reason), stacklevel=1)


def _node(request: pytest.FixtureRequest, run: Run, dimension: Dimension | str) -> Dimension:
    """The dimension itself, also where a test is parametrised by hand over names."""
    path = dimension if isinstance(dimension, str) else dimension.path
    return run.dimension(path, asked_for_by=request.node.nodeid)


def _invalid(run: Run, verdict: Verdict) -> str:
    examples = run.unreadable(run.dimensions[verdict.tally.dimension])
    width = max((len(answer.sample) for answer in examples), default=0)
    return "\n".join(
        [verdict.because, *(f"  {each.sample:<{width}}   {_short(each.text)}" for each in examples)]
    )


def _short(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 3] + "...")

"""What a test can ask for: the shipped cases do, and so do claims that users write themselves.

`mm_dimension` has no fixture of its own: every test that asks for it, or for something that needs
it, is parametrised over the dimensions of the run.
"""

from __future__ import annotations

import warnings
from typing import Final, NoReturn

import pytest

from pytest_mmbench.errors import CheckpointError, MMBenchWarning
from pytest_mmbench.evaluation.loading import load
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.gates.regression import RegressionVerdict
from pytest_mmbench.gates.snapshot import SnapshotVerdict
from pytest_mmbench.gates.vision.judge import VisionResult
from pytest_mmbench.plugin import snapshots
from pytest_mmbench.plugin.properties import (
    capability_properties,
    regression_properties,
    snapshot_properties,
    vision_properties,
)
from pytest_mmbench.plugin.stash import RUN
from pytest_mmbench.protocols import Model
from pytest_mmbench.records import BadRows, CapabilityVerdict, Dimension, Outcome, Role, Tally
from pytest_mmbench.results import left_out
from pytest_mmbench.results.rows import IMAGE, SampleResult
from pytest_mmbench.results.run_file import SavedRun

SHOWN: Final = 60
"""Characters of an unreadable answer that an error shows."""


@pytest.fixture(scope="session")
def mm_model(request: pytest.FixtureRequest) -> Model:
    """The model that is asked. Override it in a conftest file to judge a model of your own."""
    return _load(request, request.config.stash[RUN].settings.model)


@pytest.fixture(scope="session")
def mm_baseline(request: pytest.FixtureRequest, mm_model: Model) -> Model | SavedRun:
    """What the candidate is compared with: another model, or what an earlier run kept of one.

    Override it in a conftest file to compare with a model of your own.

    Raises:
        CheckpointError: it is the candidate itself, so that no case can be judged.
    """
    run = request.config.stash[RUN]
    saved = run.saved.get(Role.BASELINE)
    baseline = saved or _load(request, run.settings.baseline)
    same = baseline.fingerprint == mm_model.fingerprint
    if same and not run.settings.fresh:
        raise CheckpointError(
            f"{run.settings.baseline} is the checkpoint that is judged: it cannot change.",
            asked_for_by=run.settings.sources["baseline"],
            what_to_do="name another baseline, or add --mm-fresh to see the model's own noise; "
            "`-o mm_baseline=` compares with nothing",
        )
    if same and run.shared:
        raise CheckpointError(
            "a checkpoint is compared with itself in one process only.",
            asked_for_by=run.settings.sources["baseline"],
            what_to_do="leave out -n",
        )
    return baseline


@pytest.fixture(scope="session")
def mm_base_llm(request: pytest.FixtureRequest) -> Model:
    """The text model that the candidate was built on."""
    return _load(request, request.config.stash[RUN].settings.base_llm)


def _load(request: pytest.FixtureRequest, spec: str) -> Model:
    try:
        return load(spec, request.config.stash[RUN].settings)
    except CheckpointError:
        raise
    except Exception:
        # Every other case would fail in the same way: one traceback is enough.
        request.session.shouldstop = f"the model {spec} could not be loaded"
        raise


@pytest.fixture
def mm_tally(
    request: pytest.FixtureRequest, mm_dimension: Dimension | str, mm_model: Model
) -> Tally:
    """How many samples of the dimension were asked, and how many answers were right."""
    run = request.config.stash[RUN]
    if run.needs_baseline:
        # Before anything is asked: a checkpoint that is compared with itself is asked afresh.
        _use_baseline(request, run)
    return run.judge.tally(_asked(request, run, mm_dimension, mm_model))


@pytest.fixture
def mm_verdict(
    request: pytest.FixtureRequest, mm_tally: Tally, mm_model: Model
) -> CapabilityVerdict:
    """What the gate says of the dimension; an error if it has too many unreadable answers."""
    run = request.config.stash[RUN]
    verdict = run.verdict(_node(request, run, mm_tally.dimension))
    request.node.user_properties.extend(capability_properties(verdict, mm_model.name))
    if verdict.outcome is Outcome.INVALID:
        _refuse(_invalid(run, verdict), gated=bool(verdict.threshold))
    return verdict


@pytest.fixture
def mm_regression(
    request: pytest.FixtureRequest, mm_dimension: Dimension | str, mm_model: Model
) -> RegressionVerdict:
    """How the dimension compares with the baseline, and whether that is a regression."""
    run = request.config.stash[RUN]
    _use_baseline(request, run)
    node = _asked(request, run, mm_dimension, mm_model)
    if reason := run.reason_refused(node, Role.BASELINE):
        pytest.skip(reason)
    verdict = run.regression(node)
    warn_left_out(request.config, run, node)
    request.node.user_properties.extend(regression_properties(verdict, mm_model.name))
    return verdict


@pytest.fixture
def mm_answers(
    request: pytest.FixtureRequest, mm_dimension: Dimension | str, mm_model: Model
) -> SnapshotVerdict:
    """Which answers of a leaf are not those that were accepted; accepts them if that was asked."""
    run = request.config.stash[RUN]
    if run.needs_baseline:
        _use_baseline(request, run)
    leaf = _asked(request, run, mm_dimension, mm_model)
    found = snapshots.judge_leaf(request, run, leaf)
    request.node.user_properties.extend(snapshot_properties(found, mm_model.name))
    return found


@pytest.fixture
def mm_vision(
    request: pytest.FixtureRequest, mm_dimension: Dimension | str, mm_model: Model
) -> VisionResult:
    """What the picture adds to the dimension's score, and what the model knows without it."""
    run = request.config.stash[RUN]
    node = _asked(request, run, mm_dimension, mm_model)
    if Role.BASE_LLM in run.evaluators:
        base_llm = request.getfixturevalue("mm_base_llm")
        run.evaluators[Role.BASE_LLM].use(base_llm, given_by="mm_base_llm")
    looked = run.vision(node)
    warn_left_out(request.config, run, node)
    request.node.user_properties.extend(vision_properties(looked, mm_model.name))
    return looked


def _use_baseline(request: pytest.FixtureRequest, run: Run) -> None:
    """Loads the baseline, and if it is the candidate itself, recalls what it once said."""
    baseline = request.getfixturevalue("mm_baseline")
    if Role.BASELINE not in run.evaluators:
        return
    examinee = run.evaluators[Role.BASELINE]
    if examinee.loaded:
        return
    examinee.use(baseline, given_by="mm_baseline")
    if baseline.fingerprint == request.getfixturevalue("mm_model").fingerprint:
        run.load_cached(Role.BASELINE)


def _asked(
    request: pytest.FixtureRequest, run: Run, dimension: Dimension | str, model: Model
) -> Dimension:
    """The dimension, if it can be asked; else the case ends here."""
    node = _node(request, run, dimension)
    if reason := run.reason_empty(node):
        _leave_out(run, node, reason)
    run.candidate.use(model, given_by="mm_model")
    if reason := run.reason_refused(node):
        _leave_out(run, node, reason)
    ask_leaves(request.config, run, node)
    if reason := run.reason_refused(node):
        _leave_out(run, node, reason)
    return node


def _leave_out(run: Run, node: Dimension, reason: str) -> NoReturn:
    """Skips what cannot be asked; where a threshold waits for it, that must not look like a pass.

    Raises:
        pytest.fail.Exception: the dimension has a threshold.
        pytest.skip.Exception: it has none.
    """
    if node.path in run.settings.thresholds:
        pytest.fail(f"{node.path} has a threshold and cannot be asked: {reason}", pytrace=False)
    pytest.skip(reason)


def _refuse(reason: str, *, gated: bool) -> None:
    """What cannot be judged is an error; where nothing is gated, a warning."""
    if gated:
        pytest.fail(reason, pytrace=False)
    warnings.warn(MMBenchWarning(reason), stacklevel=1)


def _node(request: pytest.FixtureRequest, run: Run, dimension: Dimension | str) -> Dimension:
    """The dimension itself, also where a test is parametrised by hand over names."""
    path = dimension if isinstance(dimension, str) else dimension.path
    return run.dimension(path, asked_for_by=request.node.nodeid)


def _invalid(run: Run, verdict: CapabilityVerdict) -> str:
    examples = run.judge.unparseable(run.dimensions[verdict.tally.dimension])
    width = max((len(row.sample) for row in examples), default=0)
    return "\n".join(
        [verdict.explanation, *(f"  {each.sample:<{width}}   {_short(each)}" for each in examples)]
    )


def _short(row: SampleResult) -> str:
    return repr(row.text if len(row.text) <= SHOWN else row.text[: SHOWN - 3] + "...")


_WARNED: Final = pytest.StashKey[set[tuple[str, str]]]()
"""Samples that were warned of, each with its benchmark."""


def ask_leaves(config: pytest.Config, run: Run, dimension: Dimension) -> None:
    """Has the candidate asked where samples may be left out: only then it is known which are."""
    if run.settings.bad_rows is BadRows.SKIP:
        rows = run.candidate.results(run.benchmark_of(dimension).name, IMAGE)
        for leaf in dimension.leaves:
            rows[leaf]  # looking it up asks
        warn_left_out(config, run, dimension)


def warn_left_out(config: pytest.Config, run: Run, dimension: Dimension) -> None:
    """Warns of samples of a dimension that are left out, unless a case above it has done so."""
    if run.settings.bad_rows is not BadRows.SKIP or not run.inference_stats.failed:
        return
    home, told = run.benchmark_of(dimension), config.stash.setdefault(_WARNED, set())
    asked = dict.fromkeys(home.sample_ids(dimension))
    for sheet in (sheet for each in run.evaluators.values() for sheet in each.task_results()):
        if sheet.benchmark != home.name:
            continue
        missing = {id: sheet.left_out[id] for id in asked if id in sheet.left_out}
        named = {(home.name, id) for id in missing}
        if not named <= told:
            told |= named
            what = f"{dimension.path}{left_out.condition(sheet)}"
            text = left_out.sentence(what, missing, total=len(asked))
            warnings.warn(MMBenchWarning(f"{text}. Scores are of the others."), stacklevel=1)

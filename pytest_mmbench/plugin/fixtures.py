"""The fixtures: the shipped cases ask for them, and so do tests that users write themselves.

`mm_dimension` has no fixture of its own: every test that asks for it, or for something that needs
it, is parametrised over the dimensions of the run.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import Final

import pytest

from pytest_mmbench.errors import CheckpointError, MMBenchWarning
from pytest_mmbench.evaluation.evaluator import load_model
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.gates import snapshot
from pytest_mmbench.gates.verdicts import (
    CapabilityVerdict,
    RegressionVerdict,
    SnapshotVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.plugin import snapshots
from pytest_mmbench.plugin.properties import LEFT_OUT, NOT_ASKED, properties
from pytest_mmbench.plugin.stash import RUN
from pytest_mmbench.protocols import Model
from pytest_mmbench.records import BadRows, Dimension, Gate, Outcome, Role, Tally
from pytest_mmbench.results.rows import IMAGE, TaskResults, condition_suffix, left_out_sentence
from pytest_mmbench.results.run_file import SavedRun

MOST_SHOWN: Final = 60
"""Characters of an unparseable answer that an error shows."""


@pytest.fixture(scope="session")
def mm_model(request: pytest.FixtureRequest) -> Model:
    """The model that is asked. Override it in a conftest file to judge a model of your own."""
    return _load(request, request.config.stash[RUN].settings.model)


@pytest.fixture(scope="session")
def mm_baseline(request: pytest.FixtureRequest, mm_model: Model) -> Model | SavedRun:
    """What the candidate is compared with: another model, or what an earlier run kept of one.

    Override it in a conftest file to compare with a model of your own. It may be the candidate
    itself, as in a nightly run of what was released: then the run says so.

    Raises:
        CheckpointError: it is the candidate itself, and workers are to ask it afresh: in the store
            that they share, new answers would replace those to compare with.
    """
    run = request.config.stash[RUN]
    saved = run.saved.get(Role.BASELINE)
    baseline = saved or _load(request, run.settings.baseline)
    same = baseline.fingerprint == mm_model.fingerprint
    if same and not saved and run.settings.fresh and run.shared:
        raise CheckpointError(
            "a checkpoint is asked afresh and compared with itself in one process only.",
            asked_for_by=run.settings.sources["baseline"],
            what_to_do="leave out -n, or name a saved run as the baseline",
        )
    return baseline


@pytest.fixture(scope="session")
def mm_base_llm(request: pytest.FixtureRequest) -> Model:
    """The text model that the candidate was built on."""
    return _load(request, request.config.stash[RUN].settings.base_llm)


def _load(request: pytest.FixtureRequest, spec: str) -> Model:
    try:
        return load_model(spec, request.config.stash[RUN].settings)
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
    """How many samples of the dimension were asked, and how many answers are correct."""
    run = request.config.stash[RUN]
    if run.needs_baseline:
        # Before anything is asked: a checkpoint that is compared with itself is asked afresh.
        _use_baseline(request, run)
    node = _askable(request, run, mm_dimension, mm_model)
    run.candidate.evaluate(node.benchmark, IMAGE, node.leaves)
    return run.judge.tally(node)


@pytest.fixture
def mm_verdict(
    request: pytest.FixtureRequest, mm_tally: Tally, mm_model: Model
) -> CapabilityVerdict:
    """Whether the dimension reaches its threshold; an error if it cannot be judged."""
    run = request.config.stash[RUN]
    node = _node(request, run, mm_tally.dimension)
    verdict = run.judge.capability(node, run.evaluate(Gate.CAPABILITY, node))
    _record(request, verdict, mm_model)
    if verdict.outcome is Outcome.INVALID:
        reason = _with_examples(run, verdict)
        if verdict.threshold:
            pytest.fail(reason, pytrace=False)
        warnings.warn(MMBenchWarning(reason), stacklevel=1)
    return verdict


@pytest.fixture
def mm_regression(
    request: pytest.FixtureRequest, mm_dimension: Dimension | str, mm_model: Model
) -> RegressionVerdict:
    """Whether the dimension is as good as the baseline's; an error if it cannot be judged."""
    run = request.config.stash[RUN]
    _use_baseline(request, run)
    node = _askable(request, run, mm_dimension, mm_model)
    _skip_if(request, node, run.reason_not_askable(node, Role.BASELINE))
    verdict = run.judge.regression(node, run.evaluate(Gate.REGRESSION, node))
    _record(request, verdict, mm_model)
    _refuse_invalid(verdict)
    return verdict


@pytest.fixture
def mm_snapshot(
    request: pytest.FixtureRequest, mm_dimension: Dimension | str, mm_model: Model
) -> SnapshotVerdict:
    """Which answers of a leaf are not those of the snapshot; updates it if that was asked for."""
    run = request.config.stash[RUN]
    if run.needs_baseline:
        _use_baseline(request, run)
    leaf = _askable(request, run, mm_dimension, mm_model)
    run.evaluate(Gate.SNAPSHOT, leaf)
    verdict = snapshots.judge_leaf(request, run, leaf)
    _record(request, verdict, mm_model)
    _refuse_invalid(verdict, snapshot.details(verdict))
    return verdict


@pytest.fixture
def mm_answers(mm_snapshot: SnapshotVerdict) -> SnapshotVerdict:
    """The former name of `mm_snapshot`."""
    message = "mm_answers is now mm_snapshot; the next release does not know the old name"
    warnings.warn(message, MMBenchWarning, stacklevel=1)
    return mm_snapshot


@pytest.fixture
def mm_vision(
    request: pytest.FixtureRequest, mm_dimension: Dimension | str, mm_model: Model
) -> VisionVerdict:
    """What the picture adds to the dimension's score, and what the model knows without it."""
    run = request.config.stash[RUN]
    node = _askable(request, run, mm_dimension, mm_model)
    if Role.BASE_LLM in run.evaluators:
        base_llm = request.getfixturevalue("mm_base_llm")
        run.evaluators[Role.BASE_LLM].use(base_llm, given_by="mm_base_llm")
    verdict = run.judge.vision(node, run.evaluate(Gate.VISION, node))
    _record(request, verdict, mm_model)
    _refuse_invalid(verdict)
    return verdict


def _record(request: pytest.FixtureRequest, verdict: Verdict, model: Model) -> None:
    """Hands the verdict on to the summary, and warns of samples that its score leaves out."""
    run = request.config.stash[RUN]
    warn_left_out(request.config, run, run.dimensions[verdict.dimension])
    _count_left_out(request, run, run.dimensions[verdict.dimension])
    request.node.user_properties.extend(properties(verdict, model.name))


def _count_left_out(request: pytest.FixtureRequest, run: Run, dimension: Dimension) -> None:
    """Hands on how many samples a verdict is not of, to whichever process decides."""
    missing = [left_out for _, left_out in _left_out(run, dimension)]
    if missing:
        total = len(run.samples(dimension.path))
        count = [dimension.path, max(map(len, missing)), total]
        request.node.user_properties.append((LEFT_OUT, json.dumps(count)))


def _refuse_invalid(verdict: Verdict, details: str = "") -> None:
    """What cannot be judged is an error of the case, whatever the gate."""
    if verdict.outcome is Outcome.INVALID:
        pytest.fail(details or verdict.explanation, pytrace=False)


def _use_baseline(request: pytest.FixtureRequest, run: Run) -> None:
    """Loads the baseline, and if the candidate itself is asked afresh, its cached answers."""
    baseline = request.getfixturevalue("mm_baseline")
    if Role.BASELINE not in run.evaluators:
        return
    evaluator = run.evaluators[Role.BASELINE]
    if evaluator.loaded:
        return
    evaluator.use(baseline, given_by="mm_baseline")
    same = baseline.fingerprint == request.getfixturevalue("mm_model").fingerprint
    if same and run.settings.fresh:
        run.load_cached(Role.BASELINE)


def _askable(
    request: pytest.FixtureRequest, run: Run, dimension: Dimension | str, model: Model
) -> Dimension:
    """The dimension, if it can be asked; else the case ends here."""
    node = _node(request, run, dimension)
    _skip_if(request, node, run.reason_not_askable(node))
    run.candidate.use(model, given_by="mm_model")
    _skip_if(request, node, run.reason_not_askable(node, Role.CANDIDATE))
    if run.settings.bad_rows is BadRows.SKIP:
        # Only once a sample was asked is it known whether its picture can be read.
        run.candidate.evaluate(node.benchmark, IMAGE, node.leaves)
        warn_left_out(request.config, run, node)
        _skip_if(request, node, run.reason_not_askable(node, Role.CANDIDATE))
    return node


def _skip_if(request: pytest.FixtureRequest, node: Dimension, reason: str | None) -> None:
    """Skips what cannot be asked; where a threshold waits for it, that must not look like a pass.

    Whether another gate waits for it is looked at when the run ends.

    Raises:
        pytest.fail.Exception: the dimension has a threshold.
        pytest.skip.Exception: it has none.
    """
    if reason is None:
        return
    request.node.user_properties.append((NOT_ASKED, json.dumps([node.path, reason])))
    if node.path in request.config.stash[RUN].settings.thresholds:
        source = request.config.stash[RUN].settings.source
        remedy = f'take "{node.path}" out of [thresholds]{f" in {source}" if source else ""}'
        sentence = f"{node.path} has a threshold and cannot be asked: {reason}; {remedy}"
        pytest.fail(sentence, pytrace=False)
    pytest.skip(reason)


def _node(request: pytest.FixtureRequest, run: Run, dimension: Dimension | str) -> Dimension:
    """The dimension itself, also where a test is parametrised by hand over names."""
    path = dimension if isinstance(dimension, str) else dimension.path
    return run.dimension(path, asked_for_by=request.node.nodeid)


def _with_examples(run: Run, verdict: CapabilityVerdict) -> str:
    """The sentence, and a few answers that no scorer could read."""
    examples = run.judge.unparseable(run.dimensions[verdict.dimension])
    width = max((len(each.sample) for each in examples), default=0)
    lines = [verdict.explanation]
    for each in examples:
        text = each.text if len(each.text) <= MOST_SHOWN else each.text[: MOST_SHOWN - 3] + "..."
        lines.append(f"  {each.sample:<{width}}   {text!r}")
    return "\n".join(lines)


_WARNED: Final = pytest.StashKey[set[tuple[str, str]]]()
"""Samples that were warned of, each with its benchmark."""


def warn_left_out(config: pytest.Config, run: Run, dimension: Dimension) -> None:
    """Warns of samples of a dimension that are left out, unless a case above it has done so."""
    warned = config.stash.setdefault(_WARNED, set())
    for task, missing in _left_out(run, dimension):
        samples = {(task.benchmark, id) for id in missing}
        if not samples <= warned:
            warned |= samples
            subject = f"{dimension.path}{condition_suffix(task)}"
            sentence = left_out_sentence(subject, missing, total=len(run.samples(dimension.path)))
            warnings.warn(MMBenchWarning(f"{sentence}. Scores are of the others."), stacklevel=1)


def _left_out(run: Run, dimension: Dimension) -> Iterator[tuple[TaskResults, dict[str, str]]]:
    """The tasks in which samples of a dimension are left out, with these samples and why."""
    if run.settings.bad_rows is not BadRows.SKIP or not run.inference_stats.failed:
        return
    ids = dict.fromkeys(run.benchmark_of(dimension).sample_ids(dimension))
    for task in (task for each in run.evaluators.values() for task in each.task_results()):
        missing = {id: task.left_out[id] for id in ids if id in task.left_out}
        if missing and task.benchmark == dimension.benchmark:
            yield task, missing

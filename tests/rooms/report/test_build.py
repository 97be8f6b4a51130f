"""The report of a run, built from runs that might have been saved."""

from dataclasses import replace
from pathlib import Path

import pytest
from accepted_answers import LEAF, accepted, task_results
from gated_project import Project
from hypothesis import given
from hypothesis import strategies as st
from reports import regression, score, small_report, snapshot
from saved_runs import saved

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.gates.judge import Judge
from pytest_mmbench.gates.snapshot import details, judge_snapshot
from pytest_mmbench.gates.verdicts import (
    ConditionScore,
    FlipKind,
    SnapshotVerdict,
    Verdict,
    VisionVerdict,
)
from pytest_mmbench.records import Dimension, Method, Outcome, Role, Sample
from pytest_mmbench.report.build import ReportInput, build_report, decide
from pytest_mmbench.report.document import ReasonGate, Release, Report
from pytest_mmbench.results.rows import DimensionTree, SampleResult
from pytest_mmbench.results.run_file import SavedRun
from pytest_mmbench.results.snapshots import SnapshotAnswers

COUNTING = "shapes.fine-grained-perception.counting"
PERCEPTION = "shapes.fine-grained-perception"


def report_of(models: dict[Role, SavedRun], *paths: str) -> Report:
    """Of these dimensions, against thresholds, and against the baseline if there is one."""
    tree, shapes = models[Role.CANDIDATE].trees["shapes"], Shapes(per_axis=3)
    settings = Project(rootdir=Path(__file__).parent).settings()
    judge = Judge(settings, {"shapes": tree}, models, rotations={})
    nodes = [node for node in tree.nodes if node.path in paths]
    verdicts: list[Verdict] = [judge.capability(node) for node in nodes]
    if Role.BASELINE in models:
        verdicts += [judge.regression(node, nodes) for node in nodes]
    data = ReportInput(
        settings=settings,
        judge=judge,
        verdicts=verdicts,
        models=models,
        run=small_report().run,
        sample=lambda _, sample: shapes.sample(sample),
    )
    return build_report(data, notes=["first"])


def test_a_run_without_a_baseline() -> None:
    """The candidate's verdicts as they are, in their tree; and nothing was gated."""
    report = report_of({Role.CANDIDATE: saved(wrong=[COUNTING])}, "shapes", COUNTING)

    assert [(each.name, each.role) for each in report.models] == [("old", Role.CANDIDATE)]
    assert [(each.dimension, each.correct) for each in report.candidate.scores] == [
        *(("shapes", 51), (COUNTING, 0))
    ]
    assert report.decision.release is Release.NOTHING_GATED
    assert [each.path for each in report.dimensions] == ["shapes", COUNTING]
    assert (report.regression, report.vision, report.changed_answers) == ((), (), ())
    assert report.notes == ("first",)


def test_how_a_benchmark_was_asked() -> None:
    """Method and scoring, and how many samples of how many."""
    (ranked,) = report_of({Role.CANDIDATE: saved()}, "shapes").benchmarks
    (free,) = report_of({Role.CANDIDATE: saved(method=Method.GENERATE)}, "shapes").benchmarks

    assert (ranked.method, ranked.scoring) == ("rank", "")
    assert (free.method, free.scoring) == ("generate", "strict")
    assert (ranked.total, ranked.published_total) == (54, 54)


def test_a_run_against_a_baseline() -> None:
    """Both models' scores side by side, and each changed answer once, with its question."""
    models = {
        Role.CANDIDATE: saved(name="new", wrong=[COUNTING]),
        Role.BASELINE: saved(name="old", wrong=["counting-0001"]),
    }

    report = report_of(models, "shapes", PERCEPTION, COUNTING)

    assert [(each.name, each.role) for each in report.models] == [
        *(("new", Role.CANDIDATE), ("old", Role.BASELINE))
    ]
    assert [each.correct for each in report.models[1].scores] == [53, 8, 2]
    assert [(each.regressed, each.fixed) for each in report.regression] == [(2, 0)] * 3
    changed = {each.sample: each for each in report.changed_answers}
    assert list(changed) == ["counting-0000", "counting-0002"]
    assert {each.kind for each in changed.values()} == {FlipKind.REGRESSED}
    first = changed["counting-0000"]
    assert first.dimension == COUNTING
    assert first.baseline.answer == first.target != first.candidate.answer
    assert len(first.candidate.option_logprobs) == len(first.options)


def sample(benchmark: str, id: str) -> Sample:
    return Sample(
        id=id, dimension=f"{benchmark}.d", question="How many?", options=(), target="three"
    )


def answering(actual: SnapshotAnswers) -> SavedRun:
    """A run whose model answers that."""
    rows = {
        id: SampleResult(sample=id, mark=each.mark, answer=each.answer, target="three", options=0)
        for id, each in actual.answers.items()
    }
    nodes = tuple(Dimension(path=path, leaves=(LEAF,), size=len(rows)) for path in ("b", LEAF))
    return SavedRun(
        model="new",
        fingerprint="",
        tolerance=0.01,
        created="",
        facts={},
        trees={"b": DimensionTree(nodes=nodes, views={})},
        tasks=(task_results(rows),),
    )


def snapshot_report(verdict: SnapshotVerdict, actual: SnapshotAnswers) -> Report:
    models = {Role.CANDIDATE: answering(actual)}
    settings = Project(rootdir=Path(__file__).parent).settings()
    data = ReportInput(
        settings=settings,
        judge=Judge(settings, models[Role.CANDIDATE].trees, models, rotations={}),
        verdicts=[verdict],
        models=models,
        run=small_report().run,
        sample=sample,
    )
    return build_report(data)


def test_a_report_lists_what_the_case_counts() -> None:
    """Also what is correct in another way: whoever accepted `three` has not seen `3`."""
    expected, actual = accepted("threer twow threer"), accepted("3r threer twow")
    verdict = judge_snapshot(expected, actual)

    report = snapshot_report(verdict, actual)

    assert len(report.changed_answers) == len(verdict.changes)
    assert {each.sample: each.kind for each in report.changed_answers} == {
        "s0": FlipKind.STILL_CORRECT,
        "s1": FlipKind.FIXED,
        "s2": FlipKind.REGRESSED,
    }
    assert report.snapshots == (verdict,)
    assert report.decision.release is Release.STOP


def test_answers_that_are_accepted_now_are_no_changes() -> None:
    """They have replaced those of the snapshot; the verdict says how many did."""
    expected, actual = accepted("Ar"), accepted("Bw")

    report = snapshot_report(judge_snapshot(expected, actual, updated=True), actual)

    assert report.changed_answers == ()
    assert [(each.outcome, each.regressed) for each in report.snapshots] == [(Outcome.NOT_GATED, 1)]


def test_a_case_beside_a_baseline_says_where_its_changes_are_listed() -> None:
    """The report of such a run lists what changed since the baseline."""
    verdict = judge_snapshot(accepted("Ar"), accepted("Bw"))

    assert "  see all       add --mm-html=FILE, and name no baseline" in details(
        verdict, baseline="old"
    )


FINE = score("shapes", 30, 40, "0.6")
LOW = score("shapes.math", 10, 40, "0.6")
UNGATED = score("shapes.colour", 10, 40)


def vision(outcome: Outcome) -> VisionVerdict:
    image = ConditionScore(name="image", accuracy=0.9, total=40)
    return VisionVerdict(
        dimension="shapes", conditions=(image,), chance=0.25, outcome=outcome, explanation="b"
    )


def test_everything_passed() -> None:
    """Ship, and the reason is what the top of the tree says."""
    decision = decide([FINE, score("shapes.math", 39, 40, "0.6")])

    assert decision.release is Release.SHIP
    assert [each.dimension for each in decision.reasons] == ["shapes"]
    assert (decision.gates, decision.passed) == (2, 2)


def test_one_gate_failed() -> None:
    """Do not ship, and only what failed is a reason."""
    decision = decide([FINE, LOW, UNGATED])

    assert decision.release is Release.STOP
    assert [each.explanation for each in decision.reasons] == [LOW.explanation]
    assert (decision.gates, decision.passed) == (2, 1)


def test_a_gate_that_is_invalid() -> None:
    """Unparseable answers stop a release as a failure does, and come first."""
    invalid = regression("shapes.a", outcome=Outcome.INVALID)

    decision = decide([LOW, invalid])

    assert decision.release is Release.STOP
    gates = [each.gate for each in decision.reasons]
    assert gates == [ReasonGate.REGRESSION, ReasonGate.CAPABILITY]
    assert decide([FINE, invalid]).release is Release.STOP


@pytest.mark.parametrize("strict", [False, True])
def test_something_is_open(strict: bool) -> None:  # noqa: FBT001 - what the test is about
    """Inconclusive, which is no release where the run is strict."""
    decision = decide([FINE, regression("x", outcome=Outcome.INCONCLUSIVE)], strict=strict)

    assert decision.release is (Release.STOP if strict else Release.UNDECIDED)


def test_nothing_was_gated() -> None:
    """Numbers alone are no pass, whatever they are; unparseable answers gate nothing either."""
    invalid = replace(UNGATED, outcome=Outcome.INVALID)

    decision = decide([UNGATED, invalid, vision(Outcome.NOT_GATED)])

    assert decision.release is Release.NOTHING_GATED
    assert (decision.gates, decision.reasons) == (0, ())


def test_a_run_that_ended_early() -> None:
    """What passed is no release as long as the rest is not known; a failure stays one."""
    assert decide([FINE], unfinished="ended").release is Release.UNDECIDED
    assert decide([UNGATED], unfinished="ended").release is Release.UNDECIDED
    assert decide([LOW], unfinished="ended").release is Release.STOP
    assert decide([FINE], unfinished="ended").reasons[0].gate is ReasonGate.RUN


@pytest.mark.parametrize(
    ("verdict", "gate"),
    [
        (regression("shapes", outcome=Outcome.FAIL), ReasonGate.REGRESSION),
        (vision(Outcome.FAIL), ReasonGate.VISION),
        (snapshot("shapes", Outcome.FAIL), ReasonGate.SNAPSHOT),
    ],
)
def test_every_gate_can_stop_a_release(verdict: Verdict, gate: ReasonGate) -> None:
    """Thresholds passed, and still one other gate says no."""
    decision = decide([FINE, verdict])

    assert decision.release is Release.STOP
    assert [each.gate for each in decision.reasons] == [gate]


@given(st.lists(st.sampled_from(Outcome)), st.booleans())
def test_one_more_gate_never_makes_a_release_easier(outcomes: list[Outcome], strict: bool) -> None:  # noqa: FBT001 - drawn
    """A decision only moves from ship over undecided to stop as verdicts are added."""
    order = [Release.NOTHING_GATED, Release.SHIP, Release.UNDECIDED, Release.STOP]
    verdicts = [regression(f"d{at}", outcome=each) for at, each in enumerate(outcomes)]

    releases = [
        decide(verdicts[:count], strict=strict).release for count in range(len(verdicts) + 1)
    ]

    assert releases == sorted(releases, key=order.index)
    assert releases[0] is Release.NOTHING_GATED


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_reasons_are_sorted(outcomes: list[Outcome]) -> None:
    """The gravest reasons come first, then those about the most, then the order of the tree."""
    verdicts = [
        regression(f"d{at:03}" + ".x" * (at % 3), outcome=each) for at, each in enumerate(outcomes)
    ]

    reasons = decide(verdicts).reasons

    keys = [(each.outcome.severity, each.dimension.count("."), each.dimension) for each in reasons]
    assert keys == sorted(keys)

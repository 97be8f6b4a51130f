"""`--mm-baseline`: the candidate beside another model."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

CASE = "mmbench/test_regression.py::test_regression"
PER_AXIS = 40


@pytest.fixture
def large(project: Any) -> Any:
    """A project with as many samples as a comparison needs."""
    from pytest_mmbench.benchmarks.shapes import Shapes  # noqa: PLC0415 - as the fixture does

    project.shapes = Shapes(per_axis=PER_AXIS)
    project.file("mmbench.toml", f"[benchmarks.shapes]\nper-axis = {PER_AXIS}\n")
    return project


def baseline(project: Any, changes: Mapping[str, str] | None = None) -> str:
    """The option that names another scripted model."""
    option: str = project.model(changes)
    (project.path / "answers.json").rename(project.path / "old.json")
    return option.replace("--mm-model=scripted:answers.json", "--mm-baseline=scripted:old.json")


@pytest.mark.parametrize("flag", ["--mm-baseline", "--mm-base-llm"])
def test_a_checkpoint_that_is_missing_is_told_before_any_is_loaded(project: Any, flag: str) -> None:
    """It would be loaded last, when the candidate has been asked everything."""
    result = project.run("--mm-model=scripted:first", f"{flag}=./relesed")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mmbench: there is no checkpoint folder '*relesed'."])
    assert not (project.path / ".mmbench").exists()


def test_the_name_of_a_baseline_is_nearly_right(project: Any) -> None:
    """What is no folder may have been meant for a baseline that is kept by name."""
    project.file("mm_baselines/released.json", "")

    result = project.run("--mm-model=scripted:first", "--mm-baseline=relesed")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*there is no checkpoint folder 'relesed'.", "  did you mean *'released'[?]"]
    )


def test_a_baseline_of_a_fixture_needs_no_folder(project: Any) -> None:
    """Whoever overrides `mm_baseline` may give it any name."""
    project.write(
        conftest="""
            import pytest
            from pytest_mmbench.models.scripted import ScriptedModel

            @pytest.fixture(scope="session")
            def mm_baseline():
                return ScriptedModel({}, otherwise="B")
        """
    )

    assert project.run("--mm-model=scripted:first", "--mm-baseline=./ours", "--co").ret == 0
    result = project.run("--mm-model=scripted:first", "--mm-baseline=./ours")
    result.stdout.fnmatch_lines(["against scripted*, in points, *"])


def test_there_is_a_case_for_every_dimension(project: Any) -> None:
    """A baseline adds one case for each node; without one there is none."""
    with_one = project.run(project.model(), "--mm-baseline=scripted:first", "--co", "-q")
    without = project.run(project.model(), "--co", "-q")

    cases = [line for line in with_one.outlines if line.startswith(CASE)]
    assert cases == [f"{CASE}[{node.path}]" for node in project.shapes.dimensions()]
    assert not [line for line in without.outlines if line.startswith(CASE)]


def test_a_regression_fails_and_is_named(large: Any) -> None:
    """Dimensions that fell significantly fail with integers and p; the others pass."""
    old = baseline(large)
    new = large.model(large.wrong("shapes.math.addition"))

    result = large.run(old, new, "-k", "test_regression")

    fell = "shapes.math.addition fell by 1.000 (1.000 to 0.000; 40 regressed, 0 fixed of 40), p = *"
    result.stdout.fnmatch_lines(
        [f"{fell} (mid-p McNemar), * after Holm, 25 tests: significantly worse"]
    )
    failed = [line.split(" ")[1] for line in result.outlines if line.startswith("FAILED")]
    assert failed == [
        f"{CASE}[{path}]" for path in ("shapes", "shapes.math", "shapes.math.addition")
    ]
    assert result.ret == 1


def test_the_same_answers_pass(large: Any) -> None:
    """Another model with the same answers is no regression."""
    old = baseline(large)
    new = large.model({"no such sample": "A"})

    result = large.run(old, new, "-k", "test_regression")

    result.assert_outcomes(passed=25, deselected=25)
    assert result.ret == 0


def test_what_cannot_be_told_is_inconclusive(project: Any) -> None:
    """A few samples cannot show that the whole is no worse: a warning, and strictly a failure."""
    old = baseline(project)
    new = project.model(project.wrong("shapes.math.digits"))
    thresholds = "\n".join(f'"{node.path}" = 0' for node in project.shapes.dimensions())
    project.file("mmbench.toml", f"[benchmarks.shapes]\nper-axis = 2\n[thresholds]\n{thresholds}\n")

    lenient = project.run(old, new, "-k", "test_regression")
    strict = project.run(old, new, "-k", "test_regression", "--mm-strict")

    lenient.stdout.fnmatch_lines(
        ["*shapes fell by 0.056 * perhaps worse by more than the margin 0.02; *"]
    )
    assert (lenient.ret, strict.ret) == (0, 1)


def test_only_samples_that_both_were_asked_are_compared(large: Any) -> None:
    """A limit leaves the same samples of both."""
    old = baseline(large)
    new = large.model(large.wrong("shapes.math.addition"))

    result = large.run(old, new, "-k", "test_regression", "--mm-limit=540")

    result.stdout.fnmatch_lines(
        ["shapes.math.addition fell by 1.000 (* 30 regressed, 0 fixed of 30)*"]
    )


SAME = "baseline and candidate are the same checkpoint (same fingerprint): *"


def test_a_checkpoint_beside_itself_passes_with_a_note(project: Any) -> None:
    """However few its samples are: no number of them could show more. Every form says so."""
    old, new = baseline(project), project.model()
    project.file("mmbench.toml", '[gate]\nundecided = "fail"\n[benchmarks.shapes]\nper-axis = 2\n')

    result = project.run(old, new, "--mm-html=r.html", "--mm-markdown=r.md", "--mm-json=r.json")

    result.stdout.fnmatch_lines(["36 answers in *, 36 cached*", SAME, "SHIP: *"])
    assert result.ret == 0
    for name in ("r.html", "r.md", "r.json"):
        assert SAME[:-3] in (project.path / name).read_text(encoding="utf-8").replace("\\", "")


@pytest.mark.slow  # three pytest processes share one run
def test_workers_compare_a_checkpoint_with_itself(project: Any) -> None:
    """Its answers are there for both; only asked afresh, one would replace the other."""
    old, new = baseline(project), project.model()

    shared = project.run_apart(old, new, "-p", "xdist", "-n2")
    afresh = project.run_apart(old, new, "-p", "xdist", "-n2", "--mm-fresh")

    shared.stdout.fnmatch_lines([SAME, "SHIP: *"])
    assert (shared.ret, afresh.ret) == (0, 4)
    afresh.stdout.fnmatch_lines(["*leave out -n, or name a saved run as the baseline*"])


def test_a_checkpoint_asked_afresh_may_be_its_own_baseline(project: Any) -> None:
    """What it said before is compared with what it says now: here they are the same."""
    old, new = baseline(project), project.model()
    project.run(new)

    result = project.run(old, new, "--mm-fresh")

    result.stdout.fnmatch_lines(["36 answers in *, 36 cached*"])
    assert result.ret == 0


def test_numbers_of_the_comparison_are_in_junit(large: Any) -> None:
    """What decided can be read by other programs."""
    old = baseline(large)
    new = large.model(large.wrong("shapes.math.addition"))

    large.run(old, new, "-k", "test_regression and addition", "--junit-xml=junit.xml")

    text = (large.path / "junit.xml").read_text(encoding="utf-8")
    assert '<property name="mm_regressed" value="40"' in text
    assert '<property name="mm_dimension" value="shapes.math.addition"' in text


def test_a_baseline_of_ones_own(large: Any) -> None:
    """A fixture of a conftest file brings one, whatever the option says."""
    large.model(large.wrong("shapes.math"))
    (large.path / "answers.json").rename(large.path / "bad.json")
    large.write(
        conftest="""
            import pytest
            from pytest_mmbench.models.scripted import load

            @pytest.fixture(scope="session")
            def mm_baseline():
                return load("scripted:bad.json")
        """
    )

    result = large.run(large.model(), "--mm-baseline=mine", "-k", "test_regression")

    assert result.ret == 0
    assert json.loads((large.path / "bad.json").read_text(encoding="utf-8"))["answers"]


def test_workers_share_both_models(large: Any) -> None:
    """Under pytest-xdist both are asked once, and the verdicts are the same."""
    old = baseline(large)
    new = large.model(large.wrong("shapes.math.addition"))

    result = large.run_apart(old, new, "-k", "test_regression", "-p", "xdist", "-n2")

    failed = {line.split(" ")[1] for line in result.outlines if line.startswith("FAILED")}
    assert failed == {
        f"{CASE}[{path}]" for path in ("shapes", "shapes.math", "shapes.math.addition")
    }


def test_a_run_that_is_cut_short_reports_what_its_cases_said(large: Any) -> None:
    """Six of 40 lost are no regression among 24 dimensions, also if only three were come to."""
    against = baseline(large)
    lost = large.ids("shapes.coarse-perception.background")[:6]
    wrong = large.wrong("shapes.coarse-perception.background")
    model = large.model({id: wrong[id] for id in lost})
    large.file(
        "stopping.py",
        "import pytest\n\n\ndef pytest_runtest_logfinish(nodeid):\n"
        "    if nodeid.endswith('background]'):\n        pytest.exit('enough')\n",
    )
    large.pytester.syspathinsert()

    large.run(model, against, "-k", "test_regression", "-p", "stopping", "--mm-json=report.json")

    report = json.loads((large.path / "report.json").read_text(encoding="utf-8"))
    assert [each["outcome"] for each in report["regression"]] == ["pass"] * 3
    assert "after Holm, 25 tests" in report["regression"][2]["explanation"]
    assert report["decision"]["release"] == "undecided"


@pytest.mark.slow  # it starts a process that loads pytest
def test_a_run_whose_worker_dies_reports_what_its_cases_said(large: Any) -> None:
    """The process that writes the reports knows the family from what the worker has left."""
    pytest.importorskip("xdist")
    against = baseline(large)
    lost = large.ids("shapes.coarse-perception.background")[:6]
    wrong = large.wrong("shapes.coarse-perception.background")
    model = large.model({id: wrong[id] for id in lost})
    large.file(
        "dying.py",
        "import os\n\n\ndef pytest_runtest_logfinish(nodeid):\n"
        "    if 'PYTEST_XDIST_WORKER' in os.environ and nodeid.endswith('background]'):\n"
        "        os._exit(3)\n",
    )
    large.pytester.syspathinsert()
    xdist = ("-p", "xdist", "-n1", "--max-worker-restart=0", "-p", "dying")

    large.run_apart(model, against, "-k", "test_regression", *xdist, "--mm-json=report.json")

    report = json.loads((large.path / "report.json").read_text(encoding="utf-8"))
    assert [each["outcome"] for each in report["regression"]] == ["pass"] * 3
    assert "after Holm, 25 tests" in report["regression"][2]["explanation"]
    assert report["decision"]["release"] == "undecided"

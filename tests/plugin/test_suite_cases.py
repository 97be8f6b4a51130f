"""The shipped cases in the tree that pytest collects."""

from typing import Any

import pytest

MODEL = "--mm-model=scripted:first"
CASE = "mmbench/test_capability.py::test_capability"


def test_every_dimension_is_a_case(project: Any) -> None:
    """One case for each node of the tree, with the node's path as its id, in an empty project."""
    result = project.run(MODEL, "--collect-only", "-q")

    assert [line for line in result.outlines if "::" in line] == [
        f"{CASE}[{node.path}]" for node in project.shapes.dimensions()
    ]


def test_cases_are_counted(project: Any) -> None:
    """The project's own tests and the cases run together, and the count is right."""
    project.write(test_own="def test_own(): pass")

    result = project.run(MODEL)

    result.stdout.fnmatch_lines(["collected 26 items", "test_own.py .*", "mmbench/test_capab* .*"])
    result.assert_outcomes(passed=26, warnings=1)
    assert result.ret == 0


def test_collecting_asks_nothing(project: Any) -> None:
    """`--collect-only` needs no checkpoint and leaves no answer behind."""
    result = project.run("--mm-model=no/such/checkpoint", "--collect-only", "-q")

    assert result.ret == 0
    assert not (project.path / ".mmbench").exists()


def test_collecting_loads_nothing_heavy(project: Any) -> None:
    """Neither a model's libraries nor one that decodes pictures is loaded by collecting."""
    project.write(
        conftest="""
            import sys
            def pytest_unconfigure():
                print("LOADED", sorted(HEAVY & set(sys.modules)))
            HEAVY = {"torch", "transformers", "datasets", "PIL", "numpy", "scipy"}
        """
    )

    result = project.run_apart("--mm-model=checkpoint", "--collect-only", "-q")

    result.stdout.fnmatch_lines(["LOADED *[[]]"])


@pytest.mark.parametrize(
    ("args", "passed", "deselected"),
    [
        (["-k", "math"], 4, 22),
        (["-k", "shapes.math.addition"], 1, 25),
        (["-k", "own"], 1, 25),
        (["-m", "mmbench"], 25, 1),
        (["-m", "not mmbench"], 1, 25),
        (["--deselect", f"{CASE}[shapes]"], 25, 1),
    ],
)
def test_cases_are_selected_like_others(
    project: Any, args: list[str], passed: int, deselected: int
) -> None:
    """`-k`, `-m` and `--deselect` know the names and the marker of the cases."""
    project.write(test_own="def test_own(): pass")

    result = project.run(MODEL, *args)

    outcomes = result.parseoutcomes()
    assert (outcomes["passed"], outcomes["deselected"]) == (passed, deselected)


def test_the_marker_is_registered(project: Any) -> None:
    """Strict markers and strict configuration accept what the plugin brings."""
    result = project.run(MODEL, "--strict-markers", "--strict-config", "-m", "mmbench")

    assert result.ret == 0


def test_last_failed_runs_what_failed(project: Any) -> None:
    """`--lf` runs the failed cases again, also if a test of the project failed beside them."""
    project.write(test_own="def test_bad(): assert False\ndef test_good(): pass")
    project.settings(shapes__math="0.9", shapes__math__addition="0.9")
    model = project.model(project.wrong("shapes.math.addition"))
    first = project.run(model)

    again = project.run(model, "--lf", "-v")

    first.assert_outcomes(failed=3, passed=24)
    again.assert_outcomes(failed=3)
    again.stdout.fnmatch_lines([f"{CASE}[[]shapes.math[]] FAILED*"])


def test_last_failed_alone(project: Any) -> None:
    """`--lf` leaves the project's tests out if only cases had failed."""
    project.write(test_own="def test_good(): pass")
    project.settings(shapes__math="0.9")
    model = project.model(project.wrong("shapes.math"))
    project.run(model)

    project.run(model, "--lf").assert_outcomes(failed=1, deselected=25)


def test_the_first_failure_can_end_the_run(project: Any) -> None:
    """`-x` stops after one failed case."""
    project.settings(shapes="0.9", shapes__math="0.9")
    model = project.model(project.wrong("shapes"))

    project.run(model, "-x").assert_outcomes(failed=1)


def test_naming_rules_of_a_project_do_not_hide_the_cases(project: Any) -> None:
    """A project whose tests are called otherwise is judged nevertheless."""
    project.pytester.makeini("[pytest]\npython_functions = check_*\npython_files = spec_*.py\n")

    project.run(MODEL).assert_outcomes(passed=25, warnings=1)


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_cases_do_not_depend_on_the_import_mode(project: Any, mode: str) -> None:
    """Each of pytest's ways to import a test file finds the cases."""
    project.run(MODEL, f"--import-mode={mode}").assert_outcomes(passed=25, warnings=1)


def test_settings_of_pytest_may_name_every_option(project: Any) -> None:
    """Options work from `addopts` too."""
    project.pytester.makeini(f"[pytest]\naddopts = {MODEL} --mm-limit=18 -k shapes.math\n")

    result = project.run()

    result.stdout.fnmatch_lines(["mmbench: model scripted:first, shapes (18 samples, rank)*"])
    result.assert_outcomes(passed=4, deselected=21, warnings=1)


def test_without_the_plugin_nothing_is_known(project: Any) -> None:
    """`-p no:mmbench` takes the options away as well."""
    project.write(test_own="def test_own(): pass")

    run = project.pytester.runpytest_inprocess

    assert run("-p", "no:mmbench").parseoutcomes() == {"passed": 1}
    assert run("-p", "no:mmbench", MODEL).ret == pytest.ExitCode.USAGE_ERROR


def test_a_run_without_a_terminal(project: Any) -> None:
    """`-p no:terminal` judges and says nothing."""
    project.settings(shapes__math="0.9")
    model = project.model(project.wrong("shapes.math"))

    result = project.run(model, "-p", "no:terminal")

    assert result.ret == pytest.ExitCode.TESTS_FAILED

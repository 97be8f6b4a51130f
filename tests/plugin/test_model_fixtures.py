"""Fixtures that users override, and claims that they write themselves."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

MODEL = "--mm-model=scripted:first"
OWN_MODEL = """
import pytest
from pytest_mmbench.models.scripted import ScriptedModel

@pytest.fixture(scope="session")
def mm_model():
    return ScriptedModel({}, otherwise="B", name="mine")
"""
CASE = "mmbench/test_capability.py::test_capability"


@pytest.mark.parametrize("conftest", ["conftest.py", "tests/conftest.py"])
@pytest.mark.parametrize("args", [[], ["tests"], [f"{CASE}[shapes]"]])
def test_a_model_of_ones_own(project: Any, conftest: str, args: list[str]) -> None:
    """A conftest file brings another model; what `--mm-model` names need not exist then."""
    project.file(conftest, OWN_MODEL)
    project.file("tests/test_own.py", "def test_same(mm_model): assert mm_model.name == 'mine'")
    project.settings(shapes="0.2")

    result = project.run("--mm-model=mine", "-v", *args)

    assert result.ret == 0
    result.stdout.fnmatch_lines([f"{CASE}[[]shapes[]] PASSED*"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_what_a_model_says_of_itself_stands_in_the_report(project: Any, workers: list[str]) -> None:
    """Once, whoever asked it; a run whose answers are all cached has nothing to say."""
    text = """
        class Speaking(ScriptedModel):
            notes = ()
            def self_check(self, requests):
                assert requests
                self.notes = ("self-check: prompts are asked one by one",)
    """
    own = OWN_MODEL.replace("@pytest.fixture", dedent(text) + "@pytest.fixture")
    project.file("conftest.py", own.replace("return ScriptedModel", "return Speaking"))
    note = "mine: self-check: prompts are asked one by one"

    first = project.run("--mm-model=mine", "-W", "ignore")
    again = project.run("--mm-model=mine", "-W", "ignore")

    assert first.ret == again.ret == 0
    assert first.stdout.str().count(note) == 1
    assert note not in again.stdout.str()


def test_a_model_fixture_under_another_name(project: Any) -> None:
    """`@pytest.fixture(name="mm_model")` counts as well."""
    text = OWN_MODEL.replace('scope="session"', 'name="mm_model", scope="session"')
    project.file("conftest.py", text.replace("def mm_model", "def _mine"))

    assert project.run("--mm-model=no/such/folder", "-W", "ignore").ret == 0


def test_claims_run_for_every_dimension(project: Any) -> None:
    """A test that asks for a dimension becomes 25 tests, which share the answers with the cases."""
    project.write(
        test_own="""
            def test_enough(mm_dimension, mm_tally):
                assert mm_tally.dimension == mm_dimension.path
                assert mm_tally.total == mm_dimension.size
        """
    )

    result = project.run(MODEL)

    result.assert_outcomes(passed=50, warnings=1)
    result.stdout.fnmatch_lines(["36 answers in *"])


@pytest.mark.parametrize("names", ['"mm_dimension", ', 'argnames="mm_dimension", argvalues='])
def test_a_claim_about_named_dimensions(project: Any, names: str) -> None:
    """A test may be parametrised by hand over the names of dimensions."""
    project.write(
        test_own=f"""
            import pytest
            @pytest.mark.parametrize({names}["shapes.math", "shapes"])
            def test_better(mm_dimension, mm_verdict):
                assert mm_verdict.dimension == mm_dimension
        """
    )

    project.run(MODEL, "test_own.py").assert_outcomes(passed=2)


def test_a_claim_about_an_unknown_dimension(project: Any) -> None:
    """A name with a typing error is told with the nearest one, without a traceback."""
    project.write(
        test_own="""
            import pytest
            @pytest.mark.parametrize("other, mm_dimension", [(1, "shapes.meth")])
            def test_better(other, mm_dimension, mm_tally): pass
        """
    )

    result = project.run(MODEL, "test_own.py")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "mmbench: dimension 'shapes.meth' is not in this run.",
            "  asked for by   test_own.py::test_better[[]1-shapes.meth[]]",
            "  did you mean   'shapes.math'[?]",
        ]
    )


def test_only_what_is_needed_is_asked(project: Any) -> None:
    """The model is asked for the selected dimensions alone."""
    result = project.run(MODEL, "-k", "shapes.math")

    result.stdout.fnmatch_lines(["6 answers in *"])


def test_nothing_is_asked_twice(project: Any) -> None:
    """A second run finds its answers in the store, and `--mm-fresh` asks again."""
    project.run(MODEL)

    project.run(MODEL).stdout.fnmatch_lines(["no new answers, 36 cached; *"])
    project.run(MODEL, "--mm-fresh").stdout.fnmatch_lines(["36 answers in *"])


def test_a_limit_spreads_over_the_dimensions(project: Any) -> None:
    """With a limit the same samples are asked under `-k` as without it."""
    whole = project.run(MODEL, "--mm-limit=18", "-v")
    part = project.run(MODEL, "--mm-limit=18", "-v", "-k", "shapes.math")

    whole.stdout.fnmatch_lines(["18 answers in *"])
    part.stdout.fnmatch_lines(["no new answers, 3 cached; *"])


def test_a_dimension_without_samples_is_skipped(project: Any) -> None:
    """A limit below the number of leaves leaves some empty: their cases say so."""
    result = project.run(MODEL, "--mm-limit=4", "-rs")

    result.assert_outcomes(passed=7, skipped=18, warnings=1)
    result.stdout.fnmatch_lines(["SKIPPED * a limit of 4 leaves no sample of shapes.*"])


OTHER = """
import pytest
from pytest_mmbench.models.scripted import ScriptedModel

@pytest.fixture(scope="session")
def mm_model():
    return {}
"""


def test_the_report_names_who_was_asked(project: Any) -> None:
    """An overridden model is told in the header, and its own name stands in the summary."""
    project.file("tests/conftest.py", OTHER.format('ScriptedModel({}, name="stand-in")'))

    result = project.run("--mm-model=checkpoints/candidate", "-k", "addition")

    conftest = Path("tests") / "conftest.py"
    result.stdout.fnmatch_lines(
        [
            f"mmbench: mm_model comes from {conftest}, not from --mm-model",
            "*model stand-in, method rank",
        ]
    )


@pytest.mark.parametrize("given", ["object()", "None"])
def test_what_is_no_model_ends_the_run(project: Any, given: str) -> None:
    """One sentence says what it lacks, and nothing is judged."""
    project.file("conftest.py", OTHER.format(given))

    result = project.run("--mm-model=mine")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mmbench: mm_model gave *, which has no name, fingerprint, *"])


SKIPPING = """
import pytest

@pytest.fixture(scope="session")
def mm_model():
    pytest.skip("no accelerator here")
"""


def test_a_model_that_is_skipped_is_no_pass(project: Any) -> None:
    """Where gates wait for it the run ends with exit code 4; where nothing does, it is skipped."""
    project.write(conftest=SKIPPING)
    project.run(MODEL, "-W", "ignore").assert_outcomes(skipped=25)
    project.settings(shapes="0")

    result = project.run(MODEL)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(
        [
            "mmbench: mm_model was skipped, and gates wait for it.",
            "  reason       no accelerator here",
        ]
    )


SKIPS = {
    "a fixture": """
        import pytest

        @pytest.fixture(autouse=True)
        def accelerated():
            pytest.skip("no accelerator")
    """,
    "a mark": """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.skip(reason="no accelerator"))
    """,
}


@pytest.mark.parametrize("by", SKIPS)
def test_a_gate_that_is_skipped_is_no_pass(project: Any, by: str) -> None:
    """Whatever skips it: the case of a dimension that has a threshold fails, and no other one."""
    project.settings(shapes="0")
    project.write(conftest=SKIPS[by], test_own="def test_own(): pass")

    result = project.run(MODEL)

    result.assert_outcomes(skipped=25, errors=1)
    result.stdout.fnmatch_lines(["shapes has a threshold and was skipped: no accelerator"])


def test_an_expected_failure_is_no_pass(project: Any) -> None:
    """A gate that is marked with xfail may fail its case, and still decides about the release."""
    text = SKIPS["a mark"].replace("skip", "xfail")
    project.settings(shapes="0.9")
    project.write(conftest=text.replace("items:", "items[:1]:"))

    result = project.run(MODEL)

    result.assert_outcomes(passed=24, xfailed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["DO NOT SHIP: 0 of 1 gate passed"])


def test_a_claim_without_a_model_is_skipped_in_silence(project: Any) -> None:
    """Where no model is named, what users wrote about one is skipped, also under `-W error`."""
    project.write(test_own="def test_own(mm_tally): assert mm_tally.accuracy > 0.3")

    project.run("-W", "error").assert_outcomes(skipped=1)


def test_a_method_that_a_model_lacks_is_told_once(project: Any) -> None:
    """A server without likelihoods, asked to rank: one error that names another method, and 4."""
    project.write(
        conftest="""
            import pytest
            from pytest_mmbench.models.scripted import ScriptedModel

            class Server(ScriptedModel):
                def rank(self, requests):
                    raise NotImplementedError("it gives no likelihoods")

            @pytest.fixture(scope="session")
            def mm_model():
                return Server({}, name="server")
        """
    )

    result = project.run(MODEL)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(errors=1)
    told = "mmbench: the model * cannot do what it is asked: it gives no likelihoods."
    result.stdout.fnmatch_lines([told, "*name another --mm-method"])


def test_a_model_of_one_module_is_not_the_candidate(project: Any) -> None:
    """A fake for tests of one's own comes first, and must not be what the gates judge."""
    own = "def test_own(mm_tally): assert mm_tally.total"
    mark = '@pytest.mark.parametrize("mm_dimension", ["shapes.math"])'
    project.file("test_own.py", f"{OWN_MODEL}\n{mark}\n{own}\n")
    project.settings(shapes="0.1")

    result = project.run(MODEL)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*mm_model gave two models in one run.*"])

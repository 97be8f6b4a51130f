"""Files, folders and node ids on the command line."""

from pathlib import Path
from typing import Any

import pytest

MODEL = "--mm-model=scripted:first"
CASE = "mmbench/test_capability.py::test_capability"


@pytest.fixture
def tested(project: Any) -> Any:
    """A project with a folder of tests."""
    project.file("tests/test_own.py", "def test_own(): pass\ndef test_other(): pass\n")
    return project


@pytest.mark.parametrize("start", ["", "./", "{rootdir}/"])
def test_a_node_id_selects_its_case(tested: Any, start: str) -> None:
    """An id that pytest printed can be pasted back, and nothing else runs."""
    result = tested.run(MODEL, f"{start.format(rootdir=tested.path)}{CASE}[shapes.math]")

    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["collected 1 item"])


@pytest.mark.parametrize("typed", ["mmbench", "mmbench/", "mmbench/test_capability.py", CASE])
def test_the_suite_can_be_named(tested: Any, typed: str) -> None:
    """The suite, its file and its function stand for all their cases."""
    tested.run(MODEL, typed).assert_outcomes(passed=25, warnings=1)


def test_an_id_pasted_in_another_folder(tested: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids are printed relative to the working directory and understood there."""
    tested.pytester.makeini("[pytest]\n")
    tested.settings(shapes__math="0.9")
    model = tested.model(tested.wrong("shapes.math"))
    answers = f"--mm-model=scripted:{tested.path / 'answers.json'}"
    monkeypatch.chdir(tested.path / "tests")
    printed = tested.run(answers, "-q")
    (line,) = [line for line in printed.outlines if line.startswith("FAILED")]
    pasted = line.split()[1]

    assert Path(pasted.partition("::")[0]) == Path("../mmbench/test_capability.py")
    tested.run(answers, pasted).assert_outcomes(failed=1)
    tested.run(answers, f"{CASE}[shapes.math]").assert_outcomes(failed=1)
    assert model


def test_two_ids(tested: Any) -> None:
    """Several cases can be named."""
    result = tested.run(MODEL, f"{CASE}[shapes.math]", f"{CASE}[shapes.math.addition]")

    result.assert_outcomes(passed=2, warnings=1)


def test_an_id_beside_a_file(tested: Any) -> None:
    """A case and a file of the project run together."""
    result = tested.run(MODEL, "tests/test_own.py", f"{CASE}[shapes.math]")

    result.assert_outcomes(passed=3, warnings=1)


def test_an_id_beside_a_folder(tested: Any) -> None:
    """A case and a folder of the project run together."""
    tested.run(MODEL, "tests", f"{CASE}[shapes]").assert_outcomes(passed=3, warnings=1)


def test_a_wrong_id_is_a_usage_error(tested: Any) -> None:
    """An id with a typing error names the nearest case."""
    result = tested.run(MODEL, f"{CASE}[shapes.maths]")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            f"ERROR: mmbench: there is no case '{CASE}[[]shapes.maths[]]'.",
            f"  did you mean   '{CASE}[[]shapes.math[]]'[?]",
        ]
    )


def test_a_folder_of_the_project_is_not_taken_for_the_suite(tested: Any) -> None:
    """Where a folder `mmbench` exists, its name means that folder."""
    tested.file("mmbench/test_theirs.py", "def test_theirs(): pass\n")

    tested.run(MODEL, "mmbench", "-m", "not mmbench").assert_outcomes(passed=1, deselected=25)


OVERLAP = pytest.param(
    ["tests", "tests/test_own.py"],
    marks=pytest.mark.skipif(
        pytest.version_tuple < (9,), reason="pytest 8 loses what a folder holds beside a named file"
    ),
)


@pytest.mark.parametrize("typed", [["."], ["tests"], OVERLAP])
def test_a_folder_leaves_the_suite_in(tested: Any, typed: list[str]) -> None:
    """Naming a folder says where tests lie: a gate must not vanish by it."""
    tested.run(MODEL, *typed).assert_outcomes(passed=27, warnings=1)


@pytest.mark.parametrize("typed", ["tests/test_own.py", "tests/test_own.py::test_own"])
def test_a_file_says_exactly_what_runs(tested: Any, typed: str) -> None:
    """Naming only files or tests leaves the suite out, and the header says so."""
    result = tested.run(MODEL, typed, "--deselect", "tests/test_own.py::test_other")

    assert result.parseoutcomes()["passed"] == 1
    result.stdout.fnmatch_lines(["mmbench: the suite does not run, as only files were named;*"])


def test_a_typed_model_that_is_not_gated_is_told_quietly_too(tested: Any) -> None:
    """`-q` hides the header, and a forgotten gate must not look like a pass; nor is it an error."""
    result = tested.run(MODEL, "tests/test_own.py", "-q", "-W", "error")

    assert result.ret == 0
    assert "mmbench: the suite does not run, as only files were named; add `mmbench`" in (
        result.outlines
    )


def test_a_model_of_the_settings_leaves_a_file_alone(tested: Any) -> None:
    """Where every run is a gate, one of a single file is no accident."""
    tested.settings('model = "scripted:first"')

    tested.run("tests/test_own.py", "-q").stdout.no_fnmatch_line("*mmbench*")


@pytest.fixture
def installed(tested: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package that lies elsewhere on `sys.path`, with a test in it."""
    package = tmp_path / "site" / "acme_checks"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "test_acme.py").write_text("def test_acme(): pass\n", encoding="utf-8")
    monkeypatch.syspath_prepend(package.parent)
    return package.name


def test_an_installed_package_leaves_the_suite_in(tested: Any, installed: str) -> None:
    """With `--pyargs`, a package is named as a folder is."""
    result = tested.run(MODEL, "--pyargs", installed, "tests")

    result.assert_outcomes(passed=28, warnings=1)
    tested.run(MODEL, "--pyargs", installed).assert_outcomes(passed=26, warnings=1)


@pytest.mark.parametrize("inside", ["", "::test_acme"])
def test_an_installed_module_says_exactly_what_runs(
    tested: Any, installed: str, inside: str
) -> None:
    """With `--pyargs`, a module is named as a file is."""
    result = tested.run(MODEL, "--pyargs", f"{installed}.test_acme{inside}")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["mmbench: the suite does not run, as only files were named;*"])


def test_paths_are_paths_beside_packages(tested: Any) -> None:
    """`--pyargs` leaves it open to name files and folders."""
    tested.run(MODEL, "--pyargs", "./tests").assert_outcomes(passed=27, warnings=1)
    tested.run(MODEL, "--pyargs", "tests/test_own.py").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    "typed", ["tests", "missing", "te*", ".", "./", "{rootdir}/tests", "tests/test_own.py"]
)
def test_testpaths(tested: Any, typed: str) -> None:
    """`testpaths` decides about the project's tests; the suite runs in any case."""
    paths = typed.format(rootdir=tested.path)
    tested.pytester.makeini(f"[pytest]\ntestpaths = {paths}\nfilterwarnings = ignore\n")

    tested.run(MODEL).assert_outcomes(passed=27)
    tested.run(MODEL, "mmbench").assert_outcomes(passed=25)


@pytest.mark.parametrize("left_out", ["--ignore=tests", "--ignore-glob=*test_own*"])
def test_ignored_tests_do_not_take_the_suite_along(tested: Any, left_out: str) -> None:
    """The suite moves to a folder that is collected if its own is left out."""
    tested.file("tests/conftest.py", "")

    tested.run(MODEL, left_out).assert_outcomes(passed=25, warnings=1)


def test_a_suite_that_cannot_be_collected_is_an_error(tested: Any) -> None:
    """A run without the gate that was asked for must not pass."""
    tested.write(
        conftest="""
            import pytest
            @pytest.hookimpl(wrapper=True, tryfirst=True)
            def pytest_make_collect_report(collector):
                report = yield
                report.result = [node for node in report.result if node.name != "mmbench"]
                return report
        """
    )

    result = tested.run(MODEL)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mmbench: the cases could not be collected, because *"])


def test_two_folders(tested: Any) -> None:
    """With several folders the suite appears once."""
    tested.file("more/test_more.py", "def test_more(): pass\n")

    tested.run(MODEL, "tests", "more").assert_outcomes(passed=28, warnings=1)


def test_settings_above_the_rootdir_are_not_missed(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that pytest takes for the rootdir, the gate above it must not be forgotten."""
    below = project.path / "tests"
    below.mkdir()
    monkeypatch.chdir(below)

    result = project.run(MODEL)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*has no settings, but {project.path} has.*"])


@pytest.mark.parametrize("place", ["above", "below"])
def test_settings_where_pytest_is_started_are_not_missed(
    project: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A `pytest.ini` elsewhere makes its folder the rootdir, and the gate must not be forgotten."""
    named = project.path / "below"
    project.file("below/pytest.ini", "[pytest]\n")
    project.file("below/test_own.py", "def test_own(): pass\n")
    if place == "below":
        project.file("pytest.ini", "[pytest]\n")
        (project.path / "mmbench.toml").rename(named / "mmbench.toml")
        (named / "pytest.ini").unlink()
        monkeypatch.chdir(named)
    settings = Path.cwd() / "mmbench.toml"

    typed = project.run(MODEL, str(named))
    settings.write_text(f'model = "scripted:first"\n{settings.read_text("utf-8")}', "utf-8")
    configured = project.run(str(named))

    assert typed.ret == pytest.ExitCode.USAGE_ERROR
    typed.stderr.fnmatch_lines([f"*has no settings, but {Path.cwd()} has.*"])
    configured.stdout.fnmatch_lines([f"*no model is judged: {settings} names one*"])


def test_a_limit_must_not_empty_a_gate(project: Any) -> None:
    """A gated dimension without samples would be skipped, and look like a pass."""
    project.settings(shapes__math__addition="0.5")

    result = project.run(MODEL, "--mm-limit=3")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: mmbench: a limit of 3 leaves no sample of shapes.math.addition, which *",
            "  asked for by   --mm-limit",
            "  what to do     ask for at least 18 samples, one for each leaf",
        ]
    )

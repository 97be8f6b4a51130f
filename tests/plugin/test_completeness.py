"""A gate that the settings ask for and that has no verdict of this run is no pass."""

import json
from pathlib import Path
from typing import Any

import pytest

MODEL = "--mm-model=scripted:first"
CASE = "mmbench/test_capability.py::test_capability"
FILTER = """
def pytest_collection_modifyitems(items, config):
    left_out = [item for item in items if item.nodeid.endswith("test_capability[shapes]")]
    items[:] = [item for item in items if item not in left_out]
"""
SPLIT = f"{FILTER}    config.hook.pytest_deselected(items=left_out)\n"


@pytest.fixture
def gated(project: Any) -> Any:
    """Two thresholds that the model reaches."""
    project.settings(shapes="0.1", shapes__math="0")
    return project


@pytest.mark.parametrize(
    ("args", "conftest"),
    [
        (["-k", "math"], ""),
        (["-k", "not test_capability[shapes]"], ""),
        (["-m", "mmbench", "--deselect", f"{CASE}[shapes]"], ""),
        ([f"{CASE}[shapes.math]"], ""),
        ([], FILTER),
        ([], SPLIT),
    ],
)
def test_a_part_is_undecided(gated: Any, args: list[str], conftest: str) -> None:
    """Whoever leaves a gate out reads which one in every form; exit code 0, and a warning."""
    gated.write(conftest=conftest)
    reports = ["--mm-json=r.json", "--mm-markdown=r.md", "--mm-html=r.html"]

    result = gated.run(MODEL, *args, *reports)

    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["warnings"] == 1
    assert result.outlines.count("UNDECIDED: 1 of 2 gates passed") == 1
    report = json.loads((gated.path / "r.json").read_text(encoding="utf-8"))
    assert report["decision"]["release"] == "undecided"
    assert report["decision"]["unjudged"] == ["shapes (capability)"]
    for name in ("r.md", "r.html"):
        text = (gated.path / name).read_text(encoding="utf-8")
        assert "UNDECIDED" in text
        assert "1 of 2 gates left out" in text


@pytest.mark.parametrize("place", ["addopts", "PYTEST_ADDOPTS"])
def test_a_part_in_disguise(gated: Any, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Wherever the option stands that leaves gates out, the run is undecided."""
    if place == "addopts":
        gated.file("pytest.ini", "[pytest]\naddopts = -k math\n")
    else:
        monkeypatch.setenv(place, "-k math")

    gated.run(MODEL).stdout.fnmatch_lines(["UNDECIDED: 1 of 2 gates passed"])


def test_a_part_fails_where_it_may_not_be(gated: Any) -> None:
    """`undecided = "fail"` and `-W error` give it exit code 1; the whole passes under both."""
    part = gated.run(MODEL, "-k", "math", "-W", "error")
    gated.settings('[gate]\nundecided = "fail"', shapes="0.1", shapes__math="0")
    fails = gated.run(MODEL, "-k", "math")
    whole = gated.run(MODEL, "-W", "error")

    assert (part.ret, fails.ret, whole.ret) == (1, 1, 0)
    fails.stdout.fnmatch_lines(["UNDECIDED: 1 of 2 gates passed"])
    whole.stdout.fnmatch_lines(["SHIP: 2 of 2 gates passed"])


def test_a_rerun_of_what_failed_is_a_part(gated: Any) -> None:
    """`--lf` judges the gate that failed; that the other one passed was another run."""
    gated.settings(shapes="0.9", shapes__math="0")
    failed = gated.run(MODEL)
    gated.settings(shapes="0.1", shapes__math="0")

    again = gated.run(MODEL, "--lf")

    assert failed.ret == pytest.ExitCode.TESTS_FAILED
    again.stdout.fnmatch_lines(["UNDECIDED: 1 of 2 gates passed"])


@pytest.mark.parametrize(("limit", "release"), [("35", "UNDECIDED"), ("36", "SHIP")])
def test_a_limit_makes_a_part(gated: Any, limit: str, release: str) -> None:
    """Unless it leaves nothing out, a limited run says how many samples it did not ask."""
    result = gated.run(MODEL, f"--mm-limit={limit}")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([f"{release}: 2 of 2 gates passed"])
    told = "--mm-limit leaves 35 of the 36 samples of shapes"
    assert (told in result.outlines) is (release == "UNDECIDED")


LOST = {
    "a fixture that skips": """
        import pytest
        @pytest.fixture(autouse=True)
        def accelerated(): pytest.skip("no accelerator")
    """,
    "a fixture that expects a failure": """
        import pytest
        @pytest.fixture(autouse=True)
        def accelerated(): pytest.xfail("no accelerator")
    """,
    "a mark without a run": """
        import pytest
        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.xfail(run=False))
    """,
    "a protocol that is swallowed": """
        def pytest_runtest_protocol(item): return True
    """,
    "a loop that is swallowed": """
        def pytest_runtestloop(session): return True
    """,
    "an exit before the first test": """
        import pytest
        def pytest_runtest_setup(item): pytest.exit("enough", returncode=0)
    """,
    "an exit at the start": """
        import pytest
        def pytest_sessionstart(session): pytest.exit("enough", returncode=0)
    """,
    "an exit at the end": """
        import pytest
        def pytest_runtestloop(session): return True
        def pytest_sessionfinish(session): pytest.exit("enough", returncode=0)
    """,
    "an exit code of another hook": """
        def pytest_runtestloop(session): return True
        def pytest_sessionfinish(session): session.exitstatus = 0
        def pytest_unconfigure(config): config.pluginmanager.getplugin("session").exitstatus = 0
    """,
}


@pytest.mark.parametrize("how", LOST)
def test_a_gate_that_gets_lost_is_no_pass(gated: Any, how: str) -> None:
    """Nobody left it out, and it has no verdict: exit code 1, and a sentence names the first."""
    gated.write(conftest=LOST[how], test_own="def test_own(): pass")

    result = gated.run(MODEL, "-k", "test_own or test_capability")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    told = result.stdout.str() + result.stderr.str()
    assert "SHIP" not in told
    # A case that fails for its skipped threshold has said so itself.
    assert "shapes (capability)" in told or "shapes has a threshold and was skipped" in told


@pytest.mark.parametrize(
    "args", [["--setup-only"], ["--setup-plan"], ["-p", "no:mmbench-collection"]]
)
def test_options_that_run_no_case_are_no_pass(gated: Any, args: list[str]) -> None:
    """What a fixture has judged counts only once its test has run."""
    gated.write(test_own="def test_own(): pass")

    result = gated.run(MODEL, *args)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["mmbench: UNDECIDED: 2 of 2 gates not judged: shapes (cap*"])
    assert "SHIP" not in result.stdout.str()
    assert not (gated.path / ".mmbench" / "last-run.json").exists()


@pytest.mark.parametrize("args", [["--collect-only"], ["--fixtures-per-test"]])
def test_looking_is_free(gated: Any, args: list[str]) -> None:
    """Options that show cases ask for no verdict."""
    result = gated.run(MODEL, *args)

    assert result.ret == pytest.ExitCode.OK
    assert "UNDECIDED" not in result.stdout.str()


@pytest.mark.parametrize("name", ["collection", "run", "summary", "fixtures"])
def test_no_part_of_the_plugin_can_be_switched_off_quietly(gated: Any, name: str) -> None:
    """Without one of its parts a gate that fails is still exit code 1."""
    gated.settings(shapes="0.9")
    gated.write(test_own="def test_own(): pass")

    assert gated.run(MODEL, "-p", f"no:mmbench-{name}").ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    "conftest",
    [
        "def pytest_pyfunc_call(pyfuncitem): return True",
        """
        import pytest
        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            report.outcome, report.longrepr = "passed", None
            return report
        """,
    ],
)
def test_a_failed_gate_stays_one(gated: Any, conftest: str) -> None:
    """Whatever makes its case pass: the verdict decides."""
    gated.settings(shapes="0.9")
    gated.write(conftest=conftest)

    result = gated.run(MODEL)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["DO NOT SHIP: 0 of 1 gate passed"])


@pytest.mark.parametrize("gate", ["regression", "vision"])
def test_every_gate_waits_for_its_verdict(gated: Any, gate: str) -> None:
    """Cases against a baseline and without pictures, skipped by a fixture, are no pass either."""
    gated.write(
        conftest=f"""
            import pytest
            @pytest.fixture(autouse=True)
            def accelerated(request):
                if "test_{gate}" in request.node.nodeid:
                    pytest.skip("no accelerator")
        """
    )
    model = gated.model()
    args = ["--mm-baseline=scripted:first"] if gate == "regression" else ["--mm-condition=no-image"]

    result = gated.run(model, *args)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"25 of 27 gates not judged: shapes ({gate}), *no accelerator)"])
    result.stdout.fnmatch_lines(["UNDECIDED: 2 of 27 gates passed"])


@pytest.mark.parametrize("selection", [["-k", "test_own"], ["-m", "not mmbench"]])
def test_a_model_that_was_named_is_to_be_judged(gated: Any, selection: list[str]) -> None:
    """Named for this run, and no gate judged: exit code 1; named for every run: 0, and told."""
    gated.write(test_own="def test_own(): pass")

    typed = gated.run(MODEL, *selection)
    gated.settings('model = "scripted:first"', shapes="0")
    always = gated.run(*selection)

    assert (typed.ret, always.ret) == (1, 0)
    typed.stdout.fnmatch_lines(["mmbench: UNDECIDED: 2 of 2 gates left out by -?: shapes *"])
    always.stdout.fnmatch_lines(["mmbench: UNDECIDED: 1 of 1 gate left out by -?: shapes *"])


def test_files_say_what_runs(gated: Any) -> None:
    """Where only files were named nothing is judged: that is no failure, and no release."""
    gated.write(test_own="def test_own(): pass")

    result = gated.run(MODEL, "test_own.py")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["mmbench: UNDECIDED: 2 of 2 gates left out by the files or ids *"])


def test_the_run_that_is_kept_says_what_was_decided(gated: Any) -> None:
    """A part, a failure and a whole, one after the other."""

    def decision(*args: str) -> str:
        gated.run(MODEL, *args)
        path: Path = gated.path / ".mmbench" / "last-run.json"
        return str(json.loads(path.read_text(encoding="utf-8"))["decision"])

    assert decision("-k", "math") == "undecided"
    assert decision() == "ship"
    gated.settings(shapes="0.9")
    assert decision() == "do not ship"
    gated.settings()
    assert decision() == "nothing gated"


WORKERS = ("-p", "xdist", "-n2")
DIES = """
import os
import pytest

@pytest.fixture(autouse=True)
def mortal(request):
    if request.node.name == "test_capability[shapes]":
        os._exit(3)
"""


@pytest.mark.slow  # three processes start
def test_workers_tell_what_was_left_out(gated: Any) -> None:
    """A part is one in several processes, too; a gate that died with its worker counts as set."""
    pytest.importorskip("xdist")
    part = gated.run_apart(MODEL, *WORKERS, "-k", "math")
    gated.write(conftest=DIES)
    crash = gated.run_apart(MODEL, *WORKERS)

    assert (part.ret, crash.ret) == (0, 1)
    part.stdout.fnmatch_lines(["1 of 2 gates left out by -k: shapes (capability)"])
    crash.stdout.fnmatch_lines(["UNDECIDED: 1 of 2 gates passed"])


ENDS = "    return 0\n"
HIDES = "    yield\n    return 0\n"


@pytest.mark.parametrize(
    ("how", "body", "said"),
    [
        ("tryfirst=True", ENDS, "nothing was judged"),
        ("", ENDS, "nothing was judged"),
        ("tryfirst=True", "    raise SystemExit(0)\n", "nothing was judged"),
        ("wrapper=True", HIDES, "DO NOT SHIP"),
    ],
)
def test_a_main_of_others_is_no_pass(project: Any, how: str, body: str, said: str) -> None:
    """Whoever ends the run before it begins, or says 0 after it, has judged nothing."""
    project.settings(shapes="0.99")
    main = f"import pytest\n@pytest.hookimpl({how})\ndef pytest_cmdline_main(config):\n{body}"
    project.write(conftest=main)

    ended = project.run_apart(MODEL)

    assert ended.ret == pytest.ExitCode.TESTS_FAILED
    assert said in ended.stdout.str() + ended.stderr.str()


@pytest.mark.parametrize(
    "shows", [["--co"], ["--markers"], ["--fixtures"], ["--version"], ["--help"], None]
)
def test_a_main_of_others_may_end_what_judges_nothing(project: Any, shows: Any) -> None:
    """Where no verdict was asked for, or no model is named, its 0 stands."""
    project.write(
        conftest="import pytest\n@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_cmdline_main(config):\n    return 0\n"
    )

    assert project.run_apart(*([MODEL, *shows] if shows else [])).ret == 0


@pytest.mark.parametrize("option", ["collectonly", "showfixtures", "show_fixtures_per_test"])
@pytest.mark.parametrize("hook", ["cmdline_main", "configure"])
def test_to_show_the_cases_has_to_be_typed(gated: Any, option: str, hook: str) -> None:
    """Where a conftest file turns it on, and no case is run, no gate has a verdict."""
    gated.write(conftest=f"def pytest_{hook}(config):\n    config.option.{option} = True\n")

    result = gated.run(MODEL)

    judged = "SHIP: 2 of 2 gates passed" in result.outlines
    assert (result.ret == pytest.ExitCode.OK) is judged
    assert judged is (hook == "configure" and option != "collectonly")


@pytest.mark.parametrize("place", ["", "addopts", "PYTEST_ADDOPTS"])
def test_to_show_the_cases_may_stand_anywhere(
    gated: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Whoever wrote it down has asked for no gate."""
    if place == "addopts":
        gated.file("pytest.ini", "[pytest]\naddopts = --co\n")
    elif place:
        monkeypatch.setenv(place, "--collect-only")

    assert gated.run(MODEL, *([] if place else ["--co"])).ret == pytest.ExitCode.OK

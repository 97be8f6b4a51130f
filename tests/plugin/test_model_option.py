"""Where a model can be named, and what happens where none is."""

from typing import Any

import pytest

MODEL = "--mm-model=scripted:first"
HEADER = "mmbench: model scripted:first, shapes (36 samples, rank), settings mmbench.toml"


@pytest.mark.parametrize("place", ["flag", "ini", "environment", "file", "project"])
def test_a_model_can_be_named_anywhere(
    project: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Flag, ini key, environment variable, mmbench.toml and pyproject.toml start the same run."""
    if place == "ini":
        project.pytester.makeini("[pytest]\nmm_model = scripted:first\n")
    if place == "environment":
        monkeypatch.setenv("MMBENCH_MODEL", "scripted:first")
    if place == "file":
        project.settings('model = "scripted:first"')
    if place == "project":
        (project.path / "mmbench.toml").unlink()
        project.file("pyproject.toml", '[tool.mmbench]\nmodel = "scripted:first"\nlimit = 36\n')

    result = project.run(*[MODEL] * (place == "flag"), "-k", "shapes.math")

    source = "pyproject.toml [[]tool.mmbench[]]" if place == "project" else "mmbench.toml"
    result.stdout.fnmatch_lines([HEADER.replace("mmbench.toml", source)])
    result.assert_outcomes(passed=4, deselected=21, warnings=1)


def test_the_command_line_comes_first(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag beats the environment."""
    monkeypatch.setenv("MMBENCH_MODEL", "scripted:missing.json")
    project.write(test_own="def test_own(): pass")

    project.run(MODEL).assert_outcomes(passed=26, warnings=1)


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_variable_is_a_usage_error(
    project: Any, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """What CI left unset must not look like a pass; a flag says which model is meant."""
    monkeypatch.setenv("MMBENCH_MODEL", value)
    project.write(test_own="def test_own(): pass")

    result = project.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: mmbench: MMBENCH_MODEL is empty.", "*unset it to switch the gate off"]
    )
    project.run(MODEL).assert_outcomes(passed=26, warnings=1)


@pytest.mark.parametrize("typed", ["--mm-model=", "--mm-model= "])
def test_an_empty_flag_is_a_usage_error(
    project: Any, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """`--mm-model=$UNSET` must not look like a pass, whatever else names a model."""
    monkeypatch.setenv("MMBENCH_MODEL", "scripted:first")
    project.write(test_own="def test_own(): pass")

    result = project.run(typed)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mmbench: --mm-model is empty."])


@pytest.mark.parametrize(
    "flag", ["--mm-baseline", "--mm-base-llm", "--mm-exclude", "--mm-html", "--mm-json"]
)
def test_no_other_flag_may_be_empty(project: Any, flag: str) -> None:
    """`--mm-baseline=$UNSET` compares with nothing, and must not look like a pass either."""
    result = project.run(MODEL, f"{flag}=")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: mmbench: {flag} is empty."])


def test_a_setting_can_be_taken_back(project: Any) -> None:
    """What the error about an empty flag says does switch off what the settings name."""
    project.settings('baseline = "scripted:missing.json"', shapes="0")

    project.run(MODEL, "-o", "mm_baseline=").assert_outcomes(passed=25)


@pytest.mark.parametrize("flag", ["--mm-strict", "--no-mm-strict", "--mm-limit=3"])
def test_a_flag_without_a_model_is_a_usage_error(project: Any, flag: str) -> None:
    """Whoever types a flag of the gate and forgets the model must not see a pass."""
    project.write(test_own="def test_own(): pass")

    result = project.run(flag)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            f"ERROR: mmbench: {flag} is about a model, and none is named.",
            "  what to do   add --mm-model=PATH, or `model = ...` to mmbench.toml",
        ]
    )


def test_flags_in_addopts_wait_for_a_model(project: Any) -> None:
    """A project may keep its flags in its configuration: they are idle until a model is named."""
    project.pytester.makeini("[pytest]\naddopts = --mm-strict\n")
    project.write(test_own="def test_own(): pass")

    project.run().assert_outcomes(passed=1)


def test_without_a_model_nothing_happens(project: Any) -> None:
    """No case, no header, no file: only the options and the marker are there."""
    project.write(test_own="def test_own(): pass")

    result = project.run("-p", "no:cacheprovider", "--strict-markers")

    assert result.parseoutcomes() == {"passed": 1}
    result.stdout.no_fnmatch_line("*mmbench:*")
    assert {path.name for path in project.path.iterdir()} <= {
        "mmbench.toml",
        "test_own.py",
        "__pycache__",
    }


def test_without_a_model_no_hook_of_a_run_is_registered(project: Any) -> None:
    """An inactive plugin offers fixtures that skip, and listens to nothing else."""
    config = project.pytester.parseconfigure("-p", "mmbench")
    names = {name for name, _ in config.pluginmanager.list_name_plugin() if "mmbench" in name}

    assert names == {"mmbench", "pytest_mmbench.plugin", "mmbench-without-model"} & names
    assert "mmbench-without-model" in names
    hooks = config.pluginmanager.get_hookcallers(
        config.pluginmanager.get_plugin("mmbench-without-model")
    )
    assert not hooks


@pytest.mark.parametrize(
    "fixture", ["mm_dimension", "mm_model", "mm_base_llm", "mm_tally", "mm_verdict"]
)
def test_claims_are_skipped_without_a_model(project: Any, fixture: str) -> None:
    """A test of the project that asks for a model is skipped, and says what it waits for."""
    project.write(test_own=f"def test_claim({fixture}): pass")

    result = project.run("-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * no model is named: run pytest with --mm-model"])


@pytest.mark.parametrize(
    "text", ["[benchmarks.shapes]\nper-axis = 2\n", 'model = ""\n', "no toml at all"]
)
def test_a_settings_file_without_a_model_is_left_alone(project: Any, text: str) -> None:
    """A project's ordinary runs neither read such a file nor stumble over it."""
    project.file("mmbench.toml", text)
    project.write(test_own="def test_own(): pass")

    assert project.run().parseoutcomes() == {"passed": 1}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mmbench.toml", r'"mod\u0065l" = "scripted:first"'),
        ("mmbench.toml", r'"\u006D\u006f\U00000064el" = "scripted:first"'),
        ("mmbench.toml", "'model' = \"scripted:first\""),
        ("mmbench.toml", '\ufeff# first\nmodel="scripted:first"'),
        ("mmbench.toml", 'exclude = """\n#"""\nmodel = "scripted:first" # "'),
        ("pyproject.toml", '[tool."mmb\\u0065nch"]\nmodel = "scripted:first"'),
        ("pyproject.toml", 'tool = { x = "#", mmbench = { model = "scripted:first" } }'),
        ("pyproject.toml", 'tool.mmbench = { model = "scripted:first" }'),
        ("pyproject.toml", '[tool]\nmmbench."m\\u006fdel" = "scripted:first"'),
        ("pyproject.toml", '["tool"."mmbench"]\n  "model"  =  "scripted:first"'),
    ],
)
def test_a_model_is_named_however_it_is_written(project: Any, name: str, text: str) -> None:
    """Whatever TOML allows: a bare `pytest` must not run without the gate."""
    (project.path / "mmbench.toml").unlink()
    project.file(name, text)
    project.write(test_own="def test_own(): pass")

    result = project.run("--collect-only", "-q")

    assert "mmbench/test_capability.py::test_capability[shapes]" in result.outlines or (
        result.ret == pytest.ExitCode.USAGE_ERROR and "mmbench:" in result.stderr.str()
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mmbench.toml", '# model = "scripted:first"'),
        ("mmbench.toml", '[benchmarks.shapes]\nper-axis = 2  # for the model = "x"'),
        ("pyproject.toml", '[tool.other]\nmodel = "mmbench"'),
        ("pyproject.toml", '[tool.mmbench]\n# "mod\\u0065l" = "scripted:first"'),
    ],
)
def test_a_comment_names_no_model(project: Any, name: str, text: str) -> None:
    """What is not the model of our own table starts no run."""
    (project.path / "mmbench.toml").unlink()
    project.file(name, text)
    project.write(test_own="def test_own(): pass")

    assert project.run().parseoutcomes() == {"passed": 1}


BREAKS = {
    "load": "def load(options): raise ValueError('half done')",
    "import": "import nothing_of_that_name_1",
    "syntax": "def load(options) return 1",
    "tree": """
        class Odd:
            name = "odd"
            revision = "1"
            def methods(self): raise TypeError("half done")
        def load(options): return Odd()
    """,
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_mistake_of_an_extension_is_a_usage_error(
    project: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Before any model is asked: exit code 4 and where it is raised, no INTERNALERROR."""
    project.write(odd_benchmark=BREAKS[how])
    monkeypatch.syspath_prepend(project.path)
    info = project.path / "odd-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: odd\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(
        "[pytest_mmbench.benchmarks]\nodd = odd_benchmark:load\n", encoding="utf-8"
    )

    result = project.run("--mm-model=scripted:first", "--mm-benchmark=odd")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    result.stderr.fnmatch_lines(["ERROR: mmbench: *"])


def test_settings_that_cannot_be_read_may_name_a_model(project: Any) -> None:
    """A file in another encoding is an error, and never taken for one that names no model."""
    project.write(test_own="def test_own(): pass")
    text = '# Größe\nmodel = "scripted:first"\n'
    (project.path / "mmbench.toml").write_bytes(text.encode("latin-1"))

    result = project.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mmbench: mmbench.toml is not UTF-8 text (byte 4)."])


@pytest.mark.parametrize("strict", [False, True])
def test_a_model_named_above_the_rootdir_is_missed_aloud(
    project: Any, monkeypatch: pytest.MonkeyPatch, *, strict: bool
) -> None:
    """Whoever starts below the settings is told that they are not read."""
    project.settings('model = "scripted:first"')
    project.file("below/test_own.py", "def test_own(): pass")
    monkeypatch.chdir(project.path / "below")

    result = project.run(*["-W", "error"] * strict)

    lines = [f"*no model is judged: {project.path / 'mmbench.toml'} names one, and *"]
    if strict:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(lines)
    else:
        result.assert_outcomes(passed=1, warnings=1)
        result.stdout.fnmatch_lines(lines)


def test_a_run_without_a_model_stays_light(project: Any) -> None:
    """Next to a settings file that names no model, nothing is loaded but the table of options."""
    project.write(
        conftest="""
            import sys
            def pytest_unconfigure():
                print("LOADED", sorted(m for m in sys.modules if m.startswith("pytest_mmbench.")))
        """
    )

    result = project.run_apart()

    light = [f"pytest_mmbench.{each}" for each in ("options", "plugin", "plugin.inactive")]
    assert f"LOADED {light}" in result.outlines


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (["--mm-model=missing/model"], "ERROR: mmbench: there is no checkpoint folder *"),
        ([MODEL, "--mm-benchmark=shape"], "ERROR: mmbench: benchmark 'shape' is not registered."),
        ([MODEL, "--mm-limit=-1"], "ERROR: mmbench: *"),
        ([MODEL, "--mm-method=guess"], "ERROR: mmbench: *"),
        ([MODEL, "--mm-config=none.toml"], "ERROR: mmbench: *none.toml*"),
        ([MODEL, f"--mm-config={'a' * 999}"], "ERROR: mmbench: *too long*"),
        ([MODEL, "-o", "mm_limit=few"], "ERROR: mmbench: the ini key mm_limit cannot be read."),
        ([MODEL, "-o", "mm_strict=maybe"], "ERROR: mmbench: the ini key mm_strict cannot be read."),
    ],
)
def test_what_was_typed_wrong_is_said_once(project: Any, args: list[str], problem: str) -> None:
    """A usage error is one message before anything runs, with exit code 4 and no traceback."""
    project.file("missing/other/config.json", "{}")

    result = project.run(*args)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([problem])
    assert result.stderr.str().count("mmbench:") == 1
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.parametrize(
    ("threshold", "problem"),
    [
        ({"shapes__maths": "0.5"}, "ERROR: mmbench: *'shapes.maths'*"),
        ({"shapes__math": "1.5"}, "ERROR: mmbench: *1.5*"),
    ],
)
def test_wrong_thresholds_are_usage_errors(
    project: Any, threshold: dict[str, str], problem: str
) -> None:
    """A threshold above 1, or of an unknown dimension, ends the run before it starts."""
    project.settings(**threshold)

    result = project.run(MODEL)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([problem])


def test_a_model_that_cannot_be_loaded_ends_the_run(project: Any) -> None:
    """What only loading can find out is told once, with exit code 4, and not for every case."""
    project.file("answers.json", "no script")

    result = project.run("--mm-model=scripted:answers.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stdout.str().count("asked for by") == 1
    result.stdout.fnmatch_lines(
        [
            "mmbench: answers.json is not a script of answers.",
            "  asked for by   model scripted:answers.json",
            "!*Exit: mmbench: answers.json is not a script of answers. !*",
        ]
    )


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ("acme:vlm-3", "no model has the prefix 'acme:'."),
        ("http://localhost:8000/v1", "'http://localhost:8000/v1' is a URL; *"),
        ("vlm.gguf", "model 'vlm.gguf': weights in the format GGUF are not supported."),
    ],
)
@pytest.mark.parametrize("flag", ["--mm-model", "--mm-baseline"])
def test_what_names_no_model_is_refused_at_once(
    project: Any, flag: str, spec: str, problem: str
) -> None:
    """Before anything is asked, and with what is supported; of every model of the run."""
    result = project.run("--mm-model=scripted:first", f"{flag}={spec}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: mmbench: {problem}", "  supported *config.json*"])
    assert not (project.path / ".mmbench").exists()


def test_a_store_that_cannot_be_used_ends_the_run(project: Any) -> None:
    """Where answers cannot be kept, none is paid for."""
    project.file("taken", "a file")

    result = project.run(MODEL, "--mm-store=taken")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mmbench: the store of answers cannot be made: * is a file."])


def test_a_loader_that_breaks_is_shown_once(project: Any) -> None:
    """An unexpected error while a model is loaded keeps its traceback, and ends the run."""
    project.write(
        conftest="""
            import pytest_mmbench.registry
            def model(spec, **how): raise RuntimeError("out of luck")
            def pytest_collection_finish(): pytest_mmbench.registry.model = model
        """
    )

    result = project.run_apart(MODEL)

    result.assert_outcomes(errors=1)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["E * RuntimeError: out of luck"])

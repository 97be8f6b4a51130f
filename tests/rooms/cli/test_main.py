import argparse
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from saved_runs import saved

from pytest_mmbench import __version__
from pytest_mmbench.cli import main


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every subcommand, and their own subcommands."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield each
                yield from parsers(each)


def examples() -> list[str]:
    epilogs = [each.epilog or "" for each in parsers(main.parser())]
    lines = [line.strip() for text in epilogs for line in text.splitlines()[1:]]
    return [re.split(r"\s+#", each.rpartition("&& ")[2])[0] for each in lines]


def test_every_subcommand_has_examples() -> None:
    """Help that shows no command line helps nobody."""
    assert all("examples:\n  " in (each.epilog or "") for each in parsers(main.parser()))


@pytest.mark.parametrize("example", examples())
def test_examples_can_be_typed(example: str) -> None:
    """Every example of the help is a command line that is understood."""
    program, *arguments = shlex.split(example)

    assert program == "mmbench"
    assert main.parser().parse_args(arguments).run


def test_without_a_subcommand_it_helps(project: Any) -> None:
    """`mmbench` alone shows what it can do, and what its exit codes mean."""
    assert project() == 0
    assert {each.__name__.rpartition(".")[2] for each in main.COMMANDS} <= set(project.out.split())
    assert "1  a gate failed" in project.out


def test_help_fits_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line of any help text is longer than 80 columns, and no example than 90."""
    monkeypatch.setenv("COLUMNS", "80")
    texts = [each.format_help().partition("examples:") for each in parsers(main.parser())]

    assert max(len(line) for text, _, _ in texts for line in text.splitlines()) <= 80
    assert max(len(line) for _, _, text in texts for line in text.splitlines()) <= 90


@pytest.mark.parametrize("verb", ["init", "thresholds", "diff", "report", "baseline save"])
def test_runs_are_named_alike_everywhere(project: Any, verb: str) -> None:
    """Whatever takes a run says what names one, and which it is if none is named."""
    with pytest.raises(SystemExit):
        project(*verb.split(), "--help")

    help_text = " ".join(project.out.split())
    assert "a baseline's name, or a file; default: the latest run" in help_text
    assert "--config FILE the settings file; default: mmbench.toml" in help_text


def test_it_knows_its_version(project: Any) -> None:
    """`--version` prints the package's version."""
    with pytest.raises(SystemExit) as ended:
        project("--version")

    assert ended.value.code == 0
    assert project.out == f"pytest-mmbench {__version__}\n"


@pytest.mark.parametrize(
    "typed",
    [
        ["dif"],
        ["diff"],
        ["init", "--margin", "5"],
        ["init", "--margin", "nan"],
        ["init", "--margin", "sNaN"],
        ["init", "--depth", "deep"],
    ],
)
def test_a_typing_error_ends_with_four(project: Any, typed: list[str]) -> None:
    """Argparse's own code, 2, means to pytest's users that a run was interrupted."""
    with pytest.raises(SystemExit) as ended:
        project(*typed)

    assert ended.value.code == 4
    assert project.err.startswith("usage: mmbench")


def test_an_interruption_ends_with_two(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C is told in one line, with pytest's exit code."""

    def interrupted(_: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "_parse", lambda _: argparse.Namespace(run=interrupted))

    assert project("doctor") == 2
    assert project.err == "mmbench: interrupted; answers that were paid for are kept\n"


def test_a_reader_who_has_seen_enough_is_no_error(project: Any) -> None:
    """`mmbench dimensions | head -1` ends without a traceback."""
    line = f"{sys.executable} -m pytest_mmbench.cli dimensions | head -1"

    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["shapes", "720"]
    assert done.stderr == ""


def test_colours_are_for_terminals(judged: Any) -> None:
    """What goes into a file holds no escape sequences."""
    judged("diff", "released")

    assert "\x1b" not in judged.out


LIST = {"benchmark": "shapes", "revision": "", "rule": "", "samples": []}


@pytest.mark.parametrize(
    ("typed", "code", "shown"),
    [
        ("init --force", 0, "wrote mmbench.toml"),
        ("thresholds", 0, "shapes.math"),
        ("diff released", 1, "DO NOT SHIP"),
        ("report", 0, "wrote report.html"),
        ("baseline", 0, "released"),
        ("baseline list", 0, "released"),
        ("baseline save again --force", 0, "wrote mm_baselines/again.json"),
        ("baseline promote released", 0, "mmbench.toml"),
        ("baseline pin released", 0, "is pinned"),
        ("shortcuts --models scripted:first", 0, "wrote shortcuts.json"),
        ("dimensions", 0, "shapes.math"),
        ("show shapes digits-0000", 0, "correct: "),
    ],
)
def test_each_subcommand_as_a_program(judged: Any, typed: str, code: int, shown: str) -> None:
    """In a process of its own, as people start it, with the exit code that a shell sees."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest_mmbench.cli", *typed.split()],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code, done.stderr
    assert shown in done.stdout.replace("\\", "/")
    assert "Traceback" not in done.stderr


def test_the_latest_run_is_asked_for_first(project: Any) -> None:
    """Without a run there is nothing to judge, and the error says how one is made."""
    project.settings()

    for typed in (["init", "--force"], ["report"], ["baseline", "save", "a"]):
        assert project(*typed) == 4
        assert project.err.splitlines() == [
            "mmbench: no run is kept here yet.",
            "  looked for   .mmbench/last-run.json",
            "  what to do   run `pytest --mm-model=PATH` first, or name the file of a run",
        ]


def test_a_file_that_is_no_run_is_told(project: Any) -> None:
    """In one screen, not as a traceback."""
    project.file("list.json", json.dumps(LIST))

    assert project("report", "list.json") == 4
    assert project.err.startswith("mmbench: list.json is not a saved run.")


def test_a_name_that_is_no_run_is_told(project: Any) -> None:
    """With the baselines that there are."""
    project.baseline("released", saved())

    assert project("diff", "relased") == 4
    assert project.err.splitlines()[:3] == [
        "mmbench: there is no saved run 'relased'.",
        "  did you mean   'released'?",
        "  baselines      released",
    ]


@pytest.mark.parametrize("typed", ["report ~nobody-of-that-name/x", "diff ~nobody-of-that-name/x"])
def test_a_run_in_no_home_is_told(project: Any, typed: str) -> None:
    """A home that nobody has is no reason for a traceback."""
    assert project(*typed.split()) == 4
    assert project.err.startswith("mmbench: there is no saved run '~nobody-of-that-name/x'.")


def test_a_report_is_written_into_ones_home(judged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell leaves the `~` of `--json=~/report.json` to whoever reads it."""
    monkeypatch.setenv("HOME", str(judged.path / "home"))
    monkeypatch.setenv("USERPROFILE", str(judged.path / "home"))

    assert judged("report", "--json=~/report.json") == 0
    assert (judged.path / "home" / "report.json").is_file()

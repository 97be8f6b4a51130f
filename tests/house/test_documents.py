import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest
from rooms import FLOORS, HOUSE

from pytest_mmbench.cli.main import parser
from pytest_mmbench.options import OPTIONS

README = (HOUSE / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (HOUSE / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("flag", [option.flag for option in OPTIONS])
def test_every_option_is_in_the_readme(flag: str) -> None:
    """An option that the README does not name is not offered."""
    assert re.search(rf"{flag}\b", README)


def subcommands(above: argparse.ArgumentParser) -> Iterator[str]:
    for action in above._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                below = list(subcommands(each))
                yield from below or [each.prog]


@pytest.mark.parametrize("command", [*subcommands(parser())])
def test_every_subcommand_is_in_the_readme(command: str) -> None:
    """A subcommand that the README does not name is not offered."""
    assert re.search(rf"`{command}\b", README)


@pytest.mark.parametrize("room", [room for rooms in FLOORS for room in rooms])
def test_every_room_is_on_the_map(room: str) -> None:
    """ARCHITECTURE.md names every room of the package."""
    assert re.search(rf"\b{room}\b", ARCHITECTURE)


def test_the_constraints_pin_every_dependency() -> None:
    """What CI and the README install is pinned to one version."""
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    pinned = set(re.findall(r"^([\w.-]+)==", (HOUSE / "constraints.txt").read_text(), re.MULTILINE))

    assert {re.split(r"[<>=~!\[ ]", each)[0] for each in wanted} <= pinned


def test_the_readme_commands_are_what_ci_runs() -> None:
    """The two first commands of the README are read out of it by CI, and not written twice."""
    runs = (HOUSE / ".ci" / "run").read_text(encoding="utf-8")

    assert "README.md" in runs
    assert len(re.findall(r"^pip install .*&& pytest.*$", README, re.MULTILINE)) == 2


def test_nothing_tracked_names_a_machine() -> None:
    """No tracked text holds a path into somebody's home or a private host."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    texts = {".py", ".md", ".toml", ".txt", ".json", ".jinja", ""}
    paths = [HOUSE / each for each in listed.stdout.splitlines()]
    found = [
        path.name
        for path in paths
        if path.is_file()
        and path.suffix in texts
        and re.search(r"(?<![\w.])/(work|farm|root|home/\w+|Users/\w+)/", path.read_text("utf-8"))
        and path.name != "test_documents.py"
    ]

    assert found == []


def test_the_package_imports_without_a_warning() -> None:
    """Loading the public names warns about nothing."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import pytest_mmbench, pytest_mmbench.testing"],
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import structure
from pages import PAGES, README, anchors, everything, links, named, text
from rooms import FLOORS, HOUSE

from pytest_mmbench import registry
from pytest_mmbench.cli.main import parser
from pytest_mmbench.options import OPTIONS

WORDS = everything()
ARCHITECTURE = (HOUSE / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("flag", [option.flag for option in OPTIONS])
def test_every_option_is_documented(flag: str) -> None:
    """An option that no page names is not offered, and one page lists them all."""
    assert re.search(rf"{flag}\b", WORDS)
    assert re.search(rf"^\| `{flag}\b", text(HOUSE / "docs" / "configuration.md"), re.MULTILINE)


def subcommands(above: argparse.ArgumentParser) -> Iterator[str]:
    for action in above._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                below = list(subcommands(each))
                yield from below or [each.prog]


@pytest.mark.parametrize("command", [*subcommands(parser())])
def test_every_subcommand_is_documented(command: str) -> None:
    """A subcommand that no page names is not offered, and one page lists them all."""
    assert re.search(rf"`{command}\b", WORDS)
    assert re.search(rf"^\| `{command}\b", text(HOUSE / "docs" / "command-line.md"), re.MULTILINE)


@pytest.mark.parametrize("benchmark", registry.benchmark_names())
def test_every_benchmark_has_a_page(benchmark: str) -> None:
    """A page of its own, and a row in the table of all of them; recipes share a page."""
    pages = HOUSE / "docs" / "benchmarks"
    if benchmark in registry.RECIPES:
        assert f"\n## {benchmark}\n" in text(pages / "recipes.md")
        assert f"[`{benchmark}`](recipes.md#{benchmark})" in text(pages / "index.md")
        return

    assert (pages / f"{benchmark}.md").is_file()
    assert f"| [`{benchmark}`]({benchmark}.md) |" in text(pages / "index.md")


@pytest.mark.parametrize("condition", registry.condition_names())
def test_every_condition_is_documented(condition: str) -> None:
    """The page on vision lists them."""
    assert f"`{condition.replace('rotated-N', 'rotated-1')}`" in text(HOUSE / "docs" / "vision.md")


def test_the_readme_is_short() -> None:
    """What it is, how to try it, a first gate, and where to read on."""
    assert len(text(README)) <= 10_000


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """Relative links name files that are there, and headings that these files have."""
    for link in links(page):
        if not link.startswith(("https://", "http://")):
            path, _, anchor = link.partition("#")
            target = (page.parent / path) if path else page
            assert target.is_file(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_of_this_repository_exist(page: Path) -> None:
    """What a page says to run or to read is there."""
    paths = re.findall(r"\b(?:tests|fixtures)/[\w./-]*\w", text(page))

    assert [path for path in paths if not (HOUSE / path).exists()] == []


def test_the_site_builds(tmp_path: Path) -> None:
    """Without a warning: every page is in the navigation, and every link and anchor exists."""
    pytest.importorskip("material")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", tmp_path],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "vision" / "index.html").is_file()


@pytest.mark.parametrize("room", [room for rooms in FLOORS for room in rooms])
def test_every_room_is_on_the_map(room: str) -> None:
    """ARCHITECTURE.md names every room of the package."""
    assert re.search(rf"\b{room}\b", ARCHITECTURE)


def test_the_map_counts_the_arrows() -> None:
    """ARCHITECTURE.md says how many entries, imports between them and floors there are."""
    entries = {module.entry for module in structure.modules()} - {""}
    counts = f"{len(structure.arrows())} arrows between\n{len(entries)} entries"

    assert f"{counts} on {structure.floors()} floors" in ARCHITECTURE


def test_the_map_names_what_there_is() -> None:
    """Every class, function, module and file that ARCHITECTURE.md names exists."""
    defined = {name for each in structure.modules() for name, _ in structure.definitions(each)}
    parts = {part for each in structure.modules() for part in each.name.split(".")}
    names = re.findall(
        r"`([a-z_]+(?:\.[A-Za-z_]+)+|[A-Z][a-zA-Z]+(?:\.\w+)*|[a-z]+_\w+)`", ARCHITECTURE
    )
    stray = {each for each in names if not {*each.split(".")} <= defined | parts}

    assert len(names) > 40
    assert {each for each in stray if not (HOUSE / each).exists()} == set()


def test_the_constraints_pin_every_dependency() -> None:
    """What CI and the README install is pinned to one version."""
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["test"], *extras["docs"]]
    pinned = set(re.findall(r"^([\w.-]+)==", (HOUSE / "constraints.txt").read_text(), re.MULTILINE))

    assert {re.split(r"[<>=~!\[ ]", each)[0] for each in wanted} <= pinned


def test_the_readme_commands_are_what_ci_runs() -> None:
    """The two first commands of the README are read out of it by CI, and not written twice."""
    runs = (HOUSE / ".ci" / "run").read_text(encoding="utf-8")

    assert "README.md" in runs
    assert len(re.findall(r"^pip install .*&& pytest.*$", text(README), re.MULTILINE)) == 2


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

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.plugin.collection import names, place, shipped_id

CASE = "mmbench/test_capability.py::test_capability[shapes.math]"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a folder of tests."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_own.py").touch()
    return tmp_path


def test_a_folder_is_where_the_suite_hangs(root: Path) -> None:
    """The first folder that was named holds the suite, and pytest collects what was typed."""
    placement = place(["tests/test_own.py", "tests"], invocation_dir=root, rootdir=root)

    assert placement.folder == root / "tests"
    assert placement.args == ("tests/test_own.py", "tests")
    assert placement.runs_suite


def test_a_conftest_file_of_the_tests_is_the_suites_too(root: Path) -> None:
    """The suite hangs below the one `test*` folder with a conftest file, if there is just one."""
    before = place([str(root)], invocation_dir=root, rootdir=root)
    (root / "tests" / "conftest.py").touch()
    one = place([str(root)], invocation_dir=root, rootdir=root)
    (root / "testing").mkdir()
    (root / "testing" / "conftest.py").touch()
    two = place([str(root)], invocation_dir=root, rootdir=root)

    assert [each.folder for each in (before, one, two)] == [root, root / "tests", root]


def test_files_leave_the_suite_out(root: Path) -> None:
    """Where only files and node ids of the project are named, nothing else runs."""
    placement = place(["tests/test_own.py::test_x[a/b]"], invocation_dir=root, rootdir=root)

    assert not placement.runs_suite
    assert placement.args == ("tests/test_own.py::test_x[a/b]",)


def test_shipped_cases_alone(root: Path) -> None:
    """Pytest is sent to the folder where it would look anyway, and collects only the suite."""
    placement = place(
        [CASE], invocation_dir=root, rootdir=root, testpaths=[root / "tests", root / "more"]
    )

    assert placement.suite_only
    assert placement.args == (str(root / "tests"),)
    assert placement.named == (CASE,)


@pytest.mark.parametrize(
    ("start", "arg"),
    [
        ("", CASE),
        ("", f"./{CASE}"),
        ("tests", f"../{CASE}"),
        ("tests", CASE),
        ("", f"tests/../{CASE}"),
    ],
)
def test_an_id_is_understood_from_anywhere(root: Path, start: str, arg: str) -> None:
    """Relative to the working directory or to the rootdir."""
    assert shipped_id(arg, root / start, root) == CASE


@pytest.mark.parametrize("arg", ["tests", "tests/mmbench/test_x.py", "mmbenches/test_x.py", "."])
def test_other_arguments_are_not_ours(root: Path, arg: str) -> None:
    """Only what lies below `mmbench` of the rootdir is."""
    assert shipped_id(arg, root, root) == ""


def test_what_exists_is_not_ours(root: Path) -> None:
    """A folder `mmbench` of the project is the project's."""
    (root / "mmbench").mkdir()

    assert shipped_id("mmbench", root, root) == ""


@given(st.lists(st.sampled_from(["mmbench", "a", "ab"]), min_size=1, max_size=4), st.data())
def test_a_beginning_ends_where_a_part_ends(parts: list[str], data: st.DataObject) -> None:
    """An id is named by itself and by its leading parts, and by no other beginning of it."""
    nodeid = "/".join(parts[:2]) + "".join(f"::{part}" for part in parts[2:]) + "[x.y]"
    cut = data.draw(st.integers(1, len(nodeid)))
    whole = cut == len(nodeid) or nodeid[cut] in "/:["

    assert names(nodeid[:cut], nodeid) == whole

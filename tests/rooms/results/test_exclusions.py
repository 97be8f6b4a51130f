import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.errors import DataError
from pytest_mmbench.results import exclusions
from pytest_mmbench.results.exclusions import Exclusion

lists = st.builds(
    Exclusion,
    benchmark=st.text(),
    revision=st.text(),
    rule=st.text(),
    samples=st.lists(st.text()).map(tuple),
)


@given(st.lists(lists, max_size=3).map(tuple))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, found: tuple[Exclusion, ...]
) -> None:
    """One list or several, in their order."""
    path = tmp_path_factory.mktemp("lists") / "out.json"

    exclusions.write(found, path)

    assert exclusions.read(path) == found


def test_the_file_is_for_people_and_programs(tmp_path: Path) -> None:
    """One list is one object, with a sample a line and the version first."""
    path = tmp_path / "new" / "out.json"

    exclusions.write(
        [Exclusion(benchmark="b", revision="b-1", rule="by hand", samples=("2", "1"))], path
    )

    text = path.read_text(encoding="utf-8")
    assert text.startswith('{\n  "schema": 1,\n  "benchmark": "b",\n')
    assert json.loads(text) == {
        "schema": 1,
        "benchmark": "b",
        "revision": "b-1",
        "rule": "by hand",
        "samples": ["2", "1"],
    }


def test_a_list_by_hand_needs_no_version(tmp_path: Path) -> None:
    """What is left out is the version that is known."""
    path = tmp_path / "out.json"
    path.write_text('{"benchmark": "b", "revision": "1", "rule": "", "samples": []}')

    assert exclusions.read(path)[0].schema == exclusions.SCHEMA


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is no list of samples to leave out"),
        ("[1]", "is no list of samples to leave out"),
        ('{"benchmark": "b"}', "is no list of samples to leave out"),
        (
            '{"benchmark": "b", "revision": "1", "rule": "", "samples": [3]}',
            "is no list of samples to leave out",
        ),
        (
            '[{"schema": 99, "benchmark": "b", "revision": "1", "rule": "", "samples": []}]',
            "was written by a later pytest-mmbench",
        ),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: str, told: str) -> None:
    """With the reason, and the command that writes such a list."""
    path = tmp_path / "out.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(DataError, match=told):
        exclusions.read(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As such, and not as a damaged one."""
    with pytest.raises(DataError) as caught:
        exclusions.read(tmp_path / "no.json")

    assert caught.value.facts["reason"] == "No such file or directory"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
def test_a_pipe_is_no_list(tmp_path: Path) -> None:
    """It has no end before somebody writes into it."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(DataError, match="is no list of samples"):
        exclusions.read(tmp_path / "pipe")


def test_a_list_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    """As any other file that is none, and not as an error of Python's."""
    path = tmp_path / "out.json"
    path.write_text("[" * 100_000, encoding="utf-8")

    with pytest.raises(DataError, match="no list of samples"):
        exclusions.read(path)

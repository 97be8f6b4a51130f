from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_mmbench.errors import SettingsError

if TYPE_CHECKING:
    from gated_project import Project


def test_a_project_without_a_file_has_no_source(project: Project) -> None:
    """No settings file is no error: the built-in benchmark is asked and nothing is gated."""
    settings = project.settings()

    assert settings.source == ""
    assert settings.thresholds == {}
    assert [benchmark.name for benchmark in settings.benchmarks] == ["shapes"]
    assert settings.store == project.rootdir / ".mmbench"


def test_pyproject_holds_the_same_settings_below_tool(project: Project) -> None:
    """A project that likes one file writes the settings into its pyproject.toml."""
    project.write(
        "[tool.mmbench]\nseed = 4\n[tool.mmbench.thresholds]\nshapes = 0.5\n", "pyproject.toml"
    )
    settings = project.settings()

    assert settings.seed == 4
    assert settings.thresholds["shapes"].at_least == "0.5"
    assert settings.source == "pyproject.toml [tool.mmbench]"
    assert settings.note == ""
    assert settings.sources["seed"] == "pyproject.toml [tool.mmbench] seed"


def test_of_two_files_the_own_one_is_read_and_the_reader_is_told(project: Project) -> None:
    """mmbench.toml hides [tool.mmbench] as a whole, and the note says so."""
    project.write("[tool.mmbench]\nseed = 4\nlimit = 10\n", "pyproject.toml")
    project.write("seed = 5")
    settings = project.settings()

    assert (settings.seed, settings.limit) == (5, 0)
    assert settings.source == "mmbench.toml"
    assert settings.note == (
        "pyproject.toml [tool.mmbench] is not read, because mmbench.toml is there"
    )


def test_a_pyproject_of_other_tools_is_none_of_our_business(project: Project) -> None:
    """Tables of other tools are neither read nor judged."""
    project.write("[tool.other]\nmmbench = 3\n", "pyproject.toml")
    project.write("seed = 5")

    assert project.settings().note == ""


def test_a_named_file_is_read_instead_of_the_usual_ones(project: Project) -> None:
    """--mm-config names another file, in any folder."""
    project.write("seed = 5")
    project.write("seed = 6", "gates/nightly.toml")
    settings = project.settings(cli={"mm_config": "gates/nightly.toml"})

    assert settings.seed == 6
    assert settings.source == "gates/nightly.toml"


def test_a_named_pyproject_is_read_below_tool(project: Project) -> None:
    """--mm-config=pyproject.toml reads its table, even beside an mmbench.toml."""
    project.write("seed = 5")
    project.write("[tool.mmbench]\nseed = 7\n", "pyproject.toml")

    assert project.settings(cli={"mm_config": "pyproject.toml"}).seed == 7


def test_a_byte_order_mark_is_no_error(project: Project) -> None:
    """Editors on Windows put one at the start of a file."""
    (project.rootdir / "mmbench.toml").write_bytes(b"\xef\xbb\xbfseed = 8\r\n")

    assert project.settings().seed == 8


def test_a_named_file_that_is_missing(project: Project) -> None:
    """The error shows where it was looked for, and the nearest file there."""
    lines = project.error("", cli={"mm_config": "mmbnch.toml"})

    assert lines == [
        "mmbench: there is no file mmbnch.toml.",
        "  asked for by       --mm-config=mmbnch.toml",
        "  looked for         ~/mmbnch.toml",
        "  did you mean       'mmbench.toml'?",
        "  TOML files there   mmbench.toml",
    ]


def test_a_named_file_that_is_a_folder(project: Project) -> None:
    """A folder is called a folder."""
    (project.rootdir / "gates").mkdir()

    assert project.error("", cli={"mm_config": "gates"}) == [
        "mmbench: gates is a folder, not a settings file.",
        "  asked for by   --mm-config=gates",
        "  looked for     ~/gates",
    ]


def test_a_named_pyproject_without_our_table(project: Project) -> None:
    """A file that says nothing to us is an error if it was asked for by name."""
    lines = project.error(
        "[tool.other]", "pyproject.toml", environment={"MMBENCH_CONFIG": "pyproject.toml"}
    )

    assert lines == [
        "mmbench: pyproject.toml has no table [tool.mmbench].",
        "  asked for by   MMBENCH_CONFIG=pyproject.toml",
        "  what to do     add [tool.mmbench] to it, or write a file mmbench.toml",
    ]


def test_text_that_is_no_toml(project: Project) -> None:
    """The error gives the line and the column."""
    assert project.error("seed = 1\nlimit 5\n") == [
        "mmbench: mmbench.toml is not valid TOML.",
        "  file     ~/mmbench.toml",
        "  at       line 2, column 7",
        "  reason   Expected '=' after a key in a key/value pair",
    ]


@pytest.mark.parametrize("text", ["a = " + "[" * 5_000, "a = " + "9" * 5_000, "a." * 5_000])
def test_toml_that_python_cannot_take(project: Project, text: str) -> None:
    """Nested without end, or a number without end: an error of this project, as any other."""
    assert project.error(text)[0] == "mmbench: mmbench.toml is not valid TOML."


def test_toml_that_stops_too_early(project: Project) -> None:
    """The end of the file has a line and a column too."""
    assert project.error('seed = 1\nmodel = "acme')[2] == (
        "  at       line 2, column 14 (the end of the file)"
    )


def test_a_number_that_no_machine_can_hold(project: Project) -> None:
    """An absurd exponent is an error like any other."""
    assert project.error("[gate]\nalpha = 1e99999999999999999999")[-1] == (
        "  reason   a number in it is out of range"
    )


def test_bytes_that_are_no_text(project: Project) -> None:
    """A file in another encoding is named, with the first bad byte."""
    (project.rootdir / "mmbench.toml").write_bytes(b'model = "\xff"')

    with pytest.raises(SettingsError, match=r"mmbench\.toml is not UTF-8 text \(byte 9\)\."):
        project.settings()


def test_a_file_that_cannot_be_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operating system's reason is passed on."""
    project.write("seed = 1")

    def refuse(path: Path, encoding: str) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refuse)

    with pytest.raises(SettingsError, match=r"cannot be read\.\n.*\n  reason   Permission denied"):
        project.settings()

from pathlib import Path

import pytest

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.cli import main
from pytest_mmbench.registry import benchmark_names
from pytest_mmbench.version import VERSION


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with settings of its own: three samples per axis of another seed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mmbench.toml").write_text("[benchmarks.shapes]\nseed = 5\nper-axis = 3\n")
    return tmp_path


def test_dimensions_lists_the_tree(capsys: pytest.CaptureFixture[str]) -> None:
    """Every node with its size, as the settings of this folder have it, ready to paste."""
    assert main(["dimensions"]) == 0

    rows = [line.split() for line in capsys.readouterr().out.splitlines()]

    assert rows[0] == ["shapes", "54"]
    assert ["shapes.math.addition", "3"] in rows
    assert len(rows) == 25


def test_show_tells_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """One sample of the settings' own seed: its dimension, question, options and right letter."""
    assert main(["show", "shapes", "counting-0002"]) == 0

    told = capsys.readouterr().out.splitlines()
    sample = Shapes(seed=5).sample("counting-0002")

    assert told[:2] == [sample.dimension, sample.question]
    assert told[2:6] == [f"  {at}  {text}" for at, text in zip("ABCD", sample.options, strict=True)]
    assert told[6:] == [f"right: {sample.target}"]


def test_show_writes_the_pictures_on_request(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--pictures FOLDER` writes the encoded picture that the model is shown."""
    assert main(["show", "shapes", "dials-0000", "--pictures", "seen"]) == 0

    written = here / "seen" / "shapes" / "dials-0000.png"

    assert written.read_bytes() == Shapes(seed=5).sample("dials-0000").pictures[0].read()
    assert f"wrote {Path('seen/shapes/dials-0000.png')}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["dimensions", "shpes"],
            [
                "mmbench: benchmark 'shpes' is not registered.",
                "  did you mean   'shapes'?",
                f"  registered     {', '.join(benchmark_names())}",
            ],
        ),
        (
            ["show", "shapes", "counting-02"],
            [
                "mmbench: shapes has no sample 'counting-02'.",
                "  did you mean   'counting-0002'?",
                "  known          54 samples, such as 'addition-0000'",
            ],
        ),
    ],
)
def test_a_wrong_name_is_a_usage_error(
    arguments: list[str], told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 4, as pytest's, and the nearest valid name."""
    assert main(arguments) == 4
    assert capsys.readouterr().err.splitlines() == told


def test_broken_settings_are_told_here_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command reads the same file as the plugin, and refuses it in the same words."""
    (here / "mmbench.toml").write_text("[benchmarks.shapes]\nper_axis = 3\n")

    assert main(["dimensions"]) == 4
    assert "'per-axis'?" in capsys.readouterr().err


def test_without_a_subcommand_it_helps(capsys: pytest.CaptureFixture[str]) -> None:
    """`mmbench` alone shows what it can do."""
    assert main([]) == 0
    assert "dimensions" in capsys.readouterr().out


def test_it_knows_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the package's version."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pytest-mmbench {VERSION}\n"


def test_pictures_go_into_a_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in the folder's place is a usage error, told in one line."""
    (here / "file").write_text("")

    assert main(["show", "shapes", "dials-0000", "--pictures", "file"]) == 4
    assert "file" in capsys.readouterr().err

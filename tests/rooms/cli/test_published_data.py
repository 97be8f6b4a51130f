from pathlib import Path

import pytest

from pytest_mmbench.cli.main import main

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "mmstar"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose settings name published data."""
    (tmp_path / "mmbench.toml").write_text(
        f"[benchmarks.mmstar]\ndata = '{FIXTURES / 'MMStar.tsv'}'\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.filterwarnings("ignore::pytest_mmbench.errors.MMBenchWarning")
def test_a_published_sample_is_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Dimension, question, options and target; its picture gets the suffix that viewers want."""
    assert main(["show", "mmstar", "17", "--pictures", "out"]) == 0

    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "mmstar.math.statistical-reasoning"
    assert shown[-4:-1] == ["  A  Yes", "  B  No", "correct: A"]
    assert (project / "out" / "mmstar" / "17.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.filterwarnings("ignore::pytest_mmbench.errors.MMBenchWarning")
def test_published_dimensions_are_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tree of a benchmark that the settings of this folder configure."""
    assert project.is_dir()
    assert main(["dimensions"]) == 0

    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == 25
    assert listed[0].split() == ["mmstar", "20"]

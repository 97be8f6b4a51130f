"""A recipe in a run and in the commands, as any other benchmark."""

from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.cli.main import main

FIXTURES = Path(__file__).parents[2] / "fixtures" / "recipes"


@pytest.mark.filterwarnings("ignore::pytest_mmbench.errors.MMBenchWarning")
def test_a_recipe_is_judged(
    project: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By name, with its data in the settings; `mmbench dimensions` shows its tree."""
    project.file(
        "mmbench.toml",
        f'[benchmarks.pope]\ndata = "{FIXTURES / "pope"}"\n[thresholds]\npope = 0.5\n',
    )
    project.file("yes.json", '{"answers": {}, "otherwise": "Yes"}')

    result = project.run(
        "--mm-model=scripted:yes.json",
        "--mm-benchmark=pope",
        "-W",
        "ignore::pytest_mmbench.errors.MMBenchWarning",
    )
    monkeypatch.chdir(project.path)
    code = main(["dimensions", "pope"])

    assert result.parseoutcomes() == {"passed": 4}
    result.stdout.fnmatch_lines(["pope *0.500*3/6*pass", "*random *1/2*"])
    assert code == 0
    assert "pope.adversarial" in capsys.readouterr().out

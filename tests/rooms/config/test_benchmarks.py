from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_mmbench.config.settings import BenchmarkSettings
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.records import Method

if TYPE_CHECKING:
    from gated_project import Project

TWO = """
method = "rank-mean"

[benchmarks.mmstar]
method = "generate"
data = "data/MMStar"

[benchmarks.shapes]
per-axis = 10
noise = 0.5
colours = [0.1, { red = 0.2 }]
"""


def test_configured_benchmarks_are_chosen_in_their_order(project: Project) -> None:
    """Each brings its own method, or else that of the file, and its own options in plain types."""
    project.write(TWO)

    assert project.settings().benchmarks == (
        BenchmarkSettings(
            name="mmstar",
            method=Method.GENERATE,
            options={"data": "data/MMStar"},
            source='mmbench.toml [benchmarks.mmstar] method = "generate"',
        ),
        BenchmarkSettings(
            name="shapes",
            method=Method.RANK_MEAN,
            options={"per-axis": 10, "noise": 0.5, "colours": [0.1, {"red": 0.2}]},
            source='mmbench.toml method = "rank-mean"',
        ),
    )


@pytest.mark.parametrize(("config", "lies"), [("mmbench.toml", "."), ("ci/night.toml", "ci")])
def test_data_lie_where_the_settings_file_lies(project: Project, config: str, lies: str) -> None:
    """A relative path starts there, or in the rootdir if it leads to nothing from there."""
    project.write('[benchmarks.mmstar]\ndata = "data"\n[benchmarks.shapes]\ndata = "m"\n', config)
    for place in (f"{lies}/data", "m"):
        (project.rootdir / place).mkdir(parents=True, exist_ok=True)

    chosen = project.settings(cli={"mm_config": config}).benchmarks

    found = [each.options["data"] for each in chosen]
    assert found == [str(project.rootdir / lies / "data"), str(project.rootdir / "m")]


def test_a_method_of_the_command_line_holds_for_every_benchmark(project: Project) -> None:
    """What is typed comes before everything that the file says, however near to the benchmark."""
    project.write(TWO)
    chosen = project.settings(cli={"mm_method": "rank-letter"}).benchmarks

    assert [each.method for each in chosen] == [Method.RANK_LETTER] * 2
    assert {each.source for each in chosen} == {"--mm-method=rank-letter"}


def test_a_chosen_benchmark_keeps_its_options(project: Project) -> None:
    """--mm-benchmark picks out of the configured ones; the table of the picked one still holds."""
    project.write(TWO)
    (chosen,) = project.settings(cli={"mm_benchmark": ["shapes"]}).benchmarks

    assert chosen.name == "shapes"
    assert chosen.options["per-axis"] == 10


def test_a_registered_benchmark_needs_no_table(project: Project) -> None:
    """--mm-benchmark also picks a benchmark that the file does not mention."""
    project.write("[benchmarks.shapes]")
    (chosen,) = project.settings(cli={"mm_benchmark": ["mmstar"]}).benchmarks

    assert (chosen.name, chosen.method, chosen.options) == ("mmstar", "auto", {})


def test_auto_is_the_first_method_that_a_benchmark_offers() -> None:
    """A benchmark knows best how it is asked."""
    chosen = BenchmarkSettings(name="shapes", method="auto", options={}, source="default")

    assert chosen.method_from((Method.GENERATE, Method.RANK)) is Method.GENERATE


def test_a_method_that_is_offered_is_taken() -> None:
    """The first one is only a default."""
    chosen = BenchmarkSettings(
        name="shapes", method=Method.RANK, options={}, source="--mm-method=rank"
    )

    assert chosen.method_from((Method.GENERATE, Method.RANK)) is Method.RANK


def test_a_method_that_a_benchmark_does_not_offer() -> None:
    """The error says where the method was set, and which ones are offered."""
    chosen = BenchmarkSettings(
        name="shapes", method=Method.RANK, options={}, source="--mm-method=rank"
    )
    with pytest.raises(SettingsError) as caught:
        chosen.method_from((Method.GENERATE, Method.RANK_MEAN))

    assert str(caught.value).splitlines() == [
        "mmbench: benchmark 'shapes' cannot be asked by 'rank'.",
        "  asked for by   --mm-method=rank",
        "  did you mean   'rank-mean'?",
        "  offered        generate, rank-mean",
    ]

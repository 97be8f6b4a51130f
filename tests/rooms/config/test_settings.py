from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
KNOWN = (
    "  known          bad-rows, base-llm, baseline, batch-size, benchmarks, circular, decoding, "
    "device, dtype, exclude, gate, limit, method, model, regression, seed, snapshots, store, "
    "strict, thresholds, trust-remote-code, vision"
)
AS_A_TABLE = "write it as mmbench.toml [benchmarks.shapes], its keys on the lines below"
METHODS = "  known          auto, generate, rank, rank-letter, rank-mean"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(
            "limt = 5",
            [
                "mmbench: 'limt' is not a setting.",
                "  asked for by   mmbench.toml limt = 5",
                "  did you mean   'limit'?",
                KNOWN,
            ],
            id="unknown key",
        ),
        pytest.param(
            "batch_size = 3",
            [
                "mmbench: 'batch_size' is not a setting.",
                "  asked for by   mmbench.toml batch_size = 3",
                "  did you mean   'batch-size'?",
                KNOWN,
            ],
            id="underscore",
        ),
        pytest.param(
            "fresh = true",
            [
                "mmbench: 'fresh' is not for a settings file.",
                "  asked for by   mmbench.toml fresh = true",
                "  what to do     use --mm-fresh, MMBENCH_FRESH or pytest's ini key mm_fresh",
            ],
            id="an option that files do not have",
        ),
        pytest.param(
            'benchmark = "shapes"',
            [
                "mmbench: 'benchmark' is not a setting.",
                '  asked for by   mmbench.toml benchmark = "shapes"',
                "  did you mean   'benchmarks'?",
                KNOWN,
            ],
            id="an option that files spell otherwise",
        ),
        pytest.param(
            'limit = "40"',
            [
                'mmbench: limit is a whole number, 0 or more; "40" is not.',
                '  asked for by   mmbench.toml limit = "40"',
                "  what to do     write digits alone, such as limit = 40",
            ],
            id="text for a number",
        ),
        pytest.param(
            "seed = true",
            [
                "mmbench: seed is a whole number, 0 or more; true is not.",
                "  asked for by   mmbench.toml seed = true",
                "  what to do     write digits alone, such as seed = 40",
            ],
            id="switch for a number",
        ),
        pytest.param(
            "limit = 2.5",
            [
                "mmbench: limit is a whole number, 0 or more; 2.5 is not.",
                "  asked for by   mmbench.toml limit = 2.5",
                "  what to do     write digits alone, such as limit = 40",
            ],
            id="fraction for a number",
        ),
        pytest.param(
            'strict = "yes"',
            [
                'mmbench: strict is either true or false; "yes" is neither.',
                '  asked for by   mmbench.toml strict = "yes"',
                "  what to do     write true or false, without quotes",
            ],
            id="text for a switch",
        ),
        pytest.param(
            "model = 4",
            [
                "mmbench: model is a text, not 4.",
                "  asked for by   mmbench.toml model = 4",
                "  what to do     write it in quotes",
            ],
            id="number for a text",
        ),
        pytest.param(
            'device = "GPU 0"',
            [
                "mmbench: 'GPU 0' is not a device.",
                '  asked for by   mmbench.toml device = "GPU 0"',
                "  what to do     write auto, cpu, cuda, cuda:1 or mps",
            ],
            id="device",
        ),
        pytest.param(
            "dtype = 16",
            [
                "mmbench: dtype is a text, not 16.",
                "  asked for by   mmbench.toml dtype = 16",
                "  known          auto, bfloat16, float16, float32",
            ],
            id="number for a choice",
        ),
        pytest.param(
            'method = "rnk"',
            [
                "mmbench: 'rnk' is not a method.",
                '  asked for by   mmbench.toml method = "rnk"',
                "  did you mean   'rank'?",
                METHODS,
            ],
            id="choice",
        ),
        pytest.param(
            'store = ""',
            ["mmbench: store is an empty path.", '  asked for by   mmbench.toml store = ""'],
            id="empty path",
        ),
        pytest.param(
            "[benchmarks.shape]",
            [
                "mmbench: benchmark 'shape' is not registered.",
                "  asked for by   mmbench.toml [benchmarks.shape]",
                "  did you mean   'shapes'?",
                "  registered     mmstar, shapes",
            ],
            id="unknown benchmark",
        ),
        pytest.param(
            '[benchmarks]\nshapes = "rank"',
            [
                "mmbench: shapes is a table, not a single value.",
                '  asked for by   mmbench.toml [benchmarks] shapes = "rank"',
                f"  what to do     {AS_A_TABLE}",
            ],
            id="value for a table",
        ),
        pytest.param(
            '[benchmarks.shapes]\nmethod = "likelihood"',
            [
                "mmbench: 'likelihood' is not a method.",
                '  asked for by   mmbench.toml [benchmarks.shapes] method = "likelihood"',
                METHODS,
            ],
            id="method of a benchmark",
        ),
    ],
)
def test_what_a_bad_line_of_the_file_is_answered_with(
    text: str, lines: list[str], project: Project
) -> None:
    """Each error names the file, the key and the value, what is valid, and what to do."""
    assert project.error(text) == lines


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        (
            {"cli": {"mm_limit": "ten"}},
            [
                'mmbench: limit is a whole number, 0 or more; "ten" is not.',
                "  asked for by   --mm-limit=ten",
                "  what to do     write digits alone, such as --mm-limit=40",
            ],
        ),
        (
            {"cli": {"mm_benchmark": ["shapes", "shpaes"]}},
            [
                "mmbench: benchmark 'shpaes' is not registered.",
                "  asked for by   --mm-benchmark=shpaes",
                "  did you mean   'shapes'?",
                "  registered     mmstar, shapes",
            ],
        ),
        (
            {"cli": {"mm_benchmark": [""]}},
            ["mmbench: benchmark names nothing.", "  asked for by   --mm-benchmark="],
        ),
        (
            {"environment": {"MMBENCH_STRICT": "maybe"}},
            [
                'mmbench: strict is either true or false; "maybe" is neither.',
                "  asked for by   MMBENCH_STRICT=maybe",
                "  what to do     write true or false",
            ],
        ),
        (
            {"ini": {"mm_batch_size": -8}},
            [
                "mmbench: batch-size is a whole number, 0 or more; -8 is not.",
                "  asked for by   ini mm_batch_size=-8",
                "  what to do     write digits alone, such as mm_batch_size=40",
            ],
        ),
    ],
)
def test_what_a_bad_value_elsewhere_is_answered_with(
    typed: dict[str, Any], lines: list[str], project: Project
) -> None:
    """The error repeats the flag, the variable or the ini key, as it was typed."""
    assert project.error("", **typed) == lines


def test_a_blank_variable_takes_nothing_back(project: Project) -> None:
    """It is as empty as an empty one: the comparison that the file asks for stays."""
    (project.rootdir / "mmbench.toml").write_text('baseline = "1.0"\n', encoding="utf-8")

    read = project.settings(environment={"MMBENCH_BASELINE": " "})

    assert read.baseline == "1.0"


def test_the_key_of_a_pyproject_is_named_in_full(project: Project) -> None:
    """The table of the error is the table that stands in the file."""
    lines = project.error("[tool.mmbench.gate]\nalfa = 0.1\n", "pyproject.toml")

    assert lines == [
        "mmbench: 'alfa' is not a key of [gate].",
        "  asked for by   pyproject.toml [tool.mmbench.gate] alfa = 0.1",
        "  did you mean   'alpha'?",
        "  known          alpha, cut-short, rule, undecided, unreadable",
    ]


def test_a_table_that_is_none_in_a_pyproject(project: Project) -> None:
    """`mmbench = 3` below [tool] is answered like any other value for a table."""
    lines = project.error("[tool]\nmmbench = 3\n", "pyproject.toml")

    assert lines[0] == "mmbench: mmbench is a table, not a single value."
    assert lines[1] == "  asked for by   pyproject.toml [tool] mmbench = 3"


def test_a_long_value_is_shortened(project: Project) -> None:
    """An error fits on one screen, whatever stands in the file."""
    lines = project.error(f'limit = "{"x" * 5000}"')

    assert max(map(len, lines)) < 140
    assert lines[1].endswith("...")


def test_a_switched_off_level_still_guards_its_file(project: Project) -> None:
    """An unknown key of the file is an error even if nothing of the file would be used."""
    assert project.error("limt = 5", cli={"mm_model": ""})[0] == "mmbench: 'limt' is not a setting."


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

    benchmarks = project.settings(cli={"mm_config": config}).benchmarks

    folders = [benchmark.options["data"] for benchmark in benchmarks]
    assert folders == [str(project.rootdir / lies / "data"), str(project.rootdir / "m")]


def test_a_method_of_the_command_line_holds_for_every_benchmark(project: Project) -> None:
    """What is typed comes before everything that the file says, however near to the benchmark."""
    project.write(TWO)
    benchmarks = project.settings(cli={"mm_method": "rank-letter"}).benchmarks

    assert [benchmark.method for benchmark in benchmarks] == [Method.RANK_LETTER] * 2
    assert {benchmark.source for benchmark in benchmarks} == {"--mm-method=rank-letter"}


def test_a_chosen_benchmark_keeps_its_options(project: Project) -> None:
    """--mm-benchmark picks out of the configured ones; the table of the picked one still holds."""
    project.write(TWO)
    (benchmark,) = project.settings(cli={"mm_benchmark": ["shapes"]}).benchmarks

    assert benchmark.name == "shapes"
    assert benchmark.options["per-axis"] == 10


def test_a_registered_benchmark_needs_no_table(project: Project) -> None:
    """--mm-benchmark also picks a benchmark that the file does not mention."""
    project.write("[benchmarks.shapes]")
    (benchmark,) = project.settings(cli={"mm_benchmark": ["mmstar"]}).benchmarks

    assert (benchmark.name, benchmark.method, benchmark.options) == ("mmstar", "auto", {})


def test_auto_is_the_first_method_that_a_benchmark_offers() -> None:
    """A benchmark knows best how it is asked."""
    benchmark = BenchmarkSettings(name="shapes", method="auto", options={}, source="default")

    assert benchmark.method_from((Method.GENERATE, Method.RANK)) is Method.GENERATE


def test_a_method_that_is_offered_is_taken() -> None:
    """The first one is only a default."""
    benchmark = BenchmarkSettings(
        name="shapes", method=Method.RANK, options={}, source="--mm-method=rank"
    )

    assert benchmark.method_from((Method.GENERATE, Method.RANK)) is Method.RANK


def test_a_method_that_a_benchmark_does_not_offer() -> None:
    """The error says where the method was set, and which ones are offered."""
    benchmark = BenchmarkSettings(
        name="shapes", method=Method.RANK, options={}, source="--mm-method=rank"
    )
    with pytest.raises(SettingsError) as caught:
        benchmark.method_from((Method.GENERATE, Method.RANK_MEAN))

    assert str(caught.value).splitlines() == [
        "mmbench: benchmark 'shapes' cannot be asked by 'rank'.",
        "  asked for by   --mm-method=rank",
        "  did you mean   'rank-mean'?",
        "  offered        generate, rank-mean",
    ]


def test_a_table_with_questions_registers_its_name(project: Project) -> None:
    """It may be chosen, have thresholds and a method, and its path starts where the file lies."""
    questions = project.write("id,question", "data/q.csv")
    project.write(
        '[benchmarks.acme]\nquestions = "data/q.csv"\nmethod = "rank"\n'
        '[benchmarks.acme.columns]\nid = "qid"\n'
        '[thresholds]\n"acme.signs" = 0.5\n'
    )

    settings = project.settings(cli={"mm_benchmark": ["acme"]})

    (acme,) = settings.benchmarks
    assert acme.options == {"questions": str(questions), "columns": {"id": "qid"}}
    assert acme.method is Method.RANK
    assert "acme.signs" in settings.thresholds


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[benchmarks."a.b"]\nquestions = "q.csv"',
            "'a.b' cannot be the name of a benchmark: dimensions begin with it.",
        ),
        (
            '[benchmarks.acme]\nquestion = "q.csv"',
            "benchmark 'acme' is not registered, and 'question' names no questions.",
        ),
        ('[benchmarks.acme]\ndata = "q.csv"', "benchmark 'acme' is not registered."),
        (
            '[benchmarks.acme]\nquestions = "q.csv"\n[thresholds]\n"acne" = 0.5',
            "benchmark 'acne' is not registered.",
        ),
    ],
)
def test_a_name_of_questions_that_is_none(project: Project, text: str, problem: str) -> None:
    """A dot would end the name, and a key that is misspelt is named."""
    assert project.error(text)[0] == f"mmbench: {problem}"

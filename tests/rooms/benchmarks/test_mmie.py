import json
import tarfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.dimensions import dimensions
from pytest_mmbench.benchmarks.mmie import (
    CATEGORIES,
    COUNTS,
    FIELDS,
    FULL,
    REASONING,
    SKIP_REASON,
    load,
)
from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Mark, Method, Prompt, RequestType, Tally
from pytest_mmbench.results.tally import combined, graded

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "mmie"
Described = Callable[[Benchmark], list[dict[str, object]]]
QUESTION = {"from": "human", "content": [{"text": "Q?", "image": None}]}
REFERENCE = {"from": "gpt", "content": "R."}
ROW = {"field": "Math", "catagory": "Multi-step reasoning", "conversations": [QUESTION, REFERENCE]}


def read(data: object, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(data), **options})


def made(published: Any, *changes: Mapping[str, object]) -> Path:
    """A file of records that differ from a sound one."""
    rows = [{"id": f"MSR-{at}", **ROW, **each} for at, each in enumerate(changes)]
    path: Path = published.text("data.json", json.dumps(rows))
    return path


def shown(prompt: Prompt) -> list[tuple[str, str]]:
    """Who says what, with `[1]` where a picture of that number stands."""
    return [
        (
            turn.role,
            "".join(each if isinstance(each, str) else f"[{each.name[-1]}]" for each in turn.parts),
        )
        for turn in prompt.turns
    ]


def test_twelve_fields_of_three_categories() -> None:
    """As many samples as the paper says; of reasoning's fields only the sum is published."""
    assert sum(COUNTS.values()) == 20_103
    assert sum(map(len, FIELDS.values())) == 12
    assert sum(count for path, count in COUNTS.items() if ".project-based" in path) == 11_482


@pytest.mark.parametrize("data", [FIXTURES, FIXTURES / "data.json"], ids=["folder", "file"])
def test_the_expected_samples(data: Path, described: Described) -> None:
    """`overview.json`, which repeats some of the records, is left alone."""
    expected = json.loads((FIXTURES / "samples.json").read_text(encoding="utf-8"))

    assert described(read(data)) == expected


def test_pictures_lie_beside_the_file() -> None:
    """Those of the question, in their order; those of the reference are not shown."""
    benchmark = read(FIXTURES)
    first, second = benchmark.sample("SA-000001").pictures

    assert first.read() == (FIXTURES / "images" / "SA" / "1.png").read_bytes()
    assert second.read() == (FIXTURES / "images" / "SA" / "2.png").read_bytes()


def test_questions_about_one_picture_are_a_cluster() -> None:
    """By the path of what is shown first; a question without a picture is in none."""
    benchmark = read(FIXTURES)

    assert benchmark.sample("MSR-000001").cluster == benchmark.sample("MSR-000002").cluster != ""
    assert benchmark.sample("PBL-000003").cluster == ""


def test_pictures_that_are_still_packed(published: Any) -> None:
    """They are published as `images.tar.gz`, which gives no single picture."""
    shown = {"from": "human", "content": [{"text": "Q?", "image": "./images/MSR/1.png"}]}
    path = made(published, {"conversations": [shown, REFERENCE]})
    with tarfile.open(path.parent / "images.tar.gz", "w:gz") as packed:
        packed.add(FIXTURES / "images", "images")

    with pytest.raises(DataError) as caught:
        read(path.parent).sample("MSR-0").pictures[0].read()

    assert "images.tar.gz cannot be read without being unpacked." in caught.value.facts["reason"]
    assert caught.value.facts["what to do"].startswith("unpack it beside itself: tar -xf")


@pytest.mark.parametrize(
    ("id", "turns"),
    [
        (
            "SA-000001",
            [("user", "A disc rolls down a hill.\n[1]\nIt meets a gate.\n[2]\nHow does it go on?")],
        ),
        ("SA-000002", [("user", "[1]\n[2]\nAnd then?")]),
        ("PBL-000003", [("user", "How is a ledger kept?")]),
        (
            "PBL-000002",
            [
                ("user", "How do I begin to draw a disc?\n[1]"),
                ("assistant", "Mark its middle.\n[2]"),
                ("user", "[3]\nDone. What is next?\n[4]"),
            ],
        ),
    ],
)
def test_texts_and_pictures_are_asked_in_their_order(id: str, turns: list[object]) -> None:
    """A conversation up to its last question, with each picture in its place."""
    benchmark = read(FIXTURES)
    request = benchmark.request(benchmark.sample(id), Method.RANK)

    assert shown(request.prompt) == turns
    assert request.prompt.pictures == benchmark.sample(id).pictures
    assert (request.type, request.new_tokens) == (RequestType.GENERATE, 1024)


def test_what_an_ablation_changes_is_asked() -> None:
    """Without pictures the words are left, in every turn; another question takes the last place."""
    benchmark = read(FIXTURES)
    sample = benchmark.sample("PBL-000002")
    blind = replace(sample, pictures=())
    unasked = replace(sample, question="")

    assert shown(benchmark.request(blind, Method.GENERATE).prompt) == [
        ("user", "How do I begin to draw a disc?\n"),
        ("assistant", "Mark its middle.\n"),
        ("user", "\nDone. What is next?\n"),
    ]
    assert shown(benchmark.request(unasked, Method.GENERATE).prompt)[-1] == ("user", "[3][4]")


def test_every_dimension_waits_for_a_judge() -> None:
    """Its reason is told; nothing is said of an answer without it."""
    benchmark = read(FIXTURES)

    assert {node.skip_reason for node in benchmark.dimensions()} == {SKIP_REASON}
    for method in Method:
        answer = Answer(sample="MSR-000001", text="12")
        score = benchmark.scorer(method)(benchmark.sample("MSR-000001"), answer)
        assert score.mark is Mark.UNPARSEABLE


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": "SA-MSR-1", "field": "Literature", "catagory": None}, "situational-analysis"),
        ({"id": "PBL_MSR", "field": "art", "catagory": None}, "project-based-learning"),
        ({"id": "7"}, "multi-step-reasoning"),
        ({"id": "7", "catagory": "MSR"}, "multi-step-reasoning"),
        ({"id": "7", "catagory": None, "category": "Multi-step Reasoning"}, "multi-step-reasoning"),
    ],
)
def test_the_id_says_the_category(published: Any, change: Mapping[str, object], path: str) -> None:
    """In the authors' order; where it does not, the field of either spelling does."""
    (sample,) = read(made(published, change)).samples.values()

    assert sample.dimension.split(".")[1] == path


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "7", "catagory": "reasoning"}, "id is '7', which names none of SA, PBL, MSR."),
        ({"id": "SA-1"}, "category is multi-step reasoning, and the id SA-1 says otherwise."),
        ({"field": "Maths"}, "field is 'Maths', which is no field of multi-step reasoning."),
        ({"field": None}, "field is empty."),
        (
            {"conversations": [REFERENCE, QUESTION]},
            "conversations does not end with a question and its reference.",
        ),
        ({"conversations": None}, "conversations does not end with a question and its reference."),
        (
            {"conversations": [QUESTION, {"from": "gpt", "content": [{"text": " "}]}]},
            "conversations holds a turn in which nothing is said.",
        ),
        (
            {"conversations": [QUESTION, {"from": "bot", "content": "R."}]},
            "conversations holds a turn without from (human, gpt) or content.",
        ),
        (
            {"conversations": [QUESTION, {"from": "gpt", "content": ["R."]}]},
            "conversations holds a segment without text and image.",
        ),
        ({"id": "MSR-0"}, "id MSR-0 stands in two rows."),
    ],
)
def test_a_row_that_is_not_mmies(
    published: Any, change: Mapping[str, object], problem: str
) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {}, change))

    assert caught.value.problem == problem
    assert caught.value.facts["file"] == "data.json"
    assert caught.value.facts["row"] == "1 (counted from 0)"
    assert caught.value.facts["field"]


def test_other_options_are_refused() -> None:
    """There is no rule of scoring to choose as long as there is no judge."""
    with pytest.raises(SettingsError, match="mmie has no option 'scoring'"):
        load({"data": "nowhere", "scoring": "official"})


def test_other_counts_are_warned_of() -> None:
    """By field, and for reasoning by their sum."""
    with pytest.warns(MMBenchWarning, match="20103 samples were expected, 14 found") as caught:
        load({"data": str(FIXTURES)})

    lines = " ".join(str(caught[0].message).split())
    assert "mmie.project-based-learning.education expected 2835 found 1" in lines
    assert f"{REASONING} expected 3616 found 5" in lines


SIZES = {"SA": 5005, "PBL": 11482, "MSR": 3616}
NODES = dimensions("mmie", dict.fromkeys(CATEGORIES.values(), ()), {})
"""The whole over its categories: how grades lie inside them is not published, and does not matter
to an average over samples."""
(TABLE,) = json.loads((FIXTURES / "numbers.json").read_text(encoding="utf-8"))


def grades(percent: float, size: int) -> list[Fraction]:
    """Whole grades of that many answers whose mean comes nearest to a published percentage."""
    lower, higher = divmod(round(Fraction(str(percent)) * FULL * size / 100), size)
    return [Fraction(lower + (at < higher), FULL) for at in range(size)]


def judged(row: Sequence[Any]) -> dict[str, Tally]:
    """The tallies of the categories of a published row."""
    return {
        node.path: graded(node, grades(percent, size))
        for node, percent, size in zip(NODES[1:], row[2:], SIZES.values(), strict=True)
    }


@pytest.mark.parametrize("row", TABLE["rows"], ids=lambda row: row[0])
def test_categories_are_means_of_whole_grades(row: Sequence[Any]) -> None:
    """Rounded to three decimals, as the authors' script does, such a mean gives the percentage."""
    for tally, percent in zip(judged(row).values(), row[2:], strict=True):
        mean = round(FULL * tally.score, 3)
        assert round(float(100 * mean / FULL), 2) == percent


@pytest.mark.parametrize("row", TABLE["rows"], ids=lambda row: row[0])
def test_the_average_is_over_samples(row: Sequence[Any]) -> None:
    """Within the rounding of four numbers; the mean of categories is another."""
    found = 100 * combined(NODES[0], judged(row)).score
    of_categories = Fraction(str(sum(row[2:]))) / 3

    assert abs(found - Fraction(str(row[1]))) <= Fraction(2, 100)
    assert abs(of_categories - Fraction(str(row[1]))) > Fraction(2, 100)

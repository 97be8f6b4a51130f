import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from publishing.pictures import number

from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.benchmarks.seed_bench_2 import COUNTS, LEAVES, NEW_TOKENS, PUBLISHED, load
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Average, Mark, Method, Prompt
from pytest_mmbench.testing import samples

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "seed-bench-2"
JSON, PARQUET = "SEED-Bench_v2_level1_2_3.json", "test-00000-of-00001.parquet"
LETTER = "Answer with the option's letter from the given choices directly."
Described = Callable[[Benchmark], list[dict[str, object]]]
ROW = {
    "question_id": "5_0",
    "question_type_id": 5,
    "data_type": "Single Image",
    "data_source": "cc3m",
    "data_id": "1_1",
    "question": "Q?",
    "choice_a": "One",
    "choice_b": "Two",
    "choice_c": "Zero",
    "choice_d": "Six",
    "answer": "B",
    "version": "v1",
}


def read(data: object = FIXTURES, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(data), **options})


def made(published: Any, *changes: Mapping[str, object]) -> Path:
    """A file of records that differ from a sound one."""
    rows = [{**ROW, "question_id": f"5_{at}", **change} for at, change in enumerate(changes)]
    path: Path = published.text(JSON, json.dumps({"questions": rows, "question_type": {"X": 1}}))
    return path


def paths(benchmark: Benchmark) -> list[str]:
    """Its nodes, without the name of the benchmark."""
    return [node.path.removeprefix("seed-bench-2").strip(".") for node in benchmark.dimensions()]


def shown(prompt: Prompt) -> str:
    """The text of a prompt, with `[1]` where a picture of that number stands."""
    parts = prompt.turns[0].parts
    return "".join(each if isinstance(each, str) else f"[{each.name[-1]}]" for each in parts)


def worded(id: str, method: Method, **changes: Any) -> str:
    benchmark = read()
    sample = replace(benchmark.sample(id), **changes)
    return shown(benchmark.request(sample, method).prompt)


def test_27_dimensions_of_six_kinds() -> None:
    """The published numbers add up to the rows of the published file."""
    assert [len(names) for names in PUBLISHED.values()] == [16, 2, 4, 2, 2, 1]
    assert sum(COUNTS.values()) == 24_371
    assert sum(COUNTS[path] for path in LEAVES[:24]) == 23_203


@pytest.mark.parametrize("file", [JSON, PARQUET, ""])
def test_every_layout_gives_the_expected_samples(file: str, described: Described) -> None:
    """JSON with two archives, and parquet; of a folder with both, the authors' JSON is read."""
    expected = json.loads((FIXTURES / "samples.json").read_text(encoding="utf-8"))

    assert described(read(FIXTURES / file)) == expected


@pytest.mark.parametrize("file", [JSON, PARQUET])
def test_pictures_come_from_where_their_source_says(file: str) -> None:
    """Each shows its own number: from either archive, or from the row, in the order of the data."""
    every = list(samples(read(FIXTURES / file)))
    named = dict.fromkeys(path for sample in every for path in sample.cluster.split())
    numbers = {path: at for at, path in enumerate(named)}

    for sample in every:
        found = [number(each.read()) for each in sample.pictures]
        assert found == [numbers[path] for path in sample.cluster.split()]


def test_the_tree() -> None:
    """The whole, the levels, then each kind of data above its dimensions; every score is macro."""
    benchmark = read()
    found = paths(benchmark)

    assert found[:6] == ["", "l1", "l2", "l3", "single-image", "single-image.scene-understanding"]
    assert found[-5:] == [
        "image-generation",
        "image-generation.text-to-image-generation",
        "image-generation.next-image-prediction",
        "image-and-text-generation",
        "image-and-text-generation.text-image-creation",
    ]
    assert {node.average for node in benchmark.dimensions()} == {Average.MACRO}


def test_what_is_answered_with_pictures_is_not_asked() -> None:
    """The dimensions say why; the pictures to choose from are there, the last four of each."""
    benchmark = read()
    nodes = zip(paths(benchmark), benchmark.dimensions(), strict=True)

    assert {path for path, node in nodes if node.skip_reason} == {
        path for path in paths(benchmark) if "generation" in path.split(".")[0]
    }
    assert [len(benchmark.sample(id).pictures) for id in ("25_0", "26_0", "27_0")] == [4, 7, 4]
    assert worded("26_0", Method.RANK) == "[1][2][3]What will happen next?"
    assert worded("25_0", Method.RANK).startswith("Which picture below")
    assert worded("27_0", Method.RANK) == "What does the Old Mill Bridge look like?"


@pytest.mark.parametrize(
    ("level", "nodes", "asked"), [("L3", 37, 28), ("L2", 31, 25), ("L1", 27, 23)]
)
def test_a_lower_level_has_a_smaller_tree(level: str, nodes: int, asked: int) -> None:
    """Its whole is the level itself, and holds the levels below it."""
    benchmark = read(level=level)

    assert len(benchmark.dimensions()) == nodes
    assert len(list(samples(benchmark))) == asked
    assert f"l{level[1]}" in paths(benchmark)
    assert f"l{int(level[1]) + 1}" not in paths(benchmark)
    assert benchmark.dimensions()[0].leaves == benchmark.dimensions()[int(level[1])].leaves


def test_the_first_version() -> None:
    """Only its questions are left, and only their dimensions."""
    benchmark = read(version="v1")

    assert [sample.id for sample in samples(benchmark)] == [f"{at}_0" for at in range(1, 10)]
    assert len(benchmark.dimensions()[0].leaves) == 9
    assert "video" not in paths(benchmark)


def test_the_wording_to_rank_is_the_question_alone() -> None:
    """As LLaVA 1.5 is asked by the authors: pictures first, if they have no places."""
    assert worded("17_0", Method.RANK) == "[1][2]What differs?"
    assert worded("17_0", Method.RANK_MEAN) == "[1][2]What differs?"


def test_pictures_stand_at_their_marks() -> None:
    """Both where texts are ranked and where a letter is asked for."""
    assert worded("23_0", Method.RANK) == "[1]: The coat is red. [2]: The bag is blue. [3]:"
    assert worded("24_0", Method.GENERATE) == (
        "He sees [1] and then [2]. What has changed?\n"
        f"A. the light\nB. the door\nC. the dog\nD. nothing\n{LETTER}"
    )


def test_marks_in_brackets_are_marks_too() -> None:
    """The authors' interface of LLaVA writes them so."""
    assert worded("24_0", Method.RANK, question="[img] and [img]?") == "[1] and [2]?"


def test_lmms_evals_wording_asks_for_a_letter() -> None:
    """Generated, in so many tokens, or ranked among the letters."""
    benchmark = read()
    text = f"[0]How many lamps are there?\nA. One\nB. Two\nC. Three\nD. Four\n{LETTER}"
    generated = benchmark.request(benchmark.sample("5_0"), Method.GENERATE)
    ranked = benchmark.request(benchmark.sample("5_0"), Method.RANK_LETTER)

    assert (shown(generated.prompt), generated.new_tokens) == (text, NEW_TOKENS)
    assert (shown(ranked.prompt), ranked.options) == (text, ("A", "B", "C", "D"))


def test_without_pictures_no_mark_is_left() -> None:
    """A sample whose pictures were taken away asks in words alone."""
    text = worded("23_0", Method.RANK, pictures=())

    assert text == ": The coat is red. : The bag is blue. :"


def test_likelihood_is_the_default() -> None:
    """Generated text is read strictly, or by its first character."""
    assert read().methods() == (Method.RANK, Method.RANK_MEAN, Method.RANK_LETTER, Method.GENERATE)
    for scoring, mark in {"strict": Mark.UNPARSEABLE, "official": Mark.CORRECT}.items():
        benchmark = read(scoring=scoring)
        score = benchmark.scorer(Method.GENERATE)(
            benchmark.sample("5_0"), Answer(sample="5_0", text="Both.")
        )
        assert score.mark is mark


def test_white_space_beside_an_answer_is_no_part_of_it() -> None:
    """Nineteen answers of the authors' results of GPT-4V have it, before or after the letter."""
    benchmark = read()

    assert (benchmark.sample("9_1").target, benchmark.sample("12_0").target) == ("D", "B")


def test_questions_about_one_picture_are_a_cluster() -> None:
    """Three of the questions show one picture; eight frames of a video are one thing."""
    clusters = [sample.cluster for sample in samples(read())]

    assert clusters.count("90001_11") == 3
    assert len(set(clusters)) == len(clusters) - 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": "E"}, "answer is 'E', which is none of A, B, C and D."),
        ({"choice_b": None}, "choice_b is empty."),
        ({"question_type_id": 28}, "question_type_id is 28, which is no dimension."),
        ({"question_type_id": None}, "question_type_id is empty."),
        ({"data_type": "Video"}, "data_type is 'Video', to which dimension 5 does not belong."),
        ({"data_source": "cc12m"}, "data_source is 'cc12m', which is no archive of theirs."),
        ({"data_id": None}, "data_id is empty."),
        ({"question_id": "5_0"}, "question_id 5_0 stands in two rows."),
    ],
)
def test_a_row_that_is_not_seeds(
    published: Any, change: Mapping[str, object], problem: str
) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {}, change))

    assert caught.value.problem == problem
    assert caught.value.facts["file"] == JSON
    assert caught.value.facts["row"] == "1 (counted from 0)"


def test_bad_rows_can_be_left_out(published: Any) -> None:
    """They are counted in a warning, and the others are asked."""
    with pytest.warns(MMBenchWarning) as caught:
        benchmark = load({"data": str(made(published, {}, {"answer": ""})), "bad-rows": "skip"})

    assert str(caught[0].message).startswith(f"1 of 2 rows of {JSON} cannot be used")
    assert list(benchmark.samples) == ["5_0"]


@pytest.mark.parametrize(
    ("level", "count"), [("L3", "24371 samples"), ("L2", "23203 samples"), ("L1", "23034 samples")]
)
def test_other_counts_are_warned_of(level: str, count: str) -> None:
    """The published number of samples is that of the level."""
    with pytest.warns(MMBenchWarning, match=f"{count} were expected"):
        load({"data": str(FIXTURES), "level": level})


def test_the_first_version_has_no_published_counts(recwarn: pytest.WarningsRecorder) -> None:
    """Nothing is warned of where nothing is known."""
    load({"data": str(FIXTURES), "version": "v1"})

    assert not recwarn.list


def test_an_option_that_is_not_known() -> None:
    """Settings are checked before data are read."""
    with pytest.raises(SettingsError, match="level = 'L4' is not known"):
        load({"data": "nowhere", "level": "L4"})
    with pytest.raises(SettingsError, match="version = 'v3' is not known"):
        load({"data": "nowhere", "version": "v3"})

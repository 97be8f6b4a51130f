import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.mmbench import COUNTS, EDITIONS, load, recognised_edition
from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Mark, Method, Unit
from pytest_mmbench.testing import samples

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "mmbench"
TSV = FIXTURES / "MMBench_DEV_EN.tsv"
PARQUET = FIXTURES / "en" / "dev-00000-of-00001.parquet"
Described = Callable[[Benchmark], list[dict[str, object]]]
ROW = {
    "question": "Q?",
    "A": "one",
    "B": "two",
    "answer": "B",
    "category": "ocr",
    "image": "1.png",
}


def read(data: object, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(data), **options})


def made(published: Any, *changes: Mapping[str, object], name: str = "m.jsonl") -> Path:
    """A file of rows that differ from a sound one."""
    rows = [{"index": at, **ROW, **each} for at, each in enumerate(changes)]
    path: Path = published.text(name, "".join(json.dumps(row) + "\n" for row in rows))
    return path


def questions_alone(published: Any) -> Path:
    """The TSV file without the rotated copies."""
    lines = TSV.read_text(encoding="utf-8").split("\n")
    first_copy = next(at for at, line in enumerate(lines) if line.startswith("1000003\t"))
    path: Path = published.text("MMBench_DEV_EN.tsv", "\n".join(lines[:first_copy]) + "\n")
    return path


def worded(id: str, method: Method) -> str:
    benchmark = read(TSV)
    return str(benchmark.request(benchmark.sample(id), method).prompt.turns[0].parts[-1])


@pytest.mark.parametrize("data", [TSV, PARQUET, FIXTURES, FIXTURES / "en"])
def test_every_layout_gives_the_expected_samples(data: Path, described: Described) -> None:
    """The authors' TSV with references and lmms-lab's parquet with `nan` hold one benchmark."""
    expected = json.loads((FIXTURES / "samples.json").read_text(encoding="utf-8"))

    assert described(read(data)) == expected


def test_every_layout_gives_the_same_pictures() -> None:
    """A reference leads to the picture that the other layout repeats in every row."""
    embedded = read(PARQUET)

    for sample in samples(read(TSV)):
        (picture,), (twin,) = sample.pictures, embedded.sample(sample.id).pictures
        assert picture.read() == twin.read()


def test_passes_of_a_question_count_together() -> None:
    """Each node counts questions, and a question's passes are one unit."""
    benchmark = read(TSV)

    assert {node.unit for node in benchmark.dimensions()} == {Unit.ALL_CORRECT}
    passes = ["17", "1000017", "2000017", "3000017"]
    assert [benchmark.sample(id).unit for id in passes] == ["17"] * 4
    assert benchmark.sample("1000018").unit == "18"


def test_questions_about_one_picture_are_a_cluster() -> None:
    """The reference says so where there is one; in parquet every question stands for itself."""
    assert {read(TSV).sample(id).cluster for id in ("17", "3000017", "18", "2000018")} == {"17"}
    assert read(PARQUET).sample("2000018").cluster == "18"


def test_a_file_without_copies_is_vanilla(published: Any) -> None:
    """Each question is asked once, counts by itself, and the run says so."""
    benchmark = read(questions_alone(published))

    assert [each.unit for each in samples(benchmark)] == [""] * 7
    assert benchmark.dimensions()[0].unit is Unit.SAMPLE
    assert (benchmark.variant, read(TSV).variant) == ("DEV_EN, vanilla", "DEV_EN, circular")
    assert benchmark.revision.startswith("mmbench-1 DEV_EN vanilla ")


def test_the_official_wording() -> None:
    """VLMEvalKit's, down to the blank and the line break at its end."""
    asked = (
        "Question: Is the cup on the plate?\nOptions:\nA. no\nB. yes\n"
        "Please select the correct answer from the options above. \n"
    )

    assert {worded("241", each) for each in (Method.GENERATE, Method.RANK)} == {asked}
    assert worded("241", Method.RANK_LETTER) == (
        f"{asked}Answer with the option's letter from the given choices directly."
    )


def test_a_hint_comes_first() -> None:
    """With its tabs and line breaks, in every pass, also when an ablation takes the question."""
    expected = (
        "Hint: Look at its\tedge.\nIt is sharp.\nQuestion: What is it used for?\nOptions:\nA. "
    )
    assert worded("242", Method.GENERATE).startswith(expected)
    assert worded("2000242", Method.RANK).startswith(f"{expected}to eat\n")

    benchmark = read(TSV)
    sample = replace(benchmark.sample("999"), question="Which?", options=("x", "y"), pictures=())
    (text,) = benchmark.request(sample, Method.RANK).prompt.turns[0].parts
    assert str(text).startswith("Hint: One flees.\nQuestion: Which?\nOptions:\nA. x\nB. y\n")


@pytest.mark.parametrize(
    ("text", "strict", "official"),
    [
        ("B", Mark.CORRECT, Mark.CORRECT),
        ("B. yes", Mark.CORRECT, Mark.CORRECT),
        ("no", Mark.INCORRECT, Mark.INCORRECT),
        ("A or B", Mark.UNPARSEABLE, Mark.INCORRECT),
        ("It cannot be told from this picture.", Mark.UNPARSEABLE, Mark.INCORRECT),
    ],
)
def test_two_rules_of_scoring(text: str, strict: Mark, official: Mark) -> None:
    """Strict knows unreadable answers; official is VLMEvalKit without a judge."""
    for scoring, expected in {"strict": strict, "official": official}.items():
        benchmark = read(TSV, scoring=scoring)
        scorer = benchmark.scorer(Method.GENERATE)
        score = scorer(benchmark.sample("241"), Answer(sample="241", text=text))
        assert (scorer.rule, score.mark) == (scoring, expected)


@pytest.mark.parametrize(
    ("data", "edition"),
    [
        ("MMBench_DEV_EN.tsv", "DEV_EN"),
        ("LMUData/MMBench_DEV_CN_V11.tsv", "DEV_CN_V11"),
        ("MMBench_DEV_EN_v1.1.tsv", "DEV_EN_V11"),
        ("lmms-lab/MMBench", "DEV_EN"),
        ("lmms-lab/MMBench_CN", "DEV_CN"),
        ("MMBench/cn/dev-00000-of-00001.parquet", "DEV_CN"),
        ("cn/MMBench_DEV_EN.tsv", "DEV_EN"),
        ("CCBench.tsv", "CCBench"),
        ("broken/bench.tsv", "DEV_EN"),
    ],
)
def test_editions_are_recognised_by_their_names(data: str, edition: str) -> None:
    """A file's name comes before its folder's; what says nothing is the first edition."""
    assert recognised_edition(data) == edition


def test_an_edition_of_unknown_size(published: Any) -> None:
    """Nothing is said of its counts but that they were not looked at: no warning is false."""
    path = made(published, {})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        benchmark = load({"data": str(path), "edition": "DEV_CN_V11"})

    assert benchmark.variant == "DEV_CN_V11, vanilla, its size not checked"


@pytest.mark.parametrize(("edition", "total"), [("DEV_CN", 1164), ("CCBench", 510)])
def test_an_edition_whose_total_alone_is_known(published: Any, edition: str, total: int) -> None:
    """It is checked by that."""
    with pytest.warns(MMBenchWarning) as caught:
        load({"data": str(made(published, {})), "edition": edition})

    assert str(caught[0].message).splitlines()[1:] == [
        f"  mmbench   expected {total:>5}   found     1"
    ]


def test_ccbench_has_abilities_of_its_own() -> None:
    """They are the leaves, below the whole."""
    benchmark = read(FIXTURES / "CCBench.tsv")

    nodes = [(node.path, node.size) for node in benchmark.dimensions()]
    assert nodes == [
        ("mmbench", 6),
        ("mmbench.food-and-clothes", 4),
        ("mmbench.sketch-reasoning", 2),
    ]


def test_counts_are_of_questions() -> None:
    """1,164 of them in DEV_EN; copies are not counted."""
    assert sum(COUNTS.values()) == EDITIONS["DEV_EN"].questions

    with pytest.warns(MMBenchWarning) as caught:
        load({"data": str(TSV)})

    lines = str(caught[0].message).splitlines()
    assert lines[0] == (
        "MMBench_DEV_EN.tsv is not the published data: 1164 samples were expected, 7 found. "
        "Its scores compare with no published ones."
    )
    ocr = "mmbench.finegrained-perception-instance-level.ocr"
    assert [line.split() for line in lines if f"{ocr} " in line] == [
        [ocr, "expected", "39", "found", "1"]
    ]


def test_missing_passes_are_warned_of(published: Any) -> None:
    """A question that lacks a copy is easier than it was published."""
    path = made(published, {}, {"index": 1, "C": "three"}, {"index": 1000001, "C": "three"})

    with pytest.warns(MMBenchWarning) as caught:
        load({"data": str(path)})

    assert str(caught[1].message) == (
        "m.jsonl: 2 of 2 questions do not have one pass for each option. CircularEval is easier on "
        "those that have fewer: 0, 1"
    )


@pytest.mark.parametrize("edition", ["TEST_EN", "TEST_CN_V11"])
def test_test_editions_are_refused_by_name(edition: str) -> None:
    """Before anything is read."""
    with pytest.raises(SettingsError) as caught:
        load({"data": "nowhere", "edition": edition})

    assert caught.value.problem == (
        f"mmbench's answers of the edition '{edition}' are not published: nothing can be scored."
    )
    assert caught.value.facts["what to do"] == (
        "send a model's answers to its authors, or ask another edition"
    )


def test_test_files_are_refused_by_what_they_lack(published: Any) -> None:
    """Whether the column is missing or says `nan`."""
    tsv = published.tsv("MMBench_TEST_EN.tsv", ["index", "question", "A"], ["1", "Q?", "one"])

    for path in (tsv, FIXTURES / "en" / "test-00000-of-00001.parquet"):
        with pytest.raises(DataError) as caught:
            read(path)
        assert caught.value.problem == f"{path.name} holds no answers: nothing can be scored."


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": "C"}, "answer is 'C', and there are 2 options."),
        ({"answer": ""}, "answer is empty."),
        ({"A": "nan"}, "A is empty, and B is not."),
        ({"B": ""}, "A ('one',) are no options."),
        ({"question": None}, "question is empty."),
        ({"category": "spelling"}, "category is 'spelling', which is no ability."),
        (
            {"l2-category": "logic_reasoning"},
            "l2-category is 'logic_reasoning', to which 'ocr' does not belong.",
        ),
        ({"index": 1000007}, "index is 1000007, a copy of 7, which is not there."),
        ({"index": 0}, "index 0 stands in two rows."),
        ({"index": "x"}, "index is 'x', which is not a whole number."),
    ],
)
def test_a_row_that_is_not_mmbenchs(
    published: Any, change: Mapping[str, object], problem: str
) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {}, change))

    assert caught.value.problem == problem
    assert caught.value.facts["file"] == "m.jsonl"
    assert caught.value.facts["row"] == "1 (counted from 0)"


def test_bad_rows_can_be_left_out(published: Any) -> None:
    """With a question that cannot be used, its copies cannot either."""
    path = made(published, {}, {"index": "x"}, {"index": 1000001})

    benchmark = read(path, **{"bad-rows": "skip"})

    assert [each.id for each in samples(benchmark)] == ["0"]


def edition_of_2023(published: Any, *, less: int = 0, circular: bool = True) -> Path:
    """Its numbers: 4,377 rows, 1,176 questions, 53 of which have four options and three passes."""
    rows = []
    for question in range(1176 - less):
        passes = 3 if question < 53 else 2 if question < 53 + 137 else 4
        for by in range(passes if circular else 1):
            options = {"C": "three", "D": "four"} if passes > 2 else {}
            index = question + by * 1_000_000
            rows.append({**ROW, "index": index, "A": "one", "B": "two", **options})
    text = "\n".join(map(json.dumps, rows))
    return Path(published.text("MMBench_DEV_EN.jsonl", text))


@pytest.mark.parametrize("circular", [True, False])
def test_the_file_of_2023_is_known(published: Any, *, circular: bool) -> None:
    """It has twelve questions more than today's, and passes that are missing as published."""
    path = edition_of_2023(published, circular=circular)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        benchmark = load({"data": str(path)})

    passes = "circular" if circular else "vanilla"
    assert benchmark.variant == f"DEV_EN of 2023, {passes}"
    assert len(benchmark.samples) == (4377 if circular else 1176)


def test_a_part_of_the_file_of_2023_is_not_the_published_data(published: Any) -> None:
    """One question less is neither edition."""
    with pytest.warns(MMBenchWarning) as caught:
        load({"data": str(edition_of_2023(published, less=1))})

    assert "1164 samples were expected, 1175 found" in str(caught[0].message)
    assert "53 of 1175 questions do not have one pass" in str(caught[1].message)

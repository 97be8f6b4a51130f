import json
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from publishing.pictures import grey

from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.benchmarks.scienceqa import COUNTS, SUBSETS, VIEW_COUNTS, load
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Mark, Method, RequestType
from pytest_mmbench.testing import samples

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "scienceqa"
ORIGINAL = FIXTURES / "original"
HUB = FIXTURES / "hub"
TSV = FIXTURES / "ScienceQA_TEST.tsv"
Described = Callable[[Benchmark], list[dict[str, object]]]
ROW = {
    "question": "Q?",
    "choices": ["one", "two"],
    "answer": 1,
    "subject": "natural science",
    "grade": "grade4",
    "hint": "",
    "image": "1.png",
}


def read(data: object, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(data), **options})


def made(published: Any, *changes: Mapping[str, object]) -> Path:
    """A file of rows that differ from a sound one."""
    rows = [{"index": at, **ROW, **each} for at, each in enumerate(changes)]
    path: Path = published.text("s.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return path


def expected() -> list[dict[str, Any]]:
    """All questions of the test split, as the authors' file has them."""
    found: list[dict[str, Any]] = json.loads((FIXTURES / "samples.json").read_text("utf-8"))
    return found


def with_a_picture(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the image subset, which knows no other contexts than hints."""
    return [
        {**each, "views": [view for view in each["views"] if view != "context.img"]}
        for each in questions
        if each["pictures"]
    ]


def unnamed(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without ids: only the authors' file has any."""
    return [{**each, "id": ""} for each in questions]


def worded(id: str, method: Method) -> str:
    benchmark = read(ORIGINAL, subset="all")
    return str(benchmark.request(benchmark.sample(id), method).prompt.turns[0].parts[-1])


def test_the_authors_folder_gives_the_expected_samples(described: Described) -> None:
    """All questions, or those with a picture, of the split that is asked."""
    assert described(read(ORIGINAL, subset="all")) == expected()
    assert described(read(ORIGINAL)) == with_a_picture(expected())


@pytest.mark.parametrize("data", [TSV, HUB, HUB / "ScienceQA-IMG" / "test-00000-of-00001.parquet"])
def test_every_layout_gives_the_same_samples(data: Path, described: Described) -> None:
    """Letters in columns, or indices of lists: the image subset is one."""
    assert unnamed(described(read(data))) == unnamed(with_a_picture(expected()))


def test_the_hub_with_all_questions(described: Described) -> None:
    """The other configuration has those without a picture; the image subset is made of it too."""
    data = HUB / "ScienceQA-FULL" / "test-00000-of-00001.parquet"

    assert unnamed(described(read(HUB, subset="all"))) == unnamed(expected())
    assert unnamed(described(read(data))) == unnamed(with_a_picture(expected()))


def test_pictures_lie_in_the_row_or_in_folders() -> None:
    """The authors' `images/test` is read packed as they publish it."""
    original = [each.pictures[0].read() for each in samples(read(ORIGINAL))]

    assert original == [grey(5 * number) for number in (1, 4, 5, 20, 12)]
    assert [each.pictures[0].read() for each in samples(read(TSV))] == original
    assert [each.pictures[0].read() for each in samples(read(HUB))] == original


def test_the_split_is_what_the_authors_list(published: Any, tmp_path: Path) -> None:
    """`pid_splits.json` decides where it lies; else each problem says it."""
    problems = (ORIGINAL / "problems.json").read_text(encoding="utf-8")
    path = published.text("problems.json", problems)

    assert [each.id for each in samples(read(path, split="validation"))] == ["21"]

    published.text("pid_splits.json", '{"val": [1], "test": []}')
    assert [each.id for each in samples(read(tmp_path, split="validation"))] == ["1"]
    with pytest.raises(DataError, match="lists no split 'train'"):
        read(tmp_path, split="train")


def test_a_file_of_another_split() -> None:
    """The error says what to set."""
    with pytest.raises(DataError) as caught:
        read(TSV, split="validation")

    assert caught.value.problem == "ScienceQA_TEST.tsv holds no samples of the split 'validation'."
    assert caught.value.facts["what to do"] == (
        "name the file of that split, or set split in [benchmarks.scienceqa]"
    )


def test_the_wording() -> None:
    """lmms-eval's; without the sentence about letters where texts are ranked."""
    asked = "Which of these is a magnet?\nA. the clip\nB. the bar"
    letter = "\nAnswer with the option's letter from the given choices directly."

    assert worded("1", Method.GENERATE) == asked + letter
    assert worded("1", Method.RANK_LETTER) == asked + letter
    assert worded("1", Method.RANK) == asked


def test_a_hint_is_the_context() -> None:
    """With its line breaks, before the question."""
    assert worded("4", Method.RANK_MEAN) == (
        "Context: The picture shows two solutions.\nEach dot is one particle.\n"
        "Which solution is denser?\nA. A\nB. B\nC. neither; they are alike"
    )


def test_a_question_without_a_picture() -> None:
    """It is asked in words alone."""
    benchmark = read(ORIGINAL, subset="all")
    request = benchmark.request(benchmark.sample("9"), Method.RANK)

    assert request.prompt.pictures == ()
    assert (request.type, request.options) == (RequestType.LOGLIKELIHOOD, ("yes", "no"))


@pytest.mark.parametrize(
    ("text", "strict", "official"),
    [
        ("B", Mark.CORRECT, Mark.CORRECT),
        ("The answer is B.", Mark.CORRECT, Mark.CORRECT),
        ("the bar", Mark.CORRECT, Mark.INCORRECT),
        ("both", Mark.UNPARSEABLE, Mark.INCORRECT),
    ],
)
def test_two_rules_of_scoring(text: str, strict: Mark, official: Mark) -> None:
    """Strict reads an option's text too; official is LLaVA's rule, which does not."""
    for scoring, mark in {"strict": strict, "official": official}.items():
        benchmark = read(ORIGINAL, scoring=scoring)
        scorer = benchmark.scorer(Method.GENERATE)
        score = scorer(benchmark.sample("1"), Answer(sample="1", text=text))
        assert (scorer.rule, score.mark) == (scoring, mark)


def test_a_run_says_what_it_asks() -> None:
    """Split and subset are in its header and in its revision."""
    assert read(ORIGINAL).variant == "test, questions with a picture"
    assert read(ORIGINAL, split="train", subset="all").variant == "train, all questions"
    assert read(ORIGINAL).revision.startswith("scienceqa-1 test image ")


def test_counts_that_were_published() -> None:
    """The whole test split by subject and view; elsewhere how many there are."""
    assert sum(COUNTS.values()) == SUBSETS["all"]["test"]
    assert VIEW_COUNTS["all"]["scienceqa.context.img"] == SUBSETS["image"]["test"]

    for options, total in (({}, 2017), ({"split": "validation"}, 2097), ({"subset": "all"}, 4241)):
        with pytest.warns(MMBenchWarning, match=f": {total} samples were expected"):
            load({"data": str(ORIGINAL), **options})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": 2}, "answer is '2', and there are 2 options."),
        ({"answer": "C"}, "answer is 'C', and there are 2 options."),
        ({"choices": ["one"]}, "choices ('one',) are no options."),
        ({"choices": None}, "choices () are no options."),
        ({"subject": "magic"}, "subject is 'magic', which is no subject."),
        ({"grade": "grade13"}, "grade is 'grade13', which is none of grade1 to grade12."),
        ({"question": ""}, "question is empty."),
    ],
)
def test_a_row_that_is_not_scienceqas(
    published: Any, change: Mapping[str, object], problem: str
) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {}, change))

    assert caught.value.problem == problem
    assert caught.value.facts["file"] == "s.jsonl"
    assert caught.value.facts["row"] == "1 (counted from 0)"


def test_bad_rows_can_be_left_out(published: Any) -> None:
    """They are counted in a warning, and the others keep their numbers."""
    path = made(published, {"grade": "first"}, {})

    with pytest.warns(MMBenchWarning) as caught:
        benchmark = load({"data": str(path), "bad-rows": "skip"})

    assert str(caught[0].message).startswith("1 of 2 rows of s.jsonl cannot be used")
    assert [each.id for each in samples(benchmark)] == ["1"]


def test_unknown_options_are_refused() -> None:
    """The nearest valid word is named."""
    with pytest.raises(SettingsError) as caught:
        load({"data": str(ORIGINAL), "subset": "images"})

    assert caught.value.facts["did you mean"] == "'image'?"

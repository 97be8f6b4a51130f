import json
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.mmstar import PUBLISHED, load
from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.records import Answer, Mark, Method, RequestType
from pytest_mmbench.testing import samples

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "mmstar"
FILES = ("mmstar.parquet", "MMStar.tsv", "MMStar_columns.tsv")
ROW = {
    "index": 0,
    "question": "Q?\nOptions: A: one, B: two, C: three, D: four",
    "image": "0.png",
    "answer": "B",
    "category": "math",
    "l2_category": "geometry",
}


def read(path: Path, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(path), **options})


def made(published: Any, *changes: Mapping[str, object]) -> Path:
    """A file of rows that differ from a sound one."""
    rows = [{**ROW, "index": at, **change} for at, change in enumerate(changes)]
    path: Path = published.text("m.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_six_capabilities_of_250_samples() -> None:
    """The published counts add up as the authors say."""
    assert [sum(axes.values()) for axes in PUBLISHED.values()] == [250] * 6
    assert [len(axes) for axes in PUBLISHED.values()] == [3] * 6


@pytest.mark.parametrize("file", FILES)
def test_every_layout_gives_the_same_samples(file: str) -> None:
    """Parquet, TSV and TSV with option columns hold one benchmark."""
    expected = read(FIXTURES / FILES[0])
    found = read(FIXTURES / file)

    assert len(list(samples(found))) == 20
    for one, other in zip(samples(expected), samples(found), strict=True):
        assert (one.id, one.dimension) == (other.id, other.dimension)
        assert (one.options, one.target) == (other.options, other.target)
        assert one.pictures[0].read() == other.pictures[0].read()


@pytest.mark.parametrize(
    ("id", "dimension", "options", "target"),
    [
        ("1", "coarse-perception.image-scene-and-topic", ("Yes", "No"), "B"),
        (
            "6",
            "fine-grained-perception.localization",
            ("left, above", "in the middle", "right", "below"),
            "B",
        ),
        (
            "15",
            "science-and-technology.electronics-and-energy-and-mechanical-eng",
            ("1,000", "2,000", "3,000", "4,000"),
            "D",
        ),
        ("16", "math.geometry", ("3", "4", "5", "6"), "C"),
        ("19", "math.geometry", ("yes", "no", "not known"), "A"),
    ],
)
def test_samples_of_the_published_formats(
    id: str, dimension: str, options: tuple[str, ...], target: str
) -> None:
    """Inline options, missing ones, commas and MathVista's choices are read as they were meant."""
    sample = read(FIXTURES / FILES[0]).sample(id)

    assert sample.dimension == f"mmstar.{dimension}"
    assert sample.options == options
    assert sample.target == target
    assert sample.pictures[0].read().startswith(b"\x89PNG")


def worded(file: str, id: str, method: Method) -> tuple[str, tuple[str, ...]]:
    benchmark = read(FIXTURES / file)
    request = benchmark.request(benchmark.sample(id), method)
    picture, text = request.prompt.turns[0].parts
    assert picture == benchmark.sample(id).pictures[0]
    assert isinstance(text, str)
    return text, request.options


def test_the_official_wording_is_the_question_verbatim() -> None:
    """The authors' files have no option columns: nothing is added, and `nan` stays."""
    text, options = worded("MMStar.tsv", "1", Method.GENERATE)

    assert text == "Question: Is this a street?\nOptions: A: Yes, B: No, C: nan, D: nan\n"
    assert options == ()


def test_the_official_wording_with_option_columns() -> None:
    """VLMEvalKit's file has them: its prompt lists them."""
    text, _ = worded("MMStar_columns.tsv", "1", Method.GENERATE)

    assert text == (
        "Question: Is this a street?\nOptions:\nA. Yes\nB. No\n"
        "Please select the correct answer from the options above. \n"
    )


def test_ranking_takes_texts_or_letters() -> None:
    """`rank` and `rank-mean` compare what the options say, `rank-letter` their letters."""
    for method in (Method.RANK, Method.RANK_MEAN):
        assert worded("mmstar.parquet", "1", method)[1] == ("Yes", "No")
    text, options = worded("mmstar.parquet", "1", Method.RANK_LETTER)

    assert options == ("A", "B")
    assert text.endswith("\nAnswer with the option's letter from the given choices directly.")


@pytest.mark.parametrize(
    ("scoring", "text", "mark"),
    [
        ("strict", "a photo of something", Mark.UNPARSEABLE),
        ("official", "a photo of something", Mark.CORRECT),
        ("strict", "**A**", Mark.CORRECT),
        ("official", "**A**", Mark.INCORRECT),
    ],
)
def test_two_rules_of_scoring(scoring: str, text: str, mark: Mark) -> None:
    """Strict reads what was settled on; official is the authors' comparison of letters."""
    benchmark = read(FIXTURES / FILES[0], scoring=scoring)
    sample = benchmark.sample("19")
    scorer = benchmark.scorer(Method.GENERATE)

    assert scorer(sample, Answer(sample="19", text=text)).mark is mark
    assert scorer.rule == scoring
    assert benchmark.scorer(Method.RANK).rule == ""


def test_options_that_cannot_be_read_are_ranked_by_letter(published: Any) -> None:
    """It is not silent: a warning counts the questions, and names the first."""
    unclear = {"question": "Q?\nOptions: A: one, B: two, B: three"}
    path = made(published, {}, unclear, {"question": "Which one?"})

    with pytest.warns(MMBenchWarning) as caught:
        benchmark = load({"data": str(path)})
    request = benchmark.request(benchmark.sample("1"), Method.RANK)

    message = str(caught[1].message)
    assert message.startswith("m.jsonl: the options of 2 of 3 questions cannot be told apart.")
    assert message.endswith(": 1, 2")
    assert request.options == ("A", "B", "C", "D")
    assert request.type is RequestType.LOGLIKELIHOOD
    assert benchmark.sample("1").question == unclear["question"]


def test_an_answer_beyond_the_options_shows_that_they_were_not_read(published: Any) -> None:
    """Two options and the answer D: the question is not laid out as it seems."""
    path = made(published, {"question": "Q?\nOptions: A: one, B: two; C: x; D: y", "answer": "D"})

    sample = read(path).sample("0")

    assert sample.options == ("A", "B", "C", "D")
    assert sample.target == "D"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": "E"}, "answer is 'E', which is none of A, B, C and D."),
        ({"answer": "AB"}, "answer is 'AB', which is none of A, B, C and D."),
        ({"answer": None}, "answer is empty."),
        ({"question": ""}, "question is empty."),
        ({"l2_category": "geometri"}, "l2_category is 'geometri', which is no axis."),
        ({"category": "logic"}, "category is 'logic', to which 'geometry' does not belong."),
        ({"index": 0}, "index 0 stands in two rows."),
    ],
)
def test_a_row_that_is_not_mmstars(
    published: Any, change: Mapping[str, object], problem: str
) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {}, change))

    assert caught.value.problem == problem
    assert caught.value.facts["file"] == "m.jsonl"
    assert caught.value.facts["row"] == "1 (counted from 0)"


def test_bad_rows_can_be_skipped(published: Any) -> None:
    """`bad-rows = "skip"` keeps what is good, and says how many rows it left out, and why."""
    path = made(published, {}, {"answer": "E"}, {"index": 0}, {})

    with pytest.warns(MMBenchWarning) as caught:
        benchmark = load({"data": str(path), "bad-rows": "skip"})

    assert [sample.id for sample in samples(benchmark)] == ["0", "3"]
    lines = str(caught[0].message).splitlines()
    assert lines[0].startswith("2 of 4 rows of m.jsonl cannot be used and are left out")
    assert lines[1] == "  m.jsonl, row 1: answer is 'E', which is none of A, B, C and D."


def test_a_row_that_cannot_be_read_can_be_skipped(published: Any) -> None:
    """A NUL byte in one line of the TSV loses that line, and no other."""
    whole = (FIXTURES / "MMStar.tsv").read_bytes()
    damaged = published.text("MMStar.tsv", whole.replace(b"Is the drawing sharp?", b"Is\0 it?"))

    with pytest.raises(DataError, match="holds a NUL byte") as caught:
        read(damaged)
    benchmark = read(damaged, **{"bad-rows": "skip"})

    assert caught.value.facts["row"] == "2 (counted from 0)"
    assert caught.value.facts["field"] == "question"
    kept = {sample.id for sample in samples(benchmark)}
    assert kept == {str(at) for at in range(20)} - {"2"}


def test_skipping_changes_nothing_where_all_rows_are_good() -> None:
    """The same samples under the same revision, and no word of bad rows."""
    with pytest.warns(MMBenchWarning) as caught:
        skipping = load({"data": str(FIXTURES / FILES[0]), "bad-rows": "skip"})

    assert skipping.revision == read(FIXTURES / FILES[0]).revision
    assert len(list(samples(skipping))) == 20
    assert len(caught) == 1


def test_a_missing_column(published: Any) -> None:
    """A file of another benchmark is refused at once."""
    path = published.text("m.jsonl", '{"index": 0, "question": "Q?"}\n')

    with pytest.raises(DataError, match=r"m\.jsonl has no column 'image'"):
        read(path)


def test_other_counts_are_warned_of() -> None:
    """A part of the benchmark loads, with what was expected beside what was found."""
    with pytest.warns(MMBenchWarning, match="1500 samples were expected, 20 found") as caught:
        load({"data": str(FIXTURES / FILES[0])})

    assert "mmstar.math.geometry " in str(caught[0].message)


def test_the_revision_follows_the_data(published: Any) -> None:
    """Another answer in the file is another benchmark; the same file is the same."""
    one = read(made(published, {})).revision

    assert read(made(published, {})).revision == one
    assert read(made(published, {"answer": "C"})).revision != one


def test_a_tsv_file_is_collected_without_heavy_libraries() -> None:
    """Neither pyarrow nor datasets nor PIL is loaded where a benchmark does not need them."""
    program = (
        "import sys; from pytest_mmbench.benchmarks import mmstar; "
        f"mmstar.load({{'data': {str(FIXTURES / 'MMStar.tsv')!r}}}); "
        "print(sorted({'PIL', 'datasets', 'numpy', 'pyarrow', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_nothing_is_downloaded_unasked() -> None:
    """Without `data` the error says what to set."""
    with pytest.raises(SettingsError) as caught:
        load({})

    assert caught.value.facts["what to do"].startswith('set data = "PATH"')
    assert "Lin-Chen/MMStar" in caught.value.facts["what to do"]

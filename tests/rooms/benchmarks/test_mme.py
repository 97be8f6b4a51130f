import json
import shutil
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.mme import COUNTS, NEW_TOKENS, PUBLISHED, load
from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Average, Mark, Method, OptionLogprob, RequestType, Unit
from pytest_mmbench.testing import samples

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "mme"
RELEASE, TOOL = "MME_Benchmark_release_version.zip", "Your_Results.zip"
LAYOUTS = ("hub", "hub/data/test-00000-of-00001.parquet", "MME.tsv", RELEASE, TOOL)
Described = Callable[[Benchmark], list[dict[str, object]]]
ROW = {"image": "1.png", "question": "Q? Please answer yes or no.", "category": "OCR"}


def read(data: object, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(data), **options})


def made(published: Any, *changes: Mapping[str, object]) -> Path:
    """A file of pairs, one for each change; the change is to the second of its rows."""
    rows = [
        {**ROW, "question_id": f"OCR/{at}.png", "answer": answer, **change}
        for at, each in enumerate(changes)
        for answer, change in (("Yes", {}), ("No", each))
    ]
    path: Path = published.text("m.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return path


def worded(id: str, *, question: str | None = None) -> str:
    benchmark = read(FIXTURES / "MME.tsv")
    sample = benchmark.sample(id)
    asked = sample if question is None else replace(sample, question=question)
    picture, text = benchmark.request(asked, Method.GENERATE).prompt.turns[0].parts
    assert picture == sample.pictures[0]
    assert isinstance(text, str)
    return text


def test_two_questions_about_each_of_1187_pictures() -> None:
    """Ten subtasks of perception and four of cognition, as published."""
    assert sum(COUNTS.values()) == 2 * 1187
    assert [len(subtasks) for subtasks in PUBLISHED.values()] == [10, 4]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_expected_samples(layout: str, described: Described) -> None:
    """The archive, the evaluation tool, lmms-lab and VLMEvalKit hold one benchmark."""
    expected = json.loads((FIXTURES / "samples.json").read_text(encoding="utf-8"))

    assert described(read(FIXTURES / layout)) == expected


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pictures_are_those_of_their_rows(layout: str) -> None:
    """In the row, in the row that it refers to, or in a file: for both questions the same."""
    expected = [sample.pictures[0].read() for sample in samples(read(FIXTURES / "hub"))]

    found = [sample.pictures[0].read() for sample in samples(read(FIXTURES / layout))]

    assert found == expected
    assert found[::2] == found[1::2]


@pytest.mark.parametrize("layout", [RELEASE, TOOL])
def test_an_archive_may_be_unpacked(layout: str, tmp_path: Path, described: Described) -> None:
    """Its folder is read like itself."""
    with zipfile.ZipFile(FIXTURES / layout) as file:
        file.extractall(tmp_path)

    unpacked = read(tmp_path)

    assert described(unpacked) == described(read(FIXTURES / layout))
    assert all(sample.pictures[0].read() for sample in samples(unpacked))


def test_pairs_share_a_picture() -> None:
    """What counts together is also what succeeds and fails together."""
    for sample in samples(read(FIXTURES / "hub")):
        assert sample.id in (f"{sample.unit}/1", f"{sample.unit}/2")
        assert sample.cluster == sample.unit


def test_scores_are_sums_of_subtasks() -> None:
    """Each subtask is worth 200 and counts the same, whatever its size."""
    nodes = {node.path: node for node in read(FIXTURES / "hub").dimensions()}

    scales = [nodes[path].scale for path in ("mme", "mme.perception", "mme.cognition")]
    assert scales == [2800, 2000, 800]
    assert {node.scale for node in nodes.values() if node.path.count(".") == 2} == {200}
    assert {(node.average, node.unit) for node in nodes.values()} == {(Average.MACRO, Unit.PAIR)}
    assert "mme.perception.ocr" in nodes


@pytest.mark.parametrize(
    ("id", "text"),
    [
        ("existence/000000002/1", "Is there a hat here? Please answer yes or no."),
        ("OCR/0010/1", 'Does the sign say "disc"? Please answer yes or no.'),
        ("commonsense_reasoning/0011/2", "It is a wheel. Can it bark? Please answer yes or no. "),
        ("code_reasoning/0014/1", "Is Python shown?  Please answer yes or no."),
        ("code_reasoning/0014/2", "The output is '2'. Say yes if it is."),
    ],
)
def test_the_wording_is_the_question(id: str, text: str) -> None:
    """To the letter, with the ending that it was published with, or without one."""
    assert worded(id) == text


def test_what_an_ablation_changes_is_asked() -> None:
    """Without its question a sample still says that it wants yes or no."""
    benchmark = read(FIXTURES / "hub")
    changed = replace(benchmark.sample("OCR/0010/1"), question="", pictures=())

    assert worded("OCR/0010/1", question="And now?") == "And now? Please answer yes or no."
    assert benchmark.request(changed, Method.RANK).prompt.turns[0].parts == (
        "Please answer yes or no.",
    )


def test_yes_and_no_are_ranked() -> None:
    """By their likelihood as words, after the same prompt; there are no letters to rank."""
    benchmark = read(FIXTURES / "hub")
    sample = benchmark.sample("existence/000000002/1")
    request = benchmark.request(sample, Method.RANK)
    likelihoods = (OptionLogprob(logprob=-2.0, tokens=1), OptionLogprob(logprob=-0.5, tokens=1))

    score = benchmark.scorer(Method.RANK)(
        sample, Answer(sample=sample.id, option_logprobs=likelihoods)
    )

    assert benchmark.methods() == (Method.GENERATE, Method.RANK, Method.RANK_MEAN)
    assert (request.type, request.options) == (RequestType.LOGLIKELIHOOD, ("Yes", "No"))
    assert request.prompt == benchmark.request(sample, Method.GENERATE).prompt
    assert benchmark.request(sample, Method.GENERATE).new_tokens == NEW_TOKENS
    assert (score.answer, score.mark) == ("B", Mark.CORRECT)


@pytest.mark.parametrize(
    ("text", "strict", "official"),
    [
        ("No", Mark.CORRECT, Mark.CORRECT),
        ("Yes, it is.", Mark.INCORRECT, Mark.INCORRECT),
        ("The answer is no.", Mark.CORRECT, Mark.INCORRECT),
        ("I know", Mark.UNPARSEABLE, Mark.INCORRECT),
        ("knowing this", Mark.UNPARSEABLE, Mark.CORRECT),
        ("Yes and no", Mark.UNPARSEABLE, Mark.INCORRECT),
    ],
)
def test_two_rules_of_scoring(text: str, strict: Mark, official: Mark) -> None:
    """The authors look into the first four characters, the strict rule for a single word."""
    for scoring, expected in {"strict": strict, "official": official}.items():
        benchmark = read(FIXTURES / "hub", scoring=scoring)
        scorer = benchmark.scorer(Method.GENERATE)
        id = "existence/000000002/1"
        score = scorer(benchmark.sample(id), Answer(sample=id, text=text))
        assert (scorer.rule, score.mark) == (scoring, expected)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"question_id": "OCR/9.png"}, "is one of 1 about OCR/1, and MME asks two"),
        ({"question_id": "OCR/0.png"}, "is one of 3 about OCR/0, and MME asks two"),
        ({"answer": "maybe"}, "answer is 'maybe', which is neither Yes nor No."),
        ({"answer": None}, "answer is empty."),
        ({"question": ""}, "question is empty."),
        ({"question_id": None}, "question_id is empty."),
        ({"category": None}, "category is empty."),
    ],
)
def test_a_row_that_is_not_mmes(published: Any, change: Mapping[str, object], problem: str) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {}, change))

    assert problem in caught.value.problem
    assert caught.value.facts["file"] == "m.jsonl"
    assert caught.value.facts["row"].endswith("(counted from 0)")
    assert caught.value.facts["field"]


def test_a_subtask_that_is_not_mmes(published: Any) -> None:
    """The nearest one is named."""
    text = made(published, {}).read_text(encoding="utf-8").replace('"OCR"', '"colour"')

    with pytest.raises(DataError) as caught:
        read(published.text("m.jsonl", text))

    assert caught.value.problem == "category is 'colour', which is no subtask of MME."
    assert caught.value.facts["did you mean"] == "'color'?"


def test_half_a_pair_is_left_out_with_its_other_half(published: Any) -> None:
    """What is left of a pair would count for all of it."""
    path = made(published, {}, {"answer": "maybe"}, {"question_id": "OCR/9.png"})

    with pytest.warns(MMBenchWarning) as caught:
        benchmark = load({"data": str(path), "bad-rows": "skip"})

    assert list(benchmark.samples) == ["OCR/0/1", "OCR/0/2"]
    lines = str(caught[0].message).splitlines()
    assert lines[0].startswith("4 of 6 rows of m.jsonl cannot be used and are left out")
    assert lines[1].startswith("  m.jsonl, row 3: answer is 'maybe'")


def test_a_picture_with_one_question_in_the_release(tmp_path: Path) -> None:
    """The file of its questions is named."""
    folder = tmp_path / "MME_Benchmark" / "OCR"
    folder.mkdir(parents=True)
    (folder / "0001.txt").write_text("Is it? Please answer yes or no.\tYes\n", encoding="utf-8")

    with pytest.raises(DataError) as caught:
        read(tmp_path)

    assert caught.value.facts["file"] == "MME_Benchmark/OCR/0001.txt"
    assert "is one of 1 about OCR/0001" in caught.value.problem


@pytest.mark.parametrize("name", ["notes.zip", "notes"])
def test_texts_of_something_else(tmp_path: Path, name: str) -> None:
    """A folder or an archive that is not MME's is refused as what it is."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.txt").write_text("nothing", encoding="utf-8")
    shutil.make_archive(str(tmp_path / "notes"), "zip", tmp_path / "notes")

    with pytest.raises(DataError, match=r"^mmbench: notes.*(no format|no file) that could be read"):
        read(tmp_path / name)


def test_other_options_are_refused() -> None:
    """MME has one split and no prompts to choose from."""
    with pytest.raises(SettingsError, match="mme has no option 'split'"):
        load({"data": "nowhere", "split": "test"})


def test_other_counts_are_warned_of() -> None:
    """Questions are counted, not pictures."""
    with pytest.warns(MMBenchWarning, match="2374 samples were expected, 30 found") as caught:
        load({"data": str(FIXTURES / "hub")})

    lines = " ".join(str(caught[0].message).split())
    assert "mme.perception.existence expected 60 found 4" in lines
    assert "mme.cognition.code-reasoning expected 40 found 2" in lines

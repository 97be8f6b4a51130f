import json
import shutil
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from publishing.archives import archive
from publishing.pictures import grey

from pytest_mmbench.benchmarks.ai2d import load
from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Mark, Method
from pytest_mmbench.testing import samples

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "ai2d"
TSV = FIXTURES / "AI2D_TEST.tsv"
ORIGINAL = FIXTURES / "ai2d"
PARQUET = FIXTURES / "lmms-lab"
Described = Callable[[Benchmark], list[dict[str, object]]]
ROW = {
    "question": "Q?",
    "options": ["one", "two", "three", "four"],
    "answer": "3",
    "image": "1.png",
}


def read(data: object, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(data), **options})


def made(published: Any, *changes: Mapping[str, object]) -> Path:
    """A file of rows that differ from a sound one."""
    rows = [{"index": at, **ROW, **each} for at, each in enumerate(changes)]
    path: Path = published.text("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return path


def packed(tmp_path: Path) -> Path:
    """The authors' folder as they publish it: in an archive, the test split beside it."""
    files = {
        f"ai2d/{path.relative_to(ORIGINAL).as_posix()}": path.read_bytes()
        for path in sorted(ORIGINAL.rglob("*"))
        if path.suffix in (".json", ".png")
    }
    shutil.copy(ORIGINAL / "ai2d_test_ids.csv", tmp_path)
    return archive(tmp_path / "ai2d-all.zip", files)


def expected() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FIXTURES / "samples.json").read_text("utf-8"))
    return found


def test_two_layouts_give_the_expected_samples(described: Described, tmp_path: Path) -> None:
    """VLMEvalKit's file and the authors' folder, packed or not, number questions alike."""
    for data in (TSV, ORIGINAL, packed(tmp_path)):
        assert described(read(data)) == expected()


def test_a_file_without_ids_and_kinds(described: Described) -> None:
    """Questions are numbered by their rows, and there is one leaf: the whole."""
    found = described(read(PARQUET))

    by_question = {each["question"]: each for each in expected()}
    assert [each["id"] for each in found] == ["0", "1", "2", "3", "4", "5"]
    for each in found:
        twin = by_question[each["question"]]
        assert each == {**twin, "id": each["id"], "dimension": "ai2d"}
    assert [node.path for node in read(PARQUET).dimensions()] == ["ai2d"]


def test_pictures_with_letters_and_without(tmp_path: Path) -> None:
    """VLMEvalKit's and lmms-lab's hold what was drawn; the authors' show their labels."""
    asked = ["0", "1", "700", "703", "12304", "12311"]
    drawn = [grey(shade) for shade in (0, 0, 57, 57, 123, 173)]
    authors = [grey(shade) for shade in (0, 0, 7, 7, 123, 123)]

    assert [read(TSV).sample(id).pictures[0].read() for id in asked] == drawn
    assert [each.pictures[0].read() for each in samples(read(PARQUET))] == drawn
    for data in (ORIGINAL, packed(tmp_path)):
        assert [read(data).sample(id).pictures[0].read() for id in asked] == authors


def test_questions_about_one_diagram_are_a_cluster() -> None:
    """Their ids begin alike; in parquet nothing tells."""
    clusters = {each.id: each.cluster for each in samples(read(TSV))}

    assert clusters == {"0": "0", "1": "0", "700": "7", "703": "7", "12304": "123", "12311": "123"}
    assert {each.cluster for each in samples(read(PARQUET))} == {""}


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("AI2D_TEST.tsv", "mask pictures"),
        ("AI2D_TEST_NO_MASK.tsv", "no-mask pictures"),
        ("ai2d-no-mask.tsv", "no-mask pictures"),
        ("diagrams.tsv", "mask or no-mask unstated"),
    ],
)
def test_how_letters_are_drawn_is_told_by_the_name(name: str, variant: str, tmp_path: Path) -> None:
    """And by nothing else: header and revision say which it was, or that it is not known."""
    shutil.copy(TSV, tmp_path / name)

    benchmark = read(tmp_path / name)

    assert benchmark.variant == variant
    assert benchmark.revision.startswith(f"ai2d-1 {variant.removesuffix(' pictures')} ")


def test_how_letters_are_drawn_can_be_said() -> None:
    """The settings know better than a name."""
    assert read(PARQUET, pictures="mask").variant == "mask pictures"
    assert read(TSV, pictures="no-mask").variant == "no-mask pictures"
    with pytest.raises(SettingsError) as caught:
        read(PARQUET, pictures="masked")
    assert caught.value.facts["did you mean"] == "'mask'?"


def test_the_authors_pictures_are_warned_of() -> None:
    """They show no letters, and half of these questions are about letters."""
    with pytest.warns(MMBenchWarning) as caught:
        benchmark = load({"data": str(ORIGINAL)})

    assert benchmark.variant == "original pictures"
    assert str(caught[1].message) == (
        "ai2d: 3 of 6 questions are about letters that the authors' pictures do not show. "
        "Published scores are of pictures in which they are drawn, such as those of AI2D_TEST.tsv."
    )


def test_the_test_split_has_to_be_told(tmp_path: Path) -> None:
    """Without its list nobody knows which diagrams are meant: the error says where it is."""
    shutil.copytree(ORIGINAL, tmp_path / "ai2d")
    (tmp_path / "ai2d" / "ai2d_test_ids.csv").unlink()

    with pytest.raises(DataError) as caught:
        read(tmp_path / "ai2d")

    assert caught.value.problem == "ai2d does not say which of its diagrams are in the test split."
    assert caught.value.facts["what to do"] == (
        "download https://s3-us-east-2.amazonaws.com/prior-datasets/ai2d_test_ids.csv "
        "into that folder"
    )


def test_the_wording() -> None:
    """lmms-eval's; without the sentence about letters where texts are ranked."""
    benchmark = read(TSV)

    def worded(method: Method) -> str:
        return str(benchmark.request(benchmark.sample("700"), method).prompt.turns[0].parts[-1])

    asked = "What does the label M point to?\nA. leaf\nB. root\nC. stem\nD. flower"
    letter = "\nAnswer with the option's letter from the given choices directly."
    assert [worded(each) for each in (Method.GENERATE, Method.RANK_LETTER)] == [asked + letter] * 2
    assert worded(Method.RANK) == asked


def test_without_pictures_the_wording_is_the_same() -> None:
    """No mark stands for a picture that was taken away."""
    benchmark = read(TSV)
    sample = replace(benchmark.sample("0"), pictures=())

    (text,) = benchmark.request(sample, Method.RANK).prompt.turns[0].parts
    assert str(text).startswith("What would starve without grass?\nA. the fox\n")


@pytest.mark.parametrize(
    ("text", "strict", "official"),
    [
        ("A", Mark.CORRECT, Mark.CORRECT),
        ("A. A", Mark.CORRECT, Mark.CORRECT),
        ("E", Mark.INCORRECT, Mark.INCORRECT),
        ("The answer is A.", Mark.CORRECT, Mark.INCORRECT),
        ("none", Mark.UNPARSEABLE, Mark.INCORRECT),
    ],
)
def test_two_rules_of_scoring(text: str, strict: Mark, official: Mark) -> None:
    """Strict reads what was settled on; official is lmms-eval's filter, which wants the letter."""
    for scoring, mark in {"strict": strict, "official": official}.items():
        benchmark = read(TSV, scoring=scoring)
        scorer = benchmark.scorer(Method.GENERATE)
        score = scorer(benchmark.sample("703"), Answer(sample="703", text=text))
        assert (scorer.rule, score.mark) == (scoring, mark)


def test_a_letter_is_never_the_text_of_another_option() -> None:
    """A letter was asked for: D is the fourth option, also where the third one says D."""
    benchmark = read(TSV)
    score = benchmark.scorer(Method.GENERATE)(
        benchmark.sample("12311"), Answer(sample="12311", text="D")
    )

    assert benchmark.sample("12311").options == ("egg", "B, the pupa", "D", "A")
    assert score.answer == "D"


def test_the_whole_is_what_was_published() -> None:
    """3,088 questions; how many of each kind is not known."""
    with pytest.warns(MMBenchWarning) as caught:
        load({"data": str(TSV)})

    assert str(caught[0].message).splitlines()[1:] == ["  ai2d   expected  3088   found     6"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": "4"}, "answer is '4', and there are 4 options."),
        ({"answer": ""}, "answer is empty."),
        ({"options": ["one"]}, "options ('one',) are no options."),
        ({"options": ["one", " "]}, "options ('one', ' ') are no options."),
        ({"question": ""}, "question is empty."),
        ({"category": ""}, "category is empty."),
    ],
)
def test_a_row_that_is_not_ai2ds(
    published: Any, change: Mapping[str, object], problem: str
) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {"category": "typesOf"}, {"category": "typesOf", **change}))

    assert caught.value.problem == problem
    assert caught.value.facts["file"] == "a.jsonl"
    assert caught.value.facts["row"] == "1 (counted from 0)"


def test_a_diagram_with_a_foreign_id(tmp_path: Path) -> None:
    """The error names the file of the diagram; bad rows can be left out."""
    shutil.copytree(ORIGINAL, tmp_path / "ai2d")
    path = tmp_path / "ai2d" / "questions" / "7.png.json"
    path.write_text(path.read_text("utf-8").replace("7.png-3", "seven"), encoding="utf-8")

    with pytest.raises(DataError) as caught:
        read(tmp_path / "ai2d")
    assert caught.value.problem == "questionId is 'seven', and not like '123.png-4'."
    assert caught.value.facts["file"] == "questions/7.png.json"

    left = [each.id for each in samples(read(tmp_path / "ai2d", **{"bad-rows": "skip"}))]
    assert left == ["0", "1", "12304", "12311", "700"]

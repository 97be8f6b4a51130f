"""Boxes, and points inside areas: how a file writes them, and what cannot be one."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from publishing.pictures import disc
from question_files import load, write_csv, write_jsonl, write_parquet

from pytest_mmbench.benchmarks.questions.guess import TableGuess
from pytest_mmbench.benchmarks.questions.places import PLACE_TYPES
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.conditions import condition
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Mark, Method, Picture, Score
from pytest_mmbench.testing import check_benchmark, samples, script

THOUSAND = {"coordinates": "0-1000", "target-coordinates": "0-1000"}
PIXELS = {"coordinates": "0-1000", "target-coordinates": "pixels"}


def row(target: object, **fields: object) -> dict[str, Any]:
    """A question about a place in a picture that is not there."""
    return {"id": "q1", "picture": "0.png", "question": "Where?", "target": target, **fields}


def place(folder: Path, target: object, answer: str = "box", **settings: object) -> Benchmark:
    """The benchmark of one such question."""
    table = {**THOUSAND, **settings}
    return load(write_jsonl(folder, [row(target)]), answer=answer, **table)


def scored(benchmark: Benchmark, text: str) -> Score:
    """The score of a generated answer to its only question."""
    (sample,) = samples(benchmark)
    return benchmark.scorer(Method.GENERATE)(sample, Answer(sample=sample.id, text=text))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ([100, 200, 300, 400], ("[100, 200, 300, 400]",)),
        ("[100, 200.5, 300, 400]", ("[100, 200.5, 300, 400]",)),
        ([["0", "0", "10", "10"], [20, 20, 30, 30]], ("[0, 0, 10, 10]", "[20, 20, 30, 30]")),
        ([[0, 0, 10, 10], [0, 0, 10, 10]], ("[0, 0, 10, 10]",)),
        ([1e-05, 0.1, 0.30000000000000004, 1], ("[0.00001, 0.1, 0.30000000000000004, 1]",)),
    ],
)
def test_a_box_is_a_list_or_a_list_of_lists(
    tmp_path: Path, target: object, expected: tuple[str, ...]
) -> None:
    """Numbers keep their value exactly; of several boxes each is correct."""
    (sample,) = samples(place(tmp_path, target))

    assert (sample.target, *sample.accepted) == expected
    assert sample.options == ()


def test_a_box_may_have_four_columns(tmp_path: Path) -> None:
    """In text, and as numbers in parquet; further boxes stand in `accepted`."""
    fields = {"x": 1.5, "y": "2", "w": 10, "h": 20}
    rows = [{**row(""), **fields, "accepted": "[[0, 0, 5, 5]]"}]
    table: dict[str, Any] = {
        **THOUSAND,
        "target-corners": "xywh",
        "columns": {"target": ["x", "y", "w", "h"]},
    }
    for write in (write_csv, write_parquet):
        (sample,) = samples(load(write(tmp_path, rows), answer="box", **table))

        assert sample.target == "[1.5, 2, 11.5, 22]"
        assert sample.accepted == ("[0, 0, 5, 5]",)


@pytest.mark.parametrize(
    ("settings", "target", "wanted"),
    [
        ({"coordinates": "0-1", "target-coordinates": "0-1000"}, [100, 200, 300, 400], "[0.1, "),
        ({"coordinates": "0-100", "target-coordinates": "0-1"}, [0.1, 0.2, 0.3, 0.4], "[10, 20"),
        ({**THOUSAND, "corners": "yxyx"}, [1, 2, 3, 4], "[2, 1, 4, 3]"),
        ({**THOUSAND, "corners": "xywh"}, [1, 2, 3, 4], "[1, 2, 2, 2]"),
        (PIXELS, [64, 48, 320, 240], "[64, 48, 320, 240] px"),
        ({**PIXELS, "coordinates": "pixels"}, [64, 48, 320, 240], "[64, 48, 320, 240]"),
        ({"coordinates": "pixels", "target-coordinates": "0-1"}, [0, 0, 1, 1], "[0, 0, 1, 1] of 1"),
    ],
)
def test_a_target_is_written_as_answers_are_asked_for(
    tmp_path: Path, settings: dict[str, str], target: object, wanted: str
) -> None:
    """Whoever says it is right; where that would take the picture's size, it keeps its unit."""
    benchmark = place(tmp_path, target, **settings)
    (sample,) = samples(benchmark)

    assert sample.target.startswith(wanted)


@pytest.mark.parametrize("size", [["width", "height"], "size"])
def test_columns_may_say_how_large_the_picture_is(tmp_path: Path, size: object) -> None:
    """Then pixels and shares are compared without the picture, exactly."""
    fields = {"width": 640, "height": "480", "size": [640, 480]}
    path = write_jsonl(tmp_path, [row([64, 48, 320, 240], **fields)])
    shares = load(path, answer="box", scoring="iou", columns={"size": size}, **PIXELS)
    path = write_jsonl(tmp_path, [row([100, 100, 500, 500], **fields)])
    settings = {"coordinates": "pixels", "target-coordinates": "0-1000"}
    pixels = load(path, answer="box", columns={"size": size}, **settings)

    (sample,) = samples(shares)
    assert sample.target == "[64, 48, 320, 240] of 640 x 480"
    assert scored(shares, "[100, 100, 500, 500]").credit == 1
    assert scored(shares, "[100, 100, 500, 300]").credit == Fraction(1, 2)
    (sample,) = samples(pixels)
    assert sample.target == "[64, 48, 320, 240]"


@pytest.mark.parametrize("applied", ["image", "no-image", "mismatched"])
def test_the_header_is_read_when_an_answer_is_scored(tmp_path: Path, applied: str) -> None:
    """Samples read no picture, and a condition changes nothing about how large the original is."""
    rows = [row([0, 0, 40, 10]), {**row([0, 0, 5, 5]), "id": "q2", "picture": "1.png"}]
    benchmark = load(write_jsonl(tmp_path, rows), answer="box", **PIXELS)
    shown = condition(applied)([*samples(benchmark)], seed=0)[0]
    scorer, answer = benchmark.scorer(Method.GENERATE), Answer(sample="q1", text="[0, 0, 999, 499]")

    with pytest.raises(DataError, match="no picture"):
        scorer(shown, answer)

    PIL.Image.new("RGB", (40, 20)).save(tmp_path / "0.png")
    PIL.Image.new("RGB", (9, 90)).save(tmp_path / "1.png")
    assert scorer(shown, answer).mark is Mark.CORRECT


class CountingPicture:
    """Gives the bytes of a picture, and counts how often."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> bytes:
        self.reads += 1
        return disc(0)


@pytest.mark.parametrize(("identity", "reads"), [("one", 1), ("", 3)])
def test_the_header_of_one_picture_is_read_once(tmp_path: Path, identity: str, reads: int) -> None:
    """However many answers about it are scored; one without an identity is read each time."""
    sample = next(iter(samples(place(tmp_path, [0, 0, 5, 5], **PIXELS))))
    content = CountingPicture()
    picture = Picture(name="p", read=content, identity=lambda: identity)
    boxes = next(each for each in PLACE_TYPES if each.name == "box")
    options = BenchmarkOptions(benchmark="acme", options=PIXELS, words=dict.fromkeys(PIXELS, ()))
    scorer = boxes.with_samples(
        boxes.scorings["iou-0.5"](options), {"q1": replace(sample, pictures=(picture,))}
    )
    for _ in range(3):
        scorer(sample, Answer(sample="q1", text="[0, 0, 500, 500]"))

    assert content.reads == reads


def test_one_of_several_pictures_has_no_size(tmp_path: Path) -> None:
    """Which of them is meant by pixels has to be said by columns."""
    path = write_jsonl(tmp_path, [row([0, 0, 5, 5], picture=["0.png", "1.png"])])
    benchmark = load(path, answer="box", **PIXELS)

    with pytest.raises(DataError, match="2 pictures are shown") as caught:
        scored(benchmark, "[0, 0, 10, 10]")

    assert "size" in str(caught.value)


BAD = {
    "nan": ([float("nan"), 0, 1, 1], "holds nan, which is no coordinate"),
    "text": (["left", 0, 1, 1], "holds 'left', which is no coordinate"),
    "truth": ([True, 0, 1, 1], "holds True, which is no coordinate"),
    "huge": (["1e999999", 0, 1, 1], "which is no coordinate"),
    "words": ("top left", "is 'top left', which is no list of coordinates"),
    "empty": ("", "is empty"),
    "empty list": ([], "which is no list of coordinates"),
    "point": ([5, 5], "holds a point, which has no size"),
    "three": ([1, 2, 3], "holds 3 numbers, which are no box and no polygon"),
    "mixed": ([1, [2, 3], 4, 5], "mixes numbers and lists"),
    "deep": ([[[[1, 2, 3, 4]]]], "mixes numbers and lists"),
    "flat": ([5, 5, 5, 9], "a box without an area"),
    "swapped": ([9, 9, 5, 5], "whose second corner is not below and right of the first as xyxy"),
    "outside": ([900, 0, 1100, 10], "beyond its picture, which counts 1000 by 1000"),
    "negative": ([-50, 0, 100, 10], "beyond its picture"),
    "two corners": ([[1, 1], [5, 5]], "has 2 corners, and a polygon has 3 at least"),
    "one line": ([1, 1, 5, 5, 9, 9], "is a polygon without an area"),
}


@pytest.mark.parametrize(("target", "problem"), BAD.values(), ids=BAD)
def test_what_is_no_place_is_a_bad_row(tmp_path: Path, target: object, problem: str) -> None:
    """Each error names the field; such rows can be skipped, and the others are used."""
    with pytest.raises(DataError, match=problem) as caught:
        place(tmp_path, target, answer="point")

    assert caught.value.facts["field"] == "target"
    path = write_jsonl(tmp_path, [row(target), {**row([1, 1, 2, 2]), "id": "q2"}])
    with pytest.warns(MMBenchWarning, match="1 of 2 rows"):
        benchmark = load(path, answer="point", **THOUSAND, **{"bad-rows": "skip"})
    assert [sample.id for sample in samples(benchmark)] == ["q2"]


def test_rounded_references_may_touch_the_edge(tmp_path: Path) -> None:
    """A five-hundredth of a side is rounding; pixels of unknown pictures have no end."""
    place(tmp_path, [-1, 0, 1001.5, 1000])
    place(tmp_path, [0, 0, 9999, 9999], **PIXELS)

    with pytest.raises(DataError, match="beyond its picture"):
        place(tmp_path, [-2, 0, 9, 9], **PIXELS)


@pytest.mark.parametrize(
    ("size", "problem"), [(["640"], "no width and height"), ([640, 0], "no side is 0 or below")]
)
def test_a_size_is_two_numbers(tmp_path: Path, size: object, problem: str) -> None:
    """Both above 0."""
    path = write_jsonl(tmp_path, [row([1, 1, 2, 2], size=size)])

    with pytest.raises(DataError, match=problem):
        load(path, answer="box", columns={"size": "size"}, **PIXELS)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"target-coordinates": "0-1"}, "coordinates of answers count"),
        ({"coordinates": "0-1"}, "coordinates of the targets of the file count"),
        ({**THOUSAND, "coordinates": "0-999"}, "coordinates = '0-999' is not known"),
        ({**THOUSAND, "corners": "xxyy"}, "corners = 'xxyy' is not known"),
        ({**THOUSAND, "scoring": "iou-0.6"}, "scoring = 'iou-0.6' is not known"),
        ({**THOUSAND, "columns": {"target": ["id", "target"]}}, "in one column or in 4"),
        ({**THOUSAND, "columns": {"size": ["id"] * 3}}, "size is one column or two"),
        ({"answer": "text", "columns": {"size": "id"}}, "has no size"),
        ({"answer": "text", "columns": {"target": ["id", "target"]}}, "has a target in one column"),
        ({"answer": "text", "coordinates": "0-1"}, 'answer = "text" has no coordinates'),
    ],
)
def test_a_convention_is_named_and_never_guessed(
    tmp_path: Path, settings: dict[str, Any], problem: str
) -> None:
    """A unit that nobody named, and words that are not known, are errors of the settings."""
    path = write_jsonl(tmp_path, [row([0.1, 0.1, 0.2, 0.2])])

    with pytest.raises(SettingsError, match=problem):
        load(path, **{"answer": "box", **settings})


def test_a_polygon_is_no_box(tmp_path: Path) -> None:
    """Who asks for boxes has boxes as references."""
    with pytest.raises(DataError, match="holds a polygon"):
        place(tmp_path, [[0, 0], [9, 0], [9, 9]])


NOTCHED = [[0, 0], [90, 0], [90, 90], [60, 90], [60, 30], [30, 30], [30, 90], [0, 90]]


@pytest.mark.parametrize(
    ("target", "areas"),
    [
        ([10, 10, 11, 11], 1),
        (NOTCHED, 1),
        ([0, 0, 9, 0, 9, 9], 1),
        ([[0, 0, 9, 0, 9, 9], [20, 20, 30, 30]], 2),
        ([[[0, 0], [9, 0], [9, 9]], [[20, 20], [30, 20], [30, 30]]], 2),
        ([0, 0, 0.001, 0.001], 1),
    ],
)
def test_a_point_is_correct_inside_any_of_its_areas(
    tmp_path: Path, target: object, areas: int
) -> None:
    """The target is a point that is inside, also of an area that is bent around its middle."""
    benchmark = place(tmp_path, target, answer="point")
    (sample,) = samples(benchmark)

    assert len(sample.accepted) == areas
    assert scored(benchmark, sample.target).mark is Mark.CORRECT
    assert scored(benchmark, "(999, 999)").mark is Mark.INCORRECT
    assert scored(benchmark, "[0, 0, 20, 20]").mark is Mark.UNPARSEABLE


def test_by_the_rule_that_says_so_a_box_has_a_point(tmp_path: Path) -> None:
    """Its middle."""
    benchmark = place(tmp_path, [0, 0, 20, 20], answer="point", scoring="center")

    assert scored(benchmark, "[0, 0, 20, 20]").mark is Mark.CORRECT
    assert scored(benchmark, "[0, 0, 60, 20]").mark is Mark.INCORRECT


BOX_LINE = (
    "the bounding box as [x1, y1, x2, y2], as shares of the picture's width and height, from 0 to 1"
)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"coordinates": "0-1"}, BOX_LINE),
        (
            {"answer": "point", "coordinates": "pixels", "corners": "yxyx"},
            "one point as [y, x], in pixels of the picture",
        ),
    ],
)
def test_the_wording_says_how_coordinates_are_written(
    tmp_path: Path, settings: dict[str, Any], line: str
) -> None:
    """Unit, order and origin; another convention is another revision."""
    path = write_jsonl(tmp_path, [row([0.1, 0.1, 0.2, 0.2])])
    table = {"answer": "box", "target-coordinates": "0-1", **settings}
    benchmark, other = load(path, **table), load(path, **{**table, "coordinates": "0-100"})

    request = benchmark.request(benchmark.sample("q1"), Method.GENERATE)
    text = f"Where?\nAnswer with {line}, counted from the top left corner."
    assert request.prompt.turns[0].parts[-1] == text
    assert request.new_tokens == 128
    assert benchmark.revision != other.revision


@pytest.mark.parametrize("answer", ["box", "point"])
def test_it_keeps_the_contract_of_benchmarks(tmp_path: Path, answer: str) -> None:
    """A script that is right says the targets, and one that is wrong does not."""
    (tmp_path / "0.png").write_bytes(disc(0))
    benchmark = place(tmp_path, [100, 100, 300, 300], answer=answer)

    check_benchmark(benchmark)
    assert scored(benchmark, script(benchmark, accuracy=1)["q1"]).mark is Mark.CORRECT
    assert scored(benchmark, script(benchmark, accuracy=0)["q1"]).mark is not Mark.CORRECT


@pytest.mark.parametrize(
    ("target", "answer"),
    [([1, 2.5, 3, 4], "box"), ("[1, 2, 3, 4]", "box"), ([1, 2, 3], "number")],
)
def test_a_box_is_known_by_its_four_numbers(tmp_path: Path, target: object, answer: str) -> None:
    """Its unit is not: whoever drafts the table is told that it is missing."""
    rows = [{"id": "q1", "question": "Where?", "bbox": target}]
    guess = TableGuess(open_table(str(write_jsonl(tmp_path, rows)), pictures=()))

    assert guess.answer.answer == answer
    assert {line.key: line.columns for line in guess.columns}["target"] == ("bbox",)

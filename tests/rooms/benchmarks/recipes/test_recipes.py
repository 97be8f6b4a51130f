"""Every recipe on invented rows: what is loaded, how it is asked, and what an answer earns."""

import json
import shutil
import warnings
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from publishing.tables import STRUCT, STRUCTS, parquet
from recipe_page import PAGE, page

from pytest_mmbench import registry
from pytest_mmbench.benchmarks.questions.answer_types import ANSWER_TYPES
from pytest_mmbench.benchmarks.recipes.adaptations import ADAPTATIONS
from pytest_mmbench.benchmarks.recipes.recipe import read_recipe, recipe_names
from pytest_mmbench.benchmarks.recipes.rules import RULES
from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Average, Method, Sample
from pytest_mmbench.testing import check_benchmark, samples

FIXTURES = Path(__file__).parents[4] / "fixtures" / "recipes"
EXPECTED: Mapping[str, Any] = json.loads((FIXTURES / "expected.json").read_text(encoding="utf-8"))
"""By recipe and file: sizes of dimensions, targets of samples, and for the first ones a correct and
an incorrect answer. No program writes it."""


def load(name: str, file: str, **options: object) -> Benchmark:
    """A recipe on its invented rows, of which it says that they are too few."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        benchmark = registry.benchmark(name, {"data": str(FIXTURES / file), **options})
    said = [str(each.message) for each in caught]
    assert any("is not the published data" in each for each in said) == bool(
        read_recipe(name).counts
    )
    return benchmark


@pytest.mark.parametrize("file", EXPECTED)
def test_rows_become_samples(file: str) -> None:
    """Each layout has its tree, its targets and its prompts, and keeps the contract."""
    expected = EXPECTED[file]

    benchmark = load(expected["recipe"], file)

    check_benchmark(benchmark)
    assert {node.path: node.size for node in benchmark.dimensions()} == expected["sizes"]
    assert {each.id: each.target for each in samples(benchmark)} == expected["targets"]
    first = next(samples(benchmark))
    (turn,) = benchmark.request(first, Method.GENERATE).prompt.turns
    assert [part if isinstance(part, str) else "" for part in turn.parts] == expected["prompt"]


@pytest.mark.parametrize("scoring", ["strict", "official"])
@pytest.mark.parametrize("file", EXPECTED)
def test_an_answer_earns_what_it_should(file: str, scoring: str) -> None:
    """A correct answer is correct by both rules, and an incorrect one by neither."""
    benchmark = load(EXPECTED[file]["recipe"], file, scoring=scoring)
    scorer = benchmark.scorer(Method.GENERATE)

    for id, texts in EXPECTED[file]["answers"].items():
        sample = benchmark.sample(id)
        credits = [scorer(sample, Answer(sample=id, text=text)).credit for text in texts]
        assert credits[0] == 1
        assert credits[1] < 1


@pytest.mark.parametrize("file", [file for file in EXPECTED if file.count("/") < file.count(".")])
def test_parquet_with_pictures_gives_the_same(tmp_path: Path, file: str) -> None:
    """As the hub has them: pictures as bytes, and lists that are lists."""
    name = EXPECTED[file]["recipe"]
    rows = [json.loads(line) for line in (FIXTURES / file).read_text("utf-8").splitlines()]
    layouts = read_recipe(name).layouts
    layout = next(each for each in layouts if {*each.when} <= rows[0].keys())
    kinds = {}
    for column in rows[0].keys() & layout.names("picture"):
        is_list = isinstance(rows[0][column], list)
        kinds[column] = STRUCTS if is_list else STRUCT
        for row in rows:
            row[column] = stored_bytes(row[column])

    shard = parquet(tmp_path / "test-00000-of-00001.parquet", rows, pictures=kinds)

    own, other = (load(name, str(path)) for path in (FIXTURES / file, shard))
    check_benchmark(other)
    assert [*map(content, samples(other))] == [*map(content, samples(own))]


def stored_bytes(value: object) -> object:
    """The pictures of these paths."""
    if isinstance(value, list):
        return [stored_bytes(each) for each in value]
    return (FIXTURES / str(value)).read_bytes() if value else None


def content(sample: Sample) -> tuple[object, ...]:
    """What a sample shows, and what is correct."""
    pictures = [picture.read() for picture in sample.pictures]
    return sample.id, sample.question, sample.options, sample.target, sample.accepted, pictures


@pytest.mark.parametrize("name", registry.RECIPES)
def test_a_recipe_names_what_there_is(name: str) -> None:
    """Types, rules, adaptations and counts that add up; the last layout takes any data."""
    recipe = read_recipe(name)

    words = {recipe.strict, recipe.official, *recipe.official_below.values()}
    assert words <= {*RULES, *ANSWER_TYPES[recipe.answer].scorings}
    if recipe.open_answer:
        open_words = {recipe.open_strict, recipe.open_official}
        assert open_words <= {*ANSWER_TYPES[recipe.open_answer].scorings}
    assert {word for each in recipe.layouts for word in each.adapt} <= {*ADAPTATIONS}
    assert [bool(each.when) for each in recipe.layouts][-1:] == [False]
    assert all(each.when for each in recipe.layouts[:-1])
    assert {*recipe.counts} <= {*recipe.splits, ""}
    for split, counts in recipe.counts.items():
        assert sum(recipe.leaf_counts(split).values()) == counts[name]


def test_recipes_are_registered() -> None:
    """The registry names the files that lie beside the module, and each has invented rows."""
    assert recipe_names() == registry.RECIPES
    assert {each["recipe"] for each in EXPECTED.values()} == {*registry.RECIPES}


def test_the_page_is_made_of_the_recipes() -> None:
    """`python tests/house/recipe_page.py` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """With the nearest one that is there, as in a file of a team's own."""
    row = {"type": "human_test", "questoin": "How many?", "answer": "3", "image": "0.png"}
    file = tmp_path / "chartqa.jsonl"
    file.write_text(f"{json.dumps(row)}\n", encoding="utf-8")

    with pytest.raises(DataError, match="no column 'question'") as error:
        registry.benchmark("chartqa", {"data": str(file)})

    assert "'questoin'?" in str(error.value)


def test_data_have_to_be_named() -> None:
    """The error says where the published ones are."""
    with pytest.raises(SettingsError, match="does not know where") as error:
        registry.benchmark("pope", {})

    assert "lmms-lab/POPE" in str(error.value)


def test_withheld_answers_cannot_be_scored() -> None:
    """A split without answers is refused before anything is loaded."""
    with pytest.raises(SettingsError, match="are not published"):
        registry.benchmark("docvqa", {"data": "lmms-lab/DocVQA", "split": "test"})


def test_a_file_of_its_own_may_have_the_name(tmp_path: Path) -> None:
    """Names of recipes were free before: a project's own questions stand for them."""
    shutil.copytree(FIXTURES / "pictures", tmp_path / "pictures")
    row = {"id": "a", "picture": "pictures/0.png", "question": "Is it?", "target": "no"}
    file = tmp_path / "q.jsonl"
    file.write_text(f"{json.dumps(row)}\n", encoding="utf-8")

    benchmark = registry.benchmark("pope", {"questions": str(file), "answer": "yes-no"})

    assert benchmark.sample("a").target == "B"


def test_coordinates_are_those_of_the_model() -> None:
    """RefCOCO asks for boxes as a setting says, which is a part of the revision."""
    shares = load("refcoco", "refcoco.jsonl")
    thousandths = load("refcoco", "refcoco.jsonl", coordinates="0-1000")

    def credit(benchmark: Benchmark, text: str) -> Fraction:
        sample = benchmark.sample("0/0")
        return benchmark.scorer(Method.GENERATE)(sample, Answer(sample="0/0", text=text)).credit

    assert credit(shares, "[0.13, 0.13, 0.46, 0.46]") == 1
    assert credit(thousandths, "[130, 130, 460, 460]") == 1
    assert credit(thousandths, "[13, 13, 46, 46]") == 0
    assert shares.revision != thousandths.revision
    assert getattr(thousandths, "variant", "") == "val coordinates=0-1000"


def test_a_subject_that_nobody_knows(tmp_path: Path) -> None:
    """MMMU-Pro's disciplines are those of MMMU, and a subject has to be one of theirs."""
    (row, *_) = map(json.loads, (FIXTURES / "mmmu-pro.jsonl").read_text("utf-8").splitlines())
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({**row, "subject": "Arts"}) + "\n", encoding="utf-8")

    with pytest.raises(DataError, match="no subject of MMMU") as error:
        registry.benchmark("mmmu-pro", {"data": str(file)})

    assert "'Art'?" in str(error.value)


def test_tasks_count_the_same_in_blink() -> None:
    """Its score is the mean over tasks."""
    assert load("blink", "blink.jsonl").dimensions()[0].average is Average.MACRO


def test_only_figures_are_asked_about() -> None:
    """HallusionBench's questions without one are left out, and questions of a figure depend."""
    benchmark = load("hallusionbench", "hallusionbench/HallusionBench.json")

    clusters = [sample.cluster for sample in samples(benchmark)]
    assert len(clusters) == 4
    assert len({*clusters}) == 3


def test_questions_asked_in_another_order_are_a_cluster() -> None:
    """Also where two pictures of HR-Bench have question and options in common."""
    benchmark = load("hr-bench", "hr-bench.jsonl")

    clusters = [sample.cluster for sample in samples(benchmark)]
    assert clusters[:4] == clusters[:1] * 4
    assert clusters[4:] == clusters[4:5] * 4
    assert clusters[0] != clusters[4]


def test_pictures_stand_at_unnumbered_marks() -> None:
    """MuirBench's marks are counted through the question and its options."""
    benchmark = load("muirbench", "muirbench.jsonl")
    sample = benchmark.sample("1")

    (turn,) = benchmark.request(sample, Method.GENERATE).prompt.turns
    pictures = [part for part in turn.parts if not isinstance(part, str)]
    assert pictures == list(sample.pictures)
    assert isinstance(turn.parts[0], str)
    assert benchmark.request(sample, Method.RANK).options == ("A", "B", "C")


def test_a_part_of_pope_that_no_file_names(tmp_path: Path) -> None:
    """The part of a row is known by the name of its file alone."""
    shutil.copy(FIXTURES / "pope" / "coco_pope_random.json", tmp_path / "rows.json")

    with pytest.raises(DataError, match=r"rows.json names none"):
        registry.benchmark("pope", {"data": str(tmp_path / "rows.json")})


def test_dimensions_may_have_a_rule_of_their_own() -> None:
    """Formulas of OCRBench keep their case, other texts do not."""
    scorer = load("ocrbench", "ocrbench.jsonl", scoring="official").scorer(Method.GENERATE)
    benchmark = load("ocrbench", "ocrbench.jsonl")

    def credit(id: str, text: str) -> Fraction:
        return scorer(benchmark.sample(id), Answer(sample=id, text=text)).credit

    assert credit("0", "It says harbour.") == 1
    assert credit("2", "x^{2}+Y") == 1
    assert credit("2", "x^{2}+y") == 0


def test_published_counts_need_no_warning(tmp_path: Path) -> None:
    """Data of the published size load in silence."""
    rows = [
        {"image": "0.png", "question": f"How many in {number}?", "number": number % 9 + 2}
        for number in range(491)
    ]
    file = tmp_path / "countbench.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        benchmark = registry.benchmark("countbench", {"data": str(file)})

    assert benchmark.dimensions()[0].size == 491

import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.benchmarks.mmmu import DISCIPLINES, NEW_TOKENS, load
from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Mark, Method, OptionLogprob, Prompt, RequestType
from pytest_mmbench.testing import samples

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "mmmu"
LAYOUTS = ("subjects", "merged", "merged/data/validation-00000-of-00001.parquet")
FILE = "MMMU_DEV_VAL.tsv"
Described = Callable[[Benchmark], list[dict[str, object]]]
ROW = {
    "id": "validation_Math_1",
    "question": "Q of <image 1>?",
    "options": "['one', 'two']",
    "answer": "B",
    "topic_difficulty": "Easy",
    "question_type": "multiple-choice",
    "image_1": "1.png",
}


def read(data: object, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(data), **options})


def made(published: Any, *changes: Mapping[str, object]) -> Path:
    """A file of rows that differ from a sound one."""
    rows = [{**ROW, "id": f"validation_Math_{at}", **each} for at, each in enumerate(changes)]
    path: Path = published.text("m.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return path


def shown(prompt: Prompt) -> str:
    """The text of a prompt, with `[1]` where a picture of that number stands."""
    parts = prompt.turns[0].parts
    return "".join(each if isinstance(each, str) else f"[{each.name[-1]}]" for each in parts)


def worded(id: str, method: Method) -> str:
    benchmark = read(FIXTURES / FILE)
    return shown(benchmark.request(benchmark.sample(id), method).prompt)


def test_thirty_subjects_in_six_disciplines() -> None:
    """The tree is the authors' own, and no subject stands in it twice."""
    assert [len(subjects) for subjects in DISCIPLINES.values()] == [4, 5, 5, 5, 4, 7]
    assert len({each for subjects in DISCIPLINES.values() for each in subjects}) == 30


@pytest.mark.parametrize("layout", [*LAYOUTS, FILE])
def test_every_layout_gives_the_expected_samples(layout: str, described: Described) -> None:
    """Folders of subjects, merged files and VLMEvalKit's TSV hold one benchmark."""
    expected = json.loads((FIXTURES / "samples.json").read_text(encoding="utf-8"))

    found = described(read(FIXTURES / layout))

    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_pictures(layout: str) -> None:
    """Seven columns of structs are the one column of base64, in the same order."""
    expected = read(FIXTURES / FILE)

    for sample in samples(read(FIXTURES / layout)):
        twin = expected.sample(sample.id)
        assert [each.read() for each in sample.pictures] == [each.read() for each in twin.pictures]


def test_the_official_wording() -> None:
    """One line break before the options and an empty line after them: YAML folds the rest."""
    assert worded("validation_Psychology_1", Method.GENERATE) == (
        "Are the lines of [1] of one length?\n(A) yes\n(B) no\n\n"
        "Answer with the option's letter from the given choices directly."
    )


def test_the_official_wording_of_an_open_question() -> None:
    """Here too the line break is a single one; the method changes nothing."""
    expected = (
        "On which side of [1] is the face?\nAnswer the question using a single word or phrase."
    )

    assert {worded("validation_Psychology_2", each) for each in Method} == {expected}


def test_pictures_stand_at_their_marks() -> None:
    """In questions and in options, in the order of the text, and once for every mark."""
    assert worded("validation_Math_2", Method.RANK).startswith(
        "The curve in [2] is the derivative of the one in [1]. "
    )
    assert "(A) [1]\n(B) [2]\n(C) [3]\n" in worded("validation_Art_Theory_1", Method.GENERATE)
    assert worded("validation_Computer_Science_2", Method.RANK).startswith(
        "Rotate [1] twice. Is it [1] again?"
    )
    assert worded("validation_Clinical_Medicine_1", Method.RANK).startswith("[1]What does")


def test_without_pictures_no_mark_is_left() -> None:
    """A sample whose pictures were taken away asks in words alone."""
    benchmark = read(FIXTURES / FILE)
    sample = replace(benchmark.sample("validation_Clinical_Medicine_2"), pictures=())

    text = shown(benchmark.request(sample, Method.RANK).prompt)

    assert text == (
        "How will the curve of  go on?\n(A) up\n(B) down\n(C) level\n(D) as in \n(E) nobody knows"
        "\n\nAnswer with the option's letter from the given choices directly."
    )


def test_without_the_question_its_pictures_come_first() -> None:
    """Options keep theirs, and no empty line is left."""
    benchmark = read(FIXTURES / FILE)
    sample = replace(benchmark.sample("validation_Clinical_Medicine_2"), question="")

    assert shown(benchmark.request(sample, Method.RANK).prompt).startswith(
        "[1](A) up\n(B) down\n(C) level\n(D) as in [2]\n"
    )


def test_ranking_takes_texts_where_there_are_texts() -> None:
    """Options with pictures are ranked by letter, open questions are answered with text."""
    benchmark = read(FIXTURES / FILE)

    def asked(id: str) -> tuple[RequestType, tuple[str, ...], int]:
        request = benchmark.request(benchmark.sample(id), Method.RANK)
        return request.type, request.options, request.new_tokens

    assert asked("validation_Psychology_1") == (RequestType.LOGLIKELIHOOD, ("yes", "no"), 0)
    assert asked("validation_Clinical_Medicine_2") == (
        RequestType.LOGLIKELIHOOD,
        ("A", "B", "C", "D", "E"),
        0,
    )
    assert asked("validation_Psychology_2") == (RequestType.GENERATE, (), NEW_TOKENS)


def test_options_with_pictures_are_warned_of() -> None:
    """The warning counts them and names the first."""
    with pytest.warns(MMBenchWarning) as caught:
        load({"data": str(FIXTURES / FILE)})

    assert str(caught[1].message) == (
        "MMMU_DEV_VAL.tsv: the options of 2 of 12 questions are pictures. They are ranked by "
        "letter under rank and rank-mean: validation_Art_Theory_1, validation_Clinical_Medicine_2"
    )


@pytest.mark.parametrize(
    ("id", "text", "strict", "official"),
    [
        ("validation_Math_1", "(I)", Mark.CORRECT, Mark.CORRECT),
        ("validation_Math_1", "The answer is B, or C.", Mark.UNPARSEABLE, Mark.INCORRECT),
        ("validation_Accounting_2", "3.429", Mark.CORRECT, Mark.CORRECT),
        ("validation_Accounting_2", "24/7", Mark.CORRECT, Mark.CORRECT),
        ("validation_Accounting_1", "It may be 4 or 4.5 or 5", Mark.UNPARSEABLE, Mark.CORRECT),
        ("validation_Psychology_2", "left", Mark.CORRECT, Mark.CORRECT),
        ("validation_Psychology_2", "right", Mark.INCORRECT, Mark.INCORRECT),
    ],
)
def test_two_rules_of_scoring(id: str, text: str, strict: Mark, official: Mark) -> None:
    """Strict reads what was settled on; official is the authors' parser, for either kind."""
    for scoring, expected in {"strict": strict, "official": official}.items():
        benchmark = read(FIXTURES / FILE, scoring=scoring)
        scorer = benchmark.scorer(Method.GENERATE)
        score = scorer(benchmark.sample(id), Answer(sample=id, text=text))
        assert (scorer.rule, score.mark) == (scoring, expected)


def test_a_letter_is_that_where_options_are_letters_too(published: Any) -> None:
    """The wording asks for the option's letter, so that B is the second one and not the text B."""
    benchmark = read(made(published, {"options": "['B', 'C', 'A']", "answer": "B"}))
    (sample,) = samples(benchmark)

    score = benchmark.scorer(Method.GENERATE)(sample, Answer(sample=sample.id, text="B"))

    assert (score.answer, score.mark) == ("B", Mark.CORRECT)


def test_ranked_answers_need_no_reading() -> None:
    """The likeliest option is the answer, also under official scoring."""
    benchmark = read(FIXTURES / FILE, scoring="official")
    likelihoods = (OptionLogprob(logprob=-2.0, tokens=1), OptionLogprob(logprob=-3.0, tokens=2))
    answer = Answer(sample="validation_Psychology_1", option_logprobs=likelihoods)
    sample = benchmark.sample(answer.sample)

    assert benchmark.scorer(Method.RANK)(sample, answer).mark is Mark.CORRECT
    assert benchmark.scorer(Method.RANK_MEAN)(sample, answer).mark is Mark.INCORRECT


@pytest.mark.parametrize("layout", ["subjects", "merged", FILE])
def test_the_dev_split(layout: str) -> None:
    """It can be asked, and is kept apart where a file holds both."""
    benchmark = read(FIXTURES / layout, split="dev")

    assert [each.id for each in samples(benchmark)] == ["dev_Math_1"]
    assert benchmark.revision.startswith("mmmu-1 dev ")


def test_the_test_split_has_no_answers() -> None:
    """It is refused before anything is read."""
    with pytest.raises(SettingsError) as caught:
        load({"data": "nowhere", "split": "test"})

    assert str(caught.value).splitlines() == [
        "mmbench: mmmu's answers of the split 'test' are not published: nothing can be scored.",
        "  asked for by   [benchmarks.mmmu]",
        "  known          validation, dev",
        "  what to do     send a model's answers to its authors, or ask another split",
    ]


def test_a_file_of_another_split() -> None:
    """The error says which splits were found."""
    path = FIXTURES / "merged" / "data" / "dev-00000-of-00001.parquet"

    with pytest.raises(DataError, match="holds no samples of the split 'validation'") as caught:
        read(path)

    assert caught.value.facts["found"] == "dev"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": "C"}, "answer is 'C', and there are 2 options."),
        ({"answer": "?"}, "answer is hidden, as all answers of the test split are."),
        ({"answer": None}, "answer is empty."),
        ({"options": "[]"}, "options is empty, and the question is a multiple-choice one."),
        ({"options": "['one'"}, "options is no list."),
        ({"question": ""}, "question is empty."),
        ({"id": "validation_Maths_3"}, "id validation_Maths_3 names no subject of MMMU."),
        ({"id": "7"}, "id 7 names no subject of MMMU."),
        ({"id": "validation_Math_0"}, "id validation_Math_0 stands in two rows."),
        (
            {"image_1": "", "image_3": "3.png"},
            "image_3 holds a picture, and one before it holds none.",
        ),
    ],
)
def test_a_row_that_is_not_mmmus(
    published: Any, change: Mapping[str, object], problem: str
) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {"image_2": "", "image_3": ""}, change))

    assert caught.value.problem == problem
    assert caught.value.facts["file"] == "m.jsonl"
    assert caught.value.facts["row"] == "1 (counted from 0)"


def test_bad_rows_can_be_left_out(published: Any) -> None:
    """They are counted in a warning, and the others are asked."""
    path = made(published, {}, {"answer": "Z"})

    with pytest.warns(MMBenchWarning) as caught:
        benchmark = load({"data": str(path), "bad-rows": "skip"})

    assert str(caught[0].message).startswith("1 of 2 rows of m.jsonl cannot be used")
    assert [each.id for each in samples(benchmark)] == ["validation_Math_0"]


def test_an_untold_difficulty_is_in_no_view(published: Any) -> None:
    """The sample counts for its subject all the same."""
    benchmark = read(made(published, {"topic_difficulty": ""}))
    sizes = {node.path: node.size for node in benchmark.dimensions()}

    assert sizes["mmmu.science.math"] == 1
    assert sum(size for path, size in sizes.items() if "difficulty" in path) == 0


def test_other_counts_are_warned_of() -> None:
    """Thirty samples of each subject are expected in validation, five in dev."""
    for split, count in {"validation": "900 samples", "dev": "150 samples"}.items():
        with pytest.warns(MMBenchWarning) as caught:
            load({"data": str(FIXTURES / FILE), "split": split})
        assert f"published data: {count} were expected" in str(caught[0].message)

import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from publishing.archives import split
from publishing.pictures import number

from pytest_mmbench.benchmarks.published import PublishedBenchmark
from pytest_mmbench.benchmarks.seed_bench import LEAVES, PUBLISHED, load, recognised_file
from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Answer, Mark, Method, OptionLogprob, RequestType
from pytest_mmbench.testing import samples

FIXTURES = Path(__file__).parents[3] / "fixtures" / "published" / "seed-bench"
JSON, PARQUET, TSV = "SEED-Bench.json", "test-00000-of-00001.parquet", "SEEDBench_IMG.tsv"
VIDEOS = ("v900010", "v900011", "v900012", "v900013")
Described = Callable[[Benchmark], list[dict[str, object]]]
ROW = {
    "question_id": "1",
    "question_type_id": 5,
    "data_type": "image",
    "data_id": "1_1",
    "question": "Q?",
    "choice_a": "One",
    "choice_b": "Two",
    "choice_c": "Zero",
    "choice_d": "Six",
    "answer": "B",
}


def read(data: object, **options: str) -> PublishedBenchmark:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MMBenchWarning)
        return load({"data": str(data), **options})


def made(published: Any, *changes: Mapping[str, object]) -> Path:
    """A file of records that differ from a sound one."""
    rows = [{**ROW, "question_id": str(at), **change} for at, change in enumerate(changes)]
    path: Path = published.text(JSON, json.dumps({"questions": rows, "question_type": {"X": 1}}))
    return path


def expected() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((FIXTURES / "samples.json").read_text("utf-8"))
    return found


def shown(benchmark: PublishedBenchmark, id: str) -> list[int]:
    """The numbers that the frames of a video show."""
    return [number(each.read()) for each in benchmark.sample(id).pictures]


@pytest.mark.parametrize("file", [JSON, PARQUET, ""])
def test_every_layout_gives_the_expected_samples(file: str, described: Described) -> None:
    """JSON with its archives, and parquet; of a folder with both, the authors' JSON is read."""
    assert described(read(FIXTURES / file)) == expected()


def test_the_image_questions_of_vlmevalkit(described: Described) -> None:
    """They are the same but for their ids, which are the rows' own."""
    found = described(read(FIXTURES / TSV))

    assert [each.pop("id") for each in found] == [str(at) for at in range(9)]
    assert found == [
        {name: value for name, value in each.items() if name != "id"} for each in expected()[:9]
    ]


def test_every_layout_gives_the_same_pictures() -> None:
    """Archives and rows hold the same pictures, and the same frames in the same order."""
    parquet = read(FIXTURES / PARQUET)

    for sample in samples(read(FIXTURES / JSON)):
        twin = parquet.sample(sample.id)
        assert [each.read() for each in sample.pictures] == [each.read() for each in twin.pictures]
        assert [each.name for each in sample.pictures] == [each.name for each in twin.pictures]


def test_frames_that_were_cut_out_beforehand() -> None:
    """They lie in the archive, under the question's id."""
    assert [shown(read(FIXTURES), id) for id in VIDEOS] == [[1, 2, 3, 4, 5, 6, 7, 8]] * 4


def test_frames_of_the_videos_themselves() -> None:
    """Eight of each, as the authors' `get_index` counts them, reckoned by hand.

    40 frames, the last left out: every 38 / 8 of a frame from frame 2. Seconds 0.5 to 1.6 at 15
    frames a second are the frames 7 to 24: every 16 / 8 from frame 1. Frames 3 to 27: every 23 / 8
    from frame 1. Frames 10 to 16 are six, two of which are shown twice.
    """
    benchmark = read(FIXTURES, videos="files")

    assert shown(benchmark, "v900010") == [2, 7, 12, 16, 21, 26, 30, 35]
    assert shown(benchmark, "v900011") == [8, 10, 12, 14, 16, 18, 20, 22]
    assert shown(benchmark, "v900012") == [4, 7, 10, 13, 16, 18, 21, 24]
    assert sorted(set(shown(benchmark, "v900013"))) == [10, 11, 12, 13, 14, 15]


def test_a_video_that_is_not_there(published: Any) -> None:
    """The error names the row, and every place where the video was looked for."""
    changes = {"question_type_id": 10, "data_type": "video", "data_id": "7.webm"}
    benchmark = read(made(published, changes), videos="files")

    with pytest.raises(DataError) as caught:
        benchmark.sample("0").pictures[0].read()

    assert caught.value.facts["row"] == "0 (counted from 0)"
    assert "SSV2/videos/7.webm or 7.webm" in caught.value.facts["reason"]


def test_an_archive_that_is_still_in_parts(published: Any) -> None:
    """The error says how to join them."""
    path = made(published, {"question_type_id": 11, "data_type": "video"})
    published.text("v1_video.zip", (FIXTURES / "v1_video.zip").read_bytes())
    split(path.parent / "v1_video.zip", parts=2)

    with pytest.raises(DataError) as caught:
        read(path).sample("0").pictures[0].read()

    assert caught.value.facts["what to do"].endswith("cat v1_video.zip.* > v1_video.zip")


def worded(id: str, method: Method, **changes: Any) -> tuple[int, str, tuple[str, ...]]:
    """How many pictures come first, the text, and what is ranked."""
    benchmark = read(FIXTURES)
    sample = replace(benchmark.sample(id), **changes)
    request = benchmark.request(sample, method)
    *pictures, text = request.prompt.turns[0].parts
    assert tuple(pictures) == sample.pictures
    assert isinstance(text, str)
    return len(pictures), text, request.options


def test_the_authors_wording_ranks_texts() -> None:
    """It is InstructBLIP's, and the options are not listed."""
    expected = (1, "Question: How many discs are there?\nAnswer:", ("One", "Two", "Zero", "Six"))

    assert worded("900005", Method.RANK) == expected
    assert worded("900005", Method.RANK_MEAN) == expected


def test_lmms_evals_wording_asks_for_a_letter() -> None:
    """Generated, or ranked among the letters; frames of a video are so many pictures."""
    text = (
        "What happens in the video?\nA. counting\nB. rain\nC. a fall\nD. sleep\n"
        "Answer with the option's letter from the given choices directly."
    )

    assert worded("v900010", Method.GENERATE) == (8, text, ())
    assert worded("v900010", Method.RANK_LETTER) == (8, text, ("A", "B", "C", "D"))


def test_an_ablated_sample_is_worded_as_it_is_given() -> None:
    """Its pictures, question and options count, not those of the file."""
    changes = {"pictures": (), "question": "Why?", "options": ("so", "no")}

    assert worded("900001", Method.RANK, **changes) == (0, "Question: Why?\nAnswer:", ("so", "no"))
    assert worded("900001", Method.GENERATE, **changes)[1].startswith("Why?\nA. so\nB. no\n")


def test_likelihood_is_the_default() -> None:
    """`rank` sums over tokens, as for LAVIS models; `rank-mean` is the loss of Hugging Face's."""
    benchmark = read(FIXTURES)
    sample = benchmark.sample("900002")
    even = OptionLogprob(logprob=-9.0, tokens=1)
    likelihoods = (
        OptionLogprob(logprob=-2.0, tokens=1),
        OptionLogprob(logprob=-3.0, tokens=2),
        even,
        even,
    )
    answer = Answer(sample=sample.id, option_logprobs=likelihoods)

    assert benchmark.methods()[0] is Method.RANK
    assert benchmark.request(sample, Method.RANK).type is RequestType.LOGLIKELIHOOD
    assert benchmark.scorer(Method.RANK)(sample, answer).mark is Mark.INCORRECT
    assert benchmark.scorer(Method.RANK_MEAN)(sample, answer).mark is Mark.CORRECT


@pytest.mark.parametrize(
    ("text", "strict", "official"),
    [
        ("A", Mark.CORRECT, Mark.CORRECT),
        ("(A)", Mark.CORRECT, Mark.INCORRECT),
        ("A road, or a bed", Mark.UNPARSEABLE, Mark.CORRECT),
        ("B", Mark.INCORRECT, Mark.INCORRECT),
    ],
)
def test_two_rules_of_scoring(text: str, strict: Mark, official: Mark) -> None:
    """Strict reads what was settled on; official is lmms-eval's first character."""
    for scoring, mark in {"strict": strict, "official": official}.items():
        benchmark = read(FIXTURES, scoring=scoring)
        scorer = benchmark.scorer(Method.GENERATE)
        score = scorer(benchmark.sample("900001"), Answer(sample="900001", text=text))
        assert (scorer.rule, score.mark) == (scoring, mark)


def test_a_letter_is_that_where_choices_are_letters_too(published: Any) -> None:
    """The wording asks for the option's letter, so that B is the second one and not the text B."""
    signs = {"choice_a": "B", "choice_b": "C", "choice_c": "D", "choice_d": "A", "answer": "B"}
    benchmark = read(made(published, signs))

    score = benchmark.scorer(Method.GENERATE)(benchmark.sample("0"), Answer(sample="0", text="B"))

    assert (score.answer, score.mark) == ("B", Mark.CORRECT)


def test_questions_about_one_picture_are_a_cluster() -> None:
    """Three questions show the same picture, and two are about one video."""
    clusters = [sample.cluster for sample in samples(read(FIXTURES))]

    assert clusters.count("90001_11") == 3
    assert clusters.count("P98/cam01/P98_tea.avi") == 2
    assert len(set(clusters)) == 10


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": "E"}, "answer is 'E', which is none of A, B, C and D."),
        ({"answer": "AB"}, "answer is 'AB', which is none of A, B, C and D."),
        ({"answer": None}, "answer is empty."),
        ({"question": " "}, "question is empty."),
        ({"choice_d": ""}, "choice_d is empty."),
        ({"question_type_id": 13}, "question_type_id is 13, which is no dimension."),
        ({"question_type_id": 0}, "question_type_id is 0, which is no dimension."),
        ({"data_type": "video"}, "data_type is 'video', to which dimension 5 does not belong."),
        ({"data_id": ""}, "data_id is empty."),
        ({"question_type_id": None}, "SEED-Bench.json has no column 'category'."),
        (
            {"question_type_id": None, "category": "Spatial Relations"},
            "category is 'Spatial Relations', which is no dimension.",
        ),
        (
            {"question_type_id": 11, "data_type": "video", "segment": [5.0, 2.0]},
            "segment goes from",
        ),
        ({"question_id": "0"}, "question_id 0 stands in two rows."),
    ],
)
def test_a_row_that_is_not_seeds(
    published: Any, change: Mapping[str, object], problem: str
) -> None:
    """The error names file, row and field."""
    with pytest.raises(DataError) as caught:
        read(made(published, {}, change), videos="files")

    assert caught.value.problem.startswith(problem)
    assert caught.value.facts["file"] == JSON
    assert caught.value.facts["row"] == "1 (counted from 0)"


def test_bad_rows_can_be_left_out(published: Any) -> None:
    """They are counted in a warning, and the others are asked."""
    with pytest.warns(MMBenchWarning) as caught:
        benchmark = load({"data": str(made(published, {}, {"answer": "E"})), "bad-rows": "skip"})

    assert str(caught[0].message).startswith(f"1 of 2 rows of {JSON} cannot be used")
    assert list(benchmark.samples) == ["0"]


def test_the_papers_name_of_a_dimension(published: Any) -> None:
    """Text Understanding is called Text Recognition there."""
    benchmark = read(made(published, {"question_type_id": None, "category": "Text Recognition"}))

    assert benchmark.sample("0").dimension == "seed-bench.image.text-understanding"


def test_a_file_of_another_benchmark(published: Any) -> None:
    """It is refused at once."""
    with pytest.raises(DataError, match=r"other\.jsonl has no column 'question'"):
        read(published.text("other.jsonl", '{"id": 0, "text": "Q?"}\n'))


def test_each_published_file_is_known_by_its_counts() -> None:
    """Before and after the screening of videos, or without them: three counts are published."""
    for name, counts in PUBLISHED.items():
        assert recognised_file(dict(zip(LEAVES, counts, strict=True))) == name


def test_other_counts_are_warned_of() -> None:
    """A part of the benchmark loads, with what was expected beside what was found."""
    with pytest.warns(MMBenchWarning, match="19242 samples were expected, 13 found"):
        load({"data": str(FIXTURES)})


def test_a_published_file_is_not_warned_of(
    published: Any, recwarn: pytest.WarningsRecorder
) -> None:
    """It is named in the revision."""
    numbers = [at for at, count in enumerate(PUBLISHED["images"], 1) for _ in range(count)]

    benchmark = load({"data": str(made(published, *({"question_type_id": at} for at in numbers)))})

    assert not recwarn.list
    assert benchmark.revision.startswith("seed-bench-1 images frames ")


def test_an_option_that_is_not_known() -> None:
    """Settings are checked before data are read."""
    with pytest.raises(SettingsError, match="videos = 'film' is not known"):
        load({"data": "nowhere", "videos": "film"})
    with pytest.raises(SettingsError, match="seed-bench has no option 'video'"):
        load({"data": "nowhere", "video": "files"})

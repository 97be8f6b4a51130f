"""The same questions in any form of file are the same samples."""

from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publishing.pictures import disc
from question_files import FORMS, choices, draw, embedded, load, write_jsonl

from pytest_mmbench.records import Sample
from pytest_mmbench.testing import check_benchmark, samples

PICTURELESS: dict[str, object] = {"pictures": []}
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs"]), min_size=1)


def plain(text: str) -> bool:
    """Whether a text is one in every format: no list, no missing value of a spreadsheet."""
    return text.strip() == text and not text.startswith("[") and text.lower() not in ("nan", "<na>")


WORDS = TEXTS.filter(plain)


def read(form: str, folder: Path, rows: Any, **table: object) -> list[Sample]:
    """The samples of these rows in that form."""
    folder.mkdir()
    draw(folder)
    benchmark = load(FORMS[form](folder, rows), **table)
    check_benchmark(benchmark)
    return list(samples(benchmark))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_keeps_the_contract(tmp_path: Path, form: str) -> None:
    """Plain columns need no table; tree, pictures and requests are as they are promised."""
    draw(tmp_path)

    benchmark = load(FORMS[form](tmp_path, choices()))

    check_benchmark(benchmark)
    found = list(samples(benchmark))
    assert sorted(each.id for each in found) == [f"q{number}" for number in range(6)]
    assert [node.path for node in benchmark.dimensions()] == [
        "acme",
        "acme.reading",
        "acme.counting",
    ]
    assert [each.target for each in sorted(found, key=lambda each: each.id)] == list("ABCABC")
    assert benchmark.sample("q5").pictures[0].read() == disc(2)
    assert benchmark.sample("q4").cluster == benchmark.sample("q5").cluster == "2.png"


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl", "parquet"])
@pytest.mark.parametrize("url", [False, True], ids=["base64", "data URL"])
def test_pictures_may_lie_in_the_file(tmp_path: Path, form: str, *, url: bool) -> None:
    """As base64 or as data URLs; rows of the same picture share a cluster."""
    rows = embedded(choices(4), url=url)
    rows[3]["picture"] = rows[2]["picture"]

    benchmark = load(FORMS[form](tmp_path, rows))

    check_benchmark(benchmark)
    assert [benchmark.sample(f"q{at}").pictures[0].read() for at in range(4)] == [
        disc(0),
        disc(1),
        disc(2),
        disc(2),
    ]
    clusters = [benchmark.sample(f"q{at}").cluster for at in range(4)]
    assert clusters[2] == clusters[3]
    assert len({*clusters}) == 3


def test_parquet_holds_bytes(tmp_path: Path) -> None:
    """As plain bytes, as the records of `datasets`, and several in a list."""
    rows = choices(2)
    for number, row in enumerate(rows):
        row["picture"] = disc(number)
        row["more"] = [{"bytes": disc(2), "path": None}, {"bytes": disc(3), "path": None}]
    path = FORMS["parquet"](tmp_path, rows)

    benchmark = load(path, columns={"picture": ["picture", "more"]})

    check_benchmark(benchmark)
    shown = benchmark.sample("q1").pictures
    assert [each.read() for each in shown] == [disc(1), disc(2), disc(3)]
    assert len({each.name for each in shown}) == 3


@pytest.mark.parametrize("form", FORMS)
def test_several_pictures_of_a_question(tmp_path: Path, form: str) -> None:
    """A list in a column; under `pictures` it may be empty."""
    rows = choices(2)
    for row, names in zip(rows, (["0.png", "1.png"], []), strict=True):
        del row["picture"]
        row["pictures"] = names

    first, second = sorted(read(form, tmp_path / "q", rows), key=lambda each: each.id)

    assert [each.read() for each in first.pictures] == [disc(0), disc(1)]
    assert second.pictures == ()
    assert first.cluster == "0.png 1.png"


def test_json_lines_may_be_called_json(tmp_path: Path) -> None:
    """As POPE's files are."""
    draw(tmp_path)

    path = write_jsonl(tmp_path, choices(2)).rename(tmp_path / "q.json")

    assert len(list(samples(load(path)))) == 2


def test_the_name_of_a_picture_is_an_id(tmp_path: Path) -> None:
    """A folder of `datasets` names each picture once, and needs no column of ids."""
    rows = [
        {"file_name": f"{at}.png", "question": "?", "options": ["a", "b"], "answer": at % 2}
        for at in range(4)
    ]

    found = read("folder", tmp_path / "q", rows)

    assert [each.id for each in found] == ["0.png", "1.png", "2.png", "3.png"]
    assert [each.target for each in found] == list("ABAB")


def test_a_dataset_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is loaded by its id, of the split `test` unless another is named."""
    rows = choices(4)
    for number, row in enumerate(rows):
        row["picture"] = {"bytes": disc(number), "path": None}
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    repository = tmp_path / "repository"
    repository.mkdir()
    pq.write_table(pa.Table.from_pylist(rows), repository / "test-00000-of-00001.parquet")
    local = datasets.load_dataset
    monkeypatch.setattr(
        datasets, "load_dataset", lambda *_, split: local(str(repository), split=split)
    )

    benchmark = load(Path("acme/questions"))

    check_benchmark(benchmark)
    assert benchmark.sample("q3").pictures[0].read() == disc(3)


rows_of_any_kind = st.lists(
    st.tuples(WORDS, st.lists(WORDS, min_size=3, max_size=5, unique=True), st.integers(0, 2)),
    min_size=1,
    max_size=4,
)


@given(drawn=rows_of_any_kind)
@settings(max_examples=12)
def test_the_form_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, list[str], int]]
) -> None:
    """Whatever is written in it, a file gives the same samples in every format."""
    rows = [
        {"id": f"q{at}", "question": question, "options": options, "target": "ABC"[target]}
        for at, (question, options, target) in enumerate(drawn)
    ]
    table = {"columns": PICTURELESS, "target-form": "letter"}
    folder = tmp_path_factory.mktemp("forms")

    found = [list(samples(load(write(folder, rows), **table))) for write in FORMS.values()]

    assert found == [found[0]] * len(FORMS)
    assert [sample.question for sample in found[0]] == [question for question, *_ in drawn]


@given(drawn=rows_of_any_kind, columns=st.permutations(["u", "v", "w", "x", "y"]))
@settings(max_examples=20)
def test_names_of_columns_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[str, list[str], int]],
    columns: list[str],
) -> None:
    """A mapping gives what plain names give, whatever the columns are called."""
    keys = ["id", "question", "options", "target", "capability"]
    rows = [
        dict(zip(keys, (f"q{at}", question, options, "ABC"[target], "one"), strict=True))
        for at, (question, options, target) in enumerate(drawn)
    ]
    names = dict(zip(keys, columns, strict=True))
    renamed = [{names[key]: value for key, value in row.items()} for row in rows]
    folder = tmp_path_factory.mktemp("names")
    form = {"target-form": "letter"}

    first = load(write_jsonl(folder, rows), columns=PICTURELESS, **form)
    second = load(write_jsonl(folder, renamed), columns={**PICTURELESS, **names}, **form)

    assert list(samples(first)) == list(samples(second))
    assert first.dimensions() == second.dimensions()

"""What the table of the settings may say, and what it is told where it is wrong."""

from pathlib import Path
from typing import Any

import pytest
from publishing.pictures import disc
from question_files import FORMS, choices, draw, load, write_csv, write_json, write_jsonl

from pytest_mmbench.benchmarks.wrappers import CircularBenchmark
from pytest_mmbench.conditions import condition
from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.records import Method, Picture, Prompt
from pytest_mmbench.testing import check_benchmark, check_condition, samples

TEMPLATE = "{pictures}Q: {question}\n{options}\n{{json}} one of {letters}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of questions in plain columns, with its pictures."""
    draw(tmp_path)
    return write_jsonl(tmp_path, choices())


def shown(prompt: Prompt) -> list[str]:
    """The parts of a prompt of one turn; pictures by their last word."""
    (turn,) = prompt.turns
    return [
        f"<{part.name.split('/')[-1]}>" if isinstance(part, Picture) else part
        for part in turn.parts
    ]


def test_options_in_columns(tmp_path: Path) -> None:
    """Plain letters need no table; the last ones may be empty."""
    draw(tmp_path)
    rows = [
        {"id": "1", "image": "0.png", "question": "?", "A": "x", "B": "y", "C": "", "target": "B"},
        {"id": "2", "image": "1.png", "question": "?", "A": "x", "B": "y", "C": "z", "target": "C"},
    ]

    benchmark = load(write_csv(tmp_path, rows))

    check_benchmark(benchmark)
    assert [each.options for each in samples(benchmark)] == [("x", "y"), ("x", "y", "z")]


def test_capabilities_of_several_levels(tmp_path: Path) -> None:
    """Each column is a level; what lies together in the tree stays together."""
    levels = [("Ünder", "a b", 1), ("over", "c", 2), ("ünder", "d", 1), ("Ünder", "A  B", 1)]
    rows = [
        {"id": at, "question": "?", "target": "yes", "one": one, "two": two, "three": three}
        for at, (one, two, three) in enumerate(levels)
    ]

    benchmark = load(
        write_json(tmp_path, rows),
        answer="yes-no",
        columns={"pictures": [], "capability": ["one", "two", "three"]},
    )

    check_benchmark(benchmark)
    assert [(node.path, node.size) for node in benchmark.dimensions()] == [
        ("acme", 4),
        ("acme.under", 3),
        ("acme.under.a-b", 2),
        ("acme.under.a-b.1", 2),
        ("acme.under.d", 1),
        ("acme.under.d.1", 1),
        ("acme.over", 1),
        ("acme.over.c", 1),
        ("acme.over.c.2", 1),
    ]


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ([["a", "b"]], "capability holds 2 labels, and a question has one place in the tree."),
        (["图表", "a"], "capability is '图表', which cannot be the name of a dimension."),
        (["+", "a"], "capability is '+', which cannot be the name of a dimension."),
        (["c+", "c-"], "capability is 'c-', which would be called 'acme.c', as 'c+' is."),
        (["a", ""], "capability is empty."),
    ],
)
def test_a_label_that_is_no_dimension(tmp_path: Path, labels: list[Any], problem: str) -> None:
    """Two labels never become one, and none loses its letters."""
    rows = [
        {"id": at, "question": "?", "target": "yes", "capability": label}
        for at, label in enumerate(labels)
    ]

    with pytest.raises(DataError) as caught:
        load(write_json(tmp_path, rows), answer="yes-no", columns={"pictures": []})

    assert caught.value.problem == problem


def test_a_label_may_be_a_list_of_one(tmp_path: Path) -> None:
    """As LogicVista writes them."""
    rows = [{"id": 1, "question": "?", "target": "no", "capability": ["inductive"]}]

    benchmark = load(write_json(tmp_path, rows), answer="yes-no", columns={"pictures": []})

    assert benchmark.sample("1").dimension == "acme.inductive"


def test_no_capability_is_one_leaf(tmp_path: Path) -> None:
    """The benchmark itself is the leaf."""
    rows = [{"id": 1, "question": "?", "target": "no"}]

    benchmark = load(write_json(tmp_path, rows), answer="yes-no", columns={"pictures": []})

    check_benchmark(benchmark)
    assert [node.path for node in benchmark.dimensions()] == ["acme"]


def test_clusters_may_be_named(tmp_path: Path) -> None:
    """A column says which questions depend on each other, such as pages of a document."""
    draw(tmp_path)
    rows = [{**row, "cluster": "7.0"} for row in choices(4)]

    benchmark = load(write_jsonl(tmp_path, rows))

    assert {each.cluster for each in samples(benchmark)} == {"7"}


def test_the_default_wording(path: Path) -> None:
    """Letters are asked for, but where texts of options are ranked; pictures come first."""
    benchmark = load(path)
    sample = benchmark.sample("q0")

    text = "Which of 0?\nA. one 0\nB. two 0\nC. three 0"
    last = "\nAnswer with the option's letter from the given choices directly."
    assert shown(benchmark.request(sample, Method.GENERATE).prompt) == ["<q0>", text + last]
    assert shown(benchmark.request(sample, Method.RANK).prompt) == ["<q0>", text]
    assert benchmark.request(sample, Method.RANK_LETTER).options == ("A", "B", "C")


def test_a_template(path: Path) -> None:
    """Its places are filled once: what stands in a question is no place."""
    benchmark = load(path, prompt="Look: " + TEMPLATE)
    sample = benchmark.sample("q0")

    prompt = benchmark.request(sample, Method.GENERATE).prompt

    assert shown(prompt) == [
        "Look: ",
        "<q0>",
        "Q: Which of 0?\nA. one 0\nB. two 0\nC. three 0\n{json} one of A, B, C",
    ]
    check_benchmark(benchmark)


def test_what_stands_in_a_question_is_no_place(tmp_path: Path) -> None:
    """Braces in questions and options stay as they are."""
    rows = [{**row, "question": "{options} {0} {", "picture": "0.png"} for row in choices(1)]
    draw(tmp_path)

    benchmark = load(write_jsonl(tmp_path, rows), prompt="{question}|{options}")

    (_, text) = shown(benchmark.request(benchmark.sample("q0"), Method.GENERATE).prompt)
    assert text.startswith("{options} {0} {|A. one 0")


def test_pictures_stand_at_their_marks(tmp_path: Path) -> None:
    """`<image 2>` in a question shows the second picture there, and the others come first."""
    draw(tmp_path)
    for mark in ("<image 2>", "<image2>"):
        row = {**choices(1)[0], "question": f"See {mark}!", "picture": ["0.png", "1.png"]}

        benchmark = load(write_jsonl(tmp_path, [row]))

        parts = shown(benchmark.request(benchmark.sample("q0"), Method.RANK).prompt)
        assert parts[:3] == ["<q0-1>", "See ", "<q0-2>"]


def test_a_template_without_options_is_ranked_only(path: Path) -> None:
    """Who is not shown the options cannot choose one by its letter."""
    assert load(path, prompt="{question}").methods() == (Method.RANK, Method.RANK_MEAN)


@pytest.mark.parametrize(
    ("prompt", "problem", "facts"),
    [
        ("{question} {optoins}", "prompt has a place {optoins}", {"did you mean": "'options'?"}),
        ("{question} {}", "prompt has a place {}", {}),
        ("{question!r}", "prompt has a place {question!r}", {}),
        ("{question:>9}", "prompt has a place {question:>9}", {}),
        ("{question.upper}", "prompt has a place {question.upper}", {}),
        ("{question", "prompt cannot be read.", {}),
        ("{options}", "prompt has no place {question}", {}),
        (5, "prompt is a text, and not 5.", {}),
    ],
)
def test_a_template_that_is_wrong(
    path: Path, prompt: object, problem: str, facts: dict[str, str]
) -> None:
    """An unknown place is refused with the nearest one."""
    with pytest.raises(SettingsError) as caught:
        load(path, prompt=prompt)

    assert caught.value.problem.startswith(problem)
    assert caught.value.facts["asked for by"] == "[benchmarks.acme]"
    assert facts.items() <= caught.value.facts.items()


@pytest.mark.parametrize(
    ("table", "problem", "nearest"),
    [
        ({"columns": {"question": "queston"}}, "has no column 'queston'.", "'question'?"),
        ({"columns": {"options": ["A", "B"]}}, "has no column 'A'.", None),
        ({"columns": {"qustion": "question"}}, "'qustion' is not a key of columns.", "'question'?"),
        ({"columns": {"id": ["id", "x"]}}, "id = ['id', 'x'] of columns is not one column.", None),
        ({"columns": {"target": 4}}, "target = 4 of columns is not one column.", None),
        ({"columns": {"options": []}}, "options = [] of columns is not a column,", None),
        ({"columns": "id"}, "columns is a table,", None),
        ({"columns": {"picture": "a", "pictures": "b"}}, "picture and pictures are both", None),
        ({"answer": "choose"}, "answer = 'choose' is not known.", "'choice'?"),
        ({"answer": "number", "columns": {"options": "options"}}, "has no options", None),
        ({"target-form": "word"}, "target-form = 'word' is not known.", None),
        ({"anwser": "choice"}, "acme has no option 'anwser'.", "'answer'?"),
        ({"data": "x.csv"}, "questions names a file", None),
        ({"questions": 7}, "questions names a file", None),
    ],
)
def test_a_table_that_is_wrong(
    path: Path, table: dict[str, Any], problem: str, nearest: str | None
) -> None:
    """Every unknown key, column and word is refused with the nearest one."""
    with pytest.raises(SettingsError) as caught:
        load(path, **{"questions": str(path), **table}) if "questions" not in table else load(
            Path(), **table
        )

    assert problem in caught.value.problem
    if nearest:
        assert caught.value.facts["did you mean"] == nearest


@pytest.mark.parametrize("key", ["id", "question", "options", "target", "picture"])
def test_a_column_that_is_not_known(tmp_path: Path, key: str) -> None:
    """A file whose column is called otherwise says which line would name it."""
    rows = [{"zzz" if name == key else name: row[name] for name in row} for row in choices(2)]

    with pytest.raises(SettingsError) as caught:
        load(write_jsonl(tmp_path, rows))

    assert caught.value.problem == f"it is not known which column of q.jsonl holds the {key}."
    assert "zzz" in caught.value.facts["columns"]
    assert f'{key} = "COLUMN"' in caught.value.facts["what to do"]


def test_a_question_without_its_picture(tmp_path: Path) -> None:
    """Under `picture` it is a bad row: it would be asked blindly."""
    rows = [{**row, "picture": ""} for row in choices(1)]

    with pytest.raises(DataError, match="picture holds no picture") as caught:
        load(write_csv(tmp_path, rows))

    assert caught.value.facts["row"] == "0 (counted from 0)"
    benchmark = load(write_csv(tmp_path, rows), columns={"pictures": "picture"})
    assert benchmark.sample("q0").pictures == ()


def test_two_rows_of_one_id(tmp_path: Path) -> None:
    """The second is named, and where the first stands."""
    rows = [{**row, "id": "same"} for row in choices(2)]

    with pytest.raises(DataError, match="same stands in two rows") as caught:
        load(write_csv(tmp_path, rows))

    assert caught.value.facts["first in"] == "q.csv, row 0"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The nearest file is named."""
    write_csv(tmp_path, choices(1))

    with pytest.raises(DataError, match="there is no file or folder") as caught:
        load(tmp_path / "q.cvs")

    assert caught.value.facts["did you mean"] == "'q.csv'?"


def test_the_revision_is_what_is_asked(tmp_path: Path) -> None:
    """It changes with the content, the columns, the wording and the answer; not with the place."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        draw(tmp_path / name)
    rows = choices()
    here, there = (write_csv(tmp_path / name, rows) for name in ("here", "there"))
    first = load(here).revision

    assert load(there).revision == first
    assert load(here, columns={"id": "id"}).revision == first
    others = [
        load(here, prompt="{question} {options}"),
        load(here, prompt="{question}\n{options}"),
        load(here, columns={"capability": []}),
        load(here, columns={"pictures": []}),
        load(write_csv(tmp_path / "there", [{**rows[0], "question": "Which of 1?"}, *rows[1:]])),
    ]
    assert len({first, *(each.revision for each in others)}) == 6


def test_the_revision_knows_pictures_in_the_file(tmp_path: Path) -> None:
    """Also where another picture is as long as the first was."""
    content = [disc(0), disc(0)[:-1] + b"x"]
    rows = choices(1)
    revisions = set()
    for number, picture in enumerate(content):
        folder = tmp_path / str(number)
        folder.mkdir()
        revisions.add(load(FORMS["parquet"](folder, [{**rows[0], "picture": picture}])).revision)

    assert len(revisions) == 2


@pytest.mark.parametrize("name", ["no-image", "no-question", "options-only", "rotated-1", "grey"])
def test_conditions_and_rotations(path: Path, name: str) -> None:
    """What can be done to a published benchmark can be done to these questions."""
    benchmark = load(path)
    leaf = [benchmark.sample(id) for id in benchmark.ids("acme.reading")]

    check_condition(condition(name), leaf)
    check_benchmark(CircularBenchmark(benchmark))

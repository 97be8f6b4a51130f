"""`mmbench init --questions FILE`: a table for a team's own questions, with what was guessed."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from question_files import FORMS, choices, draw, embedded, write_csv, write_json, write_parquet


def table(project: Any, name: str = "acme") -> Any:
    """The table that stands in the settings now."""
    return tomllib.loads(project.text("mmbench.toml"))["benchmarks"][name]


def foreign() -> list[dict[str, Any]]:
    """Questions whose columns are called as another team calls them."""
    return [
        {
            "QID": f"n-{at}",
            "Image Path": f"{at % 4}.png",
            "Prompt": f"Which of {at}?",
            "option_a": f"one {at}",
            "option_b": f"two {at}",
            "option_c": f"three {at}",
            "Correct Answer": "ABC"[at % 3],
            "Category": ["signs", "charts"][at % 2],
            "Remark": "checked",
        }
        for at in range(8)
    ]


@pytest.mark.parametrize("form", FORMS)
def test_plain_columns_of_every_form(project: Any, form: str) -> None:
    """Each form of file is read, and what was written can be asked."""
    draw(project.path)
    path = FORMS[form](project.path, choices(8))

    assert project("init", "--questions", str(path), "--name", "acme") == 0

    assert table(project)["columns"] == {
        "id": "id",
        "picture": "picture",
        "question": "question",
        "options": "options",
        "target": "target",
        "capability": "capability",
    }
    assert "read 8 questions with it" in project.out
    assert project("dimensions") == 0
    assert [line.split() for line in project.lines] == [
        ["acme", "8"],
        ["acme.reading", "4"],
        ["acme.counting", "4"],
    ]


def test_columns_are_known_by_name_and_content(project: Any) -> None:
    """Other names in any case, options in columns, and the reason behind each line."""
    draw(project.path)
    write_csv(project.path, foreign())

    assert project("init", "--questions", "q.csv", "--name", "acme") == 0

    assert table(project) == {
        "questions": "q.csv",
        "answer": "choice",
        "columns": {
            "id": "QID",
            "picture": "Image Path",
            "question": "Prompt",
            "options": ["option_a", "option_b", "option_c"],
            "target": "Correct Answer",
            "capability": "Category",
        },
    }
    text = project.text("mmbench.toml")
    assert "# 8 of 8 filled, none twice" in text
    assert "# a picture in 8 of 8" in text
    assert "# not used: Remark" in text
    assert project("show", "acme", "n-3") == 0


def test_a_picture_is_known_by_its_content(project: Any) -> None:
    """Whatever its column is called: base64, a data URL, bytes."""
    for number, rows in enumerate(
        [embedded(choices(4)), embedded(choices(4), url=True), choices(4)]
    ):
        renamed = [{"zz" if key == "picture" else key: row[key] for key in row} for row in rows]
        if number == 2:
            renamed = [{**row, "zz": b"\x89PNG"} for row in renamed]
        write_parquet(project.path, renamed)

        name = f"acme{number}"
        assert project("init", "--questions", "q.parquet", "--name", name) == 0

        assert table(project, name)["columns"]["picture"] == "zz"


@pytest.mark.parametrize(
    ("targets", "answer", "scoring"),
    [
        (["yes", "No", "no"], "yes-no", None),
        (["12", "3.5", "1,000"], "number", "strict"),
        ([1, 0, 1], "number", "whole"),
        (["a door", "12", "red"], "text", "strict-relaxed"),
        (["a door", "green", ["red", "dark red"]], "text", "strict"),
        (["a", "b", "the long way round the lake to the old mill"], "text", "strict-anls"),
        (["\\frac{1}{2}", "3", "2\\pi"], "latex", "strict"),
        ([["cat"] * 10, ["cat", "dog"] * 5, ["cow"] * 11], "text", "vqa"),
    ],
)
def test_the_answer_is_guessed(
    project: Any, targets: list[Any], answer: str, scoring: str | None
) -> None:
    """From all targets, with the reasons and what else there is; also that no picture is there."""
    rows = [{"id": at, "question": "?", "answer": each} for at, each in enumerate(targets)]
    write_json(project.path, rows)

    assert project("init", "--questions", "q.json", "--name", "acme") == 0

    assert (table(project)["answer"], table(project).get("scoring")) == (answer, scoring)
    assert table(project)["columns"]["pictures"] == []
    assert "read 3 questions with it" in project.out


def test_some_rows_have_no_options(project: Any) -> None:
    """They are open questions, of the type that their targets say."""
    draw(project.path)
    rows = choices(4)
    rows[3].update(options=[], target="12")
    write_json(project.path, rows)

    assert project("init", "--questions", "q.json", "--name", "acme") == 0

    assert (table(project)["answer"], table(project)["open-answer"]) == ("choice", "number")
    assert "read 4 questions with it" in project.out


def test_settings_that_are_there_stay(project: Any) -> None:
    """The table is added below them, and a second one of the same name is refused."""
    draw(project.path)
    write_csv(project.path, choices(4))
    before = '# ours\nlimit = 4\n\n[thresholds]\n"shapes" = 0.5   # agreed\n[benchmarks.shapes]\n'
    project.file("mmbench.toml", before)

    assert project("init", "--questions", "q.csv", "--name", "acme") == 0
    assert project.text("mmbench.toml").startswith(before)
    after = project.text("mmbench.toml")

    assert project("init", "--questions", "q.csv", "--name", "acme") == 4
    assert "there is a benchmark 'acme' already" in project.err
    assert project("init", "--questions", "q.csv", "--name", "mmstar") == 4
    assert "--name NAME" in project.err
    assert project.text("mmbench.toml") == after


def test_settings_in_a_pyproject(project: Any) -> None:
    """The table lies within [tool.mmbench]."""
    draw(project.path)
    write_csv(project.path, choices(4))
    project.file("pyproject.toml", '[project]\nname = "x"\n[tool.mmbench]\nlimit = 4\n')

    assert project("init", "--questions", "q.csv") == 0

    tools = tomllib.loads(project.text("pyproject.toml"))["tool"]["mmbench"]
    assert tools["benchmarks"]["q"]["questions"] == "q.csv"
    assert not (project.path / "mmbench.toml").exists()
    assert project("dimensions") == 0


def test_tables_on_one_line_are_left_alone(project: Any) -> None:
    """What cannot be added to without a change is not touched."""
    draw(project.path)
    write_csv(project.path, choices(4))
    before = "benchmarks = { shapes = { per-axis = 2 } }\n"
    project.file("mmbench.toml", before)

    assert project("init", "--questions", "q.csv") == 4
    assert "cannot be added" in project.err
    assert project.text("mmbench.toml") == before


def test_the_name_is_that_of_the_file(project: Any) -> None:
    """Or of the folder of a `metadata` file, as a name may be written."""
    folder = project.path / "Our Signs 2"
    folder.mkdir()
    draw(folder)
    FORMS["folder"](folder, choices(4))

    assert project("init", "--questions", str(folder / "metadata.jsonl")) == 0

    assert table(project, "our-signs-2")["questions"] == "Our Signs 2/metadata.jsonl"


def test_what_is_missing_is_said(project: Any) -> None:
    """A file without ids still gets a table, and what it lacks is named."""
    draw(project.path)
    write_csv(project.path, [{**row, "id": "same"} for row in choices(4)])

    assert project("init", "--questions", "q.csv") == 0

    assert "# id = " in project.text("mmbench.toml")
    assert "these questions cannot be asked yet" in project.err


def test_a_file_that_cannot_be_read(project: Any) -> None:
    """Nothing is written."""
    project.file("q.json", "[")

    assert project("init", "--questions", "q.json") == 4
    assert "q.json is not JSON" in project.err
    assert project("init", "--questions", "p.json") == 4
    assert not (project.path / "mmbench.toml").exists()


def test_what_a_file_says_stays_in_its_comment(project: Any) -> None:
    """A line break in the name of a column ends no comment."""
    rows = [{"id": at, "question": "?", "answer": "no", "x\n[gate]": 1} for at in range(2)]
    write_json(project.path, rows)

    assert project("init", "--questions", "q.json") == 0

    assert "gate" not in tomllib.loads(project.text("mmbench.toml"))
    assert Path(project.path / "mmbench.toml").is_file()

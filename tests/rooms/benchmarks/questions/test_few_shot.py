"""Solved examples before each question of a team's own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from question_files import choices, draw, load, write_jsonl

from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Method, Picture, Turn
from pytest_mmbench.testing import check_benchmark


def benchmark(folder: Path, examples: list[dict[str, Any]], **table: object) -> Benchmark:
    """Six questions, or those of the table, and these examples."""
    (folder / "few").mkdir(exist_ok=True)
    draw(folder / "few")
    draw(folder)
    rows = table.pop("rows", choices())
    path = write_jsonl(folder, rows)  # type: ignore[arg-type]
    solved = write_jsonl(folder / "few", examples)
    return load(path, **{"few-shot": str(solved)}, **table)


def examples(count: int = 2) -> list[dict[str, Any]]:
    """Solved questions of the same form."""
    return [{**row, "id": f"e{at}"} for at, row in enumerate(choices(count))]


def texts(turns: tuple[Turn, ...]) -> list[tuple[str, list[str]]]:
    """Roles, and the last words of what is said; pictures by a sign."""
    return [
        (
            turn.role,
            ["<>" if isinstance(part, Picture) else part.strip()[-8:] for part in turn.parts],
        )
        for turn in turns
    ]


def test_every_model_is_shown_them(tmp_path: Path) -> None:
    """Questions with their pictures, and the answer that the method asks for."""
    shown = benchmark(tmp_path, examples())

    check_benchmark(shown)
    sample = shown.sample("q0")
    generated = shown.request(sample, Method.GENERATE).prompt.turns
    assert [turn.role for turn in generated] == ["user", "assistant"] * 2 + ["user"]
    assert [turn.parts for turn in generated[1::2]] == [("A",), ("B",)]
    assert all(isinstance(turn.parts[0], Picture) for turn in generated[::2])
    ranked = shown.request(sample, Method.RANK).prompt.turns
    assert [turn.parts for turn in ranked[1::2]] == [("one 0",), ("two 1",)]
    assert shown.examples(Method.GENERATE) == ()


def test_without_a_picture_there_is_none_at_all(tmp_path: Path) -> None:
    """A condition that takes the question's picture takes those of the examples."""
    shown = benchmark(tmp_path, examples())
    blind = replace(shown.sample("q0"), pictures=())

    assert not shown.request(blind, Method.GENERATE).prompt.pictures


def test_only_a_text_model_is_shown_them(tmp_path: Path) -> None:
    """As the published benchmarks do it: beside the request, and without pictures."""
    shown = benchmark(tmp_path, examples(), **{"few-shot-for": "base-llm"})

    request = shown.request(shown.sample("q0"), Method.GENERATE)
    assert [turn.role for turn in request.prompt.turns] == ["user"]
    turns = shown.examples(Method.GENERATE)
    assert [role for role, _ in texts(turns)] == ["user", "assistant"] * 2
    assert not any(isinstance(part, Picture) for turn in turns for part in turn.parts)


def test_they_are_part_of_the_revision(tmp_path: Path) -> None:
    """Other examples, or other readers of them, make another benchmark."""
    revisions = {
        benchmark(tmp_path, examples(count), **{"few-shot-for": word}).revision
        for count in (1, 2)
        for word in ("all", "base-llm")
    }

    assert len(revisions) == 4


@pytest.mark.parametrize(
    ("answer", "target", "said"),
    [("yes-no", "no", "No"), ("number", 12, "12"), ("list", ["cat", "dog"], "cat; dog")],
)
def test_other_answers(tmp_path: Path, answer: str, target: object, said: str) -> None:
    """An example says what is correct as a model would."""
    row = {"question": "?", "target": target}
    shown = benchmark(
        tmp_path,
        [{**row, "id": "e"}],
        rows=[{**row, "id": "q"}],
        answer=answer,
        columns={"pictures": []},
    )

    turns = shown.request(shown.sample("q"), Method.GENERATE).prompt.turns
    assert turns[1] == Turn(role="assistant", parts=(said,))


@pytest.mark.parametrize(
    ("solved", "table", "problem"),
    [
        (choices(1), {}, "'q0' is an example and a question"),
        (examples() * 20, {}, "stands in two rows"),
        ([{**choices(1)[0], "id": f"e{at}"} for at in range(40)], {}, "has 40 examples"),
        (examples(), {"few-shot-for": "nobody"}, "few-shot-for = 'nobody' is not known"),
        ([{**examples()[0], "target": "Z"}], {}, "target is 'Z'"),
        ([{"id": "e", "question": "?"}], {}, "target"),
    ],
)
def test_what_is_no_example(
    tmp_path: Path, solved: list[dict[str, Any]], table: dict[str, object], problem: str
) -> None:
    """Each is said, and none is shown to a model."""
    with pytest.raises((DataError, SettingsError), match=problem):
        benchmark(tmp_path, solved, **table)


def test_more_options_than_letters(tmp_path: Path) -> None:
    """Twenty-six can be told apart by letters, and one more is a bad row."""
    row = {"id": "1", "question": "?", "options": [f"o {at}" for at in range(26)], "target": "Z"}
    none: dict[str, object] = {"columns": {"pictures": []}}

    assert load(write_jsonl(tmp_path, [row]), **none).sample("1").target == "Z"
    with pytest.raises(DataError, match="are 27, and there are 26 letters"):
        load(write_jsonl(tmp_path, [{**row, "options": [*row["options"], "more"]}]), **none)

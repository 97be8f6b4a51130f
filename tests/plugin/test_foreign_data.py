"""Data that others wrote, judged by pytest: what is odd about them is said, and nothing breaks."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from publishing.pictures import grey

QUESTIONS = (("red", "red", "blue"), ("red", "blue", "grey"), ("red", "blue", "blue "))


def write(project: Any, options: Sequence[Sequence[str]], method: str) -> None:
    """MMBench questions about one picture, with these options, of which B is right."""
    rows = []
    for at, texts in enumerate(options):
        columns = dict(zip("ABCD", texts, strict=False))
        picture = base64.b64encode(grey(1)).decode()
        rows.append(
            {"index": at, "question": "Q?", "answer": "B", "category": "ocr", "image": picture}
            | columns
        )
    project.file("m.jsonl", "\n".join(map(json.dumps, rows)))
    table = f'[benchmarks.mmbench]\ndata = "m.jsonl"\nmethod = "{method}"\n'
    project.file("mmbench.toml", table)


@pytest.mark.parametrize("method", ["rank", "rank-mean"])
@pytest.mark.parametrize("extra", [(), ("--mm-circular",), ("--mm-condition=rotated-1",)])
def test_twin_options_are_counted(project: Any, method: str, extra: tuple[str, ...]) -> None:
    """Ranked by their texts the first of two that are the same always wins: the run says so."""
    write(project, QUESTIONS, method)
    project.file("answers.json", '{"answers": {}, "otherwise": "B"}')

    result = project.run("--mm-model=scripted:answers.json", *extra)

    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [f"*mmbench: 2 of 3 questions have *, of which {method} always takes the first: 0, 2"]
    )


@pytest.mark.parametrize("method", ["generate", "rank-letter"])
def test_twins_do_not_matter_where_letters_are_read(project: Any, method: str) -> None:
    """Their letters differ."""
    write(project, QUESTIONS, method)
    project.file("answers.json", '{"answers": {}, "otherwise": "B"}')

    result = project.run("--mm-model=scripted:answers.json")

    assert result.ret == 0
    result.stdout.no_fnmatch_line("*same text*")


@pytest.mark.parametrize("method", ["generate", "rank-letter", "rank"])
def test_a_script_is_asked_by_sample(project: Any, method: str) -> None:
    """Two samples that look alike have an answer each, now and in a later run."""
    write(project, [("one", "two"), ("one", "two"), ("one", "two")], method)
    project.file("answers.json", '{"answers": {"0": "A", "1": "B", "2": "A"}}')

    first = project.run("--mm-model=scripted:answers.json", "-W", "ignore")
    second = project.run("--mm-model=scripted:answers.json", "-W", "ignore")

    for result in (first, second):
        result.stdout.fnmatch_lines(["mmbench * 1/3 *"])
    first.stdout.fnmatch_lines(["3 answers in *"])
    first.stdout.no_fnmatch_line("*cached*")
    second.stdout.fnmatch_lines(["no new answers, 3 cached*"])


def test_a_picture_out_of_the_folder_ends_the_run(project: Any) -> None:
    """The error names row, field and remedy; with the folder allowed, the run goes on."""
    write(project, [("one", "two")], "generate")
    text = (project.path / "m.jsonl").read_text(encoding="utf-8")
    row = json.loads(text) | {"image": "../shown/1.png"}
    (project.path / "shown").mkdir()
    (project.path / "shown" / "1.png").write_bytes(grey(1))
    project.file("data/m.jsonl", json.dumps(row))
    table = '[benchmarks.mmbench]\ndata = "data/m.jsonl"\n'
    project.file("mmbench.toml", table)
    project.file("answers.json", '{"answers": {}, "otherwise": "B"}')

    refused = project.run("--mm-model=scripted:answers.json", "-W", "ignore")
    project.file("mmbench.toml", f'{table}picture-folders = ["shown"]\n')
    allowed = project.run("--mm-model=scripted:answers.json", "-W", "ignore")

    assert refused.ret == 1
    refused.stdout.fnmatch_lines(["*leads out of the folder of the data*", "*picture-folders*"])
    assert allowed.ret == 0
    allowed.stdout.fnmatch_lines(["mmbench * 1/1 *"])

"""A team's own questions in a run, as the page about them writes them down."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from question_files import choices, draw, write_csv

from pytest_mmbench.cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "own-questions.md"
FENCES = re.findall(r"```(csv|toml)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
RIGHT = {"q1": "B", "q2": "D", "q3": "A", "q4": "C"}


@pytest.fixture
def acme(project: Any) -> Any:
    """The project of the page: its file, its table, and pictures."""
    files = {"csv": "questions.csv", "toml": "mmbench.toml"}
    for (kind, text), expected in zip(FENCES[:2], files, strict=True):
        assert kind == expected
        project.file(files[kind], text)
    (project.path / "pictures").mkdir()
    draw(project.path / "pictures")
    return project


def model(project: Any, name: str = "answers.json", **answers: str) -> str:
    """The option of a scripted model that is right but for these answers."""
    text = json.dumps({"answers": {**RIGHT, **answers}, "otherwise": "A"})
    project.file(name, text)
    return f"--mm-model=scripted:{name}"


def test_the_table_of_the_page_gates_a_model(acme: Any) -> None:
    """About ten lines: thresholds of the whole and of a capability, judged in a run."""
    assert len(FENCES[1][1].splitlines()) <= 14

    passed = acme.run(model(acme), "-v")
    failed = acme.run(model(acme, q2="A", q3="B"))

    passed.assert_outcomes(passed=4)
    passed.stdout.fnmatch_lines(["*test_capability?acme.charts?*", "*SHIP: 2 of 2 gates passed*"])
    failed.assert_outcomes(passed=3, failed=1)
    failed.stdout.fnmatch_lines(["*charts*0/2*fail*", "*DO NOT SHIP*"])


@pytest.mark.parametrize("method", ["rank", "rank-mean", "rank-letter", "generate"])
def test_by_every_method(acme: Any, method: str) -> None:
    """The same questions are ranked and generated."""
    result = acme.run(model(acme), f"--mm-method={method}")

    result.stdout.fnmatch_lines(["acme*4/4*", f"*method {method}*"])


def test_conditions_and_rotations(acme: Any) -> None:
    """Vision is judged, and every rotation of the options is asked."""
    result = acme.run("--mm-model=scripted:first", "--mm-condition=no-image", "--mm-circular")

    result.stdout.fnmatch_lines(["acme*0/4*fail*", "vision:*", "*under every rotation 0.000*"])


def test_a_baseline_and_a_snapshot(acme: Any) -> None:
    """A later run is compared answer by answer; another file is another benchmark."""
    pytest.importorskip("syrupy")
    first = acme.run(model(acme), "-p", "syrupy", "--snapshot-update")
    first.stdout.fnmatch_lines(["*SHIP*"])
    (acme.path / "old.json").write_bytes((acme.path / ".mmbench" / "last-run.json").read_bytes())

    second = acme.run(
        model(acme, q4="A"), "-p", "syrupy", "--mm-baseline=old.json", "--mm-html=report.html"
    )

    second.stdout.fnmatch_lines(["*test_snapshot?acme.receipts?*"])
    page = (acme.path / "report.html").read_text(encoding="utf-8")
    assert "What is the sum?" in page
    assert "data:image/" in page
    questions = acme.path / "questions.csv"
    questions.write_text(questions.read_text(encoding="utf-8").replace("sum", "total"), "utf-8")
    third = acme.run(model(acme), "--mm-baseline=old.json")
    assert third.ret == pytest.ExitCode.USAGE_ERROR
    third.stderr.fnmatch_lines(["*was not asked the same acme*"])


def test_samples_can_be_left_out(acme: Any) -> None:
    """An exclusion list of the revision leaves out what it names."""
    acme.run(model(acme))
    run = json.loads((acme.path / ".mmbench" / "last-run.json").read_text(encoding="utf-8"))
    revision = re.search(r'"(acme-1 [0-9a-f ]+)"', json.dumps(run))
    assert revision
    left_out = {"schema": 1, "benchmark": "acme", "rule": "unclear", "samples": ["q4"]}
    acme.file("out.json", json.dumps({**left_out, "revision": revision[1]}))

    result = acme.run(model(acme), "--mm-exclude=out.json")

    result.stdout.fnmatch_lines(["acme*3/3*"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"key"', '"kye"', "*did you mean*'key'*"),
        ('"choice"', '"choise"', "*did you mean*'choice'*"),
        ('"acme.charts"', '"acme.chart"', "*did you mean*'acme.charts'*"),
        ("[benchmarks.acme]\n", '[benchmarks.acme]\nprompt = "{qestion}"\n', "*'question'*"),
        ("questions.csv", "question.csv", "*did you mean*'questions.csv'*"),
        ('"choice"\n', '"choice"\nscoring = "strickt"\n', "*did you mean*'strict'*"),
    ],
)
def test_what_is_wrong_is_a_usage_error(acme: Any, old: str, new: str, said: str) -> None:
    """Exit code 4, the nearest name, and nothing is asked."""
    settings = acme.path / "mmbench.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(old, new), "utf-8")

    result = acme.run(model(acme))

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


def test_a_bad_row_is_named_or_skipped(acme: Any) -> None:
    """Exit code 4 with file and row; skipped rows are counted."""
    acme.file("questions.csv", FENCES[0][1].replace(",C,receipts", ",E,receipts"))

    refused = acme.run(model(acme))
    skipped = acme.run(model(acme), "--mm-bad-rows=skip")

    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["*key is 'E'*", "*questions.csv*", "*3 (counted from 0)*"])
    skipped.stdout.fnmatch_lines(["*1 of 4 rows of questions.csv*", "acme*3/3*"])


def test_without_a_model_nothing_is_read(acme: Any) -> None:
    """A pytest run without a model does not look at the questions."""
    (acme.path / "questions.csv").unlink()
    acme.write(test_own="def test_own(): pass")

    acme.run().assert_outcomes(passed=1)


def test_the_command_knows_them(acme: Any, monkeypatch: Any, capsys: Any) -> None:
    """`show` and `dimensions` name samples and capabilities."""
    monkeypatch.chdir(acme.path)

    assert main(["show", "acme", "q3"]) == 0
    assert main(["dimensions"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert "Which bar is the highest?" in lines
    assert [line.split() for line in lines[-4:]] == [
        ["acme", "4"],
        ["acme.signs", "1"],
        ["acme.charts", "2"],
        ["acme.receipts", "1"],
    ]


def test_open_questions(project: Any) -> None:
    """Numbers are generated, and cannot be ranked."""
    draw(project.path)
    rows = [
        {"id": row["id"], "picture": row["picture"], "question": "How many?", "target": at}
        for at, row in enumerate(choices(3))
    ]
    write_csv(project.path, rows)
    project.file("mmbench.toml", '[benchmarks.count]\nquestions = "q.csv"\nanswer = "number"\n')
    project.file("answers.json", json.dumps({"answers": {"q0": "0", "q1": "It is 1."}}))

    result = project.run("--mm-model=scripted:answers.json")
    ranked = project.run("--mm-model=scripted:answers.json", "--mm-method=rank")

    result.stdout.fnmatch_lines(["count*2/3*"])
    assert ranked.ret == pytest.ExitCode.USAGE_ERROR
    ranked.stderr.fnmatch_lines(["*'count' cannot be asked by 'rank'*"])


def test_init_keeps_their_table(acme: Any, monkeypatch: Any) -> None:
    """Settings that are written anew from a run name the same file, columns and answer."""
    acme.run(model(acme))
    monkeypatch.chdir(acme.path)
    before = tomllib.loads(acme.path.joinpath("mmbench.toml").read_text(encoding="utf-8"))

    assert main(["init", "--force"]) == 0

    after = tomllib.loads(acme.path.joinpath("mmbench.toml").read_text(encoding="utf-8"))
    table = before["benchmarks"]["acme"]
    assert after["benchmarks"]["acme"] == {"method": "generate", **table}
    acme.run(model(acme)).stdout.fnmatch_lines(["acme*4/4*", "*4 cached*"])


def test_questions_in_groups(project: Any) -> None:
    """Each by itself in the whole, and all of a figure and of a question in views with gates."""
    rows = [
        {
            "id": f"q{at}",
            "question": "Is it?",
            "target": "yes",
            "figure": at // 2,
            "word": at % 2,
        }
        for at in range(6)
    ]
    write_csv(project.path, rows)
    project.file(
        "mmbench.toml",
        '[benchmarks.signs]\nquestions = "q.csv"\nanswer = "yes-no"\ncolumns = { pictures = [] }\n'
        'groups = { figure = "figure", question = "word" }\n'
        '[thresholds]\n"signs" = 0.6\n"signs.all-of-figure" = 0.6\n"signs.all-of-question" = 0.6\n',
    )
    answers = {f"q{at}": "Yes" for at in range(6)} | {"q1": "No"}
    project.file("answers.json", json.dumps({"answers": answers}))

    result = project.run("--mm-model=scripted:answers.json")

    result.stdout.fnmatch_lines(["signs*5/6*pass*"])
    result.stdout.fnmatch_lines(["*all-of-figure*2/3*pass*"])
    result.stdout.fnmatch_lines(["*all-of-question*1/2*fail*"])
    saved = project.run("--mm-model=scripted:answers.json", "--mm-baseline=.mmbench/last-run.json")
    saved.stdout.fnmatch_lines(["*all-of-question*1/2*fail*"])


def test_credits_of_short_answers(project: Any) -> None:
    """ANLS from the settings to the summary, which names the rule."""
    draw(project.path)
    rows = [
        {"id": f"q{at}", "picture": "0.png", "question": "What brand?", "target": "Nikon"}
        for at in range(3)
    ]
    write_csv(project.path, rows)
    project.file(
        "mmbench.toml",
        '[benchmarks.read]\nquestions = "q.csv"\nanswer = "text"\nscoring = "anls"\n',
    )
    answers = {"q0": "nikon", "q1": "nikan", "q2": "a camera"}
    project.file("answers.json", json.dumps({"answers": answers}))

    result = project.run("--mm-model=scripted:answers.json")

    result.stdout.fnmatch_lines(["*generate, anls scoring*"])
    result.stdout.fnmatch_lines(["read*0.600*"])

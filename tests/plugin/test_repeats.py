"""`repeats = k`: each question is asked so often, and stays one observation."""

import json
from typing import Any

import pytest

SAMPLED = 'method = "generate"\n[decoding]\ntemperature = 0.7\n'
ONE_LEAF = ("-k", "addition")
ADDITION = "shapes.math.addition"
DYING = """
import json
from pathlib import Path
import pytest
from pytest_mmbench.models.scripted import ScriptedModel

class Dying(ScriptedModel):
    def generate(self, requests):
        asked = Path("asked.txt")
        number = len(asked.read_text().splitlines()) if asked.exists() else 0
        if number == 5 and not Path("again").exists():
            raise RuntimeError
        with asked.open("a") as file:
            print(requests[0].sample, requests[0].sampling.seed, file=file)
        return super().generate(requests)

@pytest.fixture(scope="session")
def mm_model():
    model = Dying(json.loads(Path("answers.json").read_text())["answers"], name="dying")
    model.batch_size = 1
    return model
"""


def texts(project: Any, *counts: int, times: int = 4) -> dict[str, list[str]]:
    """For each sample of the leaf, so many correct answers first, and wrong ones behind."""
    wrong = project.wrong(ADDITION)
    right = {id: project.shapes.sample(id).target for id in wrong}
    return {
        id: [right[id]] * count + [wrong[id]] * (times - count)
        for id, count in zip(wrong, counts, strict=True)
    }


def report(project: Any) -> Any:
    return json.loads((project.path / "report.json").read_text(encoding="utf-8"))


def test_a_question_is_one_observation(project: Any) -> None:
    """In the score, the note, the JSON report and the saved run; nothing is asked twice."""
    project.settings(f"{SAMPLED}seed = 8\nrepeats = 4\n", shapes__math__addition="0.6")
    model = project.model(texts(project, 4, 1))
    forms = ("--mm-json=report.json", "--mm-markdown=report.md")
    result = project.run(model, *ONE_LEAF, *forms)

    assert result.ret == 0
    note = f"{ADDITION}: 2 questions asked 4 times each: mean 0.625, commonest answer 0.500,"
    result.stdout.fnmatch_lines(
        [
            "*temperature=0.7, seed=8, repeats=4*",
            f"*{ADDITION} *0.625*1/2*",
            "8 answers in *",
            f"{note} correct at least once 1.000; variance 0.125 within*; standard error 0.3750, *",
        ]
    )
    (score,) = report(project)["models"][0]["scores"]
    assert (score["correct"], score["total"], score["accuracy"]) == (1, 2, 0.625)
    assert score["repeats"][0]["pass_at"] == pytest.approx([0.625, 0.75, 0.875, 1])
    assert note in (project.path / "report.md").read_text(encoding="utf-8")
    saved = json.loads((project.path / ".mmbench" / "last-run.json").read_text())
    rows = [row for task in saved["tasks"] for row in task["rows"][ADDITION]]
    assert [len(row["repeats"]) for row in rows] == [4, 4]
    assert rows[1]["partial"] == "1/4"
    assert "no new answers" in project.run(model, *ONE_LEAF).stdout.str()


def test_what_a_run_that_died_has_asked_is_not_asked_again(project: Any) -> None:
    """Each answer has a key of its own, by its seed."""
    project.settings(f"{SAMPLED}repeats = 4\n")
    project.model(texts(project, 4, 1))
    project.write(conftest=DYING)
    assert project.run(*ONE_LEAF, "--mm-model=scripted:first").ret == 1
    project.file("again", "")
    assert project.run(*ONE_LEAF, "--mm-model=scripted:first").ret == 0

    asked = (project.path / "asked.txt").read_text().splitlines()
    wanted = [f"{id} {seed}" for id in project.ids(ADDITION) for seed in range(4)]
    assert sorted(asked) == sorted(wanted)


def test_single_answers_are_counted_where_too_many_are_unparseable(project: Any) -> None:
    """With what one of them said, though most answers to its question could be read."""
    project.settings(f"{SAMPLED}repeats = 4\n", shapes__math__addition="0.5")
    first, second = project.ids(ADDITION)
    said = texts(project, 4, 4)
    said[second][2] = "I cannot tell."
    result = project.run(project.model(said), *ONE_LEAF)

    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            f"*{ADDITION} cannot be judged: 1 of 8 answers are unparseable, at most 0 (0.05) *",
            f"*{second}*I cannot tell.*",
        ]
    )
    result.stdout.no_fnmatch_line(f"  {first} *")


def test_comparisons_are_paired_by_question(project: Any) -> None:
    """Candidate, baseline and the conditions of the picture are asked as often; k has to be one."""
    project.settings(f"{SAMPLED}repeats = 2\n", shapes__math__addition="0.5")
    better = project.model(texts(project, 2, 1, times=2))
    (project.path / "better.json").write_text((project.path / "answers.json").read_text())
    project.model(texts(project, 1, 0, times=2))
    baseline = "--mm-baseline=scripted:better.json"
    result = project.run(
        "--mm-model=scripted:answers.json", baseline, "-k", "addition", "--mm-json=report.json"
    )

    assert better
    assert result.ret == 1
    changed = {each["sample"]: each for each in report(project)["changed_answers"]}
    first, second = project.ids(ADDITION)
    assert changed[first]["baseline"]["correctness"] == "correct"
    assert changed[first]["candidate"]["partial"] == 0.5
    assert len(changed[second]["candidate"]["repeats"]) == 2
    vision = project.run("--mm-model=scripted:answers.json", "--mm-condition=no-image", *ONE_LEAF)
    vision.stdout.fnmatch_lines([f"{ADDITION} (no-image): 2 questions asked 2 times each: *"])


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("repeats = 0", "repeats is a whole number from 1 to 1000; 0 is not."),
        ("repeats = 2", "repeats is set, and no temperature: *all repeats would be the same."),
        ("temperature = 0.7", "temperature is for generated text, and method 'rank' *"),
    ],
)
def test_what_cannot_be_repeated_is_refused(project: Any, lines: str, problem: str) -> None:
    """Exit code 4, before anything is asked."""
    method = "rank" if lines.startswith("temp") else "generate"
    project.settings(f'method = "{method}"\n[decoding]\n{lines}\n')
    result = project.run("--mm-model=scripted:first")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{problem}"])

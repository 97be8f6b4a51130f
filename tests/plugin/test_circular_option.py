"""`--mm-circular`: every question under each rotation of its options."""

import json
from typing import Any


def test_every_rotation_has_to_be_right(project: Any) -> None:
    """A model that always says A is right once in four, and never under every rotation."""
    result = project.run("--mm-model=scripted:first", "--mm-circular")

    result.stdout.fnmatch_lines(
        [
            "mmbench: model *, shapes (144 samples, circular, rank)*",
            "shapes * 0.000 * 0/36 *",
            "shapes: recall by letter A 1.000, B 0.000, C 0.000, D 0.000; standard deviation *",
            "shapes: correct as published *, on average * 0.250, under every rotation 0.000; *",
        ]
    )


def test_a_model_that_knows_passes(project: Any) -> None:
    """Its answers follow the texts."""
    answers = {
        f"{id}@{by}": "ABCD"[("ABCD".index(project.shapes.sample(id).target) - by) % 4]
        for id in project.ids("shapes")
        for by in range(4)
    }
    project.file("knows.json", json.dumps({"answers": answers, "otherwise": "A"}))

    result = project.run("--mm-model=scripted:knows.json", "--mm-circular")

    result.stdout.fnmatch_lines(["shapes * 1.000 * 36/36 *", "*under every rotation in 1.000"])


def test_circles_are_compared_by_question(project: Any) -> None:
    """A question that loses one rotation is lost once."""
    project.settings()
    answers = {
        f"{id}@{by}": "ABCD"[("ABCD".index(project.shapes.sample(id).target) - by) % 4]
        for id in project.ids("shapes")
        for by in range(4)
    }
    wrong = answers | {
        f"digits-0000@{by}": "ABCD"[("ABCD".index(answers[f"digits-0000@{by}"]) + 1) % 4]
        for by in (1, 2)
    }
    project.file("old.json", json.dumps({"answers": answers}))
    project.file("new.json", json.dumps({"answers": wrong}))

    result = project.run(
        *("--mm-model=scripted:new.json", "--mm-baseline=scripted:old.json", "--mm-circular"),
        *("-k", "test_regression", "--mm-json=report.json"),
    )

    report = json.loads((project.path / "report.json").read_text(encoding="utf-8"))
    assert next((each["regressed"], each["total"]) for each in report["regression"]) == (1, 36)
    assert len(report["changed_answers"]) == 1
    assert result.ret == 0

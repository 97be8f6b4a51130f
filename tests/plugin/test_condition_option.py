"""`--mm-condition`, `[vision]` and `--mm-base-llm`: the candidate without its pictures."""

import json
from typing import Any

import pytest

CASE = "mmbench/test_vision.py::test_vision"

SEES = """
    import pytest
    from pytest_mmbench.benchmarks.shapes import Shapes
    from pytest_mmbench.models.scripted import ScriptedModel
    from pytest_mmbench.testing import script

    RIGHT = script(Shapes(per_axis=40), accuracy=1.0)


    class Seeing:
        name, fingerprint, batch_size = "seeing", "seeing-1", 64

        def __init__(self):
            self._knows, self._guesses = ScriptedModel(RIGHT), ScriptedModel({})

        def rank(self, requests):
            return [
                (self._knows if self.sees(each) else self._guesses).rank([each])[0]
                for each in requests
            ]

        def sees(self, request):
            return bool(request.prompt.pictures) and not any(
                "mismatched" in picture.name for picture in request.prompt.pictures
            )

        def generate(self, requests):
            raise NotImplementedError


    @pytest.fixture(scope="session")
    def mm_model():
        return Seeing()
"""
"""A model that knows every answer if it is shown the right picture, and else says A."""


PREFERS = """
    import pytest
    from pytest_mmbench.records import Answer
    from pytest_mmbench.records import OptionLogprob


    class Prefers:
        name, fingerprint, batch_size = "prefers", "prefers-1", 64

        def rank(self, requests):
            return [
                Answer(
                    sample=each.sample,
                    option_logprobs=tuple(
                        OptionLogprob(logprob=-1.0 - (word not in ("red", "3", "circle")), tokens=1)
                        for word in each.options
                    ),
                )
                for each in requests
            ]

        def generate(self, requests):
            raise NotImplementedError


    @pytest.fixture(scope="session")
    def mm_model():
        return Prefers()
"""
"""A model that prefers a few words, whatever is asked."""


@pytest.fixture
def large(project: Any) -> Any:
    """A project with 720 samples."""
    from pytest_mmbench.benchmarks.shapes import Shapes  # noqa: PLC0415 - as the fixture does

    project.shapes = Shapes(per_axis=40)
    project.file("mmbench.toml", "[benchmarks.shapes]\nper-axis = 40\n")
    return project


def failed(result: pytest.RunResult) -> list[str]:
    return [line.split(" ")[1] for line in result.outlines if line.startswith("FAILED")]


def test_there_is_a_case_for_every_dimension(project: Any) -> None:
    """A condition adds one case for each node; without one there is none."""
    with_one = project.run(project.model(), "--mm-condition=no-image", "--co", "-q")
    without = project.run(project.model(), "--co", "-q")

    cases = [line for line in with_one.outlines if line.startswith(CASE)]
    assert cases == [f"{CASE}[{node.path}]" for node in project.shapes.dimensions()]
    assert not [line for line in without.outlines if line.startswith(CASE)]


def test_a_model_that_looks_passes(large: Any) -> None:
    """Right with its pictures, at chance without and with others: 720 samples three times."""
    large.write(conftest=SEES)

    result = large.run("--mm-model=seeing", "--mm-condition=mismatched", "-k", "test_vision")

    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["*image  no-image  mismatched *gain*", "shapes *1.000 * pass", "2,160 answers in *"]
    )


def test_a_model_that_does_not_look_fails(large: Any) -> None:
    """It is right with or without: the whole benchmark says so, with its numbers."""
    result = large.run(large.model(), "--mm-condition=mismatched", "-k", "test_vision")

    told = "shapes: answers do not need the picture: 1.000 with it, 1.000 without (gain 0.000*"
    result.stdout.fnmatch_lines(
        [f"{told} at least 0.05 required); * correct without the picture, *"]
    )
    assert f"{CASE}[shapes]" in failed(result)
    assert result.ret == 1


def test_leakage_is_measured_from_the_base_model(large: Any) -> None:
    """Without a base model there is no leakage, not even 0; with one it is gated."""
    large.model()
    (large.path / "answers.json").rename(large.path / "blind.json")
    large.file("text.json", json.dumps({"answers": {}, "otherwise": "A"}))
    blind, text = "--mm-model=scripted:blind.json", "--mm-base-llm=scripted:text.json"

    without = large.run(blind, "--mm-condition=no-image", "-k", "test_vision and math")
    with_one = large.run(blind, text, "-k", "test_vision and digits", "--junit-xml=junit.xml")

    assert not [line for line in without.outlines if line.split()[-1:] == ["leak"]]
    with_one.stdout.fnmatch_lines(
        ["*shapes.math.digits: answers leaked: 1.000 without the picture, 0.* by the base model*"]
    )
    assert 'name="mm_leakage" value="0.7' in (large.path / "junit.xml").read_text(encoding="utf-8")


def test_conditions_stand_in_the_settings(large: Any) -> None:
    """`[vision]` names them, and what has to be shown."""
    large.write(conftest=SEES)
    large.file(
        "mmbench.toml",
        '[benchmarks.shapes]\nper-axis = 40\n[vision]\nconditions = ["mismatched", "grey"]\n'
        "min-gain = 0.9\n",
    )

    result = large.run("--mm-model=seeing", "-k", "test_vision and not test_vision[shapes]")

    result.stdout.fnmatch_lines(["*at least 0.90 required*"])
    assert result.ret == 1


def test_what_is_known_under_every_rotation_is_listed(large: Any) -> None:
    """A model that prefers one word picks it wherever it stands: those samples are candidates."""
    large.write(conftest=PREFERS)
    large.file("mmbench.toml", "[benchmarks.shapes]\nper-axis = 40\n[vision]\nrotations = true\n")

    large.run("--mm-model=prefers", "-k", "test_vision", "--mm-json=report.json")

    report = json.loads((large.path / "report.json").read_text(encoding="utf-8"))
    samples = [large.shapes.sample(each["sample"]) for each in report["shortcuts"]]
    assert samples
    assert {each.options["ABCD".index(each.target)] for each in samples} <= {"red", "3", "circle"}
    assert len({each.id for each in samples}) == len(samples)


def test_an_unknown_condition_is_told(project: Any) -> None:
    """At once, with the nearest name and all of them."""
    result = project.run(project.model(), "--mm-condition=no-imag")

    result.stderr.fnmatch_lines(["*there is no condition 'no-imag'.", "*did you mean*no-image*"])
    assert result.ret == 4


def test_a_look_gates(large: Any) -> None:
    """A run without thresholds that looks is no run that gates nothing."""
    large.write(conftest=SEES)

    result = large.run("--mm-model=seeing", "--mm-condition=no-image", "-W", "error")

    assert result.ret == 0


def test_a_model_that_needs_pictures_is_shown_grey_ones(large: Any) -> None:
    """Its template cannot do without: the verdict says what stood in for no picture."""
    large.write(
        conftest=SEES.replace("batch_size =", "needs_picture, batch_size =")
        .replace('"seeing-1", 64', '"seeing-1", True, 64')
        .replace('"mismatched" in picture.name', '"grey" in picture.name')
    )

    result = large.run(
        "--mm-model=seeing",
        "--mm-condition=no-image",
        "-k",
        "test_vision",
        "-rP",
        "--mm-json=report.json",
    )

    found = json.loads((large.path / "report.json").read_text(encoding="utf-8"))
    assert "grey used instead of no-image" in found["vision"][0]["explanation"]
    assert result.ret == 0


def test_workers_look_together(large: Any) -> None:
    """Under pytest-xdist the verdicts and the report are the same."""
    large.write(conftest=SEES)

    result = large.run_apart(
        "--mm-model=seeing",
        "--mm-condition=mismatched",
        "-p",
        "xdist",
        "-n2",
        "--mm-json=report.json",
    )

    found = json.loads((large.path / "report.json").read_text(encoding="utf-8"))
    assert len(found["vision"]) == 25
    assert {each["outcome"] for each in found["vision"]} == {"pass"}
    assert result.ret == 0

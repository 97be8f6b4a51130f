"""`--mm-exclude`: a benchmark without some of its samples."""

import json
from typing import Any

import pytest


def listed(project: Any, samples: list[str], **changes: object) -> str:
    """The option that names a list of samples."""
    found = {
        "schema": 1,
        "benchmark": "shapes",
        "revision": project.shapes.revision,
        "rule": "known to text models",
        "samples": samples,
        **changes,
    }
    project.file("out.json", json.dumps(found))
    return "--mm-exclude=out.json"


def test_samples_are_left_out(project: Any) -> None:
    """They are not asked, and the header says how many there are."""
    out = listed(project, ["digits-0000", "digits-0001", "addition-0001"])

    result = project.run(project.model(), out)

    result.stdout.fnmatch_lines(
        [
            "mmbench: model *, shapes (33 samples, 3 left out, rank)*",
            "  math * 3/3 *",
            "    addition * 1/1 *",
            "33 answers in *",
        ]
    )
    result.assert_outcomes(passed=24, skipped=1, warnings=1)


def test_a_list_of_other_data_is_refused(project: Any) -> None:
    """An id means nothing in other data."""
    out = listed(project, ["digits-0000"], revision="shapes-1 seed=7 per-axis=2")

    result = project.run(project.model(), out)

    result.stderr.fnmatch_lines(
        ["*was made for another shapes.", "*asked for by*--mm-exclude", "*made for*seed=7*"]
    )
    assert result.ret == 4


def test_a_file_that_is_no_list_is_refused(project: Any) -> None:
    """The error names the file."""
    project.file("out.json", "[1]")

    result = project.run(project.model(), "--mm-exclude=out.json")

    result.stderr.fnmatch_lines(["*out.json is no list of samples to leave out.*"])
    assert result.ret == 4


@pytest.mark.parametrize("benchmark", ["mmstar", "other"])
def test_lists_of_other_benchmarks_are_idle(project: Any, benchmark: str) -> None:
    """A list may serve several runs."""
    out = listed(project, ["digits-0000"], benchmark=benchmark)

    assert "36 answers" in project.run(project.model(), out).stdout.str()


KNOWS = """
    import os

    import pytest
    from pytest_mmbench.benchmarks.shapes import Shapes
    from pytest_mmbench.benchmarks.wrappers import AT
    from pytest_mmbench.records import LETTERS
    from pytest_mmbench.records import Answer
    from pytest_mmbench.records import OptionLogprob

    SHAPES = Shapes(per_axis=4)


    class Knows:
        '''It knows some capabilities by heart, and of the others one letter.'''

        batch_size = 16
        name = fingerprint = os.environ["KNOWS"]

        def rank(self, requests):
            return [self._answer(each) for each in requests]

        def _answer(self, request):
            sample = SHAPES.sample(request.sample.partition(AT)[0])
            right = sample.options[LETTERS.index(sample.target)]
            known = sample.dimension.split(".")[1] in self.name
            best = right if known else request.options[0]
            logs = [0.0 if each == best else -9.0 for each in request.options]
            found = tuple(OptionLogprob(logprob=log, tokens=1) for log in logs)
            return Answer(sample=request.sample, option_logprobs=found)

        def generate(self, requests):
            raise NotImplementedError


    @pytest.fixture(scope="session")
    def mm_model():
        return Knows()
"""
FIRST, SECOND = "coarse-perception science-and-technology", "instance-reasoning logical-reasoning"
LIST = ".mmbench/shortcuts.json"


@pytest.fixture
def learned(project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model that knows two capabilities, asked under every rotation without pictures."""
    rules = "[benchmarks.shapes]\nper-axis = 4\n[vision]\nrotations = true\n"
    project.file("mmbench.toml", rules)
    project.write(conftest=KNOWS)
    monkeypatch.setenv("KNOWS", FIRST)
    return project


@pytest.mark.parametrize("circular", [(), ("--mm-circular",)], ids=["once", "circular"])
def test_what_a_run_lists_can_be_left_out_of_the_next(learned: Any, circular: Any) -> None:
    """Also of one that asks in circles: its list names questions, and not their rotations."""
    learned.run("--mm-model=knows", "-k", "vision", *circular)

    result = learned.run("--mm-model=knows", f"--mm-exclude={LIST}", *circular)

    result.stdout.fnmatch_lines(["mmbench: model *, 24 left out*"])


def test_what_is_left_out_stays_out(learned: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is made without some samples is made for the same data, and holds them too."""
    learned.run("--mm-model=knows", "-k", "vision")
    monkeypatch.setenv("KNOWS", SECOND)
    again = ("--mm-model=knows", "-k", "vision", f"--mm-exclude={LIST}")

    learned.run(*again).stdout.fnmatch_lines(["mmbench: model *, 24 left out*"])

    learned.run(*again).stdout.fnmatch_lines(["mmbench: model *, 48 left out*"])

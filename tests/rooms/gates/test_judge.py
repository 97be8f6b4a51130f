from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from gated_project import Project

from pytest_mmbench.errors import AbsentError, DataError
from pytest_mmbench.gates.judge import Judge
from pytest_mmbench.gates.vision.judge import MISMATCHED, NO_IMAGE
from pytest_mmbench.records import Dimension, Mark, Role
from pytest_mmbench.results.rows import IMAGE, DimensionTree, SampleResult

NODE = Dimension(path="shapes", leaves=("shapes",), size=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Mapping[str, tuple[SampleResult, ...]]):
    """Rows of one leaf, or why there are none."""

    rows: tuple[SampleResult, ...] = ()
    error: DataError | None = None

    def __getitem__(self, leaf: str) -> tuple[SampleResult, ...]:
        if self.error is not None:
            raise self.error
        return self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(NODE.leaves)

    def __len__(self) -> int:
        return len(NODE.leaves)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """A model that is right with its picture alone, and cannot be asked as `errors` say."""

    errors: Mapping[str, DataError]
    name: str = "sighted"

    def tolerance_of(self, benchmark: str) -> float:
        return 0.0

    def results(
        self, benchmark: str, condition: str, *, few_shot: bool = False
    ) -> Mapping[str, tuple[SampleResult, ...]]:
        return Told(rows=said(right=condition == IMAGE), error=self.errors.get(condition))

    def condition_used(self, benchmark: str, condition: str) -> str:
        return condition


def said(*, right: bool) -> tuple[SampleResult, ...]:
    mark, chosen = (Mark.CORRECT, "A") if right else (Mark.INCORRECT, "B")
    return tuple(
        SampleResult(sample=str(at), mark=mark, answer=chosen, target="A", options=4)
        for at in range(NODE.size)
    )


def judging(tmp_path: Path, **errors: DataError) -> Judge:
    project = Project(rootdir=tmp_path)
    project.write('[vision]\nconditions = ["mismatched"]\n')
    exam = Sighted(errors={name.replace("_", "-"): error for name, error in errors.items()})
    trees = {"shapes": DimensionTree(nodes=(NODE,), views={})}
    return Judge(project.settings(), trees, {Role.CANDIDATE: exam}, rotations={})


def test_a_condition_that_cannot_be_made_is_left_out(tmp_path: Path) -> None:
    """A leaf of one picture has no other one to show: nothing is wrong with it."""
    alone = judging(tmp_path, mismatched=AbsentError("no other picture."))

    found = alone.vision(NODE, [NODE])

    assert set(found.conditions) == {IMAGE, NO_IMAGE}


@pytest.mark.parametrize("condition", [IMAGE, NO_IMAGE, MISMATCHED])
def test_a_picture_that_cannot_be_read_is_an_error(tmp_path: Path, condition: str) -> None:
    """Under whatever condition: a list of what is known under every one rests on all of them."""
    error = DataError("picture 7 is torn.")
    torn = judging(tmp_path, **{condition.replace("-", "_"): error})

    with pytest.raises(DataError, match="picture 7 is torn"):
        torn.vision(NODE, [NODE])

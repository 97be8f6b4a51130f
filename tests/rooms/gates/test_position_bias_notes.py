from pytest_mmbench.gates.position_bias import notes
from pytest_mmbench.records import Dimension, Mark, Method, Unit
from pytest_mmbench.results.rows import DimensionTree, SampleResult, TaskResults, TaskSpec


def row(sample: str, chosen: str, target: str, unit: str = "", options: int = 2) -> SampleResult:
    mark = Mark.CORRECT if chosen == target else Mark.INCORRECT
    return SampleResult(
        sample=sample, mark=mark, answer=chosen, target=target, options=options, unit=unit
    )


def results(*rows: SampleResult, condition: str = "image") -> TaskResults:
    spec = TaskSpec(
        benchmark="b",
        revision="b-1",
        method=Method.RANK,
        scoring="",
        condition=condition,
        condition_used=condition,
    )
    return TaskResults(spec=spec, rows={"b": rows})


def tree(unit: Unit) -> DimensionTree:
    return DimensionTree(nodes=(Dimension(path="b", leaves=("b",), size=4, unit=unit),), views={})


def test_recall_is_told_by_letter() -> None:
    """A model that always says A recalls A and nothing else."""
    found = results(row("1", "A", "A"), row("2", "A", "B"), row("3", "A", "A"), row("4", "A", "B"))

    assert list(notes(found, tree(Unit.SAMPLE))) == [
        "b: recall by letter A 1.000, B 0.000; their spread is 0.500"
    ]


def test_circles_are_told_beside_it() -> None:
    """One question of two is right wherever its option stands, and the other by its letter."""
    found = results(
        row("1@0", "A", "A", "1"),
        row("1@1", "B", "B", "1"),
        row("2@0", "A", "A", "2"),
        row("2@1", "A", "B", "2"),
    )

    assert list(notes(found, tree(Unit.ALL_CORRECT)))[1] == (
        "b: correct as published 1.000, on average over rotations 0.750, under every rotation"
        " 0.500; the same option chosen under every rotation in 0.500"
    )


def test_nothing_to_tell() -> None:
    """Open questions have no letters, and other conditions are no score."""
    assert list(notes(results(row("1", "4", "4", options=0)), tree(Unit.SAMPLE))) == []
    assert list(notes(results(row("1", "A", "A"), condition="grey"), tree(Unit.SAMPLE))) == []


def test_a_question_that_lacks_a_rotation_is_not_judged() -> None:
    """A limit cannot make the evaluation easier."""
    found = results(row("1@0", "A", "A", "1"))

    assert len(list(notes(found, tree(Unit.ALL_CORRECT)))) == 1

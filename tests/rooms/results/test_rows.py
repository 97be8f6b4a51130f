import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Dimension, Mark, Method, Unit
from pytest_mmbench.results.rows import (
    IMAGE,
    DimensionTree,
    SampleResult,
    ScoredAnswer,
    TaskResults,
    TaskSpec,
    aggregate,
    cut_short_note,
    group_by_unit,
    is_changed,
)

SPECS = st.builds(
    TaskSpec,
    benchmark=st.sampled_from(["shapes", "mme"]),
    revision=st.sampled_from(["shapes-1 seed=7", "mme-1"]),
    method=st.sampled_from(Method),
    scoring=st.sampled_from(["", "strict", "official"]),
    condition=st.just("no-image"),
    condition_used=st.sampled_from([IMAGE, "no-image", "grey"]),
)


@pytest.mark.parametrize(
    ("condition", "few_shot", "identity"),
    [
        ("image", False, "shapes-1 seed=7 rank shapes image"),
        ("image", True, "shapes-1 seed=7 rank shapes image few-shot"),
        ("grey", False, "shapes-1 seed=7 rank shapes grey seed=3"),
        ("grey", True, "shapes-1 seed=7 rank shapes grey few-shot seed=3"),
    ],
)
def test_an_identity_is_what_snapshots_hold(
    condition: str, *, few_shot: bool, identity: str
) -> None:
    """To the letter, or committed answers would be answers to another question."""
    spec = TaskSpec(
        benchmark="shapes",
        revision="shapes-1 seed=7",
        method=Method.RANK,
        scoring="",
        condition="no-image",
        condition_used=condition,
        few_shot=few_shot,
        seed=3,
    )

    assert spec.identity == identity
    assert spec.describe() == f"{identity} (rank)"


@pytest.mark.parametrize(
    ("method", "scoring", "text"),
    [
        (Method.RANK_MEAN, "", "rank-mean"),
        (Method.GENERATE, "strict", "generate, strict scoring"),
    ],
)
def test_a_rule_of_scoring_is_named_where_it_matters(
    method: Method, scoring: str, text: str
) -> None:
    """Options that are ranked are read in one way only."""
    spec = TaskSpec(
        benchmark="b",
        revision="b-1",
        method=method,
        scoring=scoring,
        condition=IMAGE,
        condition_used=IMAGE,
    )

    assert spec.method_and_scoring == text


@given(SPECS, SPECS)
def test_specs_differ_where_their_texts_do(one: TaskSpec, other: TaskSpec) -> None:
    """Under one condition, comparing records is comparing what was compared before them."""
    assert (one == other) == (one.describe() == other.describe())


def test_results_know_their_task() -> None:
    """The benchmark and the condition of results are those of their spec."""
    spec = TaskSpec(
        benchmark="b",
        revision="b-1",
        method=Method.RANK,
        scoring="",
        condition="no-image",
        condition_used="grey",
        few_shot=True,
    )

    results = TaskResults(spec=spec, rows={})

    assert (results.benchmark, results.condition) == ("b", "no-image")


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ((Mark.CORRECT, "A"), (Mark.CORRECT, "A"), False),
        ((Mark.CORRECT, "three"), (Mark.CORRECT, "3"), True),
        ((Mark.INCORRECT, "B"), (Mark.INCORRECT, "C"), True),
        ((Mark.CORRECT, "A"), (Mark.INCORRECT, "A"), True),
        ((Mark.UNPARSEABLE, "hm"), (Mark.UNPARSEABLE, ""), False),
        ((Mark.INCORRECT, ""), (Mark.UNPARSEABLE, ""), True),
    ],
)
def test_two_unparseable_answers_are_alike(
    before: tuple[Mark, str], after: tuple[Mark, str], *, changed: bool
) -> None:
    """Any other answer changed if its mark did, or what was read."""
    one, other = (
        ScoredAnswer(sample="s", mark=mark, answer=answer) for mark, answer in (before, after)
    )

    assert is_changed(one, other) is is_changed(other, one) is changed


def test_samples_are_grouped_by_unit_where_that_counts() -> None:
    """In the order of their first sample; what has no unit is one by itself."""
    results = [
        SampleResult(sample=sample, mark=Mark.CORRECT, answer="", target="", options=0, unit=unit)
        for sample, unit in (("1@0", "1"), ("2", ""), ("1@1", "1"))
    ]

    joined = group_by_unit(results, joined=True)

    assert {unit: [each.sample for each in parts] for unit, parts in joined.items()} == {
        "1": ["1@0", "1@1"],
        "2": ["2"],
    }
    assert list(group_by_unit(results, joined=False)) == ["1@0", "2", "1@1"]


def test_cut_answers_are_counted_once_by_unit_and_told() -> None:
    """In the tally of a node, in whatever rotation it was, and in a sentence for the reader."""
    results = tuple(
        SampleResult(
            sample=f"{unit}@{by}",
            mark=Mark.UNPARSEABLE if unit == "b" else Mark.CORRECT,
            answer="" if unit == "b" else "A",
            target="A",
            options=2,
            text="A",
            unit=unit,
            cut_short=unit != "c",
        )
        for unit in "abc"
        for by in range(2)
    )
    nodes = tuple(
        Dimension(path=path, leaves=("x.y",), size=3, unit=Unit.ALL_CORRECT)
        for path in ("x", "x.y")
    )
    tree, rows = DimensionTree(nodes=nodes, views={}), {"x.y": results}
    spec = TaskSpec(
        benchmark="x",
        revision="x-1",
        method=Method.GENERATE,
        scoring="strict",
        condition=IMAGE,
        condition_used=IMAGE,
    )

    assert [aggregate(node, tree, rows).cut_short for node in nodes] == [2, 2]
    told = "x: 4 of 6 answers (0.667) were cut short at the limit of tokens, 2 of them unparseable"
    assert cut_short_note(TaskResults(spec=spec, rows=rows)) == told
    whole = {"x.y": results[-2:]}
    assert cut_short_note(TaskResults(spec=spec, rows=whole)) == ""

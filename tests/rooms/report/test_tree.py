from hypothesis import given
from hypothesis import strategies as st
from reports import candidate, changed_answer, regression, score, small_report

from pytest_mmbench.gates.verdicts import FlipKind
from pytest_mmbench.records import Dimension, Outcome, Role
from pytest_mmbench.report.tree import HeatmapRow, ancestors, heatmap_rows, level, places

PATHS = st.lists(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join), unique=True
)


def test_a_node_is_named_below_the_nearest_one_shown() -> None:
    """With a level left out, its name moves into the names below it."""
    found = list(places(["s", "s.math.digits", "t.x"]))

    assert [(each.name, each.depth, each.above) for each in found] == [
        ("s", 0, ""),
        ("math.digits", 1, "s"),
        ("t.x", 0, ""),
    ]


@given(PATHS)
def test_names_and_places_give_the_path_again(paths: list[str]) -> None:
    """Nothing of a path is lost, and depth counts the nodes above that are shown."""
    found = {each.path: each for each in places(paths)}

    for path, place in found.items():
        whole = f"{place.above}.{place.name}" if place.above else place.name
        assert whole == path
        assert place.depth == (found[place.above].depth + 1 if place.above else 0)


def test_ancestors() -> None:
    """From the nearest to the root."""
    assert list(ancestors("a.b.c")) == ["a.b", "a"]
    assert list(ancestors("a")) == []


MATH, COLOUR = "shapes.math", "shapes.colour"


def by_path(rows: list[HeatmapRow]) -> dict[str, HeatmapRow]:
    return {row.place.path: row for row in rows}


def test_models_stand_side_by_side() -> None:
    """A dimension that one of them was not asked has a cell that is empty."""
    rows = heatmap_rows(
        small_report(
            models=(
                candidate(score("shapes", 10, 20), score(MATH, 1, 10)),
                candidate(score("shapes", 20, 20), score(COLOUR, 9, 10), role=Role.BASELINE),
            )
        )
    )

    assert [row.place.path for row in rows] == ["shapes", MATH, COLOUR]
    assert [[level(score) for score in row.scores if score] for row in rows] == [
        [10, 20],
        [2],
        [18],
    ]
    assert by_path(rows)[COLOUR].score is None
    assert by_path(rows)[COLOUR].verdict is None
    assert not by_path(rows)[COLOUR].notable


def test_the_order_is_that_of_the_tree() -> None:
    """Where the report has its tree, rows follow it."""
    tree = tuple(Dimension(path=path, leaves=(), size=1) for path in ("shapes", COLOUR, MATH))
    rows = heatmap_rows(
        small_report(
            dimensions=tree,
            models=(candidate(score(MATH, 1, 2), score(COLOUR, 1, 2)),),
        )
    )

    assert [row.place.path for row in rows] == [COLOUR, MATH]


def test_changed_answers_are_counted_upwards() -> None:
    """A node counts what lies below it, also as a grouping that no path shows; near ties not."""
    grouping = Dimension(path="shapes.hard", leaves=("shapes.math.addition",), size=1)
    verdicts = [score(path, 1, 2) for path in ("shapes", MATH, "shapes.math.addition", COLOUR)]
    rows = heatmap_rows(
        small_report(
            dimensions=(grouping,),
            models=(candidate(*verdicts, score("shapes.hard", 1, 2)),),
            changed_answers=(
                changed_answer("one"),
                changed_answer("two", FlipKind.FIXED),
                changed_answer("three", near_tie=True),
            ),
        )
    )

    counts = {path: row.changed for path, row in by_path(rows).items()}
    assert counts == {
        "shapes.hard": 2,
        "shapes": 2,
        MATH: 2,
        "shapes.math.addition": 2,
        COLOUR: 0,
    }


def test_what_is_notable() -> None:
    """A failed threshold, and a comparison that did not pass; nothing else."""
    by = by_path(
        heatmap_rows(
            small_report(
                models=(
                    candidate(
                        score("a", 1, 20, "0.9"),
                        score("b", 19, 20, "0.5"),
                        score("c", 1, 20),
                        score("d", 19, 20, "0.5"),
                    ),
                ),
                regression=(regression("b"), regression("d", outcome=Outcome.INCONCLUSIVE)),
            )
        )
    )

    assert [path for path, row in by.items() if row.notable] == ["a", "d"]

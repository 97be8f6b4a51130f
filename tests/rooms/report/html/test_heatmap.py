from documents import candidate, change, document, flip, verdict

from pytest_mmbench.records import Dimension, Outcome
from pytest_mmbench.report.document import AnswerChange, ModelRole
from pytest_mmbench.report.html.heatmap import Row, rows

MATH, COLOUR = "shapes.math", "shapes.colour"


def by_path(found: list[Row]) -> dict[str, Row]:
    return {row.place.path: row for row in found}


def test_checkpoints_stand_side_by_side() -> None:
    """A dimension that one of them was not asked has a cell that is empty."""
    found = rows(
        document(
            checkpoints=(
                candidate(verdict("shapes", 10, 20), verdict(MATH, 1, 10)),
                candidate(
                    verdict("shapes", 20, 20), verdict(COLOUR, 9, 10), role=ModelRole.BASELINE
                ),
            )
        )
    )

    assert [row.place.path for row in found] == ["shapes", MATH, COLOUR]
    assert [[cell.level for cell in row.cells if cell.standings] for row in found] == [
        [10, 20],
        [2],
        [18],
    ]
    assert by_path(found)[COLOUR].asked == ()
    assert by_path(found)[COLOUR].outcome is Outcome.NOT_GATED


def test_the_order_is_that_of_the_tree() -> None:
    """Where the document has its tree, rows follow it."""
    tree = tuple(Dimension(path=path, leaves=(), size=1) for path in ("shapes", COLOUR, MATH))
    found = rows(
        document(
            dimensions=tree,
            checkpoints=(candidate(verdict(MATH, 1, 2), verdict(COLOUR, 1, 2)),),
        )
    )

    assert [row.place.path for row in found] == [COLOUR, MATH]


def test_changed_answers_are_counted_upwards() -> None:
    """A node counts what lies below it, also as a grouping that no path shows; near ties not."""
    grouping = Dimension(path="shapes.hard", leaves=("shapes.math.addition",), size=1)
    verdicts = [verdict(path, 1, 2) for path in ("shapes", MATH, "shapes.math.addition", COLOUR)]
    found = rows(
        document(
            dimensions=(grouping,),
            checkpoints=(candidate(*verdicts, verdict("shapes.hard", 1, 2)),),
            flips=(
                flip("one"),
                flip("two", AnswerChange.FIXED),
                flip("three", AnswerChange.NEAR_TIE),
            ),
        )
    )

    counts = {path: row.flips for path, row in by_path(found).items()}
    assert counts == {
        "shapes.hard": 2,
        "shapes": 2,
        MATH: 2,
        "shapes.math.addition": 2,
        COLOUR: 0,
    }


def test_what_is_notable() -> None:
    """A failed threshold, and a comparison that did not pass; nothing else."""
    found = by_path(
        rows(
            document(
                checkpoints=(
                    candidate(
                        verdict("a", 1, 20, "0.9"),
                        verdict("b", 19, 20, "0.5"),
                        verdict("c", 1, 20),
                        verdict("d", 19, 20, "0.5"),
                    ),
                ),
                changes=(change("b"), change("d", outcome=Outcome.INCONCLUSIVE)),
            )
        )
    )

    assert [path for path, row in found.items() if row.notable] == ["a", "d"]

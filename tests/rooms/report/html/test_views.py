import pytest
from reports import candidate, small_report, shortcut, score

from pytest_mmbench.report.document import Condition, Measure, Role, Sight
from pytest_mmbench.report.html.views import about, sections


def sight(*measures: Measure, conditions: tuple[str, ...] = ("image",)) -> Sight:
    return Sight(
        dimension="shapes",
        conditions=tuple(Condition(name=each, accuracy=0.5, asked=4) for each in conditions),
        chance=0.25,
        measures=measures,
    )


def test_measures_that_have_a_column() -> None:
    """The three that everybody knows and those with a limit; a common limit stands above them."""
    gain, more = Measure(name="gain", value=0.5, limit="0.05"), Measure(name="other", value=0.1)
    share = Measure(name="share", value=0.1)
    held = [Measure(name="held", value=0.1, limit=each) for each in ("0.1", "0.2")]

    found = about(small_report(vision=(sight(gain, more, held[0]), sight(share, gain, held[1]))))

    assert found["measures"] == {"gain": "0.05", "held": "", "share": ""}


def test_conditions_in_the_order_in_which_they_appear() -> None:
    """A dimension that lacks one has no part in their order."""
    shown = small_report(vision=(sight(), sight(conditions=("image", "grey")), sight()))

    assert about(shown)["conditions"] == ["image", "grey"]


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["runs/new", "/models/old/"], ["new", "old"]),
        (["a/model", "b/model"], ["a/model", "b/model"]),
        (["plain", ""], ["plain", ""]),
    ],
)
def test_names_of_checkpoints(names: list[str], short: list[str]) -> None:
    """A column is headed by the end of a path, if that says which checkpoint it is."""
    roles = (Role.CANDIDATE, Role.BASELINE)
    shown = small_report(
        models=tuple(
            candidate(score("shapes", 1, 2), name=name, role=role)
            for name, role in zip(names, roles, strict=True)
        )
    )

    assert [about(shown)["short"][name] for name in names] == short


def test_sections() -> None:
    """A run that only measured has three parts."""
    assert [id for id, _ in sections(small_report())] == ["verdict", "capabilities", "run"]
    assert "vision" in dict(sections(small_report(vision=(sight(),))))


def test_luck_is_told_once() -> None:
    """What is said of every candidate stands above them, sentence by sentence."""
    both, one = shortcut(because="a: 2 of 9; b: 1 of 9"), shortcut("two", because="a: 2 of 9")

    assert about(small_report(shortcuts=(both, one)))["luck"] == ["a: 2 of 9", "b: 1 of 9"]

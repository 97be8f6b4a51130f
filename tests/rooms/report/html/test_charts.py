from hypothesis import given
from hypothesis import strategies as st
from reports import regression

from pytest_mmbench.report.html.charts import FRACTIONS, Scale, difference_scale

FLOATS = st.floats(-1, 1)


def percent(text: str) -> float:
    assert text.endswith("%")
    return float(text[:-1])


@given(FLOATS, st.floats(0.01, 2), FLOATS, FLOATS)
def test_order_is_kept(low: float, width: float, one: float, other: float) -> None:
    """What is greater lies further right, and nothing lies off the axis."""
    scale = Scale(low=low, high=low + width)
    left, right = (percent(scale.at(each)) for each in sorted((one, other)))

    assert 0 <= left <= right <= 100


@given(FLOATS, st.floats(0.01, 2))
def test_ticks_are_few_round_and_inside(low: float, width: float) -> None:
    """There is at least one tick on an axis that holds a round value, and at most eight."""
    scale = Scale(low=low, high=low + width)

    assert len(scale.ticks) <= 8
    assert all(low - 1e-6 <= tick <= low + width + 1e-6 for tick in scale.ticks)
    assert all(abs(tick * 200 - round(tick * 200)) < 1e-6 for tick in scale.ticks)


def test_the_axis_of_accuracies() -> None:
    """It runs from nothing correct to everything correct."""
    assert FRACTIONS.ticks == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert (FRACTIONS.at(0.25), FRACTIONS.at(-1), FRACTIONS.at(2)) == ("25.00%", "0.00%", "100.00%")


@given(st.lists(FLOATS, max_size=5), st.sampled_from(["", "0.02", "0.5"]))
def test_the_axis_of_differences_has_everything_on_it(
    differences: list[float], margin: str
) -> None:
    """Zero, every interval and every margin lie between the ends, and not at one."""
    verdicts = [regression("x", each, margin=margin) for each in differences]
    scale = difference_scale(verdicts)
    drawn = [
        0.0,
        *(each.interval.low for each in verdicts),
        *(each.interval.high for each in verdicts),
    ]
    drawn += [-float(margin)] if margin and verdicts else []

    assert all(0 < percent(scale.at(each)) < 100 for each in drawn)

from decimal import Decimal
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from pytest_mmbench.config.values import Setting, fraction
from pytest_mmbench.errors import SettingsError


@given(st.decimals())
@example(Decimal("0.00014192261500"))
def test_what_is_let_through_lies_between_zero_and_one(value: Decimal) -> None:
    """Whatever number stands in the file: its digits mean the same, or it fails."""
    try:
        digits = fraction(Setting(name="threshold", value=value, key="shapes", in_toml=True))
    except SettingsError:
        too_long = value.is_finite() and Decimal(f"{value:.12f}") != value
        signed_zero = value.is_signed()
        assert too_long or signed_zero or not (value.is_finite() and 0 <= value <= 1)
    else:
        assert Fraction(digits) == Fraction(value)
        assert 0 <= Fraction(digits) <= 1

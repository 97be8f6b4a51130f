from __future__ import annotations

import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.config.settings import read_settings
from pytest_mmbench.config.tables import SnapshotSettings, check_allowances, check_thresholds
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.records import CountedChanges, Dimension, Rule, Threshold

if TYPE_CHECKING:
    from gated_project import Project

TREE = (
    Dimension(path="shapes", leaves=("shapes.math.addition", "shapes.math.empty"), size=40),
    Dimension(path="shapes.math", leaves=("shapes.math.addition", "shapes.math.empty"), size=40),
    Dimension(path="shapes.math.addition", leaves=("shapes.math.addition",), size=40),
    Dimension(path="shapes.math.empty", leaves=("shapes.math.empty",), size=0),
)


@given(st.integers(0, 999_999).map(lambda digits: f"0.{digits:06}".removesuffix("000")))
def test_the_digits_of_a_threshold_survive(written: str) -> None:
    """What stands in the file is what the gate calculates with: 0.60 stays 0.60."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mmbench.toml").write_text(f"[thresholds]\nshapes = {written}\n")
        settings = read_settings(
            rootdir=Path(folder), cli={}, ini={}, environment={}, known=("shapes",)
        )

    assert settings.thresholds == {"shapes": Threshold(at_least=written)}
    assert Fraction(settings.thresholds["shapes"].at_least) == Fraction(written)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0.60", "0.60"),
        ("0", "0"),
        ("1", "1"),
        ("1.0", "1.0"),
        ("6e-1", "0.6"),
        ("60e-2", "0.60"),
        ("0.000_000_1", "0.0000001"),
        ("+0.5", "0.5"),
    ],
)
def test_every_way_of_writing_a_fraction(written: str, kept: str, project: Project) -> None:
    """TOML's exponents, underscores and signs give plain digits, with their zeros."""
    project.write(f"[thresholds]\nshapes = {written}")

    assert project.settings().thresholds["shapes"].at_least == kept


def test_a_threshold_may_have_a_rule_of_its_own(project: Project) -> None:
    """The rule of [gate] holds for thresholds that name none."""
    project.write(
        """
        [gate]
        rule = "strong"
        alpha = 0.01
        unreadable = 0.1

        [thresholds]
        "shapes" = 0.75
        "shapes.math" = { at_least = 0.55, rule = "three-way" }
        "shapes.math.addition" = { at_least = 0.5 }
        """
    )
    settings = project.settings()

    assert settings.thresholds == {
        "shapes": Threshold(at_least="0.75", rule=Rule.STRONG),
        "shapes.math": Threshold(at_least="0.55", rule=Rule.THREE_WAY),
        "shapes.math.addition": Threshold(at_least="0.5", rule=Rule.STRONG),
    }
    assert (settings.rule, settings.alpha, settings.unparseable_limit) == (Rule.STRONG, 0.01, 0.1)


def test_without_a_gate_the_point_rule_holds(project: Project) -> None:
    """The defaults: the point rule, five per cent error, five per cent unreadable."""
    settings = project.settings()

    assert (settings.rule, settings.alpha, settings.unparseable_limit) == (Rule.POINT, 0.05, 0.05)


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        (
            "shapes = 60",
            [
                "mmbench: threshold 60 is not between 0 and 1.",
                '  asked for by   mmbench.toml [thresholds] "shapes" = 60',
                "  what to do     for 60 % write 0.6",
            ],
        ),
        (
            "shapes = 1.5",
            [
                "mmbench: threshold 1.5 is not between 0 and 1.",
                '  asked for by   mmbench.toml [thresholds] "shapes" = 1.5',
                "  what to do     write a fraction, such as 0.6",
            ],
        ),
        (
            '"shapes.math" = -0.1',
            [
                "mmbench: threshold -0.1 is not between 0 and 1.",
                '  asked for by   mmbench.toml [thresholds] "shapes.math" = -0.1',
                "  what to do     write a fraction, such as 0.6",
            ],
        ),
        (
            "shapes = nan",
            [
                "mmbench: threshold nan is not between 0 and 1.",
                '  asked for by   mmbench.toml [thresholds] "shapes" = nan',
                "  what to do     write a fraction, such as 0.6",
            ],
        ),
        (
            '"shapes.math" = "0.60"',
            [
                "mmbench: threshold is a number, not a text.",
                '  asked for by   mmbench.toml [thresholds] "shapes.math" = "0.60"',
                '  what to do     write it without quotes: "shapes.math" = 0.60',
            ],
        ),
        (
            "shapes = true",
            [
                "mmbench: threshold is a number, not true.",
                '  asked for by   mmbench.toml [thresholds] "shapes" = true',
                '  what to do     write a fraction between 0 and 1, such as "shapes" = 0.6',
            ],
        ),
        (
            "shapes = 0.1234567890123",
            [
                "mmbench: threshold 0.1234567890123 has more than 12 decimals.",
                '  asked for by   mmbench.toml [thresholds] "shapes" = 0.1234567890123',
                "  what to do     write fewer digits",
            ],
        ),
        (
            '"shaeps.math" = 0.6',
            [
                "mmbench: benchmark 'shaeps' is not registered.",
                '  asked for by   mmbench.toml [thresholds] "shaeps.math" = 0.6',
                "  did you mean   'shapes'?",
                "  registered     mmstar, shapes",
            ],
        ),
        (
            "shapes.math = 0.6",
            [
                "mmbench: 'math' is not a key of a threshold.",
                '  asked for by   mmbench.toml [thresholds] "shapes" = { math = 0.6 }',
                "  known          at_least, rule",
                '  what to do     write a dimension in quotes: "shapes.math" = 0.6',
            ],
        ),
        (
            "shapes = { at_leest = 0.6 }",
            [
                "mmbench: 'at_leest' is not a key of a threshold.",
                '  asked for by   mmbench.toml [thresholds] "shapes" = { at_leest = 0.6 }',
                "  did you mean   'at_least'?",
                "  known          at_least, rule",
            ],
        ),
        (
            'shapes = { rule = "point" }',
            [
                "mmbench: threshold 'shapes' has no at_least.",
                '  asked for by   mmbench.toml [thresholds] "shapes" = { rule = "point" }',
                '  what to do     write "shapes" = { at_least = 0.6 }',
            ],
        ),
        (
            'shapes = { at_least = 0.6, rule = "three_way" }',
            [
                "mmbench: 'three_way' is not a rule.",
                '  asked for by   mmbench.toml [thresholds.shapes] rule = "three_way"',
                "  did you mean   'three-way'?",
                "  known          point, strong, three-way",
            ],
        ),
    ],
)
def test_what_a_bad_threshold_is_answered_with(
    line: str, lines: list[str], project: Project
) -> None:
    """A gate that is set wrongly never runs: the error says how to write it."""
    assert project.error(f"[thresholds]\n{line}") == lines


@pytest.mark.parametrize("table", ["gate", "regression"])
@pytest.mark.parametrize("alpha", ["0", "0.5", "0.51", "1"])
def test_an_alpha_that_proves_nothing(table: str, alpha: str, project: Project) -> None:
    """An error probability lies above 0 and below one half, which is told before anybody asks."""
    assert project.error(f"[{table}]\nalpha = {alpha}") == [
        f"mmbench: alpha {alpha} is not above 0 and below 0.5.",
        f"  asked for by   mmbench.toml [{table}] alpha = {alpha}",
        "  what to do     write an error probability, such as 0.05",
    ]


@pytest.mark.parametrize("margin", ["0", "1"])
def test_a_margin_that_nothing_keeps_or_everything(margin: str, project: Project) -> None:
    """No candidate is shown to lose nothing, and none can lose more than all."""
    assert project.error(f"[regression]\nmargin = {margin}") == [
        f"mmbench: margin {margin} is not above 0 and below 1.",
        f"  asked for by   mmbench.toml [regression] margin = {margin}",
        "  what to do     write two points as 0.02; without any margin no candidate could pass",
    ]


def test_thresholds_of_known_dimensions_are_accepted() -> None:
    """A node of the tree at any height, and a benchmark that was not chosen."""
    thresholds = {
        path: Threshold(at_least="0.5")
        for path in ("shapes", "shapes.math.addition", "mmstar.math")
    }
    check_thresholds(thresholds, TREE, source="mmbench.toml")

    with pytest.raises(SettingsError):
        check_thresholds({"shapes.maths": Threshold(at_least="0")}, TREE, source="mmbench.toml")


def test_a_threshold_on_an_unknown_dimension() -> None:
    """The nearest dimension is named, and all those of the same benchmark."""
    other = Dimension(path="mmstar", leaves=("mmstar",), size=1)
    with pytest.raises(SettingsError) as caught:
        check_thresholds(
            {"shapes.maths.addition": Threshold(at_least="0.60")},
            (*TREE, other),
            source="mmbench.toml",
        )

    assert str(caught.value).splitlines() == [
        "mmbench: there is no dimension 'shapes.maths.addition'.",
        '  asked for by   mmbench.toml [thresholds] "shapes.maths.addition" = 0.60',
        "  did you mean   'shapes.math.addition'?",
        "  dimensions     shapes, shapes.math, shapes.math.addition, shapes.math.empty",
    ]


def test_a_threshold_on_an_empty_dimension() -> None:
    """A threshold that no answer can reach is refused before the model is asked."""
    with pytest.raises(SettingsError) as caught:
        check_thresholds(
            {"shapes.math.empty": Threshold(at_least="0.6")}, TREE, source="mmbench.toml"
        )

    assert str(caught.value).splitlines() == [
        "mmbench: dimension 'shapes.math.empty' has no samples: no threshold can be reached.",
        '  asked for by   mmbench.toml [thresholds] "shapes.math.empty" = 0.6',
        "  what to do     take the threshold out, or add samples to the benchmark's data",
    ]


@pytest.mark.parametrize(
    ("table", "allowed"),
    [
        ("", 0),
        ("[snapshots]\nallow = 3", 3),
        ("[snapshots]\nallow = 0.02", 2),
        ("[snapshots]\nallow = 0.029", 2),
        ('[snapshots.allow]\n"shapes" = 5', 5),
        ('[snapshots.allow]\n"shapes" = 5\n"shapes.math" = 1', 1),
        ('[snapshots.allow]\n"shapes.maths" = 5', 0),
        ('[snapshots.allow]\n"shapes.math.addition" = 0.5\n"shapes.math" = 1', 50),
    ],
)
def test_the_nearest_allowance_counts(table: str, allowed: int, project: Project) -> None:
    """A number for every leaf, a share of it, or the nearest dimension above that has one."""
    project.write(table)

    assert project.settings().snapshots.allowed("shapes.math.addition", 100) == allowed


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("[snapshots]\nallow = 1.0", "allow 1.0 is neither a whole number nor a share below 1."),
        ("[snapshots]\nallow = -1", "allow -1 is neither a whole number nor a share below 1."),
        ("[snapshots]\nallow = 2.5", "allow 2.5 is neither a whole number nor a share below 1."),
        ("[snapshots]\nallow = true", "allow true is neither a whole number nor a share below 1."),
        ("[snapshots]\ncount = 'all of them'", "'all of them' is not a count."),
        ("[snapshots.allow]\nshapes.math = 3", "'shapes' allows a table."),
    ],
)
def test_an_allowance_that_says_nothing(table: str, problem: str, project: Project) -> None:
    """Everything, a negative number, a number with a fraction, or a path without quotes."""
    assert project.error(table)[0] == f"mmbench: {problem}"


def test_an_allowance_of_an_unknown_dimension() -> None:
    """The nearest dimension is named; a benchmark that does not run may keep its allowances."""
    settings = SnapshotSettings(allow={"": 1, "mmstar.math": 2}, count=CountedChanges.ALL)
    check_allowances(settings, TREE, source="mmbench.toml")

    with pytest.raises(SettingsError) as caught:
        check_allowances(replace(settings, allow={"shapes.maths": 1}), TREE, source="mmbench.toml")

    assert str(caught.value).splitlines()[1:3] == [
        '  asked for by   mmbench.toml [snapshots.allow] "shapes.maths"',
        "  did you mean   'shapes.math'?",
    ]

"""What pytest says of itself is said whatever is wrong with the settings."""

from typing import Any

import pytest

BROKEN = 'model = "scripted:first"\nlimt = 3\n'


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("--help", "*--mm-model=PATH*"),
        ("--version", "pytest *"),
        ("--markers", "@pytest.mark.mmbench: *"),
        ("--fixtures", "mm_base_llm*"),
        ("--cache-show", "cachedir: *"),
    ],
)
def test_mistakes_do_not_keep_help_back(project: Any, typed: str, shown: str) -> None:
    """A wrong key, an empty flag and a forgotten model wait until something is to be run."""
    for settings, flag in ((BROKEN, "--mm-seed=1"), (BROKEN, "--mm-model="), ("", "--mm-strict")):
        project.file("mmbench.toml", settings)

        result = project.run_apart(typed, flag)

        assert result.ret == 0, result.stderr.str()
        result.stdout.fnmatch_lines([shown])


def test_a_list_of_cases_needs_settings_that_hold(project: Any) -> None:
    """`--collect-only` shows what would run: nothing, as long as a key is wrong."""
    project.file("mmbench.toml", BROKEN)

    result = project.run("--collect-only")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mmbench: *limt*"])

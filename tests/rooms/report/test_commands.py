"""Commands that reports hold, to be copied."""

from dataclasses import replace
from html import unescape

from reports import small_report

from pytest_mmbench.errors import MOST
from pytest_mmbench.report.html import render_html
from pytest_mmbench.report.markdown import markdown

LONG = " ".join(["pytest", *(f"'tests/test_{at}.py::test[<a&b>]'" for at in range(MOST // 20))])
"""As `pytest $(cat failed.txt)` makes one."""
REPORT = small_report(run=replace(small_report().run, command=LONG))


def test_a_long_command_is_whole_in_html() -> None:
    """What is copied does what was done, and holds no note about what was left out."""
    page = render_html(REPORT, lambda benchmark, sample: b"")

    assert f"{LONG}</code>" in unescape(page)
    assert LONG not in page


def test_a_long_command_is_whole_in_markdown() -> None:
    """Its fence ends behind its last word."""
    assert f"{LONG}\n```\n" in markdown(REPORT)

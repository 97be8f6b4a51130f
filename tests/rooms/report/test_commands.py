"""Commands that reports hold, to be copied."""

from dataclasses import replace
from html import unescape

from documents import document

from pytest_mmbench.report.html import render_html
from pytest_mmbench.report.markdown import markdown
from pytest_mmbench.report.text import MOST

LONG = " ".join(["pytest", *(f"'tests/test_{at}.py::test[<a&b>]'" for at in range(MOST // 20))])
"""As `pytest $(cat failed.txt)` makes one."""
RUN = document(run=replace(document().run, command=LONG))


def test_a_long_command_is_whole_in_html() -> None:
    """What is copied does what was done, and holds no note about what was left out."""
    told = render_html(RUN, lambda benchmark, sample: b"")

    assert f"{LONG}</code>" in unescape(told)
    assert LONG not in told


def test_a_long_command_is_whole_in_markdown() -> None:
    """Its fence ends behind its last word."""
    assert f"{LONG}\n```\n" in markdown(RUN)

"""A browser for the tests of the page, and an invented run to look at."""

from collections.abc import Iterator
from pathlib import Path

import browser
import pytest
from invented_run import example

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.images.thumbnails import Thumbnails
from pytest_mmbench.report.document import Report
from pytest_mmbench.report.html import write_html


@pytest.fixture(scope="session")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    """One tab for all tests; each opens its own file in it."""
    executable = browser.found()
    if not executable:
        pytest.skip("there is no Chromium on the path")
    with browser.chromium(executable, tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="session")
def invented() -> Report:
    """720 samples of the built-in benchmark, with made-up answers."""
    return example()


@pytest.fixture(scope="session")
def report(invented: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its report, with real pictures."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_html(invented, path, Thumbnails({"shapes": Shapes()}))
    return path


@pytest.fixture
def opened(tab: browser.Page, report: Path) -> browser.Page:
    """The report on a desk, by day."""
    tab.prefer(prefers_color_scheme="light")
    tab.size(1280, 900)
    tab.open(report)
    return tab

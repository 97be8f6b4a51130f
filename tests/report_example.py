"""Writes an invented report to look at: `python tests/report_example.py FOLDER`.

With `--per-axis 1334` it is about 24,012 samples. `--measure` opens the report in a Chromium
without a window, and prints how long it takes to paint it and to follow a click on a filter.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("house")))

import browser
from invented_run import example

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.images.thumbnails import Thumbnails
from pytest_mmbench.report.document import Report
from pytest_mmbench.report.html import write_html
from pytest_mmbench.report.json_report import write_json
from pytest_mmbench.report.markdown import write_markdown

PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
CLICKS = """
new Promise((resolve) => {
  const boxes = [...document.querySelectorAll('#filters [name=kind]')];
  const times = [];
  const click = () => {
    if (times.length === 20) return resolve(times);
    const started = performance.now();
    boxes[times.length % boxes.length].click();
    requestAnimationFrame(() => setTimeout(() => {
      times.push(performance.now() - started);
      click();
    }));
  };
  click();
})
"""
"""Milliseconds from a click until the frame that shows what it left."""


def main() -> None:
    """Writes the invented run in every form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-axis", type=int, default=40)
    parser.add_argument("--churn", type=float, default=0.025)
    parser.add_argument("--measure", action="store_true")
    arguments = parser.parse_args()
    report = example(per_axis=arguments.per_axis, churn=arguments.churn)
    page = write(report, arguments.folder, Shapes(per_axis=arguments.per_axis))
    if arguments.measure:
        measure(page)


def write(report: Report, folder: Path, shapes: Shapes) -> Path:
    """The three files; says how large they are and how long they took."""
    started = time.perf_counter()
    write_html(report, folder / "report.html", Thumbnails({"shapes": shapes}))
    took = time.perf_counter() - started
    write_markdown(report, folder / "report.md")
    write_json(report, folder / "report.json")
    for path in sorted(folder.glob("report.*")):
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    print(f"{len(report.changed_answers)} changed answers; the HTML took {took:.1f} s")
    return folder / "report.html"


def measure(page: Path) -> None:
    """Opens the page five times, and clicks twenty times on a filter."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        browser.chromium(browser.found(), Path(profile)) as tab,
    ):
        tab.size(1280, 900)
        opened = [_opened(tab, page) for _ in range(5)]
        clicks = json.loads(tab.run(f"({CLICKS}).then(JSON.stringify)"))
    painted, loaded = (statistics.median(each) for each in zip(*opened, strict=True))
    print(f"painted after {painted:.0f} ms, loaded after {loaded:.0f} ms (medians of 5)")
    print(f"a click takes {statistics.median(clicks):.0f} ms, at most {max(clicks):.0f} ms")


def _opened(tab: browser.Page, page: Path) -> tuple[float, float]:
    tab.open(page)
    tab.wait(f"{LOADED} > 0 && performance.getEntriesByName('first-contentful-paint').length")
    return tab.run(PAINTED), tab.run(LOADED)


if __name__ == "__main__":
    main()

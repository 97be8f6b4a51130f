"""Writes an invented report to look at: `python tests/report_example.py FOLDER`.

With `--per-axis 1334` it is about 24,012 samples, and `--churn` moves more of their answers.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("house")))

from invented_run import example

from pytest_mmbench.benchmarks.shapes import Shapes
from pytest_mmbench.report.html import write_html
from pytest_mmbench.report.interchange import write_json
from pytest_mmbench.report.markdown import write_markdown
from pytest_mmbench.report.thumbnails import Thumbnails


def main() -> None:
    """Writes the invented run in every form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-axis", type=int, default=40)
    parser.add_argument("--churn", type=float, default=0.025)
    chosen = parser.parse_args()
    document = example(per_axis=chosen.per_axis, churn=chosen.churn)
    pictures = Thumbnails({"shapes": Shapes(per_axis=chosen.per_axis)})
    started = time.perf_counter()
    path = chosen.folder / "report.html"
    write_html(document, path, pictures)
    took = time.perf_counter() - started
    write_markdown(document, chosen.folder / "report.md")
    write_json(document, chosen.folder / "report.json")
    flips, size = len(document.flips), path.stat().st_size / 1e6
    print(f"{path}: {flips} changed answers, {size:.1f} MB, written in {took:.1f} s")


if __name__ == "__main__":
    main()

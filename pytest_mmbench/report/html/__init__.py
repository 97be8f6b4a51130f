"""The report that people open: one HTML file that needs nothing beside it.

Style, script, data and pictures are all inside. A policy in its head forbids the rest: the page
loads nothing from anywhere, runs no script but its own two (named by their hashes), and makes no
markup out of text. What comes from models and data files is written by templates that escape
everything, or lies as JSON in blocks that no browser executes, and is set as text.

The verdict, the tables and the plots are there without the script. It draws the cards of changed
answers a page at a time, and parses pictures in blocks, so that a file of 25 MB is quick.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

import jinja2

from pytest_mmbench import __version__, files
from pytest_mmbench.errors import one_line, visible, visible_whole
from pytest_mmbench.gates import capability
from pytest_mmbench.report import text
from pytest_mmbench.report.document import Report
from pytest_mmbench.report.html import views
from pytest_mmbench.report.html.cards import (
    PICTURE_BYTES,
    TEXT_BYTES,
    Pictures,
    embed,
    script_safe_json,
)
from pytest_mmbench.report.tables import measure_text
from pytest_mmbench.report.tree import level

PAGE: Final = Path(__file__).with_name("page")
"""Templates, style and script."""
SCRIPTS: Final = ("making", "pictures", "cards", "listing", "filters", "tree", "start")
"""Parts of the script in their order; `theme` runs before the page is painted."""


def write_html(
    report: Report,
    path: Path,
    pictures: Pictures,
    *,
    picture_bytes: int = PICTURE_BYTES,
    text_bytes: int = TEXT_BYTES,
) -> None:
    """Writes the report, whole or not at all, and its folder if that is missing.

    Pictures take `picture_bytes` of it, changed answers `text_bytes`, and shortcut candidates half
    as much. A card whose picture finds no room says so, and names the command that shows it.
    """
    text = render_html(report, pictures, picture_bytes=picture_bytes, text_bytes=text_bytes)
    files.write_report(path, text)


def render_html(
    report: Report,
    pictures: Pictures,
    *,
    picture_bytes: int = PICTURE_BYTES,
    text_bytes: int = TEXT_BYTES,
) -> str:
    """The report as `write_html` writes it."""
    embedded = embed(report, pictures, picture_bytes=picture_bytes, text_bytes=text_bytes)
    style, early = _asset("page.css"), _asset("theme.js")
    parts = "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{parts}}})();\n'
    page = _environment().get_template("page.html.jinja")
    return page.render(
        views.template_names(report),
        sections=views.sections(report),
        version=__version__,
        policy=_policy(style, early, script),
        style=style,
        early=early,
        script=script,
        data=script_safe_json(embedded.data(report)),
        blocks=[script_safe_json(block) for block in embedded.gallery.blocks],
        changed_left_out=len(report.changed_answers) - len(embedded.changed),
        shortcuts_left_out=len(report.shortcuts) - len(embedded.shortcuts),
        pictures_left_out=embedded.gallery.left_out,
    )


def _asset(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def _policy(style: str, *scripts: str) -> str:
    """A content security policy (W3C, CSP level 3) that allows these texts and nothing else."""
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:;"
        " base-uri 'none'; form-action 'none'; require-trusted-types-for 'script';"
        " trusted-types 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        # Every text that a template writes is made visible, and then escaped; markup has a method.
        finalize=lambda value: (
            visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
        ),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "answers_link": lambda path: f"#answers?in={quote(one_line(path), safe='')}",
        "counted": text.count_of,
        "duration": text.duration,
        "fraction": text.fraction,
        "level": level,
        "measure": measure_text,
        "points": text.points,
        "points_span": text.points_span,
        "probability": text.probability,
        "rate": text.rate,
        "score": text.score,
        "slug": lambda words: words.replace(" ", "-"),
        "span": text.span,
        "threshold": capability.threshold_text,
        "when": _when,
        "whole": visible_whole,
    }
    return environment


def _when(text: str) -> str:
    """`19 April 2026, 14:03 UTC`; or the text itself, if it is no date."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{time.day} {time:%B %Y, %H:%M} {time.tzname() or ''}".rstrip()

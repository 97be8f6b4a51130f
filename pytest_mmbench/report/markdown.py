"""The report as Markdown: for a step's summary, a comment under a pull request, a release's notes.

It says what failed, what moved and which answers show it, the most important first. HTML and JSON
have the whole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_mmbench.report import files
from pytest_mmbench.report.chapters import chapters
from pytest_mmbench.report.document import Document

LIMIT: Final = 1024 * 1024
"""Bytes that GitHub shows of a step's summary; a longer one is not shown at all."""
_CUT: Final = "\n*Cut here for want of room: the report in HTML or JSON has the rest.*\n"


def write_markdown(document: Document, path: Path, *, most: int = LIMIT) -> None:
    """Writes the report, whole or not at all.

    Raises:
        MMBenchError: the file cannot be written.
    """
    files.write(path, markdown(document, most=most))


def write_step_summary(
    document: Document,
    environment: Mapping[str, str] = os.environ,
    *,
    written: Path | None = None,
) -> bool:
    """Adds the report to the summary of a step of GitHub Actions; says whether there was one.

    It takes the room that other commands of the step have left, and does not come twice where
    the summary itself was the file to be `written`.

    Raises:
        MMBenchError: the file that GITHUB_STEP_SUMMARY names cannot be written.
    """
    named = environment.get(files.SUMMARY, "")
    if not named or (written and written.resolve() == Path(named).resolve()):
        return False
    summary = Path(named)
    files.append(summary, markdown(document, most=LIMIT - files.size(summary)))
    return True


def markdown(document: Document, *, most: int = LIMIT) -> str:
    """The report in at most so many bytes of UTF-8; what finds no room is left out from the end."""
    parts = list(chapters(document))
    whole = "\n".join(parts)
    if len(whole.encode()) <= most:
        return whole
    kept, room = list[str](), most - len(_CUT.encode())
    for part in parts:
        room -= len(part.encode()) + 1
        if room < 0:
            break
        kept.append(part)
    return "\n".join(kept) + _CUT if kept else ""

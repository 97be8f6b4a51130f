"""The folder of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NoReturn

from pytest_mmbench.errors import MMBenchError

MAKE_WRITABLE: Final = "make the folder writable with free space, or name another one"


def make_folder(folder: Path) -> None:
    """Makes a folder that git ignores, unless it is there.

    Raises:
        MMBenchError: if it cannot be made.
    """
    try:
        if folder.is_dir():
            return
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except FileExistsError:
        # Another process was faster, which is fine, or a file is in the way.
        if not folder.is_dir():
            raise MMBenchError(
                f"the store of answers cannot be made: {folder} is a file.",
                what_to_do="name another folder",
            ) from None
    except OSError as error:
        refuse(folder, error)


def refuse(path: Path, error: OSError) -> NoReturn:
    """Says that the store cannot be used.

    Raises:
        MMBenchError: always.
    """
    raise MMBenchError(
        f"the store of answers {path} cannot be used.",
        reason=error.strerror or str(error),
        what_to_do=MAKE_WRITABLE,
    ) from error

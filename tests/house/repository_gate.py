"""The gate of this repository, run in this process, where torch is loaded once for all runs.

A process of its own takes eight seconds to load torch and transformers.
"""

from __future__ import annotations

import io
import os
import warnings
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

HOUSE: Final = Path(__file__).parents[2]


def disturbs(variable: str) -> bool:
    """Whether a variable of the environment changes what a run in this repository prints."""
    return variable.startswith(("CI", "GITHUB_", "MMBENCH_", "PYTEST_", "BUILD_NUMBER"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a run ended, and what it printed."""

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        """What it printed, without blanks at the ends."""
        return [line.rstrip() for line in self.text.splitlines()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Runs the gate as if it were typed in the root of the repository, and keeps all answers."""

    environment: pytest.MonkeyPatch
    store: Path

    def run(self, *arguments: str) -> Result:
        """What `pytest ARGUMENTS` says, in 100 columns."""
        # The run loads the conftest of this suite, which would choose its profile again.
        profile = f"--hypothesis-profile={settings.get_current_profile_name()}"
        screen = io.StringIO()
        with (
            self.environment.context() as here,
            warnings.catch_warnings(),
            redirect_stdout(screen),
        ):
            for variable in filter(disturbs, tuple(os.environ)):
                here.delenv(variable)
            here.setenv("COLUMNS", "100")
            here.setenv("MMBENCH_STORE", str(self.store))
            here.chdir(HOUSE)
            warnings.resetwarnings()
            code = pytest.main(["-p", "no:cacheprovider", profile, *arguments])
        return Result(code=int(code), text=screen.getvalue())

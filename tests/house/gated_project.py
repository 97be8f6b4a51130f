"""A project in a folder of its own, whose settings are read in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_mmbench.config.settings import Settings, read_settings
from pytest_mmbench.errors import SettingsError

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A rootdir, and what a run in it would be told."""

    rootdir: Path

    def write(self, text: str, name: str = "mmbench.toml") -> Path:
        """Puts a file into the rootdir."""
        path = self.rootdir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def settings(
        self,
        *,
        cli: Mapping[str, object] = NOTHING,
        ini: Mapping[str, object] = NOTHING,
        environment: Mapping[str, str] = NOTHING,
        invocation_dir: Path | None = None,
    ) -> Settings:
        """The settings of a run where the benchmarks `mmstar` and `shapes` are registered."""
        return read_settings(
            rootdir=self.rootdir,
            cli=cli,
            ini=ini,
            environment=environment,
            known=("mmstar", "shapes"),
            invocation_dir=invocation_dir,
        )

    def error(self, text: str, name: str = "mmbench.toml", **told: Any) -> list[str]:
        """The lines of the error that such a settings file is answered with; `~` is the rootdir."""
        self.write(text, name)
        with pytest.raises(SettingsError) as caught:
            self.settings(**told)
        return str(caught.value).replace(str(self.rootdir), "~").replace("\\", "/").splitlines()

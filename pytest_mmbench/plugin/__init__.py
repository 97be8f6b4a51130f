"""What every pytest run loads: options, ini keys and a marker. The rest waits for a model."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Final

import pytest

from pytest_mmbench.options import BY_NAME, OPTIONS, SHOWS, add_ini, add_options
from pytest_mmbench.plugin import inactive

MARKER: Final = "mmbench: a case of the shipped suite, one for each dimension of a benchmark"
NAMING: Final = ("model", "config")
"""Options that name a model, or a file that may."""
FILES: Final = ("mmbench.toml", "pyproject.toml")
HELP: Final = ("help", "version", "markers", "showfixtures", "cacheshow")
"""pytest's own options that show something about it, and run no test."""
_MAY_NAME_MODEL: Final = re.compile(r"model|\\[ux]", re.IGNORECASE)
"""No key that means `model` is written without the word, or one of TOML's escapes in it."""
_MAY_BE_OURS: Final = re.compile(r"mmbench|\\[ux]", re.IGNORECASE)
"""The same of the table in a pyproject.toml."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the flags `--mm-...` and the ini keys `mm_...`."""
    add_options(parser.getgroup("mmbench", "vision-language model gate"))
    add_ini(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Starts a run if a model is named: on the command line, in the environment, ini or settings.

    Raises:
        pytest.UsageError: something that was typed is wrong.
    """
    config.addinivalue_line("markers", MARKER)
    # Whoever asks for help gets it, whatever else is wrong.
    if _is_typed(config, HELP) or not _starts_run(config):
        config.pluginmanager.register(inactive, "mmbench-without-model")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, int | None, int | None]:
    """A run that a hook has ended before it began is no pass, if a model is named."""
    try:
        status = yield
    except SystemExit as left:
        if left.code:
            raise
        status = 0
    if status or _is_typed(config, (*HELP, *SHOWS)) or not _may_name_a_model(config):
        return status
    session = config.pluginmanager.getplugin("session")
    if session is not None:
        # What it ended with; another hook may have said 0 in its place.
        return int(session.exitstatus)
    sys.stderr.write(
        "mmbench: a model is named, and nothing was judged: a pytest_cmdline_main of a conftest "
        "file or plugin ended the run before it began\n"
    )
    return int(pytest.ExitCode.TESTS_FAILED)


def _is_typed(config: pytest.Config, options: Iterable[str]) -> bool:
    """Whether the command line, its variable or ini has one: not what a conftest file has set."""
    return any(getattr(config.known_args_namespace, each, None) for each in options)


def _starts_run(config: pytest.Config) -> bool:
    """Starts a run if a model is named, and says whether one is.

    Raises:
        pytest.UsageError: something that was typed is wrong.
    """
    _refuse_blank(config)
    if _may_name_a_model(config):
        from pytest_mmbench.plugin import startup  # noqa: PLC0415 - it loads everything else

        if startup.start_run(config):
            return True
    _refuse_idle(config)
    _warn_of_settings_above(config)
    return False


def _refuse_blank(config: pytest.Config) -> None:
    """An empty value is what an unset variable leaves: it must not look like a pass.

    Raises:
        pytest.UsageError: a flag was typed with nothing behind it, or the variable of the model
            is empty where no flag names one.
    """
    for option in OPTIONS:
        typed = getattr(config.option, option.ini)
        if isinstance(typed, str) and not typed.strip():
            off = (
                "`-p no:mmbench` switches the gate off"
                if option.name == NAMING[0]
                else f"`-o {option.ini}=` takes back what the settings say"
            )
            raise pytest.UsageError(
                f"mmbench: {option.flag} is empty.\n"
                f"  what to do   give it a value (is a variable unset?), or leave it out; {off}"
            )
    model = BY_NAME[NAMING[0]]
    empty = not os.environ.get(model.variable, "unset").strip()
    if empty and getattr(config.option, model.ini) is None:
        raise pytest.UsageError(
            f"mmbench: {model.variable} is empty.\n"
            "  what to do   give it a value (is another variable unset?), or "
            "unset it to switch the gate off"
        )


def _refuse_idle(config: pytest.Config) -> None:
    """A typed flag about a model, and no model: a forgotten one must not look like a pass."""
    typed = [str(arg) for arg in config.invocation_params.args]
    idle = [arg for arg in typed if re.match("--(no-)?mm-", arg)]
    if idle:
        raise pytest.UsageError(
            f"mmbench: {idle[0]} is about a model, and none is named.\n"
            "  what to do   add --mm-model=PATH, or `model = ...` to mmbench.toml"
        )


def _warn_of_settings_above(config: pytest.Config) -> None:
    """Warns where pytest took another folder for the rootdir than that of the settings.

    Raises:
        pytest.UsageError: warnings were asked to be errors.
    """
    above = config.rootpath.parents if config.inipath is None else ()
    places = (each for each in (config.invocation_params.dir, *above) if each != config.rootpath)
    missed = next((each for each in places if _mentions_a_model(each / FILES[0])), None)
    if missed is None or hasattr(config, "workerinput"):
        return
    from pytest_mmbench.errors import MMBenchWarning  # noqa: PLC0415 - for whom misses something

    warning = MMBenchWarning(
        f"no model is judged: {missed / FILES[0]} names one, and the rootdir is {config.rootpath}."
        f"\n  what to do   add --rootdir={missed}, or put a pytest.ini or pyproject.toml there"
    )
    try:
        config.issue_config_time_warning(warning, stacklevel=2)
    except MMBenchWarning as refused:
        raise pytest.UsageError(f"mmbench: {refused}") from refused


def _may_name_a_model(config: pytest.Config) -> bool:
    """Whether the settings have to be read: `pytest` without a model must stay quick."""
    naming = [option for option in OPTIONS if option.name in NAMING]
    return any(
        getattr(config.option, each.ini) or os.environ.get(each.variable) or config.getini(each.ini)
        for each in naming
    ) or any(_mentions_a_model(config.rootpath / name) for name in FILES)


def _mentions_a_model(path: Path) -> bool:
    """Whether a file names a model, or could: whoever reads the settings says what is wrong."""
    if path.exists() and not path.is_file():
        return False
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError):
        return path.name == FILES[0] and path.is_file()
    ours = path.name == FILES[0] or _MAY_BE_OURS.search(text)
    if not ours or not _MAY_NAME_MODEL.search(text):
        return False
    import tomllib  # noqa: PLC0415 - most projects have no such file

    try:
        table: object = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, ArithmeticError, RecursionError):
        return path.name == FILES[0] or "mmbench" in text
    for key in () if path.name == FILES[0] else ("tool", "mmbench"):
        table = table.get(key) if isinstance(table, dict) else None
    return isinstance(table, dict) and table.get(NAMING[0], "") != ""

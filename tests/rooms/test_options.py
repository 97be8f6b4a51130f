from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from pytest_mmbench.options import OPTIONS, Kind, Option, add_ini, add_options
from pytest_mmbench.records import Method

PLUGIN = """
    from pytest_mmbench.options import add_ini
    from pytest_mmbench.options import add_options

    def pytest_addoption(parser):
        add_options(parser.getgroup("mmbench", "multimodal benchmark gate"))
        add_ini(parser)

    def pytest_configure(config):
        from pytest_mmbench.options import OPTIONS
        for option in OPTIONS:
            flag, ini = config.getoption(option.ini), config.getini(option.ini)
            print(f"{option.name}: {flag!r} {ini!r}")
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project whose conftest adds the options, and prints what pytest made of them."""
    pytester.makeconftest(PLUGIN)
    return pytester


def run(project: pytest.Pytester, *args: str) -> list[str]:
    quiet = ("-p", "no:mmbench", "-p", "no:hypothesispytest", "--co", "-q", "-s")
    return project.runpytest(*quiet, *args).outlines


def option(name: str) -> Option:
    return next(option for option in OPTIONS if option.name == name)


def test_the_four_names_of_an_option() -> None:
    """Flag, ini key and environment variable follow from the name alone."""
    size = option("batch-size")

    assert (size.flag, size.ini, size.variable) == (
        "--mm-batch-size",
        "mm_batch_size",
        "MMBENCH_BATCH_SIZE",
    )


def test_every_option_is_there_once() -> None:
    """The table is the whole surface, without doubles."""
    assert [option.flag for option in OPTIONS] == [
        "--mm-model",
        "--mm-baseline",
        "--mm-base-llm",
        "--mm-config",
        "--mm-benchmark",
        "--mm-method",
        "--mm-condition",
        "--mm-circular",
        "--mm-exclude",
        "--mm-limit",
        "--mm-seed",
        "--mm-batch-size",
        "--mm-device",
        "--mm-dtype",
        "--mm-store",
        "--mm-fresh",
        "--mm-strict",
        "--mm-force",
        "--mm-calibrate",
        "--mm-html",
        "--mm-markdown",
        "--mm-json",
        "--mm-bad-rows",
        "--mm-trust-remote-code",
    ]


def test_the_methods_are_those_of_the_records() -> None:
    """The table is too light to import the records, but says the same."""
    assert set(option("method").choices) == {"auto", *Method}


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_the_help_of_every_option_can_be_read(option: Option) -> None:
    """A sentence with its default, and no per cent sign, which argparse would replace."""
    assert option.help.endswith(".")
    assert "%" not in option.help
    assert "Default: " in option.help or option.name == "model"
    assert bool(option.metavar) is (option.kind is not Kind.SWITCH)
    assert all(choice in option.help for choice in option.choices)


def test_nothing_that_is_not_given_is_set(project: pytest.Pytester) -> None:
    """A flag that is not given and a key that is not written are None, never False, 0 or empty."""
    lines = run(project)

    assert [line for line in lines if line.endswith(": None None")] == [
        f"{option.name}: None None" for option in OPTIONS
    ]


def test_flags_reach_pytest(project: pytest.Pytester) -> None:
    """Switches can be turned off as well as on; benchmarks can be repeated."""
    lines = run(
        project,
        "--mm-limit=40",
        "--no-mm-strict",
        "--mm-fresh",
        "--mm-benchmark=shapes",
        "--mm-benchmark=mmstar",
    )

    assert "limit: '40' None" in lines
    assert "strict: False None" in lines
    assert "fresh: True None" in lines
    assert "benchmark: ['shapes', 'mmstar'] None" in lines


def test_ini_keys_are_typed(project: pytest.Pytester) -> None:
    """Pytest itself reads numbers, switches and lists of an ini file."""
    project.makeini("[pytest]\nmm_limit = 40\nmm_strict = no\nmm_benchmark = shapes mmstar\n")
    lines = run(project)

    assert "limit: None 40" in lines
    assert "strict: None False" in lines
    assert "benchmark: None ['shapes', 'mmstar']" in lines


def test_the_help_screen_shows_every_flag_and_key(project: pytest.Pytester) -> None:
    """`pytest --help` has one group with all flags, and the ini keys with their variables."""
    shown = project.runpytest("-p", "no:mmbench", "--help").stdout.str()

    assert "multimodal benchmark gate:" in shown
    assert [option.name for option in OPTIONS if f"  {option.flag}" not in shown] == []
    assert [option.name for option in OPTIONS if option.variable not in shown] == []


def test_two_doors_may_use_the_same_table() -> None:
    """The table asks of a parser nothing but `addoption` and `addini`."""
    added: list[str] = []

    class Door:
        def addoption(self, *opts: str, **attrs: Any) -> None:
            added.extend(opts)

        def addini(self, name: str, help: str, type: Any, default: Any) -> None:
            added.append(name)

    add_options(Door())
    add_ini(Door())

    assert len(added) == 2 * len(OPTIONS)


def test_the_table_is_light() -> None:
    """Every pytest run of every project loads it: it brings no other module and no library."""
    code = "import sys; import pytest_mmbench.options; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(shown.stdout.split())

    assert {name for name in loaded if name.startswith("pytest_mmbench")} == {
        "pytest_mmbench",
        "pytest_mmbench.options",
    }
    assert loaded & {"pytest", "msgspec", "torch", "tomllib"} == set()

import subprocess
import sys

LOADED = "import sys; import pytest_mmbench.plugin; print(*sorted(sys.modules), sep='\\n')"
HEAVY = {
    "torch",
    "transformers",
    "numpy",
    "PIL",
    "msgspec",
    "scipy",
    "datasets",
    "sqlite3",
    "syrupy",
}


def modules(*, code: str) -> set[str]:
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(shown.stdout.split())


def test_an_unused_plugin_loads_nothing_heavy() -> None:
    """What every pytest run of every project pays is a table of options, and nothing else."""
    loaded = modules(code=LOADED)
    own = {each for each in loaded if each.startswith("pytest_mmbench")}

    assert loaded & HEAVY == set()
    light = ("", ".options", ".plugin", ".plugin.inactive")
    assert own == {f"pytest_mmbench{each}" for each in light}


def test_gates_load_no_arrays() -> None:
    """A run whose gates judge no vision loads no numpy: statistics import it where they use it."""
    loaded = modules(code=LOADED.replace("pytest_mmbench.plugin", "pytest_mmbench.gates.judge"))

    assert "pytest_mmbench.gates.vision.text_only" in loaded
    assert loaded & HEAVY == set()


def test_the_check_above_can_fail() -> None:
    """A heavy import is seen by the way in which the test above looks for it."""
    assert modules(code=f"import msgspec; {LOADED}") & HEAVY == {"msgspec"}

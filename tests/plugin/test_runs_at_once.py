"""Two runs at once on one store, each started by itself."""

import os
import subprocess
import sys
from typing import Any

import pytest

SLOW = """
import time
import pytest
from pytest_mmbench.models.scripted import ScriptedModel

class Slow(ScriptedModel):
    def rank(self, requests):
        time.sleep(0.2)
        return super().rank(requests)

@pytest.fixture(scope="session")
def mm_model():
    model = Slow({})
    model.batch_size = 2
    return model
"""


@pytest.mark.slow  # two interpreters start, and share 4 seconds of work
def test_no_question_is_asked_twice(project: Any) -> None:
    """What one has asked or is asking, the other does not ask; both judge everything."""
    project.file("conftest.py", SLOW)
    command = [sys.executable, "-m", "pytest", "-p", "mmbench", "-p", "no:cacheprovider"]
    command += ["--mm-model=mine", "-W", "ignore"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    processes = [
        subprocess.Popen(
            command, cwd=project.path, stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(2)
    ]

    outputs = [process.communicate()[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    assert all("25 passed" in output for output in outputs)
    lines = [line for output in outputs for line in output.splitlines() if "answers in " in line]
    assert sum(int(line.split()[0]) for line in lines) == 36

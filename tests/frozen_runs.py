"""Freezes what users see, so that a refactoring can be held against it.

    PYTHONPATH=OLD python tests/frozen_runs.py record FOLDER    what the package in OLD does
    python tests/frozen_runs.py record OTHER                    what the importable package does
    python tests/frozen_runs.py compare FOLDER OTHER            exit code 1 where they differ
    python tests/frozen_runs.py reuse FOLDER/state              are old answers and baselines used?

Commands run in scratch projects, with the fixtures of the repository that holds this file. Of each
are kept the exit code, the terminal, the cases and what became of them, and every file that it left
or changed, with the keys of the answers in the store. Times, paths of the machine and the version
are replaced by words, so that two recordings of equal code are equal to the letter.

Nothing is imported from the package, whose modules may be renamed.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import difflib
import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
MODELS = FIXTURES / "models"
PUBLISHED = FIXTURES / "published"
STORE = Path(".mmbench") / "answers.sqlite"
TERMINAL, CASES, JUNIT = "terminal.txt", "cases.txt", "junit.xml"
SCHEMA_1_WORDS = {
    "test_answers": "test_snapshot",
    " failure invalid": " error invalid",
    " measured": " not gated",
}
"""What a recording before schema 2 calls the same case and the same outcome."""

OMITTED = frozenset({"checkpoints.json", JUNIT, ".lock"})
"""Files whose content is about the machine, or is kept in another form."""
CACHES = frozenset({".pytest_cache", "__pycache__", "run-parts", "claims"})
NAMED = {
    "MODELS": str(MODELS),
    "PUBLISHED": str(PUBLISHED),
    "REPORTS": "--mm-html=report.html --mm-markdown=report.md --mm-json=report.json",
    "PAGES": "--html=page.html --markdown=page.md --json=page.json",
}
"""What words in the commands below stand for."""

GATE = """\
# Thresholds of a gate; what stands in comments has to survive.

[benchmarks.shapes]
method = "rank"

[thresholds]
"shapes" = 0.75  # the whole
"shapes.coarse-perception" = 0.55
"shapes.fine-grained-perception" = 0.55
"shapes.fine-grained-perception.counting" = 0.60
"shapes.math" = 0.55
"""
VISION = f"""\
{GATE}
[vision]
min-gain = 0.05
max-leakage = 0.05
rotations = true
"""
SMALL = "[benchmarks.shapes]\nper-axis = 2\n"
RULES = """\
[benchmarks.shapes]
per-axis = 40
[gate]
rule = "three-way"
[thresholds]
"shapes" = 0.26
"shapes.coarse-perception" = 0.9
"shapes.math" = 0.2
"shapes.math.digits" = { at_least = 0.1, rule = "strong" }
"shapes.logical-reasoning" = { at_least = 0.24, rule = "strong" }
"shapes.instance-reasoning" = { at_least = 0.25, rule = "point" }
"""
WORDS = """\
[benchmarks.shapes]
method = "generate"
per-axis = 4
[thresholds]
"shapes" = 0.2
"shapes.math" = 0.2
[vision]
max-leakage = 0.05
rotations = true
"""
UNREADABLE_UNSEEN = '''\
"""The model `scripted:unseen.json` mumbles where it sees no picture."""

import pytest


class Mumbling:
    def __init__(self, model):
        self._model = model
        self.fingerprint = "unseen" + model.fingerprint[6:]

    def __getattr__(self, name):
        return getattr(self._model, name)

    def generate(self, requests):
        answers = zip(requests, self._model.generate(requests), strict=True)
        return [said if asked.prompt.pictures else mumbled(said) for asked, said in answers]


def mumbled(said):
    return type(said)(sample=said.sample, text="mumble mumble")


@pytest.fixture(scope="session")
def mm_model(mm_model):
    return Mumbling(mm_model) if mm_model.name.endswith("unseen.json") else mm_model
'''
SCRIPTS = {
    "clear.json": '{"answers": {}, "otherwise": "A"}',
    "unseen.json": '{"answers": {"none-0000": "B"}, "otherwise": "A"}',
    "mumbles.json": '{"answers": {"digits-0001": "B"}, "otherwise": "I <b>cannot</b> | say."}',
    "half.json": '{"answers": {"digits-0001": "hm", "layout-0000": "C"}, "otherwise": "A"}',
    "talks.json": '{"answers": {}, "otherwise": "The answer is (B). I am sure of it."}',
}


class Step(NamedTuple):
    """One command."""

    name: str
    words: tuple[str, ...]
    """`pytest` or `mmbench`, and its arguments."""

    @property
    def unordered(self) -> bool:
        """Whether several processes answer, so that lines come in no order of their own."""
        return "-n" in self.words


class Project(NamedTuple):
    """Commands that are run one after the other in one folder."""

    name: str
    files: Mapping[str, str]
    steps: str
    """`NAME: COMMAND` in each line."""
    again: str = ""
    """Like `steps`, after them; these ask nothing anew, and `reuse` runs them once more."""
    after: str = ""


RELEASE = Project(
    name="release",
    files={"mmbench.toml": GATE},
    steps="""
gate-1.0: pytest --mm-model=MODELS/tiny-vlm-1.0 REPORTS
thresholds: mmbench thresholds
save: mmbench baseline save released
pin: mmbench baseline pin released
save-over-pinned: mmbench baseline save released
list: mmbench baseline list
report: mmbench report PAGES
show: mmbench show shapes counting-0007 --pictures seen
show-unknown: mmbench show shapes counting-0o07
dimensions: mmbench dimensions
doctor: mmbench doctor
gate-1.1: pytest --mm-model=MODELS/tiny-vlm-1.1 REPORTS
accept: pytest --mm-model=MODELS/tiny-vlm-1.0 -k test_answers --snapshot-update
""",
    again="""
against-checkpoint: pytest --mm-model=MODELS/tiny-vlm-1.1 --mm-baseline=MODELS/tiny-vlm-1.0 \
-k 'not test_answers' REPORTS
diff: mmbench diff released PAGES
against-saved: pytest --mm-model=MODELS/tiny-vlm-1.1 --mm-baseline=released REPORTS
""",
    after="""
promote: mmbench baseline promote released
report-changes: mmbench report --baseline released PAGES
ratchet: mmbench thresholds --ratchet --margin 0.03 --run released
init-refused: mmbench init
init: mmbench init --force --depth 3
saved-by-default: pytest --mm-model=scripted:first -k 'test_regression and math' -W ignore
""",
)
PROJECTS = (
    RELEASE,
    Project(
        name="vision",
        files={"mmbench.toml": VISION, "small.toml": SMALL},
        steps="""
blind: pytest --mm-model=MODELS/tiny-vlm-blind --mm-limit=90 --mm-condition=mismatched \
--mm-base-llm=MODELS/tiny-llm REPORTS
report: mmbench report PAGES
sees: pytest --mm-model=MODELS/tiny-vlm-1.0 --mm-limit=72 --mm-condition=grey -k 'vision and math'
exclude: pytest --mm-model=scripted:first --mm-exclude=.mmbench/shortcuts.json -k capability
shortcuts: mmbench shortcuts --config small.toml --models MODELS/tiny-llm scripted:first --least 1
exclude-listed: pytest --mm-config=small.toml --mm-model=scripted:first --mm-exclude=shortcuts.json
""",
    ),
    Project(
        name="methods",
        files={"mmbench.toml": GATE},
        steps="""
rank-mean: pytest --mm-model=MODELS/tiny-vlm-1.0 --mm-limit=72 --mm-method=rank-mean REPORTS
rank-letter: pytest --mm-model=MODELS/tiny-vlm-1.0 --mm-limit=72 --mm-method=rank-letter REPORTS
generate: pytest --mm-model=MODELS/tiny-vlm-1.0 --mm-limit=36 --mm-method=generate REPORTS
circular: pytest --mm-model=MODELS/tiny-vlm-1.1 --mm-limit=18 --mm-circular --mm-calibrate REPORTS
""",
    ),
    Project(
        name="workers",
        files={"mmbench.toml": GATE},
        steps="""
workers: pytest -n 2 --mm-model=MODELS/tiny-vlm-1.1 --mm-baseline=MODELS/tiny-vlm-1.0 \
--mm-limit=72 REPORTS
report: mmbench report --markdown=page.md
scripted: pytest -n 2 --mm-model=scripted:first --mm-condition=no-image --mm-limit=180
""",
    ),
    Project(
        name="published",
        files={**SCRIPTS, "mmbench.toml": "", "official.toml": "", "words.toml": ""},
        steps="""
collect: pytest --mm-model=scripted:first --collect-only -q
first: pytest --mm-model=scripted:first REPORTS
words: pytest --mm-model=scripted:talks.json --mm-config=words.toml REPORTS
official: pytest --mm-model=scripted:talks.json --mm-config=official.toml REPORTS
mumbles: pytest --mm-model=scripted:mumbles.json --mm-config=words.toml
looks: pytest --mm-model=scripted:first --mm-condition=no-image -k 'mme or mmstar or seed'
save: mmbench baseline save looks
worse: pytest --mm-model=scripted:first --mm-baseline=scripted:talks.json --mm-config=words.toml
accept: pytest --mm-model=scripted:first --mm-benchmark=mme --mm-benchmark=ai2d --snapshot-update
dimensions: mmbench dimensions
show: mmbench show mmstar 0
report: mmbench report looks PAGES
""",
    ),
    Project(
        name="unreadable",
        files={**SCRIPTS, "mmbench.toml": WORDS, "conftest.py": UNREADABLE_UNSEEN},
        steps="""
capability: pytest --mm-model=scripted:mumbles.json REPORTS
last-failed: pytest --mm-model=scripted:mumbles.json --lf
half: pytest --mm-model=scripted:half.json REPORTS
clear: pytest --mm-model=scripted:clear.json
save: mmbench baseline save clear
thresholds: mmbench thresholds
candidate: pytest --mm-model=scripted:mumbles.json --mm-baseline=clear REPORTS
report: mmbench report --baseline clear PAGES
diff: mmbench diff clear
baseline: pytest --mm-model=scripted:clear.json --mm-baseline=scripted:mumbles.json REPORTS
unseen: pytest --mm-model=scripted:unseen.json --mm-condition=no-image REPORTS
base-llm: pytest --mm-model=scripted:clear.json --mm-base-llm=scripted:mumbles.json REPORTS
accept: pytest --mm-model=scripted:clear.json --snapshot-update -k test_answers
changed: pytest --mm-model=scripted:half.json -k test_answers REPORTS
mumbled: pytest --mm-model=scripted:mumbles.json -k test_answers REPORTS
accept-mumbled: pytest --mm-model=scripted:mumbles.json --snapshot-update -k test_answers
""",
    ),
    Project(
        name="rules",
        files={"mmbench.toml": RULES, "test_own.py": "def test_own(): pass\n"},
        steps="""
three-way: pytest --mm-model=scripted:first REPORTS
thresholds: mmbench thresholds
errors: pytest --mm-model=scripted:first -W error
capability: pytest --mm-model=scripted:first -k math
case: pytest --mm-model=scripted:first 'mmbench/test_capability.py::test_capability[shapes.math]'
own: pytest --mm-model=scripted:first test_own.py
both: pytest --mm-model=scripted:first -v
without-gate: pytest --mm-model=scripted:first -m 'not mmbench'
seed: pytest --mm-model=scripted:first --mm-limit=40 --mm-seed=3 --mm-fresh -q
draft: mmbench init --force --margin 0.1 --depth 3
strict: pytest --mm-model=scripted:first --mm-strict
""",
    ),
    Project(
        name="refusals",
        files={
            "mmbench.toml": GATE,
            "key.toml": "[benchmark.shapes]\n",
            "dimension.toml": '[thresholds]\n"shapes.meth" = 0.5\n',
            "above.toml": '[thresholds]\n"shapes" = 60\n',
            "test_own.py": "def test_own(): pass\n",
        },
        steps="""
no-model: pytest
empty-model: pytest --mm-model=
flag-without-model: pytest --mm-limit=3
unknown-model: pytest --mm-model=MODELS/tiny-vlm-1.2
unknown-baseline: pytest --mm-model=scripted:first --mm-baseline=relaesed
itself: pytest --mm-model=scripted:first --mm-baseline=scripted:first -k 'regression and math'
unknown-method: pytest --mm-model=scripted:first --mm-method=rang
unknown-condition: pytest --mm-model=scripted:first --mm-condition=no-imgae
unknown-benchmark: pytest --mm-model=scripted:first --mm-benchmark=shaeps
key: pytest --mm-model=scripted:first --mm-config=key.toml
dimension: pytest --mm-model=scripted:first --mm-config=dimension.toml
above: pytest --mm-model=scripted:first --mm-config=above.toml
too-few: pytest --mm-model=scripted:first --mm-limit=2
strict: pytest --mm-model=scripted:first --mm-strict
nothing: pytest --mm-model=scripted:first -k nothing
no-run: mmbench report
no-thresholds: mmbench thresholds
no-baselines: mmbench baseline list
unknown-run: mmbench diff relaesed
unknown-verb: mmbench scores
doctor: mmbench doctor --config dimension.toml
""",
    ),
    Project(
        name="help",
        files={},
        steps="""
pytest: pytest --help
markers: pytest --markers
fixtures: pytest --mm-model=scripted:first --fixtures
mmbench: mmbench --help
version: mmbench --version
init: mmbench init --help
thresholds: mmbench thresholds --help
diff: mmbench diff --help
report: mmbench report --help
baseline: mmbench baseline --help
save: mmbench baseline save --help
list: mmbench baseline list --help
promote: mmbench baseline promote --help
pin: mmbench baseline pin --help
shortcuts: mmbench shortcuts --help
dimensions: mmbench dimensions --help
show: mmbench show --help
doctor: mmbench doctor --help
write: mmbench init
""",
    ),
)

SPOKEN = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d| UTC)?", "TIME"),
    (r"\d{4}-\d\d-\d\d\b", "DATE"),
    (r"\b\d\d:\d\d UTC", "TIME"),
    (r"\b(\d+ h )?(\d+ min )?\d+(\.\d+)? ?s\b( \(\d+:\d\d:\d\d\))?", "SECONDS"),
    (r"\(\S+ samples/s\)", "(SPEED)"),
    (r"\bin [\d.,]+ (ms|s)\b", "in SECONDS"),
    (r'("seconds"|"samples_per_second"): [\d.e+-]+', r"\1: NUMBER"),
    (r'\b(time|timestamp|hostname)="[^"]*"', r'\1="..."'),
    (r"\b(pytest-)?mmbench([- ])\d+\.\d+\.\d+\S*?(?=[,\s<)\"]|$)", r"\1mmbench\2VERSION"),
    (r"[\w./-]*\bpytest_mmbench/[\w/]+\.py(:\d+)?", "PACKAGE"),
    (r"(fixtures defined from) pytest_mmbench\S*", r"\1 PACKAGE"),
    (r"(?m)^[0-9a-f]{64}(?=  )", "SHA256"),
    (r"\b[\d.]+ [kM]B, in\b", "SIZE, in"),
)
"""What differs from run to run, and the word that replaces it."""
RULES_OF_SIGNS = re.compile(r"([=\-_])\1{2,}")
"""Lines are filled up to a width, which depends on how long the seconds are."""


class Done(NamedTuple):
    """What a command did."""

    code: int
    said: str


def steps(text: str) -> Iterator[Step]:
    """The commands of a plan, with their words spelt out."""
    for line in filter(None, text.splitlines()):
        name, command = line.split(": ", 1)
        for word, meaning in NAMED.items():
            command = re.sub(rf"\b{word}\b", meaning, command)
        yield Step(name, tuple(shlex.split(command)))


OUTSIDE = ("MMBENCH_", "PYTEST_", "GITHUB_", "CI", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
"""Beginnings of what commands do not see of the environment."""


def surroundings(scratch: Path) -> dict[str, str]:
    """The environment of every command: no settings from outside, one thread, 100 columns."""
    kept = {name: each for name, each in os.environ.items() if not name.startswith(OUTSIDE)}
    kept["PYTHONPATH"] = str(scratch / "package")
    fixed = {"OMP_NUM_THREADS": "1", "COLUMNS": "100", "PYTHONHASHSEED": "0", "NO_COLOR": "1"}
    return kept | fixed | {"HF_HUB_OFFLINE": "1", "PYTHONUTF8": "1"}


def ran(step: Step, folder: Path) -> Done:
    """Runs a command in a project."""
    program, *arguments = step.words
    if program == "pytest":
        module = ["pytest", "-rA", f"--junit-xml={JUNIT}"]
    else:
        module = ["pytest_mmbench.cli"]
    (folder / JUNIT).unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", *module, *arguments],
        cwd=folder,
        env=surroundings(folder.parent),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Done(done.returncode, f"{done.stdout}\n--- standard error\n{done.stderr}")


def plain(text: str, folder: Path) -> str:
    """The text without what differs from run to run."""
    places = {folder: "PROJECT", FIXTURES: "FIXTURES", Path(sys.prefix): "PYTHON"}
    for place, word in places.items():
        for spelt in (str(place), str(place).lstrip("/")):
            text = text.replace(spelt, word)
    for pattern, word in SPOKEN:
        text = re.sub(pattern, word, text)
    return text


def laid_out(name: str, text: str) -> str:
    """JSON and markup of one line on many lines, so that a difference is short."""
    if name.endswith(".json"):
        try:
            return json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"
        except ValueError:
            return text
    return text.replace("><", ">\n<") if name.endswith((".html", ".xml")) else text


def cases(folder: Path) -> str:
    """Each test case in the order of JUnit's file, with what pytest and the gate say of it."""
    if not (folder / JUNIT).is_file():
        return ""
    lines = []
    for case in ET.parse(folder / JUNIT).iter("testcase"):  # noqa: S314 - we wrote it
        said = [each.tag for each in case if each.tag not in ("properties", "system-out")]
        found = {each.get("name"): each.get("value") for each in case.iter("property")}
        outcome = found.get("mm_outcome") or ""
        place = f"{case.get('classname')}::{case.get('name')}"
        lines.append(f"{place} {' '.join(said) or 'passed'} {outcome}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def keys(folder: Path) -> str:
    """The fingerprint and the digest of every answer in the store."""
    if not (folder / STORE).is_file():
        return ""
    rows = _asked(folder, "SELECT fingerprint, request FROM answers ORDER BY 1, 2")
    return "".join(f"{fingerprint} {request}\n" for fingerprint, request in rows)


def _asked(folder: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / STORE)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.Error as error:
        return [("the store cannot be read:", error)]
    finally:
        connection.close()


def left(folder: Path) -> dict[str, str]:
    """Every file of a project by its name, in plain text or as a digest."""
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not CACHES.intersection(inside.parts):
            found[inside.as_posix()] = _content(path, folder)
    return found


def _content(path: Path, folder: Path) -> str:
    if path.name.startswith(STORE.name) or path.name in OMITTED:
        return ""
    content = path.read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"sha256 {hashlib.sha256(content).hexdigest()}\n"
    return plain(laid_out(path.name, text), folder)


class Recorder:
    """Runs the commands of one project, and writes what they did."""

    def __init__(self, project: Project, scratch: Path, out: Path) -> None:
        self._project = project
        self._folder = scratch / project.name
        self._out = out
        self._known: dict[str, str] = {}
        self._codes: dict[str, int] = {}

    def run(self) -> None:
        """All of it."""
        write(self._project, self._folder)
        for step in steps(self._project.steps):
            self._step(step)
        if self._project.again:
            self._keep()
        for step in (*steps(self._project.again), *steps(self._project.after)):
            self._step(step)

    def _step(self, step: Step) -> None:
        started = time.perf_counter()
        done = ran(step, self._folder)
        texts = self._texts(step, done)
        target = self._out / f"{self._project.name}.{step.name}"
        for name, text in texts.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_sorted(text) if step.unordered else text, encoding="utf-8")
        took = time.perf_counter() - started
        print(f"{took:5.1f} s  exit {done.code}  {target.name}", flush=True)

    def _texts(self, step: Step, done: Done) -> dict[str, str]:
        """What is written of a step; of files, those that it changed."""
        files = left(self._folder)
        changed = {name: text for name, text in files.items() if self._known.get(name) != text}
        self._known = files
        texts = {
            "exit.txt": f"{plain(shlex.join(step.words), self._folder)}\n{done.code}\n",
            TERMINAL: RULES_OF_SIGNS.sub(r"\1\1\1", plain(done.said, self._folder)),
            CASES: cases(self._folder),
            "keys.txt": keys(self._folder),
            "files.txt": "".join(f"{name}\n" for name in files),
        }
        if (self._folder / JUNIT).is_file():
            junit = (self._folder / JUNIT).read_text(encoding="utf-8")
            texts[JUNIT] = plain(laid_out(JUNIT, junit), self._folder)
        return texts | {f"left/{name}": text for name, text in changed.items() if text}

    def _keep(self) -> None:
        """Copies the project for `reuse`."""
        state = self._out.parent / "state" / self._project.name
        shutil.copytree(self._folder, state, ignore=shutil.ignore_patterns(*CACHES))


def _sorted(text: str) -> str:
    return "".join(sorted(text.splitlines(keepends=True)))


def write(project: Project, folder: Path) -> None:
    """Makes the folder of a project."""
    folder.mkdir(parents=True)
    files = {"pytest.ini": "[pytest]\n", **project.files}
    if project.name == "published":
        files |= published()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def published() -> dict[str, str]:
    """Settings for all published benchmarks: ranked, and as texts read strictly and officially."""
    given = (PUBLISHED / "mmbench.toml").read_text(encoding="utf-8")
    ranked = re.sub(r'(?m)^data = "(.*)"$', rf'data = "{PUBLISHED}/\1"', given)
    words = ranked.replace('method = "rank"', 'method = "generate"')
    bare = re.sub(r"(?m)^scoring = .*\n", "", words)
    official = re.sub(r"(?m)^(data = .*(?<!/mmie\"))$", r'\1\nscoring = "official"', bare)
    return {"mmbench.toml": ranked, "official.toml": official, "words.toml": bare}


def record(out: Path, jobs: int) -> int:
    """Runs everything, some projects at once, and writes it into a folder that is not there yet."""
    if out.exists():
        sys.exit(f"{out} is there already: name another folder, or remove it")
    (out / "runs").mkdir(parents=True)
    print(f"recording {importable()} with {sys.executable}")
    started = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="frozen-") as scratch,
        concurrent.futures.ThreadPoolExecutor(jobs) as pool,
    ):
        place = copied(Path(scratch))
        made = [Recorder(each, place, (out / "runs").resolve()) for each in PROJECTS]
        for done in [pool.submit(each.run) for each in made]:
            done.result()
    spent = os.times().children_user + os.times().children_system
    print(f"recorded in {time.perf_counter() - started:.0f} s (cpu {spent:.0f} s)")
    return 0


def copied(scratch: Path) -> Path:
    """The scratch folder, with the package in it: it may be edited while its copy runs."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(importable(), scratch / "package" / "pytest_mmbench", ignore=ignored)
    return scratch.resolve()


def importable() -> Path:
    """The folder of the package that this interpreter would import."""
    found = importlib.util.find_spec("pytest_mmbench")
    if found is None or found.origin is None:
        sys.exit("pytest_mmbench cannot be imported here")
    return Path(found.origin).parent


def compare(old: Path, new: Path) -> int:
    """Prints what differs between two recordings, and a line for each run."""
    summary, agreeing = [], 0
    names = {each.name for side in (old, new) for each in (side / "runs").iterdir()}
    for name in sorted(names):
        one, other = old / "runs" / name, new / "runs" / name
        agreeing += all(
            _read(one / file) == _read(other / file) for file in ("exit.txt", "keys.txt")
        ) and _agree(_read(one / CASES), _read(other / CASES))
        differing = [file for file in _files(one, other) if _differs(one / file, other / file)]
        summary.append(f"{name}: {'differs in ' + ', '.join(differing) if differing else 'same'}")
    print(*summary, sep="\n")
    same = sum(line.endswith(": same") for line in summary)
    print(f"{agreeing} of {len(summary)} runs end with the same exit code, cases and answers")
    print(f"{same} of {len(summary)} runs are the same")
    return int(same != len(summary))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _files(*folders: Path) -> list[str]:
    inside = (
        path.relative_to(folder).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    )
    return sorted(set(inside))


def _differs(old: Path, new: Path) -> bool:
    """Prints how, if they do."""
    before, after = (
        path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        for path in (old, new)
    )
    if before == after and old.is_file() == new.is_file():
        return False
    print(*difflib.unified_diff(before, after, str(old), str(new), lineterm=""), sep="\n")
    return True


def reuse(state: Path) -> int:
    """Runs the commands of a recording in the project that it kept, and says what was not used."""
    print(f"with {importable()}, in a copy of {state}")
    wrong = []
    for project in (each for each in PROJECTS if each.again):
        with tempfile.TemporaryDirectory(prefix="frozen-") as scratch:
            folder = copied(Path(scratch)) / project.name
            shutil.copytree(state / project.name, folder)
            for step in steps(project.again):
                recorded = state.parent / "runs" / f"{project.name}.{step.name}"
                wrong += [f"{step.name}: {each}" for each in _unlike(step, folder, recorded)]
    print(*wrong or ["everything that the recording left is used"], sep="\n")
    return int(bool(wrong))


def _unlike(step: Step, folder: Path, recorded: Path) -> Iterator[str]:
    """How a command in the kept project differs from the recording."""
    rows = "SELECT fingerprint, request, answer, kept FROM answers ORDER BY 1, 2"
    before = _asked(folder, rows)
    done = ran(step, folder)
    found = cases(folder)
    print(f"exit {done.code}  {step.name}  {_counts(found)}; {len(before)} answers were known")
    expected = int((recorded / "exit.txt").read_text(encoding="utf-8").split()[-1])
    if done.code != expected:
        yield f"exit code {done.code} and not {expected}\n{done.said}"
    if step.words[0] == "pytest" and "no new answers" not in done.said:
        yield f"it does not say that nothing was asked\n{done.said}"
    if _asked(folder, rows) != before:
        yield "the answers in the store are not those that were kept"
    known = (recorded / CASES).read_text(encoding="utf-8")
    if not _agree(known, found):
        yield f"cases: {_counts(found)} and not {_counts(known)}"


def _agree(old: str, new: str) -> bool:
    """Whether cases end the same, whatever version recorded the first ones.

    Versions before schema 2 gave the outcomes of snapshots no property.
    """
    for words, current in SCHEMA_1_WORDS.items():
        old = old.replace(words, current)
    before, after = old.splitlines(), new.splitlines()
    return len(before) == len(after) and all(
        line == other or ("test_snapshot" in line and other.startswith(f"{line} "))
        for line, other in zip(before, after, strict=True)
    )


def _counts(found: str) -> str:
    """Such as `3 passed pass, 1 failure`."""
    said = [line.split(" ", 1)[1] for line in found.splitlines()]
    return ", ".join(f"{said.count(each)} {each}" for each in sorted(set(said))) or "no cases"


def main() -> None:
    """Does what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    recording = verbs.add_parser("record", help="run everything, and write what it does")
    recording.add_argument("out", type=Path)
    recording.add_argument("--jobs", type=int, default=2, help="projects at once; default 2")
    comparing = verbs.add_parser("compare", help="print what differs between two recordings")
    comparing.add_argument("old", type=Path)
    comparing.add_argument("new", type=Path)
    reusing = verbs.add_parser("reuse", help="use what a recording has kept")
    reusing.add_argument("state", type=Path, help="the folder `state` of a recording")
    chosen = parser.parse_args()
    if chosen.verb == "record":
        sys.exit(record(chosen.out, chosen.jobs))
    sys.exit(
        compare(chosen.old, chosen.new)
        if chosen.verb == "compare"
        else reuse(chosen.state.resolve())
    )


if __name__ == "__main__":
    main()

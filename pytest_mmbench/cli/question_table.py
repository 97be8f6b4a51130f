"""The table of `mmbench init --questions FILE`: what a file of questions most likely holds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pytest_mmbench import files, registry
from pytest_mmbench.benchmarks.dimensions import kebab
from pytest_mmbench.benchmarks.questions.answer_types import ANSWER_TYPES
from pytest_mmbench.benchmarks.questions.file import METADATA
from pytest_mmbench.benchmarks.questions.guess import GuessedColumn, TableGuess
from pytest_mmbench.benchmarks.readers import open_table
from pytest_mmbench.cli import output
from pytest_mmbench.cli.project import Project
from pytest_mmbench.config.values import toml, toml_key
from pytest_mmbench.errors import MMBenchError, SettingsError, shorten
from pytest_mmbench.report.text import count_of

_HEAD: Final = "# Guessed from {file}, for the reasons behind each #: check it before it gates."


def guessed_table(file: Path, name: str) -> Mapping[str, Any]:
    """The table that `mmbench init --questions FILE` would write, as the settings read it.

    Raises:
        DataError: the file cannot be read.
    """
    guess = TableGuess(open_table(str(_table_file(file)), pictures=()))
    keys = ["benchmarks", name]
    return _own_table(_table_text(guess, file=str(file), keys=keys), keys)


def _table_file(file: Path) -> Path:
    """The table of a folder of pictures, or the file itself."""
    return next((file / each for each in METADATA if (file / each).is_file()), file)


def write_question_table(project: Project, *, file: Path, name: str) -> int:
    """Adds [benchmarks.NAME] to the settings; nothing that is there is changed.

    Raises:
        SettingsError: the name is taken, or cannot be a name.
        DataError: the file cannot be read.
    """
    guess = TableGuess(open_table(str(_table_file(file)), pictures=()))
    name = name or name_of_file(file)
    _check_name(name, project)
    keys = [*filter(None, project.within.split(".")), "benchmarks", name]
    root = project.file.absolute().parent
    # As it is to be committed: below the project it starts there.
    is_below = file.absolute().is_relative_to(root)
    typed = file.absolute().relative_to(root).as_posix() if is_below else str(file.absolute())
    text = _table_text(guess, file=typed, keys=keys)
    content = project.file.read_text(encoding="utf-8") if project.file.is_file() else ""
    whole = f"{content.rstrip()}\n\n{text}".lstrip()
    table = _own_table(whole, keys)
    files.replace_file(project.file, whole.encode())
    output.echo(f"wrote [benchmarks.{toml_key(name)}] to {project.file.name}")
    try:
        loaded = registry.benchmark(name, {**table, "questions": str(file)})
    except MMBenchError as error:
        output.echo_note(f"these questions cannot be asked yet: {error.problem}")
        for label, fact in error.facts.items():
            output.echo_note(f"  {label}: {shorten(fact)}")
        return 0
    size = count_of(loaded.dimensions()[0].size, "question")
    output.echo(
        f"read {size} with it: `mmbench dimensions {name}` lists their capabilities",
        "next: look through the table, commit it, and run `pytest --mm-model=PATH`",
    )
    return 0


def name_of_file(file: Path) -> str:
    """What the questions of a file are called; those of a folder are called as the folder."""
    folder = file.parent if file.stem == "metadata" else file
    return kebab(folder.stem)


def _check_name(name: str, project: Project) -> None:
    configured = project.settings.configured_benchmarks if project.settings.source else ()
    if name in (*registry.benchmark_names(), *configured):
        problem = f"there is a benchmark {name!r} already."
        raise SettingsError(problem, what_to_do="choose another name by --name NAME")
    if not name or toml_key(name) != name:
        problem = f"{name!r} cannot be the name of a benchmark."
        remedy = "choose one of letters, digits, - and _ by --name NAME"
        raise SettingsError(problem, what_to_do=remedy)


def _table_text(guess: TableGuess, *, file: str, keys: list[str]) -> str:
    heading = ".".join(map(toml_key, keys))
    answer = guess.answer
    kind = ANSWER_TYPES[answer.answer]
    others = ", ".join(name for name in ANSWER_TYPES if name != answer.answer)
    own = [(f"answer = {toml(answer.answer)}", f"{answer.reason}; or {others}")]
    if answer.open_answer:
        own.append((f"open-answer = {toml(answer.open_answer)}", "of rows without options"))
    if answer.scoring:
        rules = ", ".join(word for word in kind.scorings if word != answer.scoring)
        reason = f"{answer.scoring_reason}; or {rules}"
        own.append((f"scoring = {toml(answer.scoring)}", reason))
    lines = [
        *own,
        *((_line(column), column.reason) for column in guess.columns),
    ]
    width = max(len(line) for line, _ in lines)
    commented = [f"{line:<{width}}   # {_plain(comment)}" for line, comment in lines]
    columns = commented[len(own) :]
    if guess.unused:
        columns.append(f"# not used: {_plain(', '.join(guess.unused))}")
    head = [_HEAD.format(file=_plain(file)), f"[{heading}]", f"questions = {toml(file)}"]
    return "\n".join([*head, *commented[: len(own)], f"[{heading}.columns]", *columns, ""])


def _line(column: GuessedColumn) -> str:
    if not column.columns and column.key == "picture":
        return "pictures = []"
    if not column.columns:
        return f"# {column.key} = "
    names = column.columns
    return f"{column.key} = {toml(names[0] if len(names) == 1 else list(names))}"


def _plain(comment: str) -> str:
    """On one line: no line break of a file ends the comment."""
    return shorten("".join(sign for sign in comment if sign.isprintable()), most=200)


def _own_table(text: str, keys: list[str]) -> Mapping[str, Any]:
    try:
        table: Any = tomllib.loads(text)
    except ValueError as error:
        raise SettingsError(
            "the table cannot be added to the settings as they are written.",
            reason=str(error),
            what_to_do="write [benchmarks.NAME] as tables of their own",
        ) from error
    for key in keys:
        table = table[key]
    own: Mapping[str, Any] = table
    return own

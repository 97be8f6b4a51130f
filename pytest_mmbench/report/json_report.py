"""The JSON form of a report, written and read back.

    {"decision": {"release": "do not ship", ...}, "models": [...], "schema": 2, ...}

Its fields are those of `document.Report`, by the same names; enumerations are their words, and
records are objects. `schema.json` beside this file is the contract in JSON Schema 2020-12, made by
`json_schema` and described in the words of the records themselves. Fields may be added within one
version, so that readers should pass over what they do not know; `from_json` does, and reads the
reports of earlier versions too.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec

from pytest_mmbench import files, records
from pytest_mmbench.errors import DataError
from pytest_mmbench.gates import verdicts
from pytest_mmbench.report import document, schema_1
from pytest_mmbench.report.document import SCHEMA, Report

SCHEMA_FILE: Final = Path(__file__).with_name("schema.json")
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    schema: int


def to_json(report: Report) -> str:
    """The report as JSON in UTF-8, indented by two blanks.

    Raises:
        DataError: a number in it is not finite, or a text is not Unicode: JSON has neither.
    """
    try:
        text = msgspec.json.encode(report)
        # What is not finite was written as null, and null is read nowhere.
        msgspec.json.decode(text, type=Report)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise DataError(
            "the report cannot be written as JSON.",
            reason=str(error),
            what_to_do="report it as a fault of the benchmark or the model that the value is from",
        ) from error
    return msgspec.json.format(text, indent=2).decode() + "\n"


def write_json(report: Report, path: Path) -> None:
    """Writes the JSON form, whole or not at all.

    Raises:
        DataError: as `to_json`.
        MMBenchError: the file cannot be written.
    """
    files.write_report(path, to_json(report))


def from_json(text: str | bytes, *, name: str = "report") -> Report:
    """The report that `to_json` wrote, also that of an earlier version.

    Args:
        text: JSON in UTF-8.
        name: what errors call it, such as the name of its file.

    Raises:
        DataError: it is no JSON, no report, or one of a later version.
    """
    try:
        version = msgspec.json.decode(text, type=_Version).schema
        if version > SCHEMA:
            raise DataError(
                f"{name} was written by a later version of pytest-mmbench.",
                schema=f"{version}, known up to {SCHEMA}",
                what_to_do="pip install --upgrade pytest-mmbench",
            )
        if version == 1:
            renamed = schema_1.renamed(msgspec.json.decode(text))
            return schema_1.completed(msgspec.convert(renamed, type=Report))
        return msgspec.json.decode(text, type=Report)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DataError(
            f"{name} is not a report of pytest-mmbench.",
            reason=str(error),
            what_to_do="name a report that was written as JSON",
        ) from error


def json_schema() -> dict[str, Any]:
    """The contract of the JSON form, each field described by the text beneath it."""
    schema = msgspec.json.schema(Report)
    descriptions = _docstrings(document) | _docstrings(verdicts) | _docstrings(records)
    for record, definition in schema["$defs"].items():
        for field, property in definition.get("properties", {}).items():
            if (record, field) in descriptions:
                property["description"] = descriptions[record, field]
    return {"$schema": _DIALECT, "title": "pytest-mmbench report", **schema}


def _docstrings(module: ModuleType) -> dict[tuple[str, str], str]:
    """What the literal beneath each field of each class of a module says."""
    classes = [
        node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef)
    ]
    return {
        (each.name, field.target.id): " ".join(text.value.value.split())
        for each in classes
        for field, text in zip(each.body, each.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }

"""A model that says what it was told to say: for trying a gate, and for testing one.

pytest --mm-model=scripted:first            always the first option
pytest --mm-model=scripted:answers.json     {"answers": {"counting-0007": "B"}, "otherwise": "A"}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.files import expand
from pytest_mmbench.records import Answer, OptionLogprob, Request, letters

PREFIX = "scripted:"


_CHOSEN = OptionLogprob(logprob=-0.1, tokens=1)


_OTHER = OptionLogprob(logprob=-3.0, tokens=1)


class ScriptedModel:
    """Answers each sample with the letter that its script holds for it.

    Args:
        answers: letters by sample id; for `generate` any text may stand in place of a letter, and
            for `rank` the text of an option.
        otherwise: what is said to samples that the script does not name.
        name: shown in reports.
    """

    def __init__(
        self, answers: Mapping[str, str], *, otherwise: str = "A", name: str = "scripted"
    ) -> None:
        self.name = name
        self.batch_size = 64
        self.batches: list[tuple[str, ...]] = []
        """The sample ids of every batch that was asked: tests look at what was paid for."""
        self._answers = dict(answers)
        self._otherwise = otherwise

    @property
    def fingerprint(self) -> str:
        """Changes with the script."""
        script = json.dumps([sorted(self._answers.items()), self._otherwise])
        return hashlib.sha256(script.encode()).hexdigest()

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        """The scripted text of each request."""
        self._note(requests)
        return [Answer(sample=each.sample, text=self._said(each)) for each in requests]

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        """A high likelihood for the scripted letter, a low one for the others.

        Raises:
            CheckpointError: the script says something that is none of the options.
        """
        self._note(requests)
        return [self._ranked(each) for each in requests]

    def _note(self, requests: Sequence[Request]) -> None:
        self.batches.append(tuple(each.sample for each in requests))

    def _said(self, request: Request) -> str:
        return self._answers.get(request.sample, self._otherwise)

    def _ranked(self, request: Request) -> Answer:
        chosen = self._chosen(request)
        likelihoods = tuple(
            _CHOSEN if at == chosen else _OTHER for at, _ in enumerate(request.options)
        )
        return Answer(sample=request.sample, option_logprobs=likelihoods)

    def _chosen(self, request: Request) -> int:
        """The place of the option that the script holds, by its letter or by its text.

        Anything else would leave a tie, which the first option wins.
        """
        said, options = self._said(request), request.options
        if len(said) != 1 and said in options:
            return options.index(said)
        known = letters(options)
        if said not in known:
            raise CheckpointError(
                f"{self.name} says {said!r}, which is none of the options.",
                sample=request.sample,
                letters=", ".join(known),
                what_to_do="write one of the letters, or the text of an option, into the script",
            )
        return known.index(said)


def load(spec: str, **_: Any) -> ScriptedModel:  # noqa: ANN401 - what local models need is of no use here
    """The model that `scripted:first` or `scripted:FILE.json` names.

    Raises:
        CheckpointError: the file is missing or is not a script.
    """
    named = spec.removeprefix(PREFIX)
    if named == "first":
        return ScriptedModel({}, name=spec)
    return _from_file(expand(named), spec)


def _from_file(path: Path, spec: str) -> ScriptedModel:
    try:
        script = json.loads(path.read_text(encoding="utf-8"))
        return ScriptedModel(script["answers"], otherwise=script.get("otherwise", "A"), name=spec)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(
            f"{path} is not a script of answers.",
            asked_for_by=f"model {spec}",
            reason=f"{type(error).__name__}: {error}",
            what_to_do='write {"answers": {"<sample id>": "B", ...}, "otherwise": "A"}',
        ) from error

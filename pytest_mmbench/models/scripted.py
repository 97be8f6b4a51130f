"""A model that answers from a script: for trying a gate, and for testing one.

pytest --mm-model=scripted:first            always the first option
pytest --mm-model=scripted:answers.json     {"answers": {"counting-0007": "B"}, "otherwise": "A"}

A list `"cut-short"` names the samples whose text the limit of tokens has cut. A sample that has a
list of texts is sampled: the seed of a request takes the text of that place, round and round.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from pytest_mmbench.errors import CheckpointError, near
from pytest_mmbench.files import expand
from pytest_mmbench.records import Answer, OptionLogprob, Request, letters

_PREFIX = "scripted:"
FIRST: Final = "first"
"""The script that is always there: the first option, whatever is asked."""
_SCRIPTED_OPTION = OptionLogprob(logprob=-0.1, tokens=1)
_OTHER_OPTION = OptionLogprob(logprob=-3.0, tokens=1)


class ScriptedModel:
    """Answers each sample with the letter that its script holds for it.

    For `generate` any text may stand in place of a letter, and for `rank` the text of an option. Of
    several texts it takes the first, and where it is asked to sample the one of the seed's place.
    """

    def __init__(
        self,
        answers: Mapping[str, str | Sequence[str]],
        *,
        otherwise: str = "A",
        cut_short: Collection[str] = (),
        name: str = "scripted",
    ) -> None:
        self.name = name
        self.batch_size = 64
        self._answers = {
            sample: text if isinstance(text, str) else tuple(text)
            for sample, text in answers.items()
        }
        self._otherwise = otherwise
        self._cut_short = frozenset(cut_short)

    @property
    def answers_by_sample(self) -> bool:
        """Always: two samples may be shown alike, and have lines of their own in the script."""
        return True

    @property
    def fingerprint(self) -> str:
        """Changes with the script."""
        parts = [sorted(self._answers.items()), self._otherwise, sorted(self._cut_short)]
        # A script without the list is the model that it was before there was one.
        script = json.dumps(parts if self._cut_short else parts[:-1])
        return hashlib.sha256(script.encode()).hexdigest()

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        """The scripted text of each request."""
        return [
            Answer(
                sample=request.sample,
                text=self._scripted_text(request),
                cut_short=request.sample in self._cut_short,
            )
            for request in requests
        ]

    def _scripted_text(self, request: Request) -> str:
        text = self._answers.get(request.sample, self._otherwise)
        if isinstance(text, str):
            return text
        return text[request.sampling.seed % len(text) if request.sampling else 0]

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        """A high log-likelihood for the scripted option, a low one for the others."""
        answers = []
        for request in requests:
            logprobs = [_OTHER_OPTION] * len(request.options)
            logprobs[self._scripted_option(request)] = _SCRIPTED_OPTION
            answers.append(Answer(sample=request.sample, option_logprobs=tuple(logprobs)))
        return answers

    def _scripted_option(self, request: Request) -> int:
        """The place of the scripted letter or text; anything else would leave a tie."""
        text, options = self._scripted_text(request), request.options
        if len(text) != 1 and text in options:
            return options.index(text)
        option_letters = letters(options)
        if text not in option_letters:
            raise CheckpointError(
                f"{self.name} says {text!r}, which is none of the options.",
                sample=request.sample,
                letters=", ".join(option_letters),
                what_to_do="write one of the letters, or the text of an option, into the script",
            )
        return option_letters.index(text)


def load(spec: str, **_: Any) -> ScriptedModel:  # noqa: ANN401 - what local models need is of no use here
    """The model that `scripted:first` or `scripted:FILE.json` names.

    Raises:
        CheckpointError: The file is missing or is not a script.
    """
    source = spec.removeprefix(_PREFIX)
    if source == FIRST:
        return ScriptedModel({}, name=spec)
    path = expand(source)
    if not path.is_file():
        names = [FIRST, *(each.name for each in path.parent.glob("*.json"))]
        raise CheckpointError(
            f"there is no script of answers {source!r}.",
            asked_for_by=f"model {spec}",
            **near(path.name, names),
            what_to_do='name a JSON file: {"answers": {"<sample id>": "B", ...}, "otherwise": "A"}',
        )
    try:
        script = json.loads(path.read_text(encoding="utf-8"))
        answers, otherwise = script["answers"], script.get("otherwise", "A")
        cut_short = script.get("cut-short", [])
        if not isinstance(cut_short, list):
            raise TypeError('"cut-short" is no list of sample ids')  # noqa: TRY301
        said = [each if isinstance(each, list) else [each] for each in answers.values()]
        if not all(said):
            raise TypeError("a sample has a list of no texts")  # noqa: TRY301
        for text in (*answers.keys(), *chain(*said), otherwise, *cut_short):
            # Halves of surrogate pairs, which JSON can escape, cannot be stored.
            text.encode()
        return ScriptedModel(answers, otherwise=otherwise, cut_short=cut_short, name=spec)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{path} is not a script of answers.",
            asked_for_by=f"model {spec}",
            reason=f"{type(error).__name__}: {error}",
            what_to_do='write {"answers": {"<sample id>": "B", ...}, "otherwise": "A"}',
        ) from error

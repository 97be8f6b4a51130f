"""Whether the weights that were read are those of the network that the config describes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from safetensors import safe_open

from pytest_mmbench.errors import CheckpointError
from pytest_mmbench.models.checkpoint import CheckpointFacts
from pytest_mmbench.models.loglikelihood import Network

_NAMED: Final = 3
"""Weights that an error names."""
_COMPUTED: Final = re.compile(r"(^|[._])(inv_freq|position_ids|masked_bias)$")
"""Numbers that follow from the config, and that older releases saved beside the weights."""
_UNTRAINED_DTYPES: Final = frozenset({"BOOL", "I64"})
"""Of masks and tables of indices, in the words of safetensors: nobody learns such numbers."""
_BELONG: Final = "check that weights and config.json belong together"


def check_loaded(network: Network, report: Mapping[str, Any], facts: CheckpointFacts) -> None:
    """Refuse weights that are not exactly those of the network.

    `report` is what transformers says of loading. Weights that the network lacks would be random
    numbers; weights that it has no place for belong to another network, or to an adapter. What the
    architecture declares as ignorable is not in the report.

    Raises:
        CheckpointError: weights are missing, too many, of another shape, or there twice.
    """
    folder = str(facts.path)
    mismatched = sorted(report.get("mismatched_keys", ()))
    if mismatched:
        shapes = [f"{name} {[*saved]}, not {[*own]}" for name, saved, own in mismatched]
        raise CheckpointError(
            f"the weights of checkpoint {folder!r} cannot be loaded.",
            reason=f"{len(mismatched)} have another shape than the network of config.json",
            first=_list_first(shapes),
            what_to_do=_BELONG,
        )
    missing = report["missing_keys"]
    if missing:
        raise CheckpointError(
            f"checkpoint {folder!r} lacks {len(missing)} of the network's weights.",
            first_missing=min(missing),
            what_to_do=_BELONG,
        )
    saved: list[str] = []
    for file in facts.weights:
        with _opened(file) as tensors:
            saved += tensors.keys()
    surplus = [
        name
        for name in report["unexpected_keys"]
        if not _COMPUTED.search(name) and not _is_untrained_or_copy(network, name, facts.weights)
    ]
    if surplus:
        raise CheckpointError(
            f"checkpoint {folder!r} holds {len(surplus)} weights for which the network of its"
            " config.json has no place.",
            surplus=_list_first(surplus),
            what_to_do=f"{_BELONG}, and merge an adapter into its base model; weights that are"
            " no part of the network are left out by loading it with transformers and"
            " save_pretrained()",
        )
    twice = _find_doubles(network, saved)
    if twice:
        raise CheckpointError(
            f"checkpoint {folder!r} holds {len(twice)} of the network's weights twice.",
            first=_list_first(twice),
            what_to_do="find out which of the two is meant, and save it without the other",
        )


def _list_first(names: Collection[str]) -> str:
    shown = sorted(names)[:_NAMED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    with safe_open(file, framework="pt") as tensors:
        yield tensors


def _is_untrained_or_copy(network: Network, name: str, weights: Iterable[Path]) -> bool:
    """Whether a surplus tensor is a mask, or the embedding again, as tied weights were saved once.

    A tensor whose name in the file begins otherwise than in the network is neither.
    """
    embeddings = []
    with suppress(NotImplementedError):  # not every network says which they are
        embeddings = [network.get_input_embeddings(), network.get_output_embeddings()]
    for file in weights:
        with _opened(file) as tensors:
            if name not in {*tensors.keys()}:
                continue
            header = tensors.get_slice(name)
            if header.get_dtype() in _UNTRAINED_DTYPES:
                return True
            shape = list(header.get_shape())
            own = [getattr(each, "weight", None) for each in embeddings]
            same = [weight for weight in own if weight is not None and [*weight.shape] == shape]
            return any(weight.equal(tensors.get_tensor(name).to(weight.dtype)) for weight in same)
    return False


def _find_doubles(network: Network, saved: Sequence[str]) -> list[str]:
    """Names that two files hold, or one file with and without the prefix of the base model.

    Transformers reads both into one weight, and the last one stays.
    """
    twice = [name for name, count in Counter(saved).items() if count > 1]
    own, names = {*network.state_dict()}, {*saved}
    prefixed = {name: f"{network.base_model_prefix}.{name}" for name in names}
    twice += [a for a, b in prefixed.items() if b in names and not (a in own and b in own)]
    return twice

"""The reader keeps the contract of a model; `--mm-model` asks it the documents besides."""

import pytest

from pytest_mmbench.benchmarks.documents import Documents
from pytest_mmbench.protocols import Model
from pytest_mmbench.records import Method
from pytest_mmbench.testing import check_model

pytestmark = pytest.mark.pretrained


@pytest.mark.parametrize("method", [Method.RANK, Method.GENERATE])
def test_the_reader_keeps_the_contract(mm_model: Model, method: Method) -> None:
    """As many answers as questions, in their order, and the same alone as together."""
    check_model(mm_model, Documents(per_axis=1), method=method, at_most=4)

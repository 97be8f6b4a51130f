"""The loop: what a run needs, what is already known of it, and who asks the rest.

`plan` knows the requests, `blocks` who takes on which, `ahead` reads their pictures, `ledger` knows
what has become of each, `contract` what a model owes for a batch, and `asking` joins them.
"""

from pytest_mmbench.runner.asking import Asking, Effort
from pytest_mmbench.runner.blocks import Claims
from pytest_mmbench.runner.plan import Planned

__all__ = ["Asking", "Claims", "Effort", "Planned"]

"""The loop: what a run needs, what is already known of it, and who asks the rest.

`plan` knows the requests, `ledger` what has become of each, `contract` what a model owes for a
batch, and `asking` joins them.
"""

from pytest_mmbench.runner.asking import Asking, Claims, Effort
from pytest_mmbench.runner.plan import Planned

__all__ = ["Asking", "Claims", "Effort", "Planned"]

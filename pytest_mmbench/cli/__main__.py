"""`python -m pytest_mmbench.cli`, where no script `mmbench` is installed."""

from __future__ import annotations

import sys

from pytest_mmbench.cli.main import main

sys.exit(main())

"""`python -m pytest_mmbench.cli`, where no script `mmbench` is installed."""

import sys

from pytest_mmbench.cli.command import main

sys.exit(main())

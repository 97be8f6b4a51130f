"""What the user set, on the command line, in the environment, in ini and in the settings file."""

from pytest_mmbench.config.settings import Chosen, Settings, read_settings
from pytest_mmbench.config.thresholds import check as check_thresholds

__all__ = ["Chosen", "Settings", "check_thresholds", "read_settings"]

"""What the user set, on the command line, in the environment, in ini and in the settings file."""

from pytest_mmbench.config.settings import Chosen, Settings, check_thresholds, read_settings

__all__ = ["Chosen", "Settings", "check_thresholds", "read_settings"]

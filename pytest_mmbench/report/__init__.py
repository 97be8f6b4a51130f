"""Reports: verdicts, shown to people and machines."""

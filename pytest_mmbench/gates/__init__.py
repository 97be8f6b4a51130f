"""The four gates: capability, regression, snapshot and vision; arithmetic on results."""

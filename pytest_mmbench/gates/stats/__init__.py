"""The arithmetic of the gates: intervals, exact tests, clusters and families of p-values."""

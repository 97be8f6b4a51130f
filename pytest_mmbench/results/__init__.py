"""What models answered, sample by sample: aggregates, saved runs, baselines and snapshots."""

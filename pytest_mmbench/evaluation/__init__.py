"""One run: which samples are selected, which models are asked, what is kept."""

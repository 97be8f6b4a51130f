"""A release gate for vision-language models that speaks pytest."""

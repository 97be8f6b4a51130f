"""`mmbench`: what there is to do beside a run of pytest. No model is loaded but by `shortcuts`.

`main` reads the command line; every subcommand is a file of its own, with its flags and its help.
"""

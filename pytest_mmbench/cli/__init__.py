"""`mmbench`: what one does beside a run of pytest. Nothing here asks a model but `shortcuts`.

`command` reads the command line; every verb is a file of its own, with its flags, its help and what
it does. `folder` finds settings and saved runs, `judged` makes a document of saved runs, `data`
finds the questions that they were asked, and `screen` writes.
"""

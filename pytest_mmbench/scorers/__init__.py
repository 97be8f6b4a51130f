"""Scorers: how an answer is read and judged.

Strict ones read what a text settles on and call the rest unparseable: `choice`, `yes_no`,
`open_answer`, `typed`. Published ones count as the authors or a harness do, quirks included, and
call the rest incorrect:

    MMStar        mmstar.PREFIX_CHOICE
    SEED-Bench    likelihood.MostLikely; seedbench.FIRST_CHARACTER for text
    MMMU          mmmu.MMMUChoice, mmmu.MMMUOpen
    MMBench       vlmevalkit.INFERRED_CHOICE
    ScienceQA     scienceqa.LLAVA_CHOICE
    AI2D          ai2d.FILTERED_LETTER
    MathVista     mathvista.NearestChoice, mathvista.TypedOpen
    MME           yes_no.OPENING_YES_NO

`choice_scorer.ChoiceScorer` makes a scorer of a function that reads a letter, and `mixed.Mixed`
joins a scorer of choices and one of open answers.
"""

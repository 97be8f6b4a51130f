"""Scorers: how an answer is read and judged.

Strict ones read what a text settles on and call the rest unparseable: `choice.StrictChoice`,
`open_answer.StrictOpen`, `mathvista.StrictTyped`, `yes_no.STRICT_YES_NO`, and `box_answer` with
`box_text.read_box` or `read_point`. Published ones count as
the authors or a harness do, quirks included, and call the rest incorrect:

    MMStar        choice_scorer.PREFIX_CHOICE
    SEED-Bench    likelihood.MostLikely; choice_scorer.FIRST_CHARACTER for text
    MMMU          mmmu.MMMUChoice, mmmu.MMMUOpen
    MMBench       choice_scorer.INFERRED_CHOICE
    ScienceQA     choice_scorer.LLAVA_CHOICE
    AI2D          choice_scorer.FILTERED_LETTER
    MathVista     mathvista.NearestChoice, mathvista.TypedOpen
    MME           yes_no.OPENING_YES_NO
    RefCOCO       box_answer.read_first_box
    ScreenSpot    box_answer.read_first_point

`choice_scorer.ChoiceScorer` makes a scorer of a function that reads a letter.
"""

"""Scorers: how an answer is read and judged.

Strict ones read what a text settles on and call the rest unreadable: `multiple_choice`, `yes_no`,
`short_answer`, `typed_answer`. Published ones count as the authors or a harness do, quirks
included, and call the rest wrong:

    MMStar        prefix.PrefixChoice
    SEED-Bench    likelihood.MostLikely; seedbench.FirstCharacter for text
    MMMU          mmmu_choice.MMMUChoice, mmmu_open.MMMUOpen
    MMBench       vlmevalkit.InferredChoice
    ScienceQA     scienceqa.LlavaChoice
    AI2D          ai2d.FilteredLetter
    MathVista     mathvista.NearestChoice, mathvista.TypedOpen
    MME           yes_no.OpeningYesNo
    MMIE          mmie.read_score, of what its judge says

`mixed.Mixed` joins a scorer of choices and one of open answers.
"""

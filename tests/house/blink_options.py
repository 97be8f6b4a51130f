"""The options of BLINK's tasks: its published files of answers lack them."""

from __future__ import annotations

IMAGES = ("the first image", "the second image", "the third image", "the fourth image")
POINTS = ("A", "B", "C", "D")
BLINK = {
    "Art_Style": IMAGES[1:3],
    "Counting": ("", "", "", ""),  # the options differ, and the files of answers lack them
    "Forensic_Detection": IMAGES,
    "Functional_Correspondence": POINTS,
    "IQ_Test": ("picture A", "picture B", "picture C", "picture D"),
    "Jigsaw": IMAGES[1:3],
    "Multi-view_Reasoning": ("left", "right"),
    "Object_Localization": ("Box A", "Box B"),
    "Relative_Depth": ("A is closer", "B is closer"),
    "Relative_Reflectance": ("A is darker", "B is darker", "About the same"),
    "Semantic_Correspondence": tuple(f"Point {letter}" for letter in POINTS),
    "Spatial_Relation": ("yes", "no"),
    "Visual_Correspondence": tuple(f"Point {letter}" for letter in POINTS),
    "Visual_Similarity": IMAGES[1:3],
}
"""Options that every question of a task has."""
BLINK["Functional_Correspondence"] = BLINK["Semantic_Correspondence"]

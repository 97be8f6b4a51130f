"""The gate of a candidate against the accepted model, on the same samples.

Two questions, because neither answers the other's. Overall: is the candidate worse by no more than
a margin, so that a fall which is spread over everything shows? Below: did one dimension fall, so
that a fall which the average hides shows?

How often it stops a candidate that is as good as the accepted model: the dimensions below the root,
of all levels of a benchmark, form one family of Holm's procedure, so that one of them fails with
probability alpha at most, for each benchmark. A family for each level would spend alpha at each
level: with 18 axes of 83 samples and 6 capabilities, such gates failed up to 8 % of harmless
candidates in simulation at alpha 0.05, and one family up to 4.4 %. Halving alpha for each of two
levels would do as well, and notice less. The root's own failure comes on top, and is rare: it takes
a fall by the margin and by the noise.
"""

from pytest_mmbench.regression.judging import RegressionVerdict, judge

__all__ = ["RegressionVerdict", "judge"]

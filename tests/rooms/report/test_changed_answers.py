from accepted_answers import LEAF, accepted, sheet

from pytest_mmbench.gates.flips import FlipKind as Fate
from pytest_mmbench.gates.snapshot import details, judge_snapshot
from pytest_mmbench.records import Sample
from pytest_mmbench.report.build import KINDS, snapshot_changes
from pytest_mmbench.report.document import AnswerChange
from pytest_mmbench.results.rows import SampleResult
from pytest_mmbench.results.run_file import SavedRun
from pytest_mmbench.results.snapshots import SnapshotAnswers


def sample(benchmark: str, id: str) -> Sample:
    return Sample(
        id=id, dimension=f"{benchmark}.d", question="How many?", options=(), target="three"
    )


def saying(now: SnapshotAnswers) -> SavedRun:
    """A run whose model says that."""
    rows = {
        id: SampleResult(sample=id, mark=each.mark, answer=each.answer, target="three", options=0)
        for id, each in now.answers.items()
    }
    return SavedRun(
        model="new",
        fingerprint="",
        tolerance=0.01,
        created="",
        facts={},
        trees={},
        tasks=(sheet(rows),),
    )


def test_a_report_lists_what_the_case_counts() -> None:
    """Also what is right in another way: whoever accepted `three` has not seen `3`."""
    held, now = accepted("threer twow threer"), accepted("3r threer twow")

    found = list(snapshot_changes({LEAF: held}, saying(now), sample))

    assert len(found) == len(judge_snapshot(held, now).changed)
    assert {each.sample: each.kind for each in found} == {
        "s0": AnswerChange.BOTH_RIGHT,
        "s1": AnswerChange.FIXED,
        "s2": AnswerChange.REGRESSED,
    }


def test_every_change_has_a_name_in_reports() -> None:
    """None is left out for want of a word."""
    assert KINDS.keys() == set(Fate)


def test_a_case_beside_a_baseline_says_where_its_changes_are_listed() -> None:
    """The report of such a run lists what changed since the baseline."""
    found = judge_snapshot(accepted("Ar"), accepted("Bw"))

    assert "  see all       add --mm-html=FILE, and name no baseline" in details(
        found, baseline="old"
    )

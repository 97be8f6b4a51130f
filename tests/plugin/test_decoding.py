"""`[decoding]` and `[benchmarks.NAME.decoding]`: what is set is asked, shown and compared."""

import json
from typing import Any

import pytest

GENERATE = 'method = "generate"\n'
DECODING = '[decoding]\nmax-new-tokens = 700\nsystem = "Be brief."\nstop = ["###"]\n'
TOLD = 'max-new-tokens=700, system="Be brief.", stop=["###"]'
RECORDING = """
import json
from pathlib import Path
import pytest
from pytest_mmbench.models.scripted import ScriptedModel

class Recording(ScriptedModel):
    def generate(self, requests):
        with Path("requests.txt").open("a") as file:
            for each in requests:
                asked = each.new_tokens, each.stop, each.thinking, each.prompt.turns[0].parts[0]
                print(asked, file=file)
        return super().generate(requests)

@pytest.fixture(scope="session")
def mm_model():
    return Recording(json.loads(Path("answers.json").read_text())["answers"], name="recording")
"""
ONE_LEAF = ("-k", "addition")


def report(project: Any) -> Any:
    return json.loads((project.path / "report.json").read_text(encoding="utf-8"))


def test_what_is_set_is_asked_and_shown(project: Any) -> None:
    """In the requests, the header, the line of the method and every form of the report."""
    project.settings(GENERATE + DECODING)
    project.write(conftest=RECORDING)
    forms = ("--mm-json=report.json", "--mm-markdown=report.md", "--mm-html=report.html")
    result = project.run(project.model(), *ONE_LEAF, *forms)

    assert result.ret == 0
    asked = {*(project.path / "requests.txt").read_text().splitlines()}
    assert asked == {"(700, ('###',), None, 'Be brief.')"}
    result.stdout.fnmatch_lines(
        [
            f"mmbench: model * generate, strict scoring, {TOLD.replace('[', '[[]')}), *",
            f"*method generate, strict scoring, {TOLD.replace('[', '[[]')}",
        ]
    )
    assert report(project)["benchmarks"][0]["decoding"] == TOLD
    assert "max-new-tokens=700" in (project.path / "report.md").read_text(encoding="utf-8")
    assert "max-new-tokens=700" in (project.path / "report.html").read_text(encoding="utf-8")


def test_answers_of_the_benchmarks_own_limit_are_not_asked_again(project: Any) -> None:
    """Only what is other than its own makes another request."""
    project.settings(GENERATE)
    model = project.model()
    for more, cached in (
        ("", False),
        ("[decoding]\nmax-new-tokens = 32\n", True),
        ("[decoding]\nmax-new-tokens = 33\n", False),
        ('[decoding]\nsystem = "Be brief."\n', False),
    ):
        project.settings(GENERATE + more)
        result = project.run(model, *ONE_LEAF)
        assert ("no new answers" in result.stdout.str()) == cached, more


def test_a_baseline_of_other_decoding_is_refused(project: Any) -> None:
    """With both: an answer of more tokens is another answer."""
    project.settings(GENERATE)
    model = project.model()
    assert project.run(model).ret == 0
    (project.path / "mm_baselines").mkdir()
    last = project.path / ".mmbench" / "last-run.json"
    (project.path / "mm_baselines" / "old.json").write_bytes(last.read_bytes())
    project.settings(GENERATE + "[decoding]\nmax-new-tokens = 700\n")
    result = project.run(model, "--mm-baseline=old")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "*the baseline scripted:answers.json was not asked the same shapes.",
            "*then * shapes image (generate, strict scoring)",
            "*now * shapes image max-new-tokens=700 (generate, strict scoring)",
        ]
    )


def test_a_limit_of_tokens_is_refused_where_options_are_ranked(project: Any) -> None:
    """Exit code 4, with the key: nothing is generated that it could hold for."""
    for table in ("decoding", "benchmarks.shapes.decoding"):
        project.file("mmbench.toml", f"[{table}]\nmax-new-tokens = 700\n")
        result = project.run("--mm-model=scripted:first")

        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(
            [
                "*max-new-tokens is for generated text, and method 'rank' generates none.",
                f"*asked for by   mmbench.toml [[]{table}] max-new-tokens = 700",
            ]
        )


def cut(project: Any, *ids: str, text: str) -> str:
    """The option that names a model of whose texts some are cut."""
    option: str = project.model(dict.fromkeys(ids, text))
    script = json.loads((project.path / "answers.json").read_text())
    project.file("answers.json", json.dumps({**script, "cut-short": list(ids)}))
    return option


ADDITION = "shapes.math.addition"


def test_cut_answers_are_counted(project: Any) -> None:
    """In the note, the table and the JSON report; one that is unparseable is no wrong answer."""
    project.settings(GENERATE)
    first, _ = project.ids(ADDITION)
    model = cut(project, first, text="<think>It is B, as")
    result = project.run(model, *ONE_LEAF, "--mm-json=report.json", "--mm-markdown=report.md")

    note = "shapes: 1 of 2 answers (0.500) were cut short at the limit of tokens, "
    result.stdout.fnmatch_lines(["*cut short*", f"*{ADDITION} *0.500*", f"{note}1 of them unp*"])
    (score,) = report(project)["models"][0]["scores"]
    counts = (score["correct"], score["total"], score["unparseable"], score["cut_short"])
    assert counts == (1, 2, 1, 1)
    assert note in (project.path / "report.md").read_text(encoding="utf-8")


def test_whose_answers_were_cut(project: Any) -> None:
    """The notes of a baseline begin with its name."""
    project.settings(GENERATE)
    model = cut(project, project.ids(ADDITION)[0], text="<think>It is B, as")
    result = project.run(model, *ONE_LEAF, f"--mm-baseline={model.partition('=')[2]}")

    note = "shapes: 1 of 2 answers (0.500) were cut short at the limit of tokens, *"
    result.stdout.fnmatch_lines([note, f"scripted:*answers.json: {note}"])


def test_too_many_unparseable_ones_say_how_many_were_cut(project: Any) -> None:
    """An error, as ever, which now says that more tokens would help."""
    project.settings(GENERATE, shapes__math__addition="0.5")
    model = cut(project, *project.ids(ADDITION), text="<think>It is B, as")
    result = project.run(model, *ONE_LEAF)

    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [f"*{ADDITION} cannot be judged: 2 of 2 * unparseable, *; 2 of 2 answers were cut short*"]
    )


@pytest.mark.parametrize("limit", ["", "cut-short = 0.4"])
def test_cut_answers_have_a_limit_of_their_own(project: Any, limit: str) -> None:
    """Where it is set: what was read of them still counts for the score otherwise."""
    project.settings(f"{GENERATE}[gate]\n{limit}\n", shapes__math__addition="0.5")
    first, _ = project.ids(ADDITION)
    right = project.shapes.sample(first).target
    model = cut(project, first, text=f"{right}. This is because the")
    result = project.run(model, *ONE_LEAF)

    assert (result.ret == 0) != bool(limit)
    if limit:
        result.stdout.fnmatch_lines(
            [
                f"*{ADDITION} cannot be judged: 1 of 2 answers were cut short, at most 0 (0.4) *",
                f"*{first}*This is because the*",
            ]
        )


FAMILIES = [
    ("<think>", "</think>"),
    ("[THINK]", "[/THINK]"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    ("<seed:think>", "</seed:think>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("<|channel>thought\n", "<channel|>"),
    ("<unused94>thought\n", "<unused95>"),
    ("", "</think>"),
    ("<plan>", "</plan>"),
]
"""The last one is a team's own."""


def test_thoughts_of_all_families_are_graded_by_nobody(project: Any) -> None:
    """A model that thinks of the wrong option and says the right one is right.

    One whose thoughts have no end has said nothing; those that were cut are counted as cut.
    """
    marks = GENERATE + '[decoding]\nthoughts = ["<plan>", "</plan>"]\n'
    ids = [id for leaf in project.shapes.dimensions()[0].leaves for id in project.shapes.ids(leaf)]
    wrong = project.wrong("shapes")
    said, unsaid = {}, {}
    for at, id in enumerate(ids):
        begin, end = FAMILIES[at % len(FAMILIES)]
        thought = f"{begin or '<think>'}The answer is {project.shapes.sample(id).target}. Or"
        said[id] = f"{begin}The answer is {wrong[id]}.{end}{project.shapes.sample(id).target}"
        unsaid[id] = thought
    project.settings(f"{marks}[gate]\nunreadable = 1\n")
    project.run(project.model(said), "--mm-json=report.json")
    root = report(project)["models"][0]["scores"][0]
    assert (root["correct"], root["total"], root["unparseable"]) == (36, 36, 0)

    model = cut(project, *ids[:9], text="")
    script = json.loads((project.path / "answers.json").read_text())
    project.file("answers.json", json.dumps({**script, "answers": unsaid}))
    project.run(model, "--mm-json=report.json")
    root = report(project)["models"][0]["scores"][0]
    assert (root["correct"], root["unparseable"], root["cut_short"]) == (0, 36, 9)

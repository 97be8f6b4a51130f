from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_mmbench import registry
from pytest_mmbench.errors import (
    CheckpointError,
    DataError,
    MMBenchError,
    MMBenchWarning,
    SettingsError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A folder for packages with entry points, each in a folder of its own on the path.

    What one folder offers is read once.
    """

    folder: Path
    path: pytest.MonkeyPatch

    def install(
        self,
        package: str,
        code: str,
        *,
        benchmarks: str = "",
        models: str = "",
        conditions: str = "",
        old_conditions: str = "",
    ) -> None:
        """A distribution of one module, `acme-bench` for one, that offers what is listed."""
        home = self.folder / package
        home.mkdir()
        (home / f"{package.replace('-', '_')}.py").write_text(code)
        facts = home / f"{package.replace('-', '_')}-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (facts / "entry_points.txt").write_text(
            f"[pytest_mmbench.benchmarks]\n{benchmarks}\n[pytest_mmbench.models]\n{models}\n"
            f"[pytest_mmbench.conditions]\n{conditions}\n"
            f"[pytest_mmbench.ablations]\n{old_conditions}\n"
        )
        self.path.syspath_prepend(home)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An empty folder; what is imported from its packages is forgotten again."""
    for name in ("acme_bench", "acme_eyes", "acme_vlm", "zeta_bench"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return Site(folder=tmp_path, path=monkeypatch)


def lines(error: pytest.ExceptionInfo[MMBenchError]) -> list[str]:
    return str(error.value).splitlines()


def test_the_built_in_benchmark_is_registered() -> None:
    """Without any other package there is `shapes`."""
    assert "shapes" in registry.benchmark_names()


def test_a_benchmark_of_another_package(site: Site) -> None:
    """An entry point adds a name; its loader is given the options as they are."""
    site.install(
        "acme-bench",
        "def load(options):\n    return ('acme', options)\n",
        benchmarks="acme = acme_bench:load",
    )

    assert "acme" in registry.benchmark_names()
    loaded: object = registry.benchmark("acme", {"data": "here"})
    assert loaded == ("acme", {"data": "here"})


def test_a_package_may_have_the_name_of_a_recipe(site: Site) -> None:
    """It was free before there was a recipe, and whoever installed the package means it."""
    site.install(
        "acme-bench",
        "def load(options):\n    return ('acme', options)\n",
        benchmarks="pope = acme_bench:load",
    )

    loaded: object = registry.benchmark("pope", {"data": "here"})
    assert loaded == ("acme", {"data": "here"})


def test_a_model_of_another_package(site: Site) -> None:
    """An entry point adds a prefix; its loader is given the whole spec and how to load it."""
    site.install(
        "acme-vlm",
        "class Vlm:\n    @classmethod\n    def load(cls, spec, **how): return spec, how\n",
        models="acme = acme_vlm:Vlm.load",
    )

    loaded: object = registry.model("acme:vlm-3", device="cpu")
    assert loaded == ("acme:vlm-3", {"device": "cpu"})


def test_a_condition_of_another_package(site: Site) -> None:
    """An entry point adds a name, and its function is the condition."""
    site.install(
        "acme-eyes",
        "def sepia(samples, *, seed):\n    return [*samples, seed]\n",
        conditions="sepia = acme_eyes:sepia",
    )

    assert "sepia" in registry.condition_names()
    changed: list[object] = [*registry.condition("sepia", "")([], seed=7)]
    assert changed == [7]


def test_a_numbered_condition_of_another_package(site: Site) -> None:
    """A name that ends in -N offers a function that makes a condition of the number."""
    site.install(
        "acme-eyes",
        "def zoom(by):\n    return lambda samples, *, seed: [by, seed]\n",
        conditions="zoom-N = acme_eyes:zoom\nzoom-3 = acme_eyes:no_such_thing",
    )

    changed: list[object] = [*registry.condition("zoom-12", "")([], seed=7)]
    assert changed == [12, 7]
    with pytest.raises(DataError, match="zoom-3 needs acme_eyes, which cannot be loaded"):
        registry.condition("zoom-3", "condition zoom-3")


def test_a_condition_in_the_group_of_earlier_releases(site: Site) -> None:
    """Entry points of `pytest_mmbench.ablations` count too; the same one in both counts once."""
    site.install(
        "acme-eyes",
        "def sepia(samples, *, seed):\n    return [*samples, seed]\nzoom = sepia\n",
        conditions="sepia = acme_eyes:sepia",
        old_conditions="sepia = acme_eyes:sepia\nzoom = acme_eyes:zoom",
    )

    assert {"sepia", "zoom"} <= set(registry.condition_names())
    sepia = registry.condition("sepia", "")
    with pytest.warns(MMBenchWarning, match=r"'zoom' in the group pytest_mmbench\.ablations"):
        zoom = registry.condition("zoom", "")
    changed: list[list[object]] = [[*sepia([], seed=7)], [*zoom([], seed=7)]]
    assert changed == [[7], [7]]


def test_a_name_of_a_condition_that_differs_between_the_groups(site: Site) -> None:
    """Neither group wins over the other."""
    site.install(
        "acme-eyes",
        "",
        conditions="sepia = acme_eyes:sepia",
        old_conditions="sepia = acme_eyes:other",
    )
    with pytest.raises(SettingsError, match="'sepia' is claimed by several packages"):
        registry.condition("sepia", "condition sepia")


def test_a_name_of_a_condition_that_two_packages_claim(site: Site) -> None:
    """A built-in condition cannot be taken over."""
    site.install("acme-eyes", "", conditions="grey = acme_eyes:grey")
    with pytest.raises(SettingsError, match="'grey' is claimed by several packages"):
        registry.condition("grey", "condition grey")


def test_names_are_listed_without_loading_anything(site: Site) -> None:
    """A package that cannot even be imported does not disturb those who do not ask for it."""
    site.install("acme-bench", "raise SystemExit('imported')", benchmarks="acme = acme_bench:load")

    assert "acme" in registry.benchmark_names()
    assert "acme_bench" not in sys.modules


def test_an_unknown_benchmark() -> None:
    """The nearest name is given, and all of them."""
    with pytest.raises(SettingsError) as caught:
        registry.benchmark("shape", {})

    assert lines(caught)[0] == "mmbench: benchmark 'shape' is not registered."
    assert "  did you mean   'shapes'?" in lines(caught)


def test_a_file_of_questions_may_have_any_name(tmp_path: Path, site: Site) -> None:
    """Unless it is registered: then what was registered decides about its options."""
    path = tmp_path / "q.json"
    path.write_text('[{"id": 1, "question": "?", "answer": "yes"}]', encoding="utf-8")
    table = {"questions": str(path), "answer": "yes-no", "columns": {"pictures": []}}

    assert registry.benchmark("acme", table).ids("acme") == ["1"]

    site.install(
        "acme-bench", "def load(options): return [options]", benchmarks="acme = acme_bench:load"
    )
    loaded: object = registry.benchmark("acme", table)
    assert loaded == [table]


def test_an_unknown_prefix() -> None:
    """What looks like a prefix and is none is not taken for a folder."""
    with pytest.raises(SettingsError) as caught:
        registry.model("scriptd:first")

    assert lines(caught) == [
        "mmbench: no model has the prefix 'scriptd:'.",
        "  asked for by   model scriptd:first",
        "  did you mean   'scripted:'?",
        "  prefixes       scripted:",
        "  otherwise      a local folder or a hub id is written without a prefix",
        f"  supported      {registry.SUPPORTED}",
    ]


@pytest.mark.parametrize(
    ("spec", "close"),
    [
        ("http://localhost:8000/v1", None),
        ("HTTPS://api.acme.example/v1", None),
        ("grpc://host:1", None),
        ("s3://bucket/vlm", None),
        ("https://huggingface.co/acme/vlm-3", "acme/vlm-3"),
        ("https://hf.co/acme/vlm-3/tree/main", "acme/vlm-3"),
        ("file:///models/vlm", "/models/vlm"),
    ],
)
def test_a_url_is_told_what_is_supported(spec: str, close: str | None) -> None:
    """Nobody who has a server in mind looks for a prefix."""
    with pytest.raises(SettingsError, match="is a URL; models behind a server") as caught:
        registry.check_model_name(spec)

    assert caught.value.facts["supported"] == registry.SUPPORTED
    assert caught.value.facts.get("did you mean") == (f"{close!r}?" if close else None)


@pytest.mark.parametrize("spec", ["checkpoints/new", "acme/vlm-3", "C:\\checkpoints\\new", "new"])
def test_everything_else_is_a_checkpoint(spec: str) -> None:
    """Folders, drives of Windows and hub ids are loaded as local models."""
    registration = registry._model_registration(spec, "")

    assert registration.target == "pytest_mmbench.models.local:load"


def test_a_folder_may_have_a_colon_in_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is there wins over a prefix that is not."""
    monkeypatch.setattr(Path, "exists", lambda path: str(path) == "run:7")

    assert registry._model_registration("run:7", "").target == "pytest_mmbench.models.local:load"


def test_the_scripted_model_is_loaded_by_its_prefix() -> None:
    """`scripted:first` is there in every installation, and ignores devices."""
    model = registry.model("scripted:first", device="cpu", batch_size=4)

    assert model.name == "scripted:first"


def test_a_name_that_two_packages_claim(site: Site) -> None:
    """Neither wins by accident; a built-in name cannot be taken over."""
    site.install("acme-bench", "", benchmarks="shapes = acme_bench:load")
    with pytest.raises(SettingsError) as caught:
        registry.benchmark("shapes", {})

    assert lines(caught) == [
        "mmbench: 'shapes' is claimed by several packages.",
        "  asked for by   benchmark shapes",
        "  claimed by     acme-bench, pytest-mmbench",
        "  what to do     uninstall all but one",
    ]


def test_a_package_that_is_there_twice_is_no_conflict(site: Site) -> None:
    """The same target under the same name is the same thing."""
    site.install("acme-bench", "load = dict", benchmarks="acme = acme_bench:load")
    site.install("zeta-bench", "", benchmarks="acme = acme_bench:load")

    loaded: object = registry.benchmark("acme", {"a": 1})
    assert loaded == {"a": 1}


def test_a_missing_library_of_a_model(site: Site) -> None:
    """The error names the library and the command that installs it."""
    site.install("acme-vlm", "import no_such_library.deep\n", models="acme = acme_vlm:load")
    with pytest.raises(CheckpointError) as caught:
        registry.model("acme:3")

    assert lines(caught) == [
        "mmbench: model acme:3 needs no_such_library, which cannot be loaded.",
        "  offered by   acme-vlm",
        "  reason       No module named 'no_such_library'",
        "  what to do   pip install --upgrade no_such_library",
    ]


def test_a_missing_library_of_a_benchmark(site: Site) -> None:
    """For a benchmark it is its data that cannot be read; pip's name for the library is known."""
    code = "raise ModuleNotFoundError(\"No module named 'PIL'\", name='PIL')"
    site.install("acme-bench", code, benchmarks="acme = acme_bench:load")
    with pytest.raises(DataError) as caught:
        registry.benchmark("acme", {})

    assert lines(caught)[0] == "mmbench: benchmark acme needs PIL, which cannot be loaded."
    assert lines(caught)[-1] == "  what to do   pip install --upgrade pillow"


def test_what_transformers_says_of_a_missing_library_is_understood(site: Site) -> None:
    """Its errors carry no module name, only a sentence; that sentence may come while loading."""
    site.install(
        "acme-vlm",
        "def load(spec):\n"
        "    raise ImportError('\\nAcmeProcessor requires the PIL library but it was not found in "
        "your environment. You can install it with pip: ...' + 50 * 'and so on ')\n",
        models="acme = acme_vlm:load",
    )
    with pytest.raises(CheckpointError) as caught:
        registry.model("acme:3")

    assert lines(caught)[0] == "mmbench: model acme:3 needs PIL, which cannot be loaded."
    assert lines(caught)[-1] == "  what to do   pip install --upgrade pillow"
    assert max(map(len, lines(caught))) < 240


def test_an_entry_point_that_leads_nowhere(site: Site) -> None:
    """A package whose entry point is wrong is repaired, or its author is told."""
    site.install("acme-vlm", "", models="acme = acme_vlm:load")
    with pytest.raises(CheckpointError) as caught:
        registry.model("acme:3")

    assert lines(caught) == [
        "mmbench: model acme:3 needs acme_vlm, which cannot be loaded.",
        "  offered by   acme-vlm",
        "  reason       module 'acme_vlm' has no attribute 'load'",
        "  what to do   pip install --upgrade acme-vlm",
    ]


def test_a_fault_of_this_package_is_not_dressed_up(site: Site) -> None:
    """A module of our own that is missing is a bug, and keeps its traceback."""
    site.install("acme-vlm", "import pytest_mmbench.attic", models="acme = acme_vlm:load")

    with pytest.raises(ModuleNotFoundError, match="attic"):
        registry.model("acme:3")


def test_the_registry_loads_nothing_by_itself() -> None:
    """Names are known before anything heavy is."""
    code = (
        "import sys; from pytest_mmbench import registry; registry.benchmark_names(); "
        "registry.condition_names(); "
        "print(*sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(shown.stdout.split())

    assert loaded & {"torch", "transformers", "PIL", "numpy", "pytest_mmbench.models"} == set()
    assert not loaded & {"pytest_mmbench.benchmarks", "pytest_mmbench.conditions"}

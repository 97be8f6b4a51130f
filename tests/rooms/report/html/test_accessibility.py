"""The HTML report in a browser: whether everybody can read it."""

import pytest
from browser import Page

pytestmark = pytest.mark.browser

LEAST = 4.5
"""Contrast of text that WCAG 2.2 asks for at level AA (success criterion 1.4.3)."""

CONTRASTS = """
(() => {
  const pen = Object.assign(document.createElement('canvas'), {width: 1, height: 1})
    .getContext('2d', {willReadFrequently: true});
  const mix = (colour, below) => {
    for (const each of [`rgb(${below})`, colour]) {
      pen.fillStyle = each;
      pen.fillRect(0, 0, 1, 1);
    }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const parts = rgb.map((each) => each / 255)
      .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (element) => {
    const below = element.parentElement ? ground(element.parentElement) : [255, 255, 255];
    return mix(getComputedStyle(element).backgroundColor, below);
  };
  const contrasts = {};
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest('script, style, .unseen, option, :disabled')) continue;
    const back = ground(element);
    const style = getComputedStyle(element);
    const ink = element.closest('svg') ? style.fill : style.color;
    const [dark, bright] = [mix(ink, back), back].map(light).sort((a, b) => a - b);
    const name = `${element.localName}.${element.className.baseVal ?? element.className}`;
    contrasts[name] = Math.min(contrasts[name] ?? 21, (bright + 0.05) / (dark + 0.05));
  }
  return contrasts;
})()
"""
OPEN = "document.querySelectorAll('details').forEach((each) => { each.open = true })"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast(opened: Page, theme: str) -> None:
    """Every text stands out from its ground, by day and by night."""
    opened.prefer(prefers_color_scheme=theme)
    opened.run(OPEN)
    opened.run("document.querySelector('#filters [name=kind]').click()")

    contrasts = opened.run(CONTRASTS)

    assert len(contrasts) > 25
    assert {name: ratio for name, ratio in contrasts.items() if ratio < LEAST} == {}


def test_the_theme_can_be_chosen(opened: Page) -> None:
    """Day or night as the system has it, or as the button says; a reload keeps it."""
    paper = "getComputedStyle(document.body).backgroundColor"
    day = opened.run(paper)
    opened.prefer(prefers_color_scheme="dark")
    night = opened.run(paper)
    button = "document.getElementById('theme')"

    opened.run(f"{button}.click()")
    assert (opened.run(f"{button}.textContent"), opened.run(paper)) == ("Theme: light", day)
    opened.run(f"{button}.click()")
    opened.prefer(prefers_color_scheme="light")
    opened.reload()
    assert (opened.run(f"{button}.textContent"), opened.run(paper)) == ("Theme: dark", night)
    opened.run(f"{button}.click()")
    assert opened.run(f"{button}.textContent") == "Theme: auto"
    assert day != night


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_sticks_out(opened: Page, width: int) -> None:
    """A page is as wide as its window, down to a small phone; wide tables scroll by themselves."""
    opened.size(width, 740)
    opened.reload()
    opened.run(OPEN)

    assert opened.run("document.documentElement.scrollWidth") == width


def test_everything_has_a_name(opened: Page) -> None:
    """Every control says what it is, every table has its headings, every picture its text."""
    silent = opened.run(
        "[...document.querySelectorAll('button, a, summary, input, select')]"
        ".filter((each) => !(each.textContent.trim() || each.labels?.length)).length"
    )
    bare = opened.run("[...document.querySelectorAll('th')].filter((each) => !each.scope).length")

    assert (silent, bare) == (0, 0)
    assert opened.run("[...document.images].every((each) => each.alt)")
    assert opened.run("document.documentElement.lang") == "en"


def test_no_colour_is_alone(opened: Page) -> None:
    """Each outcome and each kind of change has a word and a shape of its own."""
    chips = opened.run(
        "[...document.querySelectorAll('.chip')].map((each) => "
        "[each.textContent.trim(), each.querySelector('use').getAttribute('href')].join())"
    )

    shapes = {word: shape for word, _, shape in (each.partition(",") for each in set(chips))}
    assert {"pass", "fail", "regressed"} <= shapes.keys()
    assert len(set(chips)) == len(shapes) == len(set(shapes.values()))


def test_on_paper(opened: Page) -> None:
    """What can be clicked is not printed; reasons and tables are."""
    opened.call("Emulation.setEmulatedMedia", media="print")
    seen = "document.querySelector('{}').checkVisibility()"

    shown = [opened.run(seen.format(each)) for each in (".reasons", ".heat", ".plot", ".card")]
    hidden = [opened.run(seen.format(each)) for each in (".top", "#filters", ".turn", ".tools")]
    opened.call("Emulation.setEmulatedMedia", media="")

    assert shown == [True] * 4
    assert hidden == [False] * 4


def test_without_its_script(opened: Page) -> None:
    """Verdict, tables and plots are there, and a note says where the answers are."""
    opened.call("Emulation.setScriptExecutionDisabled", value=True)
    opened.reload()
    text = opened.run("document.body.innerText")
    opened.call("Emulation.setScriptExecutionDisabled", value=False)

    assert "DO NOT SHIP" in text
    assert "counting" in text
    assert "need JavaScript" in text
    assert "Unfold all" not in text


def test_less_motion(opened: Page) -> None:
    """Who wants less motion gets none."""
    opened.prefer(prefers_reduced_motion="reduce")

    assert opened.run("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    turning = "getComputedStyle(document.querySelector('.fold'), '::before').transitionDuration"
    assert opened.run(turning) == "0s"

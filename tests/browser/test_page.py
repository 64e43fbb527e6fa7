"""A saved page: it asks for nothing, hostile tokens stay text, hands and keys reach every view, the page's own style none."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hostile import HOSTILE, all_results, hostile_run
from playwright.sync_api import Locator, expect

import ecco
from browser.conftest import Stage
from browser.look import FOCUS, HOSTS, colors, css, document, examples, focused, hostile, items, mounted, not_mounted, overflow
from ecco.render.assets import palette
from ecco.render.color import diverging, magnitude
from ecco.render.page import figure_html, page_html

# The only elements that a figure is made of.
ELEMENTS = set("style div span b bdi canvas table thead tbody tfoot tr th td button input svg g path line circle text".split())
HARMLESS = {"class", "style", "role", "title", "dir", "tabindex", "scope", "data-theme", "data-sign", "width", "height"}
HARMLESS |= set("type d x y x1 x2 y1 y2 cx cy r viewBox preserveAspectRatio text-anchor stroke-dasharray".split())
HARMLESS |= {"hidden", "disabled", "placeholder", "maxlength"}
# How many hostile tokens the figures of a view hold at least; 15 where nothing is said.
FEWEST = {"heatmap": 2, "rankings": 3, "faithfulness": 1, "lens": 10, "probe": 0}
# Its cells hold the beginnings of words.
CLIPPED = {"lens"}

AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .filter(({impact}) => impact === 'serious' || impact === 'critical')
    .flatMap(({id, nodes}) => nodes.map(node => `${id}: ${node.target.join(' ')} ${node.html.slice(0, 200)}`))"""

STYLES = """figure => JSON.stringify([figure.parentNode, ...figure.parentNode.querySelectorAll('*')].map(element => {
    const style = getComputedStyle(element), names = [...style].filter(name => !name.startsWith('--'));
    return [element.tagName, ...names.map(name => `${name}: ${style.getPropertyValue(name)}`)];
}))"""

HOSTILE_CSS = """<style>
:root { --ink: red; --paper: red; --accent: red; --size: 99px; direction: rtl }
* { color: red !important; font-size: 40px !important; line-height: 3 !important; letter-spacing: 9px !important;
    font-family: serif !important; text-transform: uppercase !important; text-align: right !important; cursor: wait !important;
    --ink: red !important; --size: 99px !important; white-space: nowrap !important; font-weight: 900 !important;
    word-spacing: 2em !important; text-indent: 30px !important; font-style: italic !important; user-select: none !important }
svg rect { fill: red !important }
span, b, bdi, table, th, td { background: yellow !important; border: 5px solid !important; display: block !important }
div { padding: 31px !important; background: yellow !important; border: 5px solid !important; opacity: .3 !important;
    box-shadow: 0 0 9px red !important; visibility: hidden !important }
body > div { columns: 2 !important }
</style>"""


def saved(payloads: dict[str, dict[str, Any]]) -> str:
    """A page as `save_page` writes it."""
    return page_html(list(payloads.values()), title="Figures")


def shading(payload: dict[str, Any], row: int) -> list[str]:
    """The colours that the tokens before an explained one must have."""
    scores = payload["scores"][row]
    extent = max(map(abs, scores))
    scale = diverging if payload["signed"] else magnitude
    return [css(scale(score / extent)) for score in scores]


def token(figure: Locator, index: int) -> Locator:
    """An item of a figure."""
    return items(figure).nth(index)


# -- what is drawn -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", all_results(hostile_run()))
def test_a_saved_result_is_drawn_from_disk_and_asks_for_nothing(stage: Stage, tmp_path: Path, name: str) -> None:
    path = all_results(hostile_run())[name].save(tmp_path / "x.html")
    page = stage.page()
    page.on("request", lambda request: stage.requests.append(request.url))
    page.goto(path.as_uri())
    figure = mounted(page, 1)
    expect(figure).to_be_visible()
    assert items(figure).count() >= 1
    assert stage.requests.pop(0) == path.as_uri()


def test_every_figure_of_a_page_is_drawn_though_only_one_carries_the_runtime(stage: Stage, tmp_path: Path) -> None:
    results = all_results(hostile_run())
    path = ecco.save_page(tmp_path / "x.html", *results.values(), title="All")
    page = stage.show(path.read_text(encoding="utf-8"))
    figures = mounted(page, len(results))
    for figure, result in zip(figures.all(), results.values(), strict=True):
        expect(figure).to_have_accessible_name(result.to_payload()["title"])
        expect(figure).to_contain_text(result.to_payload()["subtitle"])
    assert page.title() == "All"


def test_hostile_tokens_make_no_element_and_run_nothing(stage: Stage) -> None:
    page = stage.show(saved(hostile()))
    for figure in mounted(page, len(hostile())).all():
        items(figure).evaluate_all(
            "items => items.forEach(e => e.dispatchEvent(new PointerEvent('pointerover', {bubbles: true})))"
        )
        found = figure.evaluate("""figure => [...figure.getRootNode().querySelectorAll('*')].flatMap(
            e => [[e.localName, null], ...[...e.attributes].map(a => [e.localName, a.name])])""")
        assert {element for element, _ in found} <= ELEMENTS
        assert {a for _, a in found if a and not a.startswith("aria-")} <= HARMLESS
    assert page.evaluate("() => [typeof window.stolen, document.querySelectorAll('img').length]") == ["undefined", 0]


def test_hostile_tokens_are_text_that_can_be_read(stage: Stage) -> None:
    page = stage.show(saved(hostile()))
    for payload, figure in zip(hostile().values(), mounted(page, len(hostile())).all(), strict=True):
        text = figure.text_content() or ""
        words = [w for w in HOSTILE if w.isascii() and w.isprintable() and json.dumps(w)[1:-1] in json.dumps(payload)]
        assert len(words) >= FEWEST.get(payload["view"], 15)
        for word in words:
            assert word.strip() in text or payload["view"] in CLIPPED, word


@pytest.mark.parametrize("name", ["tokens", "attribution minimal"])
def test_running_text_holds_exactly_the_text_of_the_tokens(stage: Stage, name: str) -> None:
    payload = hostile()[f"hostile {name}"]
    page = stage.show(saved({name: payload}))
    shown = [item.text_content() for item in items(mounted(page, 1)).all()]
    assert shown == [t["text"] for t in payload["tokens"]]


def test_the_same_figure_twice_on_a_page_is_drawn_twice(stage: Stage) -> None:
    html = figure_html(examples()["attribution minimal"])
    page = stage.show(document(html, html))
    first, second = mounted(page, 2).all()
    token(first, 25).hover()
    payload = examples()["attribution minimal"]
    assert colors(first)[:23] == shading(payload, 2)[:23]
    assert colors(second)[:23] == shading(payload, 0)[:23]


def test_a_text_of_two_thousand_tokens_is_drawn_and_recolours(stage: Stage) -> None:
    count, first = 2_000, 1_990
    words = [{"text": f" word{i}", "id": i} for i in range(count)]
    targets = list(range(first, count))
    scores = [[((i * (row + 3)) % 97) / 97 for i in range(target)] for row, target in enumerate(targets)]
    payload = examples()["attribution minimal"] | {
        "tokens": words,
        "n_input": first,
        "targets": targets,
        "seen": targets,
        "explained": [words[target] for target in targets],
        "scores": scores,
        "unit": "raw",
    }
    page = stage.show(saved({"long": payload}))
    figure = mounted(page, 1)
    assert items(figure).count() == count
    assert colors(figure)[:first] == shading(payload, 0)[:first]
    token(figure, count - 1).hover()
    assert colors(figure)[:first] == shading(payload, count - 1 - first)[:first]
    assert overflow(page) <= 0


# -- hands -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["minimal", "signed"])
def test_the_colours_are_those_of_the_explained_token_that_is_pointed_at(stage: Stage, name: str) -> None:
    payload = examples()[f"attribution {name}"]
    page = stage.show(saved({name: payload}))
    figure = mounted(page, 1)
    assert colors(figure)[:23] == shading(payload, 0)[:23]
    for row in (9, 4):
        token(figure, payload["targets"][row]).hover()
        assert colors(figure)[:23] == shading(payload, row)[:23]
    page.mouse.move(2, 2)
    assert colors(figure)[:23] == shading(payload, 0)[:23]


def test_the_numbers_are_those_of_the_explained_token_that_is_pointed_at(stage: Stage) -> None:
    payload = examples()["attribution detailed"]
    page = stage.show(saved({"detailed": payload}))
    figure = mounted(page, 1)
    for row in (0, 7):
        token(figure, payload["targets"][row]).hover()
        shown = [float(text.split()[-1].rstrip("%")) for text in items(figure).all_inner_texts()[:23]]
        assert shown == pytest.approx([100 * score for score in payload["scores"][row][:23]], abs=0.051)


def test_a_click_holds_an_explained_token_and_another_click_releases_it(stage: Stage) -> None:
    payload = examples()["attribution minimal"]
    page = stage.show(saved({"minimal": payload}))
    figure = mounted(page, 1)
    token(figure, 28).click()
    expect(token(figure, 28)).to_have_attribute("aria-selected", "true")
    token(figure, 31).hover()
    assert colors(figure)[:23] == shading(payload, 5)[:23]
    token(figure, 28).click()
    expect(token(figure, 28)).to_have_attribute("aria-selected", "false")
    token(figure, 31).hover()
    assert colors(figure)[:23] == shading(payload, 8)[:23]


@pytest.mark.parametrize("width", [420, 980])
def test_no_figure_changes_its_size_under_the_pointer(stage: Stage, width: int) -> None:
    page = stage.show(saved(examples()), width=width)
    for name, figure in zip(examples(), mounted(page, len(examples())).all(), strict=True):
        size = figure.evaluate("figure => [figure.offsetWidth, figure.offsetHeight]")
        places = figure.evaluate(PLACES)
        last = items(figure).count() - 1
        for index in (last, last // 2, 0):
            token(figure, index).hover()
            assert figure.evaluate("figure => [figure.offsetWidth, figure.offsetHeight]") == size, (name, index)
            assert figure.evaluate(PLACES) == places, (name, index)
    assert overflow(page) <= 0


PLACES = "figure => [...figure.querySelectorAll('[role=option]')].map(e => [e.offsetLeft, e.offsetTop, e.offsetWidth])"


# The names of the properties in which the text of a figure, or a word of it, differs from how it was when this was last asked.
CHANGED = """figure => {
    const now = [...figure.querySelectorAll('.text, .text *')].map(element => {
        const style = getComputedStyle(element);
        return Object.fromEntries([...style].map(name => [name, style.getPropertyValue(name)]));
    });
    const names = now.flatMap((style, i) => Object.keys(style).filter(name => style[name] !== (figure.last ?? now)[i][name]));
    figure.last = now;
    return [...new Set(names)];
}"""


@pytest.mark.parametrize("name", ["factors written", "tokens plain"])
def test_a_token_under_the_pointer_or_the_keys_is_only_painted_anew(stage: Stage, name: str) -> None:
    """Another `z-index` would have the browser lay out the whole text again, and a positioned word is a layer of its own."""
    page = stage.show(saved({name: examples()[name]}))
    figure = mounted(page, 1)
    text = figure.locator(".text")
    words = text.locator(".t:not(.bar-before) .w").evaluate_all("words => words.map(word => getComputedStyle(word).position)")
    assert len(words) > 5
    assert set(words) == {"static"}
    assert figure.evaluate(CHANGED) == []
    for act in (items(text).nth(1).hover, items(text).nth(5).hover, lambda: items(text).nth(2).press("ArrowRight")):
        act()
        changed = figure.evaluate(CHANGED)
        assert changed
        assert all(name.startswith("outline") for name in changed), changed


def test_a_layers_prediction_names_its_probability_under_the_pointer(stage: Stage) -> None:
    payload = examples()["layer_predictions heathrow"]
    page = stage.show(saved({"layers": payload}))
    figure = mounted(page, 1)
    wanted = payload["predictions"][2][1]
    token(figure, 2 * len(payload["predictions"][0]) + 1).hover()
    expect(figure).to_contain_text(f"layer {payload['layers'][2]}, rank 2")
    expect(figure).to_contain_text(f"id {wanted['id']}")


def test_a_rank_names_its_layer_and_token_under_the_pointer(stage: Stage) -> None:
    payload = examples()["rankings written"]
    page = stage.show(saved({"ranks": payload}))
    figure = mounted(page, 1)
    token(figure, 3 * len(payload["columns"]) + 2).hover()
    expect(figure).to_contain_text(f"rank {payload['ranks'][3][2]:,} of {payload['vocab_size']:,}")
    expect(figure).to_contain_text(f"at position {payload['columns'][2]['position']}")


def test_a_trace_shows_the_site_that_is_chosen(stage: Stage) -> None:
    payload = examples()["trace heathrow"]
    page = stage.show(saved({"trace": payload}))
    figure = mounted(page, 1)
    choices, cells = figure.get_by_role("radio"), figure.locator("[role=gridcell]")
    layers, columns = len(payload["layers"]), len(payload["columns"])

    def texts(site: int) -> list[str]:
        shares = [share for row in payload["shares"][site] for share in row]
        wholes = [math.floor(100 * share + 0.5) for share in shares]
        return [f"{whole}%" if whole else "" for whole in wholes]

    assert cells.all_text_contents() == texts(0)
    choices.nth(2).click()
    cells.nth((layers - 1) * columns - 1).hover()
    assert cells.all_text_contents() == texts(2)
    expect(figure).to_contain_text(f"FFN, layer {layers - 2}")
    expect(figure).to_contain_text(f"at position {columns - 1}")
    choices.nth(2).press("ArrowLeft")
    assert cells.all_text_contents() == texts(1)


# -- keys --------------------------------------------------------------------------------------------------------------


def test_tab_reaches_every_group_of_every_figure_once(stage: Stage) -> None:
    page = stage.show(saved(examples() | hostile()))
    mounted(page, len(examples() | hostile()))
    hosts = page.locator(HOSTS).evaluate_all(
        "hosts => hosts.flatMap(host => "
        "[...host.shadowRoot.querySelectorAll('[role=listbox],[role=grid],[role=radiogroup]')]"
        ".map(_ => host.dataset.eccoId))"
    )
    assert len(hosts) > len(examples() | hostile())
    reached = []
    for _ in hosts:
        page.keyboard.press("Tab")
        reached.append(focused(page))
    assert reached == hosts
    page.keyboard.press("Tab")
    assert focused(page) in (None, hosts[0])


def test_arrows_walk_the_tokens_enter_holds_and_escape_releases(stage: Stage) -> None:
    payload = examples()["attribution minimal"]
    page = stage.show(saved({"minimal": payload}))
    figure = mounted(page, 1)

    def press(key: str) -> None:
        page.keyboard.press(key)

    press("Tab")
    expect(token(figure, 23)).to_be_focused()
    press("ArrowRight")
    expect(token(figure, 24)).to_be_focused()
    assert colors(figure)[:23] == shading(payload, 1)[:23]
    press("Enter")
    expect(token(figure, 24)).to_have_attribute("aria-selected", "true")
    press("End")
    expect(token(figure, 32)).to_be_focused()
    assert colors(figure)[:23] == shading(payload, 1)[:23]
    press("Escape")
    expect(token(figure, 24)).to_have_attribute("aria-selected", "false")
    assert colors(figure)[:23] == shading(payload, 9)[:23]
    press("Escape")
    assert focused(page) is None
    assert colors(figure)[:23] == shading(payload, 0)[:23]


@pytest.mark.parametrize("name", ["rankings written", "layer_predictions heathrow", "trace noise"])
def test_arrows_walk_the_cells_of_a_grid(stage: Stage, name: str) -> None:
    payload = examples()[name]
    page = stage.show(saved({name: payload}))
    figure = mounted(page, 1)
    columns = len(payload["columns"] if "columns" in payload else payload["predictions"][0])
    last = items(figure).count() - 1
    page.keyboard.press("Tab")
    page.keyboard.press("Control+Home")
    expect(token(figure, 0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(token(figure, columns + 1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(token(figure, 0)).to_be_focused()
    page.keyboard.press("Control+End")
    expect(token(figure, last)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(token(figure, last)).to_be_focused()


def test_what_the_keys_reach_is_outlined(stage: Stage) -> None:
    page = stage.show(saved(examples()))
    groups = sum(figure.locator("[role=listbox],[role=grid]").count() for figure in mounted(page, len(examples())).all())
    for name in range(groups):
        page.keyboard.press("Tab")
        outlines = page.evaluate_handle(FOCUS).evaluate(
            "e => [e, ...e.querySelectorAll('*')].map(part => getComputedStyle(part).outline)"
        )
        assert any("solid 2px" in outline or "2px solid" in outline for outline in outlines), name


# -- everyone ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(stage: Stage, axe: str, dark: bool) -> None:
    page = stage.show(saved(examples()), dark=dark)
    figures = mounted(page, len(examples())).all()
    page.add_script_tag(content=axe)
    assert page.evaluate(AXE) == []
    for figure in figures:
        token(figure, items(figure).count() - 1).click()
    assert page.evaluate(AXE) == [], "with the last token of every figure held"


def test_axe_finds_nothing_serious_with_hostile_tokens(stage: Stage, axe: str) -> None:
    page = stage.show(saved(hostile()))
    mounted(page, len(hostile()))
    page.add_script_tag(content=axe)
    assert page.evaluate(AXE) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_in_the_static_views(stage: Stage, axe: str, dark: bool) -> None:
    page = stage.show(saved(examples()), dark=dark, init="delete window.DecompressionStream")
    page.add_script_tag(content=axe)
    assert page.evaluate(AXE) == []
    assert not_mounted(page)
    assert "the static view stays" in stage.complaint(page)


@pytest.mark.parametrize("width", [420, 980])
@pytest.mark.parametrize("scripts", [True, False], ids=["live", "static"])
def test_a_page_is_never_wider_than_its_window(stage: Stage, width: int, scripts: bool) -> None:
    shown = examples() | hostile()
    page = stage.show(saved(shown), width=width, java_script_enabled=scripts)
    mounted(page, len(shown) if scripts else 0)
    assert overflow(page) <= 0


def test_a_page_is_dark_for_a_reader_who_prefers_it_and_turns_when_the_reader_does(stage: Stage) -> None:
    payload = examples()["attribution minimal"]
    page = stage.show(saved({"minimal": payload}), dark=True)
    figure = mounted(page, 1)
    look = "figure => [getComputedStyle(figure.parentNode).backgroundColor, getComputedStyle(figure).color]"

    def of(theme: str) -> list[str]:
        paper, ink = (palette(theme)[name] for name in ("paper", "ink"))
        return ["rgb({}, {}, {})".format(*(int(c[i : i + 2], 16) for i in (1, 3, 5))) for c in (paper, ink)]

    assert figure.evaluate(look) == of("dark")
    dark = colors(figure)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(
        "of => getComputedStyle(document.querySelector('[data-ecco-id]').shadowRoot.querySelector("
        "'[role=figure]').parentNode).backgroundColor === of[0]",
        arg=of("light"),
    )
    assert figure.evaluate(look) == of("light")
    assert colors(figure) != dark
    assert colors(figure)[:23] == shading(payload, 0)[:23]


def test_a_figure_in_a_dark_page_is_dark_whatever_the_reader_prefers(stage: Stage) -> None:
    html = figure_html(examples()["rankings written"])
    page = stage.show(document(f'<div style="background:#111">{html}</div>', html))
    dark, light = mounted(page, 2).all()
    inks = [figure.evaluate("figure => getComputedStyle(figure).color") for figure in (dark, light)]
    assert inks[0] != inks[1]
    assert colors(dark) != colors(light)


def test_nothing_moves_for_a_reader_who_wants_less_motion(stage: Stage) -> None:
    for moving in (True, False):
        page = stage.show(saved({"m": examples()["attribution minimal"]}), moving=moving)
        figure = mounted(page, 1)
        started = figure.evaluate(
            """(figure, index) => {
            const item = figure.querySelectorAll('[role=option]')[index];
            getComputedStyle(item).color;
            item.dispatchEvent(new PointerEvent('pointerover', {bubbles: true}));
            return figure.getRootNode().getAnimations().length;
        }""",
            30,
        )
        assert (started > 0) == moving


def test_a_page_reads_well_without_scripts(stage: Stage) -> None:
    page = stage.show(saved(examples()), java_script_enabled=False)
    for host, payload in zip(page.locator(HOSTS).all(), examples().values(), strict=True):
        text = host.inner_text()
        assert payload["title"] in text
        assert payload["subtitle"] in text
        assert host.bounding_box()["height"] > 50
    first = page.locator(HOSTS).nth(list(examples()).index("attribution minimal")).inner_text()
    assert "The countries of the European Union are:" in first
    detailed = page.locator(HOSTS).nth(list(examples()).index("attribution detailed")).inner_text()
    assert f"{100 * examples()['attribution detailed']['scores'][0][1]:.1f}%" in detailed


def test_the_style_of_a_page_does_not_reach_into_a_figure(stage: Stage) -> None:
    html = "".join(map(figure_html, examples().values()))
    plain = [f.evaluate(STYLES) for f in mounted(stage.show(document(html)), len(examples())).all()]
    page = stage.show(document(html, head=HOSTILE_CSS))
    for name, figure, before in zip(examples(), mounted(page, len(examples())).all(), plain, strict=True):
        for old, new in zip(json.loads(before), json.loads(figure.evaluate(STYLES)), strict=True):
            changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
            assert not changed, (name, old[0], changed)


def test_a_payload_that_cannot_be_drawn_leaves_the_static_view_and_the_other_figures(stage: Stage) -> None:
    html = figure_html(examples()["tokens plain"])
    page = stage.show(document(html.replace('data-ecco="', 'data-ecco="AAAA'), html))
    mounted(page, 1)
    broken = page.locator(HOSTS).first
    assert "the static view stays" in stage.complaint(page)
    assert broken.evaluate("host => host.shadowRoot") is None
    assert "The countries of the European Union are:" in broken.inner_text()

"""Figures where front ends put them: innerHTML, frames, detached scripts, RequireJS, sanitisers, converted notebooks.

What a front end does with the HTML of an output is written here after its source; JupyterLab itself is in test_jupyterlab.py.
"""

from __future__ import annotations

import base64
import gzip
import html as markup
import re

import nbformat
import pytest
from hostile import HOSTILE
from nbconvert import HTMLExporter
from playwright.sync_api import Page, expect

from browser.conftest import Stage
from browser.look import HOSTS, colors, document, examples, hostile, items, mounted, not_mounted
from ecco.render.page import figure_html, page_html

# VS Code puts the HTML in place, then a copy of each script at the end of the output.
VS_CODE = """outputs => {
    for (const html of outputs) {
        const output = document.createElement('div');
        document.body.append(output);
        output.innerHTML = html;
        for (const script of output.querySelectorAll('script')) {
            const copy = document.createElement('script');
            copy.text = script.textContent;
            output.append(copy);
            copy.remove();
        }
    }
}"""
VS_CODE_CSP = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'unsafe-inline'
'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' https: http: data:; font-src 'self' https:; connect-src https:;
child-src https: data:;">"""

# The classic notebook leaves it to jQuery, which runs scripts in the head; RequireJS is there.
NBCLASSIC = """html => {
    window.asked = [];
    window.define = (...given) => { window.asked.push(given); };
    window.define.amd = {};
    window.require = window.requirejs = (...given) => { window.asked.push(given); throw new Error('Mismatched define'); };
    const output = document.createElement('div');
    output.innerHTML = html;
    const scripts = [...output.querySelectorAll('script')];
    document.body.append(output);
    for (const script of scripts) {
        const copy = document.createElement('script');
        copy.text = script.textContent;
        script.remove();
        document.head.appendChild(copy).parentNode.removeChild(copy);
    }
}"""

# What an article that embeds a page does to know its height.
LISTEN = """<script>
heights = [];
addEventListener('message', event => { if (event.data.ecco) heights.push(event.data.height); });
</script>"""

INNER_HTML = "html => { document.body.innerHTML = html; }"


def figure(name: str = "attribution minimal") -> str:
    """The HTML of an example."""
    return figure_html(examples()[name])


def other_version(html: str) -> str:
    """The same figure as another version of the library would have made it: with another runtime, that says so."""
    packed = re.search(r'data-ecco-rt="([^"]*)"', html)[1]
    runtime = gzip.decompress(base64.b64decode(packed)).decode()
    assert "walk the tokens" in runtime
    other = base64.b64encode(gzip.compress(runtime.replace("walk the tokens", "stroll along the tokens").encode())).decode()
    return re.sub(r"__ecco_[0-9a-f]{12}", "__ecco_0123456789ab", html.replace(packed, other))


def readable(page: Page) -> None:
    """The one static view of a page can be seen and read."""
    assert not_mounted(page)
    expect(page.locator(HOSTS)).to_be_visible()
    text = page.locator(HOSTS).inner_text()
    for word in ("Saliency", "gradient × input", "The countries of the European Union are:", "Belgium"):
        assert word in text
    assert "DecompressionStream" not in page.locator("body").inner_text()


# -- front ends that run scripts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("csp", ["", VS_CODE_CSP], ids=["without a policy", "with a policy"])
def test_vs_code_draws_every_output(stage: Stage, csp: str) -> None:
    page = stage.show(document("<p>notebook</p>", head=csp))
    page.evaluate(VS_CODE, [figure_html(payload) for payload in (examples() | hostile()).values()])
    figures = mounted(page, len(examples() | hostile()))
    expect(figures.first).to_be_visible()
    assert page.evaluate("() => typeof window.stolen") == "undefined"


def test_the_policy_of_vs_code_is_one_that_forbids_something(stage: Stage) -> None:
    page = stage.show(document(head=VS_CODE_CSP))
    page.evaluate(
        """() => import(URL.createObjectURL(new Blob(['window.ran = true'], {type: 'text/javascript'}))).catch(() => 0)"""
    )
    assert page.evaluate("() => typeof window.ran") == "undefined"
    assert "Content Security Policy" in stage.complaint(page)


def test_colab_draws_every_output_in_its_own_frame(stage: Stage) -> None:
    outputs = [figure(), figure("rankings written"), figure_html(hostile()["hostile tokens"])]
    frames = [
        f'<iframe sandbox="allow-scripts" width="900" height="400" srcdoc="{markup.escape(o)}"></iframe>' for o in outputs
    ]
    page = stage.show(document(*frames))
    assert len(page.frames) == 4
    for frame in page.frames[1:]:
        expect(mounted(frame, 1)).to_be_visible()
        assert frame.evaluate("() => origin") == "null"


def test_the_classic_notebook_draws_an_output_beside_requirejs(stage: Stage) -> None:
    page = stage.show(document())
    page.evaluate(NBCLASSIC, figure())
    mounted(page, 1)
    assert page.evaluate("() => window.asked") == []


def test_an_output_in_a_page_with_a_module_loader_leaves_no_globals_but_its_own(stage: Stage) -> None:
    page = stage.show(document())
    before = page.evaluate("() => Object.keys(window)")
    page.evaluate(VS_CODE, [figure()])
    mounted(page, 1)
    added = set(page.evaluate("() => Object.keys(window)")) - set(before)
    assert len(added) == 1
    assert re.fullmatch(r"__ecco_[0-9a-f]{12}", added.pop())


def test_a_script_that_runs_twice_draws_its_figure_once(stage: Stage) -> None:
    html = figure()
    page = stage.show(document(html))
    script = re.search(r"<script>(.*)</script>", html)[1]
    page.evaluate("script => { eval(script); eval(script); }", script)
    figures = mounted(page, 1)
    page.evaluate("async script => { eval(script); await new Promise(requestAnimationFrame); }", script)
    mounted(page, 1)
    items(figures).nth(30).hover()
    assert len(set(colors(figures))) > 5


def test_two_versions_of_the_library_share_a_page(stage: Stage) -> None:
    page = stage.show(document())
    both = figure() + other_version(figure())  # in one output, so that each script finds both hosts
    page.evaluate(VS_CODE, [both, other_version(figure()), figure()])
    texts = mounted(page, 4).all_inner_texts()
    assert ["stroll along the tokens" in text for text in texts] == [False, True, True, False]
    assert ["walk the tokens" in text for text in texts] == [True, False, False, True]


def test_an_output_that_is_replaced_while_it_is_drawn_complains_of_nothing(stage: Stage) -> None:
    page = stage.show(document())
    page.evaluate(f"html => {{ ({VS_CODE})([html]); document.body.replaceChildren(); ({VS_CODE})([html]); }}", figure())
    mounted(page, 1)


def test_an_output_that_is_hidden_at_first_is_drawn_when_it_shows(stage: Stage) -> None:
    page = stage.show(document(f'<div id="tab" style="display:none">{figure()}</div>'))
    page.wait_for_function("selector => document.querySelector(selector).shadowRoot", arg=HOSTS)
    page.evaluate("() => { document.getElementById('tab').style.display = ''; }")
    shown = mounted(page, 1)
    expect(shown).to_be_visible()
    assert len(set(colors(shown))) > 5


def test_a_page_in_a_frame_tells_how_high_it_is(stage: Stage) -> None:
    inner = page_html([examples()["rankings written"]], title="Embedded")
    page = stage.show(document(LISTEN, f'<iframe width="700" height="50" srcdoc="{markup.escape(inner)}"></iframe>'))
    mounted(page.frames[1], 1)
    high = "() => Math.ceil(document.documentElement.getBoundingClientRect().height)"
    page.wait_for_function("() => heights.length")
    page.wait_for_function("height => heights[heights.length - 1] === height", arg=page.frames[1].evaluate(high))
    before = page.frames[1].evaluate(high)
    page.evaluate("() => { document.querySelector('iframe').width = 240; }")
    page.wait_for_function("height => heights[heights.length - 1] > height", arg=before)


# -- front ends that run none ------------------------------------------------------------------------------------------


def test_an_output_whose_script_never_runs_can_be_read(stage: Stage) -> None:
    page = stage.show(document())
    page.evaluate(INNER_HTML, figure())
    readable(page)


def test_an_old_browser_shows_the_static_view(stage: Stage) -> None:
    page = stage.show(document(figure()), init="delete window.DecompressionStream")
    assert "the static view stays" in stage.complaint(page)
    readable(page)


def test_an_output_after_one_that_failed_is_drawn(stage: Stage) -> None:
    html = figure()
    page = stage.show(document())
    page.evaluate(VS_CODE, [html.replace('data-ecco-rt="', 'data-ecco-rt="AAAA')])
    assert "the static view stays" in stage.complaint(page)
    page.evaluate("selector => document.querySelector(selector).remove()", HOSTS)
    page.evaluate(VS_CODE, [html])
    mounted(page, 1)


def test_hostile_tokens_stay_text_in_static_views(stage: Stage) -> None:
    page = stage.show(document())
    for payload in hostile().values():
        page.evaluate(INNER_HTML, figure_html(payload))
        elements = page.locator(HOSTS).evaluate("host => [...host.querySelectorAll('*')].map(e => e.localName)")
        assert set(elements) <= {"div", "span", "code"}
    page.evaluate(INNER_HTML, figure_html(hostile()["hostile tokens"]))
    text = page.locator(HOSTS).inner_text()
    for word in (w for w in HOSTILE if w.isascii() and w.isprintable() and w.strip()):
        assert word in text
    assert page.evaluate("() => typeof window.stolen") == "undefined"


# -- converted notebooks -----------------------------------------------------------------------------------------------


def converted(stage: Stage, notebook: nbformat.NotebookNode, *, sanitised: bool) -> Page:
    """A notebook as nbconvert's HTML; what its own template fetches does not come."""
    body, _ = HTMLExporter(sanitize_html=sanitised).from_notebook_node(notebook)
    page = stage.show(body)
    bare, _ = HTMLExporter(sanitize_html=sanitised).from_notebook_node(nbformat.v4.new_notebook())
    asked = list(stage.requests)
    stage.requests.clear()
    stage.show(bare)
    assert asked == stage.requests, "the figure asked for something"
    stage.requests.clear()
    stage.complaints[:] = [c for c in stage.complaints if "net::ERR_FAILED" not in c]
    return page


def test_nbconvert_draws_the_figures_of_an_executed_notebook(stage: Stage, executed: nbformat.NotebookNode) -> None:
    page = converted(stage, executed, sanitised=False)
    figures = mounted(page, 3)
    expect(figures.nth(1)).to_have_accessible_name("Saliency")
    items(figures.nth(1)).last.hover()
    assert len(set(colors(figures.nth(1)))) > 3


def test_nbconvert_leaves_readable_text_where_it_sanitises(stage: Stage, executed: nbformat.NotebookNode) -> None:
    page = converted(stage, executed, sanitised=True)
    text = page.locator("body").inner_text()
    for word in ("Saliency", "gradient × input", "a5 a17 a3 a80 a41 a9", "layer 0", "layer 2", "rank 1"):
        assert word in text
    # It shows the source of scripts, which is why the small script is small and the runtime lies in an attribute.
    script = re.search(r"<script>.*?</script>", figure())[0]
    assert len(script) < 1_000
    key = r"__ecco_[0-9a-f]{12}"  # another one for every view
    rest = re.sub(key, "", text).replace(re.sub(key, "", script), "")
    for source in ("<div", "</span>", "<script", "background-color", "function", "=>"):
        assert source not in rest
    assert not re.search(r"[0-9A-Za-z+/=]{60}", rest), "a payload or runtime shows as text"
    assert page.locator(HOSTS).count() == 0

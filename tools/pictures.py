"""Draw the picture of the README with a headless Chromium: `make pictures`."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

import ecco

IMAGES = Path(__file__).parent.parent / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """The three figures of the main job, one below the other."""
    lm = ecco.from_pretrained("ecco/demo-gpt2", verbose=False)
    out = lm.generate("Heathrow Airport is located in the city of", generate=1)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = ecco.save_page(Path(folder) / "page.html", out.saliency(), out.rankings(), out.layer_predictions(topk=5))
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 860, "height": 400}, device_scale_factor=2)
        page.goto(page_file.as_uri())
        page.wait_for_function("[...document.querySelectorAll('[data-ecco-id]')].every(host => host.shadowRoot)")
        page.locator("main").screenshot(path=str(IMAGES / "heathrow.png"))
        browser.close()


if __name__ == "__main__":
    main()

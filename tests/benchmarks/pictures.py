"""The README's pictures of the page, taken from one that is running: `python tests/benchmarks/pictures.py ADDRESS`.

Run `askreports serve` over the five reports first. The pictures go to `ui/`.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).parents[2] / "ui"
QUESTION = "Kim Bang kaç nitelikli kitle seferberliği modeli bildirdi?"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 120_000  # milliseconds; a small model on two cores takes its time


def asked(browser: Browser, address: str, **options: object) -> Page:
    """A page on which the question is answered."""
    page = browser.new_context(**options).new_page()
    page.goto(address)
    page.wait_for_selector("#sources h2")
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("#log a.marker", timeout=PATIENCE)
    page.wait_for_selector("#sources .report mark")
    page.wait_for_timeout(1000)
    return page


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    address = parser.parse_args().address
    wide, narrow = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = asked(browser, address, viewport=wide)
        page.screenshot(path=OUT / "page.png")
        page.click("#sources .do-expand")
        page.locator("#log a.marker").first.click()
        page.wait_for_timeout(600)
        page.screenshot(path=OUT / "page-source.png")
        page = asked(browser, address, viewport=wide, color_scheme="dark")
        page.locator("#log a.marker").first.hover()
        page.wait_for_timeout(600)
        page.screenshot(path=OUT / "page-dark.png")
        page = asked(browser, address, viewport=narrow)
        page.locator("#log a.marker").first.click()
        page.wait_for_timeout(600)
        page.screenshot(path=OUT / "page-phone.png")
        browser.close()


if __name__ == "__main__":
    main()

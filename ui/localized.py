"""Sets the texts of Gradio's components when a page is opened, in the language of its browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from ui.strings import ENGLISH, Strings

Told = Callable[[Strings], dict[str, Any]]


class Localized:
    """Collects the texts of each component; `updates` gives them in one language, in the order of `components`."""

    def __init__(self) -> None:
        self.components: list[Any] = []
        self._told: list[Told] = []

    def say(self, component: Any, told: Told) -> None:
        """`told` gives the component's properties in a language; English is shown until the page is opened."""
        self.components.append(component)
        self._told.append(told)
        for name, text in told(ENGLISH).items():
            setattr(component, name, text)

    def label(self, component: Any, told: Callable[[Strings], str]) -> None:
        """`say`, for a component whose only text is its label."""
        self.say(component, lambda strings: {"label": told(strings)})

    def updates(self, strings: Strings) -> list[Any]:
        """One update per component."""
        return [gr.update(**told(strings)) for told in self._told]

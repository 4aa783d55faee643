"""A llama-index `LLM` object as a `rag.llm.model.LanguageModel`. Does not depend on what is being asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rag.llm.model import Completion, Prompt

if TYPE_CHECKING:
    from llama_index.core.llms import LLM


class LlamaIndexModel:
    """Uses the object as it is: its own sampling, its own token limit. Its errors pass through."""

    small = False
    constrains = False

    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self.name: str = getattr(llm.metadata, "model_name", "") or llm.class_name()

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        """The completion, cut at the first stop string; `max_tokens` and `grammar` are not passed on."""
        from llama_index.core.llms import ChatMessage

        turns = [ChatMessage(role=message.role, content=message.content) for message in prompt.messages]
        if on_text is None:
            pieces: Iterator[str] = iter([self._llm.chat(turns).message.content or ""])
        else:
            pieces = (part.delta or "" for part in self._llm.stream_chat(turns))
        said = []
        for piece in _until(pieces, prompt.stop):
            said.append(piece)
            if on_text:
                on_text(piece)
        return Completion("".join(said), ())

    def close(self) -> None:
        """Does nothing: the object belongs to the caller."""


def _until(pieces: Iterator[str], stop: Sequence[str]) -> Iterator[str]:
    """The text before the first stop string, which may span pieces."""
    longest, held = max(map(len, stop), default=0), ""
    for piece in pieces:
        held += piece
        ends = [place for text in stop if text and (place := held.find(text)) >= 0]
        if ends:
            held = held[: min(ends)]
            break
        safe = len(held) - max(longest - 1, 0)
        if safe > 0:
            yield held[:safe]
            held = held[safe:]
    if held:
        yield held

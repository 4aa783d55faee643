"""One interface to a language model: bundled, a file, from the hub, an address, a llama-index object.

Independent of reports.
"""

from rag.llm.model import Completion, LanguageModel, Message, Metered, Prompt, warm
from rag.llm.opening import from_llama_index, open_llm
from rag.llm.prompts import fill

__all__ = [
    "Completion",
    "LanguageModel",
    "Message",
    "Metered",
    "Prompt",
    "fill",
    "from_llama_index",
    "open_llm",
    "warm",
]

"""Files and addresses -> `Article` -> sentences and windows, with exact offsets.

It knows nothing of vectors.
"""

from rag.sources.addresses import Fetcher
from rag.sources.articles import make_article
from rag.sources.content import Metadata
from rag.sources.files import MEGABYTE, Draft, assign_ids, list_files, read_file, readable
from rag.sources.passages import embedding_text, sentences, windows

__all__ = [
    "Draft",
    "Fetcher",
    "MEGABYTE",
    "Metadata",
    "assign_ids",
    "embedding_text",
    "list_files",
    "make_article",
    "read_file",
    "readable",
    "sentences",
    "windows",
]

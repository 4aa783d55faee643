"""Files and addresses -> `Article` -> sentences and windows, with exact offsets.

It knows nothing of vectors.
"""

from rag.sources.articles import make_article
from rag.sources.files import MEGABYTE, Draft, assign_ids, list_files, read_file, read_url, readable
from rag.sources.passages import embedding_text, sentences, windows

__all__ = [
    "Draft",
    "MEGABYTE",
    "assign_ids",
    "embedding_text",
    "list_files",
    "make_article",
    "read_file",
    "read_url",
    "readable",
    "sentences",
    "windows",
]

"""llama-index's ingestion pipeline with a document store and Chroma, as in its documentation; default splitter."""

import asyncio
from pathlib import Path

import chromadb
from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore
from measured import measured


class Program:
    def __init__(self, task):
        self._task = task
        self._kept = str(task.store / "docstore.json")
        embedding = OpenAILikeEmbedding(
            model_name="multilingual-e5-small-passage", api_base=task.address, embed_batch_size=64
        )
        # OpenAI's older models had one name for questions and one for texts; the seam is still there.
        embedding._query_engine, embedding._text_engine = (
            f"multilingual-e5-small-{way}" for way in ("query", "passage")
        )
        client = chromadb.PersistentClient(str(task.store / "chroma"))
        self._store = ChromaVectorStore(chroma_collection=client.get_or_create_collection("reports"))
        self._pipeline = IngestionPipeline(
            transformations=[SentenceSplitter(), embedding],
            docstore=SimpleDocumentStore(),
            docstore_strategy=DocstoreStrategy.UPSERTS,
            vector_store=self._store,
        )
        self._retriever = VectorStoreIndex.from_vector_store(self._store, embed_model=embedding).as_retriever(
            similarity_top_k=5
        )

    def index(self):
        self._pipeline.run(documents=SimpleDirectoryReader(str(self._task.texts), filename_as_id=True).load_data())
        self._pipeline.docstore.persist(self._kept)

    def search(self, question):
        return [Path(node.metadata["file_name"]).stem for node in self._retriever.retrieve(question)]


asyncio.run(measured(Program))

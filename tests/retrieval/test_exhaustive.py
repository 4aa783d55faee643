"""Retrieval against a plain reference that looks at every passage one by one; and what it may ask of the catalogue."""

from __future__ import annotations

import math
import random
from datetime import date

import numpy as np
import pytest
from fakes import LANGUAGES, REPORTS, FakeEmbedder, write_parallel

from rag.language import primary_tag, tokens
from rag.models import Article, Filters
from rag.retrieval.codes import Codes
from rag.retrieval.facts import Facts
from rag.retrieval.means import compute_means
from rag.retrieval.packs import ROW, coded
from rag.retrieval.retriever import (
    ACROSS_WEIGHT,
    CANDIDATES,
    ELSEWHERE,
    LEXICAL_FLOOR,
    NEXT_BEST,
    WITHIN_WEIGHT,
    Retriever,
    _match_query,
)
from rag.retrieval.space import VectorSpace
from rag.settings import Settings
from rag.sources import as_read
from rag.store.catalog import Catalog
from rag.store.indexing import Indexer
from rag.store.vectors import VectorIndex

# More than candidates are taken, of windows and of sentences.
REPORTS_MADE = 160
# Packed vectors have 16 bits.
NEAR = 1e-5
ASKED = [
    ("How many models did Kim Bang report?", "en"),
    ("ile modeli 109 Kim Bang", "pl"),
    ("¿La escuela recibió 43-NQ/TW libros?", "es"),
    ("Ernte Dürre 29 Höfe", "de"),
    ("banjir", "ms"),
]


class Collection:
    """Reports made of shuffled sentences of the seven, dated, in windows that share a sentence."""

    def __init__(self, home, means, *, count=REPORTS_MADE):
        chance = random.Random(7)
        folder = home / "reports"
        folder.mkdir(parents=True)
        for number in range(count):
            language = LANGUAGES[number % len(LANGUAGES)]
            sentences = REPORTS[language].strip().split(". ")
            own = [f"{chance.choice(sentences).rstrip('.')} {chance.randrange(300)}." for _ in range(6)]
            day = date(2020 + number % 5, 1 + number % 12, 1 + number % 28)
            text = f"---\nlanguage: {language}\ndate: {day}\n---\n" + "\n".join(own[:3]) + "\n\n" + " ".join(own[3:])
            (folder / f"r{number:03}.txt").write_text(text, encoding="utf-8")
        self.catalog = Catalog(home / "catalog.sqlite3")
        self.space = VectorSpace(self.catalog, FakeEmbedder(), means)
        self.index = VectorIndex(home / "chroma", self.catalog, self.space)
        Indexer(self.catalog, FakeEmbedder(), Settings(window_chars=150)).update({str(folder): "declared"})
        self.retriever = Retriever(self.catalog, self.space, self.index)

    def close(self):
        self.index.close()
        self.catalog.close()


@pytest.fixture(scope="module")
def means(tmp_path_factory):
    return compute_means(FakeEmbedder(), write_parallel(tmp_path_factory.mktemp("parallel")))


@pytest.fixture(scope="module")
def many(tmp_path_factory, means):
    made = Collection(tmp_path_factory.mktemp("many"), means)
    yield made
    made.close()


def reference(collection, question, language, filters, limit):
    """(window, score, sentence), best first."""
    catalog, space = collection.catalog, collection.space
    vector = space.question(question, language)
    articles = {one.id: one for one in catalog.articles() if filters.admit(one)}
    held = {kind: [p for id in articles for p in catalog.passages(id, kind)] for kind in ("window", "sentence")}
    nearest = {}
    for kind, stored in held.items():
        cosines = (space.matrix(stored) @ vector).tolist()
        nearest[kind] = [one for _, one in sorted(zip(cosines, stored, strict=True), key=lambda x: (-x[0], x[1].key))]
    chosen = {one.key: one for one in nearest["window"][:CANDIDATES]}
    for sentence in nearest["sentence"][:CANDIDATES]:
        chosen |= {w.key: w for w in held["window"] if contains(w.passage, sentence.passage)}
    asked = tokens(question, language, asked=True)
    matched = {number for number, _ in catalog.match(_match_query(asked), CANDIDATES, list(articles))}
    chosen |= {w.key: w for w in held["window"] if w.number in matched}
    windows = [chosen[key] for key in sorted(chosen)]
    whole = {one.id: one for one in catalog.articles()}
    found = {w.number: terms_of(whole[w.passage.article_id], w.passage) for w in every(catalog)}
    languages = {w.number: primary_tag(whole[w.passage.article_id].language) for w in every(catalog)}
    owners = {w.number: w.passage.article_id for w in every(catalog)}

    def idf(column, term, among):
        count = sum(term in held[column] for held in found.values())
        return math.log(1 + (among - count + 0.5) / (count + 0.5)) if 0 < count <= among else None

    primary = primary_tag(language)
    own_count = sum(tag == primary for tag in languages.values())
    words = {word: weight for word in set(asked.words) if (weight := idf(0, word, own_count)) is not None}
    names = {name: weight for name in set(asked.names) if (weight := idf(1, name, len(found))) is not None}
    rows = []
    for window in windows:
        article = articles[window.passage.article_id]
        inside = [s for s in held["sentence"] if contains(window.passage, s.passage)]
        near = space.nearness(language, [article.language])[0]
        alone, *others = (space.matrix([window, *inside]) @ vector * near).tolist()
        ours = languages[window.number] == primary
        weights = {(0, word): weight for word, weight in words.items()} if ours else {}
        weights |= {(1, name): weight for name, weight in names.items() if not ours or name[0].isdigit()}
        anywhere = set().union(*(found[n][1] for n, owner in owners.items() if owner == article.id))
        share = sum(
            weight * (1 if term in found[window.number][column] else ELSEWHERE * (column == 1 and term in anywhere))
            for (column, term), weight in weights.items()
        ) / max(sum(weights.values()), LEXICAL_FLOOR)
        best = inside[others.index(max(others))].passage if inside else None
        rows.append((window, alone + max(others, default=alone), share, ours, best))
    ranked = sorted((row[2] for row in rows if row[3]), reverse=True)
    less = np.mean(ranked[1 : 1 + NEXT_BEST] if len(ranked) > 1 else ranked) if ranked else 0
    scores = [d + (WITHIN_WEIGHT * (s - less) if ours else ACROSS_WEIGHT * s) for _, d, s, ours, _ in rows]
    order = sorted(range(len(rows)), key=lambda at: -scores[at])[:limit]
    return [(rows[at][0].passage, scores[at], rows[at][4]) for at in order]


def every(catalog):
    return [window for head in catalog.heads() for window in catalog.passages(head.id, "window")]


def contains(window, sentence):
    return window.article_id == sentence.article_id and window.start <= sentence.start and sentence.end <= window.end


def terms_of(article, passage):
    found = tokens(as_read(article, passage).reading, article.language)
    return set(found.words), set(found.names)


@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters(languages=("pl", "de")), Filters(since=date(2021, 6, 1), until=date(2023, 3, 1))],
    ids=["all", "languages", "days"],
)
@pytest.mark.parametrize(("question", "language"), ASKED)
def test_hits_are_those_of_looking_at_every_passage(many, question, language, filters):
    expected = reference(many, question, language, filters, 30)
    hits = many.retriever.retrieve(question, language, limit=30, filters=filters)
    assert len(hits) == len(expected) == 30
    np.testing.assert_allclose([hit.score for hit in hits], [score for _, score, _ in expected], atol=NEAR)
    by_place = {(p.article_id, p.start, p.end): (score, best) for p, score, best in expected}
    for hit in hits:
        if hit.score > expected[-1][1] + NEAR:  # ties at the end may fall either way
            score, best = by_place[hit.passage.article_id, hit.passage.start, hit.passage.end]
            assert hit.score == pytest.approx(score, abs=NEAR)
            assert hit.sentence == best
        assert hit.passage.reads == as_read(hit.article, hit.passage).reads


def test_hits_are_the_same_without_stored_packs(many, means):
    """They are a cache: what is not packed is packed as it is read."""
    question, language = ASKED[0]
    bare = many.retriever.retrieve(question, language, limit=20)
    some = many.catalog.unpacked(many.space.space)
    assert len(some) == REPORTS_MADE
    many.catalog.keep_packs(many.space.space, many.space._made(some[::2]))
    fresh = VectorSpace(many.catalog, FakeEmbedder(), means)
    half = Retriever(many.catalog, fresh, many.index).retrieve(question, language, limit=20)
    fresh.pack()
    assert many.catalog.unpacked(fresh.space) == []
    last = VectorSpace(many.catalog, FakeEmbedder(), means)
    whole = Retriever(many.catalog, last, many.index).retrieve(question, language, limit=20)
    assert [(hit.passage, hit.sentence) for hit in bare] == [(hit.passage, hit.sentence) for hit in half]
    assert [(hit.passage, hit.sentence) for hit in bare] == [(hit.passage, hit.sentence) for hit in whole]
    np.testing.assert_allclose([hit.score for hit in bare], [hit.score for hit in whole], atol=1e-6)


@pytest.mark.parametrize("filters", [Filters(), Filters(languages=("pl",)), Filters(since=date(2021, 1, 1))])
def test_the_number_of_statements_does_not_depend_on_the_size(means, tmp_path, filters):
    """The budget of one retrieval: it may shrink. Of FTS5's own statements there are as many as matches."""
    counted = []
    for count in (14, 84):
        made = Collection(tmp_path / str(count), means, count=count)
        made.space.pack()
        question, language = ASKED[0]
        assert made.retriever.retrieve(question, language, limit=20, filters=filters)
        seen = []
        (connection,) = made.catalog._open
        connection.set_trace_callback(seen.append)
        assert made.retriever.retrieve(question, language, limit=20, filters=filters)
        connection.set_trace_callback(None)
        counted.append([statement for statement in seen if not statement.startswith("--")])
        made.close()
    assert len(counted[0]) == len(counted[1]) <= 14, counted


def test_codes_leave_out_nothing_that_is_near():
    chance = np.random.default_rng(3)
    for spread in (1.0, 0.02):  # from all over, to nearly alike: then many are within the codes' error
        vectors = chance.standard_normal((4000, 64)).astype(np.float32) * spread + chance.standard_normal(64)
        vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        packs = []
        for report in range(400):
            own = vectors[report * 10 : report * 10 + 10]
            rows = np.zeros(10, ROW)
            rows["window"][:4] = True
            codes, rest, scales = coded(own)
            np.testing.assert_allclose(codes * scales[:, None], own, atol=float(scales.max()) * 0.51)
            np.testing.assert_allclose((codes + rest / 254) * scales[:, None], own, atol=float(scales.max()) * 0.0021)
            packs.append((f"r{report}", rows.tobytes(), scales.tobytes() + codes.tobytes()))
        codes = Codes.of(packs, 4000)
        asked = vectors[5] + 0.3 * chance.standard_normal(64).astype(np.float32)
        exact = vectors @ asked
        for among in (None, [f"r{report}" for report in range(0, 400, 3)]):
            near = codes.nearest(asked, 50, among)
            for kind, rows in (("window", range(4)), ("sentence", range(4, 10))):
                places = [r * 10 + row for r in range(400) if among is None or r % 3 == 0 for row in rows]
                must = sorted(places, key=lambda place: -exact[place])[:50]
                got = {int(id[1:]) * 10 + row for id, row in near[kind]}
                assert got >= set(must) and got <= set(places)
                assert spread < 1 or len(got) < 100
    assert Codes.of([], 0).nearest(asked, 5) == {"window": [], "sentence": []}


def test_facts_admit_what_filters_admit():
    chance = random.Random(5)
    tags = ["pl", "pl-PL", "zh-Hant-TW", "PT_br", "iw", "sr-Latn"]
    day = date(2020, 2, 28)
    days = [None, *(day.replace(day=1 + number) for number in range(28))]
    heads = [
        Article(f"a{number}", "", "", chance.choice(tags), chance.choice(days), (), (), None, "", 0)
        for number in range(60)
    ]
    facts = Facts.of(heads)
    for filters in (
        Filters(),
        Filters(languages=("pl",)),
        Filters(languages=("pt-PT", "zh", "he")),
        Filters(languages=("iw",), since=date(2020, 2, 3)),
        Filters(since=date(2020, 2, 10), until=date(2020, 2, 10)),
        Filters(until=date(2020, 2, 10)),
        Filters(articles=("a1", "a5", "none"), since=date.min),
    ):
        assert facts.admitted(filters) == [head.id for head in heads if filters.admit(head)]

"""The reports made for testing are what their names say: language, day, length, source, and marked as made."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

from rag.models import Article
from rag.sources.articles import make_article
from rag.sources.files import list_files, read_file

FOLDER = Path(__file__).parents[1] / "cases"
LANGUAGES = {"ms", "tr", "es", "de", "pl", "en", "vi"}


def article(path: Path) -> Article:
    return make_article(read_file(path, max_bytes=1_000_000), id=path.stem)


MADE, HOSTILE = list_files(FOLDER / "made"), list_files(FOLDER / "hostile")
ARTICLES = {path.stem: article(path) for path in MADE + HOSTILE}

# The day of a report's event, or of its publication where either may be meant, as a reader tells it.
DAYS = """
made_001_ms 2024-01-12; made_002_de 2024-03-14; made_003_pl 2024-12-20; made_004_es 2023-12-21; made_005_tr 2024-12-21;
made_006_vi 2024-07-09; made_007_en 2024-05-16; made_008_tr 2024-06-08; made_009_de 2024-06-08 2024-06-10;
made_010_ms 2024-09-02;
made_011_pl 2023-12-03 2023-12-04; made_012_es 2024-09-05; made_013_en 2024-09-06; made_014_vi 2024-11-20;
made_015_de 2024-05-28;
made_016_tr 2024-11-12; made_017_es 2024-11-04 2024-11-08 2024-11-09; made_018_pl 2023-08-15; made_019_ms 2024-10-25;
made_020_en 2025-03-18 2025-03-19; made_021_de 2024-06-17; made_022_es 2024-08-22; made_023_vi 2024-04-25 2024-04-26;
made_024_ms 2024-02-18 2024-02-19; made_025_tr 2024-02-18 2024-02-21; made_026_pl 2024-04-14; made_027_en 2024-10-09;
made_028_vi 2024-10-14; made_029_es 2024-10-01 2024-10-02; made_030_de 2024-09-15; made_031_pl 2024-03-10 2024-03-11;
made_032_ms 2024-06-28; made_033_tr 2025-03-05; made_034_en 2023-09-04; made_035_es 2024-07-11;
made_036_de 2024-07-15 2024-07-16; made_037_vi 2023-12-12; made_038_tr 2024-04-22; made_039_en 2024-05-03;
made_040_ms 2024-05-30; made_041_pl 2024-06-07; made_042_pl 2024-09-05 2024-09-06; made_043_vi 2024-10-26;
made_044_de 2025-04-04 2025-04-05; made_045_en 2025-01-14; made_046_es 2023-10-01 2023-10-02; made_047_ms 2024-12-26;
made_048_tr 2023-10-16; hostile_001_en 2024-02-03; hostile_009_de 2024-03-11; hostile_016_es 2024-05-24;
hostile_020_tr 2024-03-07; hostile_025_pl 2024-01-08; hostile_026_pl 2024-04-30; hostile_030_ms 2024-06-03;
hostile_034_vi 2024-03-12
"""


def days() -> dict[str, set[date]]:
    entries = [entry.split() for entry in DAYS.split(";")]
    return {stem: {date.fromisoformat(day) for day in told} for stem, *told in entries}


def test_there_are_enough_in_every_language():
    assert len(MADE) >= 44
    assert len(HOSTILE) == 40
    made = Counter(path.stem[-2:] for path in MADE)
    assert made.keys() == LANGUAGES
    assert set(made.values()) <= {5, 6, 7, 8}
    assert {path.stem[-2:] for path in HOSTILE} == LANGUAGES


def test_a_report_is_read_in_the_language_of_its_name():
    assert {stem for stem in ARTICLES if not re.fullmatch(r"(made|hostile)_\d{3}_[a-z]{2}", stem)} == set()
    assert {stem: read.language for stem, read in ARTICLES.items() if read.language != stem[-2:]} == {}


def test_a_report_is_marked_as_made_by_its_address():
    def marked(read: Article) -> bool:
        address = read.source_url or ""
        places = set(re.findall(r"https?://[^/\s]+", read.text))
        return (
            places == {"https://example.org"}
            and address.startswith("https://example.org/")
            and (address not in read.text[: read.body_end])
        )

    assert [stem for stem, read in ARTICLES.items() if not marked(read)] == []


def test_a_made_report_is_as_long_as_news():
    words = {path.stem: len(path.read_text("utf-8").split()) for path in MADE}
    assert {stem: count for stem, count in words.items() if not 120 <= count <= 350} == {}


def test_a_report_is_dated_as_a_reader_would():
    told = days()
    assert {path.stem for path in MADE} <= told.keys()
    wrong = {stem: ARTICLES[stem].published for stem in told if ARTICLES[stem].published not in told[stem]}
    assert wrong == {}


def test_no_two_reports_are_the_same():
    assert len({read.sha256 for read in ARTICLES.values()}) == len(ARTICLES)

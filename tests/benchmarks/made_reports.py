"""Reports about places that do not exist, with one question for each of their figures, in four languages.

A figure occurs once in all reports, so that it tells whose answer one is.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

SYLLABLES = "bar den fol gim hus kel lam mor nev pol rav sten tor ulm ves wick zan dor lin mar".split()
# A language's sentences with a figure, each with its question, and sentences without one that make a report longer.
WORDS: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "en": (
        (
            ("The council of {place} counted {n} votes for the new bridge.", "How many votes did {place} count?"),
            ("In spring {n} trees were planted in {place}.", "How many trees were planted in {place}?"),
            ("The library of {place} lent {n} books last year.", "How many books did the library of {place} lend?"),
        ),
        "The mayor thanked everybody who had come. The next meeting is on Thursday. The road along the river stays "
        "closed until the repairs are done. Several residents asked when the ferry would run again. The school will "
        "open after the holidays, as the head teacher had promised. ",
    ),
    "de": (
        (
            ("Der Rat von {place} zählte {n} Stimmen für die neue Brücke.", "Wie viele Stimmen zählte {place}?"),
            ("Im Frühjahr wurden in {place} {n} Bäume gepflanzt.", "Wie viele Bäume wurden in {place} gepflanzt?"),
            ("Die Bücherei von {place} verlieh {n} Bücher.", "Wie viele Bücher verlieh die Bücherei von {place}?"),
        ),
        "Die Bürgermeisterin dankte allen, die gekommen waren. Die nächste Sitzung ist am Donnerstag. Die Straße am "
        "Fluss bleibt gesperrt, bis die Arbeiten beendet sind. Mehrere Anwohner fragten, wann die Fähre wieder fährt. "
        "Die Schule öffnet nach den Ferien, wie es der Rektor versprochen hatte. ",
    ),
    "es": (
        (
            ("El concejo de {place} contó {n} votos a favor del puente.", "¿Cuántos votos contó {place}?"),
            ("En primavera se plantaron {n} árboles en {place}.", "¿Cuántos árboles se plantaron en {place}?"),
            ("La biblioteca de {place} prestó {n} libros.", "¿Cuántos libros prestó la biblioteca de {place}?"),
        ),
        "La alcaldesa dio las gracias a los asistentes. La próxima reunión será el jueves. El camino junto al río "
        "sigue cerrado hasta que terminen las obras. Varios vecinos preguntaron cuándo volverá el transbordador. La "
        "escuela abrirá después de las vacaciones, como había prometido el director. ",
    ),
    "tr": (
        (
            ("{place} meclisi yeni köprü için {n} oy saydı.", "{place} meclisi kaç oy saydı?"),
            ("İlkbaharda {place} beldesinde {n} ağaç dikildi.", "{place} beldesinde kaç ağaç dikildi?"),
            ("{place} kütüphanesi {n} kitap ödünç verdi.", "{place} kütüphanesi kaç kitap ödünç verdi?"),
        ),
        "Belediye başkanı gelen herkese teşekkür etti. Bir sonraki toplantı perşembe günü. Nehir boyundaki yol onarım "
        "bitene kadar kapalı kalacak. Birkaç sakin feribotun ne zaman çalışacağını sordu. Okul, müdürün söz verdiği "
        "gibi tatilden sonra açılacak. ",
    ),
}


@dataclass(frozen=True)
class Fact:
    """A question and the figure that answers it."""

    question: str
    figure: str


def make_reports(folder: Path, count: int, seed: int = 1) -> list[list[Fact]]:
    """Write `count` reports into the folder; return the facts of each."""
    chance = random.Random(seed)
    figures = iter(chance.sample(range(1000, 100_000), count * 3))
    names = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES if len({a, b, c}) == 3]
    facts: list[list[Fact]] = []
    for number, name in enumerate(chance.sample(names, count)):
        place = name.capitalize()
        pairs, filler = WORDS[list(WORDS)[number % len(WORDS)]]
        held: list[Fact] = []
        parts = [place + "\n"]
        for told, asked in pairs:
            figure = str(next(figures))
            held.append(Fact(asked.format(place=place), figure))
            parts.append(told.format(place=place, n=figure) + " " + filler)
        (folder / f"{name}.txt").write_text("\n".join(parts), encoding="utf-8")
        facts.append(held)
    return facts

"""Stand-ins for both models, deterministic: a language model that follows rules or a script, an embedder of words.

`FakeModel` speaks the two forms of `rag.reading`: `"copied words" => sentence` or `NONE` about one excerpt with token
log-probabilities (small), or claims "text [n]" about many sentences without (remote). A small one is held to the
grammar that it is given, as llama.cpp would hold it. What it is asked is kept in `prompts`.
"""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.deciding import POINTING, UNIT
from rag.embedding import Vectors, unit
from rag.errors import ModelError
from rag.languages import fold
from rag.llm import Completion, Message, Token
from rag.prompts import fill

SURE = -0.001
UNSURE = -6.0
# Log-odds with which a model finds that words are, or hardly are, what is asked for.
AGREED, DOUBTED = 4.0, 0.5
_NUMBERED = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
_EXCERPT = re.compile(r"^Report \([^\n]*\):\n(.*)\n\nQuestion: (.*)\nIn [^\n]*:$", re.DOTALL)
_ESCAPED, _FIRST = re.compile(r"\\(.)"), r"\1"
_GBNF = re.compile(r'"((?:[^"\\]|\\.)*)"|(\[(?:[^\]\\]|\\.)*\](?:\{[\d,]+\})?)|([a-z]\w*)|([()|?])|\s+')


@dataclass(frozen=True)
class Prompt:
    """What the model was asked: all of it, and the excerpt or the numbered sentences in it."""

    messages: tuple[Message, ...]
    grammar: str | None

    @property
    def user(self) -> str:
        return self.messages[-1].content

    @property
    def sentences(self) -> dict[int, str]:
        return {int(number): text for number, text in _NUMBERED.findall(self.user)}

    @property
    def excerpt(self) -> str:
        """What a small model was shown of a report; empty where it was shown none."""
        found = _EXCERPT.match(self.user)
        return found.group(1) if found else ""

    @property
    def question(self) -> str:
        """What a small model was asked about the excerpt."""
        found = _EXCERPT.match(self.user)
        return found.group(2) if found else ""

    @property
    def translates(self) -> bool:
        """Whether words are to be translated, rather than evidence read."""
        return self.messages[0].content == fill("translate", "system")

    @property
    def weighs(self) -> bool:
        """Whether it is asked if words are what a question asks for, rather than to read evidence."""
        return self.messages[0].content == fill("agree", "system")

    @property
    def rewrites(self) -> bool:
        """Whether a follow-up is to be made to stand alone, rather than evidence read."""
        return self.messages[0].content == fill("standalone", "system")


Reply = Callable[[Prompt], str | Completion | Exception]


class FakeModel:
    """A `rag.llm.LanguageModel`; `reply` is a rule, or what to say in turn (the last one for ever).

    `rewritten` is its answer to a follow-up, `translated` to what is to be translated, `agrees` the log-odds with which
    it finds that words are what is asked for. A model that `constrains` may say only what its grammar admits.
    """

    def __init__(
        self,
        reply: Reply | Sequence[str | Completion | Exception],
        *,
        small: bool = True,
        constrains: bool | None = None,
        rewritten: str = "",
        translated: str = "",
        agrees: float = AGREED,
    ) -> None:
        self.name = "fake"
        self.small = small
        self.constrains = small if constrains is None else constrains
        self.prompts: list[Prompt] = []
        self.closed = False
        self.thread: int | None = None
        self._reply = reply
        self._rewritten = rewritten
        self._translated = translated
        self._agrees = agrees

    @property
    def read(self) -> list[Prompt]:
        """The prompts that showed evidence."""
        return [prompt for prompt in self.prompts if not (prompt.rewrites or prompt.translates or prompt.weighs)]

    @property
    def translations(self) -> list[Prompt]:
        """The prompts that gave words to translate."""
        return [prompt for prompt in self.prompts if prompt.translates]

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        if self.closed:
            raise ModelError("the model was closed")
        self.thread = threading.get_ident()
        prompt = Prompt(tuple(messages), grammar)
        turn = len(self.read)
        self.prompts.append(prompt)
        if prompt.rewrites:
            return Completion(self._rewritten, ())
        if prompt.translates:
            return Completion(self._translated, ())
        if prompt.weighs:
            return Completion("Yes", (Token("Yes", -0.1, (("Yes", -0.1), ("No", -0.1 - self._agrees))),))
        said = self._reply(prompt) if callable(self._reply) else self._reply[min(turn, len(self._reply) - 1)]
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            said = tokens(said) if self.small else Completion(said, ())
        if self.constrains and grammar is not None:
            assert admitted(grammar, said.text), f"no grammar lets a model say {said.text!r} about {prompt.user!r}"
        if on_text:
            on_text(said.text)
        return said

    def close(self) -> None:
        self.closed = True


def admitted(grammar: str, text: str) -> bool:
    """Whether the grammar lets a model say the text; reads the part of GBNF that `rag.grammars` writes."""
    rules = dict(line.split(" ::= ", 1) for line in grammar.splitlines() if line)

    def as_regex(rule: str) -> str:
        made, at = "", 0
        while at < len(rule):
            match = _GBNF.match(rule, at)
            assert match, f"not read as GBNF: {rule[at:]!r}"
            literal, characters, name, mark = match.groups()
            if literal is not None:
                made += f"(?:{re.escape(_ESCAPED.sub(_FIRST, literal))})"
            elif name:
                made += f"(?:{as_regex(rules[name])})"
            else:
                made += characters or ("(?:" if mark == "(" else mark) or ""
            at = match.end()
        return made

    return re.fullmatch(as_regex(rules["root"]), text) is not None


def tokens(
    text: str,
    *,
    logprob: float = SURE,
    copying: float | None = None,
    saying: float | None = None,
    decline: float = -8.0,
) -> Completion:
    """The text as a model with probabilities gives it: tokens of the opening quote, of the copied words, ` =>`, of the
    sentence.

    `copying` and `saying` are the log-probability of each token of the copied words and of the sentence, `logprob` of
    every other and where these are not given; `decline` is that of beginning with NONE.
    """
    copied, arrow, said = text.partition(" => ")
    other = ('"', -8.0) if text.startswith("NONE") else ("NONE", decline)
    first, rest = ("NONE", "") if text.startswith("NONE") else (text[:1], copied[1:])
    made = [Token(first, logprob, ((first, logprob), other))]
    made += [Token(piece, logprob if copying is None else copying, ()) for piece in re.findall(r"\s*\S+", rest)]
    if arrow:
        made.append(Token(" =>", logprob, ()))
        made += [Token(piece, logprob if saying is None else saying, ()) for piece in re.findall(r"\s*\S+", " " + said)]
    return Completion(text, tuple(made))


def excerpts(*rules: tuple[str, str], otherwise: str = "NONE") -> Reply:
    """A small model's rule: the first rule whose words stand in the excerpt, and may be copied, says its sentence."""

    def reply(prompt: Prompt) -> str:
        said = (f'"{words}" => {claim}' for words, claim in rules if words in prompt.excerpt)
        return next((text for text in said if not prompt.grammar or admitted(prompt.grammar, text)), otherwise)

    return reply


def claims(*rules: tuple[Sequence[str] | str, str], before: Iterable[str] = ()) -> Reply:
    """A remote model's rule: each claim with the numbers of the sentences that hold its words, a line each."""

    def reply(prompt: Prompt) -> str:
        lines = list(before)
        for words, claim in rules:
            wanted = (words,) if isinstance(words, str) else words
            numbers = [n for word in wanted for n, sentence in prompt.sentences.items() if word in sentence]
            if numbers:
                lines.append(f"{claim} " + "".join(f"[{n}]" for n in dict.fromkeys(numbers)))
        return "\n".join(lines) or "NONE"

    return reply


class FakeLikeness:
    """A `rag.pointing.Likeness`: a text is as near as the greatest of the rules whose words stand in it.

    Unless told otherwise both likenesses are without effect. What it compares is kept in `compared`: the language
    and the words or the question, then those that they are compared with.
    """

    def __init__(self, *near: tuple[str, float], otherwise: float = POINTING, alike: float = UNIT) -> None:
        self.compared: list[tuple[str, tuple[str, ...], str, tuple[str, ...]]] = []
        self._near = near
        self._otherwise = otherwise
        self._alike = alike

    def matches(
        self, words: tuple[str, ...], language: str, others: tuple[str, ...], other_language: str
    ) -> list[float]:
        self.compared.append((language, words, other_language, others))
        return [self._alike] * len(words)

    def near(self, question: str, asked: str, texts: tuple[str, ...], language: str) -> list[float]:
        self.compared.append((asked, (question,), language, texts))
        return [max((near for words, near in self._near if words in text), default=self._otherwise) for text in texts]


class WordEmbedder:
    """Texts that share words are near, others a little: folded words hashed into 512 dimensions.

    Counts what it embedded.
    """

    name = "fake/words-512"

    def __init__(self) -> None:
        self.embedded = 0

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        rows = np.full((len(texts), 512), 0.05, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in set(re.findall(r"\w+", fold(text))):
                row[zlib.crc32(word.encode()) % 512] += 1.0
        return unit(rows)

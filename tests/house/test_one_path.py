"""One way for each thing: nothing goes round the text gate's neighbours, the writer, the transport, the database."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.files import ROOT, calls, code, everything, nodes, shown, tree

LIMIT = 800
PRINTS = {"xunke/cli/output.py"}
WRITES = {
    "xunke/export.py",  # the one writer of files for users
    "xunke/cli/main.py",  # /dev/null, after the reader of a pipe has gone
}
CONNECTS = {
    "xunke/storage/project.py",  # readers
    "xunke/storage/writer.py",  # the one writer
    "collectors/importers/binary_rows.py",  # reads other programs' files
}
SPEAKS_HTTP = {
    "collectors/connect.py",  # the connections of collectors/http.py: platforms, reads only
    "collectors/wire.py",  # what both share
    "xunke/llm/post.py",  # the language model that the user connected
}
READS = "collectors/reads.py"
POSTING = {"post", "put", "delete", "patch"}
METHODS = {"POST", "PUT", "DELETE", "PATCH", b"POST", b"PUT", b"DELETE", b"PATCH"}
_OPENS = re.compile(r"[wax+]")


def used(wanted: set[str]) -> set[str]:
    return {shown(path) for path in code() if wanted & {name for name, _ in calls(path)}}


def imports(path_name: str) -> set[str]:
    found: set[str] = set()
    for node in nodes(ROOT / path_name):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_only_the_command_lines_output_prints() -> None:
    assert used({"print"}) <= PRINTS


def _writes(call: ast.Call, name: str) -> bool:
    if name.endswith((".write_text", ".write_bytes")):
        return True
    if name != "open" and not name.endswith(".open"):
        return False
    constants = [a.value for a in (*call.args[:2], *(k.value for k in call.keywords if k.arg == "mode"))
                 if isinstance(a, ast.Constant) and isinstance(a.value, str)]  # fmt: skip
    return any(len(c) <= 3 and _OPENS.search(c) for c in constants)


def test_only_the_exporter_writes_files() -> None:
    found = {shown(path) for path in code() if any(_writes(call, name) for name, call in calls(path))}
    assert found <= WRITES


def test_only_storage_opens_databases() -> None:
    assert used({"sqlite3.connect"}) <= CONNECTS


def test_only_the_transport_speaks_http() -> None:
    speakers = {"httpx", "httpcore", "urllib3", "requests", "aiohttp", "socket"}
    found = {shown(p) for p in code() if speakers & imports(shown(p))}
    assert found - {"collectors/address.py"} <= SPEAKS_HTTP  # address.py resolves names before the transport asks
    asks = {shown(p) for p in code() if re.search(r"urllib\.request|http\.client|urlopen", p.read_text("utf-8"))}
    assert not asks


def _said(path: Path) -> set[object]:
    """All constants in a file."""
    return {n.value for n in nodes(path) if isinstance(n, ast.Constant) and isinstance(n.value, str | bytes)}


def test_only_two_modules_know_the_word_post() -> None:
    """P08: the table of POSTs that read, and the question to a language model. Nothing else can send one."""
    ours = [p for p in code() if p.is_relative_to(ROOT / "collectors") and p.parent.name != "testing"]
    speak = [ROOT / "xunke/llm/post.py", *ours]  # the contract for tests asks which verbs a server was sent
    assert {shown(p) for p in code() if {"httpx", "httpcore"} & imports(shown(p))} <= {shown(p) for p in speak}
    found = {shown(path) for path in speak if METHODS & _said(path)}
    assert found == {READS, "xunke/llm/post.py"}
    assert METHODS & _said(ROOT / READS) == {b"POST"}


def test_no_collector_can_post() -> None:
    """Nothing is called by a name of a verb that writes, and a verb other than GET comes from the table alone."""
    asks = {shown(path): name for path in code() for name, _ in calls(path) if name.endswith("method_for")}
    assert asks == {"collectors/http.py": "reads.method_for"}
    for path in code():
        if path.is_relative_to(ROOT / "collectors"):
            ours = {a.asname or a.name for n in nodes(path) if isinstance(n, ast.ImportFrom) and n.level
                    for a in n.names}  # fmt: skip
            said = {name for name, _ in calls(path) if name.rpartition(".")[2] in POSTING and "." in name}
            assert not {n for n in said if n.partition(".")[0] not in ours}, shown(path)  # ours: views.post is a reader
            made = [call for name, call in calls(path) if name.endswith("Request")]
            assert not made or shown(path) == "collectors/connect.py"
            senders = {name for name, _ in calls(path) if name.endswith((".send", "Connections", "Sent"))}
            assert not senders or shown(path) == "collectors/http.py"
            assert not {name for name, _ in calls(path)} & {"setattr", "object.__setattr__"}, shown(path)


def test_the_transport_asks_in_one_place_with_the_verb_it_was_given() -> None:
    """GET is what a request is unless ``post_json``, and it alone, has a verb from the table of reads."""
    module = tree(ROOT / "collectors/http.py")
    asks = [n for n in ast.walk(module) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "_Ask"]
    verbs = [n for n in asks if len(n.args) > 4 or any(k.arg == "method" for k in n.keywords)]
    post = next(n for n in ast.walk(module) if isinstance(n, ast.AsyncFunctionDef) and n.name == "post_json")
    assert len(asks) >= 3
    assert len(verbs) == 1
    assert verbs[0] in list(ast.walk(post))
    assert "reads.method_for(address)" in ast.unparse(post)


def test_the_model_sees_no_project() -> None:
    """What asks a model cannot read the database, so that no post or person can be sent by mistake."""
    for path in code():
        if path.is_relative_to(ROOT / "xunke" / "llm"):
            assert "sqlite3" not in imports(shown(path))
            assert "xunke.storage" not in path.read_text("utf-8"), shown(path)


def test_nothing_runs_words() -> None:
    """No eval, exec, pickle or shell: foreign data is data."""
    assert not used({"eval", "exec", "pickle.loads", "pickle.load", "os.system", "os.popen"})
    for path in code():
        for name, call in calls(path):
            shell = [k for k in call.keywords if k.arg == "shell"]
            assert not shell, f"{shown(path)}: {name}(shell=…)"


def test_no_file_is_too_long() -> None:
    ours = [p for p in everything() if p.suffix in (".py", ".tcss")]
    assert len(ours) > 500
    assert not [shown(p) for p in ours if len(p.read_text("utf-8").splitlines()) > LIMIT]


_HOME = re.compile(r"(?<![\w./:~-])/(?:home|Users|root|work|mnt|srv)/[\w.]+/")


def test_no_path_of_a_machine() -> None:
    """Neither this checkout's place nor anybody's home."""
    here = str(ROOT)
    for path in everything():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        assert here not in text, shown(path)
        if path.name != "uv.lock":
            assert not _HOME.search(text), f"{shown(path)}: {_HOME.search(text)}"


def test_no_unfinished_marks() -> None:
    marks = re.compile(r"#\s*(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    assert not [shown(p) for p in code() if marks.search(p.read_text("utf-8"))]

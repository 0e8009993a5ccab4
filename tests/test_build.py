"""Builds: what is read, what is kept, and that nothing is ever half done."""

from __future__ import annotations

import gzip
import json
import logging
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_library import SETTINGS, analyse, write

from index import pipeline
from index.build import BuildReport, build, remove
from index.config import IndexSettings
from index.errors import IndexBusyError, IndexMissingError, InputError
from index.store import Library, check
from index.store.generation import build_lock
from index.types import Passage

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "analyse", analyse)


def texts(index: Path) -> dict[str, str]:
    with Library.open(index) as library:
        return {entry.file: library.raw(entry.file) for entry in library.documents()}


def contents(index: Path) -> list[Passage]:
    with Library.open(index) as library:
        return library.passages(range(len(library)))


def test_a_second_build_reads_only_what_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "in", {"a.txt": "甲\n", "b.txt": "乙\n", "c.txt": "丙\n"})
    assert build([folder], tmp_path / "index", SETTINGS).added == ("a.txt", "b.txt", "c.txt")
    read = []
    monkeypatch.setattr(pipeline, "analyse", lambda s, *more: read.append(s.file) or analyse(s, *more))
    write(folder, {"b.txt": "乙二\n", "d.txt": "丁\n"})
    report = build([folder], tmp_path / "index", SETTINGS)
    assert (report.added, report.updated, report.unchanged) == (("d.txt",), ("b.txt",), ("a.txt", "c.txt"))
    assert read == ["b.txt", "d.txt"]
    assert (report.passages, report.removed, report.skipped) == (4, (), ())
    assert texts(tmp_path / "index") == {"a.txt": "甲\n", "b.txt": "乙二\n", "c.txt": "丙\n", "d.txt": "丁\n"}


def test_a_build_that_changes_nothing_makes_no_generation(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"a.txt": "甲\n"})
    first = build([folder], tmp_path / "index", SETTINGS)
    assert build([folder], tmp_path / "index", SETTINGS).generation == first.generation


def test_documents_that_are_not_given_again_stay(tmp_path: Path) -> None:
    build([write(tmp_path / "one", {"a.txt": "甲\n"})], tmp_path / "index", SETTINGS)
    build([write(tmp_path / "two", {"b.txt": "乙\n"})], tmp_path / "index", SETTINGS)
    assert set(texts(tmp_path / "index")) == {"a.txt", "b.txt"}


NAMES = st.sampled_from(["a.txt", "b.txt", "下/c.md", "d.txt"])
BODIES = st.lists(st.sampled_from(["锅炉节能", "污水处理", "名\t值", "  ", "一 二"]), min_size=1, max_size=4).map(
    lambda lines: "题目\n" + "\n".join(lines)
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.dictionaries(NAMES, BODIES, min_size=1, max_size=3), min_size=1, max_size=4))
def test_many_small_builds_make_the_same_index_as_one(
    steps: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("steps")
    chosen = IndexSettings(embedder="hash")
    for texts_of_step in steps:
        build([write(home / "in", texts_of_step)], home / "grown", chosen)
    build([home / "in"], home / "fresh", chosen)
    with Library.open(home / "grown") as grown, Library.open(home / "fresh") as fresh:
        assert grown.passages(range(len(grown))) == fresh.passages(range(len(fresh)))
        assert [e.file for e in grown.documents()] == [e.file for e in fresh.documents()]
        assert grown.documents() == fresh.documents()
        query = {"锅": 1.0, "污水": 0.5, "题目": 0.2}
        assert grown.lexical.search(query, 99) == fresh.lexical.search(query, 99)
        assert grown.vectors and fresh.vectors
        assert (grown.vectors.matrix() == fresh.vectors.matrix()).all()
        assert grown.manifest.documents_sha256 == fresh.manifest.documents_sha256
    assert check(home / "grown") == []


def test_a_removed_document_is_gone_everywhere(tmp_path: Path) -> None:
    index = tmp_path / "index"
    build([write(tmp_path / "in", {"a.txt": "甲\n锅炉\n", "b.txt": "乙\n"})], index, SETTINGS)
    report = remove(["a.txt"], index)
    assert (report.removed, report.passages) == (("a.txt",), 1)
    assert texts(index) == {"b.txt": "乙\n"}
    with Library.open(index) as library:
        assert library.lexical.search({"锅炉": 1.0}, 5) == []
    assert check(index) == []
    remove(["b.txt"], index)
    assert texts(index) == {}
    assert check(index) == []


def test_an_unknown_document_is_not_removed(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        remove(["a.txt"], tmp_path / "index")
    build([write(tmp_path / "in", {"a.txt": "甲\n"})], tmp_path / "index", SETTINGS)
    with pytest.raises(InputError, match=r"x\.txt"):
        remove(["a.txt", "x.txt"], tmp_path / "index")
    assert set(texts(tmp_path / "index")) == {"a.txt"}


def test_what_cannot_be_read_is_named_and_the_rest_is_built(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = write(tmp_path / "in", {"好.txt": "甲\n", "空.txt": "", "图.png": "x", "怪.txt": "读不懂\n"})
    os.mkfifo(folder / "管.txt")
    with caplog.at_level(logging.CRITICAL):
        report = build([folder], tmp_path / "index", SETTINGS)
    assert report.added == ("好.txt",)
    assert {name: bool(reason) for name, reason in report.skipped} == dict.fromkeys(
        ["空.txt", "图.png", "怪.txt", "管.txt"], True
    )
    assert check(tmp_path / "index") == []


def test_nothing_readable_leaves_no_index(tmp_path: Path) -> None:
    report = build([write(tmp_path / "in", {"空.txt": ""})], tmp_path / "index", SETTINGS)
    assert (report.generation, len(report.skipped)) == ("", 1)
    with pytest.raises(IndexMissingError):
        Library.open(tmp_path / "index")


def test_a_document_that_has_become_unreadable_keeps_its_old_version(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"a.txt": "甲\n", "b.txt": "乙\n"})
    build([folder], tmp_path / "index", SETTINGS)
    report = build([write(folder, {"a.txt": "", "b.txt": "乙二\n"})], tmp_path / "index", SETTINGS)
    assert "旧版" in dict(report.skipped)["a.txt"]
    assert texts(tmp_path / "index") == {"a.txt": "甲\n", "b.txt": "乙二\n"}


def test_a_missing_path_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有的"):
        build([tmp_path / "没有的"], tmp_path / "index", SETTINGS)
    assert not (tmp_path / "index").exists()


def test_hidden_files_and_the_index_itself_are_not_documents(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "甲\n", ".b.txt": "乙\n", ".git/c.txt": "丙\n", "~$d.docx": "丁"})
    for _ in range(2):
        report = build([tmp_path], tmp_path / "index", SETTINGS)
        assert report.skipped == ()
    assert set(texts(tmp_path / "index")) == {"a.txt"}


def test_files_of_one_name_are_kept_under_their_paths(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"x.txt": "甲\n", "下/x.txt": "乙\n", "下/y.txt": "丙\n"})
    build([folder], tmp_path / "index", SETTINGS)
    assert texts(tmp_path / "index") == {"x.txt": "甲\n", "下/x.txt": "乙\n", "y.txt": "丙\n"}
    (folder / "x.txt").unlink()
    assert build([folder], tmp_path / "index", SETTINGS).unchanged == ("y.txt", "下/x.txt")


def test_a_name_that_is_shared_later_moves_to_its_path(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"上/x.txt": "甲\n"})
    build([folder], tmp_path / "index", SETTINGS)
    report = build([write(folder, {"下/x.txt": "乙\n"})], tmp_path / "index", SETTINGS)
    assert (report.added, report.removed) == (("上/x.txt", "下/x.txt"), ("x.txt",))
    assert texts(tmp_path / "index") == {"上/x.txt": "甲\n", "下/x.txt": "乙\n"}


def test_two_folders_with_the_same_paths_are_told_apart(tmp_path: Path) -> None:
    one, two = write(tmp_path / "一", {"x.txt": "甲\n"}), write(tmp_path / "二", {"x.txt": "乙\n"})
    build([one, two, one / "x.txt"], tmp_path / "index", SETTINGS)
    assert texts(tmp_path / "index") == {"一/x.txt": "甲\n", "二/x.txt": "乙\n"}


def test_a_corpus_gives_one_document_a_line(tmp_path: Path) -> None:
    lines = [{"_id": "d1", "title": "题一", "text": "锅炉"}, {"_id": "d2", "title": "", "text": "污水"}]
    path = tmp_path / "corpus.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, [*lines, lines[0]])).encode()))
    report = build([path], tmp_path / "index", SETTINGS)
    assert report.added == ("d1", "d2")
    assert [name for name, _ in report.skipped] == ["d1"]
    assert texts(tmp_path / "index") == {"d1": "题一\n锅炉", "d2": "污水"}
    assert build([path], tmp_path / "index", SETTINGS).unchanged == ("d1", "d2")


def test_other_settings_renew_every_document_also_those_whose_files_are_gone(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"a.txt": "甲\n", "b.txt": "乙\n"})
    build([folder], tmp_path / "index", SETTINGS)
    (folder / "a.txt").unlink()
    other = IndexSettings(passage_chars=99, embedder="hash")
    report = build([folder], tmp_path / "index", other)
    assert sorted(report.updated) == ["a.txt", "b.txt"]
    with Library.open(tmp_path / "index", other) as library:
        assert library.vectors is not None
    assert check(tmp_path / "index") == []


def test_better_code_renews_every_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "in", {"a.txt": "甲\n"})
    build([folder], tmp_path / "index", SETTINGS)
    monkeypatch.setattr(pipeline, "code_hash", lambda: "other")
    assert build([folder], tmp_path / "index", SETTINGS).updated == ("a.txt",)
    assert build([folder], tmp_path / "index", SETTINGS).unchanged == ("a.txt",)


def test_only_the_current_generation_and_the_one_before_stay(tmp_path: Path) -> None:
    for number in range(4):
        build([write(tmp_path / "in", {"a.txt": f"甲{number}\n"})], tmp_path / "index", SETTINGS)
    assert len(list((tmp_path / "index" / "generations").iterdir())) == 2


def test_a_failed_build_leaves_the_old_index_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "index"
    build([write(tmp_path / "in", {"a.txt": "甲\n"})], index, SETTINGS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("index.store.generation.write_manifest", full)
    with pytest.raises(InputError, match="No space left"):
        build([write(tmp_path / "in", {"a.txt": "乙\n"})], index, SETTINGS)
    assert texts(index) == {"a.txt": "甲\n"}
    assert len(list((index / "generations").iterdir())) == 1


def test_the_report_is_one_line_of_json(tmp_path: Path) -> None:
    report = build([write(tmp_path / "in", {"a.txt": "甲\n", "空.txt": ""})], tmp_path / "index", SETTINGS)
    read = json.loads(report.to_json())
    assert read["added"] == ["a.txt"]
    assert read["skipped"][0]["file"] == "空.txt"
    assert set(read) == set(BuildReport.__dataclass_fields__)


def test_progress_names_each_document(tmp_path: Path) -> None:
    told: list[str] = []
    build([write(tmp_path / "in", {"a.txt": "甲\n", "b.txt": "乙\n"})], tmp_path / "index", SETTINGS, told.append)
    assert told == ["a.txt", "b.txt"]


def test_a_second_build_at_the_same_time_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"a.txt": "甲\n"})
    with build_lock(tmp_path / "index"), pytest.raises(IndexBusyError, match="另一个进程"):
        build([folder], tmp_path / "index", SETTINGS)
    assert build([folder], tmp_path / "index", SETTINGS).added == ("a.txt",)


_CHILD = """
import sys
from pathlib import Path
import small_library
from index import pipeline
from index.build import build
pipeline.analyse = small_library.analyse
sys.stdout.write("ready\\n"); sys.stdout.flush()
source = sys.stdin.readline().strip()
build([Path(source)], Path(sys.argv[1]), small_library.SETTINGS)
sys.stdout.write("done\\n"); sys.stdout.flush()
"""


def child(index: Path) -> subprocess.Popen[str]:
    """Start a build process that waits for a line with the folder to build."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", _CHILD, str(index)], stdin=pipe, stdout=pipe, text=True, env=env)


def start(process: subprocess.Popen[str], source: Path) -> None:
    assert process.stdin and process.stdout
    assert process.stdout.readline() == "ready\n"
    process.stdin.write(f"{source}\n")
    process.stdin.flush()


def end(process: subprocess.Popen[str]) -> str:
    """Kill the process with SIGKILL and return what it had said since ``start``."""
    process.kill()
    said, _ = process.communicate()
    return said


def test_killed_at_any_moment_the_index_opens_old_or_new_and_whole(tmp_path: Path) -> None:
    index = tmp_path / "index"
    versions = {}
    for mark in "新旧":
        files = {f"{n}.txt": f"题{n}\n" + f"{mark}的第{n}条规定\n" * 30 for n in range(40)}
        versions[mark] = write(tmp_path / mark, files)
    began = time.monotonic()
    build([versions["旧"]], index, SETTINGS)
    window = 2 * (time.monotonic() - began)
    random.seed(5)
    current, outcomes = "旧", set()
    process = child(index)
    for _ in range(50):
        target = "新" if current == "旧" else "旧"
        start(process, versions[target])
        following = child(index)
        time.sleep(random.uniform(0, window))
        done = end(process)
        process = following
        marks = {text.splitlines()[1][0] for text in texts(index).values()}
        assert len(marks) == 1, "a mixture of two collections"
        assert done != "done\n" or marks == {target}
        assert check(index) == []
        outcomes.add(marks == {target})
        window *= 0.8 if marks == {target} else 1.25  # stays about the switch, however busy the machine is
        (current,) = marks
    end(process)
    assert outcomes == {True, False}, "the kills did not hit before and after the switch"
    build([versions["新"]], index, SETTINGS)
    assert len(list((index / "generations").iterdir())) <= 2


def test_killed_during_the_first_build_there_is_no_index_or_a_whole_one(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {f"{n}.txt": "题\n" + "规定\n" * 50 for n in range(40)})
    for wait in (0.0, 0.01, 0.03, 0.05, 0.08, 0.13):
        index = tmp_path / f"index{wait}"
        process = child(index)
        start(process, folder)
        time.sleep(wait)
        end(process)
        if (index / "manifest.json").exists():
            assert check(index) == []
        build([folder], index, SETTINGS)
        assert check(index) == []
        assert len(texts(index)) == 40
        assert len(list((index / "generations").iterdir())) == 1

"""The host of an index folder: newest generation, rebuild in the background, trouble that does not stop answers."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from youju_process import NAMES, write_documents

from index.build import build
from index.errors import IndexBusyError, IndexMissingError, InputError
from index.store.manifest import MANIFEST
from rag.config import Settings
from rag.host import Host

ASKED = "第8号窑炉每年检修几次？"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    settings = Settings(index_dir=tmp_path / "index")
    build([write_documents(tmp_path / "docs")], settings.index_dir, settings.index)
    made = Host(settings)
    yield made
    made.close()


def kiln(folder: Path) -> Path:
    path = folder / "窑炉.txt"
    path.write_text("第一条 第8号窑炉每年检修 6 次。\n", "utf-8")
    return path


def test_a_rebuild_reports_its_progress_and_its_documents_answer(host: Host, tmp_path: Path) -> None:
    before = host.qa()
    assert host.progress().state == "idle"
    host.rebuild([kiln(tmp_path), tmp_path / "docs"])
    assert host.progress().state == "running" and host.health().rebuilding
    done = host.wait(60)
    assert done.state == "done" and done.report and done.report.added == ("窑炉.txt",) and done.seen == 3
    assert set(done.report.unchanged) == set(NAMES) and done.ended >= done.started > 0
    assert host.qa() is not before and "6次" in host.qa().answer(ASKED).text.replace(" ", "")
    assert before.answer("年取水量超过多少的企业要做水平衡测试？").citations, "who holds the old one goes on with it"


def test_a_removed_document_answers_no_more(host: Host) -> None:
    host.remove([NAMES[1]])
    done = host.wait(60)
    assert done.report and done.report.removed == (NAMES[1],)
    assert [entry.file for entry in host.qa().library.documents()] == [NAMES[0]]


def test_what_cannot_be_done_is_said_at_once(host: Host, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"没有\.txt"):
        host.rebuild([tmp_path / "没有.txt"])
    with pytest.raises(InputError, match=r"没有\.txt"):
        host.remove(["没有.txt"])
    with pytest.raises(InputError):
        host.rebuild([])
    assert host.progress().state == "idle"


def test_one_change_at_a_time(host: Host, tmp_path: Path) -> None:
    host.rebuild([kiln(tmp_path)])
    with pytest.raises(IndexBusyError):
        host.remove([NAMES[0]])
    assert host.wait(60).state == "done"
    host.remove([NAMES[0]])
    assert host.wait(60).state == "done"


def test_a_file_that_cannot_be_read_is_named_in_the_report(host: Host, tmp_path: Path) -> None:
    (tmp_path / "坏.docx").write_bytes(b"not a docx")
    host.rebuild([tmp_path / "坏.docx"])
    done = host.wait(60)
    assert done.state == "done" and done.report
    ((file, reason),) = done.report.skipped
    assert file == "坏.docx" and reason


def test_a_rebuild_that_is_killed_is_told_and_leaves_the_index_whole(host: Host, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(300):
        (many / f"{number}.txt").write_text(f"第一条 第{number}号设备每年检修 {number} 次。\n" * 30, "utf-8")
    generation = host.qa().library.generation
    host.rebuild([many])
    until = time.monotonic() + 30
    while not host.progress().seen and time.monotonic() < until:
        time.sleep(0.005)
    child = host._child
    assert child
    os.kill(child.pid, signal.SIGKILL)
    done = host.wait(30)
    assert done.state == "failed" and done.error and done.report is None
    assert host.qa().library.generation == generation
    host.remove([NAMES[1]])
    assert host.wait(60).state == "done", "the next change is not held up"


def test_another_process_that_is_building_is_told(host: Host, tmp_path: Path) -> None:
    from index.store.generation import build_lock

    with build_lock(host.settings.index_dir):
        host.rebuild([kiln(tmp_path)])
        done = host.wait(60)
    assert done.state == "failed" and "另一个进程" in done.error


def test_a_generation_that_cannot_be_opened_leaves_the_old_one_answering(host: Host) -> None:
    before = host.qa()
    place = host.settings.index_dir / MANIFEST
    manifest = json.loads(place.read_text("utf-8"))
    place.write_text(json.dumps({**manifest, "generation": "000009-none"}), "utf-8")
    assert host.qa() is before
    health = host.health()
    assert not health.ok and "损坏" in health.problem and health.generation == before.library.generation
    place.write_text(json.dumps(manifest), "utf-8")
    assert host.qa() is not before and host.health().ok


def test_without_an_index_the_reason_is_told_and_the_first_build_opens_it(tmp_path: Path) -> None:
    host = Host(Settings(index_dir=tmp_path / "index"))
    with pytest.raises(IndexMissingError):
        host.qa()
    health = host.health()
    assert not health.ok and "没有索引" in health.problem and health.free_bytes > 0
    host.rebuild([kiln(tmp_path)])
    assert host.wait(60).state == "done"
    assert host.health().ok and host.health().documents == 1 and host.health().index_bytes > 0


def test_threads_that_ask_during_changes_all_get_a_whole_library(host: Host, tmp_path: Path) -> None:
    over, errors, seen = threading.Event(), [], set()

    def asking() -> None:
        while not over.is_set():
            try:
                seen.add(host.qa().library.generation)
                assert host.qa().search("水平衡测试", 3)
            except Exception as error:  # noqa: BLE001
                errors.append(error)
                return

    threads = [threading.Thread(target=asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(3):
        (tmp_path / "docs" / f"{number}.txt").write_text(f"第一条 第{number}条说明。\n", "utf-8")
        host.rebuild([tmp_path / "docs"])
        assert host.wait(60).state == "done"
    over.set()
    for thread in threads:
        thread.join(30)
    assert not errors and len(seen) >= 3

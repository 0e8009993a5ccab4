"""The statutes bench: archives are unpacked safely, times and ratios are counted right, wrong input is one line."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from bench import laws
from bench.laws import QUESTIONS, Scan, Times, by_kind, comparison, folder_bytes, main, timed, unpack
from index import build as index_build
from index.config import IndexSettings
from index.errors import InputError
from index.store import Library

LAWS = {
    "laws/节水法.md": "# 节水法\n\n第一条 为了节约用水，制定本法。\n\n第二条 工业用水应当循环使用，重复利用率不得低于百分之八十。\n",
    "laws/渔业法.md": "# 渔业法\n\n第一条 渔业是指捕捞和养殖水产的活动。\n\n第二条 禁渔期内捕捞的，处一万元以下罚款。\n",
}


def archive_of(place: Path, members: dict[str, str] = LAWS, odd: tarfile.TarInfo | None = None) -> Path:
    path = place / "laws.tar.xz"
    with tarfile.open(path, "w:xz") as packed:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            packed.addfile(info, io.BytesIO(text.encode()))
        if odd:
            packed.addfile(odd)
    return path


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("laws")
    unpack(archive_of(place), place / "out")
    index_build.build([place / "out"], place / "index", IndexSettings())
    return place / "index"


def test_an_archive_is_unpacked(tmp_path: Path):
    assert unpack(archive_of(tmp_path), tmp_path / "out") == 2
    assert (tmp_path / "out" / "laws" / "渔业法.md").read_text("utf-8") == LAWS["laws/渔业法.md"]


@pytest.mark.parametrize("name", ["../out.md", "laws/../../out.md", "/out.md"])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, name: str):
    with pytest.raises(InputError, match="不予解压"):
        unpack(archive_of(tmp_path, {name: "x"}), tmp_path / "out")
    assert not (tmp_path / "out.md").exists() and not Path("/out.md").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_turned_away(tmp_path: Path, kind: bytes):
    odd = tarfile.TarInfo("laws/odd")
    odd.type, odd.linkname = kind, "节水法.md"
    with pytest.raises(InputError, match="laws/odd"):
        unpack(archive_of(tmp_path, odd=odd), tmp_path / "out")


def test_an_archive_that_grows_too_large_is_stopped(tmp_path: Path):
    size = sum(len(text.encode()) for text in LAWS.values())
    assert unpack(archive_of(tmp_path), tmp_path / "a", size) == 2
    with pytest.raises(InputError, match="超过"):
        unpack(archive_of(tmp_path), tmp_path / "b", size - 1)


def test_the_warm_up_is_not_timed(monkeypatch: pytest.MonkeyPatch):
    clock, asked = [0.0], []
    monkeypatch.setattr(laws.time, "perf_counter", lambda: clock[0])

    def ask(question: str) -> None:
        asked.append(question)
        clock[0] += 9 if len(asked) <= 2 else len(question) / 1000

    assert timed(ask, ["ab", "abcd"]).values == pytest.approx((2, 4))
    assert asked == ["ab", "abcd"] * 2


def test_percentiles_are_of_nearest_rank_and_ratios_of_the_same_figure():
    ours, scan = Times(tuple(float(n) for n in range(1, 41))), Times((10.0, 10.0, 40.0))
    assert ours.figures() == {"p50": 20, "p95": 38, "max": 40}
    rows = {line.split()[0]: line.split()[1:] for line in list(comparison(ours, scan))[1:]}
    assert rows["p50"] == ["20.0", "ms", "10.0", "ms", "2.00x"]
    assert rows["p95"] == ["38.0", "ms", "40.0", "ms", "0.95x"]
    assert rows["max"][-1] == "1.00x"


def test_kinds_are_counted_apart():
    lines = list(by_kind(["a", "b", "a", "a"], Times((1.0, 50.0, 3.0, 2.0)), [True, True, False, True]))[1:]
    assert lines[0].split() == ["a", "3", "2.0", "ms", "3.0", "ms", "2"]
    assert lines[1].split() == ["b", "1", "50.0", "ms", "50.0", "ms", "1"]


def test_the_scan_looks_for_the_rarest_token_that_is_held(index: Path):
    scan = Scan(Library.open(index, IndexSettings()))
    assert scan.rarest("禁渔的鲸鱼在哪一条") == "禁"
    assert [scan._texts[i] for i in scan.ask("禁渔期")] == [text for text in scan._texts if "禁" in text] != []
    assert scan.rarest("zzz") == "" and scan.ask("zzz") == []


def test_a_folder_counts_all_its_files(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"12345")
    (tmp_path / "y").write_bytes(b"123")
    assert folder_bytes(tmp_path) == 8


def test_an_index_is_measured(index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(tmp_path / "not-read.tar.xz"), "--index", str(index)]) == 0
    out = capsys.readouterr().out
    assert "2 documents" in out and "built" not in out
    assert f"{len(QUESTIONS)} questions, asked once before" in out
    assert "peak memory" in out and "off topic" in out


def test_an_archive_is_built_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(laws, "QUESTIONS", QUESTIONS[:2])
    lines = list(laws._report(archive_of(tmp_path), None, tmp_path / "place"))
    assert lines[1].startswith("built 2 files in ") and " MB" in lines[1]
    assert lines[2].startswith("2 documents, ")


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"\xfd7zXZ\x00broken"])
def test_an_archive_that_cannot_be_read_is_one_line(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "laws.tar.xz"
    if content is not None:
        path.write_bytes(content)
    assert main([str(path)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "laws.tar.xz" in err


def test_a_cut_off_archive_and_an_empty_one_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = archive_of(tmp_path)
    path.write_bytes(path.read_bytes()[:-60])
    assert main([str(path)]) == 2
    assert main([str(archive_of(tmp_path, {}))]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_a_missing_index_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(tmp_path), "--index", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_questions_are_some_thirty_of_seven_kinds_and_none_comes_twice():
    assert 28 <= len(QUESTIONS) <= 36
    assert len({text for _, text in QUESTIONS}) == len(QUESTIONS)
    kinds = {kind for kind, _ in QUESTIONS}
    assert kinds == {"article", "figure", "duty", "penalty", "definition", "procedure", "off topic"}

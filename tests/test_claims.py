"""Claim batches and drafts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.faults import FAULTS
from bench.notation import HARMLESS
from bench.planted_faults import generate
from bench.statements import read_rows, read_statements
from index.errors import InputError
from index.types import Hit, Locator, Passage, Span
from rag.claims import check_claims, check_draft, verify_batch, verify_draft
from rag.verify import check_sentence

SOURCE = "该线路全长35公里，宽约200米，2015年8月通车，造价8.2亿元。"


def claim(text: str, sentence: str = "", sources: tuple[str, ...] = (SOURCE,)) -> dict[str, object]:
    return next(check_claims([{"id": 1, "text": text, "sentence": sentence, "sources": list(sources), "label": 0}]))


def test_a_claim_line_gets_its_verdict_line() -> None:
    assert claim("线路全长36公里") == {
        "id": "1",
        "supported": False,
        "figures": [{"text": "36公里", "found": False, "nearest": "35公里"}],
        "reason": "原文没有“36公里”，最接近的是“35公里”",
    }


def test_only_the_given_figure_of_a_sentence_is_judged() -> None:
    sentence = "线路全长35公里，造价9亿元。"
    assert claim("35公里", sentence)["supported"]
    assert not claim("9亿元", sentence)["supported"]


def test_a_figure_without_its_sentence_is_looked_up_by_value_and_unit() -> None:
    assert claim("三十五公里")["supported"]
    assert not claim("35米")["supported"]


def test_a_claim_without_figures_is_judged_by_its_words() -> None:
    assert claim("该线路通车")["supported"]
    assert not claim("工程质量优良")["supported"]


@pytest.mark.parametrize("line", [{"id": "a", "text": "x"}, {"id": "a", "sources": []}, {"text": "x", "sources": "y"}])
def test_a_line_that_lacks_a_field_is_refused_with_its_number(line: dict[str, object]) -> None:
    with pytest.raises(InputError, match="第 1 条"):
        list(check_claims([line]))


def test_a_batch_file_becomes_a_verdict_file(tmp_path: Path) -> None:
    lines = [{"id": str(i), "text": t, "sources": [SOURCE]} for i, t in enumerate(["全长35公里", "全长53公里"])]
    batch, out = tmp_path / "claims.jsonl", tmp_path / "verdicts.jsonl"
    batch.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    assert verify_batch(batch, out) == 0
    verdicts = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(v["id"], v["supported"]) for v in verdicts] == [("0", True), ("1", False)]


class OneHit:
    """A library that finds one passage for everything."""

    def search(self, text: str, k: int = 10) -> list[Hit]:
        passage = Passage(
            "p", SOURCE, (Span(0, len(SOURCE)),), Locator("a.txt", path=("一、概况",)), "clause", "某线路"
        )
        return [Hit(passage, 1.0, ("lexical",))]


def test_each_sentence_of_a_draft_is_checked_and_placed() -> None:
    draft = "概述没有数字\n线路全长35公里。\n线路全长53公里。造价8.2亿元"
    checked = check_draft(draft, OneHit().search)
    assert [c.text for c in checked] == ["线路全长35公里。", "线路全长53公里。", "造价8.2亿元"]
    assert all(draft[c.start : c.end] == c.text for c in checked)
    assert [c.verdict.supported for c in checked] == [True, False, True]
    assert checked[0].source == "a.txt 一、概况"


def test_a_draft_file_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "草稿.txt"
    path.write_text("线路全长53公里。", "utf-8")
    assert verify_draft(path, OneHit()) == 0
    assert "最接近的是“35公里”" in capsys.readouterr().out
    verify_draft(path, OneHit(), as_json=True)
    assert json.loads(capsys.readouterr().out)["unsupported"] == 1


def test_a_missing_draft_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有这个文件"):
        verify_draft(tmp_path / "no.txt", OneHit())


@pytest.mark.parametrize("folder", ["sample_corpus", "real_corpus"])
def test_planted_faults_are_caught_and_harmless_variants_kept(folder: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(folder)
    statements = read_statements(path, "all") + read_rows(path, "all")
    kept = [check_sentence(text, [s.near]).supported for _, text, s in generate(statements, HARMLESS, 120, 5)]
    caught = [not check_sentence(text, [s.near]).supported for _, text, s in generate(statements, FAULTS, 120, 5)]
    assert sum(kept) >= 0.98 * len(kept)
    assert sum(caught) >= 0.97 * len(caught)

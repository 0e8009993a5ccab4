"""Questions for fitting the order: articles are found by law and printed number, fitted weights put the right first."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from bench.fit_order import fit, gain
from bench.order_data import articles, cited, printed

LAW = "# 中华人民共和国节水法\n\n<!-- INFO END -->\n\n## 第一章 总则\n\n第一条 为了节水。\n\n取水应当计量。\n\n第十二条 违者罚款。\n"


@pytest.mark.parametrize(
    ("number", "text"),
    [("8", "八"), ("10", "十"), ("15", "十五"), ("20", "二十"), ("105", "一百零五"), ("110", "一百一十"),
     ("1008", "一千零八"), ("1084", "一千零八十四"), ("1100", "一千一百"), ("十二", "十二")],
)  # fmt: skip
def test_numbers_are_written_as_laws_print_them(number: str, text: str) -> None:
    assert printed(number) == text


def test_an_answer_leads_to_the_articles_it_cites(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "laws.tar.xz", "w:xz") as packed:
        member = tarfile.TarInfo("节水法.md")
        member.size = len(LAW.encode())
        packed.addfile(member, io.BytesIO(LAW.encode()))
    known = articles(tmp_path / "laws.tar.xz")
    assert known == {("节水法", "第一条"): "为了节水。\n取水应当计量。", ("节水法", "第十二条"): "违者罚款。"}
    answer = "根据《中华人民共和国节水法》第1条和第十二条的规定，以及《渔业法》第二条。"
    assert cited(answer, known) == set(known)
    assert cited("根据节水的精神。", known) == set()


def test_fitted_weights_put_the_right_passage_first_and_none_is_negative() -> None:
    random = np.random.default_rng(0)
    groups = []
    for _ in range(60):
        table = random.random((20, 3))
        labels = np.zeros(20)
        labels[3] = 1
        table[3, 0] += 1.0
        table[:, 2] -= labels
        groups.append((table, labels))
    weight = fit(groups, 0.01)
    assert (weight >= 0).all() and weight.argmax() == 0 and weight[2] == pytest.approx(0, abs=0.02)
    assert gain(groups, weight) > 0.95 > gain(groups, np.ones(3) / 3)

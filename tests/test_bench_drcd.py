"""The quotation bench: what counts as quoted, the shares and their intervals, the baseline, wrong folders."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import drcd
from bench.drcd import Asked, Best, Outcome, Reply, alike, judge, load, main, sample, table
from eval.summary import wilson
from index.errors import InputError

ASKED = Asked("q", "湖邊的風車建於哪一年？", frozenset({"p1"}), ("１９８０年", "八十年代"))
PARAGRAPHS = [
    ("p0", "河流", "長河全長九百公里。長河流經三個縣。河上沒有橋。"),
    ("p1", "風車", "老村位於湖邊。湖邊的風車建於1980年。它在2001年停用。"),
    ("p2", "茶葉", "山上種茶已有百年。茶農每年採茶兩次。"),
]
QUESTIONS = {"q1": ("湖邊的風車建於哪一年？", "p1", "1980年"), "q2": ("茶農每年採茶幾次？", "p2", "兩次")}


def folder_of(place: Path) -> Path:
    """Write a set in the BEIR form; the third question has no answer, the fourth no paragraph."""
    (place / "qrels").mkdir()
    corpus = "".join(
        json.dumps({"_id": i, "title": title, "text": text}, ensure_ascii=False) + "\n" for i, title, text in PARAGRAPHS
    )
    (place / "corpus.jsonl.gz").write_bytes(gzip.compress(corpus.encode()))
    texts = {name: text for name, (text, _, _) in QUESTIONS.items()} | {"q3": "長河多長？", "q4": "誰種茶？"}
    answers = {name: answer for name, (_, _, answer) in QUESTIONS.items()} | {"q4": "茶農"}
    right = {name: doc for name, (_, doc, _) in QUESTIONS.items()} | {"q3": "p0"}
    write(place / "queries.jsonl", [{"_id": name, "text": text} for name, text in texts.items()])
    write(place / "answers.jsonl", [{"_id": name, "answers": [{"text": text}]} for name, text in answers.items()])
    judged = [f"{name}\t{doc}\t1\n" for name, doc in right.items()] + ["q1\tp2\t0\n"]
    (place / "qrels" / "dev.tsv").write_text("".join(judged), "utf-8")
    return place


def write(path: Path, values: list[dict[str, object]]) -> None:
    path.write_text("\n".join(json.dumps(value, ensure_ascii=False) for value in values), "utf-8")


def test_script_width_case_and_white_space_make_no_difference():
    assert alike("臺 灣１９８０年 ABC") == alike("台湾1980年abc")
    assert judge(ASKED, Reply("p1", (("p1", "它 建于 1980 年。"),))).held
    assert not judge(ASKED, Reply("p1", (("p1", "它建於1981年。"),))).held


def test_any_printing_in_any_citation_counts_but_not_across_two_and_only_the_first_is_the_cited_paragraph():
    two = judge(ASKED, Reply("p0", (("p0", "無"), ("p1", "建於八十年代"))))
    assert two.held and not two.found and not two.cited
    assert judge(ASKED, Reply("p1", (("p1", "無"), ("p0", "無")))).cited
    assert not judge(ASKED, Reply("p1", (("p1", "它建於1980"), ("p1", "年初")))).held


def test_a_refusal_quotes_nothing():
    outcome = judge(ASKED, Reply("p1", (("p1", "它建於1980年。"),), refused=True))
    assert outcome == Outcome(found=True, cited=False, refused=True, held=False, chars=0)


@pytest.mark.parametrize(("length", "brief"), [(60, True), (61, False)])
def test_all_quotes_together_must_be_short(length: int, brief: bool):
    first = "1980年"
    outcome = judge(ASKED, Reply("p1", (("p1", first), ("p1", "字" * (length - len(first))))))
    assert outcome.chars == length and outcome.held and outcome.brief is brief


def test_a_short_answer_without_the_answer_string_is_not_brief():
    assert not judge(ASKED, Reply("p1", (("p1", "無"),))).brief


def test_the_table_counts_over_all_questions_with_wilson_intervals():
    good = Outcome(found=True, cited=True, refused=False, held=True, chars=20)
    outcomes = [
        good,
        replace(good, chars=100),
        replace(good, held=False, chars=60),
        Outcome(True, False, True, False, 0),
    ]
    lines = list(table({"one": outcomes, "two": [good]}))
    low, high = wilson(3, 4)
    assert lines[0].split() == ["one", "two"]
    shares = [line[38:].split("]")[0].split(" [")[0] for line in lines[1:-1]]
    assert shares == ["1.000", "0.750", "0.250", "0.500", "0.250"]
    assert f"0.750 [{low:.3f}, {high:.3f}]" in lines[2]
    assert lines[-1].split()[-2:] == ["60", "20"]  # the refusal has no length


def test_the_sample_is_the_same_for_a_seed_and_never_asks_twice():
    asked = [replace(ASKED, id=str(i)) for i in range(50)]
    drawn = sample(asked, 20, 3)
    assert drawn == sample(asked, 20, 3) != sample(asked, 20, 4)
    assert len({each.id for each in drawn}) == 20
    assert len(sample(asked, 99, 3)) == 50


def test_the_baseline_quotes_the_best_sentence_of_the_best_paragraph():
    pytest.importorskip("bm25s")
    best = Best(PARAGRAPHS)
    assert best.reply("湖邊的風車建於哪一年？") == Reply("p1", (("p1", "湖邊的風車建於1980年。"),))
    assert best.reply("茶農採茶") == Reply("p2", (("p2", "茶農每年採茶兩次。"),))
    assert best.reply("zzz").quotes


def test_only_questions_with_a_paragraph_and_an_answer_are_asked(tmp_path: Path):
    data = load(folder_of(tmp_path))
    assert [each.id for each in data.asked] == ["q1", "q2"]
    assert data.asked[0].right == {"p1"} and data.asked[0].answers == ("1980年",)


def test_a_folder_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    pytest.importorskip("bm25s")
    assert main([str(folder_of(tmp_path)), "--questions", "9", "-v"]) == 0
    out = capsys.readouterr().out
    assert "3 paragraphs, 2 of 2 questions (seed 0)" in out
    rows = {line[:38].strip(): line[38:].split() for line in out.splitlines() if line.startswith(("right", "answer"))}
    assert rows["right paragraph first (search)"][0] == "1.000"
    assert rows[f"answer string quoted, <= {drcd.SHORT} chars"][3] == "1.000"


def test_answers_that_miss_or_run_long_are_listed():
    asked = [replace(ASKED, id=name) for name in ("short", "long", "miss", "elsewhere")]
    long = "它建於1980年" + "字" * 60
    texts = [("p1", "1980年"), ("p1", long), ("p1", "無"), ("p0", "無")]
    replies = [Reply("p1", (quote,)) for quote in texts]
    outcomes = [judge(each, reply) for each, reply in zip(asked, replies, strict=True)]
    lines = [json.loads(line) for line in drcd.failures(asked, replies, outcomes)]
    assert [(line["id"], line["fault"]) for line in lines] == [("long", "too long"), ("miss", "not quoted")]


@pytest.mark.parametrize("missing", ["corpus.jsonl.gz", "queries.jsonl", "answers.jsonl", "qrels/dev.tsv"])
def test_a_missing_file_is_one_line(tmp_path: Path, missing: str, capsys: pytest.CaptureFixture[str]):
    (folder_of(tmp_path) / missing).unlink()
    assert main([str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and missing.split("/")[0] in err


def test_a_missing_folder_and_a_broken_line_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(tmp_path / "none")]) == 2
    (folder_of(tmp_path) / "queries.jsonl").write_text("{", "utf-8")
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_a_paragraph_without_text_is_named_by_line(tmp_path: Path):
    write(tmp_path / "corpus.jsonl", [{"_id": "a", "text": "字"}, {"_id": "b"}])
    with pytest.raises(InputError, match="第 2 行"):
        drcd.load_paragraphs(tmp_path / "corpus.jsonl")


def test_the_number_of_questions_is_positive(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        main(["x", "--questions", "0"])
    assert stopped.value.code == 2
    capsys.readouterr()

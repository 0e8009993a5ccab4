"""A library and questions for ``bench.fit_order``, from the training data: no question of any test is among them.

    python -m bench.order_data TRAINING LAWS.tar.xz OUT [--every 3]

OUT/corpus.jsonl (BEIR form): all passages of the written questions, the articles that legal answers cite, and other
articles. OUT/questions.jsonl: written questions on each third passage (``python -m index.train --hold-out 3``
keeps them out), and lay questions whose answer cites articles by law and number.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from index.train.pairs import held_out, read_rows
from rag.named import name_of

PER_STYLE = {"lay": 800, "colloquial": 300, "terse": 200, "professional": 200, "formal": 100, "cited": 1600}
OTHERS = 45_000
_DIGITS = "零一二三四五六七八九"
_ARTICLE = re.compile("^(第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九十])?)\\s*(.*)")
_CITED = re.compile(
    "《([^》]{2,40})》(?:（[^）]*）)?(?:的规定)?[，,]?"
    "((?:(?:和|及|、|以及|与|或)?(?:\\*\\*)?第[一二三四五六七八九十百千零\\d]+条(?:之一)?(?:第[^条、，。]{1,3}[款项])*)+)"
)
_NUMBER = re.compile("第([一二三四五六七八九十百千零\\d]+)条")
_OPENING = re.compile("(?:^|\\s)(第[一二三四五六七八九十百千零]+条)")
_STATE = re.compile("^中华人民共和国|（.*?）")


def articles(path: Path) -> dict[tuple[str, str], str]:
    """Return the articles of an archive of laws by law (without the state's name) and printed number."""
    found: dict[tuple[str, str], str] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            head, mark, body = (
                file.read().decode("utf-8", "replace").partition("<!-- INFO END -->") if file else ("",) * 3
            )
            if mark:
                law = _STATE.sub("", head.strip().split("\n")[0].lstrip("# ").strip())
                for number, text in _split(body):
                    found[law, number] = text
    return found


def _split(body: str) -> Iterator[tuple[str, str]]:
    number, lines = "", list[str]()
    for line in (*filter(None, map(str.strip, body.split("\n"))), "# "):
        start = _ARTICLE.match(line)
        if (start or line.startswith("#")) and number:
            yield number, "\n".join(lines)
            number = ""
        if start:
            number, lines = start.group(1), [start.group(2)]
        elif number:
            lines.append(line)


def printed(number: str) -> str:
    """Return an article's number (below 2,000) as a law prints it: "1084" is 一千零八十四."""
    if not number.isdigit():
        return number
    text = ""
    for unit, value in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = int(number) // value % 10
        if digit:
            text += _DIGITS[digit] + unit
        elif text and not text.endswith("零") and int(number) % value:
            text += "零"
    return text.removeprefix("一") if text.startswith("一十") else text


def cited(answer: str, known: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    """Return the known articles that an answer cites by law and number."""
    named = ((_STATE.sub("", law), n) for law, numbers in _CITED.findall(answer) for n in _NUMBER.findall(numbers))
    return {(law, f"第{printed(n)}条") for law, n in named} & known.keys()


def heading(passage: str) -> str:
    """Return the law, and the article, that a passage of a written question begins with; "" for none."""
    law, _, rest = passage.partition(" ")
    number = _OPENING.search(rest)
    return f"{law}{number.group(1) if number else ''}" if name_of(law) else ""


def main() -> int:
    """Write the corpus and the questions."""
    parser = argparse.ArgumentParser(prog="python -m bench.order_data")
    for name in ("training", "laws", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--every", type=int, default=3)
    args = parser.parse_args()
    random = Random(3)
    known = articles(args.laws)
    docs: dict[str, tuple[str, str]] = {}

    def add(title: str, text: str) -> str:
        return docs.setdefault(text.strip(), (f"t{len(docs)}", title))[0]

    file = args.training / "questions.jsonl.gz"
    kept = held_out(read_rows(file), args.every)
    asked: dict[str, list[tuple[str, list[str]]]] = {style: [] for style in PER_STYLE}
    for _, row in read_rows(file):
        doc = add(heading(str(row["positive"])), str(row["positive"]))
        if row["positive"] in kept and row["style"] in asked:
            asked[str(row["style"])].append((str(row["query"]), [doc]))
    for _, row in read_rows(args.training / "pairs.jsonl.gz"):
        if str(row["source"]).startswith(("lawyer_llama", "lawbench")):
            if found := sorted(cited(str(row["positive"]), known)):
                asked["cited"].append((str(row["query"])[:300], [add("".join(a), known[a]) for a in found]))
    others = [a for a, text in sorted(known.items()) if len(text) > 15]
    for article in random.sample(others, min(OTHERS, len(others))):
        add("".join(article), known[article])
    args.out.mkdir(parents=True, exist_ok=True)
    lines = ({"_id": name, "title": title, "text": text} for text, (name, title) in docs.items())
    _write(args.out / "corpus.jsonl", lines)
    drawn = [(s, q) for s, every in asked.items() for q in random.sample(every, min(PER_STYLE[s], len(every)))]
    _write(args.out / "questions.jsonl", ({"text": t, "relevant": docs_, "style": s} for s, (t, docs_) in drawn))
    sys.stdout.write(f"{len(docs)} documents, {len(drawn)} questions\n")
    return 0


def _write(path: Path, rows: Iterator[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    sys.exit(main())

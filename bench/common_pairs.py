"""Count pairs of characters in general Chinese text and write those that are common: index/lexicon/common_pairs.txt.

    python -m bench.common_pairs TRAINING_DIR [--least 40]

A word all of whose pairs are common is no proper name. Text of tier A and the project's own questions only.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.text import fold

TARGET = Path(__file__).parent.parent / "index" / "lexicon" / "common_pairs.txt"
FILES = ("questions.jsonl.gz", "pairs.jsonl.gz")
HEAD = "# Pairs of characters common in general text: a first character, a tab, the characters that follow it.\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("training", type=Path)
    parser.add_argument("--least", type=int, default=40, help="texts that must hold a pair")
    options = parser.parse_args(argv)
    counts: Counter[str] = Counter()
    for text in set(texts(options.training)):
        folded = fold(text)
        pairs = {folded[i : i + 2] for i in range(len(folded) - 1)}
        counts.update(pair for pair in pairs if all("一" <= char <= "鿿" for char in pair))
    followers: dict[str, list[str]] = {}
    for pair in sorted(pair for pair, times in counts.items() if times >= options.least):
        followers.setdefault(pair[0], []).append(pair[1])
    TARGET.write_text(HEAD + "".join(f"{first}\t{''.join(rest)}\n" for first, rest in followers.items()), "utf-8")
    sys.stdout.write(f"{sum(map(len, followers.values())):,} pairs in {TARGET.name}\n")
    return 0


def texts(folder: Path) -> Iterator[str]:
    """Yield the questions and passages."""
    for name in FILES:
        with gzip.open(folder / name, "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                if row.get("tier", "A") == "A":
                    yield row["query"]
                    yield row["positive"]


if __name__ == "__main__":
    sys.exit(main())

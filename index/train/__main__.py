"""``python -m index.train``: make an embedding model."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from index.errors import YoujuError
from index.train.fit import Recipe
from index.train.make import Plan, Sources, make

_FORM = """
数据格式（.jsonl 或 .jsonl.gz，UTF-8，一行一对）:
  {"query": "焦化企业废水怎么排", "positive": "回答它的那段原文"}
  {"query": "...", "positive": "...", "negatives": ["看着像、其实不回答它的原文", ...]}
query 是人会问的话或检索词，positive 是能回答它的片段（与索引里的片段一样长，可带标题）。
同一片段可以有多个问法，越像真实的问题越好。tier 为 C 或 D 的行（只许评测）不参加训练。

用本单位的问题接着训练（几分钟，两个核，不用显卡），再用新模型重建索引:
  python -m index.train 本单位问题.jsonl --start index/model --out my-model --steps 200 --rate 0.0005
  YOUJU_INDEX__EMBEDDER=my-model youju build 文件夹

重做自带模型（几分钟，两个核）: make model
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m index.train",
        description="训练中文检索向量模型（静态词向量，运行时不需要 torch）。",
        epilog=_FORM,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = Recipe()
    parser.add_argument("pairs", nargs="+", type=Path, help="问题与片段的文件")
    parser.add_argument("--out", type=Path, required=True, help="模型写到这个文件夹")
    parser.add_argument("--start", type=Path, help="从这个模型接着训练，沿用它的词表")
    parser.add_argument("--words", type=Path, help="用这个 tokenizer.json 的词表，不另造")
    parser.add_argument("--laws", type=Path, help="法律全文 .tar.xz（Markdown），从中自动造题")
    parser.add_argument("--terms", type=Path, help="术语表，一行一个，进入词表")
    parser.add_argument("--dimensions", type=int, default=default.dimensions, help="维数（默认 %(default)s）")
    parser.add_argument("--steps", type=int, default=default.steps, help="训练步数（默认 %(default)s）")
    parser.add_argument("--batch", type=int, default=Plan().batch, help="每步的对数（默认 %(default)s）")
    parser.add_argument("--rate", type=float, default=default.rate, help="学习率（默认 %(default)s）")
    parser.add_argument("--mined", type=int, default=0, help="为这么多个问题用 BM25 找难负例（默认 %(default)s）")
    parser.add_argument("--share", type=float, default=1.0, help="只用这个比例的数据（默认全部）")
    parser.add_argument("--hold-out", type=int, default=20, help="questions 每几个片段留一个不训练；0 为全用")
    parser.add_argument("--seed", type=int, default=default.seed, help="随机种子（默认 %(default)s）")
    parser.add_argument("--threads", type=int, default=default.threads, help="线程数（默认 %(default)s）")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    args = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    narrow = tuple(size for size in (128, 256) if size < args.dimensions)
    recipe = Recipe(
        dimensions=args.dimensions,
        narrow=narrow,
        steps=args.steps,
        rate=args.rate,
        seed=args.seed,
        threads=args.threads,
    )
    sources = Sources(
        pairs=tuple(args.pairs),
        laws=args.laws,
        terms=args.terms,
        words=args.words,
        start=args.start,
        hold_out=args.hold_out,
        share=args.share,
    )
    try:
        make(sources, Plan(recipe, args.batch, args.mined), args.out)
    except YoujuError as error:
        sys.stderr.write(f"错误：{error.line()}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

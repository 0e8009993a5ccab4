"""``python -m index.train.encoder``: make a small transformer encoder."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.embed import open_embedder
from index.errors import YoujuError
from index.train.encoder.make import Plan, make
from index.train.encoder.network import Shape
from index.train.make import Sources
from index.train.score import gains_by_source

_MORE = 1
"""Exit code: time was over before the training was."""
_FORM = """
数据格式（.jsonl 或 .jsonl.gz，UTF-8，一行一对；与 python -m index.train 相同）:
  {"query": "焦化企业废水怎么排", "positive": "回答它的那段原文"}
  {"query": "...", "positive": "...", "negatives": ["看着像、其实不回答它的原文", ...]}
--texts 只用于预训练：.txt 一行一段，或 .jsonl 每行 {"text": "..."}（新闻、公报等）。

在有显卡的机器上，每条命令不超过十分钟（同一命令反复运行，从检查点接着训练，直到退出码为 0）:
  pip install -c constraints.txt -e '.[models,onnx]'
  python -m index.train.encoder pairs.jsonl.gz questions.jsonl.gz --laws laws.tar.xz --out encoder \\
    --mined 6000 --device cuda --minutes 8
--minutes 从命令开始算起，读数据也算在内；到时写下检查点 encoder/work/checkpoint.pt，退出码为 1。
中途被杀最多丢两分钟。损失记在 encoder/work/losses.jsonl。全部完成时才写出模型。

比较与使用（文件夹里 model_int8.onnx、tokenizer.json、encoder.json 三个文件就够，不用 torch）:
  python -m bench.embedding --model encoder --validation validation.jsonl.gz --beir statutes drcd
  YOUJU_INDEX__EMBEDDER=encoder youju build 文件夹

没有附带训练好的编码器：没有可用的显卡。默认的步数、批量、学习率都没有在这个规模上试过。

退出码: 0 完成并写出模型；1 时间到、还没训完；2 用法或数据有误
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m index.train.encoder",
        description="训练一个小型中文检索编码器（掩码预训练，再对比学习），写出 int8 ONNX 模型。",
        epilog=_FORM,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    plan, shape = Plan(), Shape()
    parser.add_argument("pairs", nargs="+", type=Path, help="问题与片段的文件")
    parser.add_argument("--out", type=Path, required=True, help="模型写到这个文件夹；里面有检查点就接着训练")
    parser.add_argument("--laws", type=Path, help="法律全文 .tar.xz（Markdown），预训练用，也从中自动造题")
    parser.add_argument("--texts", type=Path, nargs="+", default=[], help="更多文字，只用于预训练")
    parser.add_argument("--words", type=Path, help="用这个 tokenizer.json 的词表（默认自带模型的）")
    parser.add_argument("--validation", type=Path, help="完成后用这些问题评测（nDCG@10）")
    for name, default, told in (
        ("layers", shape.layers, "层数"),
        ("width", shape.width, "维数"),
        ("heads", shape.heads, "注意力头数"),
        ("tokens", shape.tokens, "一段文字最多几个词"),
        ("pretrain-steps", plan.pretrain_steps, "预训练步数；0 为不做"),
        ("pretrain-batch", plan.pretrain_batch, "预训练每步的段数"),
        ("steps", plan.steps, "对比学习步数"),
        ("batch", plan.batch, "对比学习每步的对数"),
        ("mined", plan.mined, "为这么多个问题用 BM25 找难负例"),
        ("seed", plan.seed, "随机种子"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{told}（默认 %(default)s）")
    for name, rate, told in (
        ("pretrain-rate", plan.pretrain_rate, "预训练学习率"),
        ("rate", plan.rate, "对比学习的学习率"),
        ("scale", plan.scale, "余弦乘以这个数（温度的倒数）"),
        ("noise", plan.noise, "丢词的程度，1 为静态模型的程度"),
    ):
        parser.add_argument(f"--{name}", type=float, default=rate, help=f"{told}（默认 %(default)s）")
    parser.add_argument("--narrow", type=int, nargs="*", default=[], help="前这么多维单独也要能用（Matryoshka）")
    parser.add_argument("--hold-out", type=int, default=20, help="questions 每几个片段留一个不训练；0 为全用")
    parser.add_argument("--minutes", type=float, default=0, help="这条命令最多训练几分钟；0 为不限")
    parser.add_argument("--device", default="", help="cuda 或 cpu；默认有显卡就用显卡")
    parser.add_argument("--threads", type=int, default=0, help="线程数；0 为自动")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    began = time.monotonic()
    args = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    try:
        done = make(
            Sources(pairs=tuple(args.pairs), laws=args.laws, words=args.words, hold_out=args.hold_out),
            args.texts,
            _plan(args),
            args.out,
            device=args.device,
            threads=args.threads,
            stop=lambda: bool(args.minutes) and time.monotonic() - began > 60 * args.minutes,
        )
        if done and args.validation:
            _evaluate(args.out, args.validation)
    except YoujuError as error:
        sys.stderr.write(f"错误：{error.line()}\n")
        return 2
    return 0 if done else _MORE


def _plan(args: argparse.Namespace) -> Plan:
    return Plan(
        shape=Shape(args.layers, args.width, args.heads, args.tokens),
        pretrain_steps=args.pretrain_steps,
        pretrain_batch=args.pretrain_batch,
        pretrain_rate=args.pretrain_rate,
        steps=args.steps,
        batch=args.batch,
        rate=args.rate,
        scale=args.scale,
        narrow=tuple(size for size in args.narrow if size < args.width),
        noise=args.noise,
        mined=args.mined,
        seed=args.seed,
    )


def _evaluate(folder: Path, path: Path) -> None:
    embedder = open_embedder(str(folder))
    gains = gains_by_source(embedder, path) if embedder else {}
    every = [gain for some in gains.values() for gain in some]
    means = [float(np.mean(some)) for some in gains.values() if len(some) > 40]
    by_source = f", {np.mean(means):.4f} over {len(means)} sources of more than 40 pairs" if means else ""
    sys.stdout.write(f"validation: nDCG@10 {np.mean(every):.4f} over {len(every)} pairs{by_source}\n")


if __name__ == "__main__":
    sys.exit(main())

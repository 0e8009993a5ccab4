"""Settings that shape an index, and their fingerprint."""

from __future__ import annotations

import hashlib

from pydantic import BaseModel, ConfigDict, Field

FORMAT_VERSION = 3
"""Raise it when the files of an index folder change their meaning; an older folder then asks for a rebuild."""

_NOT_IN_THE_INDEX = {"device"}


class Limits(BaseModel):
    """What a reader accepts; beyond it a file is named in the BuildReport and left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_file_mb: int = Field(100, gt=0, description="单个文件的大小上限（MB）")
    max_pages: int = Field(3000, gt=0, description="单个 PDF 的页数上限")
    max_unzipped_mb: int = Field(500, gt=0, description="docx/xlsx 解压后的大小上限（MB），防压缩炸弹")
    max_line_chars: int = Field(1_000_000, gt=0, description="单行字符数上限")


class IndexSettings(BaseModel):
    """Everything that changes what an index holds, and ``device``. Same settings and files: same index."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limits: Limits = Field(default_factory=Limits, description="读取文件的上限")
    passage_chars: int = Field(400, ge=80, le=4000, description="一个条文片段的目标最大字数")
    k1: float = Field(1.2, ge=0, le=5, description="BM25 的词频饱和参数")
    b: float = Field(0.75, ge=0, le=1, description="BM25 的长度归一参数")
    context_weight: float = Field(0.5, ge=0, le=5, description="标题与章节路径相对正文的权重")
    embedder: str = Field(
        "",
        description="向量模型：空为不建向量；built-in 为自带模型；hash 为测试用；其余为模型文件夹或 sentence-transformers 名称",
    )
    device: str = Field("", description="具名向量模型用的设备：cpu、cuda、mps……；空为自动。不影响索引内容")

    def fingerprint(self) -> str:
        """Return a short hash of the format version and of the settings that change what an index holds."""
        text = f"{FORMAT_VERSION}:{self.model_dump_json(exclude=_NOT_IN_THE_INDEX)}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

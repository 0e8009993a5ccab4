"""Settings: defaults < youju.toml < environment (YOUJU_...) < flags."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from index.config import IndexSettings


class Settings(BaseSettings):
    """All settings of the program. Environment names are ``YOUJU_`` and the path joined by two underscores."""

    model_config = SettingsConfigDict(
        env_prefix="YOUJU_", env_nested_delimiter="__", toml_file="youju.toml", extra="forbid", frozen=True
    )

    index_dir: Path = Field(Path("youju-index"), description="索引目录")
    top_k: int = Field(10, ge=1, le=200, description="检索返回的片段数")
    reranker: str = Field("", description="重排模型：空为不用；其余为 sentence-transformers 的 CrossEncoder 名称或文件夹")
    max_question_chars: int = Field(4000, ge=10, description="问题的字数上限")
    index: IndexSettings = Field(default_factory=IndexSettings, description="决定索引内容的设置，改动后需要重建")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, youju.toml."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings(**flags: object) -> Settings:
    """Return the settings in force; flags that are None are left out."""
    return Settings.model_validate({name: value for name, value in flags.items() if value is not None})

"""Settings: defaults < youju.toml < environment (YOUJU_...) < flags."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, JsonValue, SecretStr
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
    llm_base_url: str = Field("", description="语言模型服务的地址（OpenAI 兼容，一般以 /v1 结尾）；空为不用语言模型")
    llm_model: str = Field("", description="语言模型的名称")
    llm_api_key: SecretStr = Field(SecretStr(""), description="语言模型服务的密钥")
    llm_timeout_s: float = Field(60, gt=0, description="等待一次模型回答的总秒数，超过即改用摘录回答")
    llm_retries: int = Field(2, ge=0, le=10, description="服务繁忙或出错时的重试次数")
    llm_context_tokens: int = Field(8000, ge=1000, description="提示词与回答合计的 token 上限")
    llm_max_tokens: int = Field(1500, ge=50, description="一次回答的 token 上限")
    llm_seed: int = Field(1, description="随机种子；服务不收时自动略去")
    llm_extra: dict[str, JsonValue] = Field({}, description='请求里另加的字段，例如 {"enable_thinking": false}')
    llm_plan: bool = Field(False, description="检索前先让语言模型补全问题、拟检索词")
    ui_reports: Path = Field(Path("reports"), description="网页的评测页读取报告的文件夹（youju eval --report 写到其中）")
    serve_host: str = Field("127.0.0.1", description="服务监听的地址；本机以外的地址要先建立账户")
    serve_port: int = Field(7860, ge=0, le=65535, description="服务监听的端口；0 为任选一个空闲端口")
    serve_hosts: list[str] = Field([], description="没有账户时另外接受的主机名（由已做认证的反向代理转来的请求）")
    serve_threads: int = Field(0, ge=0, le=256, description="同时计算摘录回答的线程数；0 为处理器核数的一半（计算占着解释器，线程多反而慢）")
    serve_rate_per_minute: int = Field(600, ge=0, description="每个用户（没有账户时每个地址）每分钟的请求数上限；0 为不限")
    serve_max_body_kb: int = Field(1024, ge=1, description="接口请求的大小上限（KB）")
    serve_max_upload_mb: int = Field(200, ge=1, description="网页上传的大小上限（MB）")
    access_file: str = Field("", description="账户文件；空为索引目录旁的“索引目录名.accounts.json”")
    access_session_hours: float = Field(12, gt=0, description="登录有效的小时数")
    audit_enabled: bool = Field(True, description="记录谁问了什么、用了哪个索引、引用了哪些出处")
    audit_file: str = Field("", description="审计记录；空为索引目录旁的“索引目录名.audit.jsonl”")
    feedback_file: str = Field("", description="读者反馈；空为索引目录旁的“索引目录名.feedback.jsonl”")
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

    def beside(self, file: str, ending: str) -> Path:
        """Return the path of a file that lies beside the index folder, unless a setting names another."""
        return Path(file) if file else self.index_dir.with_name(self.index_dir.name + ending)


def read_settings(**flags: object) -> Settings:
    """Return the settings in force; flags that are None are left out."""
    return Settings.model_validate({name: value for name, value in flags.items() if value is not None})

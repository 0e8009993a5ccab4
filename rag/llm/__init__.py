"""Language models: the protocol, an OpenAI-compatible endpoint, recorded answers."""

from rag.llm.model import LanguageModel, Message, complete, request_key

__all__ = ["LanguageModel", "Message", "complete", "request_key"]

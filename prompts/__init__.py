"""Prompt templates (*.md) for language models; their variables are checked when they are loaded."""

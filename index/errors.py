"""The one exception tree. Each error says what is wrong; its ``hint`` says what to do about it."""

from __future__ import annotations


class YoujuError(Exception):
    """Base of every error that a user may see.

    Args:
        message: one line (Chinese) that says what is wrong, with the offending value.
        hint: one line (Chinese) that says what to do; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def line(self) -> str:
        """Return message and hint as the single line that an edge prints."""
        return f"{self.message}（{self.hint}）" if self.hint else self.message


class InputError(YoujuError):
    """Wrong usage or unusable input: a missing folder, an empty question, a bad option."""


class LoadError(YoujuError):
    """A file that cannot be read; named in the BuildReport, never fatal to the other files."""


class IndexMissingError(YoujuError):
    """No index at that place."""


class IndexDamagedError(YoujuError):
    """An index whose files do not agree with its manifest."""


class IndexBusyError(YoujuError):
    """Another process is building this index."""


class SettingsMismatchError(YoujuError):
    """The index was built with other settings than those in force."""


class MissingPackageError(YoujuError):
    """An optional package is needed and not installed; the hint holds the pip line."""


class ModelError(YoujuError):
    """A language model that cannot be reached, refuses or answers nonsense; the answer by quotation takes its place."""


class PromptTooLongError(ModelError):
    """What was sent is longer than the language model can read; a shorter prompt may do."""

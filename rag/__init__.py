"""From a question to a verified answer. Imports from ``index`` only."""

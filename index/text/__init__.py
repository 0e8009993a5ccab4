"""Text with an offset map: normalising, sentences, search tokens.

Three forms of a text, from faithful to loose:

* ``normalise``: the quote. Only white space and invisible characters change, so a reader can check it against
  the file. ``quote_of(raw, spans)`` is the right-hand side of the span promise.
* ``tidy``: for the eye. LaTeX debris and markup become plain characters. Never used as a quote.
* ``fold``: for comparing and searching. NFKC, lower case, simplified characters, no subscript underscores.
"""

from index.text.folding import fold, fold_map, key, simplify, tidy
from index.text.offsets import Mapped, map_spans, normalise, quote_of
from index.text.splitting import sentences
from index.text.tokenising import tokens

__all__ = [
    "Mapped",
    "fold",
    "fold_map",
    "key",
    "map_spans",
    "normalise",
    "quote_of",
    "sentences",
    "simplify",
    "tidy",
    "tokens",
]

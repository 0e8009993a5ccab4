"""How the built-in embedding model is made; ``python -m index.train --help`` says how to make one's own.

Not used at run time: it needs the extra ``models`` (torch) and reads training data that is not in the repository.
"""

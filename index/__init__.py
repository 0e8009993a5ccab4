"""From a file to searchable passages. Nothing in this package knows what a question is."""

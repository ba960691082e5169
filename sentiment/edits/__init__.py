"""Edits of a text that leave a sentence, each with its reason: the grammar behind ``negation``."""

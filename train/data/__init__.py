"""Texts with labels: files, splits, vocabulary, tokenised corpora."""

"""The root of all expected faults.

SentimentError
├── CheckpointError   files of a checkpoint that are damaged or do not fit together
├── HubError          a repository on the Hub that cannot be read or written
├── TableError        rows that cannot be read or written
├── EmptyTextError    a text without a word
├── AbsentError       a study that a model of this kind has none of
├── RefusedError      a question that the page does not answer; BusyError: not now
└── DataError         data that cannot be trained on or measured (train)
"""

from __future__ import annotations


class SentimentError(ValueError):
    """A fault that whoever asked can put right; the message says what was got and is wanted.

    Commands and the page answer it with its message. A plain ValueError is a fault of the calling
    program and keeps its traceback.
    """


class AbsentError(SentimentError):
    """A study that a model of this kind has none of, such as the gates of a vanilla RNN."""


class CheckpointError(SentimentError):
    """A checkpoint that cannot be trusted; the message names the file and what is wrong."""

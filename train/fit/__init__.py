"""The training loop and what it is started with."""

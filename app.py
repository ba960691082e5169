"""The page: ``python app.py`` here, or the Space's entry point. Wiring only."""

from __future__ import annotations

from sentiment.__main__ import app

if __name__ == "__main__":
    app()

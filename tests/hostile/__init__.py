"""Files made to hurt, and every way in for them; ``python -m tests.hostile`` prints what came."""

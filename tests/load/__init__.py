"""Load and soak of a served page; run by hand, not by pytest."""

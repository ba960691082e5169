"""Figures of a model: metrics, baselines, robustness, ablations, its card."""

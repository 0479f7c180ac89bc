"""Benchmarks: times and ratios, measured side by side in one run (`python -m evals.bench`)."""

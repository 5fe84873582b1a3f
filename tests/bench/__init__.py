"""Benchmarks. A module here offers ``figures() -> list[Figure]``; ``make bench`` runs them all."""

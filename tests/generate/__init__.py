"""Generators of filled forms: random values in every notation, mutated in every way."""

"""The rules' formulas: vectors in, vectors out; no framework, no clock, no files."""

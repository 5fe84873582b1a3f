"""The demo city: an invented population on real divisions, the same for the same seed and day."""

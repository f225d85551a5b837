"""likewise: synthetic data that behaves like the real thing and carries none of its people."""

__version__ = "0.1.0"

"""rqbench: compare image tokenizers and autoregressive priors in one harness."""

__version__ = "0.1.0"

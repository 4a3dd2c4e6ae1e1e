"""The tokenizers that come with rqbench."""

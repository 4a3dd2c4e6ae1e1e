"""The published tokenizers, one file a family: configurations with their exact sizes."""

"""Questions: what RQ and DQ promise, each with its control, one file each."""

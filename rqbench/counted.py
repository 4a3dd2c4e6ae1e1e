"""Numbers of things, in words."""


def counted(count: int, noun: str) -> str:
    """`counted(1, "picture")` is "1 picture", `counted(2000, "picture")` is "2,000 pictures"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

"""`rqbench fidelity cache`."""

import json
from typing import Annotated

import typer

from .fidelity_options import AS_JSON, CACHE

MB = 1e6


def cache(
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove all of it. Later scores look at pictures again.")
    ] = False,
    cache: CACHE = None,
    json_: AS_JSON = False,
) -> None:
    """Say where features are kept and how much room they take; empty it with --clear."""
    from ..fidelity.cache_listing import clear_cache, list_cache
    from ..fidelity.chunk_store import default_cache
    from .fitting_table import print_texts
    from .output import result_console

    folder = cache or default_cache()
    found = clear_cache(folder) if clear else list_cache(folder)
    if json_:
        told = [
            {
                "extractor": each.extractor, "pictures": each.pictures,
                "size_bytes": each.size_bytes, "folder": str(each.folder),
            }
            for each in found
        ]  # fmt: skip
        print(json.dumps({"cache": str(folder), "cleared": clear, "features": told}, indent=2))
        return
    if found:
        rows = [
            (each.extractor, f"{each.pictures:,}", f"{each.size_bytes / MB:,.1f}") for each in found
        ]
        print_texts(result_console(), ("features of", "pictures", "MB"), rows)
    total = sum(each.size_bytes for each in found) / MB
    print(f"{total:,.1f} MB {'removed from' if clear else 'in'} {folder}")

"""A protocol with another network: for where its own is not at hand, and to see what it does."""

from ..metrics.extractors.catalogue import check_clauses, known_extractor
from .protocol import FidelityProtocol


def with_extractor(protocol: FidelityProtocol, name: str | None) -> FidelityProtocol:
    """The same protocol with this network, fed as its publisher does but resized as before.

    Args:
        name: of the network; None, or the protocol's own, changes nothing.

    Raises:
        ConfigError: no such network, or one that does not go with the protocol's resizer.
    """
    if name is None or name == protocol.extractor:
        return protocol
    natural = known_extractor(name).natural
    changed = protocol.model_copy(
        update={
            "id": f"{protocol.id}, {name}", "extractor": name, "side": natural.side,
            "normalise": natural.normalise,
            "logits": "none" if protocol.logits == "none" else natural.logits,
        }
    )  # fmt: skip
    check_clauses(changed)
    return changed

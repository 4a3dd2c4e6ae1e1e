"""A protocol with another network: for where its own is not at hand, and to see what it does."""

from ..metrics.extractors.catalogue import check_clauses, known_extractor
from .dialects import DIALECTS
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
    changed = feed(protocol, name).model_copy(update={"id": f"{protocol.id}, {name}"})
    check_clauses(changed)
    return changed


def feed(protocol: FidelityProtocol, name: str) -> FidelityProtocol:
    """The clauses that come with a network, under the same id; whether they go together is open.

    Raises:
        ConfigError: no such network.
    """
    if name == protocol.extractor:
        return protocol
    natural = known_extractor(name).natural
    return protocol.model_copy(
        update={
            "extractor": name, "side": natural.side, "normalise": natural.normalise,
            "logits": "none" if protocol.logits == "none" else natural.logits,
        }
    )  # fmt: skip


def options_for(protocol: FidelityProtocol) -> str:
    """How a command is asked for a protocol, in words where it is of a user's own file."""
    name, network = protocol.id.removesuffix(f", {protocol.extractor}"), protocol.extractor
    named = DIALECTS[name].protocol if name in DIALECTS else None
    if named == protocol:
        return f"`--protocol {name}`"
    if named is not None and feed(named, network).clauses == protocol.clauses:
        return f"`--protocol {name} --extractor {network}`"
    return f"`--protocol FILE`, your file of {protocol.id!r}"

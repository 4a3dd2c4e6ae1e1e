"""What a model costs: multiply-adds of one call, and the values it stores."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from rqbench.tokenizer import Tokenizer


def count_macs(function: Callable[..., object], *args: object) -> int:
    """Multiply-adds of the matrix products, convolutions and attention of one call.

    Attention runs in its plain form meanwhile: of the fused CPU kernel the counter knows nothing.
    Additions, activations and norms are not counted.
    """
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        function(*args)
    return int(counter.get_total_flops()) // 2


def count_parameters(module: nn.Module) -> int:
    """Values in parameters. A codebook that learns by moving average is a buffer and not among
    them; `count_codebook_values` has it."""
    return sum(parameter.numel() for parameter in module.parameters())


def count_codebook_values(tokenizer: Tokenizer) -> int:
    """Values of a codebook that buffers hold; one shared by all depths (`shared.expand(d, -1, -1)`)
    counts once. 0 where there is none, it is a parameter, or it is computed: no buffer shares its
    memory or has as many values as its tables, one or all."""
    codebook = tokenizer.codebook()
    if codebook is None:
        return 0
    learned = {_storage(parameter) for parameter in tokenizer.parameters()}
    storage = _storage(codebook)
    sizes = (codebook[0].numel(), codebook.numel())
    buffers = (
        value
        for value in tokenizer.state_dict().values()
        if isinstance(value, Tensor) and _storage(value) not in learned
    )
    if storage in learned or not any(
        _storage(buffer) == storage or buffer.numel() in sizes for buffer in buffers
    ):
        return 0
    num_stored = len(codebook) if codebook.stride(0) else 1
    return num_stored * codebook[0].numel()


def count_stored(tokenizer: Tokenizer) -> int:
    """Values of a tokenizer as papers count them: parameters, a codebook that buffers hold, and the
    padding rows below it. The averages behind a codebook are not counted; meta tensors will do."""
    codebook, rows = tokenizer.codebook(), tokenizer.padding_rows()
    padding = rows * codebook.shape[-1] if codebook is not None else 0
    return count_parameters(tokenizer) + count_codebook_values(tokenizer) + padding


def _storage(tensor: Tensor) -> int:
    """Which memory a tensor lies in; tensors without memory, on the meta device, differ too."""
    return int(tensor.untyped_storage()._cdata)

"""Rate and distortion of codes of the held-out crops, as records."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ..codes import Codes
from ..data import HeldOut, to_bytes, to_float
from ..metrics.distances import distances_for
from ..metrics.perceptual import Perceptual
from ..metrics.protocol import Protocol
from ..metrics.rate import ZeroOrder, nominal_rates
from ..record import Record
from ..tokenizer import Tokenizer
from .protocols import distortion_protocol, perceptual_protocol, rate_protocol
from .recording import Recorder, grain_records
from .setting import Setting


class Scorer:
    """Rate and distortion of codes, as records."""

    def __init__(
        self,
        setting: Setting,
        recorder: Recorder,
        perceptual: Perceptual,
        held_out: HeldOut,
        model: Tokenizer,
    ) -> None:
        self.setting, self.recorder, self.model = setting, recorder, model
        self.perceptual, self.held_out = perceptual, held_out
        perceptual.distance.to(setting.device)

    @torch.no_grad()
    def point(
        self, codes: Codes, training: Codes, settings: Mapping[str, int | float]
    ) -> tuple[list[Record], Tensor]:
        """Records of one operating point, and its reconstructions as 8-bit images."""
        values: dict[str, list[Tensor]] = {}
        reconstructions = []
        size, device = self.setting.experiment.measure.batch_size, self.setting.device
        for start in range(0, len(codes), size):
            images = to_float(self.held_out.images[start : start + size].to(device))
            restored = self.model.decode(codes[start : start + size].to(device))
            for metric, score in distances_for(self.setting.resolution, self.perceptual).items():
                values.setdefault(metric, []).append(score(images, restored).cpu())
            reconstructions.append(to_bytes(restored).cpu())
        distances = {metric: torch.cat(parts) for metric, parts in values.items()}
        pixels = self.setting.resolution**2
        rates = {
            **nominal_rates(codes, pixels),
            **ZeroOrder.fit(training).rates(codes, pixels),
            "codes_per_image": codes.num_codes(),
        }
        rate = rate_protocol(self.setting, len(training))
        records = [
            self._mean(metric, found, self._protocol(metric), settings)
            for metric, found in distances.items()
        ]
        records += [self._mean(metric, found, rate, settings) for metric, found in rates.items()]
        if codes.layout.is_dynamic:
            clusters = self.held_out.clusters
            records += grain_records(self.recorder, codes, rate, clusters, settings)
        return records, torch.cat(reconstructions)

    def _protocol(self, metric: str) -> Protocol:
        if metric == self.perceptual.metric:
            return perceptual_protocol(self.setting, self.perceptual)
        return distortion_protocol(self.setting)

    def _mean(
        self, metric: str, values: Tensor, protocol: Protocol, settings: Mapping[str, int | float]
    ) -> Record:
        numbers = [float(value) for value in values]
        return self.recorder.mean(metric, numbers, protocol, self.held_out.clusters, settings)

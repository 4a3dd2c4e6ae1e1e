"""A distortion over the images alone whose rate is known, where that was not measured on all."""

from ..record import Record
from ..resampling import mean_interval


def over_images_of(rate: Record, distortion: Record) -> Record:
    """The distortion of the images of the rate; as it is where it is no mean over images, or where
    the rate is of all of them."""
    if rate.images is None or distortion.raw is None or distortion.images is not None:
        return distortion
    values = [distortion.raw[image] for image in rate.images]
    interval = mean_interval(values, rate.clusters)
    return distortion.model_copy(
        update={
            "value": interval.value, "ci95": (interval.low, interval.high), "raw": values,
            "ci_method": interval.method, "clusters": rate.clusters, "images": rate.images,
            "n": len(values), "seed_values": None, "image_ci95": None,
        }
    )  # fmt: skip

"""How the published tokenizers were trained, as YAML files beside this one."""

from importlib.resources import files

VQGAN_IMAGENET = files(__name__) / "vqgan-imagenet.yaml"
VQGAN_FACESHQ = files(__name__) / "vqgan-faceshq.yaml"
RQVAE_IMAGENET = files(__name__) / "rqvae-imagenet.yaml"
RQVAE_FFHQ = files(__name__) / "rqvae-ffhq.yaml"
DQVAE_IMAGENET = files(__name__) / "dqvae-imagenet.yaml"

"""How the published priors were trained, as YAML files beside this one."""

from importlib.resources import files

VQGAN_GPT = files(__name__) / "vqgan-gpt.yaml"
RQ_TRANSFORMER = files(__name__) / "rq-transformer.yaml"
DQ_TRANSFORMER = files(__name__) / "dq-transformer.yaml"

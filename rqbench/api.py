"""The public face: what tokenizers, priors and reports import from the harness."""

from .choice import Filter, Sampling, choose_by_uniform
from .codes import Codes, cell_grains, cell_sizes, concatenate, spread
from .config import Config, parse_config
from .errors import ConfigError, RqbenchError, UnsupportedError, did_you_mean
from .layout import CodeLayout
from .metric_names import is_timing
from .prior import Choose, ConditionSpec, PhaseCost, Prior, PriorBatch, Step
from .record import Record, read_records, write_records
from .report import Drawn, Report, RunData
from .seed import derive_seed, generator
from .statistics import Interval, excludes_zero, mean_interval, paired_difference
from .tokenizer import OperatingPoint, Tokenizer, TokenizerOutput
from .uniforms import uniforms

__all__ = [
    "Choose",
    "CodeLayout",
    "Codes",
    "ConditionSpec",
    "Config",
    "ConfigError",
    "Drawn",
    "Filter",
    "Interval",
    "OperatingPoint",
    "PhaseCost",
    "Prior",
    "PriorBatch",
    "Record",
    "Report",
    "RqbenchError",
    "RunData",
    "Sampling",
    "Step",
    "Tokenizer",
    "TokenizerOutput",
    "UnsupportedError",
    "cell_grains",
    "cell_sizes",
    "choose_by_uniform",
    "concatenate",
    "derive_seed",
    "did_you_mean",
    "excludes_zero",
    "generator",
    "is_timing",
    "mean_interval",
    "paired_difference",
    "parse_config",
    "read_records",
    "spread",
    "uniforms",
    "write_records",
]

"""The public face: what tokenizers, priors and reports import from the harness."""

from .choice import Filter, Sampling, choose_by_uniform
from .codes import Codes, cell_grains, cell_sizes, concatenate, spread
from .config import Config, parse_config
from .controls import Balance, Control, control, within
from .errors import ConfigError, RqbenchError, UnsupportedError, did_you_mean
from .layout import CodeLayout
from .metric_names import is_timing
from .metrics.extractor import sample_frechet
from .metrics.flops import count_macs, count_parameters
from .models import build_prior, build_tokenizer
from .pooling import image_error, pool
from .prior import ConditionSpec, PhaseCost, Prior, PriorBatch
from .question import Fragment, Question
from .record import Record, read_records, write_records
from .report import Drawn, Report, RunData
from .resampling import mean_interval
from .seed import derive_seed, generator
from .sides import Side, side
from .statistics import UNKNOWN, ErrorBar, Interval, combined_error, holm, student_error
from .step import Choose, Step
from .tokenizer import OperatingPoint, Tokenizer, TokenizerOutput
from .uniforms import uniforms

__all__ = [
    "UNKNOWN",
    "Balance",
    "Choose",
    "CodeLayout",
    "Codes",
    "ConditionSpec",
    "Config",
    "ConfigError",
    "Control",
    "Drawn",
    "ErrorBar",
    "Filter",
    "Fragment",
    "Interval",
    "OperatingPoint",
    "PhaseCost",
    "Prior",
    "PriorBatch",
    "Question",
    "Record",
    "Report",
    "RqbenchError",
    "RunData",
    "Sampling",
    "Side",
    "Step",
    "Tokenizer",
    "TokenizerOutput",
    "UnsupportedError",
    "build_prior",
    "build_tokenizer",
    "cell_grains",
    "cell_sizes",
    "choose_by_uniform",
    "combined_error",
    "concatenate",
    "control",
    "count_macs",
    "count_parameters",
    "derive_seed",
    "did_you_mean",
    "generator",
    "holm",
    "image_error",
    "is_timing",
    "mean_interval",
    "parse_config",
    "pool",
    "read_records",
    "sample_frechet",
    "side",
    "spread",
    "student_error",
    "uniforms",
    "within",
    "write_records",
]

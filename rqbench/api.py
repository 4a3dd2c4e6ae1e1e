"""The public face: what tokenizers, priors and reports import from the harness."""

from .choice import Filter, Sampling, choose_by_uniform
from .codes import Codes, cell_grains, cell_sizes, concatenate, spread
from .condition_spec import ConditionSpec
from .config import Config, parse_config
from .controls import Balance, Control, control, within
from .drawing import SamplingMode
from .errors import CheckpointError, ConfigError, RqbenchError, UnsupportedError, did_you_mean
from .importing.config_file import find_values
from .importing.importer import FIRST_STAGE, Checkpoint, Described, Importer
from .importing.key_map import (
    Dropped,
    KeyMap,
    Tie,
    constant,
    copies,
    implied,
    rows,
    same,
    stacked,
    with_shape,
)  # fmt: skip
from .layout import CodeLayout
from .lockstep import ChooseAll, Lockstep
from .median import median_of
from .meta_models import meta_macs, meta_prior, meta_tokenizer
from .metric_names import is_timing
from .metrics.extractor import sample_frechet
from .metrics.flops import count_macs, count_parameters
from .metrics.patches import GRAY_WEIGHTS
from .model_preset import ModelPreset
from .models import build_prior, build_tokenizer
from .phase_cost import PhaseCost
from .pooling import image_error, pool
from .prior import Prior
from .prior_batch import PriorBatch
from .question import Fragment, Question
from .rd.curves import Curve, find_curves, is_codec
from .record import Record, read_records, settings_text, write_records
from .remarks import OF_CONTRASTS, Contrast, Remark, foot_lines
from .report import Drawn, Report, RunData
from .resampling import mean_interval
from .seed import derive_seed, generator
from .sides import Side, side
from .statistics import UNKNOWN, ErrorBar, Interval, combined_error, holm, student_error
from .step import Choose, Step
from .symbol_nats import SymbolNats
from .tokenizer import OperatingPoint, Tokenizer, TokenizerOutput
from .uniforms import uniforms

__all__ = [
    "FIRST_STAGE",
    "GRAY_WEIGHTS",
    "OF_CONTRASTS",
    "UNKNOWN",
    "Balance",
    "Checkpoint",
    "CheckpointError",
    "Choose",
    "ChooseAll",
    "CodeLayout",
    "Codes",
    "ConditionSpec",
    "Config",
    "ConfigError",
    "Contrast",
    "Control",
    "Curve",
    "Described",
    "Drawn",
    "Dropped",
    "ErrorBar",
    "Filter",
    "Fragment",
    "Importer",
    "Interval",
    "KeyMap",
    "Lockstep",
    "ModelPreset",
    "OperatingPoint",
    "PhaseCost",
    "Prior",
    "PriorBatch",
    "Question",
    "Record",
    "Remark",
    "Report",
    "RqbenchError",
    "RunData",
    "Sampling",
    "SamplingMode",
    "Side",
    "Step",
    "SymbolNats",
    "Tie",
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
    "constant",
    "control",
    "copies",
    "count_macs",
    "count_parameters",
    "derive_seed",
    "did_you_mean",
    "find_curves",
    "find_values",
    "foot_lines",
    "generator",
    "holm",
    "image_error",
    "implied",
    "is_codec",
    "is_timing",
    "mean_interval",
    "median_of",
    "meta_macs",
    "meta_prior",
    "meta_tokenizer",
    "parse_config",
    "pool",
    "read_records",
    "rows",
    "same",
    "sample_frechet",
    "settings_text",
    "side",
    "spread",
    "stacked",
    "student_error",
    "uniforms",
    "with_shape",
    "within",
    "write_records",
]

"""Mirrors rqbench_reports/bold.py."""

from rqbench_reports.bold import BOLD_RULE, CHANCE_RULE, EQUAL_RULE, rules, standing

RAW = [20.0, 22.0, 24.0, 26.0, 28.0, 30.0]


def psnr(record, name, gains, **changes):
    raw = [value + gain for value, gain in zip(RAW, gains, strict=True)]
    value = sum(raw) / len(raw)
    return record(name, "psnr_db", value, raw=raw, higher_is_better=True, **changes)


def test_the_best_is_bold_where_it_beats_each_other_value_in_pairs(record):
    column = [psnr(record, "a", [0] * 6), psnr(record, "b", [1, 1.2, 1, 0.9, 1, 1.1]), None]
    assert standing("psnr_db", column).bold == {1}


def test_a_higher_mean_alone_is_not_bold(record):
    lucky = psnr(record, "b", [9, -1, -1, -1, -1, -1])
    assert lucky.value > psnr(record, "a", [0] * 6).value
    assert standing("psnr_db", [psnr(record, "a", [0] * 6), lucky]).bold == set()


def test_one_rival_that_is_not_beaten_keeps_the_best_from_being_bold(record):
    column = [psnr(record, "a", [-5] * 6), psnr(record, "b", [0] * 6)]
    column.append(psnr(record, "c", [1, -1, 1, -1, 1, 0]))
    assert standing("psnr_db", column).bold == set()


def test_the_best_and_what_it_does_not_beat_are_equal_where_it_beats_another(record):
    column = [psnr(record, "a", [-5] * 6), None, psnr(record, "b", [0] * 6)]
    column.append(psnr(record, "c", [1, -1, 1, -1, 1, 0]))
    assert standing("psnr_db", column).equal == {2, 3}
    assert standing("psnr_db", column[1:]).equal == set()  # a toss-up tells nobody apart


def test_where_the_best_is_bold_nothing_is_equal_to_it(record):
    column = [psnr(record, name, [gain] * 6) for name, gain in (("a", 0), ("b", 1), ("c", 2))]
    assert standing("psnr_db", column).bold == {2}
    assert standing("psnr_db", column).equal == set()


def test_beside_a_best_that_may_be_chance_nothing_is_marked(record):
    lucky = psnr(record, "lucky", [60, -1, -1, -1, -1, -1])
    column = [lucky, psnr(record, "a", [0] * 6), psnr(record, "b", [1] * 6)]
    assert standing("psnr_db", column).equal == set()
    assert standing("psnr_db", column[1:]).bold == {1}


def test_codes_of_another_tokenizer_are_no_equals_of_a_rate(record):
    column = [
        record(name, "rate_prior_bpp", rate, raw=[rate] * 3, higher_is_better=False)
        for name, rate in (
            ("vq + raster", 0.1), ("rq + raster", 0.5), ("rq + stacked", 0.4), ("rq + other", 0.4),
        )
    ]  # fmt: skip
    assert standing("rate_prior_bpp", column).equal == {2, 3}


def test_the_foot_explains_the_marks_that_there_are():
    assert rules(has_bold=False, has_equal=False) == []
    assert rules(has_bold=True, has_equal=False) == [BOLD_RULE, CHANCE_RULE]
    assert rules(has_bold=True, has_equal=True) == [BOLD_RULE, EQUAL_RULE, CHANCE_RULE]


def test_a_number_of_another_protocol_neither_wins_nor_stands_in_the_way(record):
    published = psnr(record, "c", [50] * 6, protocol_hash="other")
    column = [psnr(record, "a", [0] * 6), psnr(record, "b", [1] * 6), published]
    assert standing("psnr_db", column).bold == {1}


def test_a_lone_value_is_not_bold(record):
    assert standing("psnr_db", [psnr(record, "a", [0] * 6), None]).bold == set()


def test_what_a_tokenizer_spends_is_never_bold(record):
    column = [
        record(name, "rate_empirical_bpp", rate, raw=[rate] * 3, higher_is_better=False)
        for name, rate in (("a", 0.1), ("b", 0.2))
    ]
    assert standing("rate_empirical_bpp", column).bold == set()


def test_rates_under_a_prior_compete_on_the_same_codes_only(record):
    column = [
        record(name, "rate_prior_bpp", rate, raw=[rate] * 3, higher_is_better=False)
        for name, rate in (("vq + raster", 0.1), ("rq + raster", 0.5), ("rq + stacked", 0.4))
    ]
    assert standing("rate_prior_bpp", column).bold == {2}


def test_all_pairs_of_a_column_are_one_family(record):
    better = psnr(record, "b", [0.2, 1.6, 0.3, 1.2, 0.0, 1.0])
    alone = [psnr(record, "a", [0] * 6), better]
    assert standing("psnr_db", alone).bold == {1}  # p = 0.039
    assert standing("psnr_db", [*alone, psnr(record, "c", [0] * 6)]).bold == set()

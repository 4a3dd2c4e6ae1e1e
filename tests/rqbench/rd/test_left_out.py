"""Mirrors rqbench/rd/left_out.py."""

from rqbench.rd.left_out import without_rate


def test_operating_points_and_tokenizers_without_the_rate_are_named(record):
    records = [
        record("rq", metric, value, settings={"depth": depth} if depth < 3 else {})
        for depth in (1, 2, 3)
        for metric, value in (("rate_nominal_bpp", depth), ("psnr_db", 20.0 + depth))
    ]
    records += [record("vq", "rate_nominal_bpp", 1.0), record("vq", "psnr_db", 20.0)]
    records += [record("rq + raster", "rate_prior_bpp", 0.3)]
    first, second, why = without_rate(records, "rate_prior_bpp", "psnr_db")
    assert first == "left out, without rate_prior_bpp: rq at depth=1; depth=2"
    assert second == "left out, without rate_prior_bpp: vq"
    assert why.startswith("a prior models all codes of its tokenizer")
    # where there is no prior at all, that is not why
    assert len(without_rate(records[:-1], "rate_prior_bpp", "psnr_db")) == 2


def test_where_every_point_has_the_rate_nothing_is_said(record):
    records = [record("vq", "rate_nominal_bpp", 1.0), record("vq", "psnr_db", 20.0)]
    assert without_rate(records, "rate_nominal_bpp", "psnr_db") == []

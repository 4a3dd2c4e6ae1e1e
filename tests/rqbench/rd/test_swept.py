"""Mirrors rqbench/rd/swept.py."""

from dataclasses import replace

from rqbench.rd.swept import with_swept

KEY, OTHER = "tokenizer.depth", "tokenizer.codebook_size"


def point(values, names):
    return {"values": values, "names": names}


def lone(curve, name, rate, db):
    made = curve(name, [rate], [db])
    return replace(made, points=[replace(made.points[0], settings={})])


def test_one_name_at_several_values_is_a_curve_in_place_of_its_lone_points(curve):
    curves = [lone(curve, "vq", 1, 20), lone(curve, "rq [2]", 2, 25), lone(curve, "rq [1]", 1, 21)]
    sweep = [point({KEY: 2}, {"vq": "vq", "rq": "rq [2]"}), point({KEY: 1}, {"rq": "rq [1]"})]
    vq, rq = with_swept(curves, sweep)
    assert (vq.name, rq.name) == ("vq", "rq by depth")
    assert [dict(each.settings) for each in rq.points] == [{"depth": 1}, {"depth": 2}]
    assert rq.line().distortions.tolist() == [21, 25]


def test_members_with_operating_points_stay_and_lend_only_what_was_trained(curve):
    deep = lone(curve, "rq [2]", 2, 25)
    prefix = replace(curve("", [1.2], [20]).points[0], settings={"depth": 1})
    deep = replace(deep, points=[prefix, *deep.points])
    sweep = [point({KEY: 1}, {"rq": "rq [1]"}), point({KEY: 2}, {"rq": "rq [2]"})]
    both = with_swept([lone(curve, "rq [1]", 1, 21), deep], sweep)
    assert [each.name for each in both] == ["rq by depth", "rq [2]"]
    assert both[0].line().rates_bpp.tolist() == [1, 2]


def test_two_keys_make_a_curve_for_each_value_of_the_other(curve):
    sweep = [
        point({KEY: depth, OTHER: size}, {"rq": f"rq [{depth} {size}]", "vq": f"vq [{size}]"})
        for depth in (1, 2)
        for size in (16, 64)
    ]
    names = dict.fromkeys(name for each in sweep for name in each["names"].values())
    curves = [lone(curve, name, place + 1, 20) for place, name in enumerate(names)]
    found = {each.name: len(each.points) for each in with_swept(curves, sweep)}
    assert found == {
        "rq by depth (codebook_size=16)": 2, "rq by depth (codebook_size=64)": 2,
        "rq by codebook_size (depth=1)": 2, "rq by codebook_size (depth=2)": 2,
        "vq by codebook_size": 2,
    }  # fmt: skip


def test_without_a_sweep_or_with_one_value_left_nothing_changes(curve):
    curves = [lone(curve, "rq [1]", 1, 21)]
    assert with_swept(curves, []) == curves

"""Mirrors rqbench/cli/doctor.py."""

import json

import pytest

from rqbench import doctor
from rqbench.doctor import Finding

GOOD, POOR, BAD = (
    Finding("a", "ok", "fine"),
    Finding("b", "note", "less"),
    Finding("c", "broken", "[x]"),
)


@pytest.mark.parametrize(("findings", "status"), [([GOOD, POOR], 0), ([GOOD, BAD], 1)])
def test_findings_are_told_as_json_and_a_broken_one_fails(rqbench, monkeypatch, findings, status):
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    ended = rqbench("doctor", "--json")
    assert ended.status == status
    assert json.loads(ended.out) == [vars(finding) for finding in findings]


def test_findings_are_told_as_a_table(rqbench, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: [GOOD, POOR, BAD])
    shown = rqbench("doctor").out
    for finding in (GOOD, POOR, BAD):
        assert any(finding.state in line and finding.text in line for line in shown.splitlines())

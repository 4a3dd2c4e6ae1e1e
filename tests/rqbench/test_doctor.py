"""Mirrors rqbench/doctor.py."""

import re

from rqbench import doctor
from rqbench.doctor import examine
from rqbench.errors import DataError
from rqbench.plugins import installed


def test_nothing_is_broken_here_and_the_rest_goes_on_where_something_is(monkeypatch):
    findings = {finding.check: finding for finding in examine()}
    assert {finding.state for finding in findings.values()} <= {"ok", "note"}
    assert "vq" in findings["plug-ins"].text
    count = len(installed("preset"))
    assert findings["entropy coder"].text.startswith("constriction 0.")
    assert "JPEG, WebP" in findings["codecs of `rqbench rd --codecs`"].text
    assert "ready: effnetlite0" in findings["extractors of `rqbench fidelity`"].text
    assert findings["plug-ins"].text.endswith(f"{count} presets, which `rqbench presets` lists")

    def lose(error):
        raise error

    for name in ("_versions", "_extractor", "_perceptual", "_libraries"):
        monkeypatch.setattr(doctor, name, lambda: ("ok", ""))
    monkeypatch.setattr(doctor, "_photos", lambda: lose(DataError("no photos")))
    monkeypatch.setattr(doctor, "_disk", lambda: lose(OSError("no disk")))
    broken = {f.check: f.text for f in examine() if f.state == "broken"}
    assert broken == {"photos": "no photos", "disk": "OSError: no disk"}


def test_what_stands_in_for_inception_and_lpips_says_which_file_they_need(torch_cache):
    findings = {finding.check: finding for finding in examine()}
    for check, said in (
        ("feature extractor", r"are not FID\. For FID, put weights-inception-2015-12-05-6726825d"),
        ("perceptual distance", r"is not LPIPS\. For LPIPS, put alexnet-owt-7be5be79"),
    ):
        assert findings[check].state == "note"
        assert re.search(said, findings[check].text)
        assert f"into {torch_cache}" in findings[check].text

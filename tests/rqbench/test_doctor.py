"""Mirrors rqbench/doctor.py."""

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
    assert findings["plug-ins"].text.endswith(f"{count} presets, which `rqbench presets` lists")

    def lose(error):
        raise error

    for name in ("_versions", "_extractor", "_perceptual", "_libraries"):
        monkeypatch.setattr(doctor, name, lambda: ("ok", ""))
    monkeypatch.setattr(doctor, "_photos", lambda: lose(DataError("no photos")))
    monkeypatch.setattr(doctor, "_disk", lambda: lose(OSError("no disk")))
    broken = {f.check: f.text for f in examine() if f.state == "broken"}
    assert broken == {"photos": "no photos", "disk": "OSError: no disk"}

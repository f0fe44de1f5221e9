"""Positions over the lane `fast` beside those over WebSockets, on a link that loses packets (T1)."""

import json
import subprocess
import sys
from pathlib import Path


def test_with_losses_positions_on_the_fast_lane_are_at_most_half_as_old_as_over_websockets():
    """2 % of the IP packets are lost in each direction, and all others are 40 ms late; p99, side by side."""
    run = subprocess.run(
        [sys.executable, "-m", "harness.lossy_lanes", "--seconds", "20", "--json"], capture_output=True, text=True,
        timeout=120, cwd=Path(__file__).parent)
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    print(result)
    plain, lanes = result["rows"]["WebSocket"], result["rows"]["WebRTC"]
    # The link did what it should: all ticks come over WebSockets, and of those on `fast` about 2 in 100 do not.
    assert 0.015 < result["carried"]["lost"] / sum(result["carried"].values()) < 0.025
    assert min(plain["p50"], lanes["p50"]) > 40 and plain["per_second"] > 29
    assert 0.95 < lanes["per_second"] / plain["per_second"] < 0.995
    assert lanes["p99"] <= plain["p99"] / 2

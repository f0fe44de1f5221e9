"""Each fault of `harness/faults.py` once and small, while other players are served; `scripts/soak` runs them longer."""

import pytest

from harness.faults import FAULTS, missing
from harness.lab import Lab


def case(fault):
    right = missing(fault)
    if right is None:
        return pytest.param(fault, id=fault.__name__)
    return pytest.param(
        fault, id=f"{fault.__name__} needs {right}", marks=pytest.mark.skip(reason=f"needs {right}"))


@pytest.mark.parametrize("fault", [case(fault) for fault in FAULTS])
def test_players_do_not_notice(fault, tmp_path):
    with Lab(tmp_path, seed=9) as lab:
        fault(lab)

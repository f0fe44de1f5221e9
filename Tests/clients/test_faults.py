"""What may happen to a server, small; `scripts/soak` does the same for longer. Others are served meanwhile."""

import pytest

from harness.faults import FAULTS, Lab


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_players_do_not_notice(fault, tmp_path):
    with Lab(tmp_path, seed=9) as lab:
        fault(lab)

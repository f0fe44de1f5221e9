"""Waits for conditions, never for a fixed time."""

import threading
import time

from selenium.common.exceptions import StaleElementReferenceException

#: How long anything may take before a test fails. Generous: a busy machine is no defect.
PATIENCE = 20.0


def until(condition, what, seconds=PATIENCE, pause=0.02):
    """Calls `condition` until it returns something true, and returns that; fails when `seconds` are over.

    A page may replace an element after `condition` has found it and before it reads it; that counts as not yet true.
    """
    deadline = time.monotonic() + seconds
    pacer = threading.Event()
    while True:
        try:
            result = condition()
        except StaleElementReferenceException:
            result = None
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        pacer.wait(pause)

"""python-socketio's client, which handles packets one after the other."""

import threading

import engineio
import socketio


class _OrderedEngine(engineio.Client):
    """Handles each packet before it reads the next one.

    The stock client starts a thread for each packet. On a busy machine these threads overtake each other: events come
    in another order than they were read, and an attachment may come before the event that it belongs to.
    """

    def _trigger_event(self, event, *arguments, **options):
        return super()._trigger_event(event, *arguments, **{**options, "run_async": False})

    def disconnect(self, abort=False, **options):
        # The thread that reads can't wait for its own end.
        super().disconnect(abort=abort or threading.current_thread() is self.read_loop_task, **options)


class StockClient(socketio.Client):
    def _engineio_client_class(self):
        return _OrderedEngine

"""A stand-in for the worker that is always 23/40 done: for tests of cancelling and dying only."""

from __future__ import annotations

import json
import sys


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        number = request.get("id")
        if request["op"] == "run":
            event = {"event": "progress", "stage": "collect", "done": 23, "total": 40, "rate": 1.0, "eta": 51.0}
            print(json.dumps({"id": number, "event": event}), flush=True)
        elif request["op"] == "cancel":
            print(json.dumps({"id": number, "event": {"event": "cancelled"}}), flush=True)
            print(json.dumps({"id": number, "end": True}), flush=True)
        elif request["op"] == "quit":
            break


if __name__ == "__main__":
    main()

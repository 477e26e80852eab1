"""Judges what the tests send, beside moto: moto lets through much that AWS refuses.

Every request is held against AWS's published API models (shapes.py), and what it
names has to be there: told by an earlier answer or made by an earlier request
(references.py). What differs is a fault of the account that the request was for;
accepted.py lists what is none, with reasons.
"""

import threading
import traceback
from collections import Counter, defaultdict

from . import accepted, references, shapes
from .models import model
from .wire import Reader, Unreadable

# What changes nothing. References are checked in all other requests, and kept are only those.
READS = ("Describe", "List", "Get", "Head", "BatchGet", "Lookup", "Search", "Simulate", "Filter", "Assume", "Wait")


class Request:
    """One request and what was found in it."""

    def __init__(self, account, region, service, operation):
        self.account, self.region = account, region
        self.service, self.operation = service, operation
        self.input = None
        self.writes = not operation.startswith(READS)


class Judges:
    """Judges requests and keeps what it found, by account."""

    def __init__(self):
        self.lock = threading.Lock()
        self.faults = defaultdict(Counter)  # (operation, member, what is wrong), how often
        self.writes = defaultdict(list)  # what succeeded and changes something, in order
        self.known = defaultdict(references.Known)

    def before(self, account, region, service, operation, environ, body):
        """Judges a request before it is answered."""
        request = Request(account, region, service, operation)
        try:
            described = model(service)
            if operation not in described.operations:
                self.tell(request, "", "is no operation in the model")
                return request
            reader = Reader(described)
            try:
                request.input = reader.read(operation, environ, body)
            except Unreadable as problem:
                self.tell(request, "", str(problem))
                return request
            for member, problem in reader.told:
                self.tell(request, member, problem)
            shapes.check(described, operation, request.input, lambda *told: self.tell(request, *told))
            with self.lock:
                missing = self.known[account].missing(request)
            for member, problem in missing:
                self.tell(request, member, problem)
        except Exception:  # the judge that fails must not look like one that finds nothing
            self.tell(request, "", f"the judge failed: {traceback.format_exc()}")
        return request

    def after(self, request, status, answer):
        """Learns from an answer what is there from now on."""
        try:
            with self.lock:
                self.known[request.account].learn(request, status, answer)
                if request.writes and status < 300:
                    self.writes[request.account].append(
                        {
                            "region": request.region,
                            "operation": f"{request.service}:{request.operation}",
                            "input": request.input,
                        }
                    )
        except Exception:
            self.tell(request, "", f"the judge failed: {traceback.format_exc()}")

    def tell(self, request, member, problem):
        operation = f"{request.service}:{request.operation}"
        if accepted.reason(operation, member, problem):
            return
        with self.lock:
            self.faults[request.account][operation, member, problem] += 1

    def found(self, account):
        """The faults of an account, which are forgotten."""
        with self.lock:
            faults = self.faults.pop(account, Counter())
        return [
            {"operation": operation, "member": member, "problem": problem, "times": times}
            for (operation, member, problem), times in faults.items()
        ]

    def written(self, account):
        """The requests of an account that changed something."""
        with self.lock:
            return list(self.writes[account])

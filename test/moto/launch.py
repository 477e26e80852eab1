"""Starts moto, the AWS emulator that the tests talk to, mended where it differs
from AWS for the operations in use (see patches/).

Prints "listening on http://127.0.0.1:PORT" once connections are accepted, and
nothing else on standard output. One process serves a whole test run: each test
takes an account of its own by AssumeRole of arn:aws:iam::<12 digits>:role/x.

Besides AWS it answers, without a signature:

    GET  /cicdctl/calls[?account=ID]        {"ec2:CreateVpc": 2, ...} since the start
    POST /cicdctl/calls/reset[?account=ID]  sets the counts back to nothing
    POST /cicdctl/hangups/take?account=ID   {"ec2": 1, ...} requests that announced a body
                                            and did not send it whole, since the last time
    POST /cicdctl/faults/take?account=ID    [{"operation": ..., "member": ..., "problem": ..., "times": ...}],
                                            what the judges found since the last time (see judges/)
    GET  /cicdctl/writes?account=ID         [{"region": ..., "operation": ..., "input": {...}}, ...],
                                            the successful requests that change something, in order

A request that hangs up is no call: nobody knows what it was to be.
"""

import argparse
import io
import json
import os
import re
import sys
import threading
import time
import traceback
from collections import Counter
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import cloudcontrol
import patches
from judges import Judges
from judges.models import PathNames, S3Names
from patches import hold

# moto reads its settings when it is imported. What AWS refuses, moto must refuse
# too: unknown machine images, key pairs and instance types. The managed policies
# exist in every AWS account.
SETTINGS = {
    "MOTO_ENABLE_AMI_VALIDATION": "true",
    "MOTO_ENABLE_KEYPAIR_VALIDATION": "true",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # Seconds until a certificate is issued, which moto does without a record.
    "MOTO_ACM_VALIDATION_WAIT": "1",
    # boto3 is imported by moto and must never look for real credentials.
    "AWS_EC2_METADATA_DISABLED": "true",
}


class HungUp(Exception):
    """The client is gone before it has sent what it announced."""


class Front:
    """The WSGI application around moto: counts calls, has them judged, adds latency,
    answers what moto can't do at once instead of as a retryable failure."""

    def __init__(self, app, latency):
        self.app = app
        self.latency = latency
        self.names = {"s3": S3Names(), "scheduler": PathNames("scheduler"), "backup": PathNames("backup"), "route53": PathNames("route53")}
        # moto's dictionaries are iterated without a lock while other threads
        # add to them. Python runs one thread at a time anyway, so one request
        # at a time costs nothing; reading requests, the added latency and the
        # sending of answers stay outside.
        self.moto = threading.Lock()
        self.counting = threading.Lock()
        self.counts = {}
        self.hangups = {}
        self.accounts = {}
        self.judges = Judges()

    def __call__(self, environ, start_response):
        signed = "HTTP_AUTHORIZATION" in environ
        # A signed request to this path is for an S3 bucket of that name.
        if not signed and environ["PATH_INFO"].startswith("/cicdctl/"):
            return self.control(environ, start_response)
        key, region, service = self.credential(environ)
        try:
            body = self.read(environ)
        except HungUp:
            with self.moto:
                self.count(self.hangups, key, service)
            start_response("400 Bad Request", [("Content-Length", "0")])
            return []
        name = self.operation(environ, service, body)
        if self.latency and signed:
            time.sleep(self.latency)
        with self.moto:
            if not signed:
                return self.answer(environ, start_response, "", region, service, name, body)
            self.count(self.counts, key, f"{service}:{name}")
            request = self.judges.before(self.account(key), region, service, name, environ, body)
            status = []

            def start(line, headers, exc_info=None):
                status[:] = [int(line.split()[0])]
                return start_response(line, headers, exc_info)

            answer = self.answer(environ, start, key, region, service, name, body)
            self.judges.after(request, status[0], b"".join(answer))
            return answer

    def answer(self, environ, start_response, key, region, service, name, body):
        """What moto, or what stands in for it, answers."""
        try:
            if service == "cloudcontrolapi":
                return cloudcontrol.serve(start_response, self.account(key), region, name, body)
            answer = self.app(environ, start_response)
            try:
                return list(answer)
            finally:
                if hasattr(answer, "close"):
                    answer.close()
        except Exception as problem:  # whatever moto raises has to be told
            if not isinstance(problem, NotImplementedError):  # the refusal says it all
                traceback.print_exc()
            return self.refuse(environ, start_response, service, name, problem)

    @staticmethod
    def read(environ):
        """The body, which is needed for the name of the operation and put back."""
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if not length:
            return b""
        try:
            body = environ["wsgi.input"].read(length)
        except OSError as problem:
            raise HungUp from problem
        if len(body) < length:
            raise HungUp
        environ["wsgi.input"] = io.BytesIO(body)
        return body

    @staticmethod
    def credential(environ):
        """The access key, the region and the signing name of the service."""
        found = re.search(r"Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        return found.groups() if found else ("", "", "unsigned")

    def operation(self, environ, service, body):
        target = environ.get("HTTP_X_AMZ_TARGET")
        if target:
            return target.rpartition(".")[2]
        if service in self.names:
            return self.names[service].name(environ)
        if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            action = parse_qs(body.decode("utf-8", "replace")).get("Action")
            if action:
                return action[0]
        return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"

    def account(self, key):
        """The account that an access key is of."""
        account = self.accounts.get(key)
        if account is None:
            from moto.iam.models import get_account_id_from

            account = self.accounts[key] = get_account_id_from(key)
        return account

    def count(self, counts, key, what):
        account = self.account(key)
        with self.counting:
            counts.setdefault(account, Counter())[what] += 1

    @staticmethod
    def refuse(environ, start_response, service, name, problem):
        """Answers with status 400: the SDKs repeat a 500 for seconds, and a test
        that expects some error would then take moto's gap for AWS's refusal."""
        code = "MotoLacksOperation" if isinstance(problem, NotImplementedError) else "MotoCrashed"
        message = f"moto can't do {service}:{name}: {type(problem).__name__}: {problem}"
        if "HTTP_X_AMZ_TARGET" in environ:
            kind = environ.get("CONTENT_TYPE") or "application/x-amz-json-1.1"
            text = json.dumps({"__type": code, "message": message})
        else:
            kind = "text/xml"
            error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
            text = {
                "s3": error,
                "ec2": f"<Response><Errors>{error}</Errors><RequestID>none</RequestID></Response>",
            }.get(service, f"<ErrorResponse>{error}<RequestId>none</RequestId></ErrorResponse>")
        data = text.encode()
        headers = [("Content-Type", kind), ("Content-Length", str(len(data)))]
        start_response("400 Bad Request", headers, sys.exc_info())
        return [data]

    def control(self, environ, start_response):
        account = parse_qs(environ.get("QUERY_STRING", "")).get("account", [None])[0]
        request = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
        status = "200 OK"
        if request == ("GET", "/cicdctl/calls"):
            with self.counting:
                result = sum((counts for owner, counts in self.counts.items() if account in (None, owner)), Counter())
        elif request == ("POST", "/cicdctl/calls/reset"):
            result = self.forget(self.counts, account)
        elif request == ("POST", "/cicdctl/hangups/take"):
            result = self.forget(self.hangups, account)
        elif request == ("POST", "/cicdctl/faults/take"):
            result = self.judges.found(account)
        elif request == ("GET", "/cicdctl/writes"):
            result = self.judges.written(account)
        else:
            status, result = "404 Not Found", {}
        data = json.dumps(result, sort_keys=True, default=repr).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
        start_response(status, headers)
        return [data]

    def forget(self, counts, account):
        """Sets the counts of an account, or of all, back to nothing, and tells what they were."""
        with self.counting:
            if account is not None:
                return counts.pop(account, Counter())
            told = sum(counts.values(), Counter())
            counts.clear()
            return told


def end_with(pid):
    """Ends this process when the process pid is gone."""
    mother = os.getppid()
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            os._exit(0)
        except PermissionError:
            pass  # there, under another user
        # A parent that has ended but is not yet reaped still takes signals.
        if mother == pid and os.getppid() != mother:
            os._exit(0)
        time.sleep(0.5)


def end_with_stdin():
    """Ends this process when whoever holds the other end of stdin is gone."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description="Starts moto, mended, on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--parent-pid", type=int, help="end when this process is gone")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    parser.add_argument("--latency-ms", type=float, default=0, help="milliseconds added to each answer (default 0)")
    parser.add_argument("--hold", action="append", default=[], type=hold.of, metavar="OPERATION=SECONDS", help="have what an operation makes pending for some seconds: " + ", ".join(hold.HOLDS))
    options = parser.parse_args()
    if options.latency_ms < 0:
        parser.error("--latency-ms: must be 0 or more")

    # Before anything slow, so that a parent that dies early is noticed.
    if options.parent_pid:
        threading.Thread(target=end_with, args=(options.parent_pid,), daemon=True).start()
    if options.until_stdin_closes:
        threading.Thread(target=end_with_stdin, daemon=True).start()

    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    import moto

    if moto.__version__ not in patches.TESTED:
        sys.exit(f"launch.py: the patches fit moto {' and '.join(patches.TESTED)}; {moto.__version__} is installed")
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    patches.apply()
    for operation, seconds in options.hold:
        hold.HOLDS[operation](seconds)

    class Quiet(WSGIRequestHandler):
        def log_request(self, code="-", size="-"):
            """Thousands of lines that nobody reads; failures print their traceback."""

    app = Front(DomainDispatcherApplication(create_backend_app), options.latency_ms / 1000)
    server = make_server("127.0.0.1", options.port, app, threaded=True, request_handler=Quiet)
    # moto asks itself for this port in a few places.
    os.environ["MOTO_PORT"] = str(server.server_port)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()

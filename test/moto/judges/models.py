"""AWS's published API models, as botocore carries them: shapes as plain dictionaries."""

import re
from functools import cache
from urllib.parse import parse_qsl

# Signing names that are not the name of the model.
MODELS = {
    "cloudcontrolapi": "cloudcontrol",
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "tagging": "resourcegroupstaggingapi",
}


class Model:
    """One service."""

    def __init__(self, service):
        from botocore.loaders import Loader

        told = Loader().load_service_model(MODELS.get(service, service), "service-2")
        self.operations, self.shapes = told["operations"], told["shapes"]
        metadata = told["metadata"]
        self.protocols = metadata.get("protocols") or [metadata["protocol"]]

    def input(self, operation):
        """The shape of an operation's input, or None when it takes nothing."""
        reference = self.operations[operation].get("input")
        return self.shape(reference) if reference else None

    def shape(self, reference):
        """What a reference refers to, with what the reference itself says on top."""
        return {**self.shapes[reference["shape"]], **reference}


@cache
def model(service):
    """The model of a signing name; UnknownServiceError when botocore has none."""
    return Model(service)


class S3Names:
    """Names S3 operations, which say what they are by method, path and query."""

    def __init__(self):
        s3 = model("s3")
        self.operations = []
        for name, operation in s3.operations.items():
            # The directory buckets of S3 Express share their paths with the
            # ordinary ones; so do the predecessors of some configuration calls.
            if operation.get("deprecated") or "Directory" in name:
                continue
            path, _, query = operation["http"]["requestUri"].partition("?")
            needs = dict(parse_qsl(query, keep_blank_values=True))
            shape = s3.input(name) or {}
            for member in shape.get("required", []):
                where = shape["members"][member]
                if where.get("location") == "querystring":
                    needs.setdefault(where["locationName"], "")
            depth = len([part for part in path.split("/") if part])
            self.operations.append((operation["http"]["method"], depth, needs, name))

    def name(self, environ):
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        if query.get("x-id"):
            return query["x-id"]
        bucket, _, key = environ.get("PATH_INFO", "/").lstrip("/").partition("/")
        depth = 2 if key else 1 if bucket else 0
        copies = "HTTP_X_AMZ_COPY_SOURCE" in environ
        best, most = "", -1
        for method, level, needs, name in self.operations:
            if method != environ["REQUEST_METHOD"] or level != depth:
                continue
            if ("Copy" in name) != copies:
                continue
            if any(key not in query or (value and query[key] != value) for key, value in needs.items()):
                continue
            if len(needs) > most:
                best, most = name, len(needs)
        return best or f"{environ['REQUEST_METHOD']} depth {depth}"


class PathNames:
    """Names the operations of a service that says what they are by method and path."""

    def __init__(self, service):
        self.operations = []
        for name, operation in model(service).operations.items():
            literal = re.split(r"{[^}]*}", operation["http"]["requestUri"].partition("?")[0].rstrip("/"))
            pattern = re.compile(".+".join(re.escape(part) for part in literal))
            self.operations.append((len("".join(literal)), operation["http"]["method"], pattern, name))
        self.operations.sort(key=lambda each: -each[0])  # what says most comes first

    def name(self, environ):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].rstrip("/")
        for _, wanted, pattern, name in self.operations:
            if method == wanted and pattern.fullmatch(path):
                return name
        return f"{method} {path}"

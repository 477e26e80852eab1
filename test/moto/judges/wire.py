"""Reads requests of AWS's protocols from the wire into what the models describe:
dictionaries by the members' names. What the model does not know is told as well."""

import base64
import binascii
import json
import re
from urllib.parse import parse_qs, parse_qsl, unquote
from xml.etree import ElementTree


class Unreadable(Exception):
    """A request that does not have the form of its protocol."""


class Reader:
    """Reads one request of one service. told collects (member, what is wrong)."""

    def __init__(self, model):
        self.model = model
        self.told = []

    def read(self, operation, environ, body):
        """The input of an operation as a dictionary."""
        shape = self.model.input(operation)
        if shape is None:
            return {}
        if environ.get("HTTP_SMITHY_PROTOCOL"):
            raise Unreadable(f"protocol {environ['HTTP_SMITHY_PROTOCOL']} is not judged here")
        protocols = self.model.protocols
        if "HTTP_X_AMZ_TARGET" in environ:
            return self.json("", shape, parse_json(body))
        if "ec2" in protocols or "query" in protocols:
            return self.query("", shape, form(body), "ec2" in protocols)
        return self.rest(operation, shape, environ, body)

    def unknown(self, where, names):
        self.told.extend((path(where, name), "is not in the model") for name in names)

    # JSON, in the bodies of json and rest-json

    def json(self, where, shape, value):
        if value is None:
            self.told.append((where, "is null"))
            return None
        kind = shape["type"]
        if kind == "structure" and not shape.get("document"):
            if not isinstance(value, dict):
                return value
            names = {member.get("locationName", name): name for name, member in shape["members"].items()}
            self.unknown(where, value.keys() - names.keys())
            return {
                names[name]: self.json(path(where, names[name]), self.model.shape(shape["members"][names[name]]), inner)
                for name, inner in value.items()
                if name in names
            }
        if kind == "list" and isinstance(value, list):
            inner = self.model.shape(shape["member"])
            return [self.json(f"{where}[{i}]", inner, one) for i, one in enumerate(value)]
        if kind == "map" and isinstance(value, dict):
            inner = self.model.shape(shape["value"])
            return {name: self.json(path(where, name), inner, one) for name, one in value.items()}
        if kind == "blob" and isinstance(value, str):
            return self.blob(where, value)
        return value

    # Texts, in forms, XML, headers, queries and paths

    def scalar(self, where, shape, text):
        """A value of its type; a text that is none of that type stays one."""
        kind = shape["type"]
        try:
            if kind in ("integer", "long"):
                return int(text)
            if kind in ("float", "double"):
                return float(text)
        except ValueError:
            return text
        if kind == "boolean":
            return {"true": True, "false": False}.get(text, text)
        if kind == "blob":
            return self.blob(where, text)
        if shape.get("jsonvalue"):
            return base64.b64decode(text).decode()
        return text

    def blob(self, where, text):
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            self.told.append((where, "is not base64"))
            return b""

    def query(self, where, shape, node, ec2):
        """Reads what form made of a form's fields."""
        kind = shape["type"]
        if not isinstance(node, dict):
            if kind == "list" and node == "":  # how an empty list is said
                return []
            return node if kind in ("structure", "list", "map") else self.scalar(where, shape, node)
        if kind == "structure":
            names = {form_name(self.model.shape(member), name, ec2): name for name, member in shape["members"].items()}
            self.unknown(where, node.keys() - names.keys())
            return {
                names[name]: self.query(path(where, names[name]), self.model.shape(shape["members"][names[name]]), inner, ec2)
                for name, inner in node.items()
                if name in names
            }
        if kind == "list":
            inner = self.model.shape(shape["member"])
            if not ec2 and not shape.get("flattened"):
                node = self.only(where, node, inner.get("locationName", "member"))
            return [self.query(f"{where}[{i}]", inner, one, ec2) for i, one in enumerate(numbered(where, node))]
        if kind == "map":
            if not shape.get("flattened"):
                node = self.only(where, node, "entry")
            key, value = self.model.shape(shape["key"]), self.model.shape(shape["value"])
            read = {}
            for entry in numbered(where, node):
                name = entry.get(key.get("locationName", "key"), "")
                read[name] = self.query(path(where, name), value, entry.get(value.get("locationName", "value"), ""), ec2)
            return read
        raise Unreadable(f"{where} has fields below it and is a {kind}")

    def only(self, where, node, name):
        self.unknown(where, node.keys() - {name})
        inner = node.get(name, {})
        if not isinstance(inner, dict):
            raise Unreadable(f"{where}.{name} is not numbered")
        return inner

    # REST

    def rest(self, operation, shape, environ, body):
        http = self.model.operations[operation]["http"]
        labels = self.labels(http["requestUri"], environ)
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        fixed = parse_qs(http["requestUri"].partition("?")[2], keep_blank_values=True)
        read, bodily, expected = {}, {}, set(fixed) | {"x-id"}
        anything = False
        for name, reference in shape["members"].items():
            member = self.model.shape(reference)
            place, where = member.get("location"), member.get("locationName", name)
            if place == "uri":
                if where in labels:
                    read[name] = self.scalar(name, member, labels[where])
            elif place == "querystring":
                if member["type"] == "map":
                    anything = True
                    continue
                expected.add(where)
                if where in query:
                    inner = self.model.shape(member["member"]) if member["type"] == "list" else member
                    values = [self.scalar(name, inner, text) for text in query[where]]
                    read[name] = values if member["type"] == "list" else values[0]
            elif place == "header":
                text = header(environ, where)
                if text is not None:
                    read[name] = [part.strip() for part in text.split(",")] if member["type"] == "list" else self.scalar(name, member, text)
            elif place == "headers":
                prefix = "HTTP_" + where.upper().replace("-", "_")
                found = {key[len(prefix) :].lower(): value for key, value in environ.items() if key.startswith(prefix)}
                if found:
                    read[name] = found
            else:
                bodily[name] = reference
        if not anything:
            self.unknown("", query.keys() - expected)
        payload = shape.get("payload")
        if payload and body:
            member = self.model.shape(shape["members"][payload])
            read[payload] = self.document(payload, member, body) if member["type"] == "structure" else body
            if member["type"] == "string":
                read[payload] = body.decode()
        elif bodily and not payload and body:
            read.update(self.document("", {**shape, "members": bodily}, body))
        return read

    def labels(self, uri, environ):
        """The parts of the path that a template names; the last may hold slashes."""
        raw = (environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0].rstrip("/")
        pattern = re.escape(uri.partition("?")[0].rstrip("/"))
        pattern = re.sub(r"\\{(\w+)\\\+\\}", r"(?P<\1>.+)", pattern)
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern)
        found = re.fullmatch(pattern, raw)
        return {name: unquote(text) for name, text in found.groupdict().items()} if found else {}

    def document(self, where, shape, body):
        if "rest-json" in self.model.protocols:
            return self.json(where, shape, parse_json(body))
        try:
            return self.xml(where, shape, ElementTree.fromstring(body))
        except ElementTree.ParseError as problem:
            raise Unreadable(f"the body is not XML: {problem}") from problem

    def xml(self, where, shape, element):
        kind = shape["type"]
        if kind == "structure":
            read, known = {}, set()
            for name, reference in shape["members"].items():
                member = self.model.shape(reference)
                tag = member.get("locationName", name)
                if member["type"] == "list" and member.get("flattened"):
                    tag = self.model.shape(member["member"]).get("locationName", tag)
                if member.get("xmlAttribute"):
                    text = next((v for k, v in element.attrib.items() if local(k) == tag.rpartition(":")[2]), None)
                    if text is not None:
                        read[name] = text
                    continue
                known.add(tag)
                found = [child for child in element if local(child.tag) == tag]
                if not found:
                    continue
                if member["type"] == "list" and member.get("flattened"):
                    inner = self.model.shape(member["member"])
                    read[name] = [self.xml(f"{path(where, name)}[{i}]", inner, one) for i, one in enumerate(found)]
                else:
                    read[name] = self.xml(path(where, name), member, found[0])
            self.unknown(where, {local(child.tag) for child in element} - known)
            return read
        if kind == "list":
            inner = self.model.shape(shape["member"])
            tag = inner.get("locationName", "member")
            self.unknown(where, {local(child.tag) for child in element} - {tag})
            return [self.xml(f"{where}[{i}]", inner, one) for i, one in enumerate(element)]
        if kind == "map":
            raise Unreadable(f"{where} is a map in XML, which no operation in use has")
        return self.scalar(where, shape, element.text or "")


def path(where, name):
    return f"{where}.{name}" if where else name


def local(tag):
    return tag.rpartition("}")[2]


def header(environ, name):
    key = name.upper().replace("-", "_")
    return environ.get(key) if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else environ.get("HTTP_" + key)


def parse_json(body):
    try:
        value = json.loads(body or b"{}")
    except ValueError as problem:
        raise Unreadable(f"the body is not JSON: {problem}") from problem
    if not isinstance(value, dict):
        raise Unreadable("the body is not an object")
    return value


def form(body):
    """A form's fields as a tree: A.1.B=c is {"A": {"1": {"B": "c"}}}."""
    tree = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        if name in ("Action", "Version"):
            continue
        node, (*parts, last) = tree, name.split(".")
        for part in parts:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise Unreadable(f"{name}: {part} is a value as well")
        if last in node:
            raise Unreadable(f"{name} is there twice")
        node[last] = value
    return tree


def numbered(where, node):
    if not all(name.isdigit() for name in node):
        raise Unreadable(f"{where} is not numbered: {', '.join(node)}")
    names = sorted(node, key=int)
    if names != [str(i + 1) for i in range(len(names))]:
        raise Unreadable(f"{where} is numbered {', '.join(names)}")
    return [node[name] for name in names]


def form_name(member, name, ec2):
    """What a member is called in a form."""
    if ec2:
        told = member.get("queryName")
        if told:
            return told
        name = member.get("locationName", name)
        return name[0].upper() + name[1:]
    return member.get("locationName", name)

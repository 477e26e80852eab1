"""Holds what requests made against AWS's resource schemas, region by region.

Reads from standard input what GET /cicdctl/writes of the launcher tells, writes a
CloudFormation template of it and has cfn-lint look at that. Prints a list of findings
as JSON: [{"operation": ..., "region": ..., "rule": ..., "problem": ...}, ...].
"""

import json
import re
import sys

from kinds import DROP, KINDS, NOT_HELD, SPREAD, tag_list

REGIONS = ("eu-west-3", "eu-west-1", "eu-central-1", "eu-west-2")

# What removes something makes nothing.
REMOVES = re.compile(r"(Batch)?(Delete|Deregister|Remove|Revoke|Disassociate|Detach|Stop|Terminate|Release|Cancel|Schedule\w*Deletion|Unsubscribe|Untag)")

# Objects whose names are data.
MAPS = {"Options", "DockerLabels", "Labels", "DriverOpts", "BackupPlanTags", "BackupVaultTags"}

# Rules of cfn-lint that are not asked, and why.
ACCEPTED = {
    "E3010": "no stack is made of this, so it may have more resources than one",
    "E3019": "a bucket is made by several requests, and a client's things twice when it is made again",
    "W3010": "a zone is named here on purpose: that of a client's subnet",
    "W3690": "RDS takes a major version for its newest minor one, and cfn-lint knows whole versions",
}


def properties(operation, given):
    """The properties of the resource that a request makes."""
    _, members, said = KINDS[operation]
    told = dict(said)
    for name, value in given.items():
        place = members.get(name, name[0].upper() + name[1:])
        # Whose the bucket is to be is a condition of the request, and no setting.
        if place is DROP or name == "ExpectedBucketOwner":
            continue
        if not isinstance(place, str):
            place, convert = place
            value = convert(value)
        elif place == "Tags":
            value = tag_list(capital(value)) if isinstance(value, list) else tag_list(value)
        elif place == "TagSpecifications" and KINDS[operation][0] not in ("EC2::LaunchTemplate",):
            place, value = "Tags", value[0]["Tags"]
        else:
            value = value if place in MAPS or place.endswith("Document") or place == "KeyPolicy" else capital(value)
        if place == SPREAD:
            told.update(value)
        else:
            told[place] = value
    return told


def capital(value):
    if isinstance(value, dict):
        return {name[0].upper() + name[1:]: inner if name[0].upper() + name[1:] in MAPS else capital(inner) for name, inner in value.items()}
    return [capital(inner) for inner in value] if isinstance(value, list) else value


def main():
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    resources, sources, findings, seen = {}, {}, [], set()
    for write in json.load(sys.stdin):
        operation = write["operation"]
        if operation not in KINDS:
            if not REMOVES.match(operation.partition(":")[2]) and not any(re.fullmatch(one, operation) for one in NOT_HELD):
                findings.append({"operation": operation, "region": "", "rule": "", "problem": "makes something that test/moto/schemas/kinds.py doesn't know: add it to KINDS, or to NOT_HELD with a reason"})
            continue
        try:
            made = {"Type": "AWS::" + KINDS[operation][0], "Properties": properties(operation, write["input"])}
        except Exception as problem:  # a mapping that fails must not look like one that finds nothing
            findings.append({"operation": operation, "region": "", "rule": "", "problem": f"can't be mapped: {type(problem).__name__}: {problem}"})
            continue
        # The same but for tags, identifiers and the client is looked at once.
        told = {name: value for name, value in made["Properties"].items() if name != "Tags"}
        shape = re.sub(r"\b\w+-[0-9a-f]{8,17}\b|[0-9a-f-]{32,}|acme|globex", "", json.dumps([made["Type"], told], sort_keys=True).lower())
        if shape in seen:
            continue
        seen.add(shape)
        name = f"R{len(resources)}"
        resources[name], sources[name] = made, operation
    for region in REGIONS:
        # The region of a zone is that of the test.
        template = re.sub(r"eu-west-3(?=[abc]?\b)", region, json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}))
        for match in lint(template, config=ManualArgs(regions=[region], ignore_checks=list(ACCEPTED))):
            place = match.path or []
            source = sources.get(place[1], "") if len(place) > 1 and place[0] == "Resources" else ""
            where = ".".join(str(part) for part in place[3:])
            findings.append({"operation": source, "region": region, "rule": match.rule.id, "problem": f"{where}: {match.message}"[:400]})
    json.dump(findings, sys.stdout)


if __name__ == "__main__":
    main()

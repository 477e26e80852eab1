"""The Cloud Control API over moto's own buckets and keys. moto has no such service:
this one is ours, and knows GetResource of the two types that cicdctl asks about.

It answers as AWS does: in the words of the CloudFormation resource reference, without
what is not set, and without what can only be written (RotationPeriodInDays).
"""

import json


class Refusal(Exception):
    """An answer of Cloud Control that is an error."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def serve(start_response, account, region, operation, body):
    """Answers one request, as WSGI wants it."""
    try:
        if operation != "GetResource":
            raise Refusal("UnknownOperationException", f"{operation} is not served here")
        status, answer = "200 OK", get_resource(account, region, json.loads(body))
    except Refusal as refusal:
        status, answer = "400 Bad Request", {"__type": refusal.code, "message": str(refusal)}
    data = json.dumps(answer).encode()
    start_response(status, [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(data)))])
    return [data]


def get_resource(account, region, asked):
    name, identifier = asked["TypeName"], asked["Identifier"]
    readers = {"AWS::S3::Bucket": bucket, "AWS::KMS::Key": key}
    if name not in readers:
        raise Refusal("UnsupportedActionException", f"Resource type {name} does not support READ action")
    properties = readers[name](account, region, identifier)
    if properties is None:
        raise Refusal("ResourceNotFoundException", f"Resource of type '{name}' with identifier '{identifier}' was not found.")
    told = {name: value for name, value in properties.items() if value is not None}
    return {"TypeName": name, "ResourceDescription": {"Identifier": identifier, "Properties": json.dumps(told)}}


def key(account, region, identifier):
    from moto.kms.models import kms_backends

    found = kms_backends[account][region].keys.get(identifier)
    if found is None or found.key_state == "PendingDeletion":
        return None
    return {
        "KeyId": found.id,
        "Arn": found.arn,
        "Description": found.description,
        "Enabled": found.key_state == "Enabled",
        "EnableKeyRotation": found.key_rotation_status,
        "KeySpec": found.key_spec,
        "KeyUsage": found.key_usage,
        "KeyPolicy": json.loads(found.policy),
    }


def bucket(account, region, identifier):
    from moto.s3.models import s3_backends

    found = s3_backends[account]["aws"].buckets.get(identifier)
    if found is None or found.region_name != region:
        return None
    status = found.versioning_status
    return {
        "BucketName": found.name,
        "Arn": f"arn:aws:s3:::{found.name}",
        "PublicAccessBlockConfiguration": public_access_block(found.public_access_block),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": found.ownership_rule}]} if found.ownership_rule else None,
        "VersioningConfiguration": {"Status": status} if status else None,
        "BucketEncryption": encryption(found.encryption),
        "LifecycleConfiguration": lifecycle(found),
    }


def truth(value):
    """moto keeps what it was sent, and a switch was a text then."""
    return str(value).lower() == "true"


def public_access_block(block):
    if block is None:
        return None
    return {
        "BlockPublicAcls": truth(block.block_public_acls),
        "IgnorePublicAcls": truth(block.ignore_public_acls),
        "BlockPublicPolicy": truth(block.block_public_policy),
        "RestrictPublicBuckets": truth(block.restrict_public_buckets),
    }


def encryption(kept):
    if not kept:
        return None
    rule = kept["Rule"]
    told = {
        "ServerSideEncryptionByDefault": dict(rule["ApplyServerSideEncryptionByDefault"]),
        "BucketKeyEnabled": truth(rule.get("BucketKeyEnabled")),
    }
    if rule.get("BlockedEncryptionTypes"):
        types = rule["BlockedEncryptionTypes"]["EncryptionType"]
        told["BlockedEncryptionTypes"] = {"EncryptionType": types if isinstance(types, list) else [types]}
    return {"ServerSideEncryptionConfiguration": [told]}


def lifecycle(found):
    if not found.rules:
        return None
    size = getattr(found, "smallest", None) or "all_storage_classes_128K"
    return {"TransitionDefaultMinimumObjectSize": size, "Rules": [rule(one) for one in found.rules]}


def rule(kept):
    told = {"Id": kept.id, "Status": kept.status, "Prefix": kept.prefix or ""}
    if kept.filter is not None:
        told["Prefix"] = kept.filter.prefix or ""
        tags = {kept.filter.tag_key: kept.filter.tag_value} if kept.filter.tag_key else {}
        if kept.filter.and_filter is not None:
            told["Prefix"] = kept.filter.and_filter.prefix or ""
            tags = kept.filter.and_filter.tags or {}
        if tags:
            told["TagFilters"] = [{"Key": name, "Value": value} for name, value in tags.items()]
    if kept.expiration_days is not None:
        told["ExpirationInDays"] = int(kept.expiration_days)
    if kept.expiration_date is not None:
        told["ExpirationDate"] = kept.expiration_date
    if kept.expired_object_delete_marker is not None:
        told["ExpiredObjectDeleteMarker"] = truth(kept.expired_object_delete_marker)
    if kept.nve_noncurrent_days is not None:
        told["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(kept.nve_noncurrent_days)}
    if kept.aimu_days is not None:
        told["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(kept.aimu_days)}
    if kept.transitions:
        told["Transitions"] = [transition(one) for one in kept.transitions]
    if kept.noncurrent_version_transitions:
        moves = kept.noncurrent_version_transitions
        told["NoncurrentVersionTransitions"] = [{"StorageClass": one.storage_class, "TransitionInDays": int(one.days)} for one in moves]
    return told


def transition(kept):
    told = {"StorageClass": kept.storage_class}
    if kept.days is not None:
        told["TransitionInDays"] = int(kept.days)
    if kept.date is not None:
        told["TransitionDate"] = kept.date
    return told

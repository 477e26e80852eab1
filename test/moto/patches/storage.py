"""S3, KMS and Secrets Manager."""

import base64
import json
import re
import time
from types import SimpleNamespace
from urllib.parse import unquote

from .patch import patch


def s3():
    import xmltodict

    from moto.core.responses import ActionResult
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.exceptions import PreconditionFailed, S3AccessDeniedError, S3ClientError
    from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend, s3_backends
    from moto.s3.responses import S3Response

    def own_encryption():
        return {
            "Rule": {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                "BucketKeyEnabled": "false",
            }
        }

    # AWS: a new bucket is closed to the public, its owner owns all objects, and
    # S3 encrypts them. moto leaves all three out.
    @patch(FakeBucket, "__init__")
    def _(original):
        def init(self, *arguments, **named):
            original(self, *arguments, **named)
            self.public_access_block = PublicAccessBlock("true", "true", "true", "true")
            self.encryption = own_encryption()
            self.ownership_rule = "BucketOwnerEnforced"

        return init

    # AWS: a bucket for access logs may have a policy with statements about everybody
    # beside the one for the logging service. moto stumbles over them.
    @patch(FakeBucket, "_log_permissions_enabled_policy")
    def _(original):
        def permitted(_self, target_bucket, target_prefix):
            policy = json.loads(target_bucket.policy or "{}")
            named = [s for s in policy.get("Statement", []) if isinstance(s.get("Principal"), dict)]
            target = SimpleNamespace(
                policy=json.dumps({"Statement": named}).encode(), partition=target_bucket.partition, name=target_bucket.name
            )
            return original(target_bucket=target, target_prefix=target_prefix)

        return permitted

    # AWS: a bucket whose encryption is deleted is encrypted by S3 again.
    @patch(S3Backend, "delete_bucket_encryption")
    def _(_original):
        def delete_bucket_encryption(self, bucket_name):
            self.get_bucket(bucket_name).encryption = own_encryption()

        return delete_bucket_encryption

    # AWS: the encryption types that a bucket blocks come back. moto drops them.
    @patch(S3Response, "get_bucket_encryption")
    def _(_original):
        def get_bucket_encryption(self):
            self.data["Action"] = "GetBucketEncryption"
            rule = dict(self.backend.get_bucket_encryption(self.bucket_name)["Rule"])
            rule["BucketKeyEnabled"] = str(rule.get("BucketKeyEnabled")).lower() == "true"
            if rule.get("BlockedEncryptionTypes"):
                types = rule["BlockedEncryptionTypes"]["EncryptionType"]
                types = types if isinstance(types, list) else [types]
                rule["BlockedEncryptionTypes"] = {"EncryptionType": types}
            return self.serialized(ActionResult({"ServerSideEncryptionConfiguration": {"Rules": [rule]}}))

        return get_bucket_encryption

    # AWS: a request that says whose the bucket has to be gets nothing of anybody
    # else's. moto does not read it.
    for part in ("_bucket_response", "_key_response"):

        @patch(S3Response, part)
        def _(original):
            def respond(self, request, full_url):
                expected = request.headers.get("x-amz-expected-bucket-owner")
                name = self.parse_bucket_name_from_url(request, full_url)
                _, owner = s3_backends.bucket_accounts.get(name, (None, expected))
                if owner != expected and expected:
                    raise S3AccessDeniedError()
                return original(self, request, full_url)

            return respond

    # AWS: a name of an account regional namespace needs the namespace beside it.
    # moto takes the name without.
    @patch(S3Response, "_bucket_response_put")
    def _(original):
        def bucket_response_put(self, request, bucket_name, querystring):
            regional = re.search(r"-\d{12}-[a-z]+(-[a-z]+)+-\d+-an$", bucket_name)
            if not querystring and regional and request.headers.get("x-amz-bucket-namespace") != "account-regional":
                raise S3ClientError(
                    "MissingNamespaceHeader",
                    "The requested bucket is an account-regional namespace bucket, but your request is missing the"
                    " required x-amz-bucket-namespace header.",
                )
            return original(self, request, bucket_name, querystring)

        return bucket_response_put

    # AWS: a bucket keeps the tags that it is created with. moto drops them.
    @patch(S3Response, "_bucket_response_put")
    def _(original):
        def bucket_response_put(self, request, bucket_name, querystring):
            result = original(self, request, bucket_name, querystring)
            if not querystring and self.body:
                asked = xmltodict.parse(self.body, force_list={"Tag": True})
                tags = (asked.get("CreateBucketConfiguration") or {}).get("Tags") or {}
                self.backend.put_bucket_tagging(bucket_name, {tag["Key"]: tag["Value"] or "" for tag in tags.get("Tag", [])})
            return result

        return bucket_response_put

    # AWS: whether the lifecycle moves small objects too comes back as it was put.
    # moto always says that it does not.
    smallest = "x-amz-transition-default-minimum-object-size"

    @patch(S3Response, "_bucket_response_put")
    def _(original):
        def bucket_response_put(self, request, bucket_name, querystring):
            result = original(self, request, bucket_name, querystring)
            if "lifecycle" in querystring:
                self.backend.get_bucket(bucket_name).smallest = self.headers.get(smallest)
            return result

        return bucket_response_put

    @patch(S3Response, "get_bucket_lifecycle")
    def _(original):
        def get_bucket_lifecycle(self):
            status, headers, body = original(self)
            asked = getattr(self.backend.get_bucket(self.bucket_name), "smallest", None)
            if asked:
                headers[smallest] = asked
            return status, headers, body

        return get_bucket_lifecycle

    # AWS: a copy can be asked for on condition that the source is unchanged.
    # moto ignores the condition.
    @patch(S3Response, "copy_object")
    def _(original):
        def copy_object(self):
            condition = self.headers.get("x-amz-copy-source-if-match")
            if condition:
                bucket, _, key = unquote(self.headers["x-amz-copy-source"]).lstrip("/").partition("/")
                source = self.backend.get_object(bucket, key)
                if source is not None and source.etag.strip('"') != condition.strip('"'):
                    raise PreconditionFailed("x-amz-copy-source-If-Match")
            return original(self)

        return copy_object

    # AWS: a statement with a Condition applies to requests that meet it, such as
    # a Deny for requests without TLS. moto ignores the Condition, and the Deny
    # then refuses every request. No request of the tests is meant to meet one.
    @patch(FakeBucket, "get_permission")
    def _(original):
        def get_permission(self, action, resource):
            if self.policy is None:
                return PermissionResult.NEUTRAL
            policy = json.loads(self.policy)
            statements = policy["Statement"]
            if isinstance(statements, dict):
                statements = [statements]
            policy["Statement"] = [one for one in statements if not one.get("Condition")]
            return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)

        return get_permission

    # AWS: what a bucket's policy refuses is answered with the code AccessDenied,
    # except for HEAD, whose answers have no body. moto sends an empty body always.
    @patch(S3Response, "_key_response")
    def _(original):
        def _key_response(self, request, full_url):
            answer = original(self, request, full_url)
            if request.method != "HEAD" and answer == (403, {}, ""):
                raise S3AccessDeniedError()
            return answer

        return _key_response


def kms():
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from moto.kms import responses
    from moto.kms.exceptions import ValidationException
    from moto.kms.models import KmsBackend
    from moto.kms.responses import KmsResponse

    # AWS: a key is named by id or by ARN. moto crashes over the ARN for these.
    for name in ("enable_key", "disable_key", "schedule_key_deletion", "cancel_key_deletion"):

        @patch(KmsBackend, name)
        def _(original):
            def by_id(self, key_id, *arguments):
                return original(self, self.get_key_id(key_id), *arguments)

            return by_id

    # AWS: a key has one policy, so its name may be left out. moto wants it.
    @patch(responses, "_assert_default_policy")
    def _(original):
        def assert_default_policy(policy_name):
            return original("default" if policy_name is None else policy_name)

        return assert_default_policy

    # AWS: rotation has a period, 365 days unless said otherwise, and the status
    # tells it and the next date. moto keeps only whether rotation is on.
    @patch(KmsResponse, "enable_key_rotation")
    def _(original):
        def enable_key_rotation(self):
            result = original(self)
            key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
            days = self._get_param("RotationPeriodInDays") or getattr(key, "rotation_days", 365)
            key.rotation_days, key.next_rotation = days, time.time() + days * 86400
            return result

        return enable_key_rotation

    @patch(KmsResponse, "get_key_rotation_status")
    def _(original):
        def get_key_rotation_status(self):
            status = json.loads(original(self))
            key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
            status["KeyId"] = key.arn
            if status["KeyRotationEnabled"]:
                status["RotationPeriodInDays"] = getattr(key, "rotation_days", 365)
                status["NextRotationDate"] = getattr(key, "next_rotation", time.time() + 365 * 86400)
            return json.dumps(status)

        return get_key_rotation_status

    # AWS: the public part of a key comes with its spec, under its new name too, and with
    # the key's ARN. moto tells the old name only, and the ID.
    @patch(KmsResponse, "get_public_key")
    def _(original):
        def get_public_key(self):
            told = json.loads(original(self))
            key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
            told["KeySpec"], told["KeyId"] = key.key_spec, key.arn
            return json.dumps(told)

        return get_public_key

    # AWS: of a message that is a digest already, it is the digest that is signed. moto
    # hashes it once more.
    @patch(KmsResponse, "sign")
    def _(original):
        def sign(self):
            answer = json.loads(original(self))
            if self._get_param("MessageType") != "DIGEST":
                return json.dumps(answer)
            key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))].private_key
            algorithm = self._get_param("SigningAlgorithm")
            padding, hashed = key._RSAPrivateKey__padding_and_hash_algorithm(algorithm)
            try:
                signature = key.private_key.sign(self._get_param("Message"), padding, Prehashed(hashed))
            except ValueError:
                raise ValidationException(f"Digest is invalid length for algorithm {algorithm}.") from None
            answer["Signature"] = base64.b64encode(signature).decode()
            return json.dumps(answer)

        return sign


def secrets():
    from moto.secretsmanager.exceptions import InvalidRequestException
    from moto.secretsmanager.models import SecretsManagerBackend

    # AWS: the name of a secret that waits for its deletion is taken.
    @patch(SecretsManagerBackend, "create_secret")
    def _(original):
        def create_secret(self, name, *arguments, **named):
            existing = self.secrets.get(name)
            if existing is not None and existing.is_deleted():
                raise InvalidRequestException(
                    "You can't create this secret because a secret with this name is already scheduled for deletion."
                )
            return original(self, name, *arguments, **named)

        return create_secret

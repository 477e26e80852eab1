"""What moto gets wrong for the operations in use, put right from the inside.

Each patch says what AWS does. The product is never bent to moto: a difference
that a test would stumble over is mended here, or the test names it. The patches
fit exactly the version that requirements.txt pins; launch.py refuses another.
"""

import copy
import fnmatch
import functools
import json
import os
import re
import time
from urllib.parse import unquote

from moto.core.exceptions import JsonRESTError
from moto.ec2.exceptions import EC2ClientError, InvalidNetworkAclIdError, InvalidRouteTableIdError


def patch(owner, name):
    """Replaces owner.name by what the decorated function makes of the original.
    Fails when moto no longer has it."""
    original = getattr(owner, name)

    def decorate(make):
        setattr(owner, name, functools.wraps(original)(make(original)))
        return make

    return decorate


def apply():
    """Mends moto. To be called once, before the first request."""
    accounts()
    s3()
    key_pairs()
    nat_gateways()
    network_acls()
    subnets()
    vpc_endpoints()
    security_groups()
    launch_templates()
    load_balancers()
    ecs_clusters()
    ecs_capacity_providers()
    ecs_task_definitions()
    ecs_services()
    ecs_rollouts()
    auto_scaling()
    kms()
    rds()
    rds_exports()
    rds_restores()
    ecr()
    logs()
    schedules()
    queues()
    secrets()
    backups()
    trails()
    certificates()
    listener_certificates()
    hosted_zones()
    tagging()


def accounts():
    from moto.iam import models

    known = {}

    # Not an error but a cost: moto looks for the owner of an access key in every
    # account for every request, and a test run makes an account per test.
    @patch(models, "get_account_id_from")
    def _(original):
        def get_account_id_from(access_key):
            account = known.get(access_key)
            if account is None:
                account = original(access_key)
                # The default account is also the answer for an unknown key,
                # which a later AssumeRole may give to another account.
                if account != models.DEFAULT_ACCOUNT_ID:
                    known[access_key] = account
            return account

        return get_account_id_from


def s3():
    import xmltodict

    from moto.core.responses import ActionResult
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.exceptions import PreconditionFailed, S3AccessDeniedError
    from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend
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


def key_pairs():
    from moto.ec2.responses.key_pairs import KeyPairs

    # AWS: a key pair is deleted by name or by id. moto knows the name only, and
    # says yes to an id.
    @patch(KeyPairs, "delete_key_pair")
    def _(original):
        def delete_key_pair(self):
            wanted = self._get_param("KeyPairId")
            for one in list(self.ec2_backend.key_pairs.values()):
                if wanted and one.id == wanted:
                    self.ec2_backend.delete_key_pair(one.key_name)
            return original(self)

        return delete_key_pair


def nat_gateways():
    from moto.ec2.models.nat_gateways import NatGatewayBackend
    from moto.ec2.responses.nat_gateways import NatGateways

    # AWS: the same ClientToken gives the gateway of the first call; the same
    # token with other parameters is refused. ConnectivityType is public unless
    # said otherwise. moto ignores the token and leaves the type empty.
    @patch(NatGateways, "create_nat_gateway")
    def _(original):
        def create_nat_gateway(self):
            backend = self.ec2_backend
            tokens = backend.__dict__.setdefault("nat_gateway_tokens", {})
            token = self._get_param("ClientToken")
            asked = [self._get_param(name) for name in ("SubnetId", "AllocationId", "ConnectivityType")]
            if token in tokens:
                before, result = tokens[token]
                if before != asked:
                    raise EC2ClientError(
                        "IdempotentParameterMismatch",
                        f"The client token '{token}' was used with other parameters.",
                    )
                return result
            result = original(self)
            gateway = result.result["NatGateway"]
            gateway.connectivity_type = gateway.connectivity_type or "public"
            if token:
                tokens[token] = (asked, result)
            return result

        return create_nat_gateway

    # AWS: deleting a gateway frees its address and removes its network
    # interface. moto keeps both, so the address reads as still associated.
    @patch(NatGatewayBackend, "delete_nat_gateway")
    def _(original):
        def delete_nat_gateway(self, nat_gateway_id):
            gateway = self.nat_gateways.get(nat_gateway_id)
            if gateway is None:
                raise not_found(nat_gateway_id)
            for address in gateway.address_set:
                allocation = address.get("allocationId")
                if allocation in self.addresses_in_use(gateway):
                    self.disassociate_address(association_id=address["associationId"])
            self.enis.pop(gateway._eni.id, None)
            return original(self, nat_gateway_id)

        return delete_nat_gateway

    def addresses_in_use(self, gateway):
        return {one.allocation_id for one in self.describe_addresses() if one.eni is gateway._eni}

    NatGatewayBackend.addresses_in_use = addresses_in_use

    # AWS: the filters tag:KEY and tag-key narrow the answer, and an unknown id
    # is NatGatewayNotFound. moto ignores the former and leaves the latter out.
    @patch(NatGatewayBackend, "describe_nat_gateways")
    def _(original):
        def describe_nat_gateways(self, filters, nat_gateway_ids):
            for wanted in nat_gateway_ids or []:
                if wanted not in self.nat_gateways:
                    raise not_found(wanted)
            found = original(self, filters, nat_gateway_ids)
            for name, patterns in (filters or {}).items():
                if name.startswith("tag"):
                    found = [one for one in found if matches(one.get_filter_value(name), patterns)]
            return found

        return describe_nat_gateways

    def not_found(wanted):
        return EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {wanted} was not found")

    def matches(values, patterns):
        values = values if isinstance(values, list) else [values]
        return any(v is not None and fnmatch.fnmatchcase(v, p) for v in values for p in patterns)


def network_acls():
    from moto.ec2.models.network_acls import NetworkAclBackend
    from moto.ec2.responses.network_acls import NetworkACLs

    # AWS: every ACL ends with an entry 32767 a direction that denies the rest.
    # moto gives them to the default ACL only.
    @patch(NetworkAclBackend, "create_network_acl")
    def _(original):
        def create_network_acl(self, vpc_id, tags=None, default=False):
            acl = original(self, vpc_id, tags=tags, default=default)
            if not default:
                for egress in (True, False):
                    self.create_network_acl_entry(
                        network_acl_id=acl.id,
                        rule_number=32767,
                        protocol="-1",
                        rule_action="deny",
                        egress=egress,
                        cidr_block="0.0.0.0/0",
                        icmp_code=None,
                        icmp_type=None,
                        port_range_from=None,
                        port_range_to=None,
                        ipv6_cidr_block=None,
                    )
            return acl

        return create_network_acl

    # AWS: an unknown entry is InvalidNetworkAclEntry.NotFound. moto crashes.
    @patch(NetworkAclBackend, "delete_network_acl_entry")
    def _(original):
        def delete_network_acl_entry(self, network_acl_id, rule_number, egress):
            try:
                return original(self, network_acl_id, rule_number, egress)
            except StopIteration:
                raise EC2ClientError(
                    "InvalidNetworkAclEntry.NotFound",
                    f"The network acl entry identified by {rule_number} does not exist",
                ) from None

        return delete_network_acl_entry

    # AWS: an unknown ACL is InvalidNetworkAclID.NotFound. moto names a route table.
    @patch(NetworkAclBackend, "describe_network_acls")
    def _(original):
        def describe_network_acls(self, network_acl_ids=None, filters=None):
            for wanted in network_acl_ids or []:
                if wanted not in self.network_acls:
                    raise InvalidNetworkAclIdError(wanted)
            return original(self, network_acl_ids, filters)

        return describe_network_acls

    # AWS: an entry keeps its ICMP type and code. moto reads them under another
    # name than the request has and loses them.
    for name in ("create_network_acl_entry", "replace_network_acl_entry"):

        @patch(NetworkACLs, name)
        def _(original):
            def keep_icmp(self):
                result = original(self)
                icmp = self._get_param("IcmpTypeCode") or {}
                where = (self._get_param("RuleNumber"), self._get_param("Egress"))
                for entry in self.ec2_backend.get_network_acl(self._get_param("NetworkAclId")).network_acl_entries:
                    if icmp and (entry.rule_number, entry.egress) == where:
                        entry.icmp_type, entry.icmp_code = icmp.get("Type"), icmp.get("Code")
                return result

            return keep_icmp


def subnets():
    from moto.ec2.models.subnets import SubnetBackend

    # AWS: a subnet that is deleted leaves its ACL and its route table, which can
    # then be deleted. moto keeps both associations.
    @patch(SubnetBackend, "delete_subnet")
    def _(original):
        def delete_subnet(self, subnet_id):
            subnet = original(self, subnet_id)
            for acl in self.network_acls.values():
                for key in [k for k, one in acl._associations.items() if one.subnet_id == subnet_id]:
                    del acl._associations[key]
            for table in self.route_tables.values():
                for key in [k for k, target in table._associations.items() if target == subnet_id]:
                    del table._associations[key]
            return subnet

        return delete_subnet


def vpc_endpoints():
    from moto.ec2.models.route_tables import RouteBackend
    from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
    from moto.ec2.responses.vpcs import VPCs

    # AWS: the route to S3 comes and goes with the table's place in the endpoint,
    # and a table that is deleted leaves its endpoints. moto makes the routes of
    # CreateVpcEndpoint only, and fails to delete an endpoint that lacks one.
    @patch(VPCBackend, "modify_vpc_endpoint")
    def _(original):
        def modify_vpc_endpoint(self, vpc_id, **named):
            endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])[0]
            prefixes = endpoint.destination_prefix_list_id
            for table in named.get("add_route_tables") or []:
                if table in endpoint.route_table_ids:
                    raise EC2ClientError(
                        "RouteAlreadyExists",
                        f"route table {table} already has a route with destination-prefix-list-id {prefixes}",
                    )
                self.create_route(table, None, gateway_id=vpc_id, destination_prefix_list_id=prefixes)
            for table in named.get("remove_route_tables") or []:
                self.delete_route(table, prefixes)
            return original(self, vpc_id=vpc_id, **named)

        return modify_vpc_endpoint

    @patch(RouteBackend, "delete_route_table")
    def _(original):
        def delete_route_table(self, route_table_id):
            original(self, route_table_id)
            for endpoint in self.vpc_end_points.values():
                if route_table_id in endpoint.route_table_ids:
                    endpoint.route_table_ids.remove(route_table_id)

        return delete_route_table

    # AWS: ResetPolicy gives the endpoint the policy of one made without any, which
    # allows everything. moto ignores it.
    @patch(VPCs, "modify_vpc_endpoint")
    def _(original):
        def modify_vpc_endpoint(self):
            result = original(self)
            if self._get_param("ResetPolicy"):
                endpoint = self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")]
                endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
            return result

        return modify_vpc_endpoint


def security_groups():
    from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

    # AWS: a group that a rule of another group names cannot be deleted. moto
    # deletes it and then refuses to revoke that rule.
    @patch(SecurityGroupBackend, "delete_security_group")
    def _(original):
        def delete_security_group(self, name=None, group_id=None):
            for groups in list(self.groups.values()):
                for other in list(groups.values()):
                    rules = list(other.ingress_rules) + list(other.egress_rules)
                    if other.id != group_id and any(one.source_group.get("GroupId") == group_id for one in rules if one.source_group):
                        raise EC2ClientError("DependencyViolation", f"resource {group_id} has a dependent object")
            return original(self, name, group_id)

        return delete_security_group

    # AWS: the description is no part of what a rule is: a rule is revoked, and
    # refused as a double, whatever its description. moto compares that of group
    # rules.
    @patch(SecurityGroupRule, "__eq__")
    def _(original):
        def same(self, other):
            mine, theirs = self.source_group, other.source_group
            self.source_group, other.source_group = bare(mine), bare(theirs)
            try:
                return original(self, other)
            finally:
                self.source_group, other.source_group = mine, theirs

        return same

    def bare(group):
        return {k: v for k, v in group.items() if k != "Description"} if group else group


def launch_templates():
    from moto.core.types import Base64EncodedString
    from moto.ec2.models.launch_templates import LaunchTemplate
    from moto.ec2.responses.launch_templates import LaunchTemplates
    from moto.ec2.utils import parse_user_data

    # AWS: the template's own tags are apart from the tags of what it launches.
    # moto lists them among LaunchTemplateData.TagSpecifications as well.
    @patch(LaunchTemplate, "create_version")
    def _(original):
        def create_version(self, data, description):
            specifications = data.pop("TagSpecifications", [])
            kept = [one for one in specifications if one.get("ResourceType") != "launch-template"]
            if kept:
                data["TagSpecifications"] = kept
            # Later versions keep user data as plain text, on which moto's own
            # launch of instances fails.
            if data.get("UserData") and not isinstance(data["UserData"], Base64EncodedString):
                data["UserData"] = parse_user_data(data["UserData"])
            return original(self, data, description)

        return create_version

    # AWS: CreateTags and DeleteTags change what the describe shows. moto shows
    # the tags that the template was made with.
    LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, _: None)

    # AWS: without MaxResults a describe lists everything. moto stops at 15 and
    # gives no token to go on with.
    @patch(LaunchTemplates, "_get_int_param")
    def _(original):
        def get_int_param(self, name, default=None):
            return original(self, name, 10_000 if (name, default) == ("MaxResults", 15) else default)

        return get_int_param


def load_balancers():
    from moto.elbv2.exceptions import ELBClientError, PriorityInUseError
    from moto.elbv2.models import ELBv2Backend

    # AWS: an application load balancer tells all of its attributes from the
    # start. moto knows four.
    born = {
        "access_logs.s3.enabled": "false",
        "client_keep_alive.seconds": "3600",
        "connection_logs.s3.bucket": "",
        "connection_logs.s3.enabled": "false",
        "connection_logs.s3.prefix": "",
        "idle_timeout.timeout_seconds": "60",
        "load_balancing.cross_zone.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
        "waf.fail_open.enabled": "false",
        "zonal_shift.config.enabled": "false",
    }

    @patch(ELBv2Backend, "create_load_balancer")
    def _(original):
        def create_load_balancer(self, *args, **kwargs):
            balancer = original(self, *args, **kwargs)
            if balancer.type == "application":
                balancer.attrs.update(born)
            return balancer

        return create_load_balancer

    # AWS: a protected load balancer is not deleted. moto deletes it.
    @patch(ELBv2Backend, "delete_load_balancer")
    def _(original):
        def delete_load_balancer(self, arn):
            balancer = self.load_balancers.get(arn)
            if balancer and balancer.attrs["deletion_protection.enabled"] == "true":
                raise ELBClientError(
                    "OperationNotPermitted",
                    f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
                )
            return original(self, arn)

        return delete_load_balancer

    # AWS: rules may change places in one call; what counts is the order after
    # it. moto compares with the order before it.
    @patch(ELBv2Backend, "set_rule_priorities")
    def _(original):
        def set_rule_priorities(self, rule_priorities):
            arns = [one["RuleArn"] for one in rule_priorities]
            named = self.describe_rules(listener_arn=None, rule_arns=arns)
            before = {one.arn: one.priority for one in named}
            wanted = {str(one["Priority"]) for one in rule_priorities}
            for one in named:
                others = self.describe_rules(listener_arn=one.listener_arn, rule_arns=None)
                if any(str(o.priority) in wanted for o in others if o.arn not in before):
                    raise PriorityInUseError()
            # Out of each other's way first, so that the original finds them free.
            for one in named:
                one.priority = f"moving {one.priority}"
            try:
                return original(self, rule_priorities)
            except ELBClientError:
                for one in named:
                    one.priority = before[one.arn]
                raise

        return set_rule_priorities


def ecs_clusters():
    from moto.ecs.models import Cluster, EC2ContainerServiceBackend

    # AWS: a cluster without tags has none. moto has None there, over which
    # GetResources of the tagging API crashes for the whole region.
    @patch(Cluster, "__init__")
    def _(original):
        def init(self, *arguments, **named):
            original(self, *arguments, **named)
            self.tags = self.tags or []

        return init

    # AWS: a cluster counts its services. moto always says none.
    @patch(EC2ContainerServiceBackend, "describe_clusters")
    def _(original):
        def describe_clusters(self, *arguments, **named):
            for cluster in self.clusters.values():
                mine = [one for one in self.services.values() if one.cluster_name == cluster.name]
                cluster.active_services_count = sum(one.status == "ACTIVE" for one in mine)
            return original(self, *arguments, **named)

        return describe_clusters

    # AWS: a deleted service is described for a while but no longer listed.
    @patch(EC2ContainerServiceBackend, "list_services")
    def _(original):
        def list_services(self, *arguments, **named):
            gone = {one.arn for one in self.services.values() if one.status == "INACTIVE"}
            return [arn for arn in original(self, *arguments, **named) if arn not in gone]

        return list_services

    # AWS: a deleted service has no tasks left. moto keeps the count.
    @patch(EC2ContainerServiceBackend, "delete_service")
    def _(original):
        def delete_service(self, *arguments, **named):
            service = original(self, *arguments, **named)
            service.running_count = service.desired_count = 0
            return service

        return delete_service


def ecs_capacity_providers():
    from moto.autoscaling import autoscaling_backends
    from moto.ecs.models import CapacityProvider, EC2ContainerServiceBackend

    # AWS: hosts are drained unless told otherwise, and a group given by its name
    # reads back as its ARN.
    @patch(EC2ContainerServiceBackend, "create_capacity_provider")
    def _(original):
        def create_capacity_provider(self, name, asg_details, tags):
            groups = autoscaling_backends[self.account_id][self.region_name].autoscaling_groups
            details = {"managedDraining": "ENABLED", **asg_details}
            if group := groups.get(details["autoScalingGroupArn"]):
                details["autoScalingGroupArn"] = group.arn
            return original(self, name, details, tags)

        return create_capacity_provider

    # AWS: an update changes this setting too.
    @patch(CapacityProvider, "update")
    def _(original):
        def update(self, asg_details):
            if "managedDraining" in asg_details:
                self.auto_scaling_group_provider["managedDraining"] = asg_details["managedDraining"]
            return original(self, asg_details)

        return update

    # AWS: without names, all are described. moto crashes over that.
    @patch(EC2ContainerServiceBackend, "describe_capacity_providers")
    def _(original):
        def describe_capacity_providers(self, names):
            return original(self, list(self.capacity_providers) if names is None else names)

        return describe_capacity_providers


def ecs_task_definitions():
    from moto.ecs.exceptions import TaskDefinitionNotFoundException
    from moto.ecs.models import EC2ContainerServiceBackend

    # AWS: a family stands for its newest ACTIVE revision.
    @patch(EC2ContainerServiceBackend, "describe_task_definition")
    def _(original):
        def describe_task_definition(self, task_definition_str):
            family = task_definition_str.split("/")[-1]
            if ":" in family:
                return original(self, task_definition_str)
            active = [one for one in self.task_definitions.get(family, {}).values() if one.status == "ACTIVE"]
            if not active:
                raise TaskDefinitionNotFoundException
            return max(active, key=lambda one: one.revision)

        return describe_task_definition

    # AWS: a family whose revisions are all deleted is no longer listed.
    @patch(EC2ContainerServiceBackend, "list_task_definition_families")
    def _(original):
        def list_task_definition_families(self, family_prefix=None):
            return [name for name in original(self, family_prefix) if self.task_definitions[name]]

        return list_task_definition_families


def auto_scaling():
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.ec2.models.instances import InstanceBackend
    from moto.ssm import ssm_backends

    # AWS: a launch template may name a parameter that holds the image's id; it is
    # read at each launch.
    @patch(InstanceBackend, "run_instances")
    def _(original):
        def run_instances(self, image_id, *arguments, **named):
            if image_id and image_id.startswith("resolve:ssm:"):
                parameter = ssm_backends[self.account_id][self.region_name].get_parameter(image_id.removeprefix("resolve:ssm:"))
                image_id = parameter.value if parameter else image_id
            return original(self, image_id, *arguments, **named)

        return run_instances

    # AWS: an update changes these settings too.
    @patch(AutoScalingResponse, "update_auto_scaling_group")
    def _(original):
        def update_auto_scaling_group(self):
            result = original(self)
            group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
            group.termination_policies = self._get_param("TerminationPolicies") or group.termination_policies
            rebalance = self._get_bool_param("CapacityRebalance")
            group.capacity_rebalance = group.capacity_rebalance if rebalance is None else rebalance
            return result

        return update_auto_scaling_group


# The settings of an ECS service that moto drops, and what AWS shows for a service
# that was made without them.
SERVICE_SETTINGS = {
    "healthCheckGracePeriodSeconds": ("health_check_grace_period_seconds", 0),
    "capacityProviderStrategy": ("capacity_provider_strategy", []),
    "placementStrategy": ("placement_strategy", []),
    "placementConstraints": ("placement_constraints", []),
    "enableExecuteCommand": ("enable_execute_command", False),
    "enableECSManagedTags": ("enable_ecs_managed_tags", False),
    "availabilityZoneRebalancing": ("availability_zone_rebalancing", "ENABLED"),
}

# Changes of these make ECS start a new deployment; the others apply as they are.
REDEPLOYS = (
    "taskDefinition",
    "capacityProviderStrategy",
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "forceNewDeployment",
)


def ecs_services():
    from moto.core.utils import utcnow
    from moto.ecs.exceptions import InvalidParameterException
    from moto.ecs.responses import EC2ContainerServiceResponse
    from moto.moto_api._internal import mock_random

    def keep(service, params, first):
        for name, (attribute, default) in SERVICE_SETTINGS.items():
            if params.get(name) is not None or first:
                setattr(service, attribute, params.get(name, default))
        # A strategy takes the place of the launch type.
        if service.capacity_provider_strategy:
            service.launch_type = None

    def configuration(service, before, asked):
        daemon = service.scheduling_strategy == "DAEMON"
        return {
            "maximumPercent": 100 if daemon else 200,
            "minimumHealthyPercent": 0 if daemon else 100,
            "deploymentCircuitBreaker": {"enable": False, "rollback": False},
            **(before or {}),
            **(asked or {}),
        }

    def settle(service, backend, new):
        """AWS: the tasks of a service start, and its deployment completes. moto
        runs no tasks, so a service would be waited for until the timeout;
        MOTO_ECS_SERVICE_RUNNING asks for that."""
        if not service.deployments:
            return
        deployment = service.deployments[0]
        if new and fails(backend, service.task_definition):
            # The tasks of the one before go on running; of this one, none ever does.
            service.failing = True
            service.running_count = service.desired_count if getattr(service, "good", None) else 0
            deployment["rolloutState"], deployment["failedTasks"] = "IN_PROGRESS", 0
        elif "MOTO_ECS_SERVICE_RUNNING" not in os.environ:
            service.failing, deployment["failedTasks"] = False, 0
            if service.desired_count:
                service.good = service.task_definition
            cluster = backend._get_cluster(service.cluster_name)
            backend.update_cluster_resources(cluster, service.desired_count - service.running_count, "RUNNING")
            backend.update_cluster_resources(cluster, -service.pending_count, "PENDING")
            service.running_count, service.pending_count = service.desired_count, 0
            deployment["rolloutState"] = "COMPLETED"
        if new:
            deployment["id"] = f"ecs-svc/{mock_random.randint(10**18, 10**19)}"
            deployment["createdAt"] = deployment["updatedAt"] = utcnow()
        deployment["rolloutStateReason"] = (
            f"ECS deployment {deployment['id']} {deployment['rolloutState'].lower().replace('_', ' ')}."
        )
        deployment["taskDefinition"] = service.task_definition
        deployment["networkConfiguration"] = service.network_configuration or None
        deployment["desiredCount"] = service.desired_count
        deployment["runningCount"] = 0 if getattr(service, "failing", False) else service.running_count
        deployment["pendingCount"] = service.pending_count
        if service.capacity_provider_strategy:
            deployment["capacityProviderStrategy"] = service.capacity_provider_strategy
            deployment.pop("launchType", None)
            deployment.pop("platformFamily", None)

    # AWS: the service keeps all its settings, and takes the cluster's strategy
    # when it has neither a strategy nor a launch type. A second creation with the
    # same parameters gives the same service, with others it is refused.
    @patch(EC2ContainerServiceResponse, "create_service")
    def _(original):
        def create_service(self):
            params = {k: v for k, v in self._get_params().items() if k not in ("tags", "clientToken")}
            backend = self.ecs_backend
            cluster = backend._get_cluster(params.get("cluster", "default"))
            existing = backend.services.get(f"{cluster.name}:{params.get('serviceName')}")
            if existing is not None and existing.status != "INACTIVE":
                if existing.asked != params:
                    raise InvalidParameterException("Creation of service was not idempotent.")
                return type(existing.answer)({"service": existing})
            result = original(self)
            service = result.result["service"]
            service.asked, service.answer = params, result
            settings = dict(params)
            if not params.get("capacityProviderStrategy") and not params.get("launchType"):
                settings["capacityProviderStrategy"] = cluster.default_capacity_provider_strategy or []
            keep(service, settings, first=True)
            service.deployment_configuration = configuration(service, None, params.get("deploymentConfiguration"))
            settle(service, backend, new=False)
            return result

        return create_service

    # AWS: what is not named stays, the rest is kept like on creation; the task
    # definition reads back as an ARN, and the deployment follows it. A service
    # that was deleted can't be updated.
    @patch(EC2ContainerServiceResponse, "update_service")
    def _(original):
        def update_service(self):
            params = dict(self._get_params())
            backend = self.ecs_backend
            service = backend._get_service(params.get("cluster", "default"), params["service"])
            if service.status == "INACTIVE":
                raise JsonRESTError("ServiceNotActiveException", "Service was not ACTIVE.")
            before = service.deployment_configuration
            result = original(self)
            keep(service, params, first=False)
            service.deployment_configuration = configuration(service, before, params.get("deploymentConfiguration"))
            if params.get("taskDefinition"):
                service.task_definition = backend.describe_task_definition(params["taskDefinition"]).arn
            settle(service, backend, new=any(params.get(name) for name in REDEPLOYS))
            return result

        return update_service


def kms():
    from moto.kms import responses
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


def rds():
    from moto.rds.exceptions import DBClusterNotFoundError
    from moto.rds.models import DBInstanceClustered, RDSBackend

    # AWS: a modified cluster shows the log exports and IAM authentication asked
    # for, and an unknown cluster is DBClusterNotFoundFault. moto reads the former
    # under other names and crashes over the latter.
    @patch(RDSBackend, "modify_db_cluster")
    def _(original):
        def modify_db_cluster(self, kwargs):
            identifier = kwargs["db_cluster_identifier"]
            cluster = self.clusters.get(identifier)
            if cluster is None:
                raise DBClusterNotFoundError(identifier)
            if kwargs.get("enable_iam_database_authentication") is not None:
                cluster.iam_auth = kwargs["enable_iam_database_authentication"]
            exports = kwargs.get("cloudwatch_logs_export_configuration") or {}
            logs = set(cluster.enabled_cloudwatch_logs_exports)
            logs -= set(exports.get("DisableLogTypes") or [])
            logs |= set(exports.get("EnableLogTypes") or [])
            cluster.enabled_cloudwatch_logs_exports = sorted(logs)
            return original(self, kwargs)

        return modify_db_cluster

    # AWS: a modified subnet group is still there. moto loses it.
    @patch(RDSBackend, "modify_db_subnet_group")
    def _(original):
        def modify_db_subnet_group(self, subnet_name, description, subnets):
            group = original(self, subnet_name, description, subnets)
            self.subnet_groups[subnet_name] = group
            return group

        return modify_db_subnet_group

    # AWS: automated snapshots go with their cluster, or are kept as backups of a
    # kind of their own. moto keeps them, and refuses a new cluster of the same
    # name within the same minute because of them.
    @patch(RDSBackend, "delete_db_cluster")
    def _(original):
        def delete_db_cluster(self, cluster_identifier, snapshot_name=None):
            cluster = original(self, cluster_identifier, snapshot_name)
            for name, snapshot in list(self.cluster_snapshots.items()):
                if snapshot.snapshot_type == "automated" and snapshot.cluster.db_cluster_identifier == cluster_identifier:
                    del self.cluster_snapshots[name]
            return cluster

        return delete_db_cluster

    def insights(instance, kwargs):
        if kwargs.get("enable_performance_insights") is not None:
            instance.performance_insights_enabled = kwargs["enable_performance_insights"]
        if not getattr(instance, "performance_insights_enabled", False):
            instance.performance_insights_enabled = False
            return
        instance.performance_insights_retention_period = (
            kwargs.get("performance_insights_retention_period")
            or getattr(instance, "performance_insights_retention_period", None)
            or 7
        )
        key = kwargs.get("performance_insights_kms_key_id")
        if key:
            instance.performance_insights_kms_key_id = key

    # AWS: an instance of a cluster is in the cluster's subnet group, and keeps
    # its Performance Insights (7 days unless said otherwise). moto loses both.
    @patch(RDSBackend, "create_db_instance")
    def _(original):
        def create_db_instance(self, db_kwargs):
            instance = original(self, db_kwargs)
            if isinstance(instance, DBInstanceClustered) and instance._db_subnet_group_name is None:
                group = instance.cluster.db_subnet_group_name
                if group in self.subnet_groups:
                    instance.db_subnet_group_name = group
            insights(instance, db_kwargs)
            return instance

        return create_db_instance

    @patch(RDSBackend, "modify_db_instance")
    def _(original):
        def modify_db_instance(self, db_instance_identifier, db_kwargs):
            instance = original(self, db_instance_identifier, db_kwargs)
            insights(instance, db_kwargs)
            return instance

        return modify_db_instance


def rds_restores():
    from moto.rds.exceptions import DBClusterNotFoundError, RDSClientError
    from moto.rds.models import RDSBackend

    # AWS: a restored cluster has the data, engine, master user, key and days of
    # backup of its source, and beyond that what was asked for: no protection, logs,
    # IAM authentication, tags or secret of its own accord. The name must be new, and
    # the moment, of which there must be one, within the restorable span. moto copies
    # everything, secret included, reads what is asked for under other names, and
    # takes any time.
    @patch(RDSBackend, "restore_db_cluster_to_point_in_time")
    def _(_original):
        def restore_db_cluster_to_point_in_time(
            self, db_cluster_identifier, source_db_cluster_identifier=None, restore_to_time=None, use_latest_restorable_time=None, **asked
        ):
            source = self.clusters.get(source_db_cluster_identifier)
            if source is None:
                raise DBClusterNotFoundError(source_db_cluster_identifier)
            if db_cluster_identifier.lower() in self.clusters:
                raise RDSClientError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
            if bool(restore_to_time) == bool(use_latest_restorable_time):
                raise RDSClientError("InvalidParameterCombination", "Specify either RestoreToTime or UseLatestRestorableTime.")
            if restore_to_time:
                moment = restore_to_time.replace(tzinfo=None)
                # The wire has milliseconds only.
                earliest = source.earliest_restorable_time.replace(microsecond=0, tzinfo=None)
                if not earliest <= moment <= source.latest_restorable_time.replace(tzinfo=None):
                    raise RDSClientError("InvalidRestoreFault", f"The specified time {moment} is outside the restorable span.")
            asked.pop("restore_type", None)
            made = {
                "db_cluster_identifier": db_cluster_identifier,
                "master_user_password": "of the source",
                "storage_encrypted": source.storage_encrypted,
                "kms_key_id": source.kms_key_id,
            }
            for name in ("engine", "engine_version", "master_username", "database_name", "backup_retention_period"):
                made[name] = getattr(source, name)
            made.update({name: value for name, value in asked.items() if value is not None})
            return self.create_db_cluster(made)

        return restore_db_cluster_to_point_in_time


def rds_exports():
    from moto.core.responses import ActionResult
    from moto.core.utils import utcnow
    from moto.iam.models import iam_backends
    from moto.rds.exceptions import DBClusterNotFoundError, ExportTaskAlreadyExistsError, RDSClientError
    from moto.rds.models import ExportTask, RDSBackend
    from moto.rds.responses import RDSResponse
    from moto.s3.exceptions import MissingBucket
    from moto.s3.models import s3_backends

    # AWS: a cluster can be exported, without a snapshot. Bucket, role and key must
    # be there, and the bucket in the same region. moto takes snapshots only, crashes
    # over clusters, and writes nothing.
    @patch(RDSBackend, "start_export_task")
    def _(original):
        def start_export_task(self, kwargs):
            name = kwargs["export_task_identifier"]
            kind, cluster = kwargs["source_arn"].split(":")[-2:]
            if kind != "cluster":
                return original(self, kwargs)
            if name in self.export_tasks:
                raise ExportTaskAlreadyExistsError(name)
            if cluster not in self.clusters:
                raise DBClusterNotFoundError(cluster)
            bucket = kwargs["s3_bucket_name"]
            storage = s3_backends[self.account_id][self.partition]
            try:
                where = storage.head_bucket(bucket).region_name
            except MissingBucket:
                where = None
            if where != self.region_name:
                raise RDSClientError("InvalidS3BucketFault", f"The S3 bucket {bucket} isn't valid.")
            role = kwargs["iam_role_arn"]
            trusted = [r.assume_role_policy_document for r in iam_backends[self.account_id][self.partition].roles.values() if r.arn == role]
            if not trusted or "export.rds.amazonaws.com" not in trusted[0]:
                raise RDSClientError("IamRoleNotFound", f"The IAM role {role} isn't available.")
            task = ExportTask(self, self.clusters[cluster], kwargs)
            task.source_type = "CLUSTER"
            task.s3_prefix = task.s3_prefix or ""
            self.export_tasks[name] = task
            started(task, utcnow())
            folder = "/".join(part for part in (task.s3_prefix.strip("/"), name) if part)
            for path, body in (
                (f"export_info_{name}.json", json.dumps({"exportTaskIdentifier": name, "status": "COMPLETE"})),
                (f"export_tables_info_{name}_from_1_to_1.json", "{}"),
                ("shop/public.orders/1/part-00000-c000.gz.parquet", "PAR1"),
            ):
                storage.put_object(bucket, f"{folder}/{path}", body.encode(), encryption="aws:kms", kms_key_id=task.kms_key_id)
            return task

        return start_export_task

    def started(task, now):
        task.status = "STARTING"
        task.percent_progress = 0
        task.total_extracted_data_in_gb = 0
        task.snapshot_time = task.task_start_time = now

    # AWS: an export takes its time, and can be found by what it exports. moto knows
    # only the exact name, and all are complete at once; here on the first look.
    @patch(RDSBackend, "describe_export_tasks")
    def _(original):
        def describe_export_tasks(self, export_task_identifier):
            tasks = list(original(self, export_task_identifier))
            for task in tasks:
                if task.status == "STARTING":
                    task.status = "COMPLETE"
                    task.percent_progress = 100
                    task.total_extracted_data_in_gb = 1
                    task.task_end_time = utcnow()
            return tasks

        return describe_export_tasks

    @patch(RDSResponse, "describe_export_tasks")
    def _(_original):
        def describe_export_tasks(self):
            tasks = self.backend.describe_export_tasks(self.params.get("ExportTaskIdentifier"))
            for parameter, attribute in (("SourceArn", "source_arn"), ("SourceType", "source_type")):
                wanted = self.params.get(parameter)
                tasks = [task for task in tasks if wanted in (None, "", getattr(task, attribute))]
            return ActionResult({"ExportTasks": tasks})

        return describe_export_tasks


# An image with a tag that begins so is one whose containers end: a rollout of it
# fails. Its tag goes on with what they say.
FAILS = "fails"

# AWS: as many tasks of a rollout fail before the circuit breaker ends it.
FAILURES = 3


def failing_tag(backend, task_definition):
    """The tag that says that the tasks of a revision fail, or None."""
    from moto.ecr.models import ecr_backends

    revision = backend.describe_task_definition(task_definition)
    for container in revision.container_definitions:
        name, _, digest = container["image"].partition("@")
        repositories = ecr_backends[backend.account_id][backend.region_name].repositories
        repository = repositories.get(name.partition("/")[2])
        for image in repository.images if repository and digest else []:
            tags = [tag for tag in image.image_tags if tag.startswith(FAILS)]
            if image.get_image_digest() == digest and tags:
                return tags[0]
    return None


def fails(backend, task_definition):
    return failing_tag(backend, task_definition) is not None


def end_failing(service, backend):
    """AWS: the circuit breaker ends the deployment, and goes back to the last one that
    was complete, if it may and if there is one."""
    from moto.core.utils import utcnow
    from moto.moto_api._internal import mock_random

    failed, good = service.deployments[0], getattr(service, "good", None)
    for _ in range(FAILURES):
        stopped_task(service, backend)
    service.failing = False
    failed["rolloutState"], failed["failedTasks"] = "FAILED", FAILURES
    failed["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    say(service, f"(deployment {failed['id']}) deployment failed: tasks failed to start.")
    breaker = (service.deployment_configuration or {}).get("deploymentCircuitBreaker", {})
    if not (breaker.get("enable") and breaker.get("rollback") and good):
        return
    service.task_definition = good
    service.deployments[0] = {
        **failed,
        "id": f"ecs-svc/{mock_random.randint(10**18, 10**19)}",
        "taskDefinition": good,
        "createdAt": utcnow(),
        "updatedAt": utcnow(),
        "failedTasks": 0,
        "runningCount": service.desired_count,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": f"ECS deployment circuit breaker: rolling back to deploymentId {failed['id']}.",
    }
    service.running_count, service.pending_count = service.desired_count, 0


def say(service, text):
    from moto.core.utils import utcnow
    from moto.moto_api._internal import mock_random

    event = {"id": str(mock_random.uuid4()), "createdAt": utcnow(), "message": f"(service {service.name}) {text}"}
    service.events.insert(0, event)


def stopped_task(service, backend):
    """A task of the service's revision whose container has ended, with its last words."""
    from moto.core.utils import unix_time_millis, utcnow
    from moto.ecs.models import Task
    from moto.logs.models import logs_backends

    revision = backend.describe_task_definition(service.task_definition)
    cluster = backend._get_cluster(service.cluster_name)
    gone = copy.copy(revision)
    gone.network_mode = "bridge"  # its network interface is gone, too
    task = Task(cluster, gone, None, {}, backend, group=f"service:{service.name}")
    task.status = task.desired_status = "STOPPED"
    task.stopped_reason, task.stop_code, task.stopped_at = "Essential container in task exited", "EssentialContainerExited", utcnow()
    for container, definition in zip(task.containers, revision.container_definitions):
        container.last_status, container.exitCode, container.name = "STOPPED", 1, definition["name"]
        container.cpu, container.memory = str(container.cpu), str(container.memory)
        options = definition.get("logConfiguration", {}).get("options", {})
        logs = logs_backends[backend.account_id][backend.region_name]
        if options.get("awslogs-group") in logs.groups:
            stream = f"{options['awslogs-stream-prefix']}/{definition['name']}/{task.id}"
            logs.create_log_stream(options["awslogs-group"], stream)
            words = failing_tag(backend, service.task_definition)
            events = [{"timestamp": int(unix_time_millis(utcnow())), "message": words}]
            logs.put_log_events(options["awslogs-group"], stream, events)
    backend.tasks.setdefault(cluster.name, {})[task.task_arn] = task


def ecs_rollouts():
    from moto.ecs.models import EC2ContainerServiceBackend

    # One look at a service is one step of a rollout that fails.
    @patch(EC2ContainerServiceBackend, "describe_services")
    def _(original):
        def describe_services(self, cluster_str, service_names_or_arns):
            services, failures = original(self, cluster_str, service_names_or_arns)
            for service in services:
                if getattr(service, "failing", False):
                    end_failing(service, self)
            return services, failures

        return describe_services

    # AWS: tasks are those of the cluster and the service that are asked about, and
    # what has stopped is only listed when that is asked for.
    @patch(EC2ContainerServiceBackend, "list_tasks")
    def _(original):
        def list_tasks(self, cluster_str=None, instance=None, family=None, started_by=None, service_name=None, status=None):
            cluster = self._get_cluster(cluster_str or "default").name
            group = service_name and "service:" + service_name.split("/")[-1]
            return [
                task
                for task in original(self, cluster_str, instance, family, started_by)
                if task.cluster_name == cluster and task.desired_status == (status or "RUNNING") and group in (None, task.group)
            ]

        return list_tasks


def secrets():
    from moto.secretsmanager.exceptions import InvalidRequestException, SecretNotFoundException
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


def ecr():
    import hashlib

    from moto.core.utils import utcnow
    from moto.ecr.models import ECRBackend, Image, Repository

    # AWS: the digest of an image is the SHA-256 of its manifest.
    @patch(Image, "_create_digest")
    def _(_original):
        def create_digest(self):
            self._image_digest = "sha256:" + hashlib.sha256(self.image_manifest.encode()).hexdigest()

        return create_digest

    # AWS: an image that is pushed into a repository with scan on push is scanned, and
    # DescribeImages sums up what was found. moto waits for StartImageScan and tells
    # its findings by DescribeImageScanFindings alone: one HIGH.
    @patch(ECRBackend, "put_image")
    def _(original):
        def put_image(self, repository_name, *arguments, **named):
            image = original(self, repository_name, *arguments, **named)
            repository = self.repositories[repository_name]
            if (repository.image_scanning_configuration or {}).get("scanOnPush"):
                image.last_scan = image.last_scan or utcnow()
                image.image_scan_status = {"status": "COMPLETE", "description": "The scan was completed successfully."}
                image.image_scan_findings_summary = {"imageScanCompletedAt": image.last_scan, "findingSeverityCounts": {"HIGH": 1}}
            return image

        return put_image

    # AWS: a scanning configuration without scanOnPush, which is how the Go SDK says
    # false, turns it off. moto leaves the repository as it is.
    @patch(Repository, "_update_image_scanning_configuration")
    def _(original):
        def update(self, image_scanning_configuration=None):
            return original(self, {"scanOnPush": False, **(image_scanning_configuration or {})})

        return update


def logs():
    from moto.logs.exceptions import ResourceNotFoundException
    from moto.logs.responses import LogsResponse

    # AWS: AssociateKmsKey gives a log group another key. moto lacks it.
    def associate_kms_key(self):
        group = self.logs_backend.groups.get(self._get_param("logGroupName"))
        if group is None:
            raise ResourceNotFoundException()
        group.kms_key_id = self._get_param("kmsKeyId")
        return ""

    LogsResponse.associate_kms_key = associate_kms_key


def schedules():
    from moto.scheduler.exceptions import ValidationException
    from moto.scheduler.models import EventBridgeSchedulerBackend

    # AWS: the name of a group is unique. moto replaces the group and its schedules.
    @patch(EventBridgeSchedulerBackend, "create_schedule_group")
    def _(original):
        def create_schedule_group(self, name, tags):
            if name in self.schedule_groups:
                raise JsonRESTError("ConflictException", f"Schedule group {name} already exists.")
            return original(self, name, tags or [])

        return create_schedule_group

    # AWS: what is asked of an unknown group is refused. moto crashes, or finds nothing.
    @patch(EventBridgeSchedulerBackend, "create_schedule")
    def _(original):
        def create_schedule(self, *args, **kwargs):
            self.get_schedule_group(kwargs["group_name"])
            return original(self, *args, **kwargs)

        return create_schedule

    @patch(EventBridgeSchedulerBackend, "list_schedules")
    def _(original):
        def list_schedules(self, group_names, *args, **kwargs):
            for name in group_names or []:
                self.get_schedule_group(name)
            return original(self, group_names, *args, **kwargs)

        return list_schedules

    # AWS: the default group stays; of another, the tags go too. moto removes the
    # former, crashes over an unknown one, and gives the tags to the next of that name.
    @patch(EventBridgeSchedulerBackend, "delete_schedule_group")
    def _(original):
        def delete_schedule_group(self, name):
            if name == "default":
                raise ValidationException("The default schedule group cannot be deleted.")
            self.tagger.delete_all_tags_for_resource(self.get_schedule_group(name).arn)
            original(self, name)

        return delete_schedule_group


def queues():
    from moto.sqs.models import Queue

    # AWS: attributes that are not named stay as they are. moto drops the policy.
    @patch(Queue, "_set_attributes")
    def _(original):
        def _set_attributes(self, attributes, now=None):
            return original(self, {"Policy": getattr(self, "policy", None), **attributes}, now)

        return _set_attributes


def backups():
    from copy import deepcopy

    from moto.backup import urls
    from moto.backup.exceptions import AlreadyExistsException, InvalidRequestException, ResourceNotFoundException
    from moto.backup.models import BackupBackend, Plan
    from moto.backup.responses import BackupResponse
    from moto.moto_api._internal import mock_random

    urls.url_paths["{0}/account-settings$"] = urls.response.dispatch
    for path in ("", "(?P<point>.+)"):
        urls.url_paths["{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/" + path + "$"] = urls.response.dispatch

    def parts(response):
        return [unquote(part) for part in response.path.strip("/").split("/")]

    # AWS: several plans may have one name, but not one document; a request repeated
    # with its id is answered with the plan it made. moto refuses a second plan of a
    # name, even of one that was deleted.
    @patch(BackupBackend, "create_backup_plan")
    def _(original):
        def create_backup_plan(self, backup_plan, backup_plan_tags, creator_request_id):
            asked = deepcopy(backup_plan)
            for plan in self.list_backup_plans(False):
                if creator_request_id and plan.creator_request_id == creator_request_id:
                    return plan
                if plan.asked == asked:
                    raise AlreadyExistsException("Backup plan with the same plan document already exists")
            known, self.plans = self.plans, {}
            try:
                plan = original(self, backup_plan, backup_plan_tags, creator_request_id)
                plan.asked, plan.selections = asked, {}
            finally:
                self.plans = {**known, **self.plans}
            return plan

        return create_backup_plan

    # AWS: a plan that still selects resources is not deleted. moto has no selections.
    @patch(BackupBackend, "delete_backup_plan")
    def _(original):
        def delete_backup_plan(self, backup_plan_id):
            if living(self, backup_plan_id).selections:
                raise InvalidRequestException("Related backup plan selections must be deleted prior to backup plan deletion")
            return original(self, backup_plan_id)

        return delete_backup_plan

    def living(backend, backup_plan_id):
        plan = backend.plans.get(backup_plan_id)
        if plan is None or plan.deletion_date is not None:
            raise ResourceNotFoundException("Failed reading Backup plan with provided version")
        return plan

    # AWS: the path of ListTags may end in a slash or not. moto wants one.
    @patch(BackupResponse, "list_tags")
    def _(_original):
        def list_tags(self):
            return json.dumps({"Tags": self.backup_backend.list_tags(parts(self)[1])})

        return list_tags

    # What follows are operations that moto lacks. A selection names the resources
    # of a plan; nobody can change one.
    def update_backup_plan(self):
        plan = living(self.backup_backend, parts(self)[2])
        plan.asked = json.loads(self.body)["BackupPlan"]
        fresh = Plan(deepcopy(plan.asked), plan.creator_request_id, self.backup_backend)
        plan.backup_plan, plan.version_id = fresh.backup_plan, fresh.version_id
        return json.dumps(plan.to_dict())

    def create_backup_selection(self):
        asked = json.loads(self.body)
        plan = living(self.backup_backend, parts(self)[2])
        body, token = asked["BackupSelection"], asked.get("CreatorRequestId")
        for made in plan.selections.values():
            if token and made["CreatorRequestId"] == token:
                return json.dumps(made)
            if made["BackupSelection"]["SelectionName"] == body["SelectionName"]:
                raise AlreadyExistsException(f"Backup selection {body['SelectionName']} already exists")
        made = {
            "BackupPlanId": plan.backup_plan_id,
            "SelectionId": str(mock_random.uuid4()),
            "CreationDate": time.time(),
            "CreatorRequestId": token,
            "BackupSelection": body,
        }
        plan.selections[made["SelectionId"]] = made
        return json.dumps(made)

    def list_backup_selections(self):
        plan = living(self.backup_backend, parts(self)[2])
        rows = []
        for made in plan.selections.values():
            row = {key: value for key, value in made.items() if key != "BackupSelection"}
            row.update({key: made["BackupSelection"][key] for key in ("SelectionName", "IamRoleArn")})
            rows.append(row)
        return json.dumps({"BackupSelectionsList": rows})

    def selection(self):
        _, _, plan, _, name = parts(self)
        selections = living(self.backup_backend, plan).selections
        if name not in selections:
            raise ResourceNotFoundException(f"Cannot find Backup selection {name}")
        return selections, name

    def get_backup_selection(self):
        selections, name = selection(self)
        return json.dumps(selections[name])

    def delete_backup_selection(self):
        selections, name = selection(self)
        del selections[name]
        return "{}"

    # A setting of the region: which services AWS Backup looks after.
    def settings(self):
        backend = self.backup_backend
        if not hasattr(backend, "opt_in"):
            backend.opt_in = {"Aurora": False, "DynamoDB": True, "EBS": True, "EC2": True, "EFS": True, "RDS": True, "S3": False}
        return backend.opt_in

    def describe_region_settings(self):
        return json.dumps({"ResourceTypeOptInPreference": settings(self), "ResourceTypeManagementPreference": {}})

    def update_region_settings(self):
        settings(self).update(json.loads(self.body).get("ResourceTypeOptInPreference") or {})
        return "{}"

    # moto runs no backups, so there are no recovery points.
    def list_recovery_points_by_backup_vault(self):
        self.backup_backend.describe_backup_vault(parts(self)[1])
        return json.dumps({"RecoveryPoints": []})

    def delete_recovery_point(self):
        self.backup_backend.describe_backup_vault(parts(self)[1])
        raise ResourceNotFoundException(f"Cannot find recovery point {parts(self)[3]}")

    for operation in (
        update_backup_plan,
        create_backup_selection,
        list_backup_selections,
        get_backup_selection,
        delete_backup_selection,
        describe_region_settings,
        update_region_settings,
        list_recovery_points_by_backup_vault,
        delete_recovery_point,
    ):
        setattr(BackupResponse, operation.__name__, operation)


def trails():
    from moto.cloudtrail.models import Trail

    # AWS: a trail says whether somebody has chosen what it records. moto always
    # says no.
    @patch(Trail, "description")
    def _(original):
        def description(self, *args, **kwargs):
            chosen = bool(self.event_selectors or self.advanced_event_selectors)
            return {**original(self, *args, **kwargs), "HasCustomEventSelectors": chosen}

        return description


def certificates():
    from moto.acm.exceptions import AWSValidationException
    from moto.acm.models import AWSCertificateManagerBackend, CertBundle
    from moto.acm.responses import AWSCertificateManagerResponse
    from moto.core.exceptions import AWSError
    from moto.elbv2.models import elbv2_backends

    class InUse(AWSError):
        TYPE = "ResourceInUseException"

    def users(arn):
        """The load balancers whose listeners have the certificate."""
        _, _, _, region, account, _ = arn.split(":", 5)
        return [
            balancer.arn
            for balancer in elbv2_backends[account][region].load_balancers.values()
            if any(arn in listener.certificates for listener in balancer.listeners.values())
        ]

    # AWS: a certificate is in use while a listener has it, by the load balancer.
    # moto names the listeners that it was made for, for ever. AWS: what was not
    # issued has neither dates nor an issuer, and what was is valid for 198 days.
    # moto always has them, for a year. AWS: the domains stand in their order.
    @patch(CertBundle, "describe")
    def _(original):
        def describe(self):
            result = original(self)
            told = result["Certificate"]
            told["InUseBy"] = users(self.arn)
            told["RenewalEligibility"] = "ELIGIBLE" if told["InUseBy"] else "INELIGIBLE"
            told["KeyAlgorithm"] = getattr(self, "asked_key", None) or told["KeyAlgorithm"]
            names = getattr(self, "asked_names", None)
            if names:
                told["SubjectAlternativeNames"] = names
                told["DomainValidationOptions"].sort(key=lambda option: names.index(option["DomainName"]))
                told["NotAfter"] = told["NotBefore"] + 198 * 24 * 3600 - 1
            if self.status == "PENDING_VALIDATION":
                for key in ("IssuedAt", "NotBefore", "NotAfter", "Serial"):
                    told.pop(key, None)
            return result

        return describe

    # AWS: a token stands for the request that it came with. moto asks for nothing
    # but the same tags, and stumbles over a certificate that was deleted since.
    @patch(AWSCertificateManagerResponse, "request_certificate")
    def _(original):
        def request_certificate(self):
            backend, token, domain = self.acm_backend, self._get_param("IdempotencyToken"), self._get_param("DomainName")
            if token is not None and not re.fullmatch(r"\w{1,32}", token):
                raise AWSValidationException(f"Value '{token}' at 'idempotencyToken' failed to satisfy constraint")
            if len(domain) > 64:
                raise AWSValidationException("The first domain name can be no longer than 64 characters.")
            names = list(dict.fromkeys([domain, *(self._get_param("SubjectAlternativeNames") or [])]))
            request = json.dumps([names, self._get_param("Tags"), self._get_param("KeyAlgorithm"), self._get_param("Options")])
            for arn, made in backend._certificates.items():
                age = time.time() - getattr(made, "asked_at", 0)
                if token and age < 3600 and getattr(made, "asked", None) == (token, request):
                    return json.dumps({"CertificateArn": arn})
            backend._idempotency_tokens.pop(token, None)
            answer = original(self)
            if isinstance(answer, str):
                made = backend._certificates[json.loads(answer)["CertificateArn"]]
                made.asked, made.asked_at, made.asked_names = (token, request), time.time(), names
                made.asked_key = self._get_param("KeyAlgorithm")
            return answer

        return request_certificate

    # AWS: a list tells of RSA keys up to 2048 bits unless it is asked for others.
    # moto tells of all.
    @patch(AWSCertificateManagerBackend, "list_certificates")
    def _(original):
        def list_certificates(self, statuses, includes):
            if not (includes or {}).get("keyTypes"):
                includes = {**(includes or {}), "keyTypes": ["RSA_1024", "RSA_2048"]}
            return original(self, statuses, includes)

        return list_certificates

    # AWS: a certificate that a listener has is not deleted. moto deletes it.
    @patch(AWSCertificateManagerBackend, "delete_certificate")
    def _(original):
        def delete_certificate(self, arn):
            if arn in self._certificates and users(arn):
                raise InUse(f"Certificate {arn} in account {self.account_id} is in use.")
            return original(self, arn)

        return delete_certificate


def listener_certificates():
    from moto.acm.models import acm_backends
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend
    from moto.elbv2.responses import ELBV2Response
    from moto.elbv2.ssl_policies import SSL_POLICIES

    # AWS: the description of a listener has its default certificate only. moto's
    # has all, the default one first.
    def default_only(arns):
        return [{"CertificateArn": arn} for arn in arns[:1]] or None

    for operation in ("CreateListener", "DescribeListeners", "ModifyListener"):
        ELBV2Response.RESPONSE_KEY_PATH_TO_TRANSFORMER[f"{operation}Output.Listeners.Listener.Certificates"] = default_only

    def usable(backend, certificates):
        """Refuses certificates that are not there, or that were not issued."""
        for arn in (one["CertificateArn"] for one in certificates):
            if not backend._certificate_exists(arn):
                raise ELBClientError("CertificateNotFound", f"Certificate '{arn}' not found")
            ours = acm_backends[backend.account_id][backend.region_name]._certificates.get(arn)
            if ours and ours.status != "ISSUED":
                message = "must have a fully-qualified domain name, a supported signature, and a supported key size."
                raise ELBClientError("UnsupportedCertificate", f"The certificate '{arn}' {message}")

    # AWS: HTTPS needs exactly one certificate, which ACM has issued, and a policy
    # that there is; HTTP may have neither. moto takes anything.
    @patch(ELBV2Response, "create_listener")
    def _(original):
        def create_listener(self):
            protocol, policy = self._get_param("Protocol"), self._get_param("SslPolicy")
            certificates = self._get_param("Certificates", [])
            if protocol == "HTTPS":
                if len(certificates) != 1:
                    raise ELBClientError("ValidationError", "A certificate must be specified for HTTPS listeners")
                if policy and policy not in SSL_POLICIES:
                    raise ELBClientError("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
                usable(self.elbv2_backend, certificates)
            elif policy:
                raise ELBClientError("ValidationError", f"An SSL policy cannot be specified for {protocol} listeners")
            return original(self)

        return create_listener

    @patch(ELBv2Backend, "create_listener")
    def _(original):
        def create_listener(self, *args, **kwargs):
            listener = original(self, *args, **kwargs)
            if listener.protocol not in ("HTTPS", "TLS"):
                listener.ssl_policy = None
            return listener

        return create_listener

    # AWS: another default certificate leaves the others alone, and without TLS
    # there are none. moto drops the others in the one case, keeps all in the other.
    @patch(ELBv2Backend, "modify_listener")
    def _(original):
        def modify_listener(self, arn, port=None, protocol=None, ssl_policy=None, certificates=None, actions=None):
            others = self.describe_listeners(load_balancer_arn=None, listener_arns=[arn])[0].certificates[1:]
            usable(self, certificates or [])
            listener = original(self, arn, port, protocol, ssl_policy, certificates, actions)
            if listener.protocol == "HTTPS":
                listener.certificates = listener.certificates[:1] + others
                listener.ssl_policy = listener.ssl_policy or "ELBSecurityPolicy-2016-08"
            else:
                listener.certificates, listener.certificate, listener.ssl_policy = [], None, None
            return listener

        return modify_listener

    # AWS: one that is there already is not added again, and the default one can't
    # be removed. moto adds it, and removes all that have the ARN.
    @patch(ELBv2Backend, "add_listener_certificates")
    def _(original):
        def add_listener_certificates(self, arn, certificates):
            usable(self, certificates)
            others = self.describe_listeners(load_balancer_arn=None, listener_arns=[arn])[0].certificates[1:]
            return original(self, arn, [one for one in certificates if one["CertificateArn"] not in others])

        return add_listener_certificates

    @patch(ELBv2Backend, "remove_listener_certificates")
    def _(_original):
        def remove_listener_certificates(self, arn, certificates):
            listener = self.describe_listeners(load_balancer_arn=None, listener_arns=[arn])[0]
            default, others = listener.certificates[:1], listener.certificates[1:]
            for gone in (one["CertificateArn"] for one in certificates):
                if gone in others:
                    others.remove(gone)
                elif gone in default:
                    raise ELBClientError("OperationNotPermitted", "Default certificate cannot be removed")
                else:
                    raise ELBClientError("CertificateNotFound", f"Certificate '{gone}' not found")
            listener.certificates = default + others

        return remove_listener_certificates


def hosted_zones():
    from moto.route53.exceptions import InvalidInput, NoSuchHostedZone, Route53ClientError
    from moto.route53.models import Route53Backend

    # AWS: tags of at most ten zones, all of which exist. moto takes anything.
    @patch(Route53Backend, "list_tags_for_resources")
    def _(original):
        def list_tags_for_resources(self, resource_type, resource_ids):
            if len(resource_ids) > 10:
                raise InvalidInput("Value at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to 10")
            for one in resource_ids:
                if resource_type == "hostedzone" and one not in self.zones:
                    raise NoSuchHostedZone(one)
            return original(self, resource_type, resource_ids)

        return list_tags_for_resources

    def kept(record):
        """A record as AWS keeps it: lower case, a dot at its end, and "*" as a number."""
        values = record.get("ResourceRecords") or []
        name = record["Name"].lower().rstrip(".").replace("*", r"\052") + "."
        return {**record, "Name": name, "ResourceRecords": [one["Value"] for one in values]}

    def same(have, want):
        alias = want.get("AliasTarget") or None
        return sorted(have.records or []) == sorted(want["ResourceRecords"]) and (
            alias == (have.alias_target or None) if alias else str(have.ttl) == str(want.get("TTL", ""))
        )

    # AWS: a batch is carried out whole or not at all. CREATE wants a record that is
    # not there, DELETE one that is, with all it has, and all stand within the zone.
    # moto looks at the changes that were made before instead of at the records.
    @patch(Route53Backend, "change_resource_record_sets")
    def _(_original):
        def change_resource_record_sets(self, zoneid, change_list):
            zone = self.get_hosted_zone(zoneid)
            before, problems = list(zone.rrsets), []
            for change in change_list:
                action, record = change["Action"], kept(change["ResourceRecordSet"])
                what = f"resource record set [name='{record['Name']}', type='{record['Type']}']"
                have = next((r for r in zone.rrsets if (r.name, r.type) == (record["Name"], record["Type"])), None)
                if not ("." + record["Name"]).endswith("." + zone.name):
                    problems.append(f"RRSet with DNS name {record['Name']} is not permitted in zone {zone.name}")
                elif action == "CREATE" and have:
                    problems.append(f"Tried to create {what} but it already exists")
                elif action == "DELETE" and not have:
                    problems.append(f"Tried to delete {what} but it was not found")
                elif action == "DELETE" and not same(have, record):
                    problems.append(f"Tried to delete {what} but the values provided do not match the current values")
                elif action == "DELETE":
                    zone.delete_rrset(record)
                else:
                    zone.upsert_rrset(record)
            if problems:
                zone.rrsets = before
                raise Route53ClientError("InvalidChangeBatch", f"[{', '.join(problems)}]")

        return change_resource_record_sets

    # AWS: a list starts at any name, "*" among them. moto refuses its backslash.
    @patch(Route53Backend, "list_resource_record_sets")
    def _(_original):
        def list_resource_record_sets(self, zone_id, start_type, start_name, max_items):
            found = list(self.get_hosted_zone(zone_id).get_record_sets(start_type, start_name))
            more = found[max_items] if len(found) > max_items else None
            return found[:max_items], more and more.name, more and more.type, more is not None

        return list_resource_record_sets


def tagging():
    from moto.iam.models import iam_backends
    from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend

    # AWS: GetResources tells of listeners and their rules, and in us-east-1 of what
    # IAM has in no region, users and roles apart. moto leaves all of these out.
    def left_out(self):
        for balancer in list(self.elbv2_backend.load_balancers.values()):
            for listener in list(balancer.listeners.values()):
                for one in (listener, *listener.rules.values()):
                    tags = self.elbv2_backend.tagging_service.list_tags_for_resource(one.arn)["Tags"]
                    yield one.arn, tags
        if self.region_name == "us-east-1":
            for profile in list(iam_backends[self.account_id][self.partition].instance_profiles.values()):
                yield profile.arn, profile.tags

    @patch(ResourceGroupsTaggingAPIBackend, "_get_resources_generator")
    def _(original):
        def get_resources(self, tag_filters=None, resource_type_filters=None):
            yield from original(self, tag_filters, resource_type_filters)
            if resource_type_filters:  # nobody asks for one of these types
                return
            for arn, tags in left_out(self):
                values = {tag["Key"]: tag["Value"] for tag in tags}
                asked = {one["Key"]: one.get("Values") for one in tag_filters or []}
                if values and all(key in values and (not wanted or values[key] in wanted) for key, wanted in asked.items()):
                    yield {"ResourceARN": arn, "Tags": tags}

        return get_resources

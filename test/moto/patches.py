"""What moto gets wrong for the operations in use, put right from the inside.

Each patch says what AWS does. The product is never bent to moto: a difference
that a test would stumble over is mended here, or the test names it. The patches
fit exactly the version that requirements.txt pins; launch.py refuses another.
"""

import fnmatch
import functools
import json
import os
import time

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
    nat_gateways()
    network_acls()
    launch_templates()
    ecs_clusters()
    ecs_services()
    kms()
    rds()


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
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket

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


# The settings of an ECS service that moto drops, and what AWS shows for a service
# that was made without them.
SERVICE_SETTINGS = {
    "healthCheckGracePeriodSeconds": ("health_check_grace_period_seconds", 0),
    "capacityProviderStrategy": ("capacity_provider_strategy", []),
    "placementStrategy": ("placement_strategy", []),
    "placementConstraints": ("placement_constraints", []),
    "enableExecuteCommand": ("enable_execute_command", False),
    "enableECSManagedTags": ("enable_ecs_managed_tags", False),
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
        if "MOTO_ECS_SERVICE_RUNNING" not in os.environ:
            cluster = backend._get_cluster(service.cluster_name)
            backend.update_cluster_resources(cluster, service.desired_count - service.running_count, "RUNNING")
            backend.update_cluster_resources(cluster, -service.pending_count, "PENDING")
            service.running_count, service.pending_count = service.desired_count, 0
            deployment["rolloutState"] = "COMPLETED"
        if new:
            deployment["id"] = f"ecs-svc/{mock_random.randint(10**18, 10**19)}"
        deployment["rolloutStateReason"] = (
            f"ECS deployment {deployment['id']} {deployment['rolloutState'].lower().replace('_', ' ')}."
        )
        deployment["taskDefinition"] = service.task_definition
        deployment["networkConfiguration"] = service.network_configuration or None
        deployment["desiredCount"] = service.desired_count
        deployment["runningCount"] = service.running_count
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
    from moto.kms.responses import KmsResponse

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

"""Clusters, services and images."""

import os

from moto.core.exceptions import JsonRESTError

from .patch import patch
from .rollouts import fails


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
    from moto.ecs.models import CapacityProvider, EC2ContainerServiceBackend

    # AWS: hosts are drained unless told otherwise.
    @patch(EC2ContainerServiceBackend, "create_capacity_provider")
    def _(original):
        def create_capacity_provider(self, name, asg_details, tags):
            return original(self, name, {"managedDraining": "ENABLED", **asg_details}, tags)

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

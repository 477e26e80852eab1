"""Deployments that fail, which moto does not have."""

import copy

from .patch import patch


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

"""Databases, their copies and exports."""

import json

from .patch import patch


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
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import DBClusterNotFoundError, DBClusterSnapshotNotFoundError, RDSClientError
    from moto.rds.models import RDSBackend
    from moto.rds.responses import RDSResponse

    def restored(backend, identifier, source, asked):
        """AWS: a restored cluster has the data, engine, master user, key and days of
        backup of its source, and beyond that what was asked for: no protection, logs,
        IAM authentication, tags or secret of its own accord. The name must be new."""
        if identifier.lower() in backend.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
        made = {
            "db_cluster_identifier": identifier,
            "master_user_password": "of the source",
            "storage_encrypted": source.storage_encrypted,
            "kms_key_id": source.kms_key_id,
        }
        for name in ("engine", "engine_version", "master_username", "database_name", "backup_retention_period"):
            made[name] = getattr(source, name)
        made.update({name: value for name, value in asked.items() if value is not None})
        return backend.create_db_cluster(made)

    # AWS: the source is a cluster or, by its resource ID, one that is gone and whose
    # automated backups were kept; the moment, of which there must be one, is within the
    # restorable span. moto copies everything, secret included, reads what is asked for
    # under other names, and takes any time.
    @patch(RDSBackend, "restore_db_cluster_to_point_in_time")
    def _(_original):
        def restore_db_cluster_to_point_in_time(
            self,
            db_cluster_identifier,
            source_db_cluster_identifier=None,
            source_db_cluster_resource_id=None,
            restore_to_time=None,
            use_latest_restorable_time=None,
            **asked,
        ):
            if bool(source_db_cluster_identifier) == bool(source_db_cluster_resource_id):
                raise RDSClientError("InvalidParameterCombination", "Specify either a source cluster or its resource ID.")
            if source_db_cluster_identifier:
                source = self.clusters.get(source_db_cluster_identifier)
                if source is None:
                    raise DBClusterNotFoundError(source_db_cluster_identifier)
                latest = source.latest_restorable_time
            else:
                if source_db_cluster_resource_id not in kept_backups(self):
                    raise RDSClientError("DBClusterAutomatedBackupNotFoundFault", "No such automated backup.")
                source, latest = kept_backups(self)[source_db_cluster_resource_id]
            if bool(restore_to_time) == bool(use_latest_restorable_time):
                raise RDSClientError("InvalidParameterCombination", "Specify either RestoreToTime or UseLatestRestorableTime.")
            if restore_to_time:
                moment = restore_to_time.replace(tzinfo=None)
                # The wire has milliseconds only.
                earliest = source.earliest_restorable_time.replace(microsecond=0, tzinfo=None)
                if not earliest <= moment <= latest.replace(tzinfo=None):
                    raise RDSClientError("InvalidRestoreFault", f"The specified time {moment} is outside the restorable span.")
            asked.pop("restore_type", None)
            return restored(self, db_cluster_identifier, source, asked)

        return restore_db_cluster_to_point_in_time

    # moto copies everything here as well, deletion protection and secret included.
    @patch(RDSBackend, "restore_db_cluster_from_snapshot")
    def _(_original):
        def restore_db_cluster_from_snapshot(self, from_snapshot_id, overrides):
            asked = dict(overrides)
            name = from_snapshot_id.rpartition(":")[2]
            if name not in self.cluster_snapshots:
                raise DBClusterSnapshotNotFoundError(from_snapshot_id)
            source = self.cluster_snapshots[name].cluster
            if asked.pop("engine", None) != source.engine:
                raise RDSClientError("InvalidParameterCombination", "The engine is not that of the snapshot.")
            for name in ("snapshot_identifier", "db_cluster_identifier"):
                asked.pop(name, None)
            asked.setdefault("backup_retention_period", 1)
            return restored(self, overrides["db_cluster_identifier"], source, asked)

        return restore_db_cluster_from_snapshot

    def kept_backups(backend):
        """Clusters that are gone, with the end of what can be restored, by resource ID."""
        return backend.__dict__.setdefault("kept_backups", {})

    # AWS: automated backups stay when a cluster is deleted with the word to keep them,
    # and are listed as retained. moto has no such call.
    @patch(RDSResponse, "delete_db_cluster")
    def _(original):
        def delete_db_cluster(self):
            cluster = self.backend.clusters.get(self.params.get("DBClusterIdentifier"))
            result = original(self)
            if self.params.get("DeleteAutomatedBackups") is False:
                kept_backups(self.backend)[cluster.db_cluster_resource_id] = (cluster, cluster.latest_restorable_time)
            return result

        return delete_db_cluster

    def describe_db_cluster_automated_backups(self):
        wanted = self.params.get("DBClusterIdentifier")
        return ActionResult(
            {
                "DBClusterAutomatedBackups": [
                    {
                        "DBClusterIdentifier": cluster.db_cluster_identifier,
                        "DbClusterResourceId": resource,
                        "DBClusterArn": cluster.arn,
                        "DBClusterAutomatedBackupsArn": cluster.arn.replace(
                            f":cluster:{cluster.db_cluster_identifier}", f":cluster-auto-backup:{resource.lower().replace('cluster', 'ab', 1)}"
                        ),
                        "TagList": cluster.tags,
                        "Region": self.region,
                        "Status": "retained",
                        "Engine": cluster.engine,
                        "EngineVersion": cluster.engine_version,
                        "BackupRetentionPeriod": cluster.backup_retention_period,
                        "KmsKeyId": cluster.kms_key_id,
                        "StorageEncrypted": cluster.storage_encrypted,
                        "RestoreWindow": {"EarliestTime": cluster.earliest_restorable_time, "LatestTime": latest},
                    }
                    for resource, (cluster, latest) in kept_backups(self.backend).items()
                    if wanted in (None, cluster.db_cluster_identifier)
                ]
            }
        )

    RDSResponse.describe_db_cluster_automated_backups = describe_db_cluster_automated_backups


def rds_support():
    from datetime import datetime, timezone

    from moto.core.responses import ActionResult
    from moto.rds.models import RDSBackend
    from moto.rds.responses import RDSResponse

    # AWS: a cluster shows its lifecycle, which is extended support unless it was made
    # without. moto forgets what it was made with.
    @patch(RDSBackend, "create_db_cluster")
    def _(original):
        def create_db_cluster(self, kwargs):
            cluster = original(self, kwargs)
            cluster.engine_lifecycle_support = kwargs.get("engine_lifecycle_support") or "open-source-rds-extended-support"
            return cluster

        return create_db_cluster

    # AWS: tells until when major versions are supported. moto does not know the call.
    def describe_db_major_engine_versions(self):
        versions = []
        for engine, major in (("aurora-postgresql", "16"), ("aurora-mysql", "8.0")):
            asked = self.params.get("Engine"), self.params.get("MajorEngineVersion")
            if asked[0] in (None, engine) and asked[1] in (None, major):
                lifecycles = [
                    {
                        "LifecycleSupportName": f"open-source-rds-{kind}-support",
                        "LifecycleSupportStartDate": datetime(start, 3, 1, tzinfo=timezone.utc),
                        "LifecycleSupportEndDate": datetime(end, 2, 28, tzinfo=timezone.utc),
                    }
                    for kind, start, end in (("standard", 2024, 2041), ("extended", 2041, 2044))
                ]
                versions.append({"Engine": engine, "MajorEngineVersion": major, "SupportedEngineLifecycles": lifecycles})
        return ActionResult({"DBMajorEngineVersions": versions})

    RDSResponse.describe_db_major_engine_versions = describe_db_major_engine_versions


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

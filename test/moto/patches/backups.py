"""AWS Backup."""

import json
import time
from urllib.parse import unquote

from .patch import patch


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

"""Findings that are no faults, each with its reason. Short, or the judge is wrong."""

import re

# (operation, member, problem), each a regular expression for the whole text, and the reason.
ACCEPTED = [
    (
        "monitoring:PutDashboard",
        "DashboardBody",
        r"names arn:aws:cloudwatch:\S+:alarm:.*",
        "A dashboard shows its alarms as soon as they are there; CloudWatch doesn't look them up when it takes one.",
    ),
    (
        "events:PutRule",
        "EventPattern",
        r"names arn:aws:rds:\S+:cluster(-snapshot:rds)?:.*",
        "A pattern says which events are meant; EventBridge doesn't look up what they are about.",
    ),
    (
        "s3:PutObject",
        "Bucket",
        r"names the bucket cicdctl-admin-.*",
        "The first lease of an account is asked for in a bucket that the refusal has the run make.",
    ),
]


def reason(operation, member, problem):
    """Why a finding is none, or nothing."""
    for *patterns, why in ACCEPTED:
        if all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in zip(patterns, (operation, member, problem), strict=True)):
            return why
    return ""

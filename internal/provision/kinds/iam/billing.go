package iam

// freeIAM: AWS says that it bills nothing.
const freeIAM = "AWS Identity and Access Management is offered at no additional charge (IAM user guide)"

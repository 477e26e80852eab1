# The default client's stack and what it shares, as one would write it with Terraform: what
# cicdctl's figures in BENCHMARKS.md are compared with. Made by measure.sh on moto.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region                      = "eu-west-3"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
  default_tags {
    tags = { client = "acme" }
  }
}

data "aws_caller_identity" "me" {}
data "aws_partition" "current" {}
data "aws_ssm_parameter" "image" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
}

locals {
  zones    = { a = 0, b = 1, c = 2 }
  account  = data.aws_caller_identity.me.account_id
  keys     = toset(["admin", "shared", "trail", "client", "archive"])
  buckets  = { admin = "admin", trail = "trail", access-logs = "shared", app = "client", archive = "archive" }
  envs     = { preview = 1, prod = 2 }
  services = toset(["ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "scheduler.amazonaws.com", "backup.amazonaws.com", "export.rds.amazonaws.com", "vpc-flow-logs.amazonaws.com"])
  groups   = toset(["load-balancer", "hosts", "app-web", "database"])
  logs     = toset(["/cicdctl/acme/app-web", "/cicdctl/shared/flow-logs", "/cicdctl/shared/trail", "/aws/rds/cluster/acme/postgresql", "/aws/ecs/containerinsights/acme/performance"])
  alarms   = concat([for i in range(14) : "trail-${i}"], [for i in range(21) : "acme-${i}"])
}

# Keys and storage.

resource "aws_kms_key" "all" {
  for_each            = local.keys
  enable_key_rotation = true
}

resource "aws_kms_alias" "all" {
  for_each      = local.keys
  name          = "alias/terraform/${each.key}"
  target_key_id = aws_kms_key.all[each.key].id
}

resource "aws_s3_bucket" "all" {
  for_each = local.buckets
  bucket   = "terraform-${each.key}-${local.account}"
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each                = local.buckets
  bucket                  = aws_s3_bucket.all[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "all" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.all[each.key].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "all" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.all[each.key].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.all[each.value].arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "all" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.all[each.key].id
  rule {
    id     = "expire"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }
}

resource "aws_s3_bucket_policy" "all" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.all[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Deny", Principal = "*", Action = "s3:*", Condition = { Bool = { "aws:SecureTransport" = "false" } }
      Resource = [aws_s3_bucket.all[each.key].arn, "${aws_s3_bucket.all[each.key].arn}/*"]
      }, {
      Effect   = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["s3:GetBucketAcl", "s3:PutObject"]
      Resource = [aws_s3_bucket.all[each.key].arn, "${aws_s3_bucket.all[each.key].arn}/*"]
    }]
  })
}

# The network.

resource "aws_vpc" "shared" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_internet_gateway" "edge" {
  vpc_id = aws_vpc.shared.id
}

resource "aws_subnet" "edge" {
  for_each          = local.zones
  vpc_id            = aws_vpc.shared.id
  cidr_block        = cidrsubnet("10.20.240.0/20", 4, each.value)
  availability_zone = "eu-west-3${each.key}"
}

resource "aws_subnet" "client" {
  for_each          = local.zones
  vpc_id            = aws_vpc.shared.id
  cidr_block        = cidrsubnet("10.20.0.0/19", 2, each.value)
  availability_zone = "eu-west-3${each.key}"
}

resource "aws_eip" "nat" {
  for_each = local.zones
  domain   = "vpc"
}

resource "aws_nat_gateway" "zone" {
  for_each      = local.zones
  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.edge[each.key].id
  depends_on    = [aws_internet_gateway.edge]
}

resource "aws_route_table" "edge" {
  vpc_id = aws_vpc.shared.id
}

resource "aws_route" "edge" {
  route_table_id         = aws_route_table.edge.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.edge.id
}

resource "aws_route_table_association" "edge" {
  for_each       = local.zones
  route_table_id = aws_route_table.edge.id
  subnet_id      = aws_subnet.edge[each.key].id
}

resource "aws_route_table" "client" {
  for_each = local.zones
  vpc_id   = aws_vpc.shared.id
}

resource "aws_route" "client" {
  for_each               = local.zones
  route_table_id         = aws_route_table.client[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.zone[each.key].id
}

resource "aws_route_table_association" "client" {
  for_each       = local.zones
  route_table_id = aws_route_table.client[each.key].id
  subnet_id      = aws_subnet.client[each.key].id
}

resource "aws_network_acl" "all" {
  for_each   = { edge = values(aws_subnet.edge)[*].id, client = values(aws_subnet.client)[*].id }
  vpc_id     = aws_vpc.shared.id
  subnet_ids = each.value
  dynamic "ingress" {
    for_each = [443, 80, 5432, 22]
    content {
      rule_no    = 100 + ingress.key * 10
      protocol   = "tcp"
      action     = "allow"
      cidr_block = "10.20.0.0/16"
      from_port  = ingress.value
      to_port    = ingress.value
    }
  }
  egress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.shared.id
  service_name    = "com.amazonaws.eu-west-3.s3"
  route_table_ids = values(aws_route_table.client)[*].id
}

resource "aws_security_group" "all" {
  for_each    = local.groups
  name        = "acme-${each.key}"
  description = each.key
  vpc_id      = aws_vpc.shared.id
}

resource "aws_vpc_security_group_ingress_rule" "all" {
  for_each          = local.groups
  security_group_id = aws_security_group.all[each.key].id
  cidr_ipv4         = "10.20.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "all" {
  for_each          = local.groups
  security_group_id = aws_security_group.all[each.key].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

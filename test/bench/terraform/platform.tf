# Who may do what.

resource "aws_iam_role" "all" {
  for_each = local.services
  name     = "terraform-${split(".", each.key)[0]}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = each.key }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "all" {
  for_each = local.services
  name     = "rights"
  role     = aws_iam_role.all[each.key].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "${aws_s3_bucket.all["app"].arn}/*" }]
  })
}

resource "aws_iam_instance_profile" "host" {
  name = "terraform-host"
  role = aws_iam_role.all["ec2.amazonaws.com"].name
}

resource "aws_cloudwatch_log_group" "all" {
  for_each          = local.logs
  name              = each.key
  retention_in_days = 365
}

resource "aws_ecr_repository" "web" {
  name                 = "acme/app-web"
  image_tag_mutability = "IMMUTABLE"
}

resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({ rules = [{
    rulePriority = 1, selection = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = 10 }, action = { type = "expire" }
  }] })
}

# The database.

resource "aws_db_subnet_group" "database" {
  name       = "acme"
  subnet_ids = values(aws_subnet.client)[*].id
}

resource "aws_rds_cluster_parameter_group" "database" {
  name   = "acme"
  family = "aurora-postgresql16"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_rds_cluster" "database" {
  cluster_identifier              = "acme"
  engine                          = "aurora-postgresql"
  engine_version                  = "16.4"
  master_username                 = "postgres"
  manage_master_user_password     = true
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.all["client"].arn
  backup_retention_period         = 30
  db_subnet_group_name            = aws_db_subnet_group.database.name
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.database.name
  vpc_security_group_ids          = [aws_security_group.all["database"].id]
  skip_final_snapshot             = true
  lifecycle {
    ignore_changes = [scaling_configuration] # moto tells of one, although the cluster is not serverless
  }
}

resource "aws_rds_cluster_instance" "database" {
  count              = 2
  identifier         = "acme-${count.index + 1}"
  cluster_identifier = aws_rds_cluster.database.id
  engine             = aws_rds_cluster.database.engine
  instance_class     = "db.r6g.large"
}

# The platform.

resource "aws_ecs_cluster" "cluster" {
  name = "acme"
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_launch_template" "hosts" {
  name                   = "acme-hosts"
  image_id               = data.aws_ssm_parameter.image.value
  instance_type          = "m6i.large"
  vpc_security_group_ids = [aws_security_group.all["hosts"].id]
  iam_instance_profile {
    name = aws_iam_instance_profile.host.name
  }
}

resource "aws_autoscaling_group" "hosts" {
  name                      = "acme-hosts"
  min_size                  = 3
  max_size                  = 6
  vpc_zone_identifier       = values(aws_subnet.client)[*].id
  wait_for_capacity_timeout = "0"
  force_delete              = true
  launch_template {
    id      = aws_launch_template.hosts.id
    version = aws_launch_template.hosts.latest_version
  }
  tag {
    key                 = "AmazonECSManaged"
    value               = ""
    propagate_at_launch = true
  }
}

resource "aws_ecs_capacity_provider" "hosts" {
  name = "acme-hosts"
  auto_scaling_group_provider {
    auto_scaling_group_arn = aws_autoscaling_group.hosts.arn
  }
}

resource "aws_ecs_cluster_capacity_providers" "cluster" {
  cluster_name       = aws_ecs_cluster.cluster.name
  capacity_providers = [aws_ecs_capacity_provider.hosts.name]
}

resource "aws_lb" "web" {
  name            = "acme-web"
  security_groups = [aws_security_group.all["load-balancer"].id]
  subnets         = values(aws_subnet.edge)[*].id
}

resource "aws_lb_target_group" "web" {
  for_each    = local.envs
  name        = "acme-app-web-${each.key}"
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.shared.id
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "web" {
  for_each     = local.envs
  listener_arn = aws_lb_listener.http.arn
  priority     = each.value
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web[each.key].arn
  }
  condition {
    path_pattern {
      values = ["/${each.key}/*"]
    }
  }
}

resource "aws_ecs_task_definition" "web" {
  for_each                 = local.envs
  family                   = "acme-app-web-${each.key}"
  network_mode             = "awsvpc"
  requires_compatibilities = ["EC2"]
  task_role_arn            = aws_iam_role.all["ecs-tasks.amazonaws.com"].arn
  execution_role_arn       = aws_iam_role.all["ecs-tasks.amazonaws.com"].arn
  container_definitions = jsonencode([{
    name         = "web", image = "${aws_ecr_repository.web.repository_url}:latest", memory = 512, cpu = 256, essential = true
    portMappings = [{ containerPort = 8080 }]
  }])
}

resource "aws_ecs_service" "web" {
  for_each        = local.envs
  name            = "app-web-${each.key}"
  cluster         = aws_ecs_cluster.cluster.id
  task_definition = aws_ecs_task_definition.web[each.key].arn
  desired_count   = 0
  launch_type     = "EC2"
  network_configuration {
    subnets         = values(aws_subnet.client)[*].id
    security_groups = [aws_security_group.all["app-web"].id]
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.web[each.key].arn
    container_name   = "web"
    container_port   = 8080
  }
  depends_on = [aws_lb_listener_rule.web]
}

# What happens by the clock, and who hears of trouble.

resource "aws_sqs_queue" "dead_letters" {
  name = "acme-dead-letters"
}

resource "aws_scheduler_schedule_group" "schedules" {
  name = "acme"
}

resource "aws_sns_topic" "alarms" {
  for_each = toset(["acme", "shared", "trail"])
  name     = "${each.key}-alarms"
}

resource "aws_cloudwatch_metric_alarm" "all" {
  count               = length(local.alarms)
  alarm_name          = local.alarms[count.index]
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  threshold           = 1
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_ELB_5XX_Count"
  period              = 300
  statistic           = "Sum"
  alarm_actions       = [aws_sns_topic.alarms["acme"].arn]
}

resource "aws_flow_log" "vpc" {
  vpc_id          = aws_vpc.shared.id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.all["/cicdctl/shared/flow-logs"].arn
  iam_role_arn    = aws_iam_role.all["vpc-flow-logs.amazonaws.com"].arn
}

resource "aws_cloudtrail" "trail" {
  name                       = "shared"
  s3_bucket_name             = aws_s3_bucket.all["trail"].id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  depends_on                 = [aws_s3_bucket_policy.all]
}

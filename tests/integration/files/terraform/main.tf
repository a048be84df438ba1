# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A golden AMI from the account of the credentials in the environment, in the account `destination` too, in two Regions. Endpoint and
# credentials come from the environment (AWS_ENDPOINT_URL), as for every other client.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
    }
  }
}

variable "destination" {
  type = string
}

variable "subnet_id" {
  type = string
}

variable "security_group_ids" {
  type = list(string)
}

locals {
  arn      = "arn:aws:imagebuilder:us-west-2"
  accounts = toset([data.aws_caller_identity.source.account_id, var.destination])
  managed_policies = {
    execution = "EC2ImageBuilderExecutionPolicy"
    lifecycle = "service-role/EC2ImageBuilderLifecycleExecutionPolicy"
  }
  key_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = [for account in sort(local.accounts) : "arn:aws:iam::${account}:root"] }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

provider "aws" {
  region = "us-west-2"
  default_tags {
    tags = { managed-by = "terraform" }
  }
}

provider "aws" {
  alias  = "ireland"
  region = "eu-west-1"
}

provider "aws" {
  alias  = "destination"
  region = "us-west-2"
  assume_role {
    role_arn = "arn:aws:iam::${var.destination}:role/OrganizationAccountAccessRole"
  }
}

data "aws_caller_identity" "source" {}

# Keys: that of the build Region encrypts what is built, each encrypts the copies of its Region.

resource "aws_kms_key" "oregon" {
  description             = "golden AMIs"
  deletion_window_in_days = 7
  policy                  = local.key_policy
}

resource "aws_kms_alias" "oregon" {
  name          = "alias/golden"
  target_key_id = aws_kms_key.oregon.key_id
}

resource "aws_kms_key" "ireland" {
  provider    = aws.ireland
  description = "golden AMIs"
  policy      = local.key_policy
}

resource "aws_kms_alias" "ireland" {
  provider      = aws.ireland
  name          = "alias/golden"
  target_key_id = aws_kms_key.ireland.key_id
}

# The role as which Image Builder delivers.

resource "aws_iam_role" "distribution" {
  provider = aws.destination
  name     = "EC2ImageBuilderDistributionCrossAccountRole"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.source.account_id}:root" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "distribution" {
  provider   = aws.destination
  role       = aws_iam_role.distribution.name
  policy_arn = "arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"
}

resource "aws_iam_role_policy" "distribution" {
  provider = aws.destination
  name     = "keys-and-templates"
  role     = aws_iam_role.distribution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["kms:DescribeKey", "kms:CreateGrant", "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]
        Resource = [aws_kms_key.oregon.arn, aws_kms_key.ireland.arn]
      },
      {
        Effect   = "Allow"
        Action   = ["ec2:DescribeLaunchTemplates", "ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"]
        Resource = "*"
      },
    ]
  })
}

# The template that points at the newest AMI: Image Builder makes new versions of it.

resource "aws_launch_template" "golden" {
  provider      = aws.destination
  name          = "golden"
  instance_type = "t3.medium"
  tags          = { CreatedBy = "EC2 Image Builder" }
  lifecycle {
    ignore_changes = [description, image_id]
  }
}

# The instance that builds.

resource "aws_iam_role" "instance" {
  name = "builds"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "instance" {
  for_each   = toset(["AmazonSSMManagedInstanceCore", "EC2InstanceProfileForImageBuilder"])
  role       = aws_iam_role.instance.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_iam_instance_profile" "instance" {
  name = "builds"
  role = aws_iam_role.instance.name
}

# What Image Builder itself does in this account: run workflows, and take away old images.

resource "aws_iam_role" "image_builder" {
  for_each = local.managed_policies
  name     = "image-builder-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "imagebuilder.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "image_builder" {
  for_each   = local.managed_policies
  role       = aws_iam_role.image_builder[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}

resource "aws_ecr_repository" "golden" {
  name = "team/golden"
}

# Image Builder.

resource "aws_imagebuilder_component" "hardening" {
  name                  = "Harden Linux"
  version               = "1.2.0"
  description           = "hardens"
  change_description    = "first"
  platform              = "Linux"
  supported_os_versions = ["Ubuntu 24", "Amazon Linux 2023"]
  kms_key_id            = aws_kms_alias.oregon.arn
  data = yamlencode({
    name          = "harden"
    schemaVersion = 1.0
    parameters    = [{ Level = { type = "string", default = "low", description = "how hard" } }]
    phases = [{
      name  = "build"
      steps = [{ name = "Harden", action = "ExecuteBash", inputs = { commands = ["echo '{{ Level }}'"] } }]
    }]
  })
  tags = { team = "platform" }
}

resource "aws_imagebuilder_image_recipe" "golden" {
  name              = "Golden_Linux"
  version           = "1.0.3"
  description       = "golden"
  parent_image      = "${local.arn}:aws:image/amazon-linux-2023-x86/x.x.x"
  working_directory = "/var/tmp"

  component {
    component_arn = aws_imagebuilder_component.hardening.arn
    parameter {
      name  = "Level"
      value = "high"
    }
  }
  component {
    component_arn = "${local.arn}:aws:component/reboot-linux/x.x.x"
  }
  block_device_mapping {
    device_name = "/dev/xvda"
    ebs {
      encrypted             = true
      kms_key_id            = aws_kms_alias.oregon.arn
      delete_on_termination = true
      volume_size           = 20
      volume_type           = "gp3"
      iops                  = 4000
      throughput            = 250
    }
  }
  block_device_mapping {
    device_name  = "/dev/xvdb"
    virtual_name = "ephemeral0"
  }
  block_device_mapping {
    device_name = "/dev/xvdc"
    no_device   = true
  }
  systems_manager_agent {
    uninstall_after_build = false
  }
  user_data_base64 = base64encode("#!/bin/sh\ntrue\n")
  tags             = { team = "platform" }
}

resource "aws_imagebuilder_infrastructure_configuration" "builds" {
  name                          = "golden linux"
  description                   = "builds"
  instance_profile_name         = aws_iam_instance_profile.instance.name
  instance_types                = ["m7i.large", "m6i.large"]
  security_group_ids            = reverse(sort(var.security_group_ids))
  subnet_id                     = var.subnet_id
  terminate_instance_on_failure = false
  resource_tags                 = { CostCenter = "1" }

  instance_metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
  logging {
    s3_logs {
      s3_bucket_name = "logs"
      s3_key_prefix  = "image-builder"
    }
  }
  tags = { team = "platform" }
}

resource "aws_imagebuilder_distribution_configuration" "everywhere" {
  name        = "everywhere"
  description = "delivers"

  distribution {
    region = "us-west-2"
    ami_distribution_configuration {
      name               = "golden {{ imagebuilder:buildDate }}"
      description        = "golden"
      kms_key_id         = aws_kms_alias.oregon.arn
      target_account_ids = local.accounts
      ami_tags           = { CostCenter = "1" }
    }
    launch_template_configuration {
      account_id         = var.destination
      launch_template_id = aws_launch_template.golden.id
      default            = true
    }
    ssm_parameter_configuration {
      parameter_name = "/imagebuilder/golden/latest"
      data_type      = "aws:ec2:image"
    }
  }
  distribution {
    region = "eu-west-1"
    ami_distribution_configuration {
      name               = "golden {{ imagebuilder:buildDate }}"
      kms_key_id         = aws_kms_alias.ireland.arn
      target_account_ids = [var.destination]
      launch_permission {
        user_ids = ["333333333333"]
      }
    }
  }
  tags = { team = "platform" }
}

resource "aws_imagebuilder_image" "golden" {
  image_recipe_arn                 = aws_imagebuilder_image_recipe.golden.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.builds.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.everywhere.arn
  image_tests_configuration {
    image_tests_enabled = true
    timeout_minutes     = 90
  }
  tags = { team = "platform" }

  depends_on = [
    aws_iam_role_policy.distribution,
    aws_iam_role_policy_attachment.distribution,
    aws_iam_role_policy_attachment.instance,
  ]
}

resource "aws_imagebuilder_workflow" "boots" {
  name               = "Boots"
  type               = "TEST"
  version            = "1.1.0"
  description        = "boots"
  change_description = "first"
  kms_key_id         = aws_kms_alias.oregon.arn
  data = yamlencode({
    name          = "boots"
    schemaVersion = 1.0
    parameters    = [{ name = "waitFor", type = "string", default = "ssmAgent" }]
    steps = [
      { name = "Launch", action = "LaunchInstance", onFailure = "Abort", inputs = { "waitFor.$" = "$.parameters.waitFor" } },
      { name = "Terminate", action = "TerminateInstance", onFailure = "Continue", inputs = { "instanceId.$" = "$.stepOutputs.Launch.instanceId" } },
    ]
  })
  tags = { team = "platform" }
}

resource "aws_imagebuilder_image_pipeline" "weekly" {
  name                             = "Weekly golden Linux"
  description                      = "builds on Mondays"
  status                           = "DISABLED"
  image_recipe_arn                 = aws_imagebuilder_image_recipe.golden.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.builds.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.everywhere.arn
  execution_role                   = aws_iam_role.image_builder["execution"].arn
  enhanced_image_metadata_enabled  = false

  schedule {
    schedule_expression                = "cron(0 6 ? * mon *)"
    timezone                           = "Europe/Berlin"
    pipeline_execution_start_condition = "EXPRESSION_MATCH_ONLY"
  }
  image_tests_configuration {
    image_tests_enabled = true
    timeout_minutes     = 90
  }
  image_scanning_configuration {
    image_scanning_enabled = false
  }
  workflow {
    workflow_arn = "${local.arn}:aws:workflow/build/build-image/x.x.x"
  }
  workflow {
    workflow_arn   = aws_imagebuilder_workflow.boots.arn
    on_failure     = "CONTINUE"
    parallel_group = "tests"
    parameter {
      name  = "waitFor"
      value = "ssmAgent"
    }
  }
  tags = { team = "platform" }
}

resource "aws_imagebuilder_container_recipe" "golden" {
  name              = "Golden Container"
  version           = "2.0.1"
  description       = "golden"
  container_type    = "DOCKER"
  parent_image      = "amazonlinux:latest"
  platform_override = "Linux"
  working_directory = "/tmp"
  kms_key_id        = aws_kms_alias.oregon.arn

  dockerfile_template_data = <<-EOT
    FROM {{{ imagebuilder:parentImage }}}
    {{{ imagebuilder:environments }}}
    {{{ imagebuilder:components }}}
  EOT

  component {
    component_arn = aws_imagebuilder_component.hardening.arn
    parameter {
      name  = "Level"
      value = "high"
    }
  }
  instance_configuration {
    block_device_mapping {
      device_name = "/dev/xvda"
      ebs {
        delete_on_termination = true
        volume_size           = 40
        volume_type           = "gp3"
      }
    }
  }
  target_repository {
    repository_name = aws_ecr_repository.golden.name
    service         = "ECR"
  }
  tags = { team = "platform" }
}

resource "aws_imagebuilder_lifecycle_policy" "golden" {
  name           = "golden linux"
  description    = "takes away"
  status         = "DISABLED"
  execution_role = aws_iam_role.image_builder["lifecycle"].arn
  resource_type  = "AMI_IMAGE"

  policy_detail {
    action {
      type = "DELETE"
      include_resources {
        amis      = true
        snapshots = true
      }
    }
    filter {
      type            = "AGE"
      value           = 6
      unit            = "MONTHS"
      retain_at_least = 2
    }
    exclusion_rules {
      tag_map = { keep = "yes" }
      amis {
        is_public       = true
        regions         = ["eu-west-1"]
        shared_accounts = ["333333333333"]
        last_launched {
          unit  = "WEEKS"
          value = 4
        }
      }
    }
  }
  resource_selection {
    recipe {
      name             = aws_imagebuilder_image_recipe.golden.name
      semantic_version = aws_imagebuilder_image_recipe.golden.version
    }
  }
  tags = { team = "platform" }
}

output "launch_template_id" {
  value = aws_launch_template.golden.id
}

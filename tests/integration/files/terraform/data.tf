# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What main.tf makes, read again: by ARN, and as lists. Provider 5.100 fails on the three kinds that are not read by ARN: image recipes with
# no_device, container recipes with delete_on_termination, and pipelines with a time zone.

data "aws_imagebuilder_component" "one" {
  arn = aws_imagebuilder_component.hardening.arn
}

data "aws_imagebuilder_infrastructure_configuration" "one" {
  arn = aws_imagebuilder_infrastructure_configuration.builds.arn
}

data "aws_imagebuilder_distribution_configuration" "one" {
  arn = aws_imagebuilder_distribution_configuration.everywhere.arn
}

data "aws_imagebuilder_image" "one" {
  arn = aws_imagebuilder_image.golden.arn
}

data "aws_imagebuilder_components" "own" {
  owner = "Self"
  filter {
    name   = "name"
    values = [aws_imagebuilder_component.hardening.name]
  }
}

data "aws_imagebuilder_image_recipes" "own" {
  owner = "Self"
  filter {
    name   = "name"
    values = [aws_imagebuilder_image_recipe.golden.name]
  }
}

data "aws_imagebuilder_container_recipes" "own" {
  owner = "Self"
  filter {
    name   = "name"
    values = [aws_imagebuilder_container_recipe.golden.name]
  }
}

data "aws_imagebuilder_infrastructure_configurations" "own" {
  filter {
    name   = "name"
    values = [aws_imagebuilder_infrastructure_configuration.builds.name]
  }
}

data "aws_imagebuilder_distribution_configurations" "own" {
  filter {
    name   = "name"
    values = [aws_imagebuilder_distribution_configuration.everywhere.name]
  }
}

data "aws_imagebuilder_image_pipelines" "own" {
  filter {
    name   = "name"
    values = [aws_imagebuilder_image_pipeline.weekly.name]
  }
}

output "made" {
  value = {
    component                    = aws_imagebuilder_component.hardening.name
    infrastructure_configuration = aws_imagebuilder_infrastructure_configuration.builds.name
    distribution_configuration   = aws_imagebuilder_distribution_configuration.everywhere.name
    image                        = aws_imagebuilder_image.golden.name
  }
}

output "read" {
  value = {
    component                    = data.aws_imagebuilder_component.one.name
    infrastructure_configuration = data.aws_imagebuilder_infrastructure_configuration.one.name
    distribution_configuration   = data.aws_imagebuilder_distribution_configuration.one.name
    image                        = data.aws_imagebuilder_image.one.name
  }
}

output "listable" {
  value = {
    component                    = trimsuffix(aws_imagebuilder_component.hardening.arn, "/1") # lists have versions, not builds
    image_recipe                 = aws_imagebuilder_image_recipe.golden.arn
    container_recipe             = aws_imagebuilder_container_recipe.golden.arn
    infrastructure_configuration = aws_imagebuilder_infrastructure_configuration.builds.arn
    distribution_configuration   = aws_imagebuilder_distribution_configuration.everywhere.arn
    image_pipeline               = aws_imagebuilder_image_pipeline.weekly.arn
  }
}

output "listed" {
  value = {
    component                    = data.aws_imagebuilder_components.own.arns
    image_recipe                 = data.aws_imagebuilder_image_recipes.own.arns
    container_recipe             = data.aws_imagebuilder_container_recipes.own.arns
    infrastructure_configuration = data.aws_imagebuilder_infrastructure_configurations.own.arns
    distribution_configuration   = data.aws_imagebuilder_distribution_configurations.own.arns
    image_pipeline               = data.aws_imagebuilder_image_pipelines.own.arns
  }
}

#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image pipelines of Image Builder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_pipeline
short_description: Image pipelines of EC2 Image Builder, which build images on a schedule
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Creates, changes and deletes image pipelines.
  - A pipeline joins a recipe, an infrastructure configuration and a distribution configuration, and says when images are built of them.
  - An update at AWS replaces the whole pipeline and lets it forget what is not mentioned. This module reads it first, so what the task does not
    mention stays, and a pipeline that is disabled stays so.
  - M(golden.imagebuilder.image) with its option C(image_pipeline_arn) runs a pipeline now.
options:
  description:
    description: What the pipeline is for. 1 to 1024 characters.
    type: str
  image_recipe_arn:
    description:
      - The image recipe. ARN of a version, which may hold an C(x), or its short form, as in V(golden-linux/1.0.x).
      - A pipeline has either O(image_recipe_arn) or O(container_recipe_arn), and keeps the kind of recipe with which it was created.
    type: str
    aliases: [image_recipe]
  container_recipe_arn:
    description: The container recipe, as O(image_recipe_arn).
    type: str
    aliases: [container_recipe]
  infrastructure_configuration_arn:
    description:
      - The infrastructure configuration, by ARN or by name. Required when the pipeline does not exist.
    type: str
    aliases: [infrastructure_configuration]
  distribution_configuration_arn:
    description: The distribution configuration, by ARN or by name. Without one, an AMI stays in the account and Region where it is built.
    type: str
    aliases: [distribution_configuration]
  image_tests_configuration:
    description: How images are tested.
    type: dict
    suboptions:
      image_tests_enabled:
        description: Whether the tests of the components run, after the image is built and before it is distributed. By default they do.
        type: bool
      timeout_minutes:
        description: How long they may take, 60 to 1440 minutes. AWS assumes 720, and does not use it.
        type: int
  enhanced_image_metadata_enabled:
    description: Whether version of the operating system and list of packages are collected. By default they are.
    type: bool
  schedule:
    description:
      - When images are built. Without a schedule the pipeline runs only when it is started; V({}) takes the schedule away.
    type: dict
    suboptions:
      schedule_expression:
        description:
          - A cron expression of six fields, as in V(cron(0 6 ? * mon *\)), or a rate, as in V(rate(7 days\)).
          - The fields are minute, hour, day, month, day of the week and year. One of the two days has to be V(?).
        type: str
      timezone:
        description: Where the expression is meant, as in V(Europe/Berlin). By default V(UTC).
        type: str
      pipeline_execution_start_condition:
        description:
          - V(EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE) builds when the expression matches and there is a newer version of the parent
            image or of a component that the recipe names with an C(x), or another value in the parameter that names the parent image.
          - V(EXPRESSION_MATCH_ONLY) builds whenever the expression matches.
          - By default AWS takes the first one. A recipe that names fixed versions only is then never built.
        type: str
      auto_disable_policy:
        description: When AWS disables a pipeline that fails again and again.
        type: dict
        suboptions:
          failure_count:
            description: After how many scheduled builds in a row that failed, 1 to 10.
            type: int
            required: true
  status:
    description:
      - V(ENABLED), or V(DISABLED) for a pipeline that pays no regard to its schedule. It can be started nevertheless.
      - By default it is enabled.
    type: str
  image_tags:
    description:
      - Tags of the images that scheduled builds make, as Image Builder lists them, up to 50.
      - AMIs have the tags that recipe and distribution configuration give them.
    type: dict
  image_scanning_configuration:
    description: Whether and how Amazon Inspector looks for vulnerabilities while images are tested.
    type: dict
    suboptions:
      image_scanning_enabled:
        description: Whether images are scanned. Tests have to be enabled too, and Inspector in the account.
        type: bool
      ecr_configuration:
        description: Where a container image is put to be scanned.
        type: dict
        suboptions:
          repository_name:
            description:
              - Name of a repository of the account, without the host of the registry.
              - By default AWS makes C(image-builder-image-scanning-repository).
            type: str
          container_tags:
            description: Tags that the image gets there. Their order does not count.
            type: list
            elements: str
      image_scanning_types:
        description:
          - What is scanned for an AMI, one entry. V(TEST_INSTANCE_CVE), which AWS assumes, scans the instance on which the image is tested.
          - V(ON_DEMAND_AMI_CVE) scans the AMI itself, and needs no Inspector in the account. It is not for container recipes.
        type: list
        elements: str
      scan_result_condition:
        description: What the AMI has to be like to be distributed. It needs V(ON_DEMAND_AMI_CVE); without it the scan is only made.
        type: dict
        suboptions:
          maximum_severity_label:
            description: The worst finding with which the image passes; V(INFORMATIONAL), V(LOW), V(MEDIUM) or V(HIGH).
            type: str
            required: true
          fix_available:
            description: Whether only findings count for which there is a fix. By default that is so.
            type: bool
  workflows:
    description:
      - Workflows that run in place of Amazon's own, in this order. A stage that none of them is for is left out.
      - One for building, up to ten for testing, and one for distribution. They need O(execution_role).
    type: list
    elements: dict
    suboptions:
      workflow_arn:
        description:
          - ARN of a build or of a version of a workflow, which may hold an C(x).
          - Or its short form, which has the type in front, as in V(test/boots/1.0.x) and V(aws:build/build-image).
        type: str
        required: true
        aliases: [workflow]
      parameters:
        description: Values for parameters that the workflow declares.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the parameter, up to 128 characters.
            type: str
            required: true
          value:
            description: The value; a list, also where there is only one.
            type: list
            elements: str
            required: true
      parallel_group:
        description:
          - Test workflows of one group run at the same time, five of them at most. Groups run one after the other.
          - Up to 100 letters, digits, V(-), V(_), V(+) and V(#), the first one a letter or digit.
        type: str
      on_failure:
        description: For test workflows, V(ABORT) or V(CONTINUE) with the next one. Without it the image fails.
        type: str
  execution_role:
    description:
      - Name or ARN of the IAM role with which AWS runs O(workflows) and does all that its service-linked role may not.
      - Without it, AWS uses the service-linked role.
    type: str
  logging_configuration:
    description: Where the logs go, in CloudWatch Logs. A group that is not below C(/aws/imagebuilder/) needs O(execution_role).
    type: dict
    suboptions:
      image_log_group_name:
        description: Group for the logs of images, up to 512 characters. By default C(/aws/imagebuilder/) and the name of the image.
        type: str
      pipeline_log_group_name:
        description: Group for the logs of the pipeline, up to 512 characters. By default C(/aws/imagebuilder/pipeline/) and its name.
        type: str
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.resource
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.image_pipeline_info
  - module: golden.imagebuilder.image
  - module: golden.imagebuilder.image_recipe
  - module: golden.imagebuilder.container_recipe
  - module: golden.imagebuilder.workflow
"""

EXAMPLES = r"""
- name: What the pipeline builds
  golden.imagebuilder.image_recipe:
    name: golden-linux
    semantic_version: 1.0.x
    parent_image: aws:amazon-linux-2023-x86/x.x.x
    components:
      - component: aws:update-linux

- name: Where it builds
  golden.imagebuilder.infrastructure_configuration:
    name: golden-linux
    instance_profile_name: EC2InstanceProfileForImageBuilder

- name: To whom it delivers
  golden.imagebuilder.distribution_configuration:
    name: golden-linux
    distributions:
      - region: us-west-2
        ami_distribution_configuration:
          name: golden-linux <<imagebuilder:buildDate>>
          target_account_ids: ["222222222222"]

- name: Every Monday, when there is something new
  golden.imagebuilder.image_pipeline:
    name: golden-linux
    image_recipe: golden-linux/1.0.x
    infrastructure_configuration: golden-linux
    distribution_configuration: golden-linux
    schedule:
      schedule_expression: cron(0 6 ? * mon *)
      timezone: Europe/Berlin
      auto_disable_policy:
        failure_count: 3
    tags:
      team: platform

- name: A test of one's own
  golden.imagebuilder.workflow:
    name: boots
    type: TEST
    semantic_version: 1.0.0
    data: |
      name: boots
      schemaVersion: 1.0
      steps:
        - name: LaunchTestInstance
          action: LaunchInstance
          onFailure: Abort
          inputs:
            waitFor: ssmAgent
        - name: TerminateTestInstance
          action: TerminateInstance
          onFailure: Continue
          inputs:
            instanceId.$: $.stepOutputs.LaunchTestInstance.instanceId

- name: The role with which AWS runs workflows
  amazon.aws.iam_role:
    name: ImageBuilderExecutionRole
    assume_role_policy_document:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {Service: imagebuilder.amazonaws.com}
          Action: sts:AssumeRole
    managed_policies: [EC2ImageBuilderExecutionPolicy]

- name: Images are built by Amazon's workflow and tested by one's own
  golden.imagebuilder.image_pipeline:
    name: golden-linux
    workflows:
      - workflow: aws:build/build-image
      - workflow: test/boots/1.0.x
        on_failure: CONTINUE
    execution_role: ImageBuilderExecutionRole

- name: No builds for now; everything else stays as it is
  golden.imagebuilder.image_pipeline:
    name: golden-linux
    status: DISABLED

- name: No pipeline any more
  golden.imagebuilder.image_pipeline:
    name: golden-linux
    state: absent
"""

RETURN = r"""
image_pipeline:
  description: The pipeline as Image Builder has it, or as it would be in check mode. Empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:image-pipeline/golden-linux
    name:
      description: The name.
      type: str
      returned: always
      sample: golden-linux
    description:
      description: What the pipeline is for.
      type: str
      returned: when it has one
    platform:
      description: The operating system of the recipe.
      type: str
      returned: when it exists
      sample: Linux
    image_recipe_arn:
      description: The image recipe.
      type: str
      returned: when it has one
      sample: arn:aws:imagebuilder:us-west-2:111111111111:image-recipe/golden-linux/1.0.x
    container_recipe_arn:
      description: The container recipe.
      type: str
      returned: when it has one
    infrastructure_configuration_arn:
      description: The infrastructure configuration.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:infrastructure-configuration/golden-linux
    distribution_configuration_arn:
      description: The distribution configuration.
      type: str
      returned: when it has one
      sample: arn:aws:imagebuilder:us-west-2:111111111111:distribution-configuration/golden-linux
    image_tests_configuration:
      description: How images are tested, as in O(image_tests_configuration).
      type: dict
      returned: when it exists
      sample: {image_tests_enabled: true, timeout_minutes: 720}
    enhanced_image_metadata_enabled:
      description: Whether version of the operating system and list of packages are collected.
      type: bool
      returned: when it exists
      sample: true
    schedule:
      description: When images are built, as in O(schedule).
      type: dict
      returned: when it has one
    status:
      description: Whether the pipeline pays regard to its schedule. AWS too disables one, as O(schedule.auto_disable_policy) says.
      type: str
      returned: when it exists
      sample: ENABLED
    consecutive_failures:
      description: How many scheduled builds failed in a row.
      type: int
      returned: when AWS tells it
      sample: 0
    image_tags:
      description: Tags of images, as in O(image_tags).
      type: dict
      returned: when it has some
    image_scanning_configuration:
      description: How images are scanned, as in O(image_scanning_configuration).
      type: dict
      returned: when it is set
    workflows:
      description: The workflows in their order, as in O(workflows).
      type: list
      elements: dict
      returned: when it has some
    execution_role:
      description: The role with which AWS runs workflows.
      type: str
      returned: when it has one
    logging_configuration:
      description: Where the logs go, as in O(logging_configuration).
      type: dict
      returned: when it is set
    date_created:
      description: When the pipeline was created.
      type: str
      returned: when it exists
      sample: "2026-03-01T12:00:00Z"
    date_updated:
      description: When it was changed last.
      type: str
      returned: when it exists
      sample: "2026-03-01T12:00:00Z"
    date_last_run:
      description: When it ran last.
      type: str
      returned: when it has run
    last_run_status:
      description: State of the image that it built last.
      type: str
      returned: when it has run
      sample: AVAILABLE
    date_next_run:
      description: When it is going to run.
      type: str
      returned: when it has a schedule
    tags:
      description: The tags.
      type: dict
      returned: always
      sample: {team: platform}
deleted:
  description: ARN of the pipeline, when it was deleted.
  returned: O(state=absent)
  type: list
  elements: str
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.engine import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_pipeline import IMAGE_PIPELINE


def main() -> None:
    """Run the module."""
    run(IMAGE_PIPELINE)


if __name__ == "__main__":
    main()

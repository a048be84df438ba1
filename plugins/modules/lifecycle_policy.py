#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle policies of Image Builder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lifecycle_policy
short_description: Lifecycle policies of EC2 Image Builder, which do away with old images
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Creates, changes and deletes lifecycle policies.
  - A policy picks images by their recipe or by tags, and deprecates, disables or deletes those that are old or too many. AWS runs it once a day.
  - An update at AWS replaces the whole policy, and enables it when nothing is said about that. This module reads it first, so what the task does
    not mention stays.
options:
  description:
    description: What the policy is for. 1 to 1024 characters.
    type: str
  status:
    description: V(ENABLED), or V(DISABLED) for a policy that does not run. By default it is enabled.
    type: str
  execution_role:
    description:
      - Name or ARN of the IAM role with which AWS runs the policy. Its trust policy has to let C(imagebuilder.amazonaws.com) assume it.
      - AMIs in other accounts are reached by a role of the name C(Ec2ImageBuilderCrossAccountLifecycleAccess) there.
      - Required when the policy does not exist.
    type: str
  resource_type:
    description:
      - V(AMI_IMAGE) or V(CONTAINER_IMAGE). Required when the policy does not exist; it cannot be changed.
    type: str
  policy_details:
    description:
      - The rules, 1 to 3, one for each type of action; their order does not count.
      - Required when the policy does not exist.
    type: list
    elements: dict
    suboptions:
      action:
        description: What is done.
        type: dict
        required: true
        suboptions:
          type:
            description: V(DELETE), or for AMIs also V(DEPRECATE) or V(DISABLE).
            type: str
            required: true
          include_resources:
            description:
              - What it is done to, beside the image as Image Builder lists it. By default nothing else.
              - Deleting the image alone leaves its AMIs and snapshots, which are paid for and which no policy finds any more.
            type: dict
            suboptions:
              amis:
                description: The AMIs that were distributed.
                type: bool
              snapshots:
                description: The snapshots of these AMIs. Only for V(DELETE), and together with the AMIs.
                type: bool
              containers:
                description: The container images that were distributed. Only for O(resource_type=CONTAINER_IMAGE).
                type: bool
      filter:
        description: To which images.
        type: dict
        required: true
        suboptions:
          type:
            description: V(AGE), or for V(DELETE) also V(COUNT).
            type: str
            required: true
          value:
            description: The age, or how many images stay. 1 to 1000.
            type: int
            required: true
          unit:
            description: What the age is counted in, V(DAYS), V(WEEKS), V(MONTHS) or V(YEARS). Required for V(AGE), and only for it.
            type: str
          retain_at_least:
            description: How many images stay however old they are, 1 to 10. Only for V(AGE) and V(DELETE).
            type: int
      exclusion_rules:
        description: Which images are left alone.
        type: dict
        suboptions:
          tag_map:
            description: Images with one of these tags, up to 50, as Image Builder lists them.
            type: dict
          amis:
            description: AMIs that are left alone.
            type: dict
            suboptions:
              is_public:
                description: Whether public ones are.
                type: bool
              regions:
                description: Those in these Regions. Their order does not count.
                type: list
                elements: str
              shared_accounts:
                description: Those that are shared with one of these accounts, up to 1536.
                type: list
                elements: str
              last_launched:
                description: Those from which an instance was launched lately.
                type: dict
                suboptions:
                  value:
                    description: How lately, 1 to 365.
                    type: int
                    required: true
                  unit:
                    description: What it is counted in, V(DAYS), V(WEEKS), V(MONTHS) or V(YEARS).
                    type: str
                    required: true
              tag_map:
                description: Those with one of these tags, key and value, up to 50.
                type: dict
  resource_selection:
    description:
      - Whose images the policy is for, either by recipe or by tags. Required when the policy does not exist.
    type: dict
    suboptions:
      recipes:
        description: Images that were built from these recipes, 1 to 50; their order does not count.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the recipe.
            type: str
            required: true
          semantic_version:
            description: Its version, or several with an C(x), as in V(1.x.x).
            type: str
            required: true
      tag_map:
        description: Images with these tags, up to 50, as Image Builder lists them.
        type: dict
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.resource
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.lifecycle_policy_info
  - module: golden.imagebuilder.image_pipeline
"""

EXAMPLES = r"""
- name: The role with which AWS runs the policies
  amazon.aws.iam_role:
    name: ImageBuilderLifecycleRole
    assume_role_policy_document:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {Service: imagebuilder.amazonaws.com}
          Action: sts:AssumeRole
    managed_policies: [EC2ImageBuilderLifecycleExecutionPolicy]

- name: AMIs that are older than half a year go, but two always stay
  golden.imagebuilder.lifecycle_policy:
    name: golden-linux
    execution_role: ImageBuilderLifecycleRole
    resource_type: AMI_IMAGE
    policy_details:
      - action:
          type: DEPRECATE
          include_resources:
            amis: true
        filter:
          type: AGE
          value: 3
          unit: MONTHS
      - action:
          type: DELETE
          include_resources:
            amis: true
            snapshots: true
        filter:
          type: AGE
          value: 6
          unit: MONTHS
          retain_at_least: 2
        exclusion_rules:
          amis:
            last_launched:
              value: 4
              unit: WEEKS
    resource_selection:
      recipes:
        - name: golden-linux
          semantic_version: x.x.x
    tags:
      team: platform

- name: Ten container images of a team stay
  golden.imagebuilder.lifecycle_policy:
    name: containers of the web team
    execution_role: arn:aws:iam::111111111111:role/ImageBuilderLifecycleRole
    resource_type: CONTAINER_IMAGE
    policy_details:
      - action:
          type: DELETE
          include_resources:
            containers: true
        filter:
          type: COUNT
          value: 10
        exclusion_rules:
          tag_map:
            keep: "true"
    resource_selection:
      tag_map:
        team: web

- name: Nothing is deleted during the freeze; everything else stays as it is
  golden.imagebuilder.lifecycle_policy:
    name: golden-linux
    status: DISABLED

- name: No policy any more
  golden.imagebuilder.lifecycle_policy:
    name: containers of the web team
    state: absent
"""

RETURN = r"""
lifecycle_policy:
  description: The policy as Image Builder has it, or as it would be in check mode. Empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:lifecycle-policy/golden-linux
    name:
      description: The name.
      type: str
      returned: always
      sample: golden-linux
    description:
      description: What the policy is for.
      type: str
      returned: when it has one
    status:
      description: Whether the policy runs.
      type: str
      returned: when it exists
      sample: ENABLED
    execution_role:
      description: The role with which AWS runs it.
      type: str
      returned: always
      sample: ImageBuilderLifecycleRole
    resource_type:
      description: What the policy is for.
      type: str
      returned: always
      sample: AMI_IMAGE
    policy_details:
      description: The rules, as in O(policy_details).
      type: list
      elements: dict
      returned: always
    resource_selection:
      description: Whose images it is for, as in O(resource_selection).
      type: dict
      returned: always
      sample: {tag_map: {team: web}}
    date_created:
      description: When the policy was created.
      type: str
      returned: when it exists
      sample: "2026-03-01T12:00:00+00:00"
    date_updated:
      description: When it was changed last.
      type: str
      returned: when it was
    date_last_run:
      description: When it ran last.
      type: str
      returned: when it has run
    tags:
      description: The tags.
      type: dict
      returned: always
      sample: {team: platform}
deleted:
  description: ARN of the policy, when it was deleted.
  returned: O(state=absent)
  type: list
  elements: str
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.engine import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.lifecycle_policy import LIFECYCLE_POLICY


def main() -> None:
    """Run the module."""
    run(LIFECYCLE_POLICY)


if __name__ == "__main__":
    main()

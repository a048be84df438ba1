#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows of Image Builder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workflow
short_description: Workflows of EC2 Image Builder, the steps by which an image is built, tested or distributed
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Creates versions of workflows when their content changes, and deletes them.
  - A workflow is a YAML document of steps. Documents are compared by their meaning, so comments, quoting and the order of keys make no new
    version.
  - AWS would add a further build to a version that is created again with other content, and pipelines that name the version would use it from
    then on. This module does not do that; it asks for a new version.
options:
  type:
    description:
      - The stage that the workflow is for, V(BUILD), V(TEST) or V(DISTRIBUTION).
      - It is part of the ARN, so workflows of one name and different types have nothing to do with each other. Required, here or in
        O(cli_input_json), also with O(state=absent).
    type: str
  description:
    description: What the workflow is for. 1 to 1024 characters.
    type: str
  change_description:
    description:
      - What is new in this version. 1 to 1024 characters.
      - It is stored when a version is created. By itself it makes no new version.
    type: str
  data:
    description:
      - The document itself, 1 to 16000 characters of YAML, or C(file://) and the path of a file that holds it, on the host on which the module
        runs.
      - It has a list C(steps), in which each has a C(name) of its own and an C(action).
      - Exactly one of O(data) and O(uri) makes up a workflow.
    type: str
  uri:
    description:
      - Where the document is in S3, as C(s3://bucket/key). It may be longer there.
      - The module reads the object to see whether the content has changed, which needs C(s3:GetObject).
    type: str
  kms_key_id:
    description: ARN of the KMS key, or of its alias, that encrypts the document at AWS. By default it is a key of Image Builder.
    type: str
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.resource
  - golden.imagebuilder.resource.versioned
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.workflow_info
  - module: golden.imagebuilder.image_pipeline
  - module: golden.imagebuilder.image
"""

EXAMPLES = r"""
- name: A test that looks whether an instance of the image starts
  golden.imagebuilder.workflow:
    name: boots
    type: TEST
    semantic_version: 1.0.x
    description: The instance starts and its agent answers
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
    tags:
      team: platform

- name: A file of a workflow that builds
  ansible.builtin.copy:
    dest: build-quietly.yml
    mode: "0644"
    content: |
      name: build-quietly
      schemaVersion: 1.0
      steps:
        - name: LaunchBuildInstance
          action: LaunchInstance
          onFailure: Abort
          inputs:
            waitFor: ssmAgent
        - name: ApplyBuildComponents
          action: ExecuteComponents
          onFailure: Abort
          inputs:
            instanceId.$: $.stepOutputs.LaunchBuildInstance.instanceId
        - name: CreateOutputAMI
          action: CreateImage
          onFailure: Abort
          inputs:
            instanceId.$: $.stepOutputs.LaunchBuildInstance.instanceId

- name: The workflow, whose version counts up when the file changes
  golden.imagebuilder.workflow:
    name: build-quietly
    type: BUILD
    semantic_version: 1.0.x
    data: file://build-quietly.yml

- name: No version of the workflow any more
  golden.imagebuilder.workflow:
    name: build-quietly
    type: BUILD
    state: absent
"""

RETURN = r"""
workflow:
  description: The workflow as Image Builder has it, or as it would be in check mode. Empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: ARN of the build of the version.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:workflow/test/boots/1.0.3/1
    name:
      description: The name.
      type: str
      returned: always
      sample: boots
    version:
      description: The version.
      type: str
      returned: always
      sample: 1.0.3
    type:
      description: The stage that the workflow is for.
      type: str
      returned: always
      sample: TEST
    description:
      description: What the workflow is for.
      type: str
      returned: when it has one
    change_description:
      description: What is new in this version.
      type: str
      returned: when it has one
    data:
      description: The document.
      type: str
      returned: always
    parameters:
      description: The parameters that the document declares.
      type: list
      elements: dict
      returned: when it has some
    kms_key_id:
      description: The key that encrypts the document.
      type: str
      returned: when it has one
    state:
      description: Whether the workflow is deprecated, with the reason.
      type: dict
      returned: when AWS tells it
    owner:
      description: The account that owns the workflow.
      type: str
      returned: when it exists
      sample: "111111111111"
    date_created:
      description: When the version was created.
      type: str
      returned: when it exists
      sample: "2026-03-01T12:00:00Z"
    tags:
      description: The tags.
      type: dict
      returned: always
      sample: {team: platform}
deleted:
  description: ARNs of the builds that were deleted.
  returned: O(state=absent)
  type: list
  elements: str
kept_in_use:
  description: What O(keep) would have deleted, but for its users.
  returned: O(state=absent) with O(keep)
  type: list
  elements: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
    users:
      description: ARNs of what refers to it.
      type: list
      elements: str
      returned: always
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.engine import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.workflow import WORKFLOW


def main() -> None:
    """Run the module."""
    run(WORKFLOW)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Components of Image Builder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: component
short_description: Components of EC2 Image Builder, the steps that build and test an image
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Creates versions of components when their content changes, and deletes them.
  - A component is a YAML document of phases and steps. Documents are compared by their meaning, so comments, quoting and the order of keys
    make no new version. A shell script can be given in its place, which AWS puts into a document.
  - AWS would add a further build to a version that is created again with other content, and recipes that name the version would use it from
    then on. This module does not do that; it asks for a new version.
options:
  description:
    description: What the component is for. 1 to 1024 characters.
    type: str
  change_description:
    description:
      - What is new in this version. 1 to 1024 characters.
      - It is stored when a version is created. By itself it makes no new version.
    type: str
  platform:
    description:
      - The operating system that the component is for.
      - V(Windows), V(Linux) or V(macOS). Required when the component does not exist.
    type: str
  supported_os_versions:
    description:
      - The versions of operating systems that the component is for, such as V(Amazon Linux 2023). 1 to 25 entries; their order does not count.
      - They are matched with the beginning of the operating system of a recipe's parent image.
    type: list
    elements: str
  format:
    description:
      - V(SHELL) says that the content is a shell script and no document. AWS makes a document of it, whose one step runs the script.
      - It needs O(type), and does not go with O(supported_os_versions).
      - It is used when a version is created. By itself it makes no new version.
    type: str
  type:
    description:
      - What a script is for, V(BUILD) or V(TEST). Only with O(format); of a document, its phases tell.
    type: str
  data:
    description:
      - The document itself, 1 to 16000 characters of YAML, or with O(format=SHELL) a script of 1 to 1024 characters.
      - Or C(file://) and the path of a file that holds it, on the host on which the module runs.
      - Parameters in a document are written with braces, so give its file, or put C(!unsafe) before it.
      - Exactly one of O(data) and O(uri) makes up a component.
    type: str
  uri:
    description:
      - Where the document or the script is in S3, as C(s3://bucket/key). Up to 64 KiB, unless the quota is higher.
      - The module reads the object to see whether the content has changed, which needs C(s3:GetObject).
    type: str
  kms_key_id:
    description:
      - ARN of the KMS key, or of its alias, that encrypts the document at AWS. By default it is a key of Image Builder.
      - This key has nothing to do with those that encrypt volumes and AMIs.
    type: str
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.resource
  - golden.imagebuilder.resource.versioned
  - golden.imagebuilder.resource.policy
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.component_info
  - module: golden.imagebuilder.image_recipe
"""

EXAMPLES = r"""
- name: A component whose version counts up when its document changes
  golden.imagebuilder.component:
    name: harden-linux
    semantic_version: 1.0.x
    platform: Linux
    description: Turns on automatic updates
    data: |
      name: harden-linux
      schemaVersion: 1.0
      phases:
        - name: build
          steps:
            - name: TurnOn
              action: ExecuteBash
              inputs:
                commands:
                  - systemctl enable --now dnf-automatic-install.timer
    tags:
      team: platform

- name: A recipe with the newest version of the component
  golden.imagebuilder.image_recipe:
    name: golden-linux
    semantic_version: 1.0.x
    parent_image: aws:amazon-linux-2023-x86/x.x.x
    components:
      - component: harden-linux/1.x.x

- name: A shell script, which AWS puts into a document
  golden.imagebuilder.component:
    name: no-motd
    semantic_version: 1.0.x
    platform: Linux
    format: SHELL
    type: BUILD
    data: |
      #!/bin/bash
      set -e
      rm --force /etc/motd

- name: A file with a document
  ansible.builtin.copy:
    dest: agents.yml
    mode: "0644"
    content: |
      name: agents
      schemaVersion: 1.0
      phases:
        - name: build
          steps:
            - name: Install
              action: ExecutePowerShell
              inputs:
                commands:
                  - C:\installers\agent.exe /quiet

- name: The document in one version that never changes
  golden.imagebuilder.component:
    name: agents
    semantic_version: 2.1.0
    platform: Windows
    data: file://agents.yml

- name: Another account may use the newest version of a component
  golden.imagebuilder.component:
    name: no-motd
    semantic_version: 1.0.x
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {AWS: "222222222222"}
          Action: [imagebuilder:GetComponent, imagebuilder:ListComponents]
          Resource: arn:aws:imagebuilder:us-west-2:111111111111:component/no-motd/1.0.0/1

- name: No version of the component any more
  golden.imagebuilder.component:
    name: agents
    state: absent
"""

RETURN = r"""
component:
  description: The component as Image Builder has it, or as it would be in check mode. Empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: ARN of the build of the version.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:component/harden-linux/1.0.3/1
    name:
      description: The name.
      type: str
      returned: always
      sample: harden-linux
    version:
      description: The version.
      type: str
      returned: always
      sample: 1.0.3
    description:
      description: What the component is for.
      type: str
      returned: when it has one
    change_description:
      description: What is new in this version.
      type: str
      returned: when it has one
    platform:
      description: The operating system.
      type: str
      returned: always
      sample: Linux
    supported_os_versions:
      description: The versions of operating systems.
      type: list
      elements: str
      returned: when it has some
    data:
      description: The document.
      type: str
      returned: always
    type:
      description: V(BUILD), or V(TEST) for what only tests.
      type: str
      returned: when it exists
      sample: BUILD
    parameters:
      description: The parameters that the document declares.
      type: list
      elements: dict
      returned: when it has some
    kms_key_id:
      description: The key that encrypts the document.
      type: str
      returned: when it has one
    owner:
      description: The account that owns the component.
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
    policy:
      description: The resource policy.
      type: dict
      returned: when O(policy) is given
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
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT


def main() -> None:
    """Run the module."""
    run(COMPONENT)


if __name__ == "__main__":
    main()

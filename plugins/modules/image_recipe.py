#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image recipes of Image Builder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_recipe
short_description: Image recipes of EC2 Image Builder, from which AMIs are built
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Creates versions of image recipes when their content changes, and deletes them.
  - A recipe says what image to start from, which components run on it in which order, and what volumes the AMI has.
options:
  description:
    description:
      - What the recipe is for. 1 to 1024 characters.
      - AMIs in the build Region have it as their description, unless the distribution configuration gives them another.
    type: str
  parent_image:
    description:
      - The image to start from. Required when the recipe does not exist.
      - The id of an AMI of this Region, the ARN of an image of Image Builder (with V(x.x.x) for the newest version, which is looked up at each
        build), C(ssm:) followed by name or ARN of a parameter that holds the id of an AMI, or the id of a product in AWS Marketplace.
      - An image of Image Builder may be given in short with its version, as in V(golden-base/1.x.x) for one of your own and
        V(aws:amazon-linux-2023-x86/x.x.x) for one of Amazon.
    type: str
  components:
    description:
      - The components, in the order in which they run. Each can be there once. By default AWS allows 20.
      - Without components, the recipe only encrypts and distributes its parent image.
    type: list
    elements: dict
    suboptions:
      component_arn:
        description:
          - ARN of a build, of a version, or of the newest version as in C(component/harden-linux/1.x.x).
          - Or its short form, as in V(harden-linux/1.0.x) for a component of your own and V(aws:update-linux) for one of Amazon.
            Without a version the newest is meant.
        type: str
        required: true
        aliases: [component]
      parameters:
        description: Values for parameters that the component declares. One is needed for each that has no default.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the parameter, up to 256 characters.
            type: str
            required: true
          value:
            description: The value; a list, also where there is only one.
            type: list
            elements: str
            required: true
  block_device_mappings:
    description:
      - The volumes of build instance and AMI; the order does not count.
      - Encrypt the root volume of the parent image here, with a key of your own, when the AMI goes to other accounts. Where an account encrypts
        by default, a volume that is not mentioned is encrypted with C(aws/ebs), which no other account can use, and the distribution fails
        after the build. The C(kms_key_id) of a distribution configuration encrypts copies only, never the AMI that is built.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: Name of the device, such as V(/dev/xvda) for the root volume of Amazon Linux. It has to be spelled as in the parent image.
        type: str
      ebs:
        description: The EBS volume.
        type: dict
        suboptions:
          encrypted:
            description: Whether the volume is encrypted.
            type: bool
          delete_on_termination:
            description: Whether the volume is deleted with its instance.
            type: bool
          iops:
            description: IO operations a second, 100 to 64000. Needed with V(io1) and V(io2).
            type: int
          kms_key_id:
            description:
              - ARN of the KMS key, or of its alias, in the build Region. It needs O(block_device_mappings[].ebs.encrypted=true).
              - Every account that receives the AMI needs access to this key as well as to that of its own Region.
            type: str
          snapshot_id:
            description: The snapshot that the volume is made from.
            type: str
          volume_size:
            description: Size in GiB, 1 to 16000.
            type: int
          volume_type:
            description: V(standard), V(io1), V(io2), V(gp2), V(gp3), V(sc1) or V(st1).
            type: str
          throughput:
            description: MiB a second, 125 to 1000. Only for V(gp3).
            type: int
      virtual_name:
        description: Name of an instance store volume, such as V(ephemeral0).
        type: str
      no_device:
        description: The empty string takes the device out of the parent image's mappings.
        type: str
  working_directory:
    description: Where components run. By default C(/tmp), on Windows C(C:/). 1 to 1024 characters.
    type: str
  additional_instance_configuration:
    description: Settings of the build instance.
    type: dict
    suboptions:
      systems_manager_agent:
        description: The agent of AWS Systems Manager. Not for Windows.
        type: dict
        suboptions:
          uninstall_after_build:
            description: Whether the agent is taken out of the image. By default it is if Image Builder had to install it.
            type: bool
      user_data_override:
        description:
          - User data of the build instance in base64, up to 21847 characters.
          - It replaces what Image Builder does itself to install the agent of Systems Manager, so it has to do that where it is needed.
        type: str
  ami_tags:
    description: Tags of the AMI that is built, up to 50. Copies have those that the distribution configuration gives them.
    type: dict
  ami_watermarks:
    description:
      - Names of 1 to 5 watermarks, 3 to 128 characters each, that mark the AMI and everything copied from it. Their order does not count.
      - An AMI with watermarks cannot be made public.
    type: list
    elements: str
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
  - module: golden.imagebuilder.image_recipe_info
  - module: golden.imagebuilder.component
  - module: golden.imagebuilder.image
"""

EXAMPLES = r"""
- name: What the recipe is to do beside Amazon's own component
  golden.imagebuilder.component:
    name: harden-linux
    semantic_version: 1.0.x
    platform: Linux
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

- name: A recipe whose root volume is encrypted with a key that destinations may use
  golden.imagebuilder.image_recipe:
    name: golden-linux
    semantic_version: 1.0.x
    parent_image: aws:amazon-linux-2023-x86/x.x.x
    components:
      - component: harden-linux/1.x.x
      - component: aws:reboot-linux
    block_device_mappings:
      - device_name: /dev/xvda
        ebs:
          encrypted: true
          kms_key_id: "arn:aws:kms:us-west-2:111111111111:alias/golden-imagebuilder"
          volume_type: gp3
          volume_size: 20

- name: A file that was written for the AWS CLI
  ansible.builtin.copy:
    dest: create-image-recipe.json
    mode: "0644"
    content: |
      {
        "name": "web",
        "semanticVersion": "1.0.0",
        "parentImage": "arn:aws:imagebuilder:us-west-2:aws:image/amazon-linux-2023-x86/x.x.x",
        "components": [{"componentArn": "arn:aws:imagebuilder:us-west-2:aws:component/update-linux/x.x.x"}]
      }

- name: The recipe as it was written for the AWS CLI, with another version
  golden.imagebuilder.image_recipe:
    cli_input_json: file://create-image-recipe.json
    semantic_version: 2.0.x

- name: One version less
  golden.imagebuilder.image_recipe:
    name: golden-linux/1.0.0
    state: absent

- name: Two versions stay, and those that a pipeline uses
  golden.imagebuilder.image_recipe:
    name: web
    state: absent
    keep: 2
"""

RETURN = r"""
image_recipe:
  description: The recipe as Image Builder has it, or as it would be in check mode. Empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: ARN of the version.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:image-recipe/golden-linux/1.0.3
    name:
      description: The name.
      type: str
      returned: always
      sample: golden-linux
    version:
      description: The version.
      type: str
      returned: always
      sample: 1.0.3
    description:
      description: What the recipe is for.
      type: str
      returned: when it has one
    parent_image:
      description: The image to start from.
      type: str
      returned: always
    platform:
      description: The operating system of the parent image.
      type: str
      returned: when it exists
      sample: Linux
    components:
      description: The components in their order, as in O(components).
      type: list
      elements: dict
      returned: when it has some
    block_device_mappings:
      description: The volumes, as in O(block_device_mappings).
      type: list
      elements: dict
      returned: when it has some
    working_directory:
      description: Where components run.
      type: str
      returned: when it is set
    additional_instance_configuration:
      description: Settings of the build instance, as in O(additional_instance_configuration).
      type: dict
      returned: when it is set
    ami_tags:
      description: Tags of the AMI that is built.
      type: dict
      returned: when it has some
    ami_watermarks:
      description: Watermarks of the AMI.
      type: list
      elements: str
      returned: when it has some
    owner:
      description: The account that owns the recipe.
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
  description: ARNs of the versions that were deleted.
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
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE


def main() -> None:
    """Run the module."""
    run(IMAGE_RECIPE)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container recipes of Image Builder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_recipe
short_description: Container recipes of EC2 Image Builder, from which container images are built
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Creates versions of container recipes when their content changes, and deletes them.
  - A recipe says what image to start from, how the Dockerfile looks, which components run in it, and in which repository the image is put.
options:
  description:
    description: What the recipe is for. 1 to 1024 characters.
    type: str
  container_type:
    description:
      - The type of container, which is V(DOCKER).
      - Required when the recipe does not exist.
    type: str
  components:
    description: The components, in the order in which they run. Each can be there once. By default AWS allows 20.
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
  instance_configuration:
    description: The EC2 instance on which the container image is built and tested.
    type: dict
    suboptions:
      image:
        description: Id of an AMI, or C(ssm:) and the name or ARN of a parameter that holds one. By default an AMI of Amazon that is made for ECS.
        type: str
      block_device_mappings:
        description: The volumes of the instance; the order does not count. They have nothing to do with the container image.
        type: list
        elements: dict
        suboptions:
          device_name:
            description: Name of the device, such as V(/dev/xvda). It has to be spelled as in the AMI.
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
                  - ARN of the KMS key, or of its alias, in the build Region.
                  - It needs O(instance_configuration.block_device_mappings[].ebs.encrypted=true).
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
            description: The empty string takes the device out of the AMI's mappings.
            type: str
  dockerfile_template_data:
    description:
      - The Dockerfile, 1 to 16000 characters, or C(file://) and the path of a file that holds it, on the host on which the module runs.
      - C({{{ imagebuilder:parentImage }}}) in it stands for O(parent_image). C({{{ imagebuilder:environments }}}) brings the components into the
        image, and C({{{ imagebuilder:components }}}) behind it runs them. There is a warning where one that is needed is missing.
      - As Ansible takes the braces for its own, put C(!unsafe) before the text, or write C(<<<imagebuilder:parentImage>>>), which becomes the same.
      - Exactly one of O(dockerfile_template_data) and O(dockerfile_template_uri) makes up a recipe.
    type: str
  dockerfile_template_uri:
    description:
      - Where the Dockerfile is in S3, as C(s3://bucket/key). AWS reads it once, when the version is created.
      - The module reads the object to see whether the content has changed, which needs C(s3:GetObject).
    type: str
  platform_override:
    description:
      - The operating system of a O(parent_image) that comes from a registry, V(Linux) or V(Windows).
      - An image of Image Builder brings its own, so it must not be given for one.
    type: str
  image_os_version_override:
    description:
      - The version of the operating system of a O(parent_image) that comes from a registry, such as V(Amazon Linux 2023).
      - AWS does not tell what was given, so it goes with each version that is created, and makes none by itself.
    type: str
  parent_image:
    description:
      - The image to start from. Required when the recipe does not exist.
      - The ARN of an image of Image Builder (with V(x.x.x) for the newest version, which is looked up at each build), its short form, such as
        V(aws:amazon-linux-x86-latest/x.x.x), or the name of an image in a registry, such as V(amazonlinux:latest).
    type: str
  working_directory:
    description: Where components run. 1 to 1024 characters.
    type: str
  target_repository:
    description:
      - Where the image is put. The repository has to be there, in the Region in which the image is built.
      - Required when the recipe does not exist. A distribution configuration can name further repositories.
    type: dict
    suboptions:
      service:
        description: The service, which is V(ECR).
        type: str
        required: true
      repository_name:
        description: Name of the repository without the host of the registry, such as V(team/web).
        type: str
        required: true
  kms_key_id:
    description:
      - ARN of the KMS key, or of its alias, that encrypts the Dockerfile at AWS. By default it is a key of Image Builder.
      - This key has nothing to do with volumes and images.
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
  - module: golden.imagebuilder.container_recipe_info
  - module: golden.imagebuilder.component
  - module: golden.imagebuilder.image_pipeline
"""

EXAMPLES = r"""
- name: A recipe that updates an image of Docker Hub
  golden.imagebuilder.container_recipe:
    name: golden-container
    semantic_version: 1.0.x
    container_type: DOCKER
    parent_image: amazonlinux:latest
    platform_override: Linux
    components:
      - component: aws:update-linux
    dockerfile_template_data: |
      FROM <<<imagebuilder:parentImage>>>
      <<<imagebuilder:environments>>>
      <<<imagebuilder:components>>>
    target_repository:
      service: ECR
      repository_name: golden
    tags:
      team: platform

- name: The same with the Dockerfile as it is for Docker, and a larger volume to build on
  golden.imagebuilder.container_recipe:
    name: golden-container
    semantic_version: 1.0.x
    dockerfile_template_data: !unsafe |
      FROM {{{ imagebuilder:parentImage }}}
      {{{ imagebuilder:environments }}}
      {{{ imagebuilder:components }}}
      USER nobody
    instance_configuration:
      block_device_mappings:
        - device_name: /dev/xvda
          ebs:
            encrypted: true
            volume_type: gp3
            volume_size: 50

- name: A recipe that starts from an image of Amazon and gets its newest version at each build
  golden.imagebuilder.container_recipe:
    name: web
    semantic_version: 2.0.0
    container_type: DOCKER
    parent_image: aws:amazon-linux-x86-latest/x.x.x
    components:
      - component: aws:update-linux/1.0.x
      - component: aws:simple-boot-test-linux
    dockerfile_template_data: |
      FROM <<<imagebuilder:parentImage>>>
      <<<imagebuilder:environments>>>
      <<<imagebuilder:components>>>
    target_repository:
      service: ECR
      repository_name: golden

- name: Another account may use the recipe
  golden.imagebuilder.container_recipe:
    name: web/2.0.0
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {AWS: "222222222222"}
          Action: [imagebuilder:GetContainerRecipe, imagebuilder:ListContainerRecipes]
          Resource: arn:aws:imagebuilder:us-west-2:111111111111:container-recipe/web/2.0.0

- name: Only the newest version stays
  golden.imagebuilder.container_recipe:
    name: golden-container
    state: absent
    keep: 1
"""

RETURN = r"""
container_recipe:
  description: The recipe as Image Builder has it, or as it would be in check mode. Empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: ARN of the version.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:container-recipe/golden-container/1.0.3
    name:
      description: The name.
      type: str
      returned: always
      sample: golden-container
    version:
      description: The version.
      type: str
      returned: always
      sample: 1.0.3
    description:
      description: What the recipe is for.
      type: str
      returned: when it has one
    container_type:
      description: The type of container.
      type: str
      returned: always
      sample: DOCKER
    parent_image:
      description: The image to start from.
      type: str
      returned: always
      sample: amazonlinux:latest
    platform:
      description: The operating system of the parent image.
      type: str
      returned: when it exists
      sample: Linux
    platform_override:
      description: The operating system, where the parent image comes from a registry.
      type: str
      returned: when the parent image is not one of Image Builder
      sample: Linux
    components:
      description: The components in their order, as in O(components).
      type: list
      elements: dict
      returned: when it has some
    instance_configuration:
      description: The instance on which the image is built, as in O(instance_configuration).
      type: dict
      returned: when it is set
    dockerfile_template_data:
      description: The Dockerfile.
      type: str
      returned: always
    working_directory:
      description: Where components run.
      type: str
      returned: when it is set
    target_repository:
      description: Where the image is put, as in O(target_repository).
      type: dict
      returned: always
      sample: {service: ECR, repository_name: golden}
    kms_key_id:
      description: The key that encrypts the Dockerfile.
      type: str
      returned: when it has one
    encrypted:
      description: Whether the Dockerfile is encrypted, which it always is.
      type: bool
      returned: when it exists
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
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.container_recipe import CONTAINER_RECIPE


def main() -> None:
    """Run the module."""
    run(CONTAINER_RECIPE)


if __name__ == "__main__":
    main()

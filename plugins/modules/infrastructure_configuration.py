#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Infrastructure configurations of Image Builder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: infrastructure_configuration
short_description: Infrastructure configurations of EC2 Image Builder, on which images are built
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Creates, updates and deletes the configurations that say on what instances, where and with what rights Image Builder builds and tests.
  - At AWS an update replaces everything. This module reads, merges and writes, so an option that is not given stays as it is.
options:
  description:
    description: What the configuration is for. 1 to 1024 characters.
    type: str
  instance_types:
    description:
      - Instance types, of which Image Builder takes one that is available; the order does not count.
      - By default it chooses types that go with the parent image.
    type: list
    elements: str
  instance_profile_name:
    description:
      - Name of the instance profile of the build instance. Required when the configuration does not exist.
      - Its role needs the managed policies C(EC2InstanceProfileForImageBuilder) and C(AmazonSSMManagedInstanceCore), and write access to the
        bucket of O(logging) if there is one.
    type: str
  security_group_ids:
    description: Security groups of the build instance. Needed with O(subnet_id). Their order does not count.
    type: list
    elements: str
  subnet_id:
    description: Subnet of the build instance, with access to the endpoints of Systems Manager. By default it is one of the default VPC.
    type: str
  logging:
    description: Where the logs of components go, beside CloudWatch.
    type: dict
    suboptions:
      s3_logs:
        description: Logs in S3.
        type: dict
        suboptions:
          s3_bucket_name:
            description: A bucket that exists. AWS looks at it only when an image is built.
            type: str
          s3_key_prefix:
            description: What the names of log objects begin with.
            type: str
  key_pair:
    description: Name of the key pair with which one can log in to a build instance that was kept.
    type: str
  terminate_instance_on_failure:
    description: Whether the instance goes away when building or testing fails. AWS's default is V(true).
    type: bool
  terminate_instance_on_completion:
    description: Whether instances go away when an image is done, cancelled or has run out of time. AWS's default is V(true).
    type: bool
  sns_topic_arn:
    description:
      - ARN of a standard SNS topic that is told about image builds. AWS checks that one may publish to it.
      - If the topic is encrypted, then with a key of the same account.
    type: str
  resource_tags:
    description:
      - Tags of the build instance and its volumes, up to 30, which is something else than O(tags), the tags of the configuration.
      - The keys V(CreatedBy), V(Ec2ImageBuilderArn), V(Name) and V(Tags) are reserved.
    type: dict
  instance_metadata_options:
    description: How the instance metadata service of build and test instances answers.
    type: dict
    suboptions:
      http_tokens:
        description: V(required) for version 2 of the service only, V(optional) for version 1 too. By default as EC2 has it.
        type: str
      http_put_response_hop_limit:
        description: How many hops an answer may take, 1 to 64. Container images need 2 when tokens are required.
        type: int
  placement:
    description: Where build and test instances run. It says nothing about instances of the finished image.
    type: dict
    suboptions:
      availability_zone:
        description: The Availability Zone.
        type: str
      tenancy:
        description: V(default), V(dedicated) for hardware of your own, or V(host) for a Dedicated Host.
        type: str
      host_id:
        description: Id of the Dedicated Host, only with O(placement.tenancy=host). It excludes O(placement.host_resource_group_arn).
        type: str
      host_resource_group_arn:
        description: ARN of the host resource group, only with O(placement.tenancy=host).
        type: str
  parent_instance:
    description: Where the build instance comes from, if Image Builder is not to launch one.
    type: dict
    suboptions:
      auto_scaling_group:
        description:
          - An Auto Scaling group of this account and Region, out of which an instance is taken.
          - The execution role of the build has to be allowed to describe the group, and to tag and detach its instances.
        type: dict
        required: true
        suboptions:
          name:
            description: Name of the group.
            type: str
            required: true
          capacity_wait_timeout_seconds:
            description: How long to wait for an instance, 0 to 3600 seconds. With V(0), and by default, the build fails at once if there is none.
            type: int
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.resource
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.infrastructure_configuration_info
  - module: golden.imagebuilder.image
"""

EXAMPLES = r"""
- name: Where golden images are built
  golden.imagebuilder.infrastructure_configuration:
    name: golden-linux
    instance_profile_name: image-builder
    instance_types: [m7i.large, m6i.large]
    subnet_id: subnet-0123456789abcdef0
    security_group_ids: [sg-0123456789abcdef0]
    logging:
      s3_logs:
        s3_bucket_name: image-factory-logs
        s3_key_prefix: golden-linux
    instance_metadata_options:
      http_tokens: required
      http_put_response_hop_limit: 2

- name: Keep the instance of a failed build for a look, and leave everything else as it is
  golden.imagebuilder.infrastructure_configuration:
    name: golden-linux
    terminate_instance_on_failure: false
    key_pair: image-factory

- name: No logs in S3 any more
  golden.imagebuilder.infrastructure_configuration:
    name: golden-linux
    logging: {}

- name: No configuration any more
  golden.imagebuilder.infrastructure_configuration:
    name: golden-linux
    state: absent
"""

RETURN = r"""
infrastructure_configuration:
  description:
    - The configuration as Image Builder has it, or as it would be in check mode. Empty when it is absent.
    - Besides what is listed here, it has every option that is set, under the option's name.
  returned: success
  type: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:infrastructure-configuration/golden-linux
    name:
      description: The name.
      type: str
      returned: always
      sample: golden-linux
    instance_profile_name:
      description: Name of the instance profile.
      type: str
      returned: always
      sample: image-builder
    date_created:
      description: When the configuration was created.
      type: str
      returned: when it exists
      sample: "2026-03-01T12:00:00Z"
    date_updated:
      description: When the configuration was last updated.
      type: str
      returned: when it was updated
      sample: "2026-03-02T12:00:00Z"
    tags:
      description: The tags.
      type: dict
      returned: always
      sample: {team: platform}
deleted:
  description: ARNs of what was deleted.
  returned: O(state=absent)
  type: list
  elements: str
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.engine import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)


def main() -> None:
    """Run the module."""
    run(INFRASTRUCTURE_CONFIGURATION)


if __name__ == "__main__":
    main()

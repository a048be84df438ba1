#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have an AMI that is there distributed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_distribution
short_description: Have an AMI that is there distributed to accounts and Regions by EC2 Image Builder
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Makes sure that an AMI is in every account and Region that a distribution configuration, or O(distributions), name. It is copied, encrypted,
    tagged and shared, and launch templates and parameters are told of it, as at the end of a build, but nothing is built (C(DistributeImage)).
  - A distribution of the same AMI to the same places that runs is waited for. One that is available everywhere is the answer, and nothing is
    copied.
  - One that failed is retried in place with C(RetryImage), which copies what is missing. Where AWS refuses that, the missing copies alone are
    distributed, and what could not be told of the others (parameters, launch templates, permissions) is written directly.
  - Interrupting the task never stops a distribution. The next run finds it and goes on waiting.
notes:
  - AWS makes an image of its own in Image Builder of each distribution. A tag with a hash of the AMI and of the distributions tells which one it
    is, so of images that others have made none is taken. O(execution_role), O(tags) and O(logging_configuration) do not count.
  - Image Builder takes distributions only from a distribution configuration. For O(distributions) one is made, and removed again when the image
    is everywhere.
  - AWS's own policies for execution roles allow changes of images and snapshots with the tag C(CreatedBy=EC2 Image Builder) only. The module warns
    of an AMI without it.
  - A launch template of another account gets the id of the B(source) account's AMI. M(golden.imagebuilder.distributed_ami_references) points it at
    the account's own.
  - All mistakes in the options are reported together, each with the place where it is, before anything is written.
  - "The credentials need C(imagebuilder:DistributeImage), C(imagebuilder:RetryImage), C(imagebuilder:GetImage),
    C(imagebuilder:ListImageBuildVersions), C(imagebuilder:GetDistributionConfiguration), C(imagebuilder:ListWorkflowExecutions),
    C(imagebuilder:ListWorkflowStepExecutions), C(imagebuilder:TagResource), C(ec2:DescribeImages) and C(iam:PassRole) on O(execution_role);
    C(imagebuilder:CreateDistributionConfiguration) and C(imagebuilder:DeleteDistributionConfiguration) for O(distributions) and to mend;
    C(ssm:GetParameter) for a source in a parameter; C(imagebuilder:UntagResource) for O(tags); C(sts:AssumeRole) on
    C(EC2ImageBuilderDistributionCrossAccountRole) of the destinations, or on the roles in O(targets), to mend; and C(sts:GetCallerIdentity)."
requirements:
  - botocore >= 1.41.1
options:
  source_image:
    description:
      - The AMI, which has to be in the Region of the task.
      - An id, as in V(ami-0123456789abcdef0); a parameter that holds one, by its name or ARN, as in V(ssm:/web/latest); or an image of Image
        Builder, as in V(web/1.0.x), V(web/1.0.0/2) or by its ARN, of which a version means the newest build that is available.
    type: str
    required: true
  distribution_configuration_arn:
    description:
      - The distribution configuration that says where the AMI goes.
      - Either this or O(distributions) is needed.
    type: str
    aliases: [distribution_configuration]
  distributions:
    description: Where the AMI goes, one entry a Region, as O(golden.imagebuilder.distribution_configuration#module:distributions).
    type: list
    elements: dict
  execution_role:
    description: Name or ARN of the role as which Image Builder works.
    type: str
    required: true
  logging_configuration:
    description: Where the logs of the distribution go.
    type: dict
    suboptions:
      log_group_name:
        description: Name of the CloudWatch log group.
        type: str
  tags:
    description:
      - Tags of the image in Image Builder. Tags of AMIs are given by the distributions.
      - Without this option tags stay as they are; V({}) takes them all away unless O(purge_tags=false).
    type: dict
  force:
    description:
      - Whether to distribute although the AMI is everywhere already, which makes another copy of it.
      - A distribution of the same that runs at this moment is waited for all the same.
    type: bool
    default: false
  retry:
    description:
      - Whether a distribution of the same that failed, or was cancelled, is retried or mended. With V(false) all is distributed anew.
    type: bool
    default: true
  wait:
    description: Whether to wait until the AMI is everywhere, and fail when it is not in the end.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait. A distribution may take six hours by AWS's own limit.
      - When the time is up the task fails, and the distribution goes on. Running the task again goes on waiting.
    type: int
    default: 86400
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.following
  - golden.imagebuilder.fleet.account
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.image
  - module: golden.imagebuilder.distribution_configuration
  - module: golden.imagebuilder.distributed_ami_info
  - module: golden.imagebuilder.distributed_ami_references
"""

EXAMPLES = r"""
- name: A recipe
  golden.imagebuilder.image_recipe:
    region: us-west-2
    name: web
    semantic_version: 1.0.x
    parent_image: aws:amazon-linux-2023-x86/x.x.x

- name: The instances that build it
  golden.imagebuilder.infrastructure_configuration:
    region: us-west-2
    name: web
    instance_profile_name: EC2InstanceProfileForImageBuilder

- name: Have it built, for the source account alone
  golden.imagebuilder.image:
    region: us-west-2
    image_recipe: web/1.0.x
    infrastructure_configuration: web

- name: Copy the newest to another Region
  golden.imagebuilder.image_distribution:
    region: us-west-2
    source_image: web/1.0.x
    execution_role: ImageBuilderExecutionRole
    distributions:
      - region: eu-west-1
        ami_distribution_configuration:
          name: web <<imagebuilder:buildDate>>
          ami_tags:
            Team: platform
  register: distributed

- name: Show which AMI is where
  golden.imagebuilder.table:
    rows: "{{ distributed.amis }}"
    columns: [account_id, region, image, state]

- name: Where releases go
  golden.imagebuilder.distribution_configuration:
    region: us-west-2
    name: releases
    distributions:
      - region: us-west-2
        ami_distribution_configuration:
          name: web <<imagebuilder:buildDate>>
          launch_permission:
            user_ids: ["222222222222"]

- name: Release the AMI that a parameter names, whoever made it
  golden.imagebuilder.image_distribution:
    region: us-west-2
    source_image: ssm:/web/candidate
    distribution_configuration: releases
    execution_role: ImageBuilderExecutionRole
    tags:
      Stage: release
"""

RETURN = r"""
image:
  description:
    - The image that AWS made of the distribution, as C(GetImage) tells it, in snake case.
    - In check mode, null for one that would be made.
  returned: always, also when the distribution failed
  type: dict
  sample:
    arn: arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/2
    name: web
    version: 1.0.0/2
    type: AMI
    state: {status: AVAILABLE}
    output_resources: {amis: []}
    tags: {}
amis:
  description: The AMIs that there are of it, in a fixed order.
  returned: always, also when the distribution failed
  type: list
  elements: dict
  contains:
    account_id: {description: The account that owns the AMI., type: str}
    region: {description: The Region it is in., type: str}
    image: {description: Its id., type: str}
    name: {description: Its name., type: str}
    state: {description: "Its state as Image Builder sees it, such as V(AVAILABLE).", type: str}
delivered:
  description: Accounts and Regions that have the AMI.
  returned: always
  type: list
  elements: dict
  contains:
    account_id: {description: The account., type: str}
    region: {description: The Region., type: str}
missing:
  description: Accounts and Regions that are to have the AMI and do not, or not yet.
  returned: always
  type: list
  elements: dict
  contains:
    account_id: {description: The account., type: str}
    region: {description: The Region., type: str}
action:
  description:
    - What was done, or in check mode would be. V(distribute) a distribution was started, V(retry) one that failed was retried, V(repair) one that
      AWS does not retry was mended, V(attach) one that ran already was taken, V(done) the AMI was found everywhere.
  returned: always
  type: str
  sample: distribute
reason:
  description: Why that was done.
  returned: always
  type: str
failures:
  description: What failed, as M(golden.imagebuilder.image) returns it. Empty when nothing did.
  returned: always
  type: list
  elements: dict
history:
  description: The states of the image, as M(golden.imagebuilder.image) returns them.
  returned: when there is an image
  type: list
  elements: dict
progress:
  description: How far the image is, as M(golden.imagebuilder.image) returns it.
  returned: when there is an image
  type: dict
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_distribution_run import run


def main() -> None:
    """Run the module."""
    run()


if __name__ == "__main__":
    main()

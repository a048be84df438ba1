#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distribution configurations of Image Builder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: distribution_configuration
short_description: Distribution configurations of EC2 Image Builder, which say who gets an image and where
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Creates, updates and deletes the configurations by which Image Builder copies, shares and announces finished images.
  - At AWS an update replaces everything. This module reads, merges and writes, so an option that is not given stays as it is.
  - An update never touches what was distributed before; AMIs of a Region or account that is taken out stay there.
options:
  description:
    description: What the configuration is for. 1 to 1024 characters.
    type: str
  distributions:
    description:
      - One entry for each Region, which can be there once; the order does not count. Required when the configuration does not exist.
      - Each entry needs at least one output. The build Region needs an entry with O(distributions[].ami_distribution_configuration) when
        images go to other accounts.
      - What is given here is the whole list. Regions that are not in it are taken out.
    type: list
    elements: dict
    suboptions:
      region:
        description: The Region.
        type: str
        required: true
      ami_distribution_configuration:
        description: How AMIs in this Region are named, encrypted, copied and shared.
        type: dict
        suboptions:
          name:
            description:
              - Name of the AMI, with C({{ imagebuilder:buildDate }}) in it, which makes it another one for every build. Up to 127 letters, digits,
                spaces and C(-_:.), which is less than EC2 itself allows.
              - In a playbook write C(<<imagebuilder:buildDate>>), or put C(!unsafe) before the string. C(imagebuilder:buildVersion) is known as well.
              - By default it is the name of the image and the time.
            type: str
          description:
            description:
              - Description of the AMI, 1 to 1024 characters.
              - By default copies have none, and the AMI in the build Region has that of the recipe.
            type: str
          target_account_ids:
            description:
              - Accounts that get a copy of their own in this Region, up to 1536 ids of 12 digits. Quote them in YAML.
              - Each needs the role C(EC2ImageBuilderDistributionCrossAccountRole), which M(golden.imagebuilder.destination_roles) makes.
              - Without it only the account of the configuration itself gets the AMI. The order does not count.
            type: list
            elements: str
          ami_tags:
            description:
              - Tags of the AMIs in this Region, up to 50, also of copies in other accounts.
              - An account with which an AMI is only shared does not see them.
            type: dict
          kms_key_id:
            description:
              - ARN of the KMS key, or of its alias, that encrypts the copies. It has to be in the Region of the entry.
              - Target accounts look it up themselves, so anything shorter than an ARN is refused when there are some, and so is C(aws/ebs), which
                no other account can use.
              - It does not encrypt the AMI that is built, which is up to the recipe's C(block_device_mappings).
            type: str
          launch_permission:
            description: Who may launch the AMI without having a copy.
            type: dict
            suboptions:
              user_ids:
                description: Accounts, up to 1536 ids of 12 digits. EC2 shares an AMI with 1000 in a Region unless its quota is higher.
                type: list
                elements: str
              user_groups:
                description: V(all) makes the AMI public. It is the only group.
                type: list
                elements: str
              organization_arns:
                description: ARNs of organizations, up to 25.
                type: list
                elements: str
              organizational_unit_arns:
                description: ARNs of organizational units, up to 25.
                type: list
                elements: str
      container_distribution_configuration:
        description: How container images of this Region are delivered.
        type: dict
        suboptions:
          description:
            description: What the delivery is for.
            type: str
          container_tags:
            description: Tags of the image in the repository.
            type: list
            elements: str
          target_repository:
            description: The repository, which has to exist in this Region of the account of the configuration.
            type: dict
            required: true
            suboptions:
              service:
                description: V(ECR).
                type: str
                required: true
              repository_name:
                description: Name of the repository with its namespaces, without the host of the registry.
                type: str
                required: true
      license_configuration_arns:
        description: ARNs of license configurations of License Manager for the AMI, up to 50.
        type: list
        elements: str
      launch_template_configurations:
        description:
          - Launch templates that get a new version with the AMI, up to 100.
          - A template of another account gets the id of the source account's AMI, which that account can launch only if it is in
            O(distributions[].ami_distribution_configuration.launch_permission). An SSM parameter does better there.
          - The template needs the tag C(CreatedBy) with value C(EC2 Image Builder).
        type: list
        elements: dict
        suboptions:
          launch_template_id:
            description: Id of the template, C(lt-) and 17 characters.
            type: str
            required: true
          account_id:
            description: The account that has the template. It has to get the AMI in this Region. By default it is the account of the configuration.
            type: str
          set_default_version:
            description: Whether the new version becomes the default of the template. AWS's default is V(true).
            type: bool
      s3_export_configuration:
        description: A disk image of the AMI in S3.
        type: dict
        suboptions:
          role_name:
            description: Name of the role with which VM Import/Export writes to the bucket, often V(vmimport).
            type: str
            required: true
          disk_image_format:
            description: V(VMDK), V(RAW) or V(VHD).
            type: str
            required: true
          s3_bucket:
            description: The bucket.
            type: str
            required: true
          s3_prefix:
            description: What names of objects begin with.
            type: str
      fast_launch_configurations:
        description:
          - Snapshots that let Windows AMIs launch faster, up to 1000 entries.
          - Image Builder does not deliver AMIs with this to other accounts; these have to turn it on themselves.
        type: list
        elements: dict
        suboptions:
          enabled:
            description: Whether it is turned on.
            type: bool
            required: true
          snapshot_configuration:
            description: The snapshots.
            type: dict
            suboptions:
              target_resource_count:
                description: How many are kept, 1 to 10000.
                type: int
          max_parallel_launches:
            description: How many instances may run at once to make them, 1 or more.
            type: int
          launch_template:
            description: The template for these instances; either its id or its name.
            type: dict
            suboptions:
              launch_template_id:
                description: Id of the template, C(lt-) and 17 characters.
                type: str
              launch_template_name:
                description: Name of the template.
                type: str
              launch_template_version:
                description: Version of the template.
                type: str
          account_id:
            description: The account that owns the AMI. By default it is the account of the configuration.
            type: str
      ssm_parameter_configurations:
        description:
          - Parameters of Systems Manager that get the id of the AMI, created if they are not there. One entry is needed for each account.
        type: list
        elements: dict
        suboptions:
          ami_account_id:
            description:
              - The account whose AMI and whose parameter it is. It has to be among the target accounts of the Region.
              - By default it is the account of the configuration.
            type: str
          parameter_name:
            description:
              - Name of the parameter, up to 1011 characters, no ARN.
              - What does not begin with C(/imagebuilder/) needs an execution role that may write it.
            type: str
            required: true
          data_type:
            description: V(text) or V(aws:ec2:image). With the latter, Systems Manager checks that the value is an AMI.
            type: str
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.resource
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.distribution_configuration_info
  - module: golden.imagebuilder.destination_roles
  - module: golden.imagebuilder.source_keys
  - name: Set up cross-account AMI distribution with Image Builder
    description: What AWS asks of source and destination accounts.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/cross-account-dist.html
"""

EXAMPLES = r"""
- name: An encrypted copy for two accounts in two Regions, announced in the parameter store of one
  golden.imagebuilder.distribution_configuration:
    name: golden-linux
    distributions:
      - region: us-west-2
        ami_distribution_configuration:
          name: golden-linux <<imagebuilder:buildDate>>
          target_account_ids: ["222222222222", "333333333333"]
          kms_key_id: "arn:aws:kms:us-west-2:111111111111:alias/golden-imagebuilder"
          ami_tags:
            team: platform
        ssm_parameter_configurations:
          - parameter_name: /imagebuilder/golden-linux
            ami_account_id: "222222222222"
            data_type: aws:ec2:image
      - region: eu-west-1
        ami_distribution_configuration:
          name: !unsafe "golden-linux {{ imagebuilder:buildDate }}"
          target_account_ids: ["222222222222", "333333333333"]
          kms_key_id: "arn:aws:kms:eu-west-1:111111111111:alias/golden-imagebuilder"
    tags:
      team: platform

- name: A file that was written for the AWS CLI
  ansible.builtin.copy:
    dest: create-distribution-configuration.json
    mode: "0644"
    content: |
      {
        "name": "web",
        "distributions": [{"region": "us-west-2", "amiDistributionConfiguration": {"targetAccountIds": ["222222222222"]}}]
      }

- name: The configuration as it is in that file
  golden.imagebuilder.distribution_configuration:
    cli_input_json: file://create-distribution-configuration.json

- name: No configuration any more
  golden.imagebuilder.distribution_configuration:
    name: golden-linux
    state: absent
"""

RETURN = r"""
distribution_configuration:
  description: The configuration as Image Builder has it, or as it would be in check mode. Empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:distribution-configuration/golden-linux
    name:
      description: The name.
      type: str
      returned: always
      sample: golden-linux
    description:
      description: What the configuration is for.
      type: str
      returned: when it has one
    distributions:
      description: The entries, as in O(distributions).
      type: list
      elements: dict
      returned: always
      sample:
        - region: us-west-2
          ami_distribution_configuration:
            target_account_ids: ["222222222222"]
    timeout_minutes:
      description: A member of the API that Image Builder does not use.
      type: int
      returned: when it exists
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
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import DISTRIBUTION_CONFIGURATION


def main() -> None:
    """Run the module."""
    run(DISTRIBUTION_CONFIGURATION)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What images there are."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_info
short_description: Tells about images of EC2 Image Builder, where they are and why they failed
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Returns images, that is builds, with their state, their AMIs in all accounts and Regions, and for failed ones each failure with cause and
    remedy.
  - Without O(arn), O(name), O(image_recipe_arn) and O(container_recipe_arn), all images of the account in the Region are returned.
  - What does not exist is not an error, the list is then empty.
notes:
  - Recipes and images are named by their ARN or by what stands behind the kind in it, as in V(web), V(web/1.0.x) or V(web/1.0.0/2). In front may
    stand the owner, as in V(222222222222:web/1.0.0), which is the own account by default.
  - "The credentials need C(imagebuilder:GetImage), C(imagebuilder:ListImages), C(imagebuilder:ListImageBuildVersions) and
    C(sts:GetCallerIdentity); and for what is to be included C(imagebuilder:ListWorkflowExecutions) and
    C(imagebuilder:ListWorkflowStepExecutions), C(imagebuilder:ListImagePackages), C(imagebuilder:ListImageScanFindings) or
    C(imagebuilder:GetImagePolicy)."
requirements:
  - botocore >= 1.40.0
options:
  arn:
    description:
      - ARN of an image build version, such as C(arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/1).
      - Without the build at its end, all builds of that version are returned. With C(x) in the version, the newest build that matches.
    type: str
  name:
    description:
      - The name of the images, which is that of their recipe. Upper and lower case, spaces and underscores do not count.
      - Version and build may follow, as in V(web/1.0.x) and V(web/1.0.0/2), and the owner may stand in front, as in V(aws:amazon-linux-2023-x86).
        Of an image of somebody else, the newest build that matches is returned.
    type: str
  semantic_version:
    description: Only images of this version of O(name). It may have C(x), as in V(1.0.x).
    type: str
  owner:
    description: Whose images are listed. Of those that are not V(Self)'s, the newest build of each version is returned.
    type: str
    choices: [Self, Shared, Amazon, ThirdParty, AWSMarketplace]
    default: Self
  filters:
    description:
      - Only images that pass all of these filters of C(ListImages), a dictionary from the name of a filter to a value or a list of values.
      - The names are V(name), V(osVersion), V(platform), V(type) and V(version).
    type: dict
  image_recipe_arn:
    description: An image recipe. The images built of it in this account are returned. With C(x) in its version, those of all that match.
    type: str
    aliases: [image_recipe]
  container_recipe_arn:
    description: A container recipe. The images built of it in this account are returned. With C(x) in its version, those of all that match.
    type: str
    aliases: [container_recipe]
  limit:
    description: Return only so many builds of each version, the newest. All are returned without it.
    type: int
  include:
    description:
      - What to tell of each image besides, under the same name. Each takes at least one more call for each image.
      - V(workflow_executions) are the workflows that it went through, each with its C(steps). AWS keeps them for a limited time.
      - V(history) are the states that it was in and how long, out of these workflows.
      - V(packages) are the packages that are installed on it.
      - V(scan_findings) are what Amazon Inspector found.
      - V(policy) is its resource policy, null when it has none.
    type: list
    elements: str
    choices: [workflow_executions, history, packages, scan_findings, policy]
    default: []
extends_documentation_fragment:
  - golden.imagebuilder.attributes.info
  - golden.imagebuilder.fleet.account
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.image
  - module: golden.imagebuilder.distributed_ami_info
"""

EXAMPLES = r"""
- name: Why did the last build fail
  golden.imagebuilder.image_info:
    region: us-west-2
    name: web/1.0.0
    limit: 1
  register: web

- name: Show it
  golden.imagebuilder.table:
    rows: "{{ web.images | map(attribute='failures') | flatten }}"
    columns: [account_id, region, cause, remedy]

- name: Look at one build, at what is installed on it and at each step that made it
  golden.imagebuilder.image_info:
    region: us-west-2
    name: web/1.0.0/1
    include: [packages, workflow_executions]

- name: What was built of a recipe
  golden.imagebuilder.image_info:
    region: us-west-2
    image_recipe: web/1.0.x

- name: The images that Amazon offers for Linux
  golden.imagebuilder.image_info:
    region: us-west-2
    owner: Amazon
    filters:
      platform: Linux
"""

RETURN = r"""
images:
  description: The images, the newest build of each version first.
  returned: always
  type: list
  elements: dict
  contains:
    arn: {description: ARN of the image build version., type: str}
    name: {description: Its name., type: str}
    version: {description: "Its version and build.", type: str, sample: 1.0.0/1}
    state: {description: "Its state, with the reason.", type: dict, sample: {status: AVAILABLE}}
    output_resources: {description: What was made of it., type: dict}
    tags: {description: Its tags., type: dict}
    amis:
      description: Its AMIs, in a fixed order.
      type: list
      elements: dict
      sample: [{account_id: "222222222222", region: us-west-2, image: ami-0123456789abcdef0, name: web 2026-01-01T00-00-00.000000Z, state: AVAILABLE}]
    failures:
      description: What failed. Empty when nothing did.
      type: list
      elements: dict
      contains:
        account_id: {description: "The account, null for failures of the build itself.", type: str}
        region: {description: The Region., type: str}
        step: {description: "V(COPY_AMI), or the step that failed.", type: str}
        message: {description: What AWS said., type: str}
        cause: {description: What that means., type: str}
        remedy: {description: What to do., type: str}
        component: {description: "The component that failed, with version and build.", type: str}
        phase: {description: Its phase., type: str}
        image: {description: Always null here; M(golden.imagebuilder.image) asks the accounts., type: str}
        state_reason: {description: Always null here., type: str}
        log: {description: "Always empty here; M(golden.imagebuilder.image) reads it.", type: list, elements: str}
    history:
      description: The states that it was in, each with C(state), C(since) and C(seconds), as far as AWS remembers them.
      returned: when O(include) has it
      type: list
      elements: dict
      sample: [{state: BUILDING, since: "2030-01-31T10:02:11+00:00", seconds: 612}]
    workflow_executions:
      description: The workflows that it went through, as C(ListWorkflowExecutions) tells them, each with its C(steps).
      returned: when O(include) has it
      type: list
      elements: dict
      sample: [{type: BUILD, status: COMPLETED, steps: [{name: LaunchBuildInstance, status: COMPLETED}]}]
    packages:
      description: The packages that are installed on it.
      returned: when O(include) has it
      type: list
      elements: dict
      sample: [{package_name: openssl, package_version: 3.0.8}]
    scan_findings:
      description: What Amazon Inspector found, as C(ListImageScanFindings) tells it.
      returned: when O(include) has it
      type: list
      elements: dict
      sample: [{severity: HIGH, title: CVE-2026-0001 - openssl, fix_available: "YES"}]
    policy:
      description: Its resource policy, null when it has none.
      returned: when O(include) has it
      type: dict
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_list import run


def main() -> None:
    """Run the module."""
    run()


if __name__ == "__main__":
    main()

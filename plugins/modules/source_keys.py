#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of the source account that encrypt images for other accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
module: source_keys
short_description: KMS keys in the source account with which destinations can use encrypted images
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Makes sure that the source account has a KMS key in every Region where an image is built or delivered, and that each key's policy lets
    the destination accounts use it.
  - All Regions are worked on at the same time, in one task.
  - The key is created with its complete policy, an alias, a tag that names the alias, and yearly rotation. A run that was interrupted is
    continued, without a second key.
  - The policy of a key that exists is merged. Our own statements have a Sid that starts with C(GoldenImageBuilder); all others are kept as
    they are. A condition that somebody added to one of ours stays too, unless O(purge) is set.
notes:
  - The default key of a Region (C(aws/ebs)) can never be used by another account. An image encrypted with it, for example because encryption
    by default is on and the recipe names no key, builds well and fails when it is distributed.
  - A key works in its own Region only. A copy is read with the key of the build Region and written with that of its own, so the
    destinations are allowed to use both.
  - The destinations are trusted as accounts, not by the role of Image Builder in them, because a copy stays encrypted with the key and
    whoever launches it needs the key too. Who that is in the destination is up to IAM there. Auto Scaling in a destination needs a grant
    of its own.
  - The owner's statement, which hands the key over to IAM of the source account, is written when a key is created and never after.
  - A key policy may have 32 KiB, which is enough for some 480 destinations.
  - Deleting keys is not offered, so there is no state.
  - "The credentials need these actions in every Region: C(kms:DescribeKey), C(kms:GetKeyPolicy), C(kms:PutKeyPolicy),
    C(kms:GetKeyRotationStatus), C(kms:EnableKeyRotation), C(kms:DisableKeyRotation), C(kms:UpdateKeyDescription), C(kms:ListKeys),
    C(kms:ListAliases), C(kms:CreateAlias), C(kms:CreateKey), C(kms:ListResourceTags), C(kms:TagResource), C(kms:UntagResource), and
    C(kms:ScheduleKeyDeletion) for the case that two runs make the same key at the same time. Check mode needs those that only read."
options:
  regions:
    description:
      - The Regions that need a key, each named once.
      - Without it, C(regions) of O(account).
    type: list
    elements: str
  alias:
    description: Name of the alias that names the key in every Region, with or without its prefix C(alias/).
    type: str
    default: golden-imagebuilder
  destination_account_ids:
    description:
      - Ids of the accounts that receive images, strings of 12 digits. Quote them in YAML.
      - The source account itself may be among them; it has the key anyhow.
      - Accounts are added to those that the policy names already. See O(purge).
    type: list
    elements: raw
    default: []
  build_instance_role_arns:
    description: ARNs of the roles of build instances, when these need the key beyond what IAM of the source account gives them.
    type: list
    elements: str
    default: []
  keys:
    description:
      - Existing keys to use instead of one with O(alias), by Region, each as key id, key ARN, alias, or alias ARN.
      - Of such a key the policy is merged, and nothing else is touched. It must belong to the source account and be enabled.
    type: dict
    default: {}
  description:
    description:
      - Description of the keys.
      - Without it, a new key gets one that says what it is for, and that of an existing key is left alone.
    type: str
  enable_key_rotation:
    description: Whether AWS makes new key material every year. What is encrypted stays readable.
    type: bool
    default: true
  purge:
    description:
      - Whether accounts and roles that are not named here lose what this module has once given them.
      - Only our own statements are purged.
    type: bool
    default: false
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet
  - golden.imagebuilder.fleet.account
  - amazon.aws.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.destination_roles
  - name: Set up cross-account AMI distribution with Image Builder
    description: What AWS asks of source and destination accounts.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/cross-account-dist.html
"""

EXAMPLES = r"""
- name: A key in two Regions, for two destinations
  golden.imagebuilder.source_keys:
    regions: [us-west-2, eu-west-1]
    destination_account_ids: ["222222222222", "333333333333"]
  register: source_keys_result

- name: A key that is there already
  amazon.aws.kms_key:
    region: us-west-2
    alias: images
  register: own

- name: That key in one Region, and one that is made in the other
  golden.imagebuilder.source_keys:
    account:
      account_id: "111111111111"
      name: image-factory
    regions: [us-west-2, eu-west-1]
    keys:
      us-west-2: "{{ own.key_arn }}"
    alias: golden-images
    destination_account_ids: ["222222222222"]
    tags:
      Team: platform

- name: Take the key away from accounts that left
  golden.imagebuilder.source_keys:
    regions: [us-west-2]
    destination_account_ids: ["222222222222"]
    purge: true
"""

RETURN = r"""
source_keys:
  description: The key of each Region. A Region that failed is missing.
  returned: always
  type: dict
  contains:
    key_arn:
      description: ARN of the key. In check mode the id of a key that would be created is C((known after creation)).
      type: str
    alias_arn:
      description: ARN of the alias, null for a key that was given.
      type: str
    kms_key_id:
      description: What to give Image Builder as C(kms_key_id). A bare id would be looked for in the destination, so it is never that.
      type: str
  sample:
    us-west-2:
      key_arn: arn:aws:kms:us-west-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab
      alias_arn: arn:aws:kms:us-west-2:111111111111:alias/golden-imagebuilder
      kms_key_id: arn:aws:kms:us-west-2:111111111111:alias/golden-imagebuilder
outcomes:
  description: What happened in each Region, in the order of O(regions).
  returned: always
  type: list
  elements: dict
  contains:
    account_id:
      description: The source account.
      type: str
    name:
      description: Name of the source account.
      type: str
    region:
      description: The Region.
      type: str
    changed:
      description: Whether anything was, or in check mode would be, changed.
      type: bool
    failed:
      description: Whether it failed.
      type: bool
    msg:
      description: Why it failed and what to do.
      type: str
      returned: when it failed
    error_code:
      description: AWS's code of the error, or our own.
      type: str
      returned: when it failed
    diff:
      description: The key before and after, with policies in a normal form.
      type: dict
      returned: when something changed
    key_arn:
      description: As in RV(source_keys).
      type: str
      returned: when it did not fail
    alias_arn:
      description: As in RV(source_keys).
      type: str
      returned: when it did not fail
    kms_key_id:
      description: As in RV(source_keys).
      type: str
      returned: when it did not fail
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import keys
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import Problem

ARGUMENT_SPEC: dict[str, Any] = {
    **run.fleet_argument_spec(),
    **sessions.account_argument_spec(),
    "regions": {"type": "list", "elements": "str"},
    "alias": {"type": "str", "default": "golden-imagebuilder"},
    "destination_account_ids": {"type": "list", "elements": "raw", "default": []},
    "build_instance_role_arns": {"type": "list", "elements": "str", "default": []},
    "keys": {"type": "dict", "default": {}, "no_log": False},
    "description": {"type": "str"},
    "enable_key_rotation": {"type": "bool", "default": True, "no_log": False},
    "purge": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def read_options(params: dict[str, Any]) -> tuple[sessions.Target | None, list[str], keys.KeySettings, list[Problem]]:
    """Source, Regions, settings, and everything that is wrong with the options."""
    source, problems = sessions.parse_account(params["account"])
    regions = params["regions"] or (list(source.regions) if source else [])
    if not regions:
        problems.append(Problem("regions", "at least one Region is needed."))
    alias, found = keys.full_alias(params["alias"])
    problems += sessions.regions_problems(regions, "regions") if params["regions"] else []
    problems += sessions.account_ids_problems(params["destination_account_ids"], "destination_account_ids")
    problems += keys.given_keys_problems(params["keys"], regions)
    problems += keys.role_arns_problems(params["build_instance_role_arns"], "build_instance_role_arns")
    settings = keys.KeySettings(
        alias=alias,
        destination_account_ids=params["destination_account_ids"],
        build_instance_role_arns=params["build_instance_role_arns"],
        given=params["keys"],
        description=params["description"],
        rotation=params["enable_key_rotation"],
        purge=params["purge"],
        tags=params["tags"],
        purge_tags=params["purge_tags"],
    )
    return source, regions, settings, problems + found


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    source, regions, settings, problems = read_options(module.params)
    run.refuse(module, problems)
    fleet = sessions.Sessions(module)
    try:
        source = source or fleet.current_target(regions[0])
    except Exception as error:  # said in our own words, as for every other call
        code, explanation = run.explain(error)
        module.fail_json(msg=explanation, error_code=code)
    else:
        ensure = keys.ensure_key(fleet, settings, module.check_mode)
        outcomes = run.run(run.by_region(source, regions), ensure, module.params["concurrency"], regional=True)
        run.finish(module, outcomes, source_keys={str(outcome.region): outcome.result for outcome in outcomes if not outcome.failed})


if __name__ == "__main__":
    main()

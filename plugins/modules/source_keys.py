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
  - Runs may change the same key at the same time. KMS lets the later of two writes replace the earlier one, so each run looks again after its
    write and adds what it misses, until its own part stands.
  - In check mode it reports drift, with policies in a normal form where neither order nor the spelling of accounts counts.
notes:
  - The default key of a Region (C(aws/ebs)) can never be used by another account. An image encrypted with it, for example because encryption
    by default is on and the recipe names no key, builds well and fails when it is distributed.
  - A key works in its own Region only. A copy is read with the key of the build Region and written with that of its own, so the
    destinations are allowed to use both.
  - The destinations are trusted as accounts, not by the role of Image Builder in them, because a copy stays encrypted with the key and
    whoever launches it needs the key too. Who that is in the destination is up to IAM there. Auto Scaling in a destination needs a grant
    of its own, see O(auto_scaling_grants).
  - The owner's statement, which hands the key over to IAM of the source account, is written when a key is created and never after.
  - A key policy may have 32 KiB, which is enough for some 450 destinations. See O(organization_when_too_long) for more.
  - What is named as organization is trusted as everybody who meets a condition, as AWS documents it. In the source account, which is a member
    too, that allows the key to whoever may call KMS at all.
  - A principal that was deleted is an id such as C(AROA...) in a policy. In a diff it is marked. Ours is taken out; one in a statement of
    others is named in the error, as KMS takes no policy with it.
  - "The credentials need these actions in every Region: C(kms:DescribeKey), C(kms:GetKeyPolicy), C(kms:PutKeyPolicy),
    C(kms:GetKeyRotationStatus), C(kms:EnableKeyRotation), C(kms:DisableKeyRotation), C(kms:UpdateKeyDescription), C(kms:ListKeys),
    C(kms:ListAliases), C(kms:CreateAlias), C(kms:CreateKey), C(kms:ListResourceTags), C(kms:TagResource), C(kms:UntagResource), and
    C(kms:ScheduleKeyDeletion) for the case that two runs make the same key at the same time. Check mode needs those that only read."
  - "Some options need more: O(multi_region) C(kms:ReplicateKey); O(auto_scaling_grants), O(purge) and O(revoked_account_ids) C(kms:ListGrants),
    C(kms:CreateGrant) and C(kms:RevokeGrant); O(organization_when_too_long) C(organizations:DescribeOrganization), when it comes to that; and
    O(state=absent) C(ec2:DescribeSnapshots) and C(ec2:DescribeImages)."
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
  destination_organization_ids:
    description: Organizations of which every account may use the keys, each as its id (C(o-...)). The condition is C(aws:PrincipalOrgID).
    type: list
    elements: str
    default: []
  destination_organizational_unit_paths:
    description:
      - Organizational units of which every account, and every account in units below, may use the keys. The condition is
        C(aws:PrincipalOrgPaths).
      - Each is the path from the organization down to the unit, as C(o-a1b2c3d4e5/r-ab12/ou-ab12-11111111).
    type: list
    elements: str
    default: []
  organization_when_too_long:
    description:
      - Whether the organization is allowed the key when the list of O(destination_account_ids) would be too long for a key policy.
      - That is O(destination_organization_ids) and O(destination_organizational_unit_paths) where they are given, and else the organization
        of the source account, which is read. The module warns when it does so.
      - Accounts outside of the organization are not allowed then. Accounts that the policy names already stay, unless O(purge) is set.
      - With V(false), or when the organization cannot be read, a list that is too long is an error.
    type: bool
    default: true
  revoked_account_ids:
    description:
      - Ids of accounts that lose the keys, for example because they leave, and with them their grants for Auto Scaling. No other account does,
        where O(purge) would have to be told of every one that stays.
      - One that the key policy does not name has nothing to lose. To a member of an organization that is allowed the key, that still is allowed;
        the module warns of it.
    type: list
    elements: raw
    default: []
  build_instance_role_arns:
    description:
      - ARNs of the roles of build instances, when these need the key beyond what IAM of the source account gives them.
      - A role that was made a moment ago is waited for.
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
  multi_region:
    description:
      - Whether the keys are one multi-Region key, the primary key in the first of O(regions) and a replica in each other one, with the same key
        id everywhere. Each has its own alias and its own policy. Where the primary key is already, it stays.
      - A key of one Region cannot become one later. An O(alias) that names such a key is an error then.
      - With V(false), a multi-Region key that the alias names is used as it is.
    type: bool
    default: false
  auto_scaling_grants:
    description:
      - Whether Auto Scaling in each of O(destination_account_ids) gets a grant on the keys. Without it, Auto Scaling there cannot start instances
        from images that are encrypted with them.
      - The grant is for the service-linked role C(AWSServiceRoleForAutoScaling), which has to exist in the account.
    type: bool
    default: false
  purge:
    description:
      - Whether accounts, organizations and roles that are not named here lose what this module has once given them, grants included.
      - Only our own statements and grants are purged.
      - It belongs into runs that know all destinations, not into those that see a part of the inventory.
    type: bool
    default: false
  state:
    description:
      - With V(absent), the keys of O(alias) are deleted after O(pending_window_in_days).
      - Only a key that this module has made is deleted, and none with which a snapshot is still encrypted, as what is encrypted with a deleted
        key is lost. Until the period ends, the deletion can be cancelled at KMS.
      - The copies of images in destinations are encrypted with these keys. They are looked for in O(snapshot_accounts).
    type: str
    choices: [present, absent]
    default: present
  pending_window_in_days:
    description: How many days KMS waits before it deletes a key, 7 to 30.
    type: int
    default: 30
  snapshot_accounts:
    description:
      - Accounts besides the source in whose snapshots a key is looked for before it is deleted. Those of the destinations, as a rule.
      - Each is described as in O(golden.imagebuilder.destination_roles#module:targets).
    type: list
    elements: dict
    default: []
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

- name: One multi-Region key, which Auto Scaling of the destinations may use as well
  golden.imagebuilder.source_keys:
    alias: golden-everywhere
    regions: [us-west-2, eu-west-1]
    multi_region: true
    destination_account_ids: ["222222222222"]
    auto_scaling_grants: true

- name: A key for all accounts below an organizational unit
  golden.imagebuilder.source_keys:
    alias: golden-workloads
    regions: [us-west-2]
    destination_organizational_unit_paths: [o-a1b2c3d4e5/r-ab12/ou-ab12-11111111]

- name: Take the key away from accounts that left
  golden.imagebuilder.source_keys:
    regions: [us-west-2]
    destination_account_ids: ["222222222222"]
    purge: true

- name: Have a key deleted that no image needs any more, in the source or in a destination
  golden.imagebuilder.source_keys:
    alias: golden-workloads
    regions: [us-west-2]
    state: absent
    pending_window_in_days: 14
    snapshot_accounts:
      - account_id: "222222222222"
        assume_role_arn: OrganizationAccountAccessRole
"""

RETURN = r"""
source_keys:
  description: The key of each Region. A Region that failed is missing. Empty with O(state=absent).
  returned: always
  type: dict
  contains:
    key_arn:
      description: ARN of the key. In check mode the id of a key that would be created is C((known after creation)).
      type: str
    alias_arn:
      description: ARN of the alias, null for a key that was given and with O(state=absent).
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
      description: The key before and after, with policies in a normal form in which principals that were deleted are marked.
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
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import key_inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.key_deletion import delete_key
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.key_work import KeyWork
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import account_argument_spec

ARGUMENT_SPEC: dict[str, Any] = {
    **run.fleet_argument_spec(),
    **account_argument_spec(),
    "regions": {"type": "list", "elements": "str"},
    "alias": {"type": "str", "default": "golden-imagebuilder"},
    "destination_account_ids": {"type": "list", "elements": "raw", "default": []},
    "destination_organization_ids": {"type": "list", "elements": "str", "default": []},
    "destination_organizational_unit_paths": {"type": "list", "elements": "str", "default": []},
    "organization_when_too_long": {"type": "bool", "default": True},
    "revoked_account_ids": {"type": "list", "elements": "raw", "default": []},
    "build_instance_role_arns": {"type": "list", "elements": "str", "default": []},
    "keys": {"type": "dict", "default": {}, "no_log": False},
    "description": {"type": "str"},
    "enable_key_rotation": {"type": "bool", "default": True, "no_log": False},
    "multi_region": {"type": "bool", "default": False},
    "auto_scaling_grants": {"type": "bool", "default": False},
    "purge": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "pending_window_in_days": {"type": "int", "default": 30},
    "snapshot_accounts": {"type": "list", "elements": "dict", "default": []},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    source, regions, settings, problems = key_inputs.read_options(module.params)
    deletion, deletion_problems = key_inputs.read_deletion(module.params)
    run.refuse(module, problems + deletion_problems)
    fleet = sessions.Sessions(module)
    try:
        source = source or fleet.current_target(regions[0])
    except Exception as error:  # said in our own words, as for every other call
        code, explanation = run.explain(error)
        module.fail_json(msg=explanation, error_code=code)
    else:
        concurrency = module.params["concurrency"]
        if deletion:
            delete = delete_key(fleet, settings, deletion, check_mode=module.check_mode)
            run.finish(module, run.run(run.by_region(source, regions), delete, concurrency, regional=True), source_keys={})
        work = KeyWork(fleet, settings, check_mode=module.check_mode)
        outcomes = work.ensure(source, regions, concurrency)
        for warning in work.warnings:
            module.warn(warning)
        run.finish(module, outcomes, source_keys={str(outcome.region): outcome.result for outcome in outcomes if not outcome.failed})


if __name__ == "__main__":
    main()

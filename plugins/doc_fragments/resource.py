# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that the modules for Image Builder's resources share."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every resource module (`resource`), of those with versions (`resource.versioned`) and with resource policies
    (`resource.policy`), and of their info modules (`resource.info`, `resource.info_versioned`).
    """

    DOCUMENTATION = r"""
options:
  state:
    description:
      - Whether the resource is to be there.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name, which is what the resource is known by. It has 3 to 128 letters, digits, spaces, C(_) and C(-).
      - Names that differ only in upper and lower case, spaces or underscores are the same name to Image Builder, as they give the same ARN. To
        write to a resource under another spelling than its own is an error.
      - The resource's full ARN is taken too. It has to be one of the account and Region of the task.
      - Required, here or in O(cli_input_json).
    type: str
  cli_input_json:
    description:
      - What C(aws imagebuilder) takes with C(--cli-input-json), as it is, with the API's own names such as C(kmsKeyId).
      - A mapping, a JSON string, or C(file://) followed by the path of a JSON file on the host on which the module runs.
      - An option of the task replaces the member of the same name in it.
      - C(clientToken) and C(dryRun) in it are ignored.
    type: json
  tags:
    description:
      - Tags of the resource itself, up to 50. Keys may not start with C(aws:).
      - Without this option tags stay as they are; V({}) takes them all away unless O(purge_tags=false).
    type: dict
  purge_tags:
    description:
      - Whether tags that are not in O(tags) are taken away. This has no effect without O(tags).
    type: bool
    default: true
notes:
  - An option that is not given leaves its part of the resource as it is. An empty string, list or dictionary clears it. What is given of a
    nested option is all of it, so a suboption that is left out is taken away.
  - Where another resource of Image Builder is wanted, its ARN or its name will do, as V(web) for one without versions and V(web/1.0.x) or
    V(web/1.0.0) for one of its versions, V(x.x.x) being meant where none is given. Workflows have their type in front, as in
    V(build/web/1.0.x). A resource of another owner has the owner in front, as in V(aws:update-linux) or V(222222222222:harden/1.0.0). An
    option whose name ends in C(_arn) may then be written without that, as C(component) for C(component_arn).
  - Suboptions may be spelled in snake case, as documented here, or as the API spells them, such as C(kmsKeyId).
  - C(<<imagebuilder:buildDate>>) in any string, and likewise every other tag of Image Builder, is sent as C({{ imagebuilder:buildDate }}).
    The latter needs C(!unsafe) before the string in a playbook, as Ansible takes the braces for its own.
  - All mistakes in the options are reported together, each with the place where it is, before anything is written. They are in the result as
    RV(ignore:errors) too, a list of C(path) and C(message). Limits are those of the botocore that is installed; an option that it does not
    know is refused with a message that says so.
  - The credentials need C(sts:GetCallerIdentity), and the actions of Image Builder for the kind of resource (C(Get), C(Create), C(Update),
    C(Delete) and C(List)), C(imagebuilder:TagResource) and C(imagebuilder:UntagResource).
  - In check mode AWS is asked, with a dry run, whether it would create what is to be created, which needs the right to create it too. What AWS
    refuses is an error, as it would be in earnest. When the refused request names resources of Image Builder that are not there yet, which an
    earlier task of the same run would make, it is a warning.
  - With O(state=absent), what is in use is not deleted, and the error names what uses it. Check mode warns of that.
requirements:
  - botocore >= 1.40.0
"""

    VERSIONED = r"""
options:
  semantic_version:
    description:
      - The version. Content decides whether there is a new one, as a version never changes.
      - With C(x), as in V(1.0.x), unchanged content creates nothing, and changed content creates the next version. What the newest version
        holds and the task does not mention is kept. The first C(x) counts up, and begins with 0.
      - Without C(x), as in V(1.0.0), content that differs from that version is an error, which shows the difference and the next free
        version.
      - Everything right of the first C(x) has to be an C(x). No number may be above 1073741823. Quote it in YAML, which reads V(1.0) as a number.
      - With O(state=absent) it may be left out to delete all versions; with C(x) all versions that match are deleted, the newest first.
      - It may stand in O(name) instead, behind a slash, as in V(web/1.0.x).
    type: str
  keep:
    description:
      - With O(state=absent), how many of the newest versions stay, of all or of those that match O(semantic_version).
      - Of the older ones those are deleted that nothing refers to. What is left because something does is returned as RV(ignore:kept_in_use).
      - A reference with C(x) in its version refers to the newest version that matches.
    type: int
"""

    POLICY = r"""
options:
  policy:
    description:
      - The whole resource policy, by which other accounts may use the resource. It is a policy document, a dictionary or JSON.
      - Without this option the policy stays as it is. A new version has none but the one that is given.
      - Policies that mean the same are no change, whatever the order of statements, principals and actions.
      - AWS has no call that takes a policy away.
      - AWS recommends sharing with a resource share of AWS RAM instead. With a policy, RAM's C(PromoteResourceShareCreatedFromPolicy) has to be
        called before the accounts see the resource.
      - The credentials need C(imagebuilder:Get...Policy) and C(imagebuilder:Put...Policy) for the kind of resource.
    type: json
"""

    INFO = r"""
options:
  name:
    description:
      - The name of the resource. Upper and lower case, spaces and underscores do not count.
      - A version may stand behind it, as in V(web/1.0.x), and the owner in front, as in V(aws:update-linux). The full ARN is taken too.
      - Without O(name) and O(arn), everything of this kind in the Region is returned.
    type: str
  arn:
    description: The ARN of the resource.
    type: str
  filters:
    description:
      - Conditions that have to be met, as a dictionary of the filter's name and its value, or a list of values of which one has to be met.
      - Which there are is told for the C(List) action of the kind in the API reference of EC2 Image Builder.
    type: dict
notes:
  - The credentials need C(sts:GetCallerIdentity) and the C(Get) and C(List) actions of Image Builder for the kind of resource, and for what is
    included those that list or get it.
requirements:
  - botocore >= 1.40.0
"""

    INFO_VERSIONED = r"""
options:
  semantic_version:
    description:
      - The version. With C(x), as in V(1.0.x), the newest that matches is returned.
      - Without it, all versions are returned.
    type: str
  owner:
    description: Whose resources are listed. O(arn) finds those of any owner.
    type: str
    choices: [Self, Shared, Amazon, ThirdParty, AWSMarketplace]
    default: Self
"""

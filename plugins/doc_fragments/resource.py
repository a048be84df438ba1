# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that the modules for Image Builder's resources share."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every resource module (`resource`), of versioned ones (`resource.versioned`), and of their info modules (`resource.info`)."""

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
      - Names that differ only in upper and lower case, spaces or underscores are the same name to Image Builder, as they give the same ARN.
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
  - Suboptions may be spelled in snake case, as documented here, or as the API spells them, such as C(kmsKeyId).
  - C(<<imagebuilder:buildDate>>) in any string, and likewise every other tag of Image Builder, is sent as C({{ imagebuilder:buildDate }}).
    The latter needs C(!unsafe) before the string in a playbook, as Ansible takes the braces for its own.
  - All mistakes in the options are reported together, each with the place where it is, before anything is written. They are in the result as
    RV(ignore:errors) too, a list of C(path) and C(message). Limits are those of the botocore that is installed; an option that it does not
    know is refused with a message that says so.
  - The credentials need C(sts:GetCallerIdentity), and the actions of Image Builder for the kind of resource (C(Get), C(Create), C(Update),
    C(Delete) and C(List)), C(imagebuilder:TagResource) and C(imagebuilder:UntagResource). Check mode needs those that only read.
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
    type: str
"""

    INFO = r"""
options:
  name:
    description:
      - The name of the resource. Upper and lower case, spaces and underscores do not count.
      - Without O(name) and O(arn), everything of this kind in the Region is returned.
    type: str
  arn:
    description: The ARN of the resource.
    type: str
notes:
  - The credentials need C(sts:GetCallerIdentity) and the C(Get) and C(List) actions of Image Builder for the kind of resource.
requirements:
  - botocore >= 1.40.0
"""

    INFO_VERSIONED = r"""
options:
  semantic_version:
    description:
      - The version. With C(x), as in V(1.0.x), the newest that matches is returned, or all that match where O(owner) is not V(Self).
      - Without it, all versions are returned.
    type: str
  owner:
    description: Whose resources are listed. O(arn) finds those of any owner.
    type: str
    choices: [Self, Shared, Amazon, ThirdParty, AWSMarketplace]
    default: Self
"""

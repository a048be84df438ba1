#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action of the same name."""

DOCUMENTATION = r"""
module: report
short_description: Write what became of an image, as a page for people and as JSON for programs
version_added: 0.1.0
author: golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Puts together what M(golden.imagebuilder.image), M(golden.imagebuilder.distributed_ami_info) and the preflight checks returned, and writes it
    as one HTML page, as one JSON document, or both.
  - The page shows accounts by Regions, what needs attention with cause and remedy, and the time that the image spent in each state. It is one
    file that needs no network and asks for nothing; it can be filtered, printed and used with the keyboard, in light and in dark.
  - A delivery is in place when the account itself shows an AMI without a problem. What nobody could look at is told as not known.
  - All times come from the data, so the same data make the same files, and the task is changed only when a file is.
  - It runs on the controller and makes no call.
options:
  html_path:
    description:
      - Where to write the page, on the controller. Folders that are missing are made.
      - One of O(html_path) and O(json_path) is needed.
    type: path
  json_path:
    description: Where to write the JSON document, on the controller. Its members are described under C(report) in the return values.
    type: path
  mode:
    description:
      - The mode of the files, as octal digits in quotes, for example V('0644').
      - Without it, files that are there keep theirs, and new ones can be read by their owner only.
    type: raw
  title:
    description: The heading of the page. Without it, the name and the version of the image.
    type: str
  image_result:
    description:
      - What M(golden.imagebuilder.image) returned, also when it failed.
      - Without it and without O(outcomes), the report tells what O(findings) say of deliveries that are to come.
    type: dict
    default: {}
  targets:
    description:
      - The accounts, as O(golden.imagebuilder.distributed_ami_info#module:targets) takes them; the filter P(golden.imagebuilder.targets#filter)
        makes them of an inventory.
      - Each is expected to have the image in each of its C(regions). Beyond that, an image is expected where O(image_result) or O(outcomes) say so.
    type: list
    elements: dict
    default: []
  outcomes:
    description: RV(golden.imagebuilder.distributed_ami_info#module:outcomes), what each account answered.
    type: list
    elements: raw
    default: []
  findings:
    description:
      - What was found before the build. Each entry has C(severity), one of V(error), V(warning) and V(unknown), and C(check), the name of what was
        looked at; and as far as there are such, C(account_id), C(name), C(region), C(found), C(needed), C(remedy_task) and C(remedy_command).
    type: list
    elements: raw
    default: []
  waves:
    description: The wave of each account, by its id. When all are of one wave, no waves are shown.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed when in diff mode.
    support: full
  idempotent:
    description: Run again without a change, it changes nothing and says so.
    support: full
seealso:
  - module: golden.imagebuilder.image
  - module: golden.imagebuilder.distributed_ami_info
"""

EXAMPLES = r"""
- name: What became of the image
  golden.imagebuilder.report:
    html_path: reports/web.html
    json_path: reports/web.json
    mode: "0644"
    targets: "{{ groups['image_builder_destinations'] | map('extract', hostvars) | golden.imagebuilder.targets }}"
    image_result: "{{ image_result }}"
"""

RETURN = r"""
html_path:
  description: The absolute path of the page.
  returned: when O(html_path) is given
  type: str
json_path:
  description: The absolute path of the JSON document.
  returned: when O(json_path) is given
  type: str
verdict:
  description: The whole in one sentence.
  returned: when the options are valid
  type: dict
  contains: &verdict
    state:
      description:
        - V(complete) when every delivery is in place, V(incomplete) when some are not, V(failed) when Image Builder says that the image failed,
          V(running) when it is being made, V(planned) when nothing was begun.
      type: str
    sentence: {description: The same in words., type: str, sample: 47 of 48 deliveries are in place.}
    delivered: {description: How many deliveries are in place., type: int}
    expected: {description: How many there are to be., type: int}
    verified: {description: Of how many the account itself was asked., type: int}
counts:
  description: How many deliveries there are in each state.
  returned: when the options are valid
  type: dict
  sample: {failed: 1, wrong: 0, missing: 0, unknown: 0, pending: 0, delivered: 47}
report:
  description:
    - What the JSON document holds; the task itself does not return it. C(version) rises when a reader has to change, as a member goes away or
      means something else. New members do not raise it, so a reader has to leave alone those that it does not know.
  returned: never, it is written to O(json_path)
  type: dict
  contains:
    format: {description: "Always V(golden.imagebuilder.report).", type: str}
    version: {description: The version of what is described here., type: int, sample: 1}
    title: {description: The heading., type: str}
    started: {description: "When the image was begun, in ISO 8601 and UTC; null when that is not known.", type: str}
    ended: {description: "When it was done; null when that is not known, or while it is being made.", type: str}
    seconds: {description: "How long that took, the sum of C(history); null when that is not known.", type: int}
    verdict:
      description: The whole in one sentence.
      type: dict
      contains: *verdict
    counts: {description: How many deliveries there are in each state., type: dict}
    image:
      description: The image; null when there is none.
      type: dict
      contains:
        arn: {description: Its ARN., type: str}
        name: {description: Its name., type: str}
        version: {description: Its version with its build., type: str}
        account_id: {description: The account in which it was built., type: str}
        state: {description: Its state as Image Builder tells it., type: str}
        reason: {description: "Why the task that makes it failed, or null.", type: str}
        amis:
          description: Its AMIs in that account.
          type: list
          elements: dict
          contains:
            region: {description: The Region., type: str}
            image_id: {description: The id., type: str}
            name: {description: The name., type: str}
    history:
      description: The states that the image went through, in this order.
      type: list
      elements: dict
      contains:
        state: {description: The state., type: str, sample: BUILDING}
        since: {description: When it began., type: str}
        seconds: {description: How long it lasted., type: int}
    failures:
      description: What failed before the image was distributed.
      type: list
      elements: dict
      contains: &diagnosis
        step: {description: The step., type: str}
        message: {description: What AWS said., type: str}
        cause: {description: What that means., type: str}
        remedy: {description: What to do., type: str}
    waves:
      description: The waves, in the order in which they are run.
      type: list
      elements: dict
      contains:
        wave: {description: Its name., type: str}
        accounts: {description: How many accounts are in it., type: int}
        state: &tally_state {description: "The worst state among its deliveries, V(not_asked) when there is none.", type: str}
        delivered: &tally_delivered {description: How many of its deliveries are in place., type: int}
        expected: &tally_expected {description: How many deliveries it is to have., type: int}
    accounts:
      description: The accounts, in the order of O(targets).
      type: list
      elements: dict
      contains:
        account_id: {description: The account., type: str}
        name: {description: Its name., type: str}
        wave: {description: Its wave or null., type: str}
        state: *tally_state
        delivered: *tally_delivered
        expected: *tally_expected
    regions:
      description: The Regions.
      type: list
      elements: dict
      contains:
        region: {description: The Region., type: str}
        state: *tally_state
        delivered: *tally_delivered
        expected: *tally_expected
    deliveries:
      description: One entry for each account and Region that is to have the image.
      type: list
      elements: dict
      contains:
        account_id: {description: The account., type: str}
        name: {description: Its name., type: str}
        region: {description: The Region., type: str}
        wave: {description: Its wave or null., type: str}
        state:
          description:
            - V(delivered) the AMI is there and as it should be, V(wrong) it is there and is not, V(missing) there is none, V(failed) Image Builder
              or EC2 noted a failure, V(unknown) it could not be looked at, V(pending) it is not to be expected yet.
          type: str
        verified: {description: Whether that is the account's own word. Else it is Image Builder's., type: bool}
        image_id: {description: The AMI or null., type: str}
        ami_name: {description: Its name or null., type: str}
        ami_state: {description: Its state in the account or null., type: str}
        creation_date: {description: When it was made or null., type: str}
        encrypted: {description: "Whether every snapshot of it is encrypted, null when that is not known.", type: bool}
        kms_key_id: {description: The key of its snapshots or null., type: str}
        expected_kms_key: {description: The key that was expected or null., type: str}
        tags: {description: Its tags., type: dict}
        problems: {description: What is not as it should be., type: list, elements: str}
        diagnoses:
          description: What Image Builder noted as failed.
          type: list
          elements: dict
          contains: *diagnosis
        findings: {description: The findings that concern it by their C(id)., type: list, elements: int}
    findings:
      description: What was found before the build, the gravest first.
      type: list
      elements: dict
      contains:
        id: {description: Its place in this list., type: int}
        severity: {description: "V(error), V(warning) or V(unknown).", type: str}
        check: {description: The name of what was looked at., type: str}
        account_id: {description: The account or null., type: str}
        name: {description: Its name or null., type: str}
        region: {description: The Region or null., type: str}
        found: {description: What there is., type: str}
        needed: {description: What there has to be., type: str}
        remedy_task: {description: An Ansible task that mends it., type: str}
        remedy_command: {description: A command that mends it., type: str}
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

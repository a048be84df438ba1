#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What images there are."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_info
short_description: Tell about images of EC2 Image Builder, where they are and why they failed
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Returns images, that is builds, with their state, their AMIs in all accounts and Regions, and for failed ones each failure with cause and
    remedy.
  - Without O(arn), O(name), O(image_recipe_arn) and O(container_recipe_arn), all images of the account in the Region are returned.
  - What does not exist is not an error, the list is then empty.
notes:
  - The credentials need C(imagebuilder:GetImage), C(imagebuilder:ListImages), C(imagebuilder:ListImageBuildVersions) and
    C(sts:GetCallerIdentity).
options:
  arn:
    description:
      - ARN of an image build version, such as C(arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/1).
      - Without the build at its end, all builds of that version are returned. With C(x) in the version, the newest build that matches.
    type: str
  name:
    description: The name of the images, which is that of their recipe. Upper and lower case, spaces and underscores do not count.
    type: str
  semantic_version:
    description: Only images of this version of O(name). It may have C(x), as in V(1.0.x).
    type: str
  image_recipe_arn:
    description: ARN of an image recipe. The images built of it in this account are returned.
    type: str
  container_recipe_arn:
    description: ARN of a container recipe. The images built of it in this account are returned.
    type: str
  limit:
    description: Return only so many builds of each version, the newest. All are returned without it.
    type: int
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
    name: web
    semantic_version: 1.0.0
    limit: 1
  register: web

- name: Show it
  golden.imagebuilder.table:
    rows: "{{ web.images[0].failures }}"
    columns: [account_id, region, cause, remedy]

- name: Look at one build
  golden.imagebuilder.image_info:
    region: us-west-2
    arn: arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/1
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
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import account_argument_spec
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds, engine, schema, versions
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import arn as arn_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import InvalidInput, Problem

ARGUMENT_SPEC: dict[str, Any] = {
    **account_argument_spec(),
    "arn": {"type": "str"},
    "name": {"type": "str"},
    "semantic_version": {"type": "str"},
    "image_recipe_arn": {"type": "str"},
    "container_recipe_arn": {"type": "str"},
    "limit": {"type": "int"},
}


def check(params: Mapping[str, Any]) -> None:
    """Raise InvalidInput with every mistake in the options."""
    shapes = {
        "arn": schema.input_shape("GetImage").members["imageBuildVersionArn"],
        "image_recipe_arn": IMAGE.create_shape.members["imageRecipeArn"],
        "container_recipe_arn": IMAGE.create_shape.members["containerRecipeArn"],
        "name": schema.input_shape("CreateImageRecipe").members["name"],
    }
    problems = [problem for name, shape in shapes.items() if params[name] for problem in schema.to_request(shape, params[name], name)[1]]
    try:
        versions.parse(params["semantic_version"] or "x.x.x")
    except ValueError as error:
        problems.append(Problem("semantic_version", str(error)))
    if params["limit"] is not None and params["limit"] < 1:
        problems.append(Problem("limit", "has to be 1 or more."))
    if problems:
        raise InvalidInput(problems)


def find(session: engine.Session, params: Mapping[str, Any]) -> list[Description]:
    """The images that are meant. Raises ImageBuilderError."""
    arn = params["arn"]
    if arn and (arn.count("/") == 3 or "x" in arn.rsplit("/", 1)[1]):
        image = builds.get_image(session.api, arn)
        return [image] if image else []
    return builds.find_images(session.api, [arn] if arn else image_versions(session, params), params["limit"])


def image_versions(session: engine.Session, params: Mapping[str, Any]) -> list[str]:
    """ARNs of the image versions that are meant, the newest version of each name first. Raises ImageBuilderError."""
    recipe = params["image_recipe_arn"] or params["container_recipe_arn"]
    name, wanted = params["name"] or "", versions.parse(params["semantic_version"] or "x.x.x")
    if recipe:
        _path, name, version = recipe.split("/")
        wanted = versions.parse(version)
    start = arn_of(IMAGE, session.identity, name) + ("/" if name else "")
    found = []
    for entry in session.api.pages("ListImages"):
        prefix, _slash, text = entry["arn"].rpartition("/")
        version = versions.parse(text)
        if entry["arn"].startswith(start) and wanted.matches(version):
            found.append((prefix, [-number for number in version.order], entry["arn"]))
    return [version_arn for _prefix, _order, version_arn in sorted(found)]


def answer(module: AnsibleAWSModule) -> dict[str, Any]:
    """The module's result."""
    check(module.params)
    return {"changed": False, "images": [images.image_info(image) for image in find(engine.open_session(module), module.params)]}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("arn", "name", "image_recipe_arn", "container_recipe_arn")],
        required_by={"semantic_version": ("name",)},
    )
    engine.answer(module, lambda: answer(module))


if __name__ == "__main__":
    main()

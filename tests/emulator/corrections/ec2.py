# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidAMIIdError, MalformedAMIIdError
from moto.ec2.models import EC2Backend, SettingsBackend
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.models.launch_templates import LaunchTemplateBackend
from moto.ec2.responses import EC2Response
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import generic_filter

from .. import accounts, images
from . import replaces
from .quotas import most_shared

# Whether images can be made public is a setting of an account in a Region. AWS blocks it in accounts that never had public images.
_UNBLOCKED, _BLOCKED = "unblocked", "block-new-sharing"
_MOST_VERSIONS = 10_000  # that a launch template can have


@replaces(AmiBackend, "_load_amis")
def load_amis(original: Callable[..., None], self: Any) -> None:
    """Amazon's AMIs are public images of Amazon's accounts. moto makes 1,300 copies for every account and Region, 0.15 s each time."""
    if self.account_id == images.AMAZON:
        original(self)
        for image in self.amis.values():
            image.launch_permissions = [{"Group": "all"}]


@replaces(Ami, "block_device_mappings", is_property=True)
def block_device_mappings(_original: Any, self: Any) -> list[dict[str, Any]]:
    """An image shows the devices it was made with, and which of them are encrypted. moto shows one of 15 GiB."""
    return images.block_device_mappings(self)


@replaces(AmiBackend, "describe_images")
def describe_images(
    _original: Callable[..., Any],
    self: Any,
    ami_ids: list[str] | None = None,
    filters: dict[str, Any] | None = None,
    exec_users: list[str] | None = None,
    owners: list[str] | None = None,
) -> list[Any]:
    """An account sees its own images, public ones, and those that others share with it, and filters narrow a list of ids too.

    moto shows an account its own images only, and ignores filters and owners when ids are given.
    """
    malformed = [image_id for image_id in ami_ids or () if not image_id.startswith("ami-")]
    if malformed:
        raise MalformedAMIIdError(malformed)
    found: Iterable[Any] = images.visible_images(self.account_id, self.region_name)
    if ami_ids:
        found = _by_id(self, ami_ids)
    elif owners and set(owners) <= {"self", self.account_id}:
        found = list(self.amis.values())
    if owners:
        wanted = {self.account_id if owner == "self" else owner for owner in owners}
        found = [image for image in found if image.owner_id in wanted or image.owner_alias in wanted]
    if exec_users:
        users = {self.account_id if user == "self" else user for user in exec_users}
        found = [image for image in found if any(users & {one.get("UserId"), one.get("Group")} for one in image.launch_permissions)]
    listed = list(found)
    return list(generic_filter(filters, listed)) if filters else listed


def _by_id(backend: Any, image_ids: list[str]) -> list[Any]:
    """Return the images of these ids. Raises when one is missing; one that was deregistered here is no error."""
    wanted = [image_id for image_id in dict.fromkeys(image_ids) if image_id not in backend.deleted_amis]
    found = {image_id: images.find_image(backend.account_id, backend.region_name, image_id) for image_id in wanted}
    missing = [image_id for image_id, image in found.items() if image is None]
    if missing:
        raise InvalidAMIIdError(missing)
    return list(found.values())


@replaces(AmiBackend, "modify_image_attribute")
def modify_image_attribute(
    original: Callable[..., None],
    self: Any,
    ami_id: str,
    launch_permissions_to_add: list[dict[str, str]],
    launch_permissions_to_remove: list[dict[str, str]],
) -> None:
    """Only the owner may change an image, and publish it only where the account does not block that."""
    own(self, ami_id)
    if {"Group": "all"} in launch_permissions_to_add and self.image_block_public_access_state() == _BLOCKED:
        message = "You can't publicly share this image because block public access for AMIs is enabled for this account and Region."
        raise EC2ClientError("OperationNotPermitted", message)
    entities = [*self.amis[ami_id].launch_permissions, *launch_permissions_to_add]
    most = most_shared(self.account_id, self.region_name)
    if len({str(entity) for entity in entities if "Group" not in entity}) > most:
        raise EC2ClientError("ResourceLimitExceeded", f"You have reached your quota of {most} entities with which an AMI is shared.")
    original(self, ami_id, launch_permissions_to_add, launch_permissions_to_remove)


@replaces(AmiBackend, "describe_image_attribute")
def describe_image_attribute(original: Callable[..., Any], self: Any, ami_id: str, *args: Any, **kwargs: Any) -> Any:
    """Only the owner may look at an image's attributes; moto fails with KeyError when there is no such image."""
    own(self, ami_id)
    return original(self, ami_id, *args, **kwargs)


def own(backend: Any, image_id: str) -> None:
    """Raise the error that EC2 gives to who does not own the image."""
    if image_id in backend.amis:
        return
    if images.find_image(backend.account_id, backend.region_name, image_id):
        raise EC2ClientError("AuthFailure", f"Not authorized for image:{image_id}")
    raise InvalidAMIIdError(image_id)


@replaces(EC2Response, "enable_image_deprecation")
def enable_image_deprecation(_original: None, self: Any) -> ActionResult:
    """Set when an image will be deprecated. moto has no such operation."""
    self.error_on_dryrun()
    image_id = self._get_param("ImageId")
    own(self.ec2_backend, image_id)
    when = self._get_param("DeprecateAt")
    images.deprecate_image(self.ec2_backend.amis[image_id], _time(when))
    return ActionResult({"Return": True})


def _time(given: Any) -> datetime:
    return given if isinstance(given, datetime) else datetime.fromisoformat(str(given).replace("Z", "+00:00"))


@replaces(EC2Response, "disable_image_deprecation")
def disable_image_deprecation(_original: None, self: Any) -> ActionResult:
    """Take that back. moto has no such operation."""
    self.error_on_dryrun()
    image_id = self._get_param("ImageId")
    own(self.ec2_backend, image_id)
    images.restore_image(self.ec2_backend.amis[image_id])
    return ActionResult({"Return": True})


@replaces(EC2Response, "copy_image")
def copy_image(_original: Callable[..., Any], self: Any) -> ActionResult:
    """CopyImage copies what the account may see, encrypts the copy, looks at the keys, and makes only so many copies at a time.

    moto copies from the same account only, and never encrypts.
    """
    source_id, source_region = self._get_param("SourceImageId"), self._get_param("SourceRegion")
    self.error_on_dryrun()
    caller = accounts.caller_of(self.get_access_key(), self.partition)
    source = images.find_image(caller.account_id, source_region, source_id)
    if source is None:
        raise InvalidAMIIdError(source_id)
    images.require_room(caller.account_id, self.region)
    tags = self._parse_tag_specification()
    image = images.copy_image(
        caller,
        self.region,
        source,
        source_region,
        self._get_param("Name"),
        description=self._get_param("Description", ""),
        encrypted=bool(self._get_bool_param("Encrypted", False)),
        kms_key_id=self._get_param("KmsKeyId"),
        tags=tags.get("image"),
        snapshot_tags=tags.get("snapshot"),
    )
    return ActionResult({"ImageId": image.id})


@replaces(EC2Backend, "get_ebs_default_kms_key_id")
def backend_default_key(_original: None, self: Any) -> str:
    """The key ARN that new volumes get: the account's choice, or alias/aws/ebs."""
    return str(self.default_kms_key_id or self._create_default_encryption_key())


@replaces(EC2Response, "get_ebs_default_kms_key_id")
def get_ebs_default_kms_key_id(_original: None, self: Any) -> ActionResult:
    """AWS names the key ARN once a key was chosen, and alias/aws/ebs before. moto has no such operation."""
    self.error_on_dryrun()
    return ActionResult({"KmsKeyId": self.ec2_backend.default_kms_key_id or "alias/aws/ebs"})


@replaces(EC2Response, "reset_ebs_default_kms_key_id")
def reset_ebs_default_kms_key_id(_original: None, self: Any) -> ActionResult:
    """Back to alias/aws/ebs. moto has no such operation."""
    self.error_on_dryrun()
    self.ec2_backend.default_kms_key_id = ""
    return ActionResult({"KmsKeyId": "alias/aws/ebs"})


@replaces(SettingsBackend, "image_block_public_access_state")
def backend_block_state(_original: None, self: Any) -> str:
    """The state of an account in a Region."""
    return str(self.__dict__.get("block_public_images", _BLOCKED))


@replaces(EC2Response, "get_image_block_public_access_state")
def get_image_block_public_access_state(_original: None, self: Any) -> ActionResult:
    """moto has no such operation."""
    self.error_on_dryrun()
    return ActionResult({"ImageBlockPublicAccessState": self.ec2_backend.image_block_public_access_state(), "ManagedBy": "account"})


@replaces(EC2Response, "enable_image_block_public_access")
def enable_image_block_public_access(_original: None, self: Any) -> ActionResult:
    """moto has no such operation."""
    self.error_on_dryrun()
    self.ec2_backend.block_public_images = _BLOCKED
    return ActionResult({"ImageBlockPublicAccessState": _BLOCKED})


@replaces(EC2Response, "disable_image_block_public_access")
def disable_image_block_public_access(_original: None, self: Any) -> ActionResult:
    """moto has no such operation."""
    self.error_on_dryrun()
    self.ec2_backend.block_public_images = _UNBLOCKED
    return ActionResult({"ImageBlockPublicAccessState": _UNBLOCKED})


@replaces(LaunchTemplateBackend, "describe_launch_templates")
def describe_launch_templates(original: Callable[..., list[Any]], self: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """A template shows the tags that it has. moto shows for ever those that it was made with."""
    found = original(self, *args, **kwargs)
    for template in found:
        template.tags = template.get_tags()
    return found


@replaces(LaunchTemplateBackend, "describe_launch_template_versions")
def describe_launch_template_versions(original: Callable[..., list[Any]], self: Any, **arguments: Any) -> list[Any]:
    """All versions that are asked for. moto answers the first 15 and does not say that there are more."""
    return original(self, **{**arguments, "max_results": max(arguments["max_results"], _MOST_VERSIONS)})


@replaces(LaunchTemplates, "create_launch_template")
def create_launch_template(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """The call's own tag specifications tag the template. moto also puts them into the template's data, as if instances were to be tagged."""
    own = list(self._get_param("LaunchTemplateData", {}).get("TagSpecifications", []))
    answer = original(self)
    identifier = answer.result["LaunchTemplate"]["LaunchTemplateId"]
    data = self.ec2_backend.get_launch_template(identifier).versions[0].data
    data.pop("TagSpecifications", None)
    if own:
        data["TagSpecifications"] = own
    return answer


@replaces(LaunchTemplates, "create_launch_template_version")
def create_launch_template_version(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """A version has all of its source version that it is not given itself, and the same request with the same token makes it once.

    moto takes no notice of either.
    """
    identifier, name = self._get_param("LaunchTemplateId"), self._get_param("LaunchTemplateName")
    template = self.ec2_backend.get_launch_template(identifier) if identifier else self.ec2_backend.get_launch_template_by_name(name)
    made = template.__dict__.setdefault("answers_by_token", {})
    token, source = self._get_param("ClientToken"), self._get_param("SourceVersion")
    inherited = dict(template.get_version(source).data) if source else {}
    if token not in made:
        answer = original(self)
        data = answer.result["LaunchTemplateVersion"]["LaunchTemplateData"]
        data.update({**inherited, **data})
        if not token:
            return answer
        made[token] = answer
    return made[token]

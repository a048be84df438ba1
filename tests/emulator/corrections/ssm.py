# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Systems Manager parameters."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from moto.ssm.exceptions import SSMException, ValidationException
from moto.ssm.models import SimpleSystemManagerBackend

from .. import images
from . import replaces


class _TypeMismatchError(SSMException):
    def __init__(self, message: str) -> None:
        super().__init__("HierarchyTypeMismatchException", message)


@replaces(SimpleSystemManagerBackend, "put_parameter")
def put_parameter(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """A parameter of type aws:ec2:image holds the id of an AMI that the account can see. moto takes any text.
    A parameter keeps its type.

    AWS refuses at once what is no AMI id. Whether the AMI is there it looks up after it has answered, and says nothing: the version of a
    parameter that names none just never comes to be.
    """
    given = inspect.signature(original).bind(self, *args, **kwargs).arguments
    value, is_image = given.get("value") or "", given.get("data_type") == "aws:ec2:image"
    if is_image and not re.fullmatch(r"ami-[0-9a-f]{8}([0-9a-f]{9})?", value):
        raise ValidationException(f"The provided value {value} is not a valid AMI ID.")
    versions = dict.get(self._parameters, given["name"], [])
    if versions and given.get("parameter_type") and versions[-1].parameter_type != given["parameter_type"]:
        raise _TypeMismatchError(f"The parameter {given['name']} is a {versions[-1].parameter_type}, and its type cannot be changed.")
    parameter = original(self, *args, **kwargs)
    if is_image and images.find_image(self.account_id, self.region_name, value) is None:
        versions = self._parameters[given["name"]]
        versions.remove(parameter)
        if not versions:
            del self._parameters[given["name"]]
    return parameter

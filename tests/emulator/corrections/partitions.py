# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which partition a request is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import BaseResponse

from . import replaces

_HOSTS_WITHOUT_REGION = {"us-gov": "us-gov-west-1"}


@replaces(BaseResponse, "get_region_from_url")
def get_region_from_url(original: Callable[..., str], self: Any, request: Any, full_url: str) -> str:
    """IAM of GovCloud answers at iam.us-gov.amazonaws.com. moto takes `us-gov` for a Region, and one of the partition aws."""
    region = original(self, request, full_url)
    return _HOSTS_WITHOUT_REGION.get(region, region)

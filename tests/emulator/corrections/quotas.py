# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service Quotas: with how many an AMI may be shared, which EC2 holds to. moto knows quotas of VPCs only, and no way to ask for more."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.servicequotas.models import ServiceQuotasBackend, servicequotas_backends
from moto.servicequotas.responses import ServiceQuotasResponse

from . import replaces

SHARING = ("ec2", "L-70015FFA")
_SHARED = 1000.0


@replaces(ServiceQuotasBackend, "get_service_quota")
def get_service_quota(original: Callable[..., dict[str, Any]], self: Any, service_code: str, quota_code: str) -> dict[str, Any]:
    """A quota of an account in a Region."""
    if (service_code, quota_code) != SHARING:
        return original(self, service_code, quota_code)
    value = self.__dict__.get("raised", {}).get(SHARING, _SHARED)
    return {"ServiceCode": service_code, "QuotaCode": quota_code, "QuotaName": "AMI sharing", "Value": value, "Adjustable": True}


@replaces(ServiceQuotasResponse, "request_service_quota_increase")
def request_service_quota_increase(_original: None, self: Any) -> str:
    """Ask for more. AWS looks at it for hours or days; here it is granted at once."""
    backend = servicequotas_backends[self.current_account][self.region]
    asked = json.loads(self.body)
    quota, desired = (asked["ServiceCode"], asked["QuotaCode"]), float(asked["DesiredValue"])
    backend.__dict__.setdefault("raised", {})[quota] = desired
    request = {"Id": "1", "ServiceCode": quota[0], "QuotaCode": quota[1], "DesiredValue": desired, "Status": "APPROVED"}
    return json.dumps({"RequestedQuota": request})


def most_shared(account_id: str, region: str) -> int:
    """Return with how many an account may share an AMI in a Region."""
    return int(servicequotas_backends[account_id][region].get_service_quota(*SHARING)["Value"])

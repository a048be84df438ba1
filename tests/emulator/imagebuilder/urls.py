# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the service answers, in moto's form."""

from __future__ import annotations

from .responses import ImageBuilderResponse

url_bases = [r"https?://imagebuilder\.(.+)\.amazonaws\.com"]

# The operation is found by method and path in botocore's model, so one handler takes everything.
url_paths = {
    "{0}/tags/(?P<resource_arn>.+)$": ImageBuilderResponse.dispatch,
    "{0}/(?P<operation>[^/]+)$": ImageBuilderResponse.dispatch,
}

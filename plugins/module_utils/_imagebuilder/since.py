# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What botocore learned of Image Builder after 1.40.0, up to 1.44.5, and with which version. Private to this collection.

Written by tools/since.py; an option that the installed botocore lacks is refused with the version that brings it.
"""

from __future__ import annotations

from collections.abc import Mapping

OPERATIONS: Mapping[str, str] = {
    "DistributeImage": "1.41.1",
    "RetryImage": "1.41.1",
}

MEMBERS: Mapping[str, Mapping[str, str]] = {
    "CreateImagePipelineRequest": {
        "imageTags": "1.42.88",
        "loggingConfiguration": "1.40.41",
    },
    "CreateImageRecipeRequest": {
        "amiTags": "1.40.41",
        "amiWatermarks": "1.43.37",
    },
    "CreateImageRequest": {
        "loggingConfiguration": "1.40.41",
    },
    "CreateInfrastructureConfigurationRequest": {
        "parentInstance": "1.43.114",
        "terminateInstanceOnCompletion": "1.43.114",
    },
    "ImageScanningConfiguration": {
        "imageScanningTypes": "1.43.122",
        "scanResultCondition": "1.43.122",
    },
    "ImportDiskImageRequest": {
        "loggingConfiguration": "1.40.41",
        "registerImageOptions": "1.42.91",
        "windowsConfiguration": "1.42.91",
    },
    "ImportVmImageRequest": {
        "loggingConfiguration": "1.40.41",
    },
    "Schedule": {
        "autoDisablePolicy": "1.40.41",
    },
    "StartImagePipelineExecutionRequest": {
        "tags": "1.40.41",
    },
    "UpdateImagePipelineRequest": {
        "imageTags": "1.42.88",
        "loggingConfiguration": "1.40.41",
    },
    "UpdateInfrastructureConfigurationRequest": {
        "parentInstance": "1.43.114",
        "terminateInstanceOnCompletion": "1.43.114",
    },
}

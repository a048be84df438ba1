# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of the service. Nothing runs in the background: whoever asks anything first brings all to where it should be by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import images, lifecycle, pipeline_runs
from .models import imagebuilder_backends

if TYPE_CHECKING:
    from .models import ImageBuilderBackend


def advance(backend: ImageBuilderBackend) -> None:
    """Bring an account and Region to where it should be by now."""
    for image in images.own_images(backend):
        image.advance()
    with backend.lock:
        lifecycle.advance(backend)
        pipeline_runs.run_due(backend)


def advance_everywhere() -> None:
    """Bring everything to where it should be by now, so that what others see of it (AMIs, parameters) is as far as the images are."""
    for regions in list(imagebuilder_backends.values()):
        for backend in list(regions.values()):
            advance(backend)

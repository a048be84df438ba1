# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks for single tests whose examples an older botocore cannot carry; `make matrix` runs the tests with the oldest that is supported.

A mark asks the installed botocore itself, so it lapses where that has learned what is needed, and with the newest nothing is skipped. A test that
can take an example which every supported botocore knows, takes it and needs no mark.
"""

from __future__ import annotations

import inspect
import re

import botocore
import botocore.httpsession
import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema


def _needs(known: bool, what: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not known, reason=f"botocore {botocore.__version__} does not know {what}")


def needs_operation(name: str) -> pytest.MarkDecorator:
    """Skip where Image Builder has no such operation (`RetryImage`)."""
    return _needs(name in schema.service_model().operation_names, name)


def needs_member(shape: str, member: str) -> pytest.MarkDecorator:
    """Skip where a structure of Image Builder has no such member (`CreateImageRecipeRequest`, `amiTags`)."""
    return _needs(member in schema.service_model().shape_for(shape).members, f"{shape}.{member}")


def needs_open_version(shape: str, path: str) -> pytest.MarkDecorator:
    """Skip where an ARN has to name an exact version (`ImageRecipeArn`, `image-recipe`), as those of recipes had to at first."""
    pattern = schema.service_model().shape_for(shape).metadata["pattern"]
    known = re.search(pattern, f"arn:aws:imagebuilder:us-west-2:111111111111:{path}/web/x.x.x") is not None
    return _needs(known, f"open versions in {shape}")


def answers_are_unmeasured() -> bool:
    """Whether nobody compares an answer with the length that was announced; an older botocore leaves it to urllib3, which does."""
    return "enforce_content_length=False" in inspect.getsource(botocore.httpsession)


def needs_unmeasured_answers() -> pytest.MarkDecorator:
    """Skip where somebody compares an answer with the length that was announced."""
    return _needs(answers_are_unmeasured(), "answers whose length nobody compares")

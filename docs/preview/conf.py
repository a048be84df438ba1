# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How `make docs` has Sphinx make HTML of the pages that antsibull-docs wrote. Nothing is asked of the network."""

from __future__ import annotations

from typing import Any

from docutils import nodes

project = "golden.imagebuilder"
html_title = html_short_title = "golden.imagebuilder"
copyright = "2026 golden.imagebuilder contributors"

extensions = ["sphinx_antsibull_ext"]

highlight_language = "YAML+Jinja"
pygments_style = "ansible"
default_role = "any"

html_theme = "furo"
html_show_sphinx = False
html_use_index = False
html_copy_source = False

# Until the first release the page of changes is empty, and has no title.
suppress_warnings = ["toc.no_title"]

ANSIBLE = "https://docs.ansible.com/ansible/latest"
PAGES_OF_ANSIBLE = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "ansible_collections.amazon.aws.docsite.aws_authentication": "collections/amazon/aws/docsite/aws_authentication.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "inventory_plugins": "plugins/inventory.html",
}
"""What the pages of plugins refer to in Ansible's own documentation, by label. Its index is not fetched."""


def page_of_ansible(_app: Any, _environment: Any, node: Any, content: Any) -> Any:
    """The link for a reference that these pages do not resolve; None for one that is broken."""
    page = PAGES_OF_ANSIBLE.get(node["reftarget"])
    return nodes.reference("", "", content, refuri=f"{ANSIBLE}/{page}") if page else None


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", page_of_ansible)

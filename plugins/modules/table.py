#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print rows as a table of text."""

from __future__ import annotations

DOCUMENTATION = r"""
module: table
short_description: Print rows as a table of text
version_added: 0.1.0
author: golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Prints a list of mappings as a table, among the output of the play. The roles of this collection show with it what was delivered where.
options:
  rows:
    description: The rows.
    type: list
    elements: dict
    required: true
  columns:
    description: The keys of the rows to show, in this order. They are the headings too, with blanks for underscores.
    type: list
    elements: str
    required: true
  title:
    description: A line above the table.
    type: str
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed when in diff mode.
    support: none
    details: Nothing is ever changed.
"""

EXAMPLES = r"""
- name: Show what arrived
  golden.imagebuilder.table:
    title: Delivered
    rows: "{{ image_result.amis }}"
    columns: [account_id, region, image, state]
"""

RETURN = r"""
lines:
  description: The lines of the table.
  returned: always
  type: list
  elements: str
"""

// Copyright (c) 2026 golden.imagebuilder contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Answers each line of standard input, a list of simulations, with a line that is the list of their results (see policy_evaluator.py).
'use strict'

const { createInterface } = require('node:readline')
const { runSimulation } = require('@cloud-copilot/iam-simulate')

async function evaluate(simulation) {
  const { errors, overallResult, result } = await runSimulation(simulation, {})
  return { errors, verdict: overallResult, ignored: result && result.ignoredContextKeys }
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    const results = await Promise.all(JSON.parse(line).map(evaluate))
    process.stdout.write(JSON.stringify(results) + '\n')
  }
}

main()

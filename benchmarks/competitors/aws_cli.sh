#!/usr/bin/env bash
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# The job as a script around the AWS CLI, ten accounts at a time. Its folder holds accounts.txt, regions.txt and the documents.
set -euo pipefail
cd "$1"

keep_key() {
  local region=$1 key
  if ! key=$(aws kms describe-key --region "$region" --key-id "$ALIAS" --query KeyMetadata.Arn --output text 2>/dev/null); then
    key=$(aws kms create-key --region "$region" --policy file://key_policy.json --query KeyMetadata.Arn --output text)
    aws kms create-alias --region "$region" --alias-name "$ALIAS" --target-key-id "$key"
    aws kms enable-key-rotation --region "$region" --key-id "$key"
  else
    aws kms put-key-policy --region "$region" --key-id "$key" --policy-name default --policy file://key_policy.json
  fi
  echo "$key"
}

keep_role() {
  local account=$1 credentials
  credentials=$(aws sts assume-role --role-arn "arn:aws:iam::$account:role/$ENTRANCE" --role-session-name benchmark \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
  read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$credentials"
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  if aws iam get-role --role-name "$ROLE" >/dev/null 2>&1; then
    aws iam update-assume-role-policy --role-name "$ROLE" --policy-document file://trust_policy.json
  else
    aws iam create-role --role-name "$ROLE" --assume-role-policy-document file://trust_policy.json >/dev/null
  fi
  aws iam attach-role-policy --role-name "$ROLE" --policy-arn "$MANAGED_POLICY"
  aws iam put-role-policy --role-name "$ROLE" --policy-name "$KMS_POLICY" --policy-document file://kms_policy.json
  aws iam put-role-policy --role-name "$ROLE" --policy-name "$PARAMETERS_POLICY" --policy-document "file://parameters_policy.$account.json"
}

export -f keep_key keep_role
# The shells that xargs starts expand these.
# shellcheck disable=SC2016
keys=$(xargs -P 10 -I {} bash -euo pipefail -c 'keep_key "$1"' _ {} <regions.txt | sort | sed 's/.*/"&"/' | paste -sd,)
sed "s|\"KEY_ARNS\"|[$keys]|g" kms_policy.template.json >kms_policy.json
# shellcheck disable=SC2016
xargs -P 10 -I {} bash -euo pipefail -c 'keep_role "$1"' _ {} <accounts.txt

#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have an image built or imported, delivered, changed or deleted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image
short_description: Have an image of EC2 Image Builder built or imported, delivered, changed or deleted
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Makes sure that there is an image of the given recipe, infrastructure configuration and distribution configuration, or of those that a
    pipeline has, and that it is in every account and Region that the distribution configuration names.
  - An image of the same inputs that is being built is waited for. One that is available everywhere is the answer, and nothing is built.
  - One that failed while it was distributed is retried in place with C(RetryImage), which delivers what is missing and builds nothing. Where
    AWS refuses that, or the retry fails at what comes after the copies, what is missing is made alone; and where that cannot be, it is built
    again, with a warning.
  - Otherwise a new image is built.
  - With O(import_vm_image) and O(import_disk_image) it makes sure that an image of that name and version was imported.
  - With O(image_build_version_arn) it deletes an image that is there, or changes its state, its tags and its resource policy.
  - Interrupting the task never stops a build, an import or a change of state. The next run finds it and goes on waiting.
  - "While it waits it prints a line with each new state and step, and at least once a minute, such as
    C(image-factory: web/1.0.0/3 DISTRIBUTING 12m04s step DistributeImage, copies 7 of 12 [eu-west-1 3/6, us-west-2 4/6]). Not so with C(async)
    and C(no_log)."
  - The waiting outlasts throttling, lost connections and ended credentials, unless these are options of the task or in its environment, where
    no newer ones can come.
notes:
  - A new image gets the tag C(golden.imagebuilder/fingerprint), by which the next run knows it again whatever became of its configurations.
    Results do not show it, and O(purge_tags) leaves it. An image without it is compared by what AWS shows of it.
  - Inputs are the same when the image was built from that exact recipe version and that infrastructure configuration, with the same
    distributions as the distribution configuration has now, the same tests, workflows and execution role. O(image_scanning_configuration) and
    O(enhanced_image_metadata_enabled) count where they are given. O(tags) and O(logging_configuration) do not count, nor does it whether a
    pipeline built the image.
  - That a parent image or a component with C(x) in its version has a newer one does not show in these inputs. Use O(force) for that, or a new
    version of the recipe.
  - Whether AMIs were deregistered later is not looked at here. M(golden.imagebuilder.distributed_ami_info) asks every account.
  - Resources are named by their ARN or by what stands behind the kind in it, as in V(web), V(web/1.0.x) or V(web/1.0.0/2). Without a version
    V(x.x.x) is meant. In front may stand the owner, as in V(222222222222:web/1.0.0), which is the own account by default.
  - Suboptions may be spelled in snake case, as documented here, or as the API spells them, such as C(workflowArn).
  - All mistakes in the options are reported together, each with the place where it is, before anything is written.
  - "The credentials need C(imagebuilder:CreateImage), C(imagebuilder:RetryImage), C(imagebuilder:GetImage), C(imagebuilder:ListImageBuildVersions),
    C(imagebuilder:GetImageRecipe) (or C(imagebuilder:GetContainerRecipe)), C(imagebuilder:GetInfrastructureConfiguration),
    C(imagebuilder:GetDistributionConfiguration), C(imagebuilder:GetComponent), C(imagebuilder:GetWorkflow) and C(imagebuilder:TagResource);
    C(imagebuilder:ListWorkflowExecutions) and C(imagebuilder:ListWorkflowStepExecutions) to tell of steps, without which they are not told;
    C(logs:GetLogEvents) to tell why a build failed, and C(ec2:DescribeImages) in O(targets) to tell why a copy did; C(imagebuilder:GetImagePipeline)
    and C(imagebuilder:StartImagePipelineExecution) for O(image_pipeline_arn); C(imagebuilder:ImportVmImage) or C(imagebuilder:ImportDiskImage)
    for imports; C(imagebuilder:StartResourceStateUpdate), C(imagebuilder:GetLifecycleExecution) and
    C(imagebuilder:ListLifecycleExecutionResources) for O(start_resource_state_update); C(imagebuilder:GetImagePolicy) and
    C(imagebuilder:PutImagePolicy) for O(policy); C(imagebuilder:UntagResource) for O(tags); C(imagebuilder:DistributeImage),
    C(imagebuilder:ListImageBuildVersions), C(imagebuilder:CreateDistributionConfiguration), C(imagebuilder:DeleteDistributionConfiguration) and
    C(sts:AssumeRole) on Image Builder's role in the destinations to mend what cannot be retried;
    C(imagebuilder:DeleteImage) for O(state=absent); C(iam:PassRole) on the execution roles; C(iam:CreateServiceLinkedRole) for
    C(imagebuilder.amazonaws.com) the first time in an account; and C(sts:GetCallerIdentity). Check mode needs those that only read."
requirements:
  - botocore >= 1.40.0
options:
  state:
    description:
      - V(present) has the image built or imported, unless it is there, and has it as the other options say.
      - V(absent) deletes the image O(image_build_version_arn) from Image Builder. Its AMIs, snapshots and container images stay where they are;
        O(start_resource_state_update) can delete them too.
    type: str
    choices: [present, absent]
    default: present
  image_recipe_arn:
    description:
      - The image recipe. With C(x) in its version, as in V(1.0.x), the newest version that matches is used.
      - A task names one image, by this option, O(container_recipe_arn), O(image_pipeline_arn), O(import_vm_image), O(import_disk_image) or
        O(image_build_version_arn).
    type: str
    aliases: [image_recipe]
  container_recipe_arn:
    description: The container recipe, for container images.
    type: str
    aliases: [container_recipe]
  infrastructure_configuration_arn:
    description:
      - The infrastructure configuration. Its account and Region are those of the build.
      - Needed with a recipe.
    type: str
    aliases: [infrastructure_configuration]
  distribution_configuration_arn:
    description:
      - The distribution configuration, in the Region of the build. Without one the image stays in the account and Region of the build.
    type: str
    aliases: [distribution_configuration]
  image_pipeline_arn:
    description:
      - The pipeline whose inputs the image is of, and which builds it where there is none, as C(StartImagePipelineExecution) does. It may be
        disabled, and its schedule does not matter.
      - The other options of builds are the pipeline's own then, and cannot be given. O(tags) can.
    type: str
    aliases: [image_pipeline]
  import_vm_image:
    description:
      - Makes an image of what an import task of VM Import makes or has made, with C(ImportVmImage).
      - An image of the same name and version that was imported that way, or is being imported, is the answer, and nothing is imported. One
        that failed is imported again.
    type: dict
    suboptions:
      name:
        description: Name of the image.
        type: str
        required: true
      semantic_version:
        description: Version of the image, three numbers.
        type: str
        required: true
      description:
        description: Description of the image.
        type: str
      platform:
        description: The operating system, V(Linux), V(Windows) or V(macOS).
        type: str
        required: true
      os_version:
        description: Version of the operating system.
        type: str
      vm_import_task_id:
        description: Id of the import task, as C(aws ec2 import-image) tells it. The task need not have ended.
        type: str
        required: true
      logging_configuration:
        description: Where the logs of the import go.
        type: dict
        suboptions:
          log_group_name:
            description: Name of the CloudWatch log group, below C(/aws/imagebuilder/).
            type: str
      tags:
        description: The same as O(tags), of which one can be given.
        type: dict
  import_disk_image:
    description:
      - Makes an image of an ISO file of Windows in S3, with C(ImportDiskImage).
      - An image of the same name and version that was imported that way, or is being imported, is the answer, and nothing is imported. One
        that failed is imported again.
    type: dict
    suboptions:
      name:
        description: Name of the image.
        type: str
        required: true
      semantic_version:
        description: Version of the image, three numbers.
        type: str
        required: true
      description:
        description: Description of the image.
        type: str
      platform:
        description: The operating system, V(Windows).
        type: str
        required: true
      os_version:
        description: Version of the operating system, V(Microsoft Windows 11).
        type: str
        required: true
      execution_role:
        description: Name or ARN of the role as which Image Builder works. Without one it is the service-linked role.
        type: str
      infrastructure_configuration_arn:
        description: The infrastructure configuration of the instance that converts the file.
        type: str
        required: true
        aliases: [infrastructure_configuration]
      uri:
        description: Where the file is, as in V(s3://BUCKET/windows-11.iso). The bucket has to be the own account's.
        type: str
        required: true
      logging_configuration:
        description: Where the logs of the import go.
        type: dict
        suboptions:
          log_group_name:
            description: Name of the CloudWatch log group. One that is not below C(/aws/imagebuilder/) needs an execution role.
            type: str
      tags:
        description: The same as O(tags), of which one can be given.
        type: dict
      register_image_options:
        description: How the AMI boots.
        type: dict
        suboptions:
          secure_boot_enabled:
            description: Whether Secure Boot is on.
            type: bool
          uefi_data:
            description: The UEFI variables, in base64.
            type: str
      windows_configuration:
        description: Which Windows of the file is meant.
        type: dict
        suboptions:
          image_index:
            description: Its number in the file, from 1.
            type: int
            required: true
  image_build_version_arn:
    description:
      - An image that is there, one build of it, as in V(web/1.0.0/1), to be deleted with O(state=absent), or to get other O(tags), another
        O(policy) or another state with O(start_resource_state_update).
    type: str
    aliases: [image_build_version]
  start_resource_state_update:
    description:
      - The state that O(image_build_version_arn) is to have, and what of it. Where it has that state nothing is done.
      - An image that is being made can have no other state. One that failed or was cancelled can only be V(DELETED), and so can container
        images.
    type: dict
    suboptions:
      state:
        description: The state.
        type: dict
        required: true
        suboptions:
          status:
            description:
              - V(DEPRECATED), V(DISABLED), V(DELETED), or V(AVAILABLE) to restore an image.
              - V(DELETED) needs O(start_resource_state_update.include_resources). Use O(state=absent) to delete the image alone.
            type: str
      execution_role:
        description:
          - Name or ARN of the role as which Image Builder changes the resources. Needed with
            O(start_resource_state_update.include_resources), and only with that.
        type: str
      include_resources:
        description: What gets the state with the image.
        type: dict
        suboptions:
          amis:
            description: Whether the AMIs do, in all accounts.
            type: bool
          snapshots:
            description: Whether the snapshots of the AMIs do, for V(DELETED) only.
            type: bool
          containers:
            description: Whether the container images do, for V(DELETED) only.
            type: bool
      exclusion_rules:
        description: Which AMIs are left as they are, with their snapshots. An image to be deleted of which one is left is kept as well.
        type: dict
        suboptions:
          amis:
            description: Rules of which one that matches is enough.
            type: dict
            suboptions:
              is_public:
                description: Whether public AMIs are left.
                type: bool
              regions:
                description: Regions whose AMIs are left.
                type: list
                elements: str
              shared_accounts:
                description: Accounts. AMIs that are shared with one of them are left.
                type: list
                elements: str
              last_launched:
                description: AMIs of which an instance was launched in that time are left.
                type: dict
                suboptions:
                  value:
                    description: How many, 1 to 365.
                    type: int
                    required: true
                  unit:
                    description: Of what, V(DAYS), V(WEEKS), V(MONTHS) or V(YEARS).
                    type: str
                    required: true
              tag_map:
                description: Tags. AMIs with one of them are left.
                type: dict
      update_at:
        description:
          - When an image becomes V(DEPRECATED), as in V(2030-01-31T00:00:00Z). Everything else begins at once.
          - What is scheduled is not waited for.
        type: str
  policy:
    description:
      - The whole resource policy of the image, with which it is shared with other accounts. A dictionary or a string of JSON.
      - It is compared by what it means, and set when that differs. Without this option it stays as it is. AWS has no call that takes it away.
      - An image that is built gets it when it is available.
    type: json
  image_tests_configuration:
    description: Whether and how the image is tested.
    type: dict
    suboptions:
      image_tests_enabled:
        description: Whether tests run after the build and before anything is distributed. AWS tests when it is not given.
        type: bool
      timeout_minutes:
        description: Longest time for the tests. AWS stores it and does not use it at present.
        type: int
  enhanced_image_metadata_enabled:
    description: Whether AWS collects the version of the operating system and the list of packages. It does when this is not given.
    type: bool
  image_scanning_configuration:
    description: Whether and how Amazon Inspector scans the image.
    type: dict
    suboptions:
      image_scanning_enabled:
        description: Whether it scans. That needs tests to be enabled.
        type: bool
      image_scanning_types:
        description: The one kind of scan, V(TEST_INSTANCE_CVE) for the instance that is tested or V(ON_DEMAND_AMI_CVE) for the AMI.
        type: list
        elements: str
      ecr_configuration:
        description: Repository for scans of container images.
        type: dict
        suboptions:
          repository_name:
            description: Name of a repository of the account, without the registry.
            type: str
          container_tags:
            description: Tags of the image that is pushed for the scan.
            type: list
            elements: str
      scan_result_condition:
        description: What findings let the image pass. Only for V(ON_DEMAND_AMI_CVE).
        type: dict
        suboptions:
          maximum_severity_label:
            description: Highest severity that passes, V(INFORMATIONAL), V(LOW), V(MEDIUM) or V(HIGH). Critical findings never pass.
            type: str
            required: true
          fix_available:
            description: Whether only findings with a fix count. They alone do when it is not given.
            type: bool
  workflows:
    description: Workflows to run instead of AWS's own. They need O(execution_role).
    type: list
    elements: dict
    suboptions:
      workflow_arn:
        description: The workflow, as in V(test/boots/1.0.x).
        type: str
        required: true
        aliases: [workflow]
      parameters:
        description: Values of the workflow's parameters.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the parameter.
            type: str
            required: true
          value:
            description: Its values.
            type: list
            elements: str
            required: true
      parallel_group:
        description: Group of test workflows that run side by side.
        type: str
      on_failure:
        description: What happens when a test workflow fails, V(CONTINUE) or V(ABORT).
        type: str
  execution_role:
    description:
      - Name or ARN of the role as which Image Builder works. Without one it is the service-linked role C(AWSServiceRoleForImageBuilder).
    type: str
  logging_configuration:
    description: Where the logs of the build go.
    type: dict
    suboptions:
      log_group_name:
        description: Name of the CloudWatch log group. Without it, C(/aws/imagebuilder/) and the name of the image.
        type: str
  tags:
    description:
      - Tags of the image in Image Builder, up to 50. Keys may not start with C(aws:). Tags of AMIs are given by the distribution configuration.
      - Without this option tags stay as they are; V({}) takes them all away unless O(purge_tags=false).
    type: dict
  cli_input_json:
    description:
      - The file of C(aws imagebuilder create-image --cli-input-json) as it is. A mapping, a string of JSON, or V(file://) and a path.
      - Options of the task override its members.
    type: json
  force:
    description:
      - Whether to build, or import, although the image is there.
      - A build of the same inputs that runs at this moment is waited for all the same, it is as new as another one.
    type: bool
    default: false
  retry:
    description:
      - Whether an image of the same inputs that failed, or was cancelled, while it was distributed is retried in place. With V(false) a new
        image is built.
    type: bool
    default: true
  wait:
    description:
      - Whether to wait until the image is available everywhere, or has its new state, and fail when it is not so in the end.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait. Distribution alone may take six hours by AWS's own limit.
      - When the time is up the task fails, and what was started goes on. Running the task again goes on waiting.
    type: int
    default: 86400
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.following
  - golden.imagebuilder.fleet.account
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.image_info
  - module: golden.imagebuilder.image_recipe
  - module: golden.imagebuilder.container_recipe
  - module: golden.imagebuilder.image_pipeline
  - module: golden.imagebuilder.infrastructure_configuration
  - module: golden.imagebuilder.distribution_configuration
  - module: golden.imagebuilder.distributed_ami_info
"""

EXAMPLES = r"""
- name: A recipe
  golden.imagebuilder.image_recipe:
    region: us-west-2
    name: web
    semantic_version: 1.0.x
    parent_image: aws:amazon-linux-2023-x86/x.x.x

- name: The instances that build it
  golden.imagebuilder.infrastructure_configuration:
    region: us-west-2
    name: web
    instance_profile_name: EC2InstanceProfileForImageBuilder

- name: Have the image built, or take the one that there is
  golden.imagebuilder.image:
    region: us-west-2
    image_recipe: web/1.0.x
    infrastructure_configuration: web
    tags:
      Team: platform
  register: golden

- name: Show which AMI is where
  golden.imagebuilder.table:
    rows: "{{ golden.amis }}"
    columns: [account_id, region, image, state]

- name: Build anew, because the parent image moves on, and do not wait for it
  golden.imagebuilder.image:
    region: us-west-2
    cli_input_json:
      imageRecipeArn: arn:aws:imagebuilder:us-west-2:111111111111:image-recipe/web/1.0.x
      infrastructureConfigurationArn: arn:aws:imagebuilder:us-west-2:111111111111:infrastructure-configuration/web
    force: true
    wait: false

- name: A pipeline
  golden.imagebuilder.image_pipeline:
    region: us-west-2
    name: web
    image_recipe: web/1.0.x
    infrastructure_configuration: web
    image_tests_configuration:
      image_tests_enabled: false

- name: Have it build an image
  golden.imagebuilder.image:
    region: us-west-2
    image_pipeline: web

- name: Share an image with another account
  golden.imagebuilder.image:
    region: us-west-2
    image_build_version: web/1.0.0/2
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            AWS: arn:aws:iam::222222222222:root
          Action: [imagebuilder:GetImage, imagebuilder:ListImages]
          Resource: arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/2

- name: Warn everybody off another one
  golden.imagebuilder.image:
    region: us-west-2
    image_build_version: web/1.0.0/1
    start_resource_state_update:
      state:
        status: DEPRECATED

- name: Take it away, with its AMIs and their snapshots
  golden.imagebuilder.image:
    region: us-west-2
    image_build_version: web/1.0.0/1
    start_resource_state_update:
      state:
        status: DELETED
      execution_role: lifecycle
      include_resources:
        amis: true
        snapshots: true

- name: A disk that VM Import makes an AMI of
  amazon.aws.ec2_import_image:
    region: us-west-2
    task_name: appliance
    disk_containers:
      - format: VMDK
        user_bucket:
          s3_bucket: golden-images
          s3_key: appliance.vmdk
  register: task

- name: Have that as an image
  golden.imagebuilder.image:
    region: us-west-2
    import_vm_image:
      name: appliance
      semantic_version: 1.0.0
      platform: Linux
      vm_import_task_id: "{{ task.import_image.import_task_id }}"

- name: Have an image of a file with Windows
  golden.imagebuilder.image:
    region: us-west-2
    import_disk_image:
      name: windows
      semantic_version: 11.0.0
      platform: Windows
      os_version: Microsoft Windows 11
      infrastructure_configuration: web
      uri: s3://golden-images/windows-11.iso
      windows_configuration:
        image_index: 1

- name: Forget an image, and keep its AMIs
  golden.imagebuilder.image:
    region: us-west-2
    image_build_version: appliance/1.0.0/1
    state: absent
"""

RETURN = r"""
image:
  description:
    - The image as C(GetImage) tells it, in snake case.
    - In check mode, for an image that would be made, what can be foretold of it. Null when it is deleted.
    - With O(policy), with C(policy) too, the resource policy that it has.
  returned: always, also when the image failed
  type: dict
  sample:
    arn: arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/1
    name: web
    version: 1.0.0/1
    type: AMI
    state: {status: AVAILABLE}
    output_resources: {amis: []}
    tags: {}
amis:
  description: The AMIs of the image, in a fixed order.
  returned: when there is an image, also when it failed
  type: list
  elements: dict
  contains:
    account_id: {description: The account that owns the AMI., type: str}
    region: {description: The Region it is in., type: str}
    image: {description: Its id., type: str}
    name: {description: Its name., type: str}
    state: {description: "Its state as Image Builder sees it, such as V(AVAILABLE).", type: str}
lifecycle_execution:
  description: The lifecycle execution that changes the state, as C(GetLifecycleExecution) tells it, with the C(resources) that it works on.
  returned: when one changes the state
  type: dict
  sample:
    lifecycle_execution_id: lce-01234567-89ab-cdef-0123-456789abcdef
    state: {status: SUCCESS}
    resources:
      - {account_id: "222222222222", region: us-west-2, resource_id: ami-0123456789abcdef0, state: {status: SUCCESS}, action: {name: DELETE}}
delivered:
  description: Accounts and Regions that have the image.
  returned: when an image is built or imported, or found
  type: list
  elements: dict
  contains:
    account_id: {description: The account., type: str}
    region: {description: The Region., type: str}
missing:
  description: Accounts and Regions that are to have the image and do not, or not yet.
  returned: when an image is built or imported, or found
  type: list
  elements: dict
  contains:
    account_id: {description: The account., type: str}
    region: {description: The Region., type: str}
history:
  description: The states that the image was in, in their order, as far as AWS remembers them.
  returned: when an image is built or imported, or found, and not in check mode
  type: list
  elements: dict
  contains:
    state: {description: "The state, such as V(BUILDING). What was before the build is V(PENDING).", type: str}
    since: {description: When it began., type: str}
    seconds: {description: "How many seconds it lasted, null for a state that is an end.", type: int}
  sample:
    - {state: BUILDING, since: "2030-01-31T10:02:11+00:00", seconds: 612}
    - {state: AVAILABLE, since: "2030-01-31T10:12:23+00:00", seconds: null}
progress:
  description: How far the image is.
  returned: when an image is built or imported, or found, and not in check mode
  type: dict
  contains:
    image: {description: "Name, version and build.", type: str}
    state: {description: Its state., type: str}
    step: {description: "The workflow step that runs, null when none does.", type: str}
    seconds: {description: How old the image is; how long ago it was retried when this task has done so., type: int}
    done: {description: In how many accounts and Regions it is., type: int}
    expected: {description: In how many it is to be., type: int}
    copies: {description: "The same by Region, each with C(region), C(done) and C(expected).", type: list, elements: dict}
action:
  description:
    - What was done, or in check mode would be. V(build) a new image was started, V(import) an import was started, V(retry) a failed image was
      retried, V(repair) what a failed image lacked was made without C(RetryImage), after which AWS still calls it failed, V(update) a
      change of state was started, V(attach) what was under way already was taken, V(done) the image was found as it is to be.
  returned: when O(state=present)
  type: str
  sample: build
reason:
  description: Why that was done.
  returned: when O(state=present)
  type: str
failures:
  description: What failed, one entry for each account and Region. Empty when nothing did.
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    account_id: {description: "The account, null for failures of the build itself.", type: str}
    region: {description: The Region., type: str}
    step:
      description:
        - V(COPY_AMI) when the copy itself failed, else the step of Image Builder, such as V(PUT_SSM_PARAMETERS), or of the component, or the
          action of the lifecycle execution, such as V(DELETE).
      type: str
    message: {description: What AWS said., type: str}
    cause: {description: What that means., type: str}
    remedy: {description: What to do., type: str}
    image: {description: "The AMI that failed in the account, where it is the building one or among O(targets).", type: str}
    state_reason: {description: What the account itself says of that AMI., type: str}
    component: {description: "The component that failed, with version and build.", type: str}
    phase: {description: "Its phase, V(build), V(validate) or V(test).", type: str}
    log: {description: The last lines of the log of a build or test that failed., type: list, elements: str}
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_run import run


def main() -> None:
    """Run the module."""
    run()


if __name__ == "__main__":
    main()

# The whole tool chain. Everything that is installed goes into .build/, from exact versions in requirements/.
PYTHON ?= python3
BUILD ?= $(CURDIR)/.build
# What outlives a checkout: ansible-test's own virtual environments.
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/golden-imagebuilder
PYTEST_WORKERS ?= 2
# Which tests `make test` runs, as an expression of marks; `make test SELECTION=` runs all.
SELECTION ?= not slow
# Which scenarios `make molecule` runs, by name; all by default.
SCENARIOS ?=

COLLECTIONS := $(BUILD)/collections
COLLECTION := $(COLLECTIONS)/ansible_collections/golden/imagebuilder
UV := $(BUILD)/uv/bin/uv
TEST := $(BUILD)/test/bin
LINT := $(BUILD)/lint/bin
DOCS := $(BUILD)/docs/bin
GALAXY_IMPORTER := $(BUILD)/galaxy-importer/bin
export ANSIBLE_COLLECTIONS_PATH := $(COLLECTIONS)
export PYTHONPATH := $(COLLECTIONS)
export LC_ALL := C.UTF-8

.PHONY: help demo emulator test scale bench lint stage lock clean sanity types style documentation docs pages importer screenshots release-check molecule matrix check-all
.DEFAULT_GOAL := help

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: $(BUILD)/test/.locked stage ## build and deliver a golden AMI on an emulated AWS
	cd $(COLLECTION) && PATH="$(TEST):$$PATH" $(TEST)/python -m ansible_collections.golden.imagebuilder.tests.demo --folder $(BUILD)/demo --inventory $(CURDIR)/examples/inventory/hosts.yml $(DEMO_ARGS)

emulator: $(BUILD)/test/.locked stage ## run the emulated AWS alone, until it is interrupted
	cd $(COLLECTION) && $(TEST)/python -m tests.emulator $(EMULATOR_ARGS)

test: $(BUILD)/test/.locked $(BUILD)/node/.locked stage ## run the tests, without those that take long
	cd $(COLLECTION) && PATH="$(TEST):$$PATH" $(TEST)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup -m "$(SELECTION)" $(PYTEST_ARGS) tests/integration tests/unit

scale: $(BUILD)/test/.locked stage ## prepare access for 1,536 accounts in 8 Regions on a bad day
	cd $(COLLECTION) && SCALE=1536x8 PATH="$(TEST):$$PATH" $(TEST)/python -m pytest -s $(PYTEST_ARGS) tests/integration/test_scale.py

bench: $(BUILD)/test/.locked $(BUILD)/benchmarks/.locked stage ## measure access against its peers, for docs/benchmark.md
	cd $(COLLECTION) && PATH="$(TEST):$$PATH" $(BUILD)/benchmarks/bin/python -m benchmarks --output $(CURDIR)/docs $(BENCH_ARGS)

lint: style types documentation sanity importer ## run every check that needs no running code

style: $(BUILD)/lint/.locked stage ## ruff, yamllint and ansible-lint
	cd $(COLLECTION) && $(LINT)/ruff check . && $(LINT)/ruff format --check .
	cd $(COLLECTION) && $(LINT)/yamllint --strict .
	cd $(COLLECTION) && PATH="$(LINT):$$PATH" $(LINT)/ansible-lint --offline --strict --profile production

types: $(BUILD)/lint/.locked stage ## mypy, strict
	cd $(COLLECTIONS) && $(LINT)/mypy --config-file $(COLLECTION)/pyproject.toml -p ansible_collections.golden.imagebuilder.plugins -p ansible_collections.golden.imagebuilder.tests
	cd $(COLLECTION) && $(LINT)/mypy --config-file pyproject.toml tools benchmarks

documentation: $(BUILD)/lint/.locked stage ## antsibull-docs and antsibull-changelog
	cd $(COLLECTION) && PATH="$(LINT):$$PATH" $(LINT)/antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --validate-collection-refs=all --check-extra-docs-refs .
	cd $(COLLECTION) && $(LINT)/antsibull-changelog lint

docs: $(BUILD)/docs/.locked stage ## build the documentation as HTML, in .build/docsite/html
	rm -rf $(BUILD)/docsite && mkdir -p -m 755 $(BUILD)/docsite/rst && cp -R docs/preview/index.rst docs/pictures $(BUILD)/docsite/rst
	cd $(COLLECTION) && PATH="$(DOCS):$$PATH" $(DOCS)/antsibull-docs --config-file docs/preview/antsibull-docs.cfg collection --use-current --fail-on-error --dest-dir $(BUILD)/docsite/rst golden.imagebuilder
	cd $(COLLECTION) && PATH="$(DOCS):$$PATH" $(DOCS)/sphinx-build -q -W --keep-going -c docs/preview $(BUILD)/docsite/rst $(BUILD)/docsite/html

pages: $(BUILD)/test/.locked stage ## write what of the documentation is made of something else
	cd $(COLLECTION) && PATH="$(TEST):$$PATH" $(TEST)/python -m ansible_collections.golden.imagebuilder.tests.caller_policies --output $(CURDIR)/docs/policies
	$(BUILD)/uv/bin/python tools/stage.py $(BUILD)
	cd $(COLLECTION) && $(TEST)/python -m ansible_collections.golden.imagebuilder.tests.pages --output $(CURDIR)/docs/docsite/rst

screenshots: demo ## make the pictures of the report in docs/pictures, where a Chromium is installed
	cd $(COLLECTION) && $(TEST)/python -m ansible_collections.golden.imagebuilder.tests.screenshots --report $(BUILD)/demo/image-report.json --output $(CURDIR)/docs/pictures

sanity: $(BUILD)/lint/.locked stage ## ansible-test sanity
	$(PYTHON) tools/ansible_test.py $(COLLECTION) --home $(CACHE)/ansible-test --uv $(UV) --tools $(LINT)

importer: $(BUILD)/galaxy-importer/.locked stage ## galaxy-importer on the built collection
	rm -rf $(BUILD)/artifact && mkdir -p $(BUILD)/artifact
	cd $(COLLECTION) && PATH="$(GALAXY_IMPORTER):$$PATH" $(GALAXY_IMPORTER)/ansible-galaxy collection build --output-path $(BUILD)/artifact
	cd $(BUILD)/artifact && PATH="$(GALAXY_IMPORTER):$$PATH" $(GALAXY_IMPORTER)/python -m galaxy_importer.main golden-imagebuilder-*.tar.gz

release-check: documentation importer $(BUILD)/test/.locked ## check the version, the changelog and the artifact, and run the artifact in an empty environment
	$(TEST)/python tools/release_check.py $(BUILD)

molecule: $(BUILD)/molecule/.locked stage ## run the scenarios of extensions/molecule
	PATH="$(BUILD)/molecule/bin:$$PATH" $(BUILD)/uv/bin/python tools/scenarios.py $(BUILD) $(SCENARIOS)

matrix: $(BUILD)/test/.locked stage ## run chosen tests with the oldest and the newest ansible-core and boto3
	$(BUILD)/uv/bin/python tools/matrix.py $(BUILD) -n $(PYTEST_WORKERS) --dist loadgroup $(MATRIX_ARGS)

check-all: SELECTION =
check-all: lint test docs molecule matrix scale release-check ## run everything, also what takes long

stage: $(UV)
	$(BUILD)/uv/bin/python tools/stage.py $(BUILD)

lock: $(UV) ## write the exact versions of requirements/*.in anew
	for name in test lint docs galaxy-importer benchmarks molecule; do \
	  $(UV) pip compile --quiet --universal --upgrade --no-header --no-emit-index-url --no-emit-find-links --python-version 3.11 requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

clean: ## remove .build
	rm -rf $(BUILD)

$(UV): requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, and $(PYTHON) is %d.%d. Name another one: make demo PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(BUILD)/uv
	$(BUILD)/uv/bin/python -m pip install --quiet --requirement requirements/uv.txt
	touch $(UV)

# An evaluator of policies for the tests, which skip theirs where there is no npm to install it.
$(BUILD)/node/.locked: requirements/node/package.json requirements/node/package-lock.json
	rm -rf $(BUILD)/node && mkdir -p $(BUILD)/node && cp $^ $(BUILD)/node
	if command -v npm >/dev/null; then cd $(BUILD)/node && npm ci --ignore-scripts --no-audit --no-fund --silent; else echo "No npm: policies are not evaluated."; fi
	touch $@

$(BUILD)/%/.locked: requirements/%.txt $(UV)
	@echo "Installing what requirements/$*.txt names into $(BUILD)/$*. This is done once, and may take some minutes."
	$(UV) venv --quiet --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(BUILD)/$*
	$(UV) pip sync --quiet --python $(BUILD)/$*/bin/python $<
	touch $@

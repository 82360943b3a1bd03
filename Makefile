# Every verb is one line: a playbook, or one command. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
INVENTORY ?= inventories/dev
NODE ?=
ARGS ?=
export PATH := $(CURDIR)/.venv/bin:$(PATH)
PLAY = ansible-playbook -i $(INVENTORY) $(ARGS)

## The cluster
swarm-up: .venv/ready         ## Build the swarm, or bring it to what the inventory says
	@$(PLAY) playbooks/swarm-up.yml
swarm-down: .venv/ready       ## Stop everything and keep it; the next swarm-up resumes the same swarm
	@$(PLAY) playbooks/swarm-down.yml
swarm-clean: .venv/ready      ## Remove everything this project made, data too (asks; FORCE=1 does not; KEEP_IMAGE=1)
	@$(PLAY) playbooks/swarm-clean.yml $(if $(filter 1,$(FORCE)),-e confirm=yes) \
		$(if $(filter 1,$(KEEP_IMAGE)),-e dind_cluster_keep_image=true)
swarm-status: .venv/ready     ## Nodes, labels, services, storage, use (FORMAT=json)
	@$(PLAY) playbooks/swarm-status.yml -e format=$(or $(FORMAT),table)
nfs-status: .venv/ready       ## What the NFS server exports, and how full it is (FORMAT=json)
	@$(PLAY) playbooks/nfs-status.yml -e format=$(or $(FORMAT),table)

## The nodes
nodes-up: .venv/ready         ## Start the node containers
	@$(PLAY) playbooks/nodes-up.yml
nodes-down: .venv/ready       ## Stop the node containers; the NFS server stays
	@$(PLAY) playbooks/nodes-down.yml
nodes-logs: .venv/ready       ## The nodes' logs (NODE=chimera for one, LINES=50)
	@$(PLAY) playbooks/nodes-logs.yml -e node=$(NODE) -e lines=$(or $(LINES),50)
exec: .venv/ready             ## A shell on a node: make exec NODE=chimera (CMD="docker ps" for one command)
	@scripts/exec-node $(INVENTORY) "$(NODE)" $(CMD)
exec-hydra exec-chimera exec-cerberus: exec-%: ## The same for that node
	@$(MAKE) --no-print-directory exec NODE=$*

## Rehearsing failures
test-failure: .venv/ready     ## Drain a node and show what moves where: make test-failure NODE=chimera
	@$(PLAY) playbooks/test-failure.yml -e node=$(NODE)
restore-node: .venv/ready     ## Take it into service again: make restore-node NODE=chimera
	@$(PLAY) playbooks/restore-node.yml -e node=$(NODE)

## Developing this project
lint: .venv/test-ready        ## ansible-lint, yamllint, ruff, mypy
	@scripts/lint
unit: .venv/test-ready        ## Unit tests, in seconds
	@scripts/in-collection pytest -q tests/unit
sanity: .venv/test-ready      ## ansible-test sanity on the built collection
	@scripts/sanity
molecule: .venv/test-ready    ## The real thing: a cluster of its own, built, verified, broken, healed, removed
	@scripts/molecule test
test: lint unit sanity molecule ## All of it
bench: .venv/test-ready       ## Time swarm-up against the raw docker command line (NODES=3)
	@scripts/in-collection python tests/bench/bench.py --nodes $(or $(NODES),3)
build: .venv/ready            ## The collection as a tarball, in build/
	@ansible-galaxy collection build --force --output-path build

.venv/ready: requirements.txt scripts/make-venv
	@scripts/make-venv requirements.txt && touch $@
.venv/test-ready: requirements-test.txt requirements.txt scripts/make-venv
	@scripts/make-venv requirements-test.txt && touch $@ .venv/ready

help:                         ## This list
	@awk -F':.*## ' '/^## /{printf "\n%s\n", substr($$0, 4)} /^[a-z].*:.*## /{split($$1, t, " "); for (i in t) printf "  %-14s %s\n", t[i], $$2}' Makefile

.PHONY: swarm-up swarm-down swarm-clean swarm-status nfs-status nodes-up nodes-down nodes-logs exec exec-hydra \
	exec-chimera exec-cerberus test-failure restore-node lint unit sanity molecule test bench build help
